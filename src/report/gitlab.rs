//! GitLab's code quality report: a list of issues.

use serde_json::{Value, json};

use super::json::pretty;
use super::plain::one_line;
use super::view::{Item, View};
use super::{Report, hash};
use crate::finding::{Category, Severity};

pub(super) fn render(report: &Report<'_>) -> String {
    let view = View::new(report);
    let issues = view.shown().map(issue);
    // A file that could not be audited has no other place in this format.
    let errors = report.errors.iter().map(|error| {
        json!({
            "description": one_line(&error.message),
            "check_name": "unreadable-file",
            "fingerprint": hash(["unreadable-file", &error.path, &error.message]),
            "severity": "major",
            "location": {"path": error.path, "lines": {"begin": 1}},
        })
    });
    pretty(&issues.chain(errors).collect::<Vec<Value>>())
}

fn issue(item: &Item<'_>) -> Value {
    let finding = item.finding;
    let help = if finding.help.is_empty() { String::new() } else { format!(": {}", finding.help) };
    let severity = match (finding.severity, finding.category) {
        (Severity::Error, Some(Category::Credential | Category::Payment)) => "blocker",
        (Severity::Error, _) => "critical",
        (Severity::Warning, _) => "major",
        (Severity::Note, _) => "info",
    };
    let lines = json!({"begin": item.start.line, "end": item.end.line});
    json!({
        "description": one_line(&format!("{}{help}", finding.message)),
        "check_name": finding.rule,
        "fingerprint": item.fingerprint,
        "severity": severity,
        "location": {"path": item.path, "lines": lines},
    })
}
