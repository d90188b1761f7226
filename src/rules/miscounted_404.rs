//! Increments for 404s that are none.

use super::Context;
use super::metadata::rule;
use crate::finding::{Finding, FlowStep};
use crate::flow::CountFaultKind;

rule! {
    /// ## What
    /// Finds increments of an approved counter on a path that ends in something other than a 404.
    ///
    /// ## Why
    /// A counter of 404s that also counts successes tells nothing.
    ///
    /// ## Bad
    /// ```python
    /// NOT_FOUND.inc()
    /// if card is None:
    ///     raise Http404
    /// return render(request, "card.html")
    /// ```
    ///
    /// ## Good
    /// ```python
    /// if card is None:
    ///     NOT_FOUND.inc()
    ///     raise Http404
    /// return render(request, "card.html")
    /// ```
    ///
    /// ## Limits
    /// Increments outside handlers are not judged.
    ///
    /// ## Fix safety
    /// There is no fix: whether the increment or the answer is wrong is not for a tool to say.
    "miscounted-404", Warning, Default, Some(check),
    "the 404 counter is incremented where no 404 leaves"
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for fault in context.analysis.faults.iter().filter(|fault| fault.kind == CountFaultKind::Mis) {
        let mut finding = RULE.finding(fault.at, "something other than a 404 is counted as one");
        finding.label = "counts, but the path may end in another answer".to_owned();
        finding.help = "move the increment to where only 404s pass".to_owned();
        finding.function = Context::function(&fault.function);
        finding.metric = fault.metric.and_then(|id| context.metric(id));
        finding.flow.extend(fault.other.map(|at| FlowStep { at, note: "the path ends here".to_owned() }));
        findings.push(finding);
    }
}
