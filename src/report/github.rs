//! Annotations of GitHub Actions: one workflow command per finding.

use std::fmt::Write;

use super::Report;
use super::escape::{github_message, github_property};
use super::view::{Item, View};
use crate::finding::Severity;

pub(super) fn render(report: &Report<'_>) -> String {
    let view = View::new(report);
    let mut out = String::new();
    for item in view.shown() {
        // Writing to a string can't fail.
        let _ = writeln!(out, "{}", command(item));
    }
    for error in report.errors {
        let file = github_property(&error.path);
        let _ = writeln!(out, "::error title=overexposed,file={file}::{}", github_message(&error.message));
    }
    out
}

fn command(item: &Item<'_>) -> String {
    let Item { finding, path, start, end, .. } = item;
    let kind = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    // Columns mean something on one line only.
    let until = if start.line == end.line {
        format!("endLine={},endColumn={}", end.line, end.column)
    } else {
        format!("endLine={}", end.line)
    };
    let title = github_property(&format!("overexposed ({})", finding.rule));
    let path = github_property(path);
    let help = if finding.help.is_empty() { String::new() } else { format!("\nhelp: {}", finding.help) };
    // The log shows the text only, so it names the place once more.
    let text = format!("{path}:{}:{}: {}: {}{help}", start.line, start.column, finding.rule, finding.message);
    let (line, column) = (start.line, start.column);
    format!("::{kind} title={title},file={path},line={line},col={column},{until}::{}", github_message(&text))
}
