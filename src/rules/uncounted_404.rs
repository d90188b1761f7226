//! 404s that nobody counts.

use super::Context;
use super::metadata::rule;
use crate::finding::Finding;
use crate::flow::{Counted, NotFoundKind};

rule! {
    /// ## What
    /// Finds places where a 404 leaves a handler with some path to it on which no approved counter is incremented.
    ///
    /// ## Why
    /// Whoever watches the counter for people who probe the site sees only what is counted.
    ///
    /// ## Bad
    /// ```python
    /// except Card.DoesNotExist:
    ///     return HttpResponse("no such card", status=404)
    /// ```
    ///
    /// ## Good
    /// ```python
    /// except Card.DoesNotExist:
    ///     NOT_FOUND.inc()
    ///     return HttpResponse("no such card", status=404)
    /// ```
    ///
    /// ## Limits
    /// Where a 404 is counted by whoever wraps the handler (a decorator, middleware, an exception handler), that counts.
    /// Statuses that come from another service are not known.
    ///
    /// ## Fix safety
    /// With `--add-404-counter` the increment is put right before the 404 leaves; proved to change nothing else.
    "uncounted-404", Error, Default, Some(check),
    "a 404 leaves without an increment of an approved counter"
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for path in context.to_count().filter(|path| path.uncounted && path.has_counter) {
        let counter = path.counter.as_deref().unwrap_or(context.counter_name());
        let what = if path.kind == NotFoundKind::Soft { "soft 404".to_owned() } else { path.status.to_string() };
        let message = match path.counted {
            Counted::Never => format!("a {what} leaves without being counted"),
            _ => format!("a {what} leaves uncounted on some paths"),
        };
        let mut finding = RULE.finding(path.at, message);
        finding.label = format!("{}: no increment of `{counter}` on the way here", path.how);
        finding.help = format!("increment `{counter}` right before it");
        finding.function = Context::function(&path.function);
        finding.flow.clone_from(&path.flow);
        findings.push(finding);
    }
}
