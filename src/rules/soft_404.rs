//! Bodies that say 404.

use super::Context;
use super::metadata::rule;
use crate::finding::Finding;
use crate::flow::NotFoundKind;

rule! {
    /// ## What
    /// Notes responses whose body says 404 but whose status is another.
    ///
    /// ## Why
    /// Caches, crawlers and middleware that counts statuses take them for successes.
    ///
    /// ## Bad
    /// ```python
    /// return HttpResponse("ERROR: 404 Not Found.")
    /// ```
    ///
    /// ## Good
    /// ```python
    /// return HttpResponse("Not Found.", status=404)
    /// ```
    ///
    /// ## Limits
    /// The number must stand as a word of its own beside error or not found, in a constant text.
    ///
    /// ## Fix safety
    /// There is no fix: clients may depend on the status.
    "soft-404", Note, Pedantic, Some(check),
    "a response says 404 but has another status"
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for path in context.analysis.not_found.iter().filter(|path| path.kind == NotFoundKind::Soft) {
        let mut finding = RULE.finding(path.at, "a response says 404 but has another status");
        finding.label.clone_from(&path.how);
        finding.help = "answer with status 404".to_owned();
        finding.function = Context::function(&path.function);
        findings.push(finding);
    }
}
