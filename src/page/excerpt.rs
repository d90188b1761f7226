//! What of a page is kept for reports: the lines that a finding names, with what is secret covered.
//!
//! A page may be larger than memory, so all other lines are left empty: lines and columns are right, and a table gives
//! the offsets in the page itself.

use std::collections::BTreeMap;

use crate::source::Span;

/// Lines of a page by their number.
#[derive(Debug, Default)]
pub(super) struct Kept {
    lines: BTreeMap<u32, (u64, String)>,
}

/// A page of which only some lines are left.
#[derive(Debug, Clone, Default)]
pub struct Excerpt {
    /// All lines; those that are not kept are empty.
    pub text: String,
    /// Where a kept line starts in the text, and where in the page; the first line is always among them.
    pub starts: Vec<(u32, u32)>,
}

impl Kept {
    /// Keeps a line, with these parts of it covered.
    pub(super) fn add(&mut self, number: u32, offset: u64, line: &[u8], secret: &[(usize, usize)]) {
        self.lines.entry(number).or_insert_with(|| (offset, covered(line, secret)));
    }

    /// The excerpt of the lines that are wanted.
    pub(super) fn excerpt(self, wanted: impl Fn(u32) -> bool) -> (Excerpt, BTreeMap<u32, u32>) {
        let mut excerpt = Excerpt { text: String::new(), starts: vec![(0, 0)] };
        let mut at = BTreeMap::new();
        let mut line = 1;
        for (number, (offset, text)) in self.lines.into_iter().filter(|(number, _)| wanted(*number)) {
            excerpt.text.extend(std::iter::repeat_n('\n', (number - line) as usize));
            line = number;
            let start = excerpt.text.len() as u32;
            excerpt.starts.push((start, u32::try_from(offset).unwrap_or(u32::MAX)));
            at.insert(number, start);
            excerpt.text.push_str(&text);
        }
        excerpt.text.push('\n');
        (excerpt, at)
    }
}

/// The text with parts replaced by stars of the same length, so that offsets and columns stay right. Bytes that are no text are `?`.
pub(super) fn covered(line: &[u8], secret: &[(usize, usize)]) -> String {
    let mut ranges = secret.to_vec();
    ranges.sort_unstable();
    let mut ranges = ranges.into_iter().peekable();
    let mut end = 0;
    let mut is_secret = |at: usize| {
        while let Some((_, last)) = ranges.next_if(|(start, _)| *start <= at) {
            end = end.max(last);
        }
        at < end
    };
    let mut text = String::with_capacity(line.len());
    for chunk in line.utf8_chunks() {
        for c in chunk.valid().chars() {
            text.push(if is_secret(text.len()) { cover(c) } else { c });
        }
        text.extend(std::iter::repeat_n('?', chunk.invalid().len()));
    }
    text
}

/// A star as long as the character.
fn cover(c: char) -> char {
    match c.len_utf8() {
        1 => '*',
        2 => '\u{b7}',
        3 => '\u{2022}',
        _ => '\u{1f7b0}',
    }
}

/// The place of a part of a line in the excerpt.
pub(super) fn place(starts: &BTreeMap<u32, u32>, line: u32, part: (usize, usize)) -> Span {
    match starts.get(&line) {
        Some(start) => Span::new(start + part.0 as u32, start + part.1 as u32),
        None => Span::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_stay_and_secrets_go() {
        let mut kept = Kept::default();
        kept.add(3, 100, "x{a=\"gr\u{fc}n\"} 1".as_bytes(), &[(5, 10)]);
        kept.add(5, 200, b"y\xff 1", &[]);
        kept.add(7, 300, b"z 1", &[]);
        let (excerpt, at) = kept.excerpt(|line| line != 7);
        assert_eq!(excerpt.text, "\n\nx{a=\"**\u{b7}*\"} 1\n\ny? 1\n");
        assert_eq!(excerpt.starts, [(0, 0), (2, 100), (18, 200)]);
        assert_eq!(place(&at, 5, (1, 2)), Span::new(19, 20));
    }
}
