//! Families on the page that no code creates.

use super::metadata::rule;
use super::missing_family::created;
use super::pages::PageContext;
use crate::finding::Finding;
use crate::flow::Metric;

rule! {
    /// ## What
    /// With `scrape --against PATH`: finds families on the page that no metric of the code becomes.
    ///
    /// ## Why
    /// Something that was not audited writes to the page: an old build, a plug-in, a library.
    ///
    /// ## Bad
    /// ```text
    /// counter_hunter2_total 1
    /// ```
    ///
    /// ## Good
    /// ```text
    /// registrations_total 1
    /// ```
    ///
    /// ## Limits
    /// Families of runtimes (`process_…`, `python_…`, `go_…`) are expected, and those of instrumentation libraries that
    /// the code mentions. A metric whose name is not constant is taken for every family that its name can become.
    ///
    /// ## Fix safety
    /// There is no fix.
    "unexpected-family", Warning, Default, None,
    "no metric of the code becomes this family"
}

/// Adds the findings of a page.
pub(super) fn check(context: &PageContext<'_>, findings: &mut Vec<Finding>) {
    let Some(analyses) = context.analyses else { return };
    let metrics: Vec<&Metric> = analyses.iter().flat_map(|analysis| &analysis.metrics).collect();
    let texts = || context.sources.files.iter().filter_map(|file| file.text.as_deref());
    let mentions = |library: &str| texts().any(|text| text.contains(library));
    for at in created(&metrics).unexpected(context.page, mentions) {
        let Some(family) = context.page.families.get(at) else { continue };
        let message = format!("`{}` is on the page, but no code creates it", family.name);
        let mut finding = RULE.finding(context.at(family.at), message);
        finding.metric = context.metric(u32::try_from(at).ok());
        finding.label = "first named here".to_owned();
        finding.help = "audit what writes it, or find out why it is still there".to_owned();
        findings.push(finding);
    }
}
