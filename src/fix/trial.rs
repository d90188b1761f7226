//! What would an audit say if some files had other texts?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::apply::edited;
use super::plan::Setup;
use super::take_out::FileText;
use super::witness;
use crate::engine::{self, Audit, Project};
use crate::finding::{Edit, Finding};
use crate::program::{Program, Syntax, Unit};
use crate::source::{FileId, Language, Sources};

/// Tries texts out, for one project.
pub(super) struct Trial<'a> {
    pub(super) setup: &'a Setup<'a>,
    pub(super) files: &'a BTreeMap<FileId, FileText<'a>>,
    /// How often each finding was there.
    pub(super) before: BTreeMap<Key, u32>,
}

impl Trial<'_> {
    /// The new texts of the files that change.
    pub(super) fn texts(&self, edits: &[Edit]) -> Option<BTreeMap<FileId, String>> {
        let files: BTreeSet<FileId> = edits.iter().map(|edit| edit.at.file).collect();
        files
            .into_iter()
            .map(|file| {
                let own: Vec<&Edit> = edits.iter().filter(|edit| edit.at.file == file).collect();
                Some((file, edited(self.files.get(&file)?.text, &own)?))
            })
            .collect()
    }

    /// Other parsers than ours accept what they accepted before.
    pub(super) fn parses(&self, texts: &BTreeMap<FileId, String>) -> bool {
        texts.iter().all(|(file, after)| {
            self.files.get(file).is_some_and(|before| witness::agrees(before.text, after, before.syntax))
        })
    }

    /// The program of the same files with other texts.
    pub(super) fn lower(&self, texts: &BTreeMap<FileId, String>) -> Result<Program, String> {
        let sources = self.changed(texts);
        let units: Result<Vec<Unit>, String> =
            self.files.keys().map(|&id| engine::lower(&sources, self.setup.layout, id)).collect();
        units.map(Program::link)
    }

    /// The same files with other texts.
    fn changed(&self, texts: &BTreeMap<FileId, String>) -> Sources {
        let mut sources = self.setup.sources.clone();
        let nothing: Arc<str> = Arc::from("");
        for (id, file) in sources.ids().zip(&mut sources.files) {
            match texts.get(&id) {
                Some(text) => file.text = Some(Arc::from(text.as_str())),
                // What was not worth parsing before need not be read again, and other projects see no change.
                None if !self.files.contains_key(&id) && file.language != Language::Deploy => {
                    file.text = Some(Arc::clone(&nothing))
                }
                None => {}
            }
        }
        sources
    }

    /// Audits once more.
    pub(super) fn again(&self, texts: &BTreeMap<FileId, String>, finding: &Finding) -> Outcome {
        let mut sources = self.changed(texts);
        let audit = engine::audit(&mut sources, self.setup.layout, self.setup.knowledge, self.setup.options);
        let after = keys(&audit.findings);
        let count = |counts: &BTreeMap<Key, u32>, key: &Key| counts.get(key).copied().unwrap_or(0);
        let own = key(finding);
        let gone = count(&after, &own) < count(&self.before, &own);
        // A metric that lost its recording is only a note, and its allow comment may have lost its finding. Who names
        // the metric outside of the code is listed with the fix.
        let expected = |rule: &str| matches!(rule, "unrecorded-metric" | "unused-allow" | "unknown-metric-reference");
        let new = after
            .iter()
            .find(|(key, number)| **number > count(&self.before, key) && !expected(key.0))
            .map(|(key, _)| key.0);
        Outcome { gone, new, audit }
    }
}

/// What an audit of changed texts came to.
pub(super) struct Outcome {
    /// The finding is there less often than before.
    pub(super) gone: bool,
    /// The rule of a finding that was not there before.
    pub(super) new: Option<&'static str>,
    pub(super) audit: Audit,
}

/// The texts of a project's files.
pub(super) fn texts<'a>(setup: &Setup<'a>, project: &Project) -> BTreeMap<FileId, FileText<'a>> {
    let ids = project.program.statements.keys();
    ids.filter_map(|&id| {
        let file = setup.sources.get(id)?;
        let syntax = match file.language {
            Language::Python => Syntax::Python,
            Language::Rust => Syntax::Rust,
            Language::Page | Language::Deploy => return None,
        };
        Some((id, FileText { text: file.text.as_deref()?, syntax }))
    })
    .collect()
}

/// What makes a finding the same one after an edit has moved it.
pub(super) type Key = (&'static str, FileId, Option<String>, String);

pub(super) fn keys(findings: &[Finding]) -> BTreeMap<Key, u32> {
    let mut counts = BTreeMap::new();
    for finding in findings {
        *counts.entry(key(finding)).or_default() += 1;
    }
    counts
}

fn key(finding: &Finding) -> Key {
    (finding.rule, finding.at.file, finding.function.clone(), finding.message.clone())
}
