//! A page by itself: findings by rule, file or category, their flows step by step on the source, and the inventory.
//!
//! It needs no network and no server. All of it is readable without its script, which only groups, filters and steps.

mod excerpt;
mod findings;
mod graph;
mod inventory;
mod prose;

use std::fmt::Write;

use super::escape::html;
use super::view::View;
use super::{Report, summary};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Nothing is loaded from anywhere; only what stands in the page itself may style it and run.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

pub(super) fn render(report: &Report<'_>) -> String {
    let view = View::new(report);
    let mut out = String::with_capacity(1 << 16);
    head(report, &mut out);
    out.push_str("<main>\n");
    findings::section(&view, &mut out);
    if let Some(inventory) = report.extras.inventory {
        inventory::section(inventory, report.sources, &mut out);
    }
    errors(&view, &mut out);
    out.push_str("</main>\n");
    let version = env!("CARGO_PKG_VERSION");
    // Writing to a string can't fail.
    let _ = write!(out, "<footer>overexposed {version}</footer>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n");
    out
}

fn head(report: &Report<'_>, out: &mut String) {
    let line = html(&summary::line(&report.summary, report.findings));
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n\
         <title>overexposed: {line}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#findings\">To the findings</a>\n\
         <header>\n<h1>overexposed</h1>\n<p class=\"line\">{line}</p>\n{}<nav aria-label=\"Parts\">\n",
        tiles(report)
    );
    for (id, title) in parts(report) {
        let _ = writeln!(out, "<a href=\"#{id}\">{title}</a>");
    }
    out.push_str(
        "</nav>\n<button type=\"button\" id=\"theme\" class=\"scripted\" title=\"t\">Light or dark</button>\n</header>\n",
    );
}

fn parts(report: &Report<'_>) -> Vec<(&'static str, &'static str)> {
    let mut parts = vec![("findings", "Findings")];
    if report.extras.inventory.is_some() {
        parts.extend([("graph", "Graph"), ("metrics", "Metrics"), ("pages", "Endpoints"), ("notfound", "404s")]);
    }
    if !report.errors.is_empty() || !report.limits.is_empty() {
        parts.push(("errors", "Not audited"));
    }
    parts
}

/// The counts, each large.
fn tiles(report: &Report<'_>) -> String {
    let counts = &report.summary;
    let counted = format!("{} of {}", counts.counted_once, counts.not_found_paths);
    let rows = [
        (counts.findings.to_string(), "findings"),
        (counts.fixable.to_string(), "fixable by themselves"),
        (counts.metrics.to_string(), "metrics"),
        (counted, "404s counted once"),
        (counts.files.to_string(), "files"),
    ];
    let tiles: String = rows.iter().map(|(number, what)| format!("<li><b>{number}</b> {what}</li>\n")).collect();
    format!("<ul class=\"tiles\">\n{tiles}</ul>\n")
}

fn errors(view: &View<'_>, out: &mut String) {
    let report = view.report;
    if report.errors.is_empty() && report.limits.is_empty() {
        return;
    }
    out.push_str("<section id=\"errors\"><h2>Not audited</h2>\n<ul>\n");
    for error in report.errors {
        let _ = writeln!(out, "<li><code>{}</code>: {}</li>", html(&error.path), html(&error.message));
    }
    for (at, message) in report.limits {
        let _ = writeln!(out, "<li><code>{}</code>: {}</li>", html(&view.line(*at)), html(message));
    }
    out.push_str("</ul>\n</section>\n");
}
