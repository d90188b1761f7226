//! `path:line:col: error[rule] message`.

use std::fmt::Write;

use super::plain::one_line;
use super::{Places, Report, summary};

pub(super) fn render(report: &Report<'_>) -> String {
    let places = Places::new(report.sources, report.findings.iter().map(|finding| finding.at.file));
    let mut out = String::new();
    for finding in report.findings.iter().filter(|finding| finding.allowed.is_none()) {
        let start = places.start(finding.at);
        let path = one_line(report.sources.path(finding.at.file));
        let severity = super::full::word(finding.severity);
        let message = one_line(&finding.message);
        // Writing to a string can't fail.
        let _ = writeln!(out, "{path}:{}:{}: {severity}[{}] {message}", start.line, start.column, finding.rule);
    }
    for error in report.errors {
        let _ = writeln!(out, "{}: error: {}", one_line(&error.path), one_line(&error.message));
    }
    let _ = writeln!(out, "{}", summary::line(&report.summary, report.findings));
    out
}
