//! Which pods and services does Kubernetes discovery find, and where are they scraped?

use super::facts::{Discovery, Job, Service, Workload};
use super::relabel::{Labels, relabel};
use super::world::{Backend, World};

/// Something that is scraped.
pub(super) struct Found<'a> {
    /// What it is.
    pub(super) backend: Backend<'a>,
    /// The port of the container, where known.
    pub(super) port: Option<u16>,
    /// The path.
    pub(super) path: String,
}

/// Everything that a job finds in these manifests, after relabelling.
pub(super) fn found<'a>(world: &World<'a>, job: &Job) -> Vec<Found<'a>> {
    job.discoveries.iter().flat_map(|discovery| of(world, job, discovery)).collect()
}

fn of<'a>(world: &World<'a>, job: &Job, discovery: &Discovery) -> Vec<Found<'a>> {
    let mut candidates: Vec<(Backend<'a>, Labels)> = Vec::new();
    match discovery.role.as_str() {
        "pod" => world.facts.workloads.iter().for_each(|one| of_pod(one, &mut candidates)),
        "endpoints" | "endpointslice" | "service" => {
            world.facts.services.iter().for_each(|one| of_service(world, one, &discovery.role, &mut candidates));
        }
        _ => {}
    }
    let path = job.path.as_ref().map_or("/metrics", |(path, _)| path);
    let mut kept = Vec::new();
    for (backend, mut labels) in candidates {
        let namespace = labels.get("__meta_kubernetes_namespace").cloned().unwrap_or_default();
        if !discovery.namespaces.is_empty() && !discovery.namespaces.contains(&namespace) {
            continue;
        }
        let host = labels.get("__address__").map(|address| host(address).to_owned()).unwrap_or_default();
        labels.insert("__metrics_path__".to_owned(), path.to_owned());
        labels.insert("__scheme__".to_owned(), "http".to_owned());
        labels.insert("job".to_owned(), job.name.clone());
        let Some(labels) = relabel(labels, &job.relabels) else { continue };
        let address = labels.get("__address__").map_or("", String::as_str);
        // An address that is no longer that of the pod leads elsewhere, to the API server for instance.
        if self::host(address) == host {
            let port = address.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
            let path = labels.get("__metrics_path__").cloned().unwrap_or_default();
            kept.push(Found { backend, port, path });
        }
    }
    kept
}

fn host(address: &str) -> &str {
    address.split(':').next().unwrap_or_default()
}

/// Label names as discovery writes them.
fn sanitized(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect()
}

fn put(labels: &mut Labels, name: &str, value: &str) {
    labels.insert(format!("__meta_kubernetes_{name}"), value.to_owned());
}

fn put_all(labels: &mut Labels, kind: &str, pairs: &[(String, String)]) {
    for (name, value) in pairs {
        put(labels, &format!("{kind}_{}", sanitized(name)), value);
        put(labels, &format!("{kind}present_{}", sanitized(name)), "true");
    }
}

fn of_pod<'a>(workload: &'a Workload, out: &mut Vec<(Backend<'a>, Labels)>) {
    let mut ports: Vec<(String, Option<u16>, &str)> = Vec::new();
    for container in &workload.containers {
        ports.extend(container.ports.iter().map(|(name, port)| (name.clone(), Some(*port), container.name.as_str())));
    }
    if ports.is_empty() {
        ports.push((String::new(), None, ""));
    }
    for (name, port, container) in ports {
        let mut labels = Labels::new();
        pod(workload, &mut labels);
        put(&mut labels, "pod_container_name", container);
        put(&mut labels, "pod_container_port_name", &name);
        let number = port.map(|port| port.to_string()).unwrap_or_default();
        put(&mut labels, "pod_container_port_number", &number);
        put(&mut labels, "pod_container_port_protocol", "TCP");
        let address = if number.is_empty() { "10.1.1.1".to_owned() } else { format!("10.1.1.1:{number}") };
        labels.insert("__address__".to_owned(), address);
        out.push((Backend::Pods(workload), labels));
    }
}

fn pod(workload: &Workload, labels: &mut Labels) {
    put(labels, "namespace", workload.namespace.as_deref().unwrap_or("default"));
    put(labels, "pod_name", &workload.name);
    put(labels, "pod_phase", "Running");
    put(labels, "pod_ready", "true");
    put(labels, "pod_ip", "10.1.1.1");
    put_all(labels, "pod_annotation", &workload.annotations);
    put_all(labels, "pod_label", workload.labels.as_deref().unwrap_or_default());
}

fn of_service<'a>(world: &World<'a>, service: &'a Service, role: &str, out: &mut Vec<(Backend<'a>, Labels)>) {
    for port in service.ports.iter().flatten() {
        let mut labels = Labels::new();
        if let (Some(workload), true) = (world.workloads(service).first(), role != "service") {
            pod(workload, &mut labels);
        }
        put(&mut labels, "namespace", service.namespace.as_deref().unwrap_or("default"));
        put(&mut labels, "service_name", &service.name);
        put_all(&mut labels, "service_annotation", &service.annotations);
        put_all(&mut labels, "service_label", &service.labels);
        let inside = world.container_port(service, port).or(port.port);
        let inside = inside.map(|port| port.to_string()).unwrap_or_default();
        if role == "service" {
            let number = port.port.map(|port| port.to_string()).unwrap_or_default();
            put(&mut labels, "service_port_name", &port.name);
            put(&mut labels, "service_port_number", &number);
            put(&mut labels, "service_type", "ClusterIP");
            labels.insert("__address__".to_owned(), format!("{}.svc:{inside}", service.name));
        } else {
            put(&mut labels, "endpoints_name", &service.name);
            put(&mut labels, "endpoint_port_name", &port.name);
            put(&mut labels, "endpoint_port_protocol", "TCP");
            put(&mut labels, "endpoint_ready", "true");
            put(&mut labels, "endpointslice_port_name", &port.name);
            put(&mut labels, "pod_container_port_number", &inside);
            labels.insert("__address__".to_owned(), format!("10.1.1.1:{inside}"));
        }
        out.push((Backend::Service(service), labels));
    }
}
