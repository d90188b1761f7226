//! Lines and columns of findings.

use std::collections::BTreeMap;

use crate::source::{FileId, LineIndex, Location, Position, Sources};

/// Line tables of the files that a report names.
pub struct Places<'a> {
    sources: &'a Sources,
    lines: BTreeMap<FileId, LineIndex>,
}

impl<'a> Places<'a> {
    /// For places in these files.
    #[must_use]
    pub fn new(sources: &'a Sources, files: impl IntoIterator<Item = FileId>) -> Self {
        let mut lines = BTreeMap::new();
        for file in files {
            lines.entry(file).or_insert_with(|| LineIndex::new(sources.text(file)));
        }
        Self { sources, lines }
    }

    /// Where an offset of a file is.
    #[must_use]
    pub fn position(&self, file: FileId, offset: u32) -> Position {
        self.lines
            .get(&file)
            .map_or(Position { line: 1, column: 1 }, |lines| lines.position(self.sources.text(file), offset))
    }

    /// Where a place starts.
    #[must_use]
    pub fn start(&self, at: Location) -> Position {
        self.position(at.file, at.span.start)
    }

    /// The line that an offset is on, without its end.
    #[must_use]
    pub fn line_text(&self, file: FileId, offset: u32) -> &'a str {
        let Some(lines) = self.lines.get(&file) else { return "" };
        let span = lines.line_span(lines.line_of(offset));
        self.sources.text(file).get(span.range()).unwrap_or("").trim_end_matches(['\n', '\r'])
    }
}
