//! The public JSON: see the schema `overexposed/1` in the documentation. Built by hand from findings, so that no internal
//! type is part of it.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Known, Places, Report, Summary, fingerprints};
use crate::finding::{Finding, Fix};
use crate::source::{FileId, Location};

/// The schema's name.
pub(super) const SCHEMA: &str = "overexposed/1";

pub(super) fn render(report: &Report<'_>) -> String {
    let writer = Writer::new(report);
    let mut whole = json!({
        "schema": SCHEMA,
        "tool": tool(),
        "findings": writer.findings(),
        "errors": writer.errors(),
        "limits": writer.limits(),
        "summary": report.summary,
    });
    if let (Some(known), Some(fields)) = (report.extras.baseline, whole.as_object_mut()) {
        fields.insert("baseline".to_owned(), baseline(known));
    }
    if let (Some(own), Some(fields)) = (report.extras.own, whole.as_object_mut()) {
        fields.extend(own.fields.clone());
    }
    pretty(&whole)
}

/// What a baseline did, as JSON.
fn baseline(known: &Known) -> Value {
    let stale = known.stale.iter().map(|[rule, path, message]| json!({"rule": rule, "path": path, "message": message}));
    json!({"known": known.hidden, "stale": stale.collect::<Vec<_>>()})
}

/// The value with two spaces of indentation and a line end.
pub(super) fn pretty(value: &impl Serialize) -> String {
    // Values made here have string keys only, so they can always be written.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

/// One line per finding, then per error, then the summary; each says its `type`.
pub(super) fn render_lines(report: &Report<'_>) -> String {
    let writer = Writer::new(report);
    let typed = |kind: &str, value: Value| match value {
        Value::Object(fields) => {
            let mut all = serde_json::Map::from_iter([("type".to_owned(), Value::from(kind))]);
            all.extend(fields);
            Value::Object(all)
        }
        other => other,
    };
    let mut lines: Vec<Value> = writer.findings().into_iter().map(|value| typed("finding", value)).collect();
    lines.extend(writer.errors().into_iter().map(|value| typed("error", value)));
    lines.extend(writer.limits().into_iter().map(|value| typed("limit", value)));
    let summary = serde_json::to_value(report.summary).unwrap_or_default();
    for (kind, value) in report.extras.own.into_iter().flat_map(|own| &own.fields) {
        let value = if value.is_object() { value.clone() } else { json!({kind: value}) };
        lines.push(typed(kind, value));
    }
    lines.push(typed("summary", summary));
    lines.iter().map(|line| format!("{line}\n")).collect()
}

pub(super) fn tool() -> Value {
    json!({"name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION")})
}

/// A place's position as the schema has it.
pub(super) fn position(
    report_sources: &crate::source::Sources,
    places: &Places<'_>,
    file: FileId,
    offset: u32,
) -> Value {
    let at = places.position(file, offset);
    json!({"line": at.line, "column": at.column, "offset": report_sources.stored_offset(file, offset)})
}

struct Writer<'a> {
    report: &'a Report<'a>,
    places: Places<'a>,
}

impl<'a> Writer<'a> {
    fn new(report: &'a Report<'a>) -> Self {
        let findings = report.findings.iter();
        let files = findings.flat_map(|finding| {
            let steps = finding.flow.iter().map(|step| step.at.file);
            let edits = finding.fix.iter().flat_map(|fix| &fix.edits).map(|edit| edit.at.file);
            let named = finding.fix.iter().flat_map(|fix| &fix.references).map(|one| one.at.file);
            steps.chain(edits).chain(named).chain([finding.at.file])
        });
        let files = files.chain(report.limits.iter().map(|(at, _)| at.file));
        Self { report, places: Places::new(report.sources, files) }
    }

    fn at(&self, file: FileId, offset: u32) -> Value {
        position(self.report.sources, &self.places, file, offset)
    }

    fn path(&self, file: FileId) -> &str {
        self.report.sources.path(file)
    }

    fn findings(&self) -> Vec<Value> {
        let prints = fingerprints(self.report.findings, self.report.sources);
        self.report.findings.iter().zip(prints).map(|(finding, print)| self.finding(finding, &print)).collect()
    }

