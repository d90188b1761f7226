//! JUnit XML: a suite per file, a failed case per finding. Where nothing was found, one case that passed, so that no
//! reader of it takes an empty report for a run that did not happen.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::escape::xml;
use super::view::{Item, View, word};
use super::{Report, summary};

pub(super) fn render(report: &Report<'_>) -> String {
    let view = View::new(report);
    let mut files: BTreeMap<&str, Vec<&Item<'_>>> = BTreeMap::new();
    for item in view.shown() {
        files.entry(item.path).or_default().push(item);
    }
    let failures: usize = files.values().map(Vec::len).sum();
    let errors = report.errors.len();
    let tests = (failures + errors).max(1);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a string can't fail.
    let _ = writeln!(
        out,
        "<testsuites name=\"overexposed\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">"
    );
    for (path, items) in &files {
        let _ = writeln!(out, "  {}", suite(path, items.len(), items.len(), 0));
        items.iter().for_each(|item| case(&view, item, &mut out));
        out.push_str("  </testsuite>\n");
    }
    for error in report.errors {
        let path = xml(&error.path);
        let _ = writeln!(out, "  {}", suite(&error.path, 1, 0, 1));
        let _ = writeln!(out, "    <testcase name=\"is audited\" classname=\"{path}\" file=\"{path}\">");
        let _ = writeln!(out, "      <error message=\"{}\" type=\"unreadable-file\"/>", xml(&error.message));
        out.push_str("    </testcase>\n  </testsuite>\n");
    }
    if failures + errors == 0 {
        let line = summary::line(&report.summary, report.findings);
        let _ = writeln!(out, "  {}", suite("overexposed", 1, 0, 0));
        let _ = writeln!(out, "    <testcase name=\"{}\" classname=\"overexposed\"/>", xml(&line));
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn suite(name: &str, tests: usize, failures: usize, errors: usize) -> String {
    let name = xml(name);
    format!("<testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">")
}

fn case(view: &View<'_>, item: &Item<'_>, out: &mut String) {
    let finding = item.finding;
    let (path, message) = (xml(item.path), xml(&finding.message));
    let name = format!("{} ({}:{})", finding.rule, item.start.line, item.start.column);
    let line = item.start.line;
    let _ = writeln!(out, "    <testcase name=\"{name}\" classname=\"{path}\" file=\"{path}\" line=\"{line}\">");
    let kind = word(finding.severity);
    let mut text =
        format!("{}:{line}:{}: {kind}[{}] {}\n", item.path, item.start.column, finding.rule, finding.message);
    for step in &finding.flow {
        let _ = writeln!(text, "from: {} {}", view.line(step.at), step.note);
    }
    if !finding.help.is_empty() {
        let _ = writeln!(text, "help: {}", finding.help);
    }
    let _ = writeln!(out, "      <failure message=\"{message}\" type=\"{}\">{}</failure>", finding.rule, xml(&text));
    out.push_str("    </testcase>\n");
}
