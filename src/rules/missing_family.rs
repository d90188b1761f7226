//! Metrics of the code that are not on the page.

use super::metadata::rule;
use super::pages::PageContext;
use crate::finding::{Finding, FlowStep};
use crate::flow::Metric;
use crate::page::Created;
use crate::source::{Language, Span};

rule! {
    /// ## What
    /// With `scrape --against PATH`: finds metrics that the code creates and that are not on the page.
    ///
    /// ## Why
    /// The page comes from another build, another process or another registry than the one that was audited, or the
    /// metric is never registered.
    ///
    /// ## Bad
    /// ```python
    /// LOGINS = Counter("logins", "Logins", registry=PRIVATE)  # the page renders the default registry
    /// ```
    ///
    /// ## Good
    /// ```python
    /// LOGINS = Counter("logins", "Logins")
    /// ```
    ///
    /// ## Limits
    /// Suffixes and units that clients add are known. A name that is not constant is never missed. In Rust, metrics with
    /// labels are on the page only once they have a value, so their absence says nothing.
    ///
    /// ## Fix safety
    /// There is no fix.
    "missing-family", Warning, Default, None,
    "a metric of the code is not on the page"
}

/// What the metrics of all projects are called.
pub(super) fn created(metrics: &[&Metric]) -> Created {
    let names = |metric: &&Metric| {
        if metric.names.is_empty() { vec![metric.name.clone()] } else { metric.names.clone() }
    };
    Created::new(metrics.iter().map(names).collect())
}

/// Adds the findings of a page.
pub(super) fn check(context: &PageContext<'_>, findings: &mut Vec<Finding>) {
    let Some(analyses) = context.analyses else { return };
    let metrics: Vec<&Metric> = analyses.iter().flat_map(|analysis| &analysis.metrics).collect();
    let mut told: Vec<&str> = Vec::new();
    for metric in created(&metrics).missing(context.page).into_iter().filter_map(|at| metrics.get(at)) {
        let language = context.sources.get(metric.at.file).map(|file| file.language);
        let lazy = language == Some(Language::Rust) && !metric.labels.is_empty();
        if lazy || told.contains(&metric.name.as_str()) {
            continue;
        }
        told.push(&metric.name);
        let message = format!("`{}` is created by the code, but is not on the page", metric.name);
        let mut finding = RULE.finding(context.at(Span::default()), message);
        finding.metric = Some(crate::finding::MetricRef { name: metric.name.clone(), kind: metric.kind.clone() });
        finding.flow = vec![FlowStep { at: metric.at, note: format!("`{}` is created here", metric.name) }];
        finding.help = "scrape the process that runs this code, or register the metric in the registry that the page \
                        renders"
            .to_owned();
        findings.push(finding);
    }
}
