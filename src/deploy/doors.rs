//! Through which doors does the outside reach a metrics page?

use std::collections::{BTreeMap, BTreeSet};

use regex::RegexBuilder;

use super::facts::{Composed, Entry, PathKind, Published, Service};
use super::naming::together;
use super::proxying::is_refused;
use super::reach::{Request, Way};
use super::world::{Backend, World};
use crate::finding::FlowStep;
use crate::source::Location;

/// A door through which the outside reaches a metrics page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    /// The outermost thing that opens it.
    pub at: Location,
    /// In words: "the NodePort Service `web`".
    pub what: String,
    /// The path that is asked for.
    pub path: String,
    /// The page, as an index into the pages.
    pub page: usize,
    /// The way in, the page last.
    pub flow: Vec<FlowStep>,
}

/// All doors, by place, each once.
pub(super) fn doors(world: &World<'_>) -> Vec<Door> {
    let mut found = Vec::new();
    let open: Vec<&super::world::Page> = world.pages.iter().filter(|page| !page.protected && !page.loopback).collect();
    if open.is_empty() {
        return found;
    }
    let paths: Vec<String> = open.iter().flat_map(|page| world.paths(page)).collect();
    world.facts.services.iter().for_each(|service| found.extend(of_service(world, service, &paths)));
    found.extend(of_entries(world, &paths));
    found.extend(of_compose(world, &paths));
    found.extend(of_proxies(world, &paths));
    found.sort_by_key(|door| door.at);
    found.dedup_by_key(|door| door.at);
    found
}

fn door(at: Location, what: String, path: &str, way: Way) -> Door {
    Door { at, what, path: path.to_owned(), page: way.page, flow: way.steps }
}

/// A Service that is open itself.
fn of_service(world: &World<'_>, service: &Service, paths: &[String]) -> Option<Door> {
    let (kind, at) = service.opened.as_ref()?;
    let what = match kind.as_str() {
        "externalIPs" => format!("the external addresses of the Service `{}`", service.name),
        kind => format!("the {kind} Service `{}`", service.name),
    };
    let ports: Vec<Option<u16>> = match &service.ports {
        Some(ports) => ports.iter().map(|port| world.container_port(service, port)).collect(),
        None => vec![None],
    };
    ports.into_iter().find_map(|port| {
        paths.iter().find_map(|path| {
            let way = world.reach(Backend::Service(service), Request { port, path, stranger: true }, 0)?;
            Some(door(*at, what.clone(), path, way))
        })
    })
}

/// Entries: of those for one host the most specific takes a request.
fn of_entries(world: &World<'_>, paths: &[String]) -> Vec<Door> {
    let mut groups: BTreeMap<(&str, &str), Vec<&Entry>> = BTreeMap::new();
    for entry in &world.facts.entries {
        groups.entry((entry.kind.as_str(), entry.host.as_str())).or_default().push(entry);
    }
    let mut found: Vec<Door> = Vec::new();
    for entries in groups.values() {
        for path in paths {
            let Some(entry) = choose(entries, path) else { continue };
            if found.iter().any(|door| door.at == entry.at) {
                continue;
            }
            found.extend(of_entry(world, entry, entries, path));
        }
    }
    found
}

fn choose<'e>(entries: &[&'e Entry], path: &str) -> Option<&'e Entry> {
    let rank = |entry: &&Entry| (entry.path_kind == PathKind::Exact, entry.path.len());
    entries.iter().copied().filter(|entry| matches(entry, path)).max_by_key(rank)
}

fn matches(entry: &Entry, path: &str) -> bool {
    let own = entry.path.trim_end_matches('*').trim_end_matches('/');
    match entry.path_kind {
        PathKind::Exact => path == entry.path,
        PathKind::Prefix => {
            own.is_empty() || path.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        }
        PathKind::Regex => {
            let built =
                RegexBuilder::new(&format!("^{}", entry.path)).case_insensitive(true).size_limit(1 << 20).build();
            built.is_ok_and(|regex| regex.is_match(path))
        }
    }
}

