//! Where does nginx send a request? Locations, access rules and rewrites, in the order in which nginx looks at them.

use std::collections::BTreeMap;

use regex::RegexBuilder;

use super::guarding::{is_closed, matches_regex, returns};
use super::nginx::{Conf, Directive};
use crate::source::Location;

/// Internal redirects beyond this many are a loop.
const MAX_REDIRECTS: usize = 10;
const MAX_INCLUDES: usize = 8;

/// A server of nginx.
#[derive(Debug, Clone)]
pub(super) struct Server {
    /// Its place.
    pub(super) at: Location,
    /// Ports that others can reach; none of them where it listens for this machine only.
    pub(super) ports: Vec<u16>,
    /// It listens for this machine only, or in a socket.
    pub(super) hidden: bool,
    /// What holds for it: directives around it, then its own.
    levels: Vec<Vec<Directive>>,
    upstreams: BTreeMap<String, Vec<String>>,
}

/// A request that is sent on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Passed {
    /// The location that sends it.
    pub(super) at: Location,
    /// In words: `location /api`.
    pub(super) what: String,
    /// Where to; empty where it cannot be told.
    pub(super) host: String,
    /// Which port.
    pub(super) port: Option<u16>,
    /// The path it asks for there.
    pub(super) path: String,
}

/// All servers of these configurations, includes followed among them.
pub(super) fn servers(confs: &[Conf]) -> Vec<Server> {
    let mut found: Vec<Server> = Vec::new();
    let mut upstreams: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let tops: Vec<Vec<Directive>> = confs.iter().map(|conf| included(&conf.top, confs, 0)).collect();
    for top in &tops {
        collect(top, &[], &mut found, &mut upstreams);
    }
    found.sort_by_key(|server| server.at);
    // A file that is included stands for itself as well; with what is around it, it says more.
    found.dedup_by(|later, earlier| {
        let same = later.at == earlier.at;
        if same && later.levels.len() > earlier.levels.len() {
            std::mem::swap(later, earlier);
        }
        same
    });
    for server in &mut found {
        server.upstreams.clone_from(&upstreams);
    }
    found
}

fn collect(
    directives: &[Directive],
    around: &[Vec<Directive>],
    found: &mut Vec<Server>,
    upstreams: &mut BTreeMap<String, Vec<String>>,
) {
    for directive in directives {
        match directive.name.as_str() {
            "http" => {
                let mut levels = around.to_vec();
                levels.push(directive.inner().to_vec());
                collect(directive.inner(), &levels, found, upstreams);
            }
            "upstream" => {
                let servers = directive.inner().iter().filter(|inner| inner.name == "server");
                upstreams
                    .insert(directive.first().to_owned(), servers.map(|server| server.first().to_owned()).collect());
            }
            "server" if directive.block.is_some() => found.push(server(directive, around)),
            _ => {}
        }
    }
}

fn server(directive: &Directive, around: &[Vec<Directive>]) -> Server {
    let own = directive.inner().to_vec();
    let listens: Vec<(u16, bool)> = own.iter().filter(|inner| inner.name == "listen").map(listen).collect();
    let open: Vec<u16> = listens.iter().filter(|(_, hidden)| !hidden).map(|(port, _)| *port).collect();
    let hidden = !listens.is_empty() && open.is_empty();
    let ports = if listens.is_empty() { vec![80] } else { open };
    let mut levels = around.to_vec();
    levels.push(own);
    Server { at: directive.at, ports, hidden, levels, upstreams: BTreeMap::new() }
}

/// The port, and whether only this machine can reach it.
fn listen(directive: &Directive) -> (u16, bool) {
    let text = directive.first();
    if text.starts_with("unix:") {
        return (0, true);
    }
    let (address, port) = match text.rsplit_once(':') {
        Some((address, port)) if !port.ends_with(']') => (address, port.parse().ok()),
        _ => match text.parse() {
            Ok(port) => ("", Some(port)),
            Err(_) => (text, None),
        },
    };
    let address = address.trim_matches(['[', ']']);
    let hidden = address == "localhost" || address.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    (port.unwrap_or(80), hidden)
}

/// Directives with the included files of the project in their place.
fn included(directives: &[Directive], confs: &[Conf], depth: usize) -> Vec<Directive> {
    let mut out = Vec::new();
    for directive in directives {
        if directive.name == "include" && depth < MAX_INCLUDES {
            let pattern = directive.first();
            let matches = confs.iter().filter(|conf| is_included(pattern, &conf.path));
            out.extend(matches.flat_map(|conf| included(&conf.top, confs, depth + 1)));
            continue;
        }
        let mut directive = directive.clone();
        directive.block = directive.block.map(|inner| included(&inner, confs, depth + 1));
        out.push(directive);
    }
    out
}

