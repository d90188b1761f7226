//! Changes to files, as unified diffs.

use similar::TextDiff;

use crate::finding::{Edit, Fix};
use crate::source::{FileId, Sources};

/// The text with the edits of one file made; `None` when they overlap or do not fit the text.
#[must_use]
pub fn apply(text: &str, file: FileId, edits: &[Edit]) -> Option<String> {
    let mut edits: Vec<&Edit> = edits.iter().filter(|edit| edit.at.file == file).collect();
    edits.sort_by_key(|edit| edit.at.span);
    let mut out = String::with_capacity(text.len());
    let mut behind = 0;
    for edit in edits {
        out.push_str(text.get(behind..edit.at.span.start as usize)?);
        out.push_str(&edit.text);
        behind = edit.at.span.end as usize;
    }
    out.push_str(text.get(behind..)?);
    Some(out)
}

/// A unified diff as `patch` and `git apply` read it; empty when nothing changed.
#[must_use]
pub fn unified(path: &str, before: &str, after: &str, context: usize) -> String {
    if before == after {
        return String::new();
    }
    let diff = TextDiff::from_lines(before, after);
    diff.unified_diff().context_radius(context).header(&format!("a/{path}"), &format!("b/{path}")).to_string()
}

/// What a fix changes, as one unified diff over all its files.
pub(super) fn of_fix(sources: &Sources, fix: &Fix) -> String {
    let mut files: Vec<FileId> = fix.edits.iter().map(|edit| edit.at.file).collect();
    files.sort_unstable();
    files.dedup();
    let changed = files.into_iter().filter_map(|file| {
        let before = sources.text(file);
        let after = apply(before, file, &fix.edits)?;
        Some(unified(sources.path(file), before, &after, 1))
    });
    changed.collect()
}

/// The hunks only, for people.
pub(super) fn hunks(before: &str, after: &str) -> Vec<String> {
    let diff = TextDiff::from_lines(before, after);
    let mut unified = diff.unified_diff();
    let text = unified.context_radius(1).missing_newline_hint(false).to_string();
    text.lines().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Location, Span};

    #[test]
    fn edits_are_made_in_order_and_refused_when_they_overlap() {
        let edit = |start, end, text: &str| Edit {
            at: Location::new(FileId(0), Span::new(start, end)),
            text: text.to_owned(),
        };
        let text = "one two three";
        assert_eq!(apply(text, FileId(0), &[edit(8, 13, "3"), edit(0, 3, "1")]).unwrap(), "1 two 3");
        assert_eq!(apply(text, FileId(1), &[edit(0, 3, "1")]).unwrap(), text);
        assert_eq!(apply(text, FileId(0), &[edit(0, 5, ""), edit(3, 6, "")]), None);
    }

    #[test]
    fn a_diff_can_be_applied() {
        insta::assert_snapshot!(unified("a.py", "x\ny\nz\n", "x\nz\n", 3), @r"
        --- a/a.py
        +++ b/a.py
        @@ -1,3 +1,2 @@
         x
        -y
         z
        ");
    }
}
