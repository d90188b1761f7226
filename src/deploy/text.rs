//! Where in a file does a text stand that was taken out of it? Configuration is kept inside of configuration.

use crate::source::{FileId, Location, Span};

/// A text, and where each of its lines stands in its file.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) file: FileId,
    pub(super) content: String,
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    /// It is the file.
    Whole,
    /// For each line: its offset here and in the file.
    Lines(Vec<(u32, u32)>),
    /// It was written with escapes: all of it stands in one place.
    Point(Span),
}

impl Text {
    /// A whole file.
    pub(super) fn whole(file: FileId, content: String) -> Self {
        Self { file, content, place: Place::Whole }
    }

    /// A text all of which stands in one place.
    pub(super) fn point(at: Location, content: String) -> Self {
        Self { file: at.file, content, place: Place::Point(at.span) }
    }

    /// A text whose lines start at these offsets of the file.
    pub(super) fn lines(file: FileId, content: String, starts: &[u32]) -> Self {
        let mut own = 0;
        let mut lines = Vec::with_capacity(starts.len());
        for (line, start) in content.split_inclusive('\n').zip(starts) {
            lines.push((own, *start));
            own += u32::try_from(line.len()).unwrap_or(u32::MAX);
        }
        Self { file, content, place: Place::Lines(lines) }
    }

    /// The place in the file of a part of this text.
    pub(super) fn locate(&self, from: usize, to: usize) -> Span {
        let (from, to) = (u32::try_from(from).unwrap_or(u32::MAX), u32::try_from(to).unwrap_or(u32::MAX));
        match &self.place {
            Place::Whole => Span::new(from, to.max(from)),
            Place::Point(span) => *span,
            Place::Lines(lines) => {
                let start = moved(lines, from);
                Span::new(start, moved(lines, to).max(start))
            }
        }
    }

    /// The line of a text that stands at an offset, as a place in the file.
    pub(super) fn line_at(&self, offset: usize) -> Span {
        let offset = offset.min(self.content.len());
        let start = self.content.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let line = self.content.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let indent = line.len() - line.trim_start().len();
        self.locate(start + indent, start + line.trim_end().len())
    }
}

fn moved(lines: &[(u32, u32)], offset: u32) -> u32 {
    let at = lines.partition_point(|(own, _)| *own <= offset);
    match at.checked_sub(1).and_then(|at| lines.get(at)) {
        Some((own, start)) => start + (offset - own),
        None => lines.first().map_or(0, |(_, start)| *start),
    }
}
