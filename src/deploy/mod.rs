//! What do deployment files say about metrics? Who scrapes the pages of the code, who else can reach them, which charts
//! and which metrics are named.
//!
//! `read` turns one file into `Facts`, each file by itself; `Deployment::new` puts those of a project together and
//! follows requests to the `Page`s of its code. Rules look at the result.

mod charts;
mod compose;
mod data;
mod discovery;
mod doors;
mod entries;
mod facts;
mod guarding;
mod manifests;
mod monitors;
mod naming;
mod nginx;
mod prometheus;
mod promql;
mod proxying;
mod reach;
mod read;
mod relabel;
mod select;
mod serving;
mod targets;
mod templates;
mod text;
mod world;
mod yaml;

use std::collections::BTreeSet;

use crate::source::{FileId, Location};

pub use data::{Gates, gates};
pub use doors::Door;
pub use facts::{
    ChartMention, Composed, Configuration, Container, Discovery, Entry, Expression, Facts, Job, Monitor,
    MonitorEndpoint, PathKind, Placed, Published, Relabel, Service, ServicePort, Workload,
};
pub use nginx::{Conf, Directive};
pub use select::{is_candidate, is_known_hidden, max_bytes, must_be_text, skips, triggers};
pub use serving::{mounted_at, names_loopback, port_in};
pub use targets::{Aim, ScrapeTarget};
pub use world::Page;

/// What one file says. `path` is how reports name it; `addresses` are looked for in any text.
#[must_use]
pub fn read(file: FileId, path: &str, content: &str, addresses: &[String]) -> Facts {
    read::read(file, path, content, addresses)
}

/// The metrics that an expression of PromQL names, variables of dashboards allowed.
#[must_use]
pub fn metrics_in(expression: &str) -> BTreeSet<String> {
    promql::names(expression)
}

/// Whether a metric belongs to a family that client libraries or exporters bring along.
#[must_use]
pub fn is_brought_along(metric: &str) -> bool {
    data::data().references.known.iter().any(|known| match known.as_str() {
        whole @ ("up" | "python_info" | "target_info" | "ALERTS") => metric == whole,
        beginning => metric.starts_with(beginning),
    })
}

/// What the deployment files of one project come to.
#[derive(Debug, Default)]
pub struct Deployment {
    /// What they say, in file order.
    pub facts: Facts,
    /// The pages of the code that requests were followed to.
    pub pages: Vec<Page>,
    /// What Prometheus is told to scrape, by place.
    pub targets: Vec<ScrapeTarget>,
    /// Doors through which the outside reaches a page, by place.
    pub doors: Vec<Door>,
    /// Chart repositories and charts that are used, by place; `retired` is settled.
    pub charts: Vec<ChartMention>,
}

impl Deployment {
    /// Puts the files of a project together.
    #[must_use]
    pub fn new(parts: Vec<Facts>, pages: Vec<Page>) -> Self {
        let mut facts = Facts::default();
        parts.into_iter().for_each(|part| facts.extend(part));
        let world = world::World::new(&facts, &pages);
        let mut targets: Vec<ScrapeTarget> = Vec::new();
        for (number, configuration) in facts.configurations.iter().enumerate() {
            targets.extend(targets::of(&world, number, configuration));
        }
        targets.extend(monitors::targets(&world));
        targets.sort_by_key(|target| target.at);
        let doors = doors::doors(&world);
        let charts = charts::settle(&facts.charts);
        Self { targets, doors, charts, pages, facts }
    }

    /// Whether a configuration or a monitor scrapes an address that a policy asks for: `proxy-service:8080`, written or
    /// found by discovery.
    #[must_use]
    pub fn scrapes(&self, address: &str) -> bool {
        let (host, port) = address.rsplit_once(':').unwrap_or((address, ""));
        let same = |target: &&ScrapeTarget| {
            let (own, own_port) = target.address.rsplit_once(':').unwrap_or((&target.address, ""));
            let inside = own.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
            inside && (own_port == port || (target.discovered && own_port.is_empty()))
        };
        self.targets.iter().filter(|target| target.readable).any(|target| same(&target)) || self.is_found(host)
    }

    /// Whether discovery or a monitor finds a Service, whatever the port is called there.
    fn is_found(&self, host: &str) -> bool {
        let found = |target: &ScrapeTarget| target.discovered && matches!(target.aim, Aim::Page);
        let exists = self.facts.services.iter().any(|service| service.name == host);
        exists
            && self.targets.iter().any(|target| {
                found(target) && (target.configuration.is_none() || target.address.split(':').next() == Some(host))
            })
    }

    /// Configurations that Prometheus reads and that scrape no page of the project, though it has one.
    #[must_use]
    pub fn blind(&self) -> Vec<&Configuration> {
        let sees = |target: &ScrapeTarget| matches!(target.aim, Aim::Page | Aim::Unsure | Aim::Unknown(..));
        if self.pages.is_empty() || self.targets.iter().any(sees) {
            return Vec::new();
        }
        self.facts.configurations.iter().filter(|one| one.readable && !one.jobs.iter().any(|job| job.open)).collect()
    }

    /// Where something is missing that no file holds: the first configuration, else the first manifest.
    #[must_use]
    pub fn place_for_targets(&self) -> Option<Location> {
        let whole = self.facts.configurations.iter().filter(|one| one.whole);
        let first = whole.map(|one| one.at).next().or_else(|| self.facts.configurations.first().map(|one| one.at));
        let manifest = self.facts.manifests.iter().min();
        first.or_else(|| manifest.map(|at| Location::new(at.file, crate::source::Span::new(0, 1))))
    }
}
