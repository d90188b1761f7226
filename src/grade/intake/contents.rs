//! The files of one submission in memory, and the bounds on them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use crate::config::{Defaults, defaults};
use crate::report::plain;
use crate::source::{FileError, Language};

/// Files and folders that are looked at in one submission.
const MAX_ENTRIES: usize = 20_000;
/// Bytes of all files that are kept.
const MAX_KEPT: u64 = 48 << 20;
/// Bytes that are taken out of archives, kept or not.
const MAX_UNPACKED: u64 = 256 << 20;
/// Bytes of one text file that is no source code.
const MAX_TEXT: u64 = 1 << 20;
/// Archives inside of archives.
const MAX_NESTED: usize = 3;
/// Bytes of an archive inside of a submission, which is held in memory.
const MAX_ARCHIVE: u64 = 32 << 20;
/// Folders inside of folders.
const MAX_DEPTH: usize = 64;
/// Problems that are told one by one.
const MAX_PROBLEMS: usize = 50;

/// A file whose bytes are kept.
#[derive(Debug, Clone)]
pub(in crate::grade) struct Entry {
    /// Relative to the submission, with `/`, control characters spelt out.
    pub(in crate::grade) path: String,
    /// All of it.
    pub(in crate::grade) bytes: Vec<u8>,
}

/// What was read of one submission.
#[derive(Debug, Default)]
pub(in crate::grade) struct Contents {
    /// Files that may matter, by path.
    pub(in crate::grade) files: Vec<Entry>,
    /// Every file that was seen, with its size.
    pub(in crate::grade) listing: BTreeMap<String, u64>,
    /// What could not be taken, and why.
    pub(in crate::grade) problems: Vec<FileError>,
    untold: usize,
    seen: BTreeSet<String>,
    kept: u64,
    unpacked: u64,
    entries: usize,
}

/// What to do with a file before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Read so many bytes at most.
    Bytes(u64),
    /// An archive: read it, and look inside.
    Archive(u64),
    /// Not of interest; its name is noted.
    No,
}

