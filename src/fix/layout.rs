//! Taking parts out of a text so that what stays looks as if they had never been there.

use super::outline::List;
use crate::program::Syntax;
use crate::source::Span;

/// A text and the edits to it.
pub(super) struct Layout<'a> {
    pub(super) text: &'a str,
    pub(super) syntax: Syntax,
    /// Replacements, in any order.
    pub(super) edits: Vec<(Span, String)>,
    /// Texts of several lines, whose inner lines must not move, sorted.
    pub(super) fixed: Vec<Span>,
}

impl<'a> Layout<'a> {
    pub(super) fn new(text: &'a str, syntax: Syntax) -> Self {
        Self { text, syntax, edits: Vec::new(), fixed: Vec::new() }
    }

    fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    fn byte(&self, at: u32) -> Option<u8> {
        self.bytes().get(at as usize).copied()
    }

    /// The offset of the line that holds `at`.
    pub(super) fn line_start(&self, at: u32) -> u32 {
        let before = self.bytes().get(..at as usize).unwrap_or_default();
        let start = before.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')).map_or(0, |found| found as u32 + 1);
        // A byte order mark is no part of the first line.
        if start == 0 && self.text.starts_with('\u{feff}') { 3.min(at) } else { start }
    }

    /// Behind the line break that ends the line of `at`.
    pub(super) fn line_end(&self, at: u32) -> u32 {
        let rest = self.bytes().get(at as usize..).unwrap_or_default();
        let Some(found) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
            return self.text.len() as u32;
        };
        let end = at + found as u32 + 1;
        if self.byte(end - 1) == Some(b'\r') && self.byte(end) == Some(b'\n') { end + 1 } else { end }
    }

    /// The offset of the line before the one that starts at `start`.
    pub(super) fn line_before(&self, start: u32) -> u32 {
        let mut end = start.saturating_sub(1);
        if self.byte(end) == Some(b'\n') && end > 0 && self.byte(end - 1) == Some(b'\r') {
            end -= 1;
        }
        self.line_start(end)
    }

    pub(super) fn slice(&self, from: u32, to: u32) -> &'a str {
        self.text.get(from as usize..to as usize).unwrap_or_default()
    }

    fn is_blank(&self, from: u32, to: u32) -> bool {
        self.slice(from, to).chars().all(|c| c.is_whitespace() || c == '\\')
    }

    /// Nothing but space and the signs that end statements.
    pub(super) fn is_empty(&self, from: u32, to: u32) -> bool {
        self.slice(from, to).chars().all(|c| c.is_whitespace() || c == '\\' || c == ';')
    }

    /// Behind the comment that ends the line, if nothing else follows on it.
    pub(super) fn behind_comment(&self, at: u32) -> u32 {
        let rest = self.slice(at, self.line_end(at));
        if rest.trim_start().starts_with(self.comment()) { at + rest.trim_end().len() as u32 } else { at }
    }

    pub(super) fn comment(&self) -> &'static str {
        match self.syntax {
            Syntax::Python => "#",
            Syntax::Rust => "//",
        }
    }

    /// Only space, or a comment, follows on the line.
    fn ends_line(&self, at: u32) -> bool {
        let rest = self.slice(at, self.line_end(at)).trim();
        rest.is_empty() || rest.starts_with(self.comment())
    }

    /// Only space comes before on the line.
    pub(super) fn begins_line(&self, at: u32) -> bool {
        self.slice(self.line_start(at), at).trim().is_empty()
    }

    /// Takes out statements that follow each other, `last` being the offset up to which they reach.
    pub(super) fn remove(&mut self, span: Span) {
        let end = self.behind_semicolon(span.end);
        if self.begins_line(span.start) && self.ends_line(end) {
            let lines = Span::new(self.line_start(span.start), self.line_end(end));
            let lines = self.without_double_blank(self.with_comments(lines));
            self.edits.push((lines, String::new()));
        } else if self.begins_line(span.start) {
            // Others follow on the line: they move to its start.
            let rest = self.slice(end, self.line_end(end));
            let space = (rest.len() - rest.trim_start().len()) as u32;
            self.edits.push((Span::new(span.start, end + space), String::new()));
        } else {
            let before = self.slice(self.line_start(span.start), span.start).trim_end();
            let glued = before.trim_end_matches(';').trim_end();
            let keep = if self.syntax == Syntax::Python { glued } else { before };
            let start = self.line_start(span.start) + keep.len() as u32;
            let rest = if self.ends_line(end) {
                ""
            } else if self.syntax == Syntax::Python {
                "; "
            } else {
                " "
            };
            let end = if rest.is_empty() { end } else { end + leading_space(self.slice(end, self.line_end(end))) };
            self.edits.push((Span::new(start, end), rest.to_owned()));
        }
    }

    /// Replaces a statement.
    pub(super) fn replace(&mut self, span: Span, by: &str) {
        self.edits.push((span, by.to_owned()));
    }

    /// Statements that only evaluate these parts of a statement, one after the other.
    pub(super) fn evaluate(&self, statement: Span, parts: &[Span]) -> String {
        let line = self.slice(self.line_start(statement.start), statement.start);
        let indent: String = line.chars().take_while(|c| c.is_whitespace()).collect();
        let newline = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        let alone = self.begins_line(statement.start);
        let between = match (self.syntax, alone) {
            (_, true) => format!("{newline}{indent}"),
            (Syntax::Python, false) => "; ".to_owned(),
            (Syntax::Rust, false) => " ".to_owned(),
        };
        let texts = parts.iter().map(|part| {
            let text = self.slice(part.start, part.end);
            match self.syntax {
                Syntax::Python if text.contains(['\n', '\r']) || text.contains(":=") => format!("({text})"),
                Syntax::Python => text.to_owned(),
                Syntax::Rust if text.ends_with(']') => format!("let _ = &{text};"),
                Syntax::Rust => format!("let _ = {text};"),
            }
        });
        texts.collect::<Vec<_>>().join(&between)
    }

    /// Python: behind a semicolon that ends the statement.
    fn behind_semicolon(&self, end: u32) -> u32 {
        if self.syntax == Syntax::Rust {
            return end;
        }
        let rest = self.slice(end, self.line_end(end));
        let trimmed = rest.trim_start();
        if trimmed.starts_with(';') { end + (rest.len() - trimmed.len()) as u32 + 1 } else { end }
    }

    /// Takes the blank lines behind with it where those before would meet them: of two runs the longer stays.
    pub(super) fn without_double_blank(&self, lines: Span) -> Span {
        let mut above = 0;
        let mut top = lines.start;
        while top > 0 {
            let start = self.line_before(top);
            if start == top || !self.is_blank(start, top) {
                break;
            }
            above += 1;
            top = start;
        }
        let mut below = Vec::new();
        let mut bottom = lines.end;
        while (bottom as usize) < self.text.len() {
            let end = self.line_end(bottom);
            if !self.is_blank(bottom, end) {
                break;
            }
            below.push(end);
            bottom = end;
        }
        let at_end = bottom as usize == self.text.len();
        let opens = top == 0 || self.opens_block(top);
        if at_end && top > 0 {
            return Span::new(top, lines.end);
        }
        if opens {
            return Span::new(lines.start, bottom);
        }
        let closes =
            self.syntax == Syntax::Rust && self.slice(bottom, self.line_end(bottom)).trim_start().starts_with('}');
        if closes {
            return Span::new(top, bottom);
        }
        // The shorter run goes.
        let spare = usize::min(above, below.len());
        if below.len() <= above {
            return Span::new(lines.start, below.last().copied().unwrap_or(lines.end));
        }
        let mut start = lines.start;
        for _ in 0..spare {
            start = self.line_before(start);
        }
        Span::new(start, lines.end)
    }

    /// The line that ends at `at` opens a block.
    fn opens_block(&self, at: u32) -> bool {
        let line = self.slice(self.line_before(at), at);
        let code = line.split(self.comment()).next().unwrap_or("").trim_end();
        match self.syntax {
            Syntax::Python => code.ends_with(':'),
            Syntax::Rust => code.ends_with('{'),
        }
    }

    /// Takes elements out of a list with commas. `gone` says which.
    pub(super) fn remove_items(&mut self, list: &List, gone: &[bool]) {
        let (items, bracketed) = (&list.items, list.bracketed);
        let all = gone.iter().all(|gone| *gone);
        if let (true, Some(first), Some(last)) = (all, items.first(), items.last()) {
            let end =
                self.behind_comma(last.end, bracketed).unwrap_or_else(|| self.behind_brackets(last.end, bracketed));
            let (start, end) = self.around(first.start, end);
            self.edits.push((Span::new(start, end), String::new()));
            return;
        }
        if self.bare_leaf(items, gone) || self.relist(list, gone) {
            return;
        }
        let mut previous = None;
        for (item, &gone) in items.iter().zip(gone) {
            if !gone {
                previous = Some(*item);
                continue;
            }
            match (self.behind_comma(item.end, bracketed), previous) {
                (Some(end), _) if self.begins_line(item.start) && self.ends_line(end) => {
                    let lines = Span::new(self.line_start(item.start), self.line_end(end));
                    self.edits.push((self.without_double_blank(lines), String::new()));
                }
                (Some(end), _) => {
                    let space = leading_space(self.slice(end, self.line_end(end)));
                    self.edits.push((Span::new(item.start, end + space), String::new()));
                }
                (None, Some(kept)) => {
                    let start = self.behind_comma(kept.end, bracketed).map_or(kept.end, |comma| comma - 1);
                    self.edits.push((Span::new(start, self.behind_brackets(item.end, bracketed)), String::new()));
                }
                (None, None) => self.edits.push((*item, String::new())),
            }
        }
    }

    /// Rust: `use a::{b, c}` without `c` is `use a::b`.
    fn bare_leaf(&mut self, items: &[Span], gone: &[bool]) -> bool {
        let (Some(first), Some(last)) = (items.first(), items.last()) else { return false };
        let mut left = items.iter().zip(gone).filter(|(_, gone)| !**gone).map(|(item, _)| *item);
        let (Some(only), None) = (left.next(), left.next()) else { return false };
        let before = self.slice(0, first.start).trim_end();
        let rest = self.slice(last.end, self.text.len() as u32);
        let close = rest.trim_start().trim_start_matches(',').trim_start();
        let inner = self.slice(first.start, last.end);
        let in_braces = before.ends_with("::{") && close.starts_with('}') && !inner.contains(['{', '/']);
        if self.syntax != Syntax::Rust || !in_braces || self.slice(only.start, only.end) == "self" {
            return false;
        }
        let start = before.len() as u32 - 1;
        let end = last.end + (rest.len() - close.len()) as u32 + 1;
        let name = self.slice(only.start, only.end).to_owned();
        self.edits.push((Span::new(start, end), name));
        true
    }

    /// Widens over space, so that an empty list closes where it opens.
    fn around(&self, start: u32, end: u32) -> (u32, u32) {
        let before = self.slice(0, start).trim_end().len() as u32;
        let rest = self.slice(end, self.text.len() as u32);
        let after = end + (rest.len() - rest.trim_start().len()) as u32;
        let opened = matches!(self.byte(before.wrapping_sub(1)), Some(b'{' | b'[' | b'('));
        let closed = matches!(self.byte(after), Some(b'}' | b']' | b')'));
        if opened && closed { (before, after) } else { (start, end) }
    }

    /// Behind the comma that follows, past comments and closing brackets of the element itself.
    fn behind_comma(&self, at: u32, bracketed: bool) -> Option<u32> {
        let mut at = self.behind_brackets(at, bracketed);
        loop {
            match self.byte(at)? {
                b',' => return Some(at + 1),
                byte if byte.is_ascii_whitespace() || byte == b'\\' => at += 1,
                _ if self.slice(at, self.text.len() as u32).starts_with(self.comment()) => at = self.line_end(at),
                _ => return None,
            }
        }
    }

    /// Behind round brackets that close around an element (Python's syntax tree leaves them out).
    fn behind_brackets(&self, from: u32, bracketed: bool) -> u32 {
        if !bracketed {
            return from;
        }
        let mut end = from;
        for (offset, c) in self.slice(from, self.text.len() as u32).char_indices() {
            match c {
                ')' => end = from + offset as u32 + 1,
                c if c.is_ascii_whitespace() => {}
                _ => break,
            }
        }
        end
    }
}

fn leading_space(text: &str) -> u32 {
    (text.len() - text.trim_start_matches([' ', '\t']).len()) as u32
}