    fn finding(&self, finding: &Finding, fingerprint: &str) -> Value {
        let Location { file, span } = finding.at;
        let flow: Vec<Value> = finding
            .flow
            .iter()
            .map(|step| {
                let start = self.at(step.at.file, step.at.span.start);
                json!({"path": self.path(step.at.file), "start": start, "note": step.note})
            })
            .collect();
        json!({
            "rule": finding.rule,
            "severity": finding.severity,
            "confidence": finding.confidence,
            "tier": finding.tier,
            "category": finding.category,
            "channel": finding.channel,
            "message": finding.message,
            "help": finding.help,
            "path": self.path(file),
            "start": self.at(file, span.start),
            "end": self.at(file, span.end),
            "function": finding.function,
            "metric": finding.metric,
            "flow": flow,
            "fix": finding.fix.as_ref().map(|fix| self.fix(fix)),
            "fingerprint": fingerprint,
            "allowed": finding.allowed.as_ref().map(|reason| json!({"reason": reason})),
        })
    }

    fn fix(&self, fix: &Fix) -> Value {
        let stored = |at: Location, offset| self.report.sources.stored_offset(at.file, offset);
        let edits: Vec<Value> = fix
            .edits
            .iter()
            .map(|edit| {
                let (start, end) = (stored(edit.at, edit.at.span.start), stored(edit.at, edit.at.span.end));
                json!({"path": self.path(edit.at.file), "start": start, "end": end, "text": edit.text})
            })
            .collect();
        let mut value = json!({"title": fix.title, "applicability": fix.applicability, "edits": edits});
        let Some(fields) = value.as_object_mut() else { return value };
        if let Some(caveat) = &fix.caveat {
            fields.insert("caveat".to_owned(), Value::from(caveat.as_str()));
        }
        if let Some(proof) = &fix.proof {
            let new: Vec<&str> = proof.new.into_iter().collect();
            let mut note = json!({
                "equal": proof.equal, "finding_gone": proof.gone, "new_findings": new, "witness": proof.witness,
            });
            if let (Some(why), Some(note)) = (&proof.why, note.as_object_mut()) {
                note.insert("why".to_owned(), Value::from(why.as_str()));
            }
            fields.insert("proof".to_owned(), note);
        }
        if !fix.references.is_empty() {
            let references = fix.references.iter();
            let all: Vec<Value> = references
                .map(|one| {
                    let start = self.at(one.at.file, one.at.span.start);
                    json!({"path": self.path(one.at.file), "start": start, "name": one.name, "kind": one.kind})
                })
                .collect();
            fields.insert("references".to_owned(), Value::from(all));
        }
        if !fix.unused.is_empty() {
            fields.insert("unused".to_owned(), Value::from(fix.unused.clone()));
        }
        if !fix.alternatives.is_empty() {
            let others: Vec<Value> = fix.alternatives.iter().map(|other| self.fix(other)).collect();
            fields.insert("alternatives".to_owned(), Value::from(others));
        }
        value
    }

    fn errors(&self) -> Vec<Value> {
        let errors = self.report.errors.iter();
        errors.map(|error| json!({"path": error.path, "message": error.message})).collect()
    }

    fn limits(&self) -> Vec<Value> {
        let limits = self.report.limits.iter();
        limits
            .map(|(at, message)| {
                json!({"path": self.path(at.file), "start": self.at(at.file, at.span.start), "message": message})
            })
            .collect()
    }
}

/// The findings and the limits of a report, each as this JSON has them.
#[must_use]
pub fn values(report: &Report<'_>) -> (Vec<Value>, Vec<Value>) {
    let writer = Writer::new(report);
    (writer.findings(), writer.limits())
}

/// The object that holds them.
#[must_use]
pub fn envelope(findings: Value, errors: Value, limits: Value, summary: &Summary) -> Value {
    json!({
        "schema": SCHEMA, "tool": tool(), "findings": findings, "errors": errors, "limits": limits, "summary": summary,
    })
}
