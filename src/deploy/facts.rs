//! What one deployment file says: plain data, before anything is compared.

use crate::source::Location;

use super::nginx::Conf;

/// A text with its place.
pub type Placed = (String, Location);

/// What was read of one or several files.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Prometheus configurations, whole or in part.
    pub configurations: Vec<Configuration>,
    /// ServiceMonitors, PodMonitors.
    pub monitors: Vec<Monitor>,
    /// Services of Kubernetes.
    pub services: Vec<Service>,
    /// What runs containers.
    pub workloads: Vec<Workload>,
    /// Ways from outside to a service: paths of an Ingress or a route of a Gateway.
    pub entries: Vec<Entry>,
    /// Services of compose files.
    pub composed: Vec<Composed>,
    /// Configurations of nginx.
    pub confs: Vec<Conf>,
    /// Expressions of rules and dashboards.
    pub expressions: Vec<Expression>,
    /// Names that recording rules create.
    pub recorded: Vec<String>,
    /// Chart repositories and charts that are used.
    pub charts: Vec<ChartMention>,
    /// Where an address that somebody asked for is written, in whatever text.
    pub mentions: Vec<Placed>,
    /// The first line of each manifest.
    pub manifests: Vec<Location>,
    /// Namespaces that manifests name.
    pub namespaces: Vec<String>,
    /// The first line of a file that cannot be read, and why.
    pub problems: Vec<(Location, String)>,
    /// What could not be told: templates that only rendering would fill.
    pub limits: Vec<(Location, String)>,
    /// Some name of a service is filled in by a template.
    pub unnamed: bool,
}

impl Facts {
    /// Whether something may lead from outside to a page.
    #[must_use]
    pub fn may_open(&self) -> bool {
        let opened = self.services.iter().any(|service| service.opened.is_some());
        let published = self.composed.iter().any(|one| !one.ports.is_empty());
        opened || published || !self.entries.is_empty() || !self.confs.is_empty()
    }

    /// Adds what another file says.
    pub fn extend(&mut self, other: Facts) {
        self.configurations.extend(other.configurations);
        self.monitors.extend(other.monitors);
        self.services.extend(other.services);
        self.workloads.extend(other.workloads);
        self.entries.extend(other.entries);
        self.composed.extend(other.composed);
        self.confs.extend(other.confs);
        self.expressions.extend(other.expressions);
        self.recorded.extend(other.recorded);
        self.charts.extend(other.charts);
        self.mentions.extend(other.mentions);
        self.manifests.extend(other.manifests);
        self.namespaces.extend(other.namespaces);
        self.problems.extend(other.problems);
        self.limits.extend(other.limits);
        self.unnamed |= other.unnamed;
    }
}

/// A Prometheus configuration.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// The key that holds its jobs, or the first line where there is none.
    pub at: Location,
    /// Its jobs.
    pub jobs: Vec<Job>,
    /// The text around it could be read.
    pub readable: bool,
    /// Prometheus reads this file; else it is a part that a chart or an operator adds to jobs of its own.
    pub whole: bool,
    /// The jobs of the chart are there as well: they follow `prometheus.io` annotations.
    pub annotated: bool,
    /// The namespace of the object it is kept in.
    pub namespace: Option<String>,
}

/// A scrape job.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its name.
    pub name: String,
    /// Its first line.
    pub at: Location,
    /// `metrics_path`.
    pub path: Option<Placed>,
    /// Static targets.
    pub targets: Vec<Placed>,
    /// Kubernetes discovery.
    pub discoveries: Vec<Discovery>,
    /// Relabelling of targets.
    pub relabels: Vec<Relabel>,
    /// It has targets that are not written here.
    pub open: bool,
}

/// `kubernetes_sd_configs`.
#[derive(Debug, Clone)]
pub struct Discovery {
    /// `endpoints`, `pod`, `service`, `node`, `ingress`.
    pub role: String,
    /// Namespaces it is limited to; empty: all.
    pub namespaces: Vec<String>,
    /// Its place.
    pub at: Location,
}

/// A relabelling rule.
#[derive(Debug, Clone)]
pub struct Relabel {
    /// `replace`, `keep`, `drop`….
    pub action: String,
    /// Labels whose values are joined.
    pub sources: Vec<String>,
    /// What joins them.
    pub separator: String,
    /// What the joined value must match as a whole.
    pub regex: String,
    /// The label that is set.
    pub target: String,
    /// What it is set to.
    pub replacement: String,
}

/// A ServiceMonitor or PodMonitor.
#[derive(Debug, Clone)]
pub struct Monitor {
    /// It selects pods, not services.
    pub of_pods: bool,
    /// Its first line.
    pub at: Location,
    /// Its namespace.
    pub namespace: Option<String>,
    /// Labels that must match; `None` where they cannot be told.
    pub labels: Option<Vec<(String, String)>>,
    /// Where the selector stands.
    pub selector_at: Location,
    /// Namespaces in which it selects; empty: its own; `*`: any.
    pub namespaces: Vec<String>,
    /// Its endpoints.
    pub endpoints: Vec<MonitorEndpoint>,
}

