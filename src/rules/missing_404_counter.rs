//! No counter at all.

use super::Context;
use super::metadata::rule;
use crate::finding::{Finding, FlowStep};
use crate::source::{LineIndex, Location, Span};

rule! {
    /// ## What
    /// Says that a project answers with 404s but creates no approved counter. It points at line 1 of the first file that
    /// has one; the 404s themselves are not reported one by one then.
    ///
    /// ## Why
    /// People who try numbers until one fits leave a trail of 404s. Without a counter nobody sees it.
    ///
    /// ## Bad
    /// ```python
    /// raise Http404
    /// ```
    ///
    /// ## Good
    /// ```python
    /// NOT_FOUND = Counter("database_error_return_404", "404s returned on purpose")
    /// ```
    ///
    /// ## Limits
    /// Which names are approved is configuration: `count.approved`.
    ///
    /// ## Fix safety
    /// With `--add-404-counter` the counter is created next to the other metrics, and incremented at each 404.
    "missing-404-counter", Error, Default, Some(check),
    "the project has 404s but no approved counter"
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if context.has_counter() {
        return;
    }
    let mut paths: Vec<_> = context.to_count().collect();
    paths.sort_by_key(|path| (context.sources.path(path.at.file), path.at));
    let Some(first) = paths.first() else { return };
    let text = context.sources.text(first.at.file);
    let line = text.get(LineIndex::new(text).line_span(0).range()).unwrap_or("").trim_end();
    let at = Location::new(first.at.file, Span::new(0, line.len() as u32));
    let name = context.counter_name();
    let mut finding = RULE.finding(at, format!("no counter `{name}` for {}", plural(paths.len())));
    finding.label = "the first file with a 404".to_owned();
    finding.help = format!("create a counter `{name}` and increment it before each 404");
    finding.flow = paths.iter().map(|path| FlowStep { at: path.at, note: path.how.clone() }).collect();
    findings.push(finding);
}

fn plural(count: usize) -> String {
    if count == 1 {
        "the 404 that this project returns".to_owned()
    } else {
        format!("the {count} 404s of this project")
    }
}
