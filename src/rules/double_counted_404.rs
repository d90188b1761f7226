//! 404s that are counted twice.

use super::Context;
use super::metadata::rule;
use crate::finding::{Finding, FlowStep};
use crate::flow::CountFaultKind;

rule! {
    /// ## What
    /// Finds the second increment of an approved counter on a path to one 404.
    ///
    /// ## Why
    /// Alerts on the counter's rate go off at half of what they were set to.
    ///
    /// ## Bad
    /// ```python
    /// NOT_FOUND.inc()
    /// logger.info("no such card")
    /// NOT_FOUND.inc()
    /// raise Http404
    /// ```
    ///
    /// ## Good
    /// ```python
    /// NOT_FOUND.inc()
    /// raise Http404
    /// ```
    ///
    /// ## Limits
    /// The second in order of execution is meant, wherever it stands: in the handler, or in middleware around it.
    ///
    /// ## Fix safety
    /// With `--add-404-counter` the second increment is removed; proved to change nothing else.
    "double-counted-404", Warning, Default, Some(check),
    "a 404 is counted more than once"
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for fault in context.analysis.faults.iter().filter(|fault| fault.kind == CountFaultKind::Double) {
        let mut finding = RULE.finding(fault.at, "a 404 is counted a second time");
        finding.label = "the counter was incremented before on this path".to_owned();
        finding.help = "keep one of the increments".to_owned();
        finding.function = Context::function(&fault.function);
        finding.metric = fault.metric.and_then(|id| context.metric(id));
        finding.flow.extend(fault.other.map(|at| FlowStep { at, note: "counted here first".to_owned() }));
        findings.push(finding);
    }
}
