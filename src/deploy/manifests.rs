//! What do manifests of Kubernetes set up? Services, what runs behind them, and what scrapes them.

use super::data::data;
use super::entries;
use super::facts::{Container, Facts, Monitor, MonitorEndpoint, Placed, Service, ServicePort, Workload};
use super::yaml::{Node, Value};
use crate::source::Location;

/// Whether a document is a manifest.
pub(super) fn is_manifest(node: &Node) -> bool {
    node.get("kind").and_then(Node::text).is_some() && node.get("apiVersion").is_some()
}

/// Reads one manifest; lists are read item by item.
pub(super) fn read(node: &Node, facts: &mut Facts) {
    let Some(kind) = node.str("kind") else { return };
    let namespace = namespace(node);
    facts.namespaces.extend(namespace.clone());
    facts.manifests.push(node.at);
    match kind {
        "List" | "ServiceList" | "ConfigMapList" | "DeploymentList" => {
            node.list("items").iter().filter(|item| is_manifest(item)).for_each(|item| read(item, facts));
        }
        "Namespace" => facts.namespaces.extend(name(node)),
        "Service" => service(node, namespace, facts),
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "ReplicationController" | "Job" | "Rollout" => {
            workload(node, node.path(&["spec", "template"]), namespace, facts);
        }
        "CronJob" => workload(node, node.path(&["spec", "jobTemplate", "spec", "template"]), namespace, facts),
        "Pod" => workload(node, Some(node), namespace, facts),
        "ServiceMonitor" => monitor(node, false, namespace, facts),
        "PodMonitor" => monitor(node, true, namespace, facts),
        _ => entries::read(kind, node, namespace.as_deref(), facts),
    }
}

/// The name of an object.
pub(super) fn name(node: &Node) -> Option<String> {
    node.get("metadata")?.str("name").map(str::to_owned)
}

/// The namespace of an object.
pub(super) fn namespace(node: &Node) -> Option<String> {
    node.get("metadata")?.str("namespace").map(str::to_owned)
}

/// The labels or annotations of a mapping; `None` where a template fills them.
pub(super) fn labels(node: Option<&Node>) -> Option<Vec<(String, String)>> {
    let Some(node) = node else { return Some(Vec::new()) };
    if node.is_templated() {
        return None;
    }
    node.pairs().iter().map(|(key, value)| Some((key.known()?.to_owned(), plain(value)?))).collect()
}

fn plain(value: &Node) -> Option<String> {
    value.text().filter(|_| !value.is_templated()).map(str::to_owned)
}

fn annotations(node: Option<&Node>) -> Vec<(String, String)> {
    let pairs = node.map_or(&[][..], Node::pairs).iter();
    pairs.filter_map(|(key, value)| Some((key.known()?.to_owned(), plain(value)?))).collect()
}

fn service(node: &Node, namespace: Option<String>, facts: &mut Facts) {
    let Some(spec) = node.get("spec") else { return };
    let known = name(node);
    facts.unnamed |= known.is_none();
    let annotations = annotations(node.path(&["metadata", "annotations"]));
    let is_external = spec.str("type") == Some("ExternalName");
    let selector = match spec.get("selector") {
        // Without a selector the endpoints are written elsewhere.
        None => None,
        // What a template brings in leaves no pairs behind.
        Some(node) if node.pairs().is_empty() => None,
        some => labels(some),
    };
    facts.services.push(Service {
        name: known.unwrap_or_default(),
        namespace,
        at: node.at,
        selector,
        ports: if is_external { None } else { ports(spec) },
        headless: spec.get("clusterIP").and_then(Node::text) == Some("None"),
        opened: opened(spec, &annotations),
        labels: labels(node.path(&["metadata", "labels"])).unwrap_or_default(),
        annotations,
    });
}

fn ports(spec: &Node) -> Option<Vec<ServicePort>> {
    let list = spec.get("ports")?.items();
    if list.is_empty() || list.iter().any(|port| port.is_templated() || port.pairs().is_empty()) {
        return None;
    }
    Some(
        list.iter()
            .map(|port| {
                let number = port.get("port").and_then(Node::port);
                let written = port.get("targetPort").and_then(Node::text).filter(|text| !text.contains('\u{1}'));
                let same = number.map(|number| number.to_string());
                ServicePort {
                    name: port.str("name").unwrap_or_default().to_owned(),
                    port: number,
                    target: written.map(str::to_owned).or(same).unwrap_or_default(),
                    node: port.get("nodePort").and_then(Node::port),
                }
            })
            .collect(),
    )
}

