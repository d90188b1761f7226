//! What would an audit say if some files had other texts?

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::apply::edited;
use super::plan::{Files, Setup};
use super::take_out::FileText;
use super::witness;
use crate::engine::{self, Audit, Project};
use crate::finding::{Edit, Finding};
use crate::program::{Program, Syntax, Unit};
use crate::source::{FileId, Language, Sources};

/// Tries texts out.
pub(super) struct Trial<'a> {
    pub(super) setup: &'a Setup<'a>,
    /// The files of all projects that were parsed.
    pub(super) files: &'a Files<'a>,
    /// How often each finding was there.
    pub(super) before: BTreeMap<Key, u32>,
}

impl Trial<'_> {
    /// The new texts of the files that change.
    pub(super) fn texts(&self, edits: &[Edit]) -> Option<BTreeMap<FileId, String>> {
        texts_with(self.files, edits)
    }

    /// Audits once more; `whole`: as if the texts were on disk.
    pub(super) fn again(&self, texts: &BTreeMap<FileId, String>, whole: bool) -> Outcome {
        let mut sources = self.changed(texts, whole);
        let audit = engine::audit(&mut sources, self.setup.layout, self.setup.knowledge, self.setup.options);
        Outcome { after: keys(&audit.findings), audit, sources, whole }
    }

    /// The same files with other texts.
    fn changed(&self, texts: &BTreeMap<FileId, String>, whole: bool) -> Sources {
        let mut sources = self.setup.sources.clone();
        let nothing: Arc<str> = Arc::from("");
        for (id, file) in sources.ids().zip(&mut sources.files) {
            match texts.get(&id) {
                Some(text) => file.text = Some(Arc::from(text.as_str())),
                // What was not worth parsing before need not be read again.
                None if !whole && !self.files.contains_key(&id) && file.language != Language::Deploy => {
                    file.text = Some(Arc::clone(&nothing))
                }
                None => {}
            }
        }
        sources
    }
}

/// The texts with the edits, of the files that change.
pub(super) fn texts_with(files: &Files<'_>, edits: &[Edit]) -> Option<BTreeMap<FileId, String>> {
    let changed: BTreeSet<FileId> = edits.iter().map(|edit| edit.at.file).collect();
    changed
        .into_iter()
        .map(|file| {
            let own: Vec<&Edit> = edits.iter().filter(|edit| edit.at.file == file).collect();
            Some((file, edited(files.get(&file)?.text, &own)?))
        })
        .collect()
}

/// What an audit of changed texts came to.
pub(super) struct Outcome {
    /// How often each finding is there.
    pub(super) after: BTreeMap<Key, u32>,
    audit: Audit,
    sources: Sources,
    whole: bool,
}

impl Outcome {
    /// What can be used again by whoever applies the same texts.
    pub(super) fn tried(self, texts: BTreeMap<FileId, String>) -> Option<Tried> {
        self.whole.then_some(Tried { texts, audit: self.audit, sources: self.sources })
    }
}

/// An audit of changed texts.
pub(super) struct Tried {
    /// The texts that changed.
    pub(super) texts: BTreeMap<FileId, String>,
    pub(super) audit: Audit,
    pub(super) sources: Sources,
}

/// Makes programs of changed texts, for one project.
pub(super) struct Lowering<'a> {
    setup: Setup<'a>,
    files: &'a Files<'a>,
    /// What the files were lowered to before, where somebody asked.
    units: RefCell<BTreeMap<FileId, Unit>>,
}

impl<'a> Lowering<'a> {
    pub(super) fn new(setup: Setup<'a>, files: &'a Files<'a>) -> Self {
        Self { setup, files, units: RefCell::default() }
    }

    /// Other parsers than ours accept what they accepted before.
    pub(super) fn parses(&self, texts: &BTreeMap<FileId, String>) -> bool {
        texts.iter().all(|(file, after)| {
            self.files.get(file).is_some_and(|before| witness::agrees(before.text, after, before.syntax))
        })
    }

    /// The program of the same files with other texts.
    pub(super) fn lower(&self, texts: &BTreeMap<FileId, String>) -> Result<Program, String> {
        let Setup { sources, layout, .. } = self.setup;
        let mut known = self.units.borrow_mut();
        let mut units = Vec::with_capacity(self.files.len());
        for (&id, file) in self.files {
            units.push(match texts.get(&id) {
                Some(text) => engine::lower_text(sources, layout, id, text)?,
                None => match known.get(&id) {
                    Some(unit) => unit.clone(),
                    None => {
                        let unit = engine::lower_text(sources, layout, id, file.text)?;
                        known.entry(id).or_insert(unit).clone()
                    }
                },
            });
        }
        Ok(Program::link(units))
    }
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

pub(super) fn key(finding: &Finding) -> Key {
    (finding.rule, finding.at.file, finding.function.clone(), finding.message.clone())
}
