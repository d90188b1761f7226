//! Which comments go with the statements that they are about?

use std::collections::BTreeSet;

use super::layout::Layout;
use crate::source::Span;

/// What tools read; such a comment is not about the statement below it.
const DIRECTIVES: &[&str] = &[
    "noqa",
    "fmt:",
    "type:",
    "pylint",
    "pragma",
    "isort",
    "mypy",
    "ruff",
    "region",
    "endregion",
    "overexposed",
    "todo",
    "fixme",
    "xxx",
    "safety",
    "-*-",
    "!",
];

/// Words of comments, and of statements, that are about measuring.
const METRIC_WORDS: &[&str] = &[
    "collect",
    "count",
    "counts",
    "counter",
    "counters",
    "metric",
    "metrics",
    "monitor",
    "monitoring",
    "prometheus",
    "track",
    "gauge",
    "histogram",
    "summary",
    "record",
    "stats",
    "statistics",
    "labels",
    "observe",
];

/// The longer words of a text, in lower case; parts of names are words of their own.
fn words(text: &str) -> BTreeSet<String> {
    let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 3);
    parts.map(str::to_lowercase).collect()
}

impl Layout<'_> {
    /// The lines of statements, with the comment right above them that speaks of nothing else: what stands below them
    /// is no statement that it might head.
    pub(super) fn with_comments(&self, lines: Span) -> Span {
        let mut top = lines.start;
        while top > 0 {
            let start = self.line_before(top);
            if start == top || !self.is_remark(start, top) || self.indent(start) != self.indent(lines.start) {
                break;
            }
            top = start;
        }
        // A comment that opens a file is about the file.
        let heads = top == self.line_start(0) || !self.ends_paragraph(lines) && !self.speaks_of(top, lines);
        if heads { lines } else { Span::new(top, lines.end) }
    }

    /// The comment has words of what goes, or of metrics, and none of the statement that follows.
    fn speaks_of(&self, top: u32, lines: Span) -> bool {
        let comment = words(self.slice(top, lines.start));
        let gone = words(self.slice(lines.start, lines.end));
        let next = words(self.slice(lines.end, self.line_end(lines.end)));
        let measures = |words: &BTreeSet<String>| METRIC_WORDS.iter().any(|word| words.contains(*word));
        (measures(&comment) || !comment.is_disjoint(&gone)) && comment.is_disjoint(&next) && !measures(&next)
    }

    /// The line is a comment in words, for people.
    fn is_remark(&self, from: u32, to: u32) -> bool {
        let line = self.slice(from, to).trim();
        let Some(text) = line.strip_prefix(self.comment()) else { return false };
        let text = text.trim_start_matches(['#', '/', ':', ' ']).to_lowercase();
        let inside = self.fixed.iter().any(|fixed| fixed.start < from && from < fixed.end);
        let ruled = ["--", "==", "##", "**", "~~", "__"].iter().any(|rule| text.contains(rule));
        !inside && !ruled && !text.is_empty() && !DIRECTIVES.iter().any(|word| text.starts_with(word))
    }

    /// Nothing follows that the comment above could be about, too.
    fn ends_paragraph(&self, lines: Span) -> bool {
        let next = self.slice(lines.end, self.line_end(lines.end));
        let text = next.trim();
        text.is_empty()
            || text.starts_with(self.comment())
            || text.starts_with('}')
            || self.indent(lines.end).len() < self.indent(lines.start).len()
    }

    /// The space that a line starts with.
    pub(super) fn indent(&self, start: u32) -> &str {
        let line = self.slice(start, self.line_end(start));
        line.get(..line.len() - line.trim_start().len()).unwrap_or_default()
    }
}
