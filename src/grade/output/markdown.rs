//! What each student is told, as Markdown.

use std::fmt::Write;

use super::safe::{code, markdown};
use crate::grade::batch::Batch;
use crate::grade::marks::{Graded, Mark, Outcome, Place, Reason, shown};
use crate::grade::rubric::Rubric;

/// Lines that are quoted for one reason.
const MAX_PLACES: usize = 12;

pub(super) fn render(batch: &Batch, rubric: &Rubric) -> String {
    batch.submissions.iter().map(|graded| one(graded, rubric)).collect::<Vec<_>>().join("\n---\n\n")
}

/// One student's page.
pub(super) fn one(graded: &Graded, rubric: &Rubric) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "# {}: {} of {}\n", markdown(&graded.submission), shown(graded.points), shown(graded.out_of));
    if !rubric.title.is_empty() {
        let _ = writeln!(out, "{}\n", markdown(&rubric.title));
    }
    out.push_str("| | points | of |\n| --- | ---: | ---: |\n");
    for mark in &graded.marks {
        let _ = writeln!(out, "| {} | {} | {} |", heading(mark), shown(mark.points), shown(mark.out_of));
    }
    for one in &graded.adjustments {
        let sign = if one.points > 0.0 { "+" } else { "" };
        let _ = writeln!(out, "| {} | {sign}{} | |", markdown(&one.reason), shown(one.points));
    }
    let _ = writeln!(out, "| **all** | **{}** | **{}** |", shown(graded.points), shown(graded.out_of));
    for mark in &graded.marks {
        out.push_str(&section(mark));
    }
    tail(&mut out, graded);
    out
}

fn heading(mark: &Mark) -> String {
    let section = if mark.section.is_empty() { String::new() } else { format!("{} ", markdown(&mark.section)) };
    format!("{section}{}", markdown(&mark.title))
}

fn section(mark: &Mark) -> String {
    let points = if mark.outcome == Outcome::Unjudged { "to be judged".to_owned() } else { shown(mark.points) };
    let mut out = format!("\n## {}: {points} of {}\n\n", heading(mark), shown(mark.out_of));
    out.push_str(&explanation(mark));
    out
}

/// The note and the lines that explain a mark.
pub(super) fn explanation(mark: &Mark) -> String {
    let mut out = String::new();
    if !mark.note.is_empty() {
        let _ = writeln!(out, "{}\n", markdown(&mark.note));
    }
    if let Some(review) = &mark.review {
        let _ = writeln!(out, "*For a person: {}*\n", markdown(review));
    }
    for Reason { text, good, places } in &mark.reasons {
        let _ = writeln!(out, "- {} {}", if *good { "✓" } else { "✗" }, markdown(text));
        for Place { path, line, text } in places.iter().take(MAX_PLACES) {
            let at = if *line == 0 { String::new() } else { format!(":{line}") };
            let quoted = if text.is_empty() { String::new() } else { format!(" {}", code(text)) };
            let _ = writeln!(out, "  - {}{quoted}", code(&format!("{path}{at}")));
        }
        if places.len() > MAX_PLACES {
            let _ = writeln!(out, "  - and {} more", places.len() - MAX_PLACES);
        }
    }
    out
}

fn tail(out: &mut String, graded: &Graded) {
    let listed = |out: &mut String, title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            let _ = writeln!(out, "\n## {title}\n");
            for line in lines {
                let _ = writeln!(out, "- {line}");
            }
        }
    };
    listed(out, "For a person to look at", graded.flags.iter().map(|flag| markdown(flag)).collect());
    let copies = graded.copies.iter().map(|copy| {
        let run = copy.run_by.as_ref().map_or(", not imported".to_owned(), |by| format!(", run by {}", code(by)));
        format!("{}{run}{}", code(&copy.path), if copy.graded { ", graded" } else { "" })
    });
    listed(out, "Copies", if graded.copies.len() > 1 { copies.collect() } else { Vec::new() });
    let changes = graded.changes.iter().map(|change| {
        format!("{} {}, {} lines added, {} removed", code(&change.path), change.how, change.added, change.removed)
    });
    listed(out, "Changed since the hand-out", changes.collect());
    let problems = graded.problems.iter().map(|one| format!("{} {}", code(&one.path), markdown(&one.message)));
    listed(out, "Files that could not be taken", problems.collect());
    listed(out, "Earlier attempts, not graded", graded.earlier.iter().map(|name| code(name)).collect());
}
