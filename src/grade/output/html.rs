//! One page by itself: the distribution, a row per submission, and each student's code with what was found in it.
//!
//! Rows are markup, so that the list can be read and printed without the script. What one submission shows in detail is
//! data beside it, which the script turns into a page when somebody opens it: a thousand of them open as fast as ten.

use std::fmt::Write;

use serde_json::{Value, json};

use super::safe::html;
use super::statistics::Statistics;
use crate::grade::batch::Batch;
use crate::grade::marks::{Graded, Mark, Outcome, shown};
use crate::grade::rubric::Rubric;

const STYLE: &str = include_str!("page/style.css");
const SCRIPT: &str = include_str!("page/script.js");

/// Nothing is loaded from anywhere; only what stands in the page itself may style it and run.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

pub(super) fn render(batch: &Batch, rubric: &Rubric) -> String {
    let mut out = String::with_capacity(1 << 20);
    let title = html(if rubric.title.is_empty() { &rubric.name } else { &rubric.title });
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n\
         <title>Marks: {title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#list\">To the list</a>\n<header>\n<h1>{title}</h1>\n"
    );
    let statistics = Statistics::new(batch, rubric);
    tiles(&mut out, batch, rubric, &statistics);
    out.push_str("<button type=\"button\" id=\"theme\" class=\"scripted\">Light or dark</button>\n</header>\n");
    out.push_str("<main id=\"overview\">\n<div class=\"charts\">\n");
    distribution(&mut out, &statistics, rubric);
    failed(&mut out, batch, rubric, &statistics);
    out.push_str("</div>\n");
    list(&mut out, batch, rubric);
    rest(&mut out, batch);
    out.push_str("</main>\n<main id=\"detail\" hidden></main>\n");
    data(&mut out, batch, rubric);
    let version = env!("CARGO_PKG_VERSION");
    let _ = write!(out, "<footer>overexposed {version}</footer>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n");
    out
}

fn tiles(out: &mut String, batch: &Batch, rubric: &Rubric, statistics: &Statistics) {
    let rows = [
        (batch.submissions.len().to_string(), "submissions"),
        (shown(statistics.mean), "mean"),
        (shown(statistics.median), "median"),
        (format!("{} – {}", shown(statistics.least), shown(statistics.most)), "least – most"),
        (shown(rubric.out_of()), "points in all"),
        (statistics.flagged.to_string(), "to look at"),
    ];
    out.push_str("<ul class=\"tiles\">\n");
    for (number, what) in rows {
        let _ = writeln!(out, "<li><b>{number}</b> {what}</li>");
    }
    out.push_str("</ul>\n");
}

fn distribution(out: &mut String, statistics: &Statistics, rubric: &Rubric) {
    out.push_str("<section><h2>Distribution</h2>\n<div class=\"bars\" role=\"list\">\n");
    let most = statistics.tenths.iter().copied().max().unwrap_or(0).max(1);
    for (at, count) in statistics.tenths.iter().enumerate() {
        let edge = |at: usize| shown(rubric.out_of() * at as f64 / 10.0);
        let range = format!("{} to {}", edge(at), edge(at + 1));
        let height = count * 100 / most;
        let _ = writeln!(
            out,
            "<div role=\"listitem\" title=\"{range} points: {count}\"><b>{count}</b><i style=\"height:{height}%\"></i><span>{}</span></div>",
            edge(at)
        );
    }
    out.push_str("</div></section>\n");
}

fn failed(out: &mut String, batch: &Batch, rubric: &Rubric, statistics: &Statistics) {
    out.push_str(
        "<section><h2>Criteria that failed most</h2>\n<table class=\"failed\"><thead><tr><th>criterion</th><th>none</th>\
         <th>part</th><th>full</th><th aria-hidden=\"true\"></th></tr></thead><tbody>\n",
    );
    let all = batch.submissions.len().max(1);
    for (at, [full, part, none, unjudged]) in &statistics.failed {
        let Some(criterion) = rubric.criteria.get(*at) else { continue };
        let (missed, title) = (none + unjudged, html(&criterion.title));
        let share = |count: usize| count * 1000 / all;
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{title}</th><td>{missed}</td><td>{part}</td><td>{full}</td><td class=\"stack\" aria-hidden=\"true\"><div>\
             <i class=\"none\" style=\"flex:{}\"></i><i class=\"part\" style=\"flex:{}\"></i><i class=\"full\" style=\"flex:{}\"></i></div></td></tr>",
            share(missed),
            share(*part),
            share(*full),
        );
    }
    out.push_str("</tbody></table></section>\n");
}

