//! No counter at all.

use super::Context;
use super::metadata::rule;
use std::collections::BTreeMap;

use crate::finding::{Finding, FlowStep};
use crate::flow::NotFoundPath;
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
    let mut missing: BTreeMap<&str, Vec<&NotFoundPath>> = BTreeMap::new();
    for path in context.to_count().filter(|path| !path.has_counter) {
        if let Some(counter) = &path.counter {
            missing.entry(counter).or_default().push(path);
        }
    }
    for (counter, paths) in missing {
        findings.extend(one(context, counter, paths));
    }
}

fn one(context: &Context<'_>, name: &str, mut paths: Vec<&NotFoundPath>) -> Option<Finding> {
    paths.sort_by_key(|path| (context.sources.path(path.at.file), path.at));
    let first = paths.first()?;
    let text = context.sources.text(first.at.file);
    let line = text.get(LineIndex::new(text).line_span(0).range()).unwrap_or("").trim_end();
    let at = Location::new(first.at.file, Span::new(0, line.len() as u32));
    let mut finding = RULE.finding(at, format!("no counter `{name}` for {}", plural(first.status, paths.len())));
    finding.label = format!("the first file with a {}", first.status);
    finding.help = format!("create a counter `{name}` and increment it before each {}", first.status);
    finding.flow = paths.iter().map(|path| FlowStep { at: path.at, note: path.how.clone() }).collect();
    Some(finding)
}

fn plural(status: u16, count: usize) -> String {
    if count == 1 {
        format!("the {status} that this project returns")
    } else {
        format!("the {count} {status}s of this project")
    }
}
