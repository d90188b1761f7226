//! Markdown, for a comment on a pull request: a table of what was found, and each finding with its flow and fix folded.

use std::fmt::Write;

use super::escape::{markdown, markdown_block, markdown_code};
use super::view::{Item, View, word};
use super::{Report, diff, summary};
use crate::finding::{Applicability, Severity};

/// What a comment on GitHub may hold is 65,536 characters; room for what callers put around it.
const MOST_CHARACTERS: usize = 60_000;

pub(super) fn render(report: &Report<'_>) -> String {
    let view = View::new(report);
    let mut out = String::from("## overexposed\n\n");
    // Writing to a string can't fail.
    let _ = writeln!(out, "{}.\n", markdown(&summary::line(&report.summary, report.findings)));
    let items = view.gravest(view.shown());
    if !items.is_empty() {
        out.push_str("| | rule | where | what |\n|---|---|---|---|\n");
    }
    let mut left_out = 0;
    let mut length = out.chars().count();
    let rows: Vec<String> = items.iter().map(|item| row(item)).collect();
    let details: Vec<String> = items.iter().map(|item| detail(&view, item)).collect();
    let mut folded = String::new();
    for (row, detail) in rows.iter().zip(&details) {
        let wanted = row.chars().count() + detail.chars().count();
        if left_out > 0 || length + wanted > MOST_CHARACTERS {
            left_out += 1;
            continue;
        }
        length += wanted;
        out.push_str(row);
        folded.push_str(detail);
    }
    if left_out > 0 {
        let _ = writeln!(out, "\n… and {left_out} more.");
    }
    if !folded.is_empty() {
        out.push('\n');
        out.push_str(&folded);
    }
    errors(report, &mut out);
    out
}

fn mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "🔴",
        Severity::Warning => "🟡",
        Severity::Note => "🔵",
    }
}

fn row(item: &Item<'_>) -> String {
    let finding = item.finding;
    let place = markdown_code(&format!("{}:{}", item.path, item.start.line));
    let (mark, kind) = (mark(finding.severity), word(finding.severity));
    format!("| {mark} {kind} | `{}` | {place} | {} |\n", finding.rule, markdown(&finding.message))
}

fn detail(view: &View<'_>, item: &Item<'_>) -> String {
    let finding = item.finding;
    // Inside of `<summary>` Markdown is not read by everybody: HTML is.
    let title = super::escape::html(&super::plain::one_line(&finding.message));
    let place = super::escape::html(&format!("{}:{}", item.path, item.start.line));
    let mut out = format!("<details><summary><code>{place}</code> {title}</summary>\n\n");
    let language = match item.path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("py") => "python",
        Some("rs") => "rust",
        Some("yml" | "yaml") => "yaml",
        _ => "",
    };
    let snippet = view.report.sources.snippet(finding.at.file, finding.at.span);
    if !snippet.is_empty() {
        let shown: Vec<&str> = snippet.lines().take(12).collect();
        out.push_str(&markdown_block(language, &shown.join("\n")));
        out.push('\n');
    }
    for (at, step) in finding.flow.iter().enumerate() {
        let _ = writeln!(out, "{}. {} {}", at + 1, markdown_code(&view.line(step.at)), markdown(&step.note));
    }
    if !finding.flow.is_empty() {
        out.push('\n');
    }
    if !finding.help.is_empty() {
        let _ = writeln!(out, "**Help:** {}\n", markdown(&finding.help));
    }
    for fix in finding.fix.iter() {
        let kind = if fix.applicability == Applicability::Safe { "Fix" } else { "Unsafe fix" };
        let caveat = fix.caveat.as_ref().map_or(String::new(), |why| format!(" ({})", markdown(why)));
        let _ = writeln!(out, "**{kind}:** {}{caveat}\n", markdown(&fix.title));
        let changes = diff::of_fix(view.report.sources, fix);
        if !changes.is_empty() {
            out.push_str(&markdown_block("diff", &changes));
            out.push('\n');
        }
        for what in &fix.unused {
            let _ = writeln!(out, "No longer used then: {}\n", markdown(what));
        }
    }
    out.push_str("</details>\n\n");
    out
}

fn errors(report: &Report<'_>, out: &mut String) {
    if report.errors.is_empty() {
        return;
    }
    out.push_str("\n### Not audited\n\n");
    for error in report.errors.iter().take(50) {
        let _ = writeln!(out, "- {}: {}", markdown_code(&error.path), markdown(&error.message));
    }
    if report.errors.len() > 50 {
        let _ = writeln!(out, "- … and {} more", report.errors.len() - 50);
    }
}
