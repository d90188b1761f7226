//! What does a Prometheus configuration scrape? Whole files, and the parts that charts and operators take.

use super::facts::{Configuration, Discovery, Job, Relabel};
use super::yaml::{Node, Value};
use crate::source::Location;

/// Keys under which targets are found that are not written in the configuration.
const ELSEWHERE: &[&str] = &["static_configs", "staticConfigs", "kubernetes_sd_configs", "kubernetesSDConfigs"];

/// Keys that hold jobs in values of charts, and in custom resources.
const PARTS: &[&str] = &["extraScrapeConfigs", "additionalScrapeConfigs", "scrapeConfigs", "additional_scrape_configs"];

/// Whether a key holds jobs that are added to others.
pub(super) fn is_part(key: &str) -> bool {
    PARTS.contains(&key)
}

/// Whether a mapping is a configuration that Prometheus reads: it has jobs, or what only Prometheus has.
pub(super) fn is_whole(node: &Node) -> bool {
    let global = node.get("global");
    let timed =
        |key| global.is_some_and(|global| global.get(key).is_some()) && !node.pairs().iter().any(is_alertmanager);
    node.get("scrape_configs").is_some() || timed("scrape_interval") || timed("evaluation_interval")
}

fn is_alertmanager((key, _): &(Node, Node)) -> bool {
    matches!(key.text(), Some("receivers" | "route"))
}

/// Reads a whole configuration.
pub(super) fn whole(node: &Node, readable: bool) -> Configuration {
    let jobs = node.entry("scrape_configs");
    let at = jobs.map_or(node.at, |(key, _)| key.at);
    let open = node.get("scrape_config_files").is_some_and(|files| !files.items().is_empty());
    let mut jobs: Vec<Job> = jobs.map(|(_, jobs)| self::jobs(jobs)).unwrap_or_default();
    if open {
        jobs.push(elsewhere(at));
    }
    Configuration { at, jobs, readable, whole: true, annotated: false, namespace: None }
}

/// A job whose targets stand in files that are not read.
fn elsewhere(at: Location) -> Job {
    Job {
        name: String::new(),
        at,
        path: None,
        targets: Vec::new(),
        discoveries: Vec::new(),
        relabels: Vec::new(),
        open: true,
    }
}

/// Reads jobs that are added to others: a list, or a mapping by name.
pub(super) fn part(key: &Node, value: &Node, readable: bool) -> Option<Configuration> {
    let mut jobs = self::jobs(value);
    for (name, job) in value.pairs() {
        if let (Some(name), Value::Map(_)) = (name.text(), &job.value) {
            let mut job = self::job(job);
            name.clone_into(&mut job.name);
            jobs.push(job);
        }
    }
    let is_set = jobs.iter().any(|job| job.open || !job.targets.is_empty() || !job.discoveries.is_empty());
    is_set.then_some(Configuration { at: key.at, jobs, readable, whole: false, annotated: true, namespace: None })
}

/// Jobs that stand by themselves: an object of the operator, a file of jobs.
pub(super) fn of_jobs(at: Location, jobs: Vec<Job>, readable: bool) -> Configuration {
    Configuration { at, jobs, readable, whole: false, annotated: false, namespace: None }
}

/// Whether a sequence holds jobs.
pub(super) fn are_jobs(node: &Node) -> bool {
    !node.items().is_empty() && node.items().iter().all(|item| item.get("job_name").is_some())
}

/// The jobs of a sequence.
pub(super) fn jobs(node: &Node) -> Vec<Job> {
    node.items().iter().filter(|item| matches!(item.value, Value::Map(_))).map(job).collect()
}

/// Reads one job, as Prometheus or its operator spells it.
pub(super) fn job(node: &Node) -> Job {
    let either = |one: &str, other: &str| node.entry(one).or_else(|| node.entry(other));
    let path = either("metrics_path", "metricsPath").and_then(|(key, value)| Some((value.known()?.to_owned(), key.at)));
    let statics = either("static_configs", "staticConfigs").map_or(&[][..], |(_, value)| value.items());
    let found = either("kubernetes_sd_configs", "kubernetesSDConfigs").map_or(&[][..], |(_, value)| value.items());
    let rules = either("relabel_configs", "relabelings").map_or(&[][..], |(_, value)| value.items());
    let lists = statics.iter().filter_map(|group| group.get("targets"));
    let all: Vec<&Node> = lists.flat_map(Node::items).collect();
    let is_discovery =
        |key: &str| !ELSEWHERE.contains(&key) && (key.ends_with("_sd_configs") || key.ends_with("SDConfigs"));
    Job {
        name: node.str("job_name").or_else(|| node.str("jobName")).unwrap_or_default().to_owned(),
        at: node.at,
        path,
        targets: all.iter().filter_map(|one| Some((one.known()?.trim().to_owned(), one.at))).collect(),
        discoveries: found.iter().map(discovery).collect(),
        relabels: rules.iter().map(relabel).collect(),
        open: all.iter().any(|one| one.is_templated())
            || statics.iter().any(Node::is_templated)
            || node.pairs().iter().any(|(key, _)| key.text().is_some_and(is_discovery)),
    }
}

fn discovery(node: &Node) -> Discovery {
    let names = node.path(&["namespaces", "names"]).map_or(&[][..], Node::items);
    Discovery {
        role: node.str("role").unwrap_or_default().to_ascii_lowercase(),
        namespaces: names.iter().filter_map(|name| name.known().map(str::to_owned)).collect(),
        at: node.at,
    }
}

fn relabel(node: &Node) -> Relabel {
    let either = |one: &str, other: &str| node.get(one).or_else(|| node.get(other));
    let text =
        |one: &str, other: &str, default: &str| either(one, other).and_then(Node::text).unwrap_or(default).to_owned();
    let sources = either("source_labels", "sourceLabels");
    Relabel {
        action: text("action", "action", "replace").to_ascii_lowercase(),
        sources: sources
            .map_or(&[][..], Node::items)
            .iter()
            .filter_map(|source| source.text().map(str::to_owned))
            .collect(),
        separator: text("separator", "separator", ";"),
        regex: text("regex", "regex", "(.*)"),
        target: text("target_label", "targetLabel", ""),
        replacement: text("replacement", "replacement", "$1"),
    }
}
