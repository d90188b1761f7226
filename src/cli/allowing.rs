//! `--add-allows`: comments that allow what was found, where they will be read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::gather::Run;
use super::mending;
use crate::engine::Audit;
use crate::error::Failure;
use crate::finding::Finding;
use crate::program::Program;
use crate::source::{FileId, Language, LineIndex};

/// The comments of a file: by the offset of the line that each goes above, its form (`allow`, `allow-file`) and rules.
type Comments = BTreeMap<u32, (&'static str, BTreeSet<&'static str>)>;

/// Writes a comment for each statement with findings; keeps a file as it was if another audit finds something new in it.
/// Says what was done.
pub(super) fn add(run: &mut Run, audit: &Audit, reason: &str, roots: &[PathBuf]) -> Result<String, Failure> {
    let reason = reason.trim();
    if !reason.chars().any(char::is_alphanumeric) || reason.contains(['\n', '\r']) {
        return Err(Failure::Arguments("an allow comment needs a reason of one line".to_owned()));
    }
    let open: Vec<&Finding> = audit.findings.iter().filter(|finding| finding.allowed.is_none()).collect();
    let programs: Vec<&Program> = audit.projects.iter().map(|project| &project.program).collect();
    let mut before: BTreeMap<FileId, Arc<str>> = BTreeMap::new();
    for (file, comments) in plan(run, &programs, &open) {
        let Some(source) = run.sources.files.get_mut(file.index()) else { continue };
        let Some(text) = source.text.clone() else { continue };
        source.text = Some(insert(&text, &comments, source.language, reason).into());
        before.insert(file, text);
    }
    let after = run.audit()?;
    for file in spoilt(&open, &after) {
        if let (Some(text), Some(source)) = (before.remove(&file), run.sources.files.get_mut(file.index())) {
            source.text = Some(text);
        }
    }
    mending::write_texts(run, &before, roots)?;
    Ok(note(&open, &after, &before))
}

fn note(open: &[&Finding], after: &Audit, written: &BTreeMap<FileId, Arc<str>>) -> String {
    let many = |count: usize, word: &str| if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") };
    let wanted = |finding: &Finding| open.iter().any(|old| old.rule == finding.rule && old.at.file == finding.at.file);
    let is_left =
        |finding: &&Finding| finding.allowed.is_none() && wanted(finding) || !written.contains_key(&finding.at.file);
    let left: BTreeSet<&str> = after.findings.iter().filter(is_left).filter(|f| wanted(f)).map(|f| f.rule).collect();
    let done =
        open.iter().filter(|finding| written.contains_key(&finding.at.file) && !left.contains(finding.rule)).count();
    let mut said = format!("Allowed {} in {}\n", many(done, "finding"), many(written.len(), "file"));
    if !left.is_empty() {
        let rules: Vec<&str> = left.into_iter().collect();
        said.push_str(&format!("Still found somewhere, to be allowed by hand: {}\n", rules.join(", ")));
    }
    said
}

/// Where comments go. A statement that does not begin its line is left out: what stands in front may be a string.
fn plan(run: &Run, programs: &[&Program], open: &[&Finding]) -> BTreeMap<FileId, Comments> {
    let mut all: BTreeMap<FileId, Comments> = BTreeMap::new();
    for finding in open {
        let file = finding.at.file;
        let text = run.sources.text(file);
        let lines = LineIndex::new(text);
        let place = if finding.at.span.start == 0 {
            Some((head(text), "allow-file"))
        } else {
            let statements = programs.iter().find_map(|program| program.statements.get(&file));
            let starts = |at: u32| statements.is_some_and(|all| all.iter().any(|span| span.start == at));
            let found = programs.iter().find_map(|program| program.statement_at(file, finding.at.span.start));
            let start = lines.line_span(lines.line_of(found.unwrap_or(finding.at.span).start)).start;
            let indent = text.get(start as usize..).map_or(0, |rest| rest.len() - rest.trim_start().len());
            let continues =
                text.get(..start as usize).is_some_and(|head| head.trim_end_matches(['\n', '\r']).ends_with('\\'));
            (starts(start + indent as u32) && !continues).then_some((start, "allow"))
        };
        if let Some((at, form)) = place {
            let comments = all.entry(file).or_default();
            comments.entry(at).or_insert_with(|| (form, BTreeSet::new())).1.insert(finding.rule);
        }
    }
    all
}

/// Behind the lines that must come first: `#!` and the encoding.
fn head(text: &str) -> u32 {
    let mut at = 0;
    for line in text.split_inclusive('\n').take(2) {
        let must_be_first = line.starts_with("#!") && !line.starts_with("#![");
        let names_encoding = line.starts_with('#') && line.contains("coding");
        if !(must_be_first || names_encoding) {
            break;
        }
        at += line.len();
    }
    at as u32
}

fn insert(text: &str, comments: &Comments, language: Language, reason: &str) -> String {
    let opener = if language == Language::Rust { "//" } else { "#" };
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut out = String::with_capacity(text.len() + 80 * comments.len());
    let mut behind = 0;
    for (at, (form, rules)) in comments {
        let (done, rest) = (text.get(behind..*at as usize).unwrap_or(""), text.get(*at as usize..).unwrap_or(""));
        out.push_str(done);
        behind = *at as usize;
        let indent: String = rest.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
        let rules: Vec<&str> = rules.iter().copied().collect();
        out.push_str(&format!("{indent}{opener} overexposed: {form}({}) -- {reason}{end}", rules.join(", ")));
    }
    out.push_str(text.get(behind..).unwrap_or(""));
    out
}

/// Files with findings of a rule that was not found in them before.
fn spoilt(open: &[&Finding], after: &Audit) -> BTreeSet<FileId> {
    let known: BTreeSet<(FileId, &str)> = open.iter().map(|finding| (finding.at.file, finding.rule)).collect();
    let new = after
        .findings
        .iter()
        .filter(|finding| finding.allowed.is_none() && finding.tier == crate::finding::Tier::Default);
    new.filter(|finding| !known.contains(&(finding.at.file, finding.rule))).map(|finding| finding.at.file).collect()
}