/// Where a Service is opened to the outside.
fn opened(spec: &Node, annotations: &[(String, String)]) -> Option<Placed> {
    if let Some((key, value)) = spec.entry("externalIPs").filter(|(_, value)| !value.items().is_empty()) {
        let addresses = value.items().iter().filter_map(Node::known);
        return addresses.into_iter().any(is_public).then(|| ("externalIPs".to_owned(), key.at));
    }
    let (key, value) = spec.entry("type")?;
    let kind = value.known()?;
    let internal = |(key, value): &(String, String)| {
        let is_known = data().services.internal.iter().any(|known| known == key);
        is_known && !matches!(value.to_ascii_lowercase().as_str(), "false" | "external" | "internet-facing" | "")
    };
    let ranges = spec.list("loadBalancerSourceRanges");
    let narrowed = !ranges.is_empty() && !ranges.iter().filter_map(Node::known).any(is_public);
    let open = match kind {
        "NodePort" => true,
        "LoadBalancer" => !annotations.iter().any(internal) && !narrowed,
        _ => false,
    };
    let at = Location::new(key.at.file, key.at.span.cover(value.at.span));
    open.then(|| (kind.to_owned(), at))
}

/// Whether an address or network is one of the open internet, or all of it.
pub(super) fn is_public(address: &str) -> bool {
    let address = address.trim();
    let bits: Option<u32> = address.split_once('/').and_then(|(_, bits)| bits.parse().ok());
    let ip = address.split('/').next().unwrap_or_default();
    match ip.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(ip)) => {
            let wide = bits.is_some_and(|bits| bits < 8);
            wide || !(ip.is_private() || ip.is_loopback() || ip.is_link_local()) && bits.is_none_or(|bits| bits < 16)
        }
        Ok(std::net::IpAddr::V6(_)) => bits.is_some_and(|bits| bits < 16),
        Err(_) => false,
    }
}

fn workload(node: &Node, template: Option<&Node>, namespace: Option<String>, facts: &mut Facts) {
    let Some(template) = template else { return };
    let Some(spec) = template.get("spec") else { return };
    let volumes = spec.list("volumes").iter();
    let maps = volumes.filter_map(|volume| {
        let direct = volume.path(&["configMap", "name"]).and_then(Node::known);
        direct.map(str::to_owned)
    });
    let labels = match template.path(&["metadata", "labels"]) {
        Some(node) if node.pairs().is_empty() => None,
        other => labels(other),
    };
    facts.workloads.push(Workload {
        name: name(node).unwrap_or_default(),
        namespace,
        labels,
        annotations: annotations(template.path(&["metadata", "annotations"])),
        mounts: maps.collect(),
        containers: spec.list("containers").iter().map(container).collect(),
    });
}

fn container(node: &Node) -> Container {
    let ports = node.list("ports").iter().filter_map(|port| {
        let number = port.get("containerPort")?.port()?;
        Some((port.str("name").unwrap_or_default().to_owned(), number))
    });
    let words = |key: &str| node.list(key).iter().filter_map(|word| word.known().map(str::to_owned));
    Container {
        name: node.str("name").unwrap_or_default().to_owned(),
        image: node.str("image").unwrap_or_default().to_owned(),
        ports: ports.collect(),
        command: words("command").chain(words("args")).collect(),
    }
}

fn monitor(node: &Node, of_pods: bool, namespace: Option<String>, facts: &mut Facts) {
    let Some(spec) = node.get("spec") else { return };
    let selector = spec.entry("selector");
    let written = selector.and_then(|(_, selector)| selector.get("matchLabels"));
    // Expressions are more than a comparison: they are taken to match.
    let told = selector.is_some_and(|(_, selector)| {
        selector.get("matchExpressions").is_none() && written.is_some_and(|written| !written.pairs().is_empty())
    });
    let any = spec.path(&["namespaceSelector", "any"]).and_then(Node::text) == Some("true");
    let names = spec.path(&["namespaceSelector", "matchNames"]).map_or(&[][..], Node::items);
    let names: Vec<String> = names.iter().filter_map(|name| name.known().map(str::to_owned)).collect();
    let key = if of_pods { "podMetricsEndpoints" } else { "endpoints" };
    let first = written.and_then(|written| written.pairs().first()).map(|(key, _)| key.at);
    facts.monitors.push(Monitor {
        of_pods,
        at: node.at,
        namespace,
        labels: if told { labels(written) } else { None },
        selector_at: first.or(selector.map(|(key, _)| key.at)).unwrap_or(node.at),
        namespaces: if any { vec!["*".to_owned()] } else { names },
        endpoints: spec.list(key).iter().map(endpoint).collect(),
    });
}

fn endpoint(node: &Node) -> MonitorEndpoint {
    let placed = |key: &str| {
        let (key, value) = node.entry(key)?;
        Some((value.known()?.to_owned(), Location::new(key.at.file, key.at.span.cover(value.at.span))))
    };
    MonitorEndpoint {
        at: node.at,
        port: placed("port"),
        target_port: placed("targetPort").or_else(|| placed("portNumber")),
        path: placed("path"),
    }
}

/// The texts that a ConfigMap or Secret holds, by key.
pub(super) fn texts(node: &Node) -> Vec<(&Node, &Node)> {
    let kept = |key: &str| node.get(key).map_or(&[][..], Node::pairs).iter();
    let is_secret = node.str("kind") == Some("Secret");
    let data = kept(if is_secret { "stringData" } else { "data" });
    data.filter(|(_, value)| matches!(value.value, Value::Scalar { .. })).map(|(key, value)| (key, value)).collect()
}
