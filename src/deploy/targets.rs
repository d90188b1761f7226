//! What does each scrape target lead to?

use super::data::data;
use super::discovery;
use super::facts::{Configuration, Job, Service};
use super::naming::{first_label, is_foreign_name, together};
use super::reach::Request;
use super::world::{Backend, World};
use crate::source::Location;

/// What a target leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Aim {
    /// A metrics page of the project.
    Page,
    /// Prometheus itself, or the machine that it runs on.
    Own,
    /// Something that has no metrics page of the project.
    Elsewhere,
    /// Nothing that the manifests know: why, and which key is wrong.
    Unknown(String, Location),
    /// That cannot be told from these files.
    Unsure,
}

/// Something that Prometheus is told to scrape.
#[derive(Debug, Clone)]
pub struct ScrapeTarget {
    /// The target as written: `proxy-service:8080`; for discovery the name of what is found.
    pub address: String,
    /// Its place: the target, or the job that finds it.
    pub at: Location,
    /// The job.
    pub job: String,
    /// The configuration, as an index.
    pub configuration: Option<usize>,
    /// The text around it could be read.
    pub readable: bool,
    /// Found by discovery or a monitor, not written.
    pub discovered: bool,
    /// What it leads to.
    pub aim: Aim,
}

/// The targets of a configuration.
pub(super) fn of(world: &World<'_>, number: usize, configuration: &Configuration) -> Vec<ScrapeTarget> {
    let mut all = Vec::new();
    for job in &configuration.jobs {
        for (address, at) in &job.targets {
            let aim = aim(world, configuration, job, (address, *at));
            // Around a mistake what is a target and what is not cannot be told.
            let aim = if configuration.readable || !matches!(aim, Aim::Unknown(..)) { aim } else { Aim::Unsure };
            all.push(target(address, *at, &job.name, (number, configuration), aim));
        }
        for found in discovery::found(world, job) {
            let request = Request { port: found.port, path: &found.path, stranger: false };
            let reached = world.reach(found.backend, request, 0).is_some();
            let aim = if reached { Aim::Page } else { Aim::Elsewhere };
            let address = name(found.backend, found.port);
            let at = job.discoveries.first().map_or(job.at, |discovery| discovery.at);
            all.push(ScrapeTarget {
                discovered: true,
                ..target(&address, at, &job.name, (number, configuration), aim)
            });
        }
        if job.open
            || (!job.discoveries.is_empty() && world.facts.services.is_empty() && world.facts.workloads.is_empty())
        {
            all.push(ScrapeTarget {
                discovered: true,
                ..target("", job.at, &job.name, (number, configuration), Aim::Unsure)
            });
        }
    }
    if configuration.annotated {
        all.extend(annotated(world, number, configuration));
    }
    all
}

fn target(address: &str, at: Location, job: &str, own: (usize, &Configuration), aim: Aim) -> ScrapeTarget {
    ScrapeTarget {
        address: address.to_owned(),
        at,
        job: job.to_owned(),
        configuration: Some(own.0),
        readable: own.1.readable,
        discovered: false,
        aim,
    }
}

fn name(backend: Backend<'_>, port: Option<u16>) -> String {
    let name = match backend {
        Backend::Service(service) => &service.name,
        Backend::Composed(one) => &one.name,
        Backend::Pods(workload) => &workload.name,
    };
    port.map_or_else(|| name.clone(), |port| format!("{name}:{port}"))
}

/// What the chart's own jobs find: services and pods that ask for it.
fn annotated(world: &World<'_>, number: usize, configuration: &Configuration) -> Vec<ScrapeTarget> {
    let asks = |pairs: &[(String, String)]| {
        pairs.iter().any(|(key, value)| key.starts_with("prometheus.io/scrape") && value == "true")
    };
    let services = world.facts.services.iter().filter(|one| asks(&one.annotations)).map(Backend::Service);
    let pods = world.facts.workloads.iter().filter(|one| asks(&one.annotations)).map(Backend::Pods);
    services
        .chain(pods)
        .map(|backend| {
            let served = !world.served(backend, None).is_empty();
            let aim = if served { Aim::Page } else { Aim::Elsewhere };
            let own = (number, configuration);
            ScrapeTarget { discovered: true, ..target(&name(backend, None), configuration.at, "annotations", own, aim) }
        })
        .collect()
}

/// What a written target leads to.
fn aim(world: &World<'_>, configuration: &Configuration, job: &Job, (address, at): (&str, Location)) -> Aim {
    if address.contains("://") || address.contains('/') {
        return Aim::Unknown(format!("`{address}` is not a host and a port"), at);
    }
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) => match port.parse::<u16>() {
            Ok(port) => (host, Some(port)),
            Err(_) => return Aim::Unknown(format!("`{port}` is not a port"), at),
        },
        None => (address, None),
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '[' | ']');
    if host.is_empty() || !host.chars().all(is_name) {
        return Aim::Unknown(format!("`{host}` is not the name of a host"), at);
    }
    let asked = Asked { host, port, path: job.path.clone(), at };
    if is_near(host) {
        return near(world, &asked);
    }
    if host.parse::<std::net::IpAddr>().is_ok() {
        return by_address(world, &asked);
    }
    match by_service(world, configuration, &asked) {
        Some(aim) => aim,
        None => by_name(world, &asked),
    }
}

/// A target taken apart.
struct Asked<'t> {
    host: &'t str,
    port: Option<u16>,
    path: Option<(String, Location)>,
    at: Location,
}

impl Asked<'_> {
    fn path(&self) -> &str {
        self.path.as_ref().map_or("/metrics", |(path, _)| path)
    }
}

