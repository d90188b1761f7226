//! What does a compose file run, and which ports does it publish?

use super::facts::{Composed, Facts, Published};
use super::yaml::{Node, Value};

/// Whether a document is a compose file.
pub(super) fn is_compose(node: &Node) -> bool {
    let Some(services) = node.get("services") else { return false };
    let runs = |(_, service): &(Node, Node)| service.get("image").or_else(|| service.get("build")).is_some();
    !services.pairs().is_empty() && services.pairs().iter().any(runs)
}

/// Reads a compose file.
pub(super) fn read(node: &Node, facts: &mut Facts) {
    facts.manifests.push(node.at);
    for (key, service) in node.get("services").map_or(&[][..], Node::pairs) {
        let Some(name) = key.known() else { continue };
        let host = service.str("network_mode") == Some("host");
        let published = service.list("ports").iter().filter_map(published);
        facts.composed.push(Composed {
            name: name.to_owned(),
            aliases: aliases(service),
            image: service.str("image").unwrap_or_default().to_owned(),
            build: build(service),
            ports: if host { Vec::new() } else { published.collect() },
            command: words(service.get("command")).into_iter().chain(words(service.get("entrypoint"))).collect(),
            mounts: service.list("volumes").iter().filter_map(mount).collect(),
            at: Some(key.at),
        });
    }
}

fn build(service: &Node) -> String {
    let build = service.get("build");
    let folder = build.and_then(|build| build.known().or_else(|| build.str("context"))).unwrap_or_default();
    folder.trim_start_matches("./").trim_end_matches('/').to_owned()
}

fn aliases(service: &Node) -> Vec<String> {
    let direct = ["container_name", "hostname"].into_iter().filter_map(|key| service.str(key).map(str::to_owned));
    let networks = service.get("networks").map_or(&[][..], Node::pairs).iter();
    let of_networks = networks.flat_map(|(_, network)| network.list("aliases")).filter_map(Node::known);
    direct.chain(of_networks.map(str::to_owned)).collect()
}

fn words(node: Option<&Node>) -> Vec<String> {
    let Some(node) = node else { return Vec::new() };
    match &node.value {
        Value::Scalar { text, .. } => text.split_whitespace().map(str::to_owned).collect(),
        Value::List(items) => items.iter().filter_map(|item| item.text().map(str::to_owned)).collect(),
        Value::Map(_) => Vec::new(),
    }
}

/// The file of the project that is mounted.
fn mount(node: &Node) -> Option<String> {
    let source = match node.text() {
        Some(text) => text.split(':').next()?,
        None => node.str("source")?,
    };
    Some(source.trim_start_matches("./").to_owned())
}

/// `127.0.0.1:8000:80/tcp`, `8000:80`, `80`, `[::1]:80:80`, or the long form.
fn published(node: &Node) -> Option<Published> {
    if node.get("target").is_some() {
        let inside = node.get("target")?.port()?;
        node.get("published")?;
        let loopback = node.str("host_ip").is_some_and(is_loopback);
        return Some(Published { loopback, inside, at: node.at });
    }
    let text = substituted(node.text()?);
    let text = text.split('/').next().unwrap_or_default();
    let (before, inside) = match text.rsplit_once(':') {
        Some((before, inside)) => (before, inside),
        None => ("", text),
    };
    let address = match before.rsplit_once(':') {
        Some((address, _)) => address,
        None => "",
    };
    let inside = inside.split('-').next()?.trim().parse().ok()?;
    Some(Published { loopback: is_loopback(address), inside, at: node.at })
}

/// `${PORT:-8000}` is 8000 where nothing is set.
fn substituted(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let (inner, tail) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(inner.split_once(":-").or_else(|| inner.split_once('-')).map_or("", |(_, default)| default));
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn is_loopback(address: &str) -> bool {
    let address = address.trim_matches(['[', ']']);
    address == "localhost" || address.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
