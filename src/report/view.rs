//! What formats share: findings with their positions, in the order of the report or the gravest first.

use std::cmp::Reverse;

use super::{Places, Report, fingerprints};
use crate::finding::{Finding, Severity};
use crate::source::{FileId, Location, Position};

/// A report whose places have lines and columns.
pub(super) struct View<'a> {
    pub(super) report: &'a Report<'a>,
    pub(super) places: Places<'a>,
    items: Vec<Item<'a>>,
}

/// A finding with what every format says about it.
pub(super) struct Item<'a> {
    pub(super) finding: &'a Finding,
    pub(super) path: &'a str,
    pub(super) start: Position,
    pub(super) end: Position,
    pub(super) fingerprint: String,
}

impl<'a> View<'a> {
    pub(super) fn new(report: &'a Report<'a>) -> Self {
        let files = report.findings.iter().flat_map(|finding| {
            let steps = finding.flow.iter().map(|step| step.at.file);
            let edits = finding.fix.iter().flat_map(|fix| &fix.edits).map(|edit| edit.at.file);
            steps.chain(edits).chain([finding.at.file])
        });
        let places = Places::new(report.sources, files.chain(report.limits.iter().map(|(at, _)| at.file)));
        let prints = fingerprints(report.findings, report.sources);
        let items = report.findings.iter().zip(prints).map(|(finding, fingerprint)| Item {
            finding,
            path: report.sources.path(finding.at.file),
            start: places.start(finding.at),
            end: places.position(finding.at.file, finding.at.span.end),
            fingerprint,
        });
        let items = items.collect();
        Self { report, places, items }
    }

    /// All findings, allowed ones among them, in the order of the report.
    pub(super) fn all(&self) -> impl Iterator<Item = &Item<'a>> {
        self.items.iter()
    }

    /// Those that no comment allows.
    pub(super) fn shown(&self) -> impl Iterator<Item = &Item<'a>> {
        self.items.iter().filter(|item| item.finding.allowed.is_none())
    }

    /// The gravest and surest first; those alike stay in order.
    pub(super) fn gravest<'v>(&self, items: impl Iterator<Item = &'v Item<'a>>) -> Vec<&'v Item<'a>>
    where
        'a: 'v,
    {
        let mut items: Vec<&Item<'a>> = items.collect();
        items.sort_by_key(|item| {
            let Finding { severity, confidence, category, .. } = item.finding;
            // A finding without a category is no exposure: it comes behind those that are.
            (Reverse(*severity), Reverse(*confidence), category.is_none(), *category)
        });
        items
    }

    /// How reports name a file.
    pub(super) fn path(&self, file: FileId) -> &'a str {
        self.report.sources.path(file)
    }

    /// The offset in the file as it is stored.
    pub(super) fn stored(&self, file: FileId, offset: u32) -> u32 {
        self.report.sources.stored_offset(file, offset)
    }

    /// `path:line` of a place.
    pub(super) fn line(&self, at: Location) -> String {
        format!("{}:{}", self.path(at.file), self.places.start(at).line)
    }
}

/// The word for a severity.
pub(super) fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// The word by which JSON knows a value: `label_value` for `Channel::LabelValue`.
pub(super) fn name(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
