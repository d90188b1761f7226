//! `path:line:col: error[rule] message`.

use std::fmt::Write;

use super::plain::{linked, one_line};
use super::view::{View, word};
use super::{Report, Style, summary};

pub(super) fn render(report: &Report<'_>, style: Style) -> String {
    let view = View::new(report);
    let mut out = report.extras.own.map(|own| own.text.clone()).unwrap_or_default();
    for item in view.shown() {
        let (severity, message) = (word(item.finding.severity), one_line(&item.finding.message));
        let place = format!("{}:{}:{}", one_line(item.path), item.start.line, item.start.column);
        let place = linked(report.extras.links, item.path, &place);
        // Writing to a string can't fail.
        let _ = writeln!(out, "{place}: {severity}[{}] {message}", item.finding.rule);
    }
    for error in report.errors {
        let _ = writeln!(out, "{}: error: {}", one_line(&error.path), one_line(&error.message));
    }
    out.push_str(&summary::foot(report, style));
    out
}
