//! What leads where? Names of hosts to services, services to what runs behind them, and that to the pages of the code.

use std::collections::{BTreeMap, BTreeSet};

use super::data::data;
use super::facts::{Composed, Facts, Service, ServicePort, Workload};
use super::naming::{first_label, image, is_foreign_name, is_telling, parts, together, words};
use super::nginx::Conf;
use super::proxying::{self, Server};
use crate::source::Location;

/// A metrics page of the code.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Where it is rendered or served.
    pub at: Option<Location>,
    /// The path of its file.
    pub path: String,
    /// The function around it.
    pub function: String,
    /// The port that it has for itself.
    pub port: Option<u16>,
    /// Only the machine itself can reach it.
    pub loopback: bool,
    /// It is shown only to people who say who they are.
    pub protected: bool,
    /// Its routes; empty where they are not known, or where every path shows it.
    pub routes: Vec<String>,
}

/// Everything that the files of one project say, and the pages of its code.
pub(super) struct World<'a> {
    pub(super) facts: &'a Facts,
    pub(super) pages: &'a [Page],
    /// Servers of nginx, with the number of their configuration.
    pub(super) servers: Vec<(usize, Server)>,
}

/// Something that answers requests.
#[derive(Debug, Clone, Copy)]
pub(super) enum Backend<'a> {
    /// A Service of Kubernetes.
    Service(&'a Service),
    /// A service of a compose file.
    Composed(&'a Composed),
    /// Pods that are asked without a Service.
    Pods(&'a Workload),
}

impl<'a> World<'a> {
    pub(super) fn new(facts: &'a Facts, pages: &'a [Page]) -> Self {
        let mut servers = Vec::new();
        for server in proxying::servers(&facts.confs) {
            let own = |conf: &Conf| contains(&conf.top, server.at);
            let number = facts.confs.iter().position(own).unwrap_or(0);
            servers.push((number, server));
        }
        Self { facts, pages, servers }
    }

    /// Services of Kubernetes with a name, nearest namespace first.
    pub(super) fn services(&self, name: &str) -> impl Iterator<Item = &'a Service> {
        let name = name.to_owned();
        self.facts.services.iter().filter(move |service| service.name == name)
    }

    /// The service of a compose file with a name.
    pub(super) fn composed(&self, name: &str) -> Option<&'a Composed> {
        self.facts
            .composed
            .iter()
            .find(|one| one.name == name)
            .or_else(|| self.facts.composed.iter().find(|one| one.aliases.iter().any(|alias| alias == name)))
    }

    /// What runs behind a Service.
    pub(super) fn workloads(&self, service: &Service) -> Vec<&'a Workload> {
        let Some(selector) = service.selector.as_ref().filter(|selector| !selector.is_empty()) else {
            return Vec::new();
        };
        let same = |workload: &&Workload| {
            let labels = workload.labels.as_deref().unwrap_or_default();
            selector.iter().all(|pair| labels.contains(pair)) && together(&service.namespace, &workload.namespace)
        };
        self.facts.workloads.iter().filter(same).collect()
    }

    /// The port of the container that a port of a Service leads to.
    pub(super) fn container_port(&self, service: &Service, port: &ServicePort) -> Option<u16> {
        if let Ok(number) = port.target.parse() {
            return Some(number);
        }
        let workloads = self.workloads(service);
        let mut ports = workloads.iter().flat_map(|one| &one.containers).flat_map(|one| &one.ports);
        ports.find(|(name, _)| *name == port.target).map(|(_, number)| *number)
    }

    /// Names by which a backend can be told: of services, what runs, images, commands.
    fn names(&self, backend: Backend<'a>) -> Vec<String> {
        let of_workload = |one: &Workload| {
            let containers = one.containers.iter();
            let mut names = vec![one.name.clone()];
            for container in containers {
                names.push(container.name.clone());
                names.push(image(&container.image).to_owned());
                names.extend(container.command.iter().cloned());
            }
            names
        };
        match backend {
            Backend::Service(service) => {
                let selected = service.selector.iter().flatten().map(|(_, value)| value.clone());
                let mut names: Vec<String> = selected.collect();
                names.push(service.name.clone());
                names.extend(self.workloads(service).into_iter().flat_map(of_workload));
                names
            }
            Backend::Pods(workload) => of_workload(workload),
            Backend::Composed(one) => {
                let mut names = vec![one.name.clone(), image(&one.image).to_owned(), one.build.clone()];
                names.extend(one.command.iter().cloned());
                names
            }
        }
    }

    /// The images of a backend, where they are known.
    fn images(&self, backend: Backend<'a>) -> Vec<String> {
        let of = |one: &Workload| one.containers.iter().map(|c| image(&c.image).to_owned()).collect::<Vec<_>>();
        let images = match backend {
            Backend::Service(service) => self.workloads(service).into_iter().flat_map(of).collect(),
            Backend::Pods(workload) => of(workload),
            Backend::Composed(one) => vec![image(&one.image).to_owned()],
        };
        images.into_iter().filter(|image: &String| !image.is_empty()).collect()
    }

    fn own_name(&self, backend: Backend<'a>) -> &'a str {
        match backend {
            Backend::Service(service) => &service.name,
            Backend::Pods(workload) => &workload.name,
            Backend::Composed(one) => &one.name,
        }
    }

    /// A database, an exporter, Prometheus: not the project's program.
    pub(super) fn is_foreign(&self, backend: Backend<'a>) -> bool {
        let images = self.images(backend);
        if !self.own_pages(backend).is_empty() {
            return false;
        }
        if let (Backend::Composed(one), true) = (backend, images.is_empty()) {
            return one.build.is_empty() && is_foreign_name(&one.name);
        }
        let told = if images.is_empty() { vec![self.own_name(backend).to_owned()] } else { images };
        told.iter().all(|name| is_foreign_name(name))
    }

    /// Pages that a backend can be told to serve by its names.
    pub(super) fn own_pages(&self, backend: Backend<'a>) -> BTreeSet<usize> {
        let built = match backend {
            Backend::Composed(one) if !one.build.is_empty() && one.build != "." => Some(format!("{}/", one.build)),
            _ => None,
        };
        let words: BTreeSet<String> =
            self.names(backend).iter().flat_map(|name| words(name)).filter(|word| is_telling(word)).collect();
        let tells = |page: &Page| {
            let inside = built.as_ref().is_some_and(|folder| page.path.starts_with(folder.as_str()));
            inside || parts(&page.path).iter().any(|part| words.contains(part))
        };
        let found = self.pages.iter().enumerate().filter(|(_, page)| tells(page)).map(|(at, _)| at).collect();
        // What all pages share tells nothing: a folder of the whole project.
        let all: BTreeSet<usize> = (0..self.pages.len()).collect();
        if found == all && all.len() > 1 { BTreeSet::new() } else { found }
    }

    /// Pages that a backend may serve on a port.
    pub(super) fn served(&self, backend: Backend<'a>, port: Option<u16>) -> Vec<usize> {
        let is_own = self.pages.iter().any(|page| page.port.is_some() && page.port == port);
        let is_foreign = port.is_some_and(|port| data().services.foreign_ports.contains(&port)) && !is_own;
        if is_foreign || self.is_foreign(backend) {
            return Vec::new();
        }
        let own = self.own_pages(backend);
        let candidates = if own.is_empty() { self.unclaimed(backend) } else { own };
        candidates.into_iter().filter(|at| self.is_on_port(*at, port)).collect()
    }

    /// Pages that no other backend can be told to serve.
    fn unclaimed(&self, backend: Backend<'a>) -> BTreeSet<usize> {
        let mut free: BTreeSet<usize> = (0..self.pages.len()).collect();
        if self.pages.len() < 2 {
            return free;
        }
        let others: Vec<Backend<'a>> = match backend {
            Backend::Composed(_) => self.facts.composed.iter().map(Backend::Composed).collect(),
            _ => self.facts.services.iter().map(Backend::Service).collect(),
        };
        for other in others {
            for page in self.own_pages(other) {
                free.remove(&page);
            }
        }
        free
    }

    /// Whether a page may be on a port: its own, or any that no other page has for itself.
    pub(super) fn is_on_port(&self, page: usize, port: Option<u16>) -> bool {
        let (Some(page), Some(port)) = (self.pages.get(page), port) else { return true };
        match page.port {
            Some(own) => own == port,
            None => !self.pages.iter().any(|other| other.port == Some(port)),
        }
    }

    /// Servers of nginx that run in a backend.
    pub(super) fn proxies(&self, backend: Backend<'a>, port: Option<u16>) -> Vec<&Server> {
        let on_port = |server: &&(usize, Server)| port.is_none_or(|port| server.1.ports.contains(&port));
        let of = |confs: &BTreeSet<usize>| -> Vec<&Server> {
            let own = self.servers.iter().filter(|(conf, _)| confs.contains(conf));
            own.filter(on_port).map(|(_, server)| server).collect()
        };
        let mounted = self.mounted(backend);
        if !mounted.is_empty() {
            return of(&mounted);
        }
        let loose = self.loose();
        if self.is_proxy(backend) {
            return of(&loose);
        }
        // What sends requests to another service is not that service.
        if !self.own_pages(backend).is_empty() || port.is_none() {
            return Vec::new();
        }
        let name = self.own_name(backend);
        let sends_on = |server: &&Server| {
            let hosts = server.hosts();
            !hosts.iter().any(|host| first_label(host) == name)
                && hosts
                    .iter()
                    .any(|host| self.services(first_label(host)).next().is_some() || self.composed(host).is_some())
        };
        of(&loose).into_iter().filter(sends_on).collect()
    }

    /// Whether a backend is called like a proxy, and is not the project's program.
    pub(super) fn is_proxy(&self, backend: Backend<'a>) -> bool {
        let images = self.images(backend);
        let named = |name: &str| words(name).iter().any(|word| data().services.proxies.contains(word));
        images.iter().any(|name| named(name)) || (self.own_pages(backend).is_empty() && named(self.own_name(backend)))
    }

    /// Configurations that are mounted or built into a backend.
    fn mounted(&self, backend: Backend<'a>) -> BTreeSet<usize> {
        let confs = self.facts.confs.iter().enumerate();
        let is_own = |conf: &Conf| match backend {
            Backend::Service(service) => self.workloads(service).iter().any(|one| has_map(one, conf)),
            Backend::Pods(workload) => has_map(workload, conf),
            Backend::Composed(one) => {
                let built = !one.build.is_empty() && one.build != "." && conf.path.contains(&format!("{}/", one.build));
                built
                    || one
                        .mounts
                        .iter()
                        .any(|mount| !mount.is_empty() && conf.path.contains(mount.trim_start_matches("../")))
            }
        };
        confs.filter(|(_, conf)| is_own(conf)).map(|(at, _)| at).collect()
    }

    /// Configurations that are mounted nowhere as far as can be told.
    fn loose(&self) -> BTreeSet<usize> {
        let mut free: BTreeSet<usize> = (0..self.facts.confs.len()).collect();
        let workloads = self.facts.workloads.iter().map(Backend::Pods);
        for backend in workloads.chain(self.facts.composed.iter().map(Backend::Composed)) {
            for conf in self.mounted(backend) {
                free.remove(&conf);
            }
        }
        free
    }

    /// All ways in which manifests run something, for what stands alone.
    pub(super) fn backends(&self) -> Vec<Backend<'a>> {
        let services = self.facts.services.iter().map(Backend::Service);
        services.chain(self.facts.composed.iter().map(Backend::Composed)).collect()
    }

    /// Paths at which a page may be asked for.
    pub(super) fn paths(&self, page: &Page) -> Vec<String> {
        let routes: Vec<String> = if page.routes.is_empty() {
            vec!["/metrics".to_owned()]
        } else {
            page.routes.iter().map(|r| rooted(r)).collect()
        };
        let mut found: Vec<String> = Vec::new();
        let entries =
            self.facts.entries.iter().map(|entry| entry.path.split(['(', '*', '?']).next().unwrap_or_default());
        let locations: BTreeMap<String, ()> =
            self.servers.iter().flat_map(|(_, server)| server.prefixes()).map(|prefix| (prefix, ())).collect();
        let prefixes: BTreeSet<String> =
            entries.map(str::to_owned).chain(locations.into_keys()).filter(|prefix| prefix.starts_with('/')).collect();
        for route in routes {
            found.push(route.clone());
            found.extend(prefixes.iter().map(|prefix| format!("{}{route}", prefix.trim_end_matches('/'))));
            found.extend(prefixes.iter().cloned());
        }
        let mut known = BTreeSet::new();
        found.retain(|path| known.insert(path.clone()));
        found
    }
}

/// The path of a request shows a page. A neighbour is believed that a route stands below a prefix which is added
/// elsewhere; a stranger is not.
pub(super) fn shows(page: &Page, path: &str, stranger: bool) -> bool {
    if page.port.is_some() && page.routes.is_empty() {
        return true;
    }
    let bare = |text: &str| format!("/{}", text.split('?').next().unwrap_or_default().trim_matches(['/', '^', '$']));
    let asked = bare(path);
    if page.routes.is_empty() {
        return asked == "/metrics" || (!stranger && (asked.ends_with("metrics") || asked.contains("prometheus")));
    }
    page.routes.iter().any(|route| asked == bare(route) || (!stranger && asked.ends_with(&bare(route))))
}

fn rooted(route: &str) -> String {
    format!("/{}", route.trim_start_matches(['/', '^']).trim_end_matches('$'))
}

fn has_map(workload: &Workload, conf: &Conf) -> bool {
    !conf.map.is_empty() && workload.mounts.contains(&conf.map)
}

fn contains(directives: &[super::nginx::Directive], at: Location) -> bool {
    directives.iter().any(|one| one.at == at || contains(one.inner(), at))
}
