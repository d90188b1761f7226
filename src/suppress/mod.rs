//! Comments that allow findings: `# overexposed: allow(RULE) -- reason`.
//!
//! A comment counts for the statement that it stands on or right above; `allow-file` in the first comment block counts
//! for the file. Each one must give a reason and must allow something.

mod date;
mod directive;

use std::collections::BTreeSet;

use crate::config::defaults;
use crate::finding::Finding;
use crate::nearest::nearest;
use crate::program::Program;
use crate::rules::{self, AllowFault, Levels};
use crate::source::{FileId, LineIndex, Location, Sources, comments};

pub use date::Date;
use directive::{Allow, Scope, directives};

/// What holds for allow comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// A comment must say why.
    pub require_reason: bool,
    /// Comments that hold until an earlier day have expired; none has where the day is not known.
    pub today: Option<Date>,
}

impl Default for Policy {
    fn default() -> Self {
        Self { require_reason: true, today: None }
    }
}

impl Policy {
    /// The reason under which a comment allows; `None` where it allows nothing.
    fn reason<'a>(&self, allow: &'a Allow) -> Option<&'a str> {
        if self.has_expired(allow) {
            return None;
        }
        match &allow.reason {
            Some(reason) => Some(reason),
            None => (!self.require_reason).then_some(""),
        }
    }

    fn has_expired(&self, allow: &Allow) -> bool {
        matches!((self.today, allow.until), (Some(today), Some(until)) if until < today)
    }
}

/// Marks the findings that a comment allows, and says which comments are wrong. Each file comes with the program that
/// knows its statements.
pub fn apply(
    sources: &Sources,
    files: &[(FileId, &Program)],
    levels: &Levels,
    policy: Policy,
    findings: &mut [Finding],
) -> Vec<AllowFault> {
    let marker = defaults().select.allow_marker.as_str();
    let mut faults = Vec::new();
    for &(file, program) in files.iter().filter(|(file, _)| sources.text(*file).contains(marker)) {
        let allows = read(sources, file);
        let used = mark(program, &allows, policy, &mut *findings);
        let path = sources.path(file);
        let judged = allows.list.iter().zip(&used);
        faults.extend(judged.filter_map(|(allow, used)| {
            let runs = |rule: &str| levels.runs_in(rule, path);
            fault(Location::new(file, allow.span), allow, policy, &|rule| used.contains(rule) || !runs(rule))
        }));
    }
    faults
}

/// The allow comments of a file.
struct Allows {
    file: FileId,
    lines: LineIndex,
    list: Vec<Allow>,
}

fn read(sources: &Sources, file: FileId) -> Allows {
    let text = sources.text(file);
    let lines = LineIndex::new(text);
    let list = sources
        .get(file)
        .map_or_else(Vec::new, |source| directives(text, &lines, &comments(text, source.language), source.language));
    Allows { file, lines, list }
}

/// Marks what the comments of a file allow; gives for each comment the rules that it was needed for.
fn mark(program: &Program, allows: &Allows, policy: Policy, findings: &mut [Finding]) -> Vec<BTreeSet<&'static str>> {
    let mut used = vec![BTreeSet::new(); allows.list.len()];
    for finding in findings.iter_mut().filter(|finding| finding.at.file == allows.file) {
        let (from, to) = statement_lines(program, &allows.lines, finding.at);
        for (allow, used) in allows.list.iter().zip(&mut used) {
            let Some(reason) = policy.reason(allow) else { continue };
            if allow.rules.iter().any(|rule| rule == finding.rule) && covers(&allows.list, allow, from, to) {
                finding.allowed.get_or_insert_with(|| reason.to_owned());
                used.insert(finding.rule);
            }
        }
    }
    used
}

/// First and last line of the statement that a finding starts in.
fn statement_lines(program: &Program, lines: &LineIndex, at: Location) -> (usize, usize) {
    let span = program.statement_at(at.file, at.span.start).unwrap_or(at.span);
    (lines.line_of(span.start), lines.line_of(span.end.saturating_sub(1).max(span.start)))
}

fn covers(allows: &[Allow], allow: &Allow, from: usize, to: usize) -> bool {
    match allow.scope {
        Scope::File => true,
        Scope::Misplaced => false,
        Scope::Statement if (from..=to).contains(&allow.line) => true,
        // Several comments may stand above each other; a line of anything else ends them.
        Scope::Statement => {
            allow.alone
                && allow.line < from
                && (allow.line..from).all(|line| allows.iter().any(|other| other.alone && other.line == line))
        }
    }
}

/// What is wrong with a comment; `is_settled` says which rules it was needed for, or that did not run.
fn fault(at: Location, allow: &Allow, policy: Policy, is_settled: &dyn Fn(&str) -> bool) -> Option<AllowFault> {
    if let Some(problem) = &allow.problem {
        return Some(AllowFault::Unused(at, (*problem).to_owned(), directive::FORM.to_owned()));
    }
    if allow.reason.is_none() && policy.require_reason {
        return Some(AllowFault::NoReason(at));
    }
    if let (true, Some(until)) = (policy.has_expired(allow), allow.until) {
        let help = "mend what it allowed, or give it a later date".to_owned();
        return Some(AllowFault::Unused(at, format!("this allow comment held until {until}"), help));
    }
    let rule = allow.rules.iter().find(|rule| !is_settled(rule))?;
    if rules::by_name(rule).is_none() {
        let help = nearest(rule, rules::names()).map(|known| format!("did you mean `{known}`?"));
        return Some(AllowFault::Unused(at, format!("there is no rule `{rule}`"), help.unwrap_or_default()));
    }
    Some(AllowFault::Unused(at, format!("nothing here is a `{rule}`"), "remove the comment".to_owned()))
}
