//! Comments that allow findings: `# overexposed: allow(RULE) -- reason`.
//!
//! A comment counts for the statement that it stands on or right above; `allow-file` in the first comment block counts
//! for the file. Each one must give a reason and must allow something.

mod directive;

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{defaults, nearest};
use crate::finding::Finding;
use crate::program::Program;
use crate::rules::{self, AllowFault, Levels};
use crate::source::{FileId, LineIndex, Location, Sources, comments};

use directive::{Allow, Scope, directives};

/// Marks the findings that a comment allows, and says which comments are wrong.
pub fn apply(sources: &Sources, programs: &[&Program], levels: &Levels, findings: &mut [Finding]) -> Vec<AllowFault> {
    let marker = defaults().select.allow_marker.as_str();
    let mut faults = Vec::new();
    for program in programs {
        for &file in program.statements.keys().filter(|file| sources.text(**file).contains(marker)) {
            faults.extend(apply_to_file(sources, program, file, levels, findings));
        }
    }
    faults
}

fn apply_to_file(
    sources: &Sources,
    program: &Program,
    file: FileId,
    levels: &Levels,
    findings: &mut [Finding],
) -> Vec<AllowFault> {
    let Some(source) = sources.get(file) else { return Vec::new() };
    let text = sources.text(file);
    let lines = LineIndex::new(text);
    let allows = directives(text, &lines, &comments(text, source.language), source.language);
    let mut used: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for finding in findings.iter_mut().filter(|finding| finding.at.file == file) {
        let (from, to) = statement_lines(program, &lines, finding.at);
        for (at, allow) in allows.iter().enumerate() {
            let (Some(reason), true) = (&allow.reason, allow.rules.iter().any(|rule| rule == finding.rule)) else {
                continue;
            };
            if covers(&allows, allow, from, to) {
                finding.allowed.get_or_insert_with(|| reason.clone());
                used.entry(at).or_default().insert(finding.rule);
            }
        }
    }
    let none = BTreeSet::new();
    let judged = allows.iter().enumerate();
    judged.filter_map(|(at, allow)| fault(file, allow, used.get(&at).unwrap_or(&none), levels)).collect()
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

fn fault(file: FileId, allow: &Allow, used: &BTreeSet<&str>, levels: &Levels) -> Option<AllowFault> {
    let at = Location::new(file, allow.span);
    if let Some(problem) = &allow.problem {
        return Some(AllowFault::Unused(at, (*problem).to_owned(), directive::FORM.to_owned()));
    }
    if allow.reason.is_none() {
        return Some(AllowFault::NoReason(at));
    }
    let unused = |rule: &&String| !used.contains(rule.as_str()) && rules::runs(rule, levels);
    let rule = allow.rules.iter().find(unused)?;
    if rules::by_name(rule).is_none() {
        let help = nearest(rule, rules::names()).map(|known| format!("did you mean `{known}`?"));
        return Some(AllowFault::Unused(at, format!("there is no rule `{rule}`"), help.unwrap_or_default()));
    }
    Some(AllowFault::Unused(at, format!("nothing here is a `{rule}`"), "remove the comment".to_owned()))
}