fn list(out: &mut String, batch: &Batch, rubric: &Rubric) {
    out.push_str(
        "<section id=\"list\"><h2>Submissions</h2>\n<p class=\"controls scripted\">\
         <label>Find <input id=\"find\" type=\"search\" autocomplete=\"off\"></label>\
         <label><input id=\"flagged\" type=\"checkbox\"> only those to look at</label><span id=\"count\" role=\"status\"></span>\
         <span class=\"keys\"><kbd>/</kbd> find <kbd>j</kbd> <kbd>k</kbd> move <kbd>Enter</kbd> open <kbd>Esc</kbd> back</span></p>\n\
         <div class=\"wide\"><table id=\"rows\" class=\"sortable\"><thead><tr><th scope=\"col\">submission</th><th scope=\"col\">points</th>",
    );
    for criterion in &rubric.criteria {
        let section =
            if criterion.section.is_empty() { String::new() } else { format!("{} ", html(&criterion.section)) };
        let _ = write!(
            out,
            "<th scope=\"col\" title=\"{section}{} ({})\">{}</th>",
            html(&criterion.title),
            shown(criterion.points),
            html(criterion.id.get_ref())
        );
    }
    out.push_str("<th scope=\"col\">to look at</th></tr></thead><tbody>\n");
    for (at, one) in batch.submissions.iter().enumerate() {
        row(out, at, one);
    }
    out.push_str("</tbody></table></div></section>\n");
}

fn row(out: &mut String, at: usize, one: &Graded) {
    let who: Vec<&str> =
        one.students.iter().map(|student| student.name.as_str()).filter(|name| *name != one.submission).collect();
    let who = if who.is_empty() { String::new() } else { format!(" <small>{}</small>", html(&who.join(", "))) };
    let unchanged = if one.unchanged == Some(true) { " <small class=\"tag\">unchanged</small>" } else { "" };
    let _ = write!(
        out,
        "<tr><th scope=\"row\"><a href=\"#s{at}\">{}</a>{who}{unchanged}</th><td>{}</td>",
        html(&one.submission),
        shown(one.points)
    );
    for mark in &one.marks {
        let points = if mark.outcome == Outcome::Unjudged { "?".to_owned() } else { shown(mark.points) };
        let _ = write!(out, "<td class=\"{}\">{points}</td>", class(mark));
    }
    let _ = writeln!(
        out,
        "<td>{}</td></tr>",
        if one.flags.is_empty() { String::new() } else { one.flags.len().to_string() }
    );
}

fn class(mark: &Mark) -> &'static str {
    match mark.outcome {
        _ if mark.out_of == 0.0 => "free",
        Outcome::Full => "full",
        Outcome::Part => "part",
        Outcome::None => "none",
        Outcome::Unjudged => "open",
    }
}

fn rest(out: &mut String, batch: &Batch) {
    if let Some(changed) = &batch.changed {
        let points = |points: Option<f64>| points.map_or("–".to_owned(), shown);
        let _ = write!(out, "<section><h2>Changed since the earlier run <span>{}</span></h2>\n<ul>\n", changed.len());
        for one in changed {
            let _ = write!(out, "<li>{}: {} → {}", html(&one.submission), points(one.before), points(one.after));
            for (id, before, after) in &one.criteria {
                let _ = write!(out, "; {}: {} → {}", html(id), points(*before), points(*after));
            }
            out.push_str("</li>\n");
        }
        out.push_str("</ul></section>\n");
    }
    if !batch.left_out.is_empty() || !batch.notes.is_empty() {
        out.push_str("<section><h2>Left out</h2>\n<ul>\n");
        for one in &batch.left_out {
            let _ = writeln!(out, "<li><code>{}</code> {}</li>", html(&one.path), html(&one.message));
        }
        for note in &batch.notes {
            let _ = writeln!(out, "<li>{}</li>", html(note));
        }
        out.push_str("</ul></section>\n");
    }
}

/// What the script shows, one block for each submission.
fn data(out: &mut String, batch: &Batch, _rubric: &Rubric) {
    for (at, one) in batch.submissions.iter().enumerate() {
        let _ = writeln!(out, "<script type=\"application/json\" id=\"d{at}\">{}</script>", embedded(&detail(one)));
    }
}

/// JSON that cannot end the element it stands in.
fn embedded(value: &Value) -> String {
    let text = serde_json::to_string(value).unwrap_or_default();
    text.replace('<', "\\u003c").replace('>', "\\u003e").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

fn detail(one: &Graded) -> Value {
    let code: Vec<Value> = one
        .code
        .iter()
        .map(|code| json!({"path": code.path, "text": crate::report::plain(&code.text), "changed": code.changed}))
        .collect();
    let findings: Vec<Value> = one.findings.iter().map(finding).collect();
    let mut value = json!(one);
    value["code"] = json!(code);
    value["findings"] = json!(findings);
    value
}

/// What the page needs of a finding.
fn finding(value: &Value) -> Value {
    let step = |step: &Value| json!({"path": step["path"], "line": step["start"]["line"], "note": step["note"]});
    let flow: Vec<Value> = value["flow"].as_array().map(|steps| steps.iter().map(step).collect()).unwrap_or_default();
    json!({
        "rule": value["rule"], "severity": value["severity"], "message": value["message"], "help": value["help"],
        "path": value["path"], "line": value["start"]["line"], "graded": value["graded"], "flow": flow,
    })
}
