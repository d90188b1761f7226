//! Metrics that were never created.

use super::Context;
use super::metadata::rule;
use crate::finding::Finding;

rule! {
    /// ## What
    /// Finds uses of metrics that are never created: a key that the registry lacks, a name that nothing binds.
    ///
    /// ## Why
    /// It fails at run time, and the request with it.
    ///
    /// ## Bad
    /// ```python
    /// graphs = {}
    /// graphs["registrations"].inc()
    /// ```
    ///
    /// ## Good
    /// ```python
    /// graphs = {"registrations": Counter("registrations", "Registrations")}
    /// graphs["registrations"].inc()
    /// ```
    ///
    /// ## Limits
    /// A registry that is filled with keys that cannot be told is not judged.
    ///
    /// ## Fix safety
    /// The fix strips the use; safe, since the statement never succeeded.
    "undefined-metric", Error, Default, Some(check),
    "a metric is used that is never created"
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for undefined in &context.analysis.undefined {
        let mut finding = RULE.finding(undefined.at, format!("`{}` is never created", undefined.what));
        finding.label = "fails when it runs".to_owned();
        finding.help = match &undefined.approved {
            Some(name) => format!("create the counter `{name}` first"),
            None => "create the metric, or remove its use".to_owned(),
        };
        finding.function = Context::function(&undefined.function);
        findings.push(finding);
    }
}
