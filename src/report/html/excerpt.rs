//! A few lines of source around a place, with the place marked.

use std::fmt::Write;

use crate::report::escape::html;
use crate::report::view::View;
use crate::source::{LineIndex, Location};

/// Lines above and below a place.
const AROUND: usize = 2;
/// Lines of a place that are shown.
const MOST_LINES: usize = 14;
/// Characters of a line that are shown.
const MOST_CHARACTERS: usize = 240;

pub(super) fn excerpt(view: &View<'_>, at: Location) -> String {
    let text = view.report.sources.text(at.file);
    if text.is_empty() {
        return String::new();
    }
    let index = LineIndex::new(text);
    let (first, last) = (index.line_of(at.span.start), index.line_of(at.span.end.saturating_sub(1).max(at.span.start)));
    let from = first.saturating_sub(AROUND);
    let to = (last + AROUND).min(first + MOST_LINES).min(index.lines().saturating_sub(1));
    let mut out = String::from("<pre class=\"source\">");
    for line in from..=to {
        let span = index.line_span(line);
        let whole = text.get(span.range()).unwrap_or("").trim_end_matches(['\n', '\r']);
        let inside = (first..=last).contains(&line);
        let cut = |offset: u32| (offset.max(span.start) - span.start) as usize;
        let (start, end) = (cut(at.span.start).min(whole.len()), cut(at.span.end).min(whole.len()));
        let number = line + 1;
        // Writing to a string can't fail.
        let _ = write!(out, "<span class=\"row{}\"><i>{number}</i>", if inside { " hit" } else { "" });
        if inside && start < end {
            // Spans fall between characters; where one does not, the line is shown unmarked.
            let parts = (whole.get(..start), whole.get(start..end), whole.get(end..));
            if let (Some(before), Some(marked), Some(after)) = parts {
                let _ = write!(out, "{}<mark>{}</mark>{}", short(before), short(marked), short(after));
            } else {
                out.push_str(&short(whole));
            }
        } else {
            out.push_str(&short(whole));
        }
        out.push_str("\n</span>");
    }
    if last + AROUND > to {
        let _ = write!(out, "<span class=\"row\"><i></i>…\n</span>");
    }
    out.push_str("</pre>");
    out
}

fn short(text: &str) -> String {
    match text.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}…", html(text.get(..end).unwrap_or(text))),
        None => html(text),
    }
}
