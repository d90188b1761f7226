//! Metrics that nothing records.

use super::Context;
use super::metadata::rule;
use crate::finding::{Finding, MetricRef};

rule! {
    /// ## What
    /// Notes metrics that are created but that nothing records.
    ///
    /// ## Why
    /// They stand on the page as zero for ever and look as if all were well.
    ///
    /// ## Bad
    /// ```python
    /// FAILURES = Counter("failures", "Failures")
    /// ```
    ///
    /// ## Good
    /// ```python
    /// FAILURES = Counter("failures", "Failures")
    /// FAILURES.inc()
    /// ```
    ///
    /// ## Limits
    /// A metric that is handed to code that cannot be seen counts as recorded.
    ///
    /// ## Fix safety
    /// There is no fix: the recording may be what is missing.
    "unrecorded-metric", Note, Pedantic, Some(check),
    "a metric is created but never recorded"
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for metric in context.analysis.metrics.iter().filter(|metric| !metric.recorded) {
        let mut finding = RULE.finding(metric.at, format!("nothing records `{}`", metric.name));
        finding.label = "created, but never recorded".to_owned();
        finding.help = "record it, or remove it".to_owned();
        finding.function = Context::function(&metric.function);
        finding.metric = Some(MetricRef { name: metric.name.clone(), kind: metric.kind.clone() });
        findings.push(finding);
    }
}