impl Contents {
    /// Notes a problem with a path.
    pub(super) fn problem(&mut self, path: &str, message: impl Into<String>) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(FileError { path: spelt(path), message: message.into() });
        } else {
            self.untold += 1;
        }
    }

    /// Brings everything into order.
    pub(super) fn finish(&mut self) {
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        self.problems.sort();
        self.problems.dedup();
        if self.untold > 0 {
            let message = format!("and {} more problems of this kind", self.untold);
            self.problems.push(FileError { path: String::new(), message });
        }
        self.seen = BTreeSet::new();
    }

    /// Counts one more entry; false when there are too many.
    pub(super) fn enter(&mut self, path: &str) -> bool {
        self.entries += 1;
        if self.entries == MAX_ENTRIES + 1 {
            self.problem(path, format!("more than {MAX_ENTRIES} files and folders: the rest is not read"));
        }
        self.entries <= MAX_ENTRIES
    }

    /// Counts bytes that came out of an archive; false when there are too many.
    pub(super) fn unpack(&mut self, path: &str, bytes: u64) -> bool {
        let before = self.unpacked;
        self.unpacked = before.saturating_add(bytes);
        if before <= MAX_UNPACKED && self.unpacked > MAX_UNPACKED {
            let limit = MAX_UNPACKED >> 20;
            self.problem(path, format!("unpacks to more than {limit} MiB: the rest is not read"));
        }
        self.unpacked <= MAX_UNPACKED
    }

    /// Bytes that may still come out of archives.
    pub(super) fn room(&self) -> u64 {
        MAX_UNPACKED.saturating_sub(self.unpacked)
    }

    /// The path as it is kept, if a file of this name may be taken: relative, inside, and not seen before.
    pub(super) fn admit(&mut self, prefix: &str, name: &str) -> Option<String> {
        let shown = format!("{prefix}{name}");
        let normal = name.replace('\\', "/");
        if normal.starts_with('/')
            || normal.as_bytes().get(1) == Some(&b':')
            || normal.split('/').any(|part| part == "..")
        {
            self.problem(&shown, "points outside of the submission: left out");
            return None;
        }
        let parts: Vec<&str> = normal.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        if parts.is_empty() {
            return None;
        }
        if parts.len() > MAX_DEPTH {
            self.problem(&shown, format!("more than {MAX_DEPTH} folders deep: left out"));
            return None;
        }
        let (folders, file) = parts.split_at(parts.len() - 1);
        let skip = &defaults().discover.skip_folders;
        let skipped = |part: &&str| *part == "__MACOSX" || skip.iter().any(|name| name == part);
        if folders.iter().any(skipped) || file[0].starts_with("._") || file[0] == ".DS_Store" {
            return None;
        }
        let path = spelt(&format!("{prefix}{}", parts.join("/")));
        if path.chars().any(|c| c == '\u{fffd}') || path.contains("\\u{") {
            self.problem(&path, "its name holds control characters or is not UTF-8");
        }
        if !self.seen.insert(path.clone()) {
            self.problem(&path, "is there more than once: the first is taken");
            return None;
        }
        Some(path)
    }

    /// Notes that a file is there, and says what to do with it.
    pub(super) fn wanted(&mut self, path: &str, size: u64, depth: usize) -> Wanted {
        self.listing.insert(path.to_owned(), size);
        let name = path.rsplit('/').next().unwrap_or(path);
        if is_archive(name) {
            return self.wanted_archive(path, size, depth);
        }
        if is_binary(name) {
            return Wanted::No;
        }
        let limit = if Language::of(name).is_some() { defaults().discover.max_bytes } else { MAX_TEXT };
        if size > limit {
            if Language::of(name).is_some() || size > (64 << 20) {
                self.problem(path, format!("larger than {} MiB: not read", limit >> 20));
            }
            return Wanted::No;
        }
        if self.kept.saturating_add(size) > MAX_KEPT {
            self.problem(path, format!("more than {} MiB of text in this submission: not read", MAX_KEPT >> 20));
            return Wanted::No;
        }
        Wanted::Bytes(limit)
    }

    fn wanted_archive(&mut self, path: &str, size: u64, depth: usize) -> Wanted {
        if depth >= MAX_NESTED {
            self.problem(path, format!("more than {MAX_NESTED} archives inside of each other: not opened"));
            return Wanted::No;
        }
        if size > MAX_ARCHIVE {
            self.problem(
                path,
                format!("an archive larger than {} MiB inside of a submission: not opened", MAX_ARCHIVE >> 20),
            );
            return Wanted::No;
        }
        Wanted::Archive(MAX_ARCHIVE)
    }

    /// Keeps what a reader gives, if it is a text.
    pub(super) fn keep(&mut self, path: &str, reader: &mut dyn Read, limit: u64) {
        let limit = limit.min(MAX_KEPT.saturating_sub(self.kept));
        let mut bytes = Vec::new();
        if let Err(error) = reader.take(limit + 1).read_to_end(&mut bytes) {
            self.problem(path, format!("cannot be read: {error}"));
            return;
        }
        if bytes.len() as u64 > limit {
            self.problem(path, format!("larger than {} MiB: not read", limit >> 20));
            return;
        }
        let is_code = Language::of(path).is_some();
        if !is_code && bytes.iter().take(8192).any(|byte| *byte == 0) {
            return;
        }
        bytes.shrink_to_fit();
        self.kept += bytes.len() as u64;
        self.files.push(Entry { path: path.to_owned(), bytes });
    }
}

/// Whether a path is of code that only tests run.
pub(in crate::grade) fn is_test(path: &str) -> bool {
    let Defaults { discover, .. } = defaults();
    let mut parts: Vec<&str> = path.split('/').collect();
    let name = parts.pop().unwrap_or_default();
    discover.test_files.iter().any(|pattern| crate::source::matches_pattern(pattern, name))
        || parts.iter().any(|part| discover.test_folders.iter().any(|folder| folder == part))
}

fn spelt(path: &str) -> String {
    plain(path).replace(['\n', '\r', '\t'], "?")
}

/// Kinds of archives that are opened.
pub(super) fn is_archive(name: &str) -> bool {
    let lower = name.to_lowercase();
    [".zip", ".tar.gz", ".tgz", ".tar"].iter().any(|ending| lower.ends_with(ending))
}

/// Kinds of archives that are known, but not opened.
pub(super) fn is_foreign_archive(name: &str) -> bool {
    let lower = name.to_lowercase();
    [".7z", ".rar", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst"].iter().any(|ending| lower.ends_with(ending))
}

/// Files that no text is in, whatever they hold.
fn is_binary(name: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "png", "jpg", "jpeg", "gif", "ico", "svg", "webp", "bmp", "pdf", "docx", "doc", "odt", "pages", "pptx", "xlsx",
        "mp4", "mov", "mp3", "ttf", "otf", "woff", "woff2", "eot", "pyc", "pyo", "so", "dll", "exe", "bin", "gz",
        "bz2", "xz", "7z", "rar", "jar", "class", "sqlite3", "db", "css", "map", "lock", "min.js",
    ];
    let lower = name.to_lowercase();
    lower.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}
