//! How do edits become one text: blocks that move out of a head that goes, and edits that touch each other?

use super::layout::Layout;
use crate::source::Span;

impl Layout<'_> {
    /// Takes the head of a block away and moves the block to where the head stood, behind what is put in its place.
    pub(super) fn unwrap(&mut self, head: u32, body: Span, instead: &str) {
        let first_line = self.line_start(body.start);
        if !self.begins_line(body.start) {
            // The block stands on the head's line.
            self.edits.push((Span::new(head, body.start), String::new()));
            return;
        }
        let old = self.slice(first_line, body.start);
        let new = self.slice(self.line_start(head), head);
        let (old, new) = (old.to_owned(), new.to_owned());
        let head_end = self.head_end(head, first_line);
        let newline = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        let first = if instead.is_empty() { String::new() } else { format!("{new}{instead}{newline}") };
        self.edits.push((Span::new(self.line_start(head), head_end), first));
        let mut line = head_end;
        while line < body.end {
            let fixed = self.fixed.iter().any(|text| text.start < line && line < text.end);
            if !fixed && self.slice(line, line + old.len() as u32) == old {
                self.edits.push((Span::new(line, line + old.len() as u32), new.clone()));
            }
            line = self.line_end(line);
        }
    }

    /// The head ends before the first line behind it that holds only a comment, or before the block.
    fn head_end(&self, head: u32, first_line: u32) -> u32 {
        let mut end = first_line;
        while end > head {
            let start = self.line_before(end);
            if start <= head || !self.slice(start, end).trim_start().starts_with(self.comment()) {
                break;
            }
            end = start;
        }
        end
    }

    /// The edits in order; what lies in another edit is left out.
    pub(super) fn finish(mut self) -> Vec<(Span, String)> {
        let mut edits = std::mem::take(&mut self.edits);
        edits.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
        let mut out: Vec<(Span, String)> = Vec::new();
        for (span, text) in edits {
            let floor = out.len().checked_sub(2).and_then(|at| out.get(at)).map_or(0, |(before, _)| before.end);
            match out.last_mut() {
                // Two runs of lines that share blank lines become one.
                Some((last, _)) if span.start < last.end && text.is_empty() => last.end = last.end.max(span.end),
                Some((last, _)) if span.start < last.end => {}
                // So do those that follow each other: what is above the first now meets what is below the second.
                Some((last, old))
                    if span.start == last.end && old.is_empty() && text.is_empty() && self.is_lines(span) =>
                {
                    let both = self.without_double_blank(last.cover(span));
                    last.end = both.end;
                    // Never back over what is another edit's.
                    if both.start < last.start && floor <= both.start {
                        last.start = both.start;
                    }
                }
                _ => out.push((span, text)),
            }
        }
        out
    }

    fn is_lines(&self, span: Span) -> bool {
        self.line_start(span.start) == span.start && self.line_start(span.end) == span.end
    }
}
