//! Places of the engine (byte offsets) and places of the protocol (lines from 0, columns in UTF-16 units).

use serde_json::{Value, json};

use crate::source::{LineIndex, Span};

/// A text with its lines.
pub(super) struct Lines<'a> {
    text: &'a str,
    index: LineIndex,
}

impl<'a> Lines<'a> {
    /// Finds the lines of a text.
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, index: LineIndex::new(text) }
    }

    /// A place as the protocol has it.
    pub(super) fn range(&self, span: Span) -> Value {
        json!({"start": self.position(span.start), "end": self.position(span.end.max(span.start))})
    }

    fn position(&self, offset: u32) -> Value {
        let line = self.index.line_of(offset);
        let start = self.index.line_span(line).start as usize;
        let mut end = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let column = self.text.get(start..end).map_or(0, |before| before.encode_utf16().count());
        json!({"line": line, "character": column})
    }

    /// The offset of a place of the protocol; columns behind the end of a line are its end.
    pub(super) fn offset(&self, position: &Value) -> Option<u32> {
        let number = |key: &str| position.get(key).and_then(Value::as_u64);
        let (line, column) = (usize::try_from(number("line")?).ok()?, usize::try_from(number("character")?).ok()?);
        let span = self.index.line_span(line);
        let text = self.text.get(span.range())?.trim_end_matches(['\n', '\r']);
        let mut units = 0;
        for (at, c) in text.char_indices() {
            if units >= column {
                return Some(span.start + at as u32);
            }
            units += c.len_utf16();
        }
        Some(span.start + text.len() as u32)
    }

    /// The place of a range of the protocol.
    pub(super) fn span(&self, range: &Value) -> Option<Span> {
        Some(Span::new(self.offset(range.get("start")?)?, self.offset(range.get("end")?)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_those_of_utf16() {
        let text = "a\r\n\u{1f600}\u{fc}x\n";
        let lines = Lines::new(text);
        let at = text.find('x').unwrap() as u32;
        let range = lines.range(Span::new(at, at + 1));
        assert_eq!(range, json!({"start": {"line": 1, "character": 3}, "end": {"line": 1, "character": 4}}));
        assert_eq!(lines.span(&range), Some(Span::new(at, at + 1)));
        assert_eq!(lines.offset(&json!({"line": 0, "character": 99})), Some(1));
        assert_eq!(lines.offset(&json!({"line": 9, "character": 0})), Some(text.len() as u32));
    }
}
