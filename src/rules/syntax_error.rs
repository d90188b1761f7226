//! Files that do not parse.

use std::collections::BTreeMap;

use super::Context;
use super::metadata::rule;
use super::pages::PageContext;
use crate::finding::Finding;
use crate::source::{FileId, Location};

rule! {
    /// ## What
    /// Says where a parser gave up, once per file, at its first error; on a scraped page, which lines cannot be read. The
    /// rest of the file is still audited.
    ///
    /// ## Why
    /// A file that does not parse does not run, and what stands around the error may have been missed.
    ///
    /// ## Bad
    /// ```text
    /// LOGINS.labels(outcome.inc()
    /// ```
    ///
    /// ## Good
    /// ```python
    /// LOGINS.labels(outcome).inc()
    /// ```
    ///
    /// ## Limits
    /// Files without anything of interest are not parsed, so not judged; `--parse-all` does.
    ///
    /// ## Fix safety
    /// There is no fix.
    "syntax-error", Warning, Default, Some(check),
    "a file does not follow its language's grammar"
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut first: BTreeMap<FileId, &crate::program::SyntaxProblem> = BTreeMap::new();
    for (file, problem) in &context.program.problems {
        let known = first.entry(*file).or_insert(problem);
        if problem.span < known.span {
            *known = problem;
        }
    }
    for (file, problem) in first.into_iter().filter(|(file, _)| (context.is_judged)(*file)) {
        let mut finding = RULE.finding(Location::new(file, problem.span), "this file does not parse");
        finding.label.clone_from(&problem.message);
        finding.help = "mend the syntax; the rest of the file was audited all the same".to_owned();
        findings.push(finding);
    }
    let mut seen = std::collections::BTreeSet::new();
    let mut problems: Vec<_> = context.deployment.facts.problems.iter().collect();
    problems.sort_by_key(|(at, _)| *at);
    for (at, message) in problems.into_iter().filter(|(at, _)| seen.insert(at.file)) {
        let mut finding = RULE.finding(*at, "this file does not parse");
        finding.label.clone_from(message);
        finding.help = "mend the syntax; what stands before and behind was audited all the same".to_owned();
        findings.push(finding);
    }
}

/// Adds the lines of a page that cannot be read.
pub(super) fn check_page(context: &PageContext<'_>, findings: &mut Vec<Finding>) {
    for (span, why) in &context.page.malformed {
        let mut finding = RULE.finding(context.at(*span), format!("this line cannot be read: {why}"));
        finding.label.clone_from(why);
        finding.help = "mend what writes the page; the other lines were audited all the same".to_owned();
        findings.push(finding);
    }
}