/// Whether an include means a file: its last parts are the same.
fn is_included(pattern: &str, path: &str) -> bool {
    let (folder, name) = pattern.rsplit_once('/').unwrap_or(("", pattern));
    let (own_folder, own) = path.rsplit_once('/').unwrap_or(("", path));
    let last = |folder: &str| folder.rsplit('/').next().unwrap_or_default().to_owned();
    match name.split_once('*') {
        None => !name.is_empty() && name == own,
        Some((head, tail)) => {
            own.len() >= head.len() + tail.len()
                && own.starts_with(head)
                && own.ends_with(tail)
                && (last(folder) == last(own_folder))
        }
    }
}

impl Server {
    /// Paths that its locations name.
    pub(super) fn prefixes(&self) -> Vec<String> {
        let own = self.levels.last().map_or(&[][..], Vec::as_slice);
        let named = own.iter().filter(|one| one.name == "location").map(|one| kinds_of(one).1.to_owned());
        named.filter(|pattern| pattern.starts_with('/')).collect()
    }

    /// Hosts that its locations send requests to, whatever the path.
    pub(super) fn hosts(&self) -> Vec<String> {
        let own = self.levels.last().map_or(&[][..], Vec::as_slice);
        let inner = own.iter().filter(|one| one.name == "location").flat_map(Directive::inner);
        let passes = inner.filter(|one| one.name.ends_with("_pass"));
        passes.flat_map(|pass| self.targets(&with_variables(pass.first(), &[own])).0).map(|(host, _)| host).collect()
    }

    /// Where a request for this path is sent; empty when it gets no further. A stranger is turned away where nginx asks
    /// who is there; from inside only what nginx answers itself ends.
    pub(super) fn follow(&self, path: &str, stranger: bool) -> Vec<Passed> {
        let mut path = path.to_owned();
        let mut named = None;
        for _ in 0..MAX_REDIRECTS {
            match self.step(&path, named.as_deref(), stranger) {
                Step::Stop => return Vec::new(),
                Step::Pass(passed) => return passed,
                Step::Named(name) => named = Some(name),
                Step::Again(new) => {
                    named = None;
                    path = new;
                }
            }
        }
        Vec::new()
    }

    fn step(&self, path: &str, named: Option<&str>, stranger: bool) -> Step {
        let own = self.levels.last().map_or(&[][..], Vec::as_slice);
        let mut levels: Vec<&[Directive]> = self.levels.iter().map(Vec::as_slice).collect();
        let mut location = None;
        let mut inside = own;
        loop {
            let chosen = match named {
                Some(name) => inside.iter().find(|one| one.name == "location" && one.first() == name),
                None => choose(inside, path),
            };
            let Some(chosen) = chosen else { break };
            levels.push(chosen.inner());
            location = Some(chosen);
            inside = chosen.inner();
            if named.is_some() {
                break;
            }
        }
        if returns(&levels) || (stranger && is_closed(&levels, path)) {
            return Step::Stop;
        }
        let Some(location) = location else { return Step::Stop };
        if location.inner().iter().any(|one| one.name == "internal") && named.is_none() {
            return Step::Stop;
        }
        self.inside(location, &levels, path)
    }

    /// What a location does with a request.
    fn inside(&self, location: &Directive, levels: &[&[Directive]], path: &str) -> Step {
        let mut path = path.to_owned();
        let mut moved = false;
        for directive in location.inner().iter().filter(|one| one.name == "rewrite") {
            match rewritten(directive, &path) {
                None => {}
                Some((new, "last" | "")) => return Step::Again(new),
                Some((_, "redirect" | "permanent")) => return Step::Stop,
                Some((new, _)) => {
                    (path, moved) = (new, true);
                    break;
                }
            }
        }
        let is_pass = |one: &&Directive| {
            matches!(one.name.as_str(), "proxy_pass" | "uwsgi_pass" | "fastcgi_pass" | "grpc_pass" | "scgi_pass")
        };
        let Some(pass) = location.inner().iter().find(is_pass) else {
            let tries = location.inner().iter().find(|one| one.name == "try_files");
            return match tries.and_then(|tries| tries.args.last()) {
                Some(last) if last.starts_with('@') => Step::Named(last.clone()),
                Some(last) if last.starts_with('/') && *last != path => Step::Again(last.clone()),
                _ => Step::Stop,
            };
        };
        let what = format!("location {}", location.args.join(" "));
        let target = with_variables(pass.first(), levels);
        let (targets, uri) = self.targets(&target);
        let path = match uri {
            Some(uri) if !moved => replaced(location, &path, &uri),
            _ => path,
        };
        let passed = |(host, port): (String, Option<u16>)| Passed {
            at: location.at,
            what: what.clone(),
            host,
            port,
            path: path.clone(),
        };
        Step::Pass(targets.into_iter().map(passed).collect())
    }

