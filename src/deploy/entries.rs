//! Which ways lead from outside to a service? Paths of an Ingress, routes of gateways.

use super::data::data;
use super::facts::{Entry, Facts, PathKind};
use super::nginx;
use super::yaml::Node;
use crate::source::Location;

/// Reads what opens a way; other kinds are left alone.
pub(super) fn read(kind: &str, node: &Node, namespace: Option<&str>, facts: &mut Facts) {
    let Some(spec) = node.get("spec") else { return };
    match kind {
        "Ingress" => ingress(node, spec, namespace, facts),
        "HTTPRoute" => http_route(spec, namespace, facts),
        "VirtualService" => virtual_service(spec, namespace, facts),
        "IngressRoute" => ingress_route(spec, namespace, facts),
        "Route" => openshift(node, spec, namespace, facts),
        _ => {}
    }
}

/// An entry that still lacks its path.
fn blank(kind: &str, at: Location, namespace: Option<&str>) -> Entry {
    Entry {
        kind: kind.to_owned(),
        at,
        host: String::new(),
        path: "/".to_owned(),
        path_kind: PathKind::Prefix,
        service: String::new(),
        port: String::new(),
        namespace: namespace.map(str::to_owned),
        rewrite: None,
        snippet: None,
        guarded: false,
    }
}

fn ingress(node: &Node, spec: &Node, namespace: Option<&str>, facts: &mut Facts) {
    let annotations = node.path(&["metadata", "annotations"]);
    let value = |ending: &str| {
        let mut pairs = annotations.map_or(&[][..], Node::pairs).iter();
        pairs.find(|(key, _)| key.text().is_some_and(|key| key.ends_with(ending))).map(|(_, value)| value)
    };
    let is_set = |value: Option<&Node>| value.and_then(Node::text) == Some("true");
    let class = spec.str("ingressClassName").or_else(|| value("kubernetes.io/ingress.class").and_then(Node::known));
    let guarded = annotations.map_or(&[][..], Node::pairs).iter().any(|(key, value)| {
        let key = key.text().unwrap_or_default();
        let is_open = key.ends_with("-source-range") && value.known().is_some_and(|known| known.contains("0.0.0.0/0"));
        data().services.guards.iter().any(|guard| guard == key) && !is_open
            || key.ends_with("alb.ingress.kubernetes.io/scheme") && value.text() == Some("internal")
    }) || class.is_some_and(|class| class.contains("internal") || class.contains("private"));
    let mut snippets = nginx::Conf::default();
    for ending in ["/server-snippet", "/configuration-snippet"] {
        if let Some(text) = value(ending).and_then(Node::embedded) {
            snippets.top.extend(nginx::parse(&text).top);
        }
    }
    let rewrite = value("/rewrite-target").and_then(Node::known).map(str::to_owned);
    let by_regex = is_set(value("/use-regex")) || rewrite.as_deref().is_some_and(|target| target.contains('$'));
    let base = |at: Location| Entry {
        guarded,
        rewrite: rewrite.clone(),
        snippet: (!snippets.top.is_empty()).then(|| snippets.clone()),
        ..blank("Ingress", at, namespace)
    };
    for key in ["defaultBackend", "backend"] {
        if let Some((key, backend)) = spec.entry(key) {
            facts.entries.extend(with_backend(base(key.at), backend));
        }
    }
    for rule in spec.list("rules") {
        for path in rule.path(&["http", "paths"]).map_or(&[][..], Node::items) {
            let at = path
                .entry("path")
                .map_or(path.at, |(key, value)| Location::new(key.at.file, key.at.span.cover(value.at.span)));
            let mut entry = base(at);
            rule.str("host").unwrap_or_default().clone_into(&mut entry.host);
            path.str("path").unwrap_or("/").clone_into(&mut entry.path);
            entry.path_kind = match path.str("pathType") {
                Some("Exact") => PathKind::Exact,
                Some("Prefix") if !by_regex => PathKind::Prefix,
                _ if by_regex => PathKind::Regex,
                _ => PathKind::Prefix,
            };
            facts.entries.extend(path.get("backend").and_then(|backend| with_backend(entry, backend)));
        }
    }
}

/// The service that an Ingress names, in its present and its old spelling.
fn with_backend(mut entry: Entry, backend: &Node) -> Option<Entry> {
    let service = backend.get("service");
    let name = service.and_then(|service| service.str("name")).or_else(|| backend.str("serviceName"))?;
    let port = service.and_then(|service| service.get("port"));
    let port = port.and_then(|port| port.str("number").or_else(|| port.str("name")));
    name.clone_into(&mut entry.service);
    port.or_else(|| backend.str("servicePort")).unwrap_or_default().clone_into(&mut entry.port);
    Some(entry)
}

fn http_route(spec: &Node, namespace: Option<&str>, facts: &mut Facts) {
    let hosts = spec.list("hostnames").first().and_then(Node::known).unwrap_or_default();
    for rule in spec.list("rules") {
        let filters = rule.list("filters");
        let rewrite = filters.iter().find_map(|filter| {
            let path = filter.path(&["urlRewrite", "path"])?;
            path.str("replacePrefixMatch").or_else(|| path.str("replaceFullPath")).map(str::to_owned)
        });
        let redirects = filters.iter().any(|filter| filter.get("requestRedirect").is_some());
        let whole: Vec<(Location, String, PathKind)> = rule.list("matches").iter().filter_map(route_match).collect();
        let all = vec![(rule.at, "/".to_owned(), PathKind::Prefix)];
        for (at, path, path_kind) in if rule.list("matches").is_empty() { all } else { whole } {
            for backend in rule.list("backendRefs") {
                facts.entries.push(Entry {
                    host: hosts.to_owned(),
                    path: path.clone(),
                    path_kind,
                    service: backend.str("name").unwrap_or_default().to_owned(),
                    port: backend.str("port").unwrap_or_default().to_owned(),
                    rewrite: rewrite.clone(),
                    guarded: redirects,
                    ..blank("HTTPRoute", at, backend.str("namespace").or(namespace))
                });
            }
        }
    }
}

