//! What did the student change? Compared with the files that were handed out.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use similar::{Algorithm, ChangeTag, TextDiff};

use super::intake::{self, Contents, Found, Part};
use super::marks::Change;
use crate::error::Failure;
use crate::source::Language;

/// Longer texts are only compared as a whole.
const MAX_DIFF: usize = 256 << 10;

/// The hand-out.
#[derive(Debug, Default)]
pub struct Base {
    files: BTreeMap<String, Vec<u8>>,
    contents: HashSet<Vec<u8>>,
    lines: HashSet<String>,
}

/// How a submission differs.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    pub(super) changes: Vec<Change>,
    /// Lines of a file that the hand-out's file does not have, by path inside of the submission.
    pub(super) lines: BTreeMap<String, Vec<u32>>,
}

impl Base {
    /// Reads a folder, an archive or a repository.
    ///
    /// # Errors
    /// When nothing in it can be read.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let found = Found {
            key: name.clone(),
            prefix: String::new(),
            students: Vec::new(),
            late: false,
            parts: vec![Part { path: path.to_owned(), name }],
            earlier: Vec::new(),
        };
        let contents = intake::read(&found);
        if contents.files.is_empty() {
            let message =
                contents.problems.first().map_or("holds no files that can be read", |one| one.message.as_str());
            return Err(Failure::Arguments(format!("the base `{}` {message}", path.display())));
        }
        let mut base = Self::default();
        for file in contents.files {
            let bytes = normal(&file.bytes);
            base.lines.extend(String::from_utf8_lossy(&bytes).lines().map(|line| line.trim().to_owned()));
            base.contents.insert(bytes.clone());
            base.files.insert(file.path, bytes);
        }
        Ok(base)
    }

    /// Whether a file is the hand-out's, wherever it lies.
    pub(super) fn has_file(&self, bytes: &[u8]) -> bool {
        self.contents.contains(&normal(bytes))
    }

    /// Whether a line is the hand-out's.
    pub(super) fn has_line(&self, line: &str) -> bool {
        self.lines.contains(line.trim())
    }

    /// Compares a submission; `anchor` is the path of a file that is in both.
    pub(super) fn compare(&self, contents: &Contents, anchor: Option<&str>) -> Comparison {
        let above = anchor.and_then(|anchor| self.above(anchor)).unwrap_or_default();
        let mut comparison = Comparison::default();
        let mut seen = BTreeSet::new();
        for file in &contents.files {
            let inside = file.path.strip_prefix(&above.0).map(|rest| format!("{}{rest}", above.1));
            let Some(inside) = inside else { continue };
            let bytes = normal(&file.bytes);
            match self.files.get(&inside) {
                Some(known) if *known == bytes => {}
                Some(known) => comparison.add_changed(&file.path, inside.clone(), known, &bytes),
                None if self.contents.contains(&bytes) => {}
                None => {
                    let added = bytes.split(|byte| *byte == b'\n').count();
                    comparison.changes.push(Change { path: inside.clone(), how: "added", added, removed: 0 });
                }
            }
            seen.insert(inside);
        }
        for (path, bytes) in &self.files {
            if Language::of(path).is_some() && !seen.contains(path) {
                let removed = bytes.split(|byte| *byte == b'\n').count();
                comparison.changes.push(Change { path: path.clone(), how: "removed", added: 0, removed });
            }
        }
        comparison.changes.sort_by(|a, b| a.path.cmp(&b.path));
        comparison
    }

    /// What stands above the files in the submission, and in the hand-out: from the longest end that two paths share.
    fn above(&self, anchor: &str) -> Option<(String, String)> {
        let mut best: Option<(usize, String, String)> = None;
        for known in self.files.keys() {
            let shared = anchor.rsplit('/').zip(known.rsplit('/')).take_while(|(a, b)| a == b).count();
            if shared > best.as_ref().map_or(0, |(most, ..)| *most) {
                let head = |path: &str| {
                    let parts: Vec<&str> = path.split('/').collect();
                    parts[..parts.len() - shared].iter().map(|part| format!("{part}/")).collect::<String>()
                };
                best = Some((shared, head(anchor), head(known)));
            }
        }
        best.map(|(_, theirs, ours)| (theirs, ours))
    }
}

impl Comparison {
    fn add_changed(&mut self, path: &str, inside: String, before: &[u8], after: &[u8]) {
        let (before, after) = (String::from_utf8_lossy(before), String::from_utf8_lossy(after));
        let mut change = Change { path: inside, how: "changed", added: 0, removed: 0 };
        if before.len().max(after.len()) <= MAX_DIFF {
            let diff = TextDiff::configure().algorithm(Algorithm::Myers).diff_lines(before.as_ref(), after.as_ref());
            let mut lines = Vec::new();
            for one in diff.iter_all_changes() {
                match one.tag() {
                    ChangeTag::Insert => {
                        change.added += 1;
                        lines.extend(one.new_index().and_then(|at| u32::try_from(at + 1).ok()));
                    }
                    ChangeTag::Delete => change.removed += 1,
                    ChangeTag::Equal => {}
                }
            }
            self.lines.insert(path.to_owned(), lines);
        }
        self.changes.push(change);
    }

    /// Whether the student did nothing to what can be read.
    pub(super) fn is_unchanged(&self) -> bool {
        self.changes.is_empty()
    }
}

/// Line ends and blanks at the end do not make a difference.
fn normal(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for line in bytes.split(|byte| *byte == b'\n') {
        out.extend_from_slice(line.trim_ascii_end());
        out.push(b'\n');
    }
    while out.ends_with(b"\n\n") {
        out.pop();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_line_ends_are_no_change() {
        assert_eq!(normal(b"a \r\nb\n\n\n"), normal(b"a\nb"));
        assert_ne!(normal(b"  a"), normal(b"a"));
    }

    #[test]
    fn the_top_of_a_submission_is_found_by_a_file_in_both() {
        let mut base = Base::default();
        base.files.insert("Site/shop/views.py".to_owned(), Vec::new());
        base.files.insert("Site/manage.py".to_owned(), Vec::new());
        assert_eq!(base.above("me/hw3/Site/shop/views.py"), Some(("me/hw3/".to_owned(), String::new())));
        assert_eq!(base.above("shop/views.py"), Some((String::new(), "Site/".to_owned())));
        assert_eq!(base.above("other.py"), None);
    }
}