fn of_entry(world: &World<'_>, entry: &Entry, around: &[&Entry], path: &str) -> Option<Door> {
    let snippets = around.iter().filter_map(|other| other.snippet.as_ref());
    // Snippets for a server hold for all paths of its host.
    if entry.guarded || snippets.into_iter().any(|snippet| is_refused(&snippet.top, path)) {
        return None;
    }
    let onward = rewritten(entry, path)?;
    let request = Request { port: None, path: &onward, stranger: true };
    let mut services =
        world.services(&entry.service).filter(|one| together(&one.namespace, &entry.namespace)).peekable();
    let way = if services.peek().is_none() {
        // The Service is not in these files: what it leads to cannot be told apart from the program that is here.
        let known = world.facts.services.is_empty() && !entry.service.is_empty();
        let port = entry.port.parse().ok().filter(|port| !matches!(port, 80 | 443));
        if known { world.reach_host(&entry.service, Request { port, ..request }, 0) } else { None }
    } else {
        services.find_map(|service| {
            let mut ports = service.ports.iter().flatten();
            let named = |port: &&super::facts::ServicePort| {
                entry.port.is_empty()
                    || port.name == entry.port
                    || port.port.is_some_and(|own| own.to_string() == entry.port)
            };
            let port = ports.find(named);
            if port.is_none() && service.ports.is_some() {
                return None;
            }
            let inside = port.and_then(|port| world.container_port(service, port));
            let mut way = world.reach(Backend::Service(service), Request { port: inside, ..request }, 0)?;
            let note = format!("the Service `{}` takes it", service.name);
            way.steps.insert(0, FlowStep { at: service.at, note });
            Some(way)
        })
    }?;
    let host = if entry.host.is_empty() { String::new() } else { format!(" of {}", entry.host) };
    Some(door(entry.at, format!("the {} path `{}`{host}", entry.kind, entry.path), path, way))
}

/// The path that the service is asked for.
fn rewritten(entry: &Entry, path: &str) -> Option<String> {
    let Some(target) = &entry.rewrite else { return Some(path.to_owned()) };
    if entry.path_kind == PathKind::Regex {
        let regex = RegexBuilder::new(&format!("^{}", entry.path)).size_limit(1 << 20).build().ok()?;
        let found = regex.captures(path)?;
        let mut out = String::new();
        found.expand(target, &mut out);
        return Some(if out.starts_with('/') { out } else { format!("/{out}") });
    }
    // An Ingress without groups asks for the target whatever the path; a route keeps what follows the prefix.
    if entry.kind == "Ingress" {
        return Some(target.clone());
    }
    let rest = path.strip_prefix(entry.path.trim_end_matches('/')).unwrap_or_default();
    Some(format!("{}{rest}", target.trim_end_matches('/')))
}

fn of_compose(world: &World<'_>, paths: &[String]) -> Vec<Door> {
    let mut found = Vec::new();
    for one in &world.facts.composed {
        // A view is on one port of its program: the first that leads to it stands for it.
        let mut views = BTreeSet::new();
        for published in one.ports.iter().filter(|published| !published.loopback) {
            let reached = paths.iter().find_map(|path| {
                let request = Request { port: Some(published.inside), path, stranger: true };
                Some((path, world.reach(Backend::Composed(one), request, 0)?))
            });
            if let Some((path, way)) = reached {
                let has_port = world.pages.get(way.page).is_some_and(|page| page.port.is_some());
                if !has_port && !views.insert(way.page) {
                    continue;
                }
                found.push(published_door(one, published, path, way));
            }
        }
    }
    found
}

/// The published port itself; but where a proxy answers there, the location that sends strangers on to the page.
fn published_door(one: &Composed, published: &Published, path: &str, mut way: Way) -> Door {
    let what = format!("the published port {} of `{}`", published.inside, one.name);
    if way.steps.len() < 2 {
        return door(published.at, what, path, way);
    }
    let location = way.steps.remove(0).at;
    way.steps.insert(0, FlowStep { at: published.at, note: format!("it is asked through {what}") });
    door(location, format!("this location of nginx ({path})"), path, way)
}

/// Servers of nginx that run in nothing that manifests set up.
fn of_proxies(world: &World<'_>, paths: &[String]) -> Vec<Door> {
    let mut found: Vec<Door> = Vec::new();
    let backends = world.backends();
    for (_, server) in &world.servers {
        let runs_elsewhere = backends.iter().any(|backend| {
            let mut ports = vec![None];
            ports.extend(server.ports.iter().map(|port| Some(*port)));
            ports.into_iter().any(|port| world.proxies(*backend, port).iter().any(|own| own.at == server.at))
        });
        if server.hidden || runs_elsewhere {
            continue;
        }
        for path in paths {
            let Some(mut way) = world.through(server, Request { port: None, path, stranger: true }, 0) else {
                continue;
            };
            if way.steps.is_empty() {
                continue;
            }
            let first = way.steps.remove(0);
            found.push(door(first.at, format!("this location of nginx ({path})"), path, way));
        }
    }
    found
}
