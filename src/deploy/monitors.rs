//! What do ServiceMonitors and PodMonitors select?

use super::facts::{Monitor, MonitorEndpoint, Placed, Service, Workload};
use super::reach::Request;
use super::targets::{Aim, ScrapeTarget};
use super::world::{Backend, World};
use crate::source::Location;

/// The targets of all monitors.
pub(super) fn targets(world: &World<'_>) -> Vec<ScrapeTarget> {
    world.facts.monitors.iter().flat_map(|monitor| of(world, monitor)).collect()
}

fn target(monitor: &Monitor, at: Location, aim: Aim) -> ScrapeTarget {
    let kind = if monitor.of_pods { "PodMonitor" } else { "ServiceMonitor" };
    ScrapeTarget {
        address: String::new(),
        at,
        job: kind.to_owned(),
        configuration: None,
        readable: true,
        discovered: true,
        aim,
    }
}

/// Whether a monitor looks into a namespace.
fn is_in(monitor: &Monitor, namespace: Option<&str>) -> bool {
    let wanted: Vec<&str> = match monitor.namespaces.as_slice() {
        [] => monitor.namespace.as_deref().into_iter().collect(),
        names => names.iter().map(String::as_str).collect(),
    };
    let Some(namespace) = namespace else { return true };
    wanted.is_empty() || wanted.iter().any(|name| *name == "*" || *name == namespace)
}

fn of(world: &World<'_>, monitor: &Monitor) -> Vec<ScrapeTarget> {
    let Some(wanted) = &monitor.labels else { return vec![target(monitor, monitor.at, Aim::Unsure)] };
    let has_all = |labels: &[(String, String)]| wanted.iter().all(|pair| labels.contains(pair));
    let none = if monitor.of_pods { world.facts.workloads.is_empty() } else { world.facts.services.is_empty() };
    if none {
        return vec![target(monitor, monitor.at, Aim::Unsure)];
    }
    let services = world.facts.services.iter().filter(|one| has_all(&one.labels));
    let pods = world.facts.workloads.iter().filter(|one| one.labels.as_deref().is_some_and(has_all));
    let matching: Vec<Backend<'_>> = if monitor.of_pods {
        pods.filter(|one| is_in(monitor, one.namespace.as_deref())).map(Backend::Pods).collect()
    } else {
        services.filter(|one| is_in(monitor, one.namespace.as_deref())).map(Backend::Service).collect()
    };
    if matching.is_empty() {
        // Names that a template fills may well be the ones that are asked for.
        let unclear = world.facts.unnamed || world.facts.workloads.iter().any(|one| one.labels.is_none());
        let what = if monitor.of_pods { "no pod has" } else { "no Service has" };
        let labels: Vec<String> = wanted.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let namespaces = world.facts.services.iter().filter(|one| !monitor.of_pods && has_all(&one.labels));
        let elsewhere = namespaces.filter_map(|one| Some((one.name.as_str(), one.namespace.as_deref()?))).next();
        let why = elsewhere.map_or_else(
            || format!("{what} the labels {}", labels.join(", ")),
            |(name, namespace)| format!("`{name}` is in the namespace {namespace}, where it does not look"),
        );
        let aim = match unclear {
            true => Aim::Unsure,
            false => Aim::Unknown(why, monitor.selector_at),
        };
        return vec![target(monitor, monitor.selector_at, aim)];
    }
    monitor
        .endpoints
        .iter()
        .map(|endpoint| target(monitor, endpoint.at, endpoint_aim(world, &matching, endpoint)))
        .collect()
}

/// What one endpoint comes to, over everything that is selected.
fn endpoint_aim(world: &World<'_>, backends: &[Backend<'_>], endpoint: &MonitorEndpoint) -> Aim {
    let mut last = Aim::Elsewhere;
    for backend in backends {
        let aim = match backend {
            Backend::Service(service) => of_service(world, service, endpoint),
            Backend::Pods(workload) => of_pods(world, workload, endpoint),
            Backend::Composed(_) => Aim::Elsewhere,
        };
        match aim {
            Aim::Page => return Aim::Page,
            Aim::Elsewhere if last != Aim::Elsewhere => {}
            other => last = other,
        }
    }
    last
}

fn of_service(world: &World<'_>, service: &Service, endpoint: &MonitorEndpoint) -> Aim {
    let backend = Backend::Service(service);
    let Some(ports) = &service.ports else { return reached(world, backend, None, endpoint) };
    if let Some((name, at)) = &endpoint.port {
        return match ports.iter().find(|port| port.name == *name) {
            Some(port) => reached(world, backend, world.container_port(service, port), endpoint),
            None => Aim::Unknown(
                format!(
                    "the Service `{}` has no port called `{name}`{}",
                    service.name,
                    known(ports.iter().map(|port| port.name.as_str()))
                ),
                *at,
            ),
        };
    }
    let number = endpoint.target_port.as_ref().and_then(|(text, _)| text.parse().ok());
    reached(world, backend, number, endpoint)
}

fn of_pods(world: &World<'_>, workload: &Workload, endpoint: &MonitorEndpoint) -> Aim {
    let ports: Vec<&(String, u16)> = workload.containers.iter().flat_map(|one| &one.ports).collect();
    let backend = Backend::Pods(workload);
    if let Some((name, at)) = &endpoint.port {
        return match ports.iter().find(|(known, _)| known == name) {
            Some((_, port)) => reached(world, backend, Some(*port), endpoint),
            None => Aim::Unknown(
                format!(
                    "no container of `{}` has a port called `{name}`{}",
                    workload.name,
                    known(ports.iter().map(|(name, _)| name.as_str()))
                ),
                *at,
            ),
        };
    }
    let number = endpoint.target_port.as_ref().and_then(|(text, _)| text.parse().ok());
    reached(world, backend, number, endpoint)
}

/// The names that there are.
fn known<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.filter(|name| !name.is_empty()).map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        "; its ports have no names".to_owned()
    } else {
        format!("; there is {}", names.join(" and "))
    }
}

fn reached(world: &World<'_>, backend: Backend<'_>, port: Option<u16>, endpoint: &MonitorEndpoint) -> Aim {
    let ask = |path: &str| world.reach(backend, Request { port, path, stranger: false }, 0);
    let path = endpoint.path.as_ref().map_or("/metrics", |(path, _)| path.as_str());
    if ask(path).is_some() {
        return Aim::Page;
    }
    let elsewhere = world.pages.iter().flat_map(|page| world.paths(page)).find(|path| ask(path).is_some());
    let at = |placed: &Option<Placed>| placed.as_ref().map(|(_, at)| *at);
    match elsewhere {
        Some(found) => {
            let place = at(&endpoint.path).or_else(|| at(&endpoint.port)).unwrap_or(endpoint.at);
            Aim::Unknown(format!("there is no metrics page under {path}; it is under {found}"), place)
        }
        None => Aim::Elsewhere,
    }
}
