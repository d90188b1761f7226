//! Does a request get to a metrics page? From a service through proxies to the route.

use super::naming::{first_label, is_foreign_name};
use super::proxying::{Passed, Server};
use super::world::{Backend, World, shows};
use crate::finding::FlowStep;

/// Proxies behind proxies beyond this many are a loop.
const MAX_HOPS: usize = 6;

/// A way to a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way {
    /// The page.
    pub(super) page: usize,
    /// What is passed on the way.
    pub(super) steps: Vec<FlowStep>,
}

/// What is asked for, and by whom.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request<'r> {
    /// The port of the container.
    pub(super) port: Option<u16>,
    /// The path.
    pub(super) path: &'r str,
    /// From the open internet; else from a neighbour that proxies let through.
    pub(super) stranger: bool,
}

impl World<'_> {
    /// The page that a request to a backend shows.
    pub(super) fn reach(&self, backend: Backend<'_>, request: Request<'_>, hops: usize) -> Option<Way> {
        let pages = self.served(backend, request.port);
        let servers = self.proxies(backend, request.port);
        if !servers.is_empty() && hops < MAX_HOPS {
            return servers.iter().find_map(|server| self.through(server, request, hops));
        }
        let page = pages.into_iter().find(|at| self.is_shown(*at, request))?;
        Some(self.arrived(page))
    }

    /// The page that a request to a server of nginx shows.
    pub(super) fn through(&self, server: &Server, request: Request<'_>, hops: usize) -> Option<Way> {
        server.follow(request.path, request.stranger).iter().find_map(|passed| {
            let onward = Request { port: passed.port, path: &passed.path, ..request };
            let mut way = self.reach_host(&passed.host, onward, hops + 1)?;
            way.steps.insert(0, FlowStep { at: passed.at, note: sent(passed) });
            Some(way)
        })
    }

    /// The page that a request to a host shows.
    pub(super) fn reach_host(&self, host: &str, request: Request<'_>, hops: usize) -> Option<Way> {
        if hops > MAX_HOPS {
            return None;
        }
        let name = first_label(host);
        let mut services = self.services(name).peekable();
        if services.peek().is_some() {
            return services.find_map(|service| {
                let mut ports = service.ports.iter().flatten();
                let port = ports.find(|port| request.port.is_none() || port.port == request.port);
                let inside = port.and_then(|port| self.container_port(service, port));
                self.reach(Backend::Service(service), Request { port: inside.or(request.port), ..request }, hops + 1)
            });
        }
        if let Some(one) = self.composed(host) {
            return self.reach(Backend::Composed(one), request, hops + 1);
        }
        let is_near = matches!(name, "localhost" | "127" | "unix" | "") || host.parse::<std::net::IpAddr>().is_ok();
        // A name that nothing here explains is taken for the program that is here, unless it says that it is not.
        if !is_near && is_foreign_name(name) {
            return None;
        }
        let pages = (0..self.pages.len()).filter(|at| self.is_on_port(*at, request.port));
        let page = pages.into_iter().find(|at| self.is_shown(*at, request))?;
        Some(self.arrived(page))
    }

    fn is_shown(&self, page: usize, request: Request<'_>) -> bool {
        self.pages.get(page).is_some_and(|page| {
            let hidden = request.stranger && (page.protected || page.loopback);
            !hidden && shows(page, request.path, request.stranger)
        })
    }

    fn arrived(&self, page: usize) -> Way {
        let at = self.pages.get(page).and_then(|page| page.at);
        let step = at.map(|at| FlowStep { at, note: "this metrics page answers".to_owned() });
        Way { page, steps: step.into_iter().collect() }
    }
}

fn sent(passed: &Passed) -> String {
    let port = passed.port.map(|port| format!(":{port}")).unwrap_or_default();
    format!("`{}` sends {} to {}{port}", passed.what, passed.path, passed.host)
}