fn is_near(host: &str) -> bool {
    host == "localhost" || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Without manifests the project may well run on the machine of Prometheus.
fn near(world: &World<'_>, asked: &Asked<'_>) -> Aim {
    let alone = world.facts.services.is_empty() && world.facts.composed.is_empty() && world.facts.workloads.is_empty();
    let has_port = world.pages.iter().any(|page| page.port == asked.port && page.port.is_some());
    let own = asked.port.is_none_or(|port| port == data().services.own_port);
    let other =
        asked.port.is_some_and(|port| data().services.foreign_ports.contains(&port) || (9090..9200).contains(&port));
    match alone {
        true if has_port && !own => Aim::Page,
        true if !own && !other && world.pages.iter().any(|page| page.port.is_none()) => Aim::Page,
        _ => Aim::Own,
    }
}

/// An address of a node leads to the port that a Service opened there.
fn by_address(world: &World<'_>, asked: &Asked<'_>) -> Aim {
    let services = world.facts.services.iter();
    let opened = services.flat_map(|service| service.ports.iter().flatten().map(move |port| (service, port)));
    let mut opened = opened.filter(|(_, port)| port.node.is_some() && port.node == asked.port);
    let Some((service, port)) = opened.next() else { return Aim::Unsure };
    let request = Request { port: world.container_port(service, port), path: asked.path(), stranger: false };
    if world.reach(Backend::Service(service), request, 0).is_some() { Aim::Page } else { Aim::Elsewhere }
}

/// The namespace in a host name, where there is one.
fn namespace_of(host: &str) -> Option<&str> {
    host.split('.').nth(1).filter(|_| !host.ends_with('.'))
}

fn by_service(world: &World<'_>, configuration: &Configuration, asked: &Asked<'_>) -> Option<Aim> {
    let name = first_label(asked.host);
    let all: Vec<&Service> = world.services(name).collect();
    // `web.example.com` is not the Service `web`.
    let is_inside = asked.host.split('.').count() <= 2 || asked.host.contains(".svc");
    if all.is_empty() || !is_inside {
        return None;
    }
    let wanted = namespace_of(asked.host).map(str::to_owned).or_else(|| configuration.namespace.clone());
    let here: Vec<&&Service> = all.iter().filter(|service| together(&service.namespace, &wanted)).collect();
    if here.is_empty() {
        let own = all.iter().find_map(|service| service.namespace.clone()).unwrap_or_default();
        let wanted = wanted.unwrap_or_default();
        return Some(Aim::Unknown(
            format!("the Service `{name}` is in the namespace `{own}`, not in `{wanted}`"),
            asked.at,
        ));
    }
    let mut last = None;
    for service in here {
        match of_service(world, service, asked) {
            Aim::Page => return Some(Aim::Page),
            aim => last = Some(aim),
        }
    }
    last
}

fn of_service(world: &World<'_>, service: &Service, asked: &Asked<'_>) -> Aim {
    let Some(ports) = &service.ports else { return reached(world, Backend::Service(service), None, asked) };
    let wanted = asked.port.or(Some(80));
    match ports.iter().find(|port| port.port == wanted) {
        Some(port) => reached(world, Backend::Service(service), world.container_port(service, port), asked),
        None if service.headless => reached(world, Backend::Service(service), asked.port, asked),
        None if ports.iter().any(|port| port.port.is_none()) => Aim::Unsure,
        None => {
            let known: Vec<String> = ports.iter().filter_map(|port| port.port).map(|port| port.to_string()).collect();
            let wanted = wanted.unwrap_or_default();
            let has = known.join(" and ");
            Aim::Unknown(format!("the Service `{}` has no port {wanted}; it has {has}", service.name), asked.at)
        }
    }
}

/// Whether the page is there, and under that path.
fn reached(world: &World<'_>, backend: Backend<'_>, port: Option<u16>, asked: &Asked<'_>) -> Aim {
    let ask = |path: &str| world.reach(backend, Request { port, path, stranger: false }, 0);
    if ask(asked.path()).is_some() {
        return Aim::Page;
    }
    let elsewhere = world.pages.iter().flat_map(|page| world.paths(page)).find(|path| ask(path).is_some());
    match elsewhere {
        Some(path) => {
            let at = asked.path.as_ref().map_or(asked.at, |(_, at)| *at);
            Aim::Unknown(format!("there is no metrics page under {}; it is under {path}", asked.path()), at)
        }
        None => Aim::Elsewhere,
    }
}

/// A host that no Service of Kubernetes explains.
fn by_name(world: &World<'_>, asked: &Asked<'_>) -> Aim {
    let (host, name) = (asked.host, first_label(asked.host));
    if let Some(one) = world.composed(host) {
        return reached(world, Backend::Composed(one), asked.port, asked);
    }
    let facts = world.facts;
    let inside = host.contains(".svc") || host.ends_with(".cluster.local");
    let second = namespace_of(host).is_some_and(|second| facts.namespaces.iter().any(|known| known == second));
    let is_short = !host.contains('.');
    let nothing = facts.services.is_empty() && facts.composed.is_empty();
    let own = asked.port == Some(data().services.own_port) || is_foreign_name(name);
    if own {
        return Aim::Elsewhere;
    }
    if nothing || (!is_short && !inside && !second) {
        return Aim::Unsure;
    }
    let composed_only = facts.services.is_empty();
    let runs_here =
        facts.composed.iter().any(|one| one.image.contains("prometheus") || one.name.contains("prometheus"));
    if facts.unnamed || (composed_only && !runs_here) {
        return Aim::Unsure;
    }
    let names =
        facts.services.iter().map(|one| one.name.as_str()).chain(facts.composed.iter().map(|one| one.name.as_str()));
    let near = crate::nearest::nearest(name, names).map(|known| format!("; there is `{known}`")).unwrap_or_default();
    Aim::Unknown(format!("no Service is called `{name}`{near}"), asked.at)
}
