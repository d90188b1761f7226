//! Findings as diagnostics, with the flow as related information.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use serde_json::{Value, json};

use super::convert::Lines;
use super::session::Project;
use crate::finding::{Finding, Severity};
use crate::source::FileId;

/// Lines of the files that are named.
pub(super) struct Texts<'a> {
    project: &'a Project,
    lines: HashMap<FileId, Lines<'a>>,
}

impl<'a> Texts<'a> {
    /// None yet.
    pub(super) fn new(project: &'a Project) -> Self {
        Self { project, lines: HashMap::new() }
    }

    /// The lines of a file.
    pub(super) fn of(&mut self, file: FileId) -> &Lines<'a> {
        let project = self.project;
        self.lines.entry(file).or_insert_with(|| Lines::new(project.text(file)))
    }
}

/// The diagnostics of each file of these projects that has any.
pub(super) fn by_file<'a>(projects: impl Iterator<Item = &'a Project>) -> BTreeMap<PathBuf, Vec<Value>> {
    let mut all: BTreeMap<PathBuf, Vec<Value>> = BTreeMap::new();
    for project in projects {
        let mut texts = Texts::new(project);
        for finding in project.findings() {
            let Some(path) = project.disk(finding.at.file) else { continue };
            let shown = all.entry(path).or_default();
            let diagnostic = diagnostic(project, finding, &mut texts);
            // Folders inside of each other are audited each.
            if !shown.contains(&diagnostic) {
                shown.push(diagnostic);
            }
        }
    }
    all
}

/// One finding.
pub(super) fn diagnostic<'a>(project: &'a Project, finding: &Finding, texts: &mut Texts<'a>) -> Value {
    let severity = match finding.severity {
        Severity::Error => 1,
        Severity::Warning => 2,
        Severity::Note => 3,
    };
    let mut related = Vec::new();
    for step in &finding.flow {
        if let Some(uri) = project.uri(step.at.file) {
            let range = texts.of(step.at.file).range(step.at.span);
            related.push(json!({"location": {"uri": uri, "range": range}, "message": step.note}));
        }
    }
    let help = if finding.help.is_empty() { String::new() } else { format!("\nhelp: {}", finding.help) };
    json!({
        "range": texts.of(finding.at.file).range(finding.at.span),
        "severity": severity,
        "code": finding.rule,
        "source": "overexposed",
        "message": format!("{}{help}", finding.message),
        "relatedInformation": related,
    })
}
