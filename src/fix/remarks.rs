//! Which comments go with the statements that they are about?

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
        let heads = top == self.line_start(0) || !self.ends_paragraph(lines);
        if heads { lines } else { Span::new(top, lines.end) }
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
