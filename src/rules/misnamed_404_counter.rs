//! The counter under a wrong name.

use super::Context;
use super::metadata::rule;
use crate::finding::Finding;

rule! {
    /// ## What
    /// Finds metrics that are registered under a wrong name though the variable, the key or every use says that they are
    /// the 404 counter.
    ///
    /// ## Why
    /// The name on the page is the registered one. Dashboards and alerts that ask for the agreed name find nothing.
    ///
    /// ## Bad
    /// ```python
    /// graphs["database_error_return_404"] = Counter("python_404s", "404s")
    /// ```
    ///
    /// ## Good
    /// ```python
    /// graphs["database_error_return_404"] = Counter("database_error_return_404", "404s")
    /// ```
    ///
    /// ## Limits
    /// For all other rules it is taken as the counter that it is meant to be.
    ///
    /// ## Fix safety
    /// There is no fix: dashboards may know it under its wrong name.
    "misnamed-404-counter", Error, Default, Some(check),
    "the 404 counter is registered under a wrong name"
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (metric, wanted) in context.analysis.metrics.iter().filter_map(|m| Some((m, m.misnamed.as_ref()?))) {
        let mut finding = RULE.finding(metric.at, format!("the 404 counter is registered as `{}`", metric.name));
        finding.label = format!("appears on the page as `{}`", metric.name);
        finding.help = format!("register it as `{wanted}`");
        finding.function = Context::function(&metric.function);
        finding.metric = Some(crate::finding::MetricRef { name: metric.name.clone(), kind: metric.kind.clone() });
        findings.push(finding);
    }
}