fn route_match(node: &Node) -> Option<(Location, String, PathKind)> {
    let Some(path) = node.get("path") else {
        // Only headers or methods are matched.
        return Some((node.at, "/".to_owned(), PathKind::Prefix));
    };
    let (key, value) = path.entry("value")?;
    let kind = match path.str("type") {
        Some("Exact") => PathKind::Exact,
        Some("RegularExpression") => PathKind::Regex,
        _ => PathKind::Prefix,
    };
    Some((Location::new(key.at.file, key.at.span.cover(value.at.span)), value.known()?.to_owned(), kind))
}

/// Istio: reachable from outside only through a gateway.
fn virtual_service(spec: &Node, namespace: Option<&str>, facts: &mut Facts) {
    let gateways = spec.list("gateways");
    if gateways.is_empty() || gateways.iter().all(|gateway| gateway.text() == Some("mesh")) {
        return;
    }
    let host = spec.list("hosts").first().and_then(Node::known).unwrap_or_default();
    for rule in spec.list("http") {
        if rule.get("redirect").is_some() || rule.get("directResponse").is_some() {
            continue;
        }
        let rewrite = rule.path(&["rewrite", "uri"]).and_then(Node::known).map(str::to_owned);
        let uris: Vec<(Location, String, PathKind)> = rule.list("match").iter().filter_map(istio_match).collect();
        let all = vec![(rule.at, "/".to_owned(), PathKind::Prefix)];
        for (at, path, path_kind) in if rule.list("match").is_empty() { all } else { uris } {
            for route in rule.list("route") {
                let target = route.get("destination");
                let service = target.and_then(|target| target.str("host")).unwrap_or_default();
                let port = target.and_then(|target| target.path(&["port", "number"])).and_then(Node::known);
                facts.entries.push(Entry {
                    host: host.to_owned(),
                    path: path.clone(),
                    path_kind,
                    service: service.split('.').next().unwrap_or_default().to_owned(),
                    port: port.unwrap_or_default().to_owned(),
                    rewrite: rewrite.clone(),
                    ..blank("VirtualService", at, namespace)
                });
            }
        }
    }
}

fn istio_match(node: &Node) -> Option<(Location, String, PathKind)> {
    let Some(uri) = node.get("uri") else { return Some((node.at, "/".to_owned(), PathKind::Prefix)) };
    let (key, value) = uri.pairs().first()?;
    let kind = match key.text()? {
        "exact" => PathKind::Exact,
        "regex" => PathKind::Regex,
        _ => PathKind::Prefix,
    };
    Some((Location::new(key.at.file, key.at.span.cover(value.at.span)), value.known()?.to_owned(), kind))
}

/// Traefik: ``Host(`x`) && PathPrefix(`/y`)``.
fn ingress_route(spec: &Node, namespace: Option<&str>, facts: &mut Facts) {
    for route in spec.list("routes") {
        let Some((key, rule)) = route.entry("match") else { continue };
        let text = rule.known().unwrap_or_default();
        let guards = ["auth", "allow", "whitelist", "ipwhitelist"];
        let guarded = route.list("middlewares").iter().filter_map(|one| one.str("name")).any(|name| {
            let name = name.to_ascii_lowercase();
            guards.iter().any(|guard| name.contains(guard))
        });
        let argument = |function: &str| {
            let rest = text.split(&format!("{function}(")).nth(1)?;
            rest.split(['`', '"', '\'']).nth(1).map(str::to_owned)
        };
        let exact = if text.contains("PathPrefix(") { None } else { argument("Path") };
        let path_kind = if exact.is_some() { PathKind::Exact } else { PathKind::Prefix };
        for service in route.list("services") {
            facts.entries.push(Entry {
                host: argument("Host").unwrap_or_default(),
                path: exact.clone().or_else(|| argument("PathPrefix")).unwrap_or_else(|| "/".to_owned()),
                path_kind,
                service: service.str("name").unwrap_or_default().to_owned(),
                port: service.str("port").unwrap_or_default().to_owned(),
                guarded: guarded || text.contains("!Path"),
                ..blank("IngressRoute", Location::new(key.at.file, key.at.span.cover(rule.at.span)), namespace)
            });
        }
    }
}

fn openshift(node: &Node, spec: &Node, namespace: Option<&str>, facts: &mut Facts) {
    let Some(service) = spec.path(&["to", "name"]).and_then(Node::known) else { return };
    let whitelist = node.path(&["metadata", "annotations", "haproxy.router.openshift.io/ip_whitelist"]);
    let at = spec.entry("path").or_else(|| spec.entry("to")).map_or(node.at, |(key, _)| key.at);
    facts.entries.push(Entry {
        host: spec.str("host").unwrap_or_default().to_owned(),
        path: spec.str("path").unwrap_or("/").to_owned(),
        service: service.to_owned(),
        port: spec.path(&["port", "targetPort"]).and_then(Node::known).unwrap_or_default().to_owned(),
        guarded: whitelist.is_some(),
        ..blank("Route", at, namespace)
    });
}