/// What a monitor scrapes of each thing that it selects.
#[derive(Debug, Clone)]
pub struct MonitorEndpoint {
    /// Its place.
    pub at: Location,
    /// The name of a port.
    pub port: Option<Placed>,
    /// A port of the container, by name or number.
    pub target_port: Option<Placed>,
    /// The path of the page.
    pub path: Option<Placed>,
}

/// A Service of Kubernetes.
#[derive(Debug, Clone)]
pub struct Service {
    /// Its name; empty where only rendering tells it.
    pub name: String,
    /// Its namespace.
    pub namespace: Option<String>,
    /// Its first line.
    pub at: Location,
    /// Labels of the pods it leads to; `None` where they cannot be told.
    pub selector: Option<Vec<(String, String)>>,
    /// Its ports; `None` where they cannot be told.
    pub ports: Option<Vec<ServicePort>>,
    /// It has no address of its own: its name leads to the pods, on whatever port.
    pub headless: bool,
    /// Where it is opened to the outside: `type: NodePort`, `type: LoadBalancer`, `externalIPs`.
    pub opened: Option<Placed>,
    /// Its labels.
    pub labels: Vec<(String, String)>,
    /// Its annotations.
    pub annotations: Vec<(String, String)>,
}

/// A port of a Service.
#[derive(Debug, Clone)]
pub struct ServicePort {
    /// Its name.
    pub name: String,
    /// Its number.
    pub port: Option<u16>,
    /// The port of the container, by number or name; the same number where it is not written.
    pub target: String,
    /// The port of the node.
    pub node: Option<u16>,
}

/// Something that runs containers.
#[derive(Debug, Clone, Default)]
pub struct Workload {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: Option<String>,
    /// Labels of its pods; `None` where they cannot be told.
    pub labels: Option<Vec<(String, String)>>,
    /// Annotations of its pods.
    pub annotations: Vec<(String, String)>,
    /// Its containers.
    pub containers: Vec<Container>,
    /// ConfigMaps that are mounted.
    pub mounts: Vec<String>,
}

/// A container.
#[derive(Debug, Clone, Default)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Its image.
    pub image: String,
    /// Its ports, with their names.
    pub ports: Vec<(String, u16)>,
    /// Command and arguments.
    pub command: Vec<String>,
}

/// How an entry matches paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathKind {
    /// By whole elements.
    Prefix,
    /// The whole path.
    Exact,
    /// A regular expression.
    Regex,
}

/// A way from outside to a service.
#[derive(Debug, Clone)]
pub struct Entry {
    /// `Ingress`, `HTTPRoute`….
    pub kind: String,
    /// The path, or what stands for it.
    pub at: Location,
    /// The hosts it is for, for messages.
    pub host: String,
    /// The path.
    pub path: String,
    /// How it is matched.
    pub path_kind: PathKind,
    /// The service.
    pub service: String,
    /// Its port, by number or name; empty where it is not written.
    pub port: String,
    /// The namespace of both.
    pub namespace: Option<String>,
    /// What the matched part becomes (`rewrite-target`, `ReplacePrefixMatch`).
    pub rewrite: Option<String>,
    /// Locations that a snippet adds to the proxy in front.
    pub snippet: Option<Conf>,
    /// Asks for credentials or lets known networks in only, or leads nowhere from outside.
    pub guarded: bool,
}

/// A service of a compose file.
#[derive(Debug, Clone, Default)]
pub struct Composed {
    /// Its name.
    pub name: String,
    /// Other names it answers to.
    pub aliases: Vec<String>,
    /// Its image.
    pub image: String,
    /// The folder it is built from.
    pub build: String,
    /// Published ports: address of the host, port of the host, port of the container.
    pub ports: Vec<Published>,
    /// Command and arguments.
    pub command: Vec<String>,
    /// Files of the project that are mounted.
    pub mounts: Vec<String>,
    /// The file it stands in.
    pub at: Option<Location>,
}

/// A published port.
#[derive(Debug, Clone)]
pub struct Published {
    /// Only this machine can reach it.
    pub loopback: bool,
    /// The port inside.
    pub inside: u16,
    /// Its place.
    pub at: Location,
}

/// An expression that names metrics.
#[derive(Debug, Clone)]
pub struct Expression {
    /// Its text.
    pub text: String,
    /// Its place: the line of its key.
    pub at: Location,
    /// `alert`, `recording rule`, `dashboard`.
    pub kind: &'static str,
    /// The name of the alert, rule or panel.
    pub title: String,
}

/// A chart repository, or a chart, that is used.
#[derive(Debug, Clone)]
pub struct ChartMention {
    /// What is written: an address, or `stable/prometheus`.
    pub what: String,
    /// Its place.
    pub at: Location,
    /// Retired; else it is the repository of today.
    pub retired: bool,
    /// The alias that it is, or goes by: whether it is retired is told by what the alias is bound to.
    pub alias: Option<String>,
    /// It says what the alias stands for.
    pub binds: bool,
    /// What takes its place, in words.
    pub instead: String,
    /// What to write instead, where that is a plain replacement.
    pub edits: Vec<(Location, String)>,
    /// What speaks against doing so without a look.
    pub caveat: Option<String>,
}
