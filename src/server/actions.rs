//! What can be done about findings: their fixes, as edits for the editor.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::diagnostics::{Texts, diagnostic};
use super::session::Project;
use crate::finding::{Applicability, Edit, Finding, Fix};
use crate::source::{FileId, Span};

/// The actions for a range of a file.
pub(super) fn at(project: &Project, file: FileId, parameters: &Value) -> Vec<Value> {
    let mut texts = Texts::new(project);
    let range = parameters.get("range").and_then(|range| texts.of(file).span(range));
    let wanted = Wanted::of(parameters);
    let mut all = Vec::new();
    if wanted.has("quickfix")
        && let Some(range) = range
    {
        for finding in project.findings().filter(|finding| finding.at.file == file && touches(finding.at.span, range)) {
            let Some(fix) = &finding.fix else { continue };
            for (at, fix) in std::iter::once(fix).chain(&fix.alternatives).enumerate() {
                all.extend(quick(project, finding, (fix, at == 0), &mut texts));
            }
        }
    }
    if wanted.has("source.fixAll.overexposed") {
        all.extend(fix_all(project, file, &mut texts));
    }
    all
}

/// Which kinds of actions the editor asks for; all where it does not say.
struct Wanted<'a>(Option<Vec<&'a str>>);

impl<'a> Wanted<'a> {
    fn of(parameters: &'a Value) -> Self {
        let only = parameters.get("context").and_then(|context| context.get("only")?.as_array());
        Self(only.map(|kinds| kinds.iter().filter_map(Value::as_str).collect()))
    }

    fn has(&self, kind: &str) -> bool {
        let covers =
            |asked: &&str| kind == *asked || kind.strip_prefix(*asked).is_some_and(|rest| rest.starts_with('.'));
        self.0.as_ref().is_none_or(|kinds| kinds.iter().any(covers))
    }
}

fn touches(span: Span, range: Span) -> bool {
    span.start <= range.end && range.start <= span.end
}

fn quick<'a>(project: &'a Project, finding: &Finding, fix: (&Fix, bool), texts: &mut Texts<'a>) -> Option<Value> {
    let (fix, is_first) = fix;
    let is_safe = fix.applicability == Applicability::Safe;
    let caveat = match (&fix.caveat, is_safe) {
        (Some(why), _) => format!(" (look at the result: {why})"),
        (None, false) => " (look at the result)".to_owned(),
        (None, true) => String::new(),
    };
    Some(json!({
        "title": format!("{}{caveat}", fix.title),
        "kind": "quickfix",
        "diagnostics": [diagnostic(project, finding, texts)],
        "isPreferred": is_safe && is_first,
        "edit": edit(project, &fix.edits, texts)?,
    }))
}

/// All safe fixes of a file that do not touch each other.
fn fix_all<'a>(project: &'a Project, file: FileId, texts: &mut Texts<'a>) -> Option<Value> {
    let mut edits: Vec<Edit> = Vec::new();
    let of_file = project.findings().filter(|finding| finding.at.file == file);
    for fix in of_file.filter_map(|finding| finding.fix.as_ref()) {
        let is_safe = fix.applicability == Applicability::Safe;
        let new: Vec<&Edit> = fix.edits.iter().filter(|edit| !edits.contains(edit)).collect();
        let collides = new.iter().any(|edit| {
            edits.iter().any(|known| known.at.file == edit.at.file && touches(known.at.span, edit.at.span))
        });
        if is_safe && !collides {
            edits.extend(new.into_iter().cloned().collect::<Vec<_>>());
        }
    }
    if edits.is_empty() {
        return None;
    }
    Some(json!({
        "title": "Apply all safe fixes of overexposed",
        "kind": "source.fixAll.overexposed",
        "edit": edit(project, &edits, texts)?,
    }))
}

fn edit<'a>(project: &'a Project, edits: &[Edit], texts: &mut Texts<'a>) -> Option<Value> {
    let mut changes: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for edit in edits {
        let range = texts.of(edit.at.file).range(edit.at.span);
        changes.entry(project.uri(edit.at.file)?).or_default().push(json!({"range": range, "newText": edit.text}));
    }
    Some(json!({"changes": changes}))
}
