//! Applying fixes to texts: those that do not touch each other, the others in the next round.

use std::collections::BTreeMap;

use crate::finding::{Edit, Fix};
use crate::source::{FileId, Span};

/// How many rounds `--fix` goes before it gives up.
pub const ROUNDS: usize = 20;

/// What one round came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Round {
    /// The new texts of the files that changed.
    pub texts: BTreeMap<FileId, String>,
    /// Which of the fixes were applied, as indices.
    pub applied: Vec<usize>,
    /// Which have to wait for the next round.
    pub waiting: Vec<usize>,
}

/// Applies as many of the fixes as do not overlap, the earlier ones first; each whole or not at all. A fix that is the
/// same as an earlier one counts as applied with it.
#[must_use]
pub fn apply<'a>(text: &dyn Fn(FileId) -> Option<&'a str>, fixes: &[&Fix]) -> Round {
    let mut round = Round::default();
    let mut taken: Vec<&Edit> = Vec::new();
    for (at, fix) in fixes.iter().enumerate() {
        let same = round.applied.iter().any(|&other| fixes.get(other).is_some_and(|other| other.edits == fix.edits));
        if same {
            round.applied.push(at);
        } else if fix.edits.is_empty() || fix.edits.iter().any(|edit| taken.iter().any(|other| collide(edit, other))) {
            round.waiting.push(at);
        } else {
            taken.extend(&fix.edits);
            round.applied.push(at);
        }
    }
    let mut by_file: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    for edit in taken {
        by_file.entry(edit.at.file).or_default().push(edit);
    }
    for (file, edits) in by_file {
        if let Some(new) = text(file).and_then(|text| edited(text, &edits)) {
            round.texts.insert(file, new);
        }
    }
    round
}

pub(super) fn collide(one: &Edit, other: &Edit) -> bool {
    let (a, b): (Span, Span) = (one.at.span, other.at.span);
    // Edits that only touch may still depend on each other's neighbourhood (two blank lines that become one).
    one.at.file == other.at.file && a.start <= b.end && b.start <= a.end
}

/// The text with the edits made; `None` if an edit lies outside of it or in the middle of a character.
pub(super) fn edited(text: &str, edits: &[&Edit]) -> Option<String> {
    let mut edits = edits.to_vec();
    edits.sort_by_key(|edit| (edit.at.span.start, edit.at.span.end));
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        let range = edit.at.span.range();
        out.push_str(text.get(at..range.start)?);
        text.get(range.clone())?;
        out.push_str(&edit.text);
        at = range.end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Applicability;
    use crate::source::Location;

    fn fix(edits: &[(u32, u32, &str)]) -> Fix {
        Fix {
            title: String::new(),
            applicability: Applicability::Safe,
            caveat: None,
            proof: None,
            alternatives: Vec::new(),
            references: Vec::new(),
            unused: Vec::new(),
            edits: edits
                .iter()
                .map(|&(start, end, text)| Edit {
                    at: Location::new(FileId(0), Span::new(start, end)),
                    text: text.to_owned(),
                })
                .collect(),
        }
    }

    #[test]
    fn a_fix_that_overlaps_waits_whole() {
        let fixes =
            [fix(&[(0, 1, "A"), (4, 5, "E")]), fix(&[(2, 3, "C"), (4, 6, "")]), fix(&[(0, 1, "A"), (4, 5, "E")])];
        let round = apply(&|_| Some("abcdef"), &fixes.iter().collect::<Vec<_>>());
        assert_eq!(round.texts.get(&FileId(0)).map(String::as_str), Some("AbcdEf"));
        assert_eq!((round.applied, round.waiting), (vec![0, 2], vec![1]));
    }
}
