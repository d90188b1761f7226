//! Files of a run: what they are called, and their text once it was read.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Encoding, FileId, Span};

/// What a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// `*.py`, and the code cells of `*.ipynb`.
    Python,
    /// `*.rs`.
    Rust,
    /// A metrics page; no file name stands for one.
    Page,
    /// Configuration, manifests, scripts and write-ups: what is around the code.
    Deploy,
}

impl Language {
    /// The language that a file name's ending stands for.
    #[must_use]
    pub fn of(file_name: &str) -> Option<Self> {
        match file_name.rsplit_once('.')?.1 {
            "py" | "ipynb" => Some(Language::Python),
            "rs" => Some(Language::Rust),
            _ => None,
        }
    }
}

/// A file of the run.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// As reports name it: relative to the working directory, with `/`.
    pub path: String,
    /// Where it is read from; `None` for standard input.
    pub disk: Option<PathBuf>,
    /// What it is written in.
    pub language: Language,
    /// Which of the paths given it was found under.
    pub project: usize,
    /// Only tests run it.
    pub is_test: bool,
    /// Its text; `None` until somebody has a reason to look at it.
    pub text: Option<Arc<str>>,
    /// How its bytes give that text.
    pub encoding: Encoding,
    /// Where lines start, in the text and in what is stored, if the text holds only some lines of it.
    pub starts: Option<Arc<[(u32, u32)]>>,
}

/// A file that could not be audited, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileError {
    /// As reports name it.
    pub path: String,
    /// Why.
    pub message: String,
}

/// All files of a run, in path order; [`FileId`]s are indices into it.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The files.
    pub files: Vec<SourceFile>,
}

impl Sources {
    /// The file with this id.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.index())
    }

    /// How reports name a file.
    #[must_use]
    pub fn path(&self, id: FileId) -> &str {
        self.get(id).map_or("", |file| &file.path)
    }

    /// The text of a file, empty if it was never read.
    #[must_use]
    pub fn text(&self, id: FileId) -> &str {
        self.get(id).and_then(|file| file.text.as_deref()).unwrap_or("")
    }

    /// The text at a place, empty if the place does not exist.
    #[must_use]
    pub fn snippet(&self, id: FileId, span: Span) -> &str {
        self.text(id).get(span.range()).unwrap_or("")
    }

    /// The offset in the file as it is stored, for an offset into its text.
    #[must_use]
    pub fn stored_offset(&self, id: FileId, offset: u32) -> u32 {
        let Some(file) = self.get(id) else { return offset };
        if let Some(starts) = &file.starts {
            let before = starts.iter().rev().find(|(start, _)| *start <= offset);
            return before.map_or(offset, |(start, stored)| stored.saturating_add(offset - start));
        }
        file.encoding.stored_offset(self.text(id), offset)
    }

    /// All ids, in path order.
    pub fn ids(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..u32::try_from(self.files.len()).unwrap_or(u32::MAX)).map(FileId)
    }
}
