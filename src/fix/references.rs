//! Who outside of the code names a metric that goes?

use crate::deploy;
use crate::engine::Project;
use crate::finding::FixReference;
use crate::flow::MetricId;

/// What a page adds to the name of a metric.
const SUFFIXES: &[&str] = &["", "_total", "_created", "_count", "_sum", "_bucket", "_info"];

/// Alert rules, recording rules and dashboards of the project that ask for the metric.
pub(super) fn references(project: &Project, id: MetricId) -> Vec<FixReference> {
    let Some(metric) = project.analysis.metrics.get(id.0 as usize) else { return Vec::new() };
    let mut found = Vec::new();
    for expression in &project.deployment.facts.expressions {
        for name in deploy::metrics_in(&expression.text) {
            let is_ours = metric.names.iter().any(|own| {
                let shown: String =
                    own.chars().map(|c| if c.is_ascii_alphanumeric() || c == ':' { c } else { '_' }).collect();
                !own.contains('{') && SUFFIXES.iter().any(|suffix| name.strip_suffix(suffix) == Some(shown.as_str()))
            });
            if is_ours {
                found.push(FixReference { at: expression.at, name, kind: expression.kind.to_owned() });
            }
        }
    }
    found.sort();
    found.dedup();
    found
}
