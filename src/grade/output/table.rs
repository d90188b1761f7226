//! A table for a terminal.

use std::fmt::Write;

use super::safe::line;
use super::statistics::Statistics;
use crate::grade::batch::Batch;
use crate::grade::marks::{Graded, Outcome, shown};
use crate::grade::rubric::Rubric;
use crate::report::Style;

/// Names are cut after so many characters.
const NAME: usize = 32;
/// Problems of one submission that are listed.
const PROBLEMS: usize = 12;

pub(super) fn render(batch: &Batch, rubric: &Rubric, style: Style) -> String {
    let mut out = String::new();
    let title = if rubric.title.is_empty() { &rubric.name } else { &rubric.title };
    let _ = writeln!(out, "{} ({} points)\n", line(title), shown(rubric.out_of()));
    legend(&mut out, rubric);
    let width =
        batch.submissions.iter().map(|one| name(one).chars().count()).max().unwrap_or(0).max("submission".len());
    let _ = write!(out, "{:width$}  {:>6} ", "submission", "points");
    for at in 0..rubric.criteria.len() {
        let _ = write!(out, " {:>5}", letter(at));
    }
    out.push_str("  flags\n");
    for one in &batch.submissions {
        let _ = write!(out, "{:width$}  {:>6} ", name(one), shown(one.points));
        for mark in &one.marks {
            out.push_str(&cell(&shown(mark.points), mark.outcome, style));
        }
        let _ = writeln!(out, "  {}", if one.flags.is_empty() { String::new() } else { one.flags.len().to_string() });
    }
    out.push('\n');
    overview(&mut out, batch, rubric);
    let to_read = batch.submissions.iter().filter(|one| one.marks.iter().any(|mark| mark.review.is_some())).count();
    if to_read > 0 {
        let _ = writeln!(out, "{to_read} with a part that a person has to read");
    }
    flags(&mut out, batch);
    out
}

fn letter(at: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(at % 26).unwrap_or(0));
    if at < 26 { letter.to_string() } else { format!("{letter}{}", at / 26 + 1) }
}

fn legend(out: &mut String, rubric: &Rubric) {
    for (at, one) in rubric.criteria.iter().enumerate() {
        let section = if one.section.is_empty() { String::new() } else { format!("{} ", line(&one.section)) };
        let _ = writeln!(out, "  {:>2}  {section}{} ({})", letter(at), line(&one.title), shown(one.points));
    }
    out.push('\n');
}

fn name(one: &Graded) -> String {
    let text = line(&one.submission);
    if text.chars().count() <= NAME {
        return text;
    }
    text.chars().take(NAME - 1).chain(['…']).collect()
}

fn cell(text: &str, outcome: Outcome, style: Style) -> String {
    let text = format!("{:>5}", if outcome == Outcome::Unjudged { "?" } else { text });
    if !style.color {
        return format!(" {text}");
    }
    let color = match outcome {
        Outcome::Full => 32,
        Outcome::Part => 33,
        Outcome::None => 31,
        Outcome::Unjudged => 35,
    };
    format!(" \u{1b}[{color}m{text}\u{1b}[0m")
}

fn overview(out: &mut String, batch: &Batch, rubric: &Rubric) {
    let statistics = Statistics::new(batch, rubric);
    let count = batch.submissions.len();
    let _ = writeln!(
        out,
        "{count} {}: mean {}, median {}, from {} to {}; {} for a person to look at",
        if count == 1 { "submission" } else { "submissions" },
        shown(statistics.mean),
        shown(statistics.median),
        shown(statistics.least),
        shown(statistics.most),
        statistics.flagged,
    );
    let worst: Vec<String> = statistics
        .failed
        .iter()
        .filter(|(_, counts)| counts[2] + counts[3] > 0)
        .take(3)
        .filter_map(|(at, counts)| {
            Some(format!("{} ({})", line(&rubric.criteria.get(*at)?.title), counts[2] + counts[3]))
        })
        .collect();
    if !worst.is_empty() {
        let _ = writeln!(out, "failed most: {}", worst.join(", "));
    }
}

fn flags(out: &mut String, batch: &Batch) {
    for one in batch.submissions.iter().filter(|one| !one.flags.is_empty() || !one.problems.is_empty()) {
        let _ = writeln!(out, "\n{}", line(&one.submission));
        for flag in &one.flags {
            let _ = writeln!(out, "  ! {}", line(flag));
        }
        for problem in one.problems.iter().take(PROBLEMS) {
            let _ = writeln!(out, "  - {}: {}", line(&problem.path), line(&problem.message));
        }
        if one.problems.len() > PROBLEMS {
            let _ = writeln!(out, "  - and {} more; the JSON has all", one.problems.len() - PROBLEMS);
        }
    }
    if !batch.left_out.is_empty() || !batch.notes.is_empty() {
        out.push('\n');
    }
    for problem in &batch.left_out {
        let _ = writeln!(out, "left out: {}: {}", line(&problem.path), line(&problem.message));
    }
    for note in &batch.notes {
        let _ = writeln!(out, "note: {}", line(note));
    }
    if let Some(changed) = &batch.changed {
        let points = |points: Option<f64>| points.map_or("–".to_owned(), shown);
        let _ = writeln!(out, "\n{} changed since the earlier run", changed.len());
        for one in changed {
            let _ = write!(out, "  {}: {} -> {}", line(&one.submission), points(one.before), points(one.after));
            for (id, before, after) in &one.criteria {
                let _ = write!(out, "  {}: {} -> {}", line(id), points(*before), points(*after));
            }
            out.push('\n');
        }
    }
}