    /// Hosts and ports behind an address, and the path in it.
    fn targets(&self, target: &str) -> (Vec<(String, Option<u16>)>, Option<String>) {
        let (scheme, rest) = target.split_once("://").unwrap_or(("", target));
        let default = match scheme {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        };
        if rest.starts_with("unix:") {
            return (vec![("unix".to_owned(), None)], None);
        }
        let (authority, uri) = match rest.find('/') {
            Some(at) => (rest.get(..at).unwrap_or_default(), rest.get(at..).map(str::to_owned)),
            None => (rest, None),
        };
        let one = |text: &str| match text.rsplit_once(':') {
            Some((host, port)) if text != "unix" => (host.to_owned(), port.parse().ok().or(default)),
            _ => (text.to_owned(), default),
        };
        match self.upstreams.get(authority) {
            Some(servers) => {
                let of = |server: &String| match server.strip_prefix("unix:") {
                    Some(_) => ("unix".to_owned(), None),
                    None => one(server),
                };
                (servers.iter().map(of).collect(), uri)
            }
            None => (vec![one(authority)], uri),
        }
    }
}

enum Step {
    /// It ends here.
    Stop,
    /// It is sent on.
    Pass(Vec<Passed>),
    /// Another location is looked for, with another path.
    Again(String),
    /// A named location.
    Named(String),
}

/// Whether locations that are put in front of others turn a stranger away.
pub(super) fn is_refused(top: &[Directive], path: &str) -> bool {
    let mut levels: Vec<&[Directive]> = vec![top];
    levels.extend(choose(top, path).map(Directive::inner));
    returns(&levels) || is_closed(&levels, path)
}

/// The location that nginx takes among those of one level.
fn choose<'a>(directives: &'a [Directive], path: &str) -> Option<&'a Directive> {
    let locations = || directives.iter().filter(|one| one.name == "location");
    if let Some(exact) = locations().find(|one| kinds_of(one) == ("=", path)) {
        return Some(exact);
    }
    let is_prefix = |one: &&Directive| {
        let (kind, pattern) = kinds_of(one);
        matches!(kind, "" | "^~") && pattern.starts_with('/') && path.starts_with(pattern)
    };
    let best = locations().filter(is_prefix).max_by_key(|one| kinds_of(one).1.len());
    if best.is_some_and(|one| kinds_of(one).0 == "^~") {
        return best;
    }
    let matching = locations().find(|one| match kinds_of(one) {
        ("~", pattern) => matches_regex(pattern, path, false),
        ("~*", pattern) => matches_regex(pattern, path, true),
        _ => false,
    });
    matching.or(best)
}

/// How a location matches, and what.
fn kinds_of(one: &Directive) -> (&str, &str) {
    match one.args.as_slice() {
        [kind, pattern, ..] => (kind, pattern),
        [only] => {
            let kinds = ["^~", "~*", "=", "~"];
            kinds.iter().find_map(|kind| Some((*kind, only.strip_prefix(kind)?))).unwrap_or(("", only))
        }
        [] => ("", ""),
    }
}

/// What a rewrite makes of a path, and its flag.
fn rewritten<'a>(directive: &'a Directive, path: &str) -> Option<(String, &'a str)> {
    let (pattern, replacement) = (directive.args.first()?, directive.args.get(1)?);
    let flag = directive.args.get(2).map_or("", String::as_str);
    let regex = RegexBuilder::new(pattern).size_limit(1 << 20).build().ok()?;
    let found = regex.captures(path)?;
    if replacement.starts_with("http://") || replacement.starts_with("https://") {
        return Some((String::new(), "redirect"));
    }
    let mut out = String::new();
    found.expand(replacement, &mut out);
    Some((out, flag))
}

/// The part of the path that the location names, replaced by the path of the address.
fn replaced(location: &Directive, path: &str, uri: &str) -> String {
    let (kind, pattern) = kinds_of(location);
    if uri.contains('$') {
        return path.to_owned();
    }
    match (kind, path.strip_prefix(pattern)) {
        ("=", _) => uri.to_owned(),
        ("" | "^~", Some(rest)) => format!("{uri}{rest}"),
        _ => path.to_owned(),
    }
}

fn with_variables(text: &str, levels: &[&[Directive]]) -> String {
    let mut out = text.to_owned();
    let sets = levels.iter().flat_map(|level| level.iter()).filter(|one| one.name == "set");
    for set in sets {
        if let [name, value, ..] = set.args.as_slice() {
            let bare = name.trim_start_matches('$');
            out = out.replace(&format!("${{{bare}}}"), value).replace(name.as_str(), value);
        }
    }
    // What the request itself says follows the path as it is.
    out.replace("$request_uri", "").replace("$uri", "").replace("$is_args$args", "")
}
