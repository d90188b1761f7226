//! A counter that no page shows.

use super::Context;
use super::metadata::rule;
use crate::finding::{Finding, FlowStep, MetricRef};

rule! {
    /// ## What
    /// Finds approved counters that no metrics endpoint of the project shows, where the project has one.
    ///
    /// ## Why
    /// Prometheus reads the page. What is not on it was never counted.
    ///
    /// ## Bad
    /// ```python
    /// NOT_FOUND = Counter("database_error_return_404", "404s")
    ///
    /// def metrics(request):
    ///     return HttpResponse("".join(generate_latest(graph) for graph in graphs.values()))
    /// ```
    ///
    /// ## Good
    /// ```python
    /// graphs["not_found"] = Counter("database_error_return_404", "404s")
    /// ```
    ///
    /// ## Limits
    /// Silent where an endpoint shows metrics that cannot be told apart.
    ///
    /// ## Fix safety
    /// There is no fix.
    "unexposed-404-counter", Error, Default, Some(check),
    "no metrics endpoint shows the 404 counter"
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let endpoints = &context.analysis.endpoints;
    if endpoints.is_empty() || endpoints.iter().any(|endpoint| endpoint.open) {
        return;
    }
    for metric in &context.analysis.metrics {
        if !(metric.approved || metric.misnamed.is_some()) || !metric.shown_on.is_empty() {
            continue;
        }
        let mut finding = RULE.finding(metric.at, format!("no metrics endpoint shows `{}`", metric.name));
        finding.label = "created, but on no page".to_owned();
        finding.help = "register it where the endpoint looks".to_owned();
        finding.function = Context::function(&metric.function);
        finding.metric = Some(MetricRef { name: metric.name.clone(), kind: metric.kind.clone() });
        let note = "this endpoint does not show it".to_owned();
        finding.flow = endpoints.iter().map(|endpoint| FlowStep { at: endpoint.at, note: note.clone() }).collect();
        findings.push(finding);
    }
}
