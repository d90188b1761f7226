//! Which part of a line is a canary in, and what of a line that cannot be read must not be shown?

use super::audit::{Auditor, bytes};
use super::note::{NO_FAMILY, Part};
use crate::source::Span;

impl Auditor<'_> {
    /// Notes the canaries of a line.
    pub(super) fn find_canaries(&mut self, text: &[u8], family: Option<(u32, Span)>) {
        for spotted in self.canaries.find(text) {
            let found = (spotted.start, spotted.end);
            self.secret.push(found);
            let (part, place) = self.part_at(text, found, family);
            let key = (family.map_or(NO_FAMILY, |(id, _)| id), part);
            self.keep |= self.canary_notes.see_canary(key, spotted.canary, self.line, place);
        }
    }

    /// Which part of the line a place is in, and where that part is.
    fn part_at(&mut self, text: &[u8], found: (usize, usize), family: Option<(u32, Span)>) -> (Part, (usize, usize)) {
        let Some((_, name)) = family else { return (Part::Text(self.line), (0, text.len())) };
        let holds = |span: Span| span.start as usize <= found.0 && found.1 <= span.end as usize;
        if holds(name) {
            return (Part::Name, (name.start as usize, name.end as usize));
        }
        for (pairs, of_exemplar) in [(&self.parser.labels, false), (&self.parser.exemplar, true)] {
            let Some(pair) = pairs.iter().find(|pair| holds(pair.name) || holds(pair.value)) else { continue };
            let (label, _) = self.labels.id(bytes(text, pair.name));
            let part = match (holds(pair.name), of_exemplar) {
                (true, _) => Part::LabelName(label),
                (false, true) => Part::Exemplar(label),
                (false, false) => Part::Label(label),
            };
            return (part, (pair.name.start as usize, pair.value.end as usize + 1));
        }
        let is_comment = text.trim_ascii_start().first() == Some(&b'#');
        (if is_comment { Part::Help } else { Part::Number }, found)
    }
}

/// What stands between quotes on a line that cannot be read may be anything.
pub(super) fn cover_quoted(text: &[u8], secret: &mut Vec<(usize, usize)>) {
    let quotes: Vec<usize> = memchr::memchr_iter(b'"', text).collect();
    for pair in quotes.chunks(2) {
        let start = pair.first().map_or(text.len(), |at| at + 1);
        secret.push((start, pair.get(1).copied().unwrap_or(text.len())));
    }
}
