//! Inserts the increments that are missing, and the counter itself where there is none.
//!
//! Where an increment belongs is only proposed here: the audit of the new text says whether it was right.

use std::collections::BTreeSet;

use super::counter::{Counter, Place};
use super::layout::Layout;
use super::outline::{Group, Node};
use super::take_out::{Parsed, View};
use crate::finding::{Edit, Finding};
use crate::flow::{Analysis, NotFoundPath};
use crate::program::Syntax;
use crate::source::{FileId, Location, Span};

/// Texts to be inserted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Insertion {
    pub(super) title: String,
    pub(super) edits: Vec<Edit>,
}

/// The increment on the way of one finding.
pub(super) fn increment(view: View<'_>, analysis: &Analysis, finding: &Finding) -> Option<Insertion> {
    let counter = Counter::find(view, analysis, finding)?;
    let edits = before_exit(view, finding.at, &counter.increment)?;
    Some(Insertion { title: format!("count it: `{}`", counter.increment), edits })
}

/// The counter and all increments, in the file that the metrics are made in.
pub(super) fn counter(view: View<'_>, analysis: &Analysis, name: &str) -> Option<Insertion> {
    let paths: Vec<&NotFoundPath> = analysis.not_found.iter().filter(|path| path.uncounted).collect();
    let files: BTreeSet<FileId> = paths.iter().map(|path| path.at.file).collect();
    let (file, new) = files.iter().find_map(|&file| Some((file, Counter::make(view, analysis, file, name)?)))?;
    let Place { at, text } = new.definition?;
    let mut edits = vec![Edit { at: Location::new(file, Span::new(at, at)), text }];
    for path in paths.iter().filter(|path| path.at.file == file) {
        // Where the increment can't stand by itself, the path stays to be counted by hand.
        for edit in before_exit(view, path.at, &new.increment).into_iter().flatten() {
            if !edits.contains(&edit) {
                edits.push(edit);
            }
        }
    }
    edits.sort();
    Some(Insertion { title: format!("add the counter `{name}`"), edits })
}

/// Puts the increment right before the statement, match arm or closure body through which control leaves.
fn before_exit(view: View<'_>, exit: Location, increment: &str) -> Option<Vec<Edit>> {
    let file = view.files.get(&exit.file)?;
    let parsed = Parsed::new(file)?;
    let layout = Layout::new(file.text, file.syntax);
    let statement = innermost(&parsed.outline, exit.span)?;
    let arm = parsed.arms().into_iter().rfind(|arm| statement.span.contains(*arm) && arm.contains(exit.span));
    let text = file.text.get(arm.unwrap_or(statement.span).range())?;
    if arm.is_none() && !leaves(statement, text) || (file.syntax == Syntax::Rust && text.contains('?')) {
        return None;
    }
    let insert = |at: u32, text: String| Edit { at: Location::new(exit.file, Span::new(at, at)), text };
    let newline = newline(file.text);
    if let Some(arm) = arm {
        return wrapped(&layout, exit.file, arm, increment);
    }
    let start = statement.span.start;
    let end = if file.syntax == Syntax::Rust { ";" } else { "" };
    if !layout.begins_line(start) {
        return Some(vec![insert(start, format!("{increment}; "))]);
    }
    let indent = file.text.get(layout.line_start(start) as usize..start as usize)?;
    Some(vec![insert(start, format!("{increment}{end}{newline}{indent}"))])
}

/// Control leaves through the statement, whatever happens: not an assignment, which may also go on.
fn leaves(statement: &Node, text: &str) -> bool {
    let expression = statement.value.is_some_and(|value| value.start == statement.span.start);
    let word = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    // One of the two may be no 404.
    if text.contains(" if ") && text.contains(" else ") {
        return false;
    }
    matches!(word, "return" | "raise") || expression || statement.tail
}

/// The line end that the text uses.
pub(super) fn newline(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// Makes a block of the value of a match arm or closure.
fn wrapped(layout: &Layout<'_>, file: FileId, arm: Span, increment: &str) -> Option<Vec<Edit>> {
    let text = layout.text;
    let newline = newline(text);
    let line = layout.line_start(arm.start);
    let head = text.get(line as usize..arm.start as usize)?;
    let indent: String = head.chars().take_while(|c| c.is_whitespace()).collect();
    let step = if indent.contains('\t') { "\t" } else { "    " };
    let edit = |from: u32, to: u32, text: String| Edit { at: Location::new(file, Span::new(from, to)), text };
    let mut edits =
        vec![edit(arm.start, arm.start, format!("{{{newline}{indent}{step}{increment};{newline}{indent}{step}"))];
    let mut at = layout.line_end(arm.start);
    while at < arm.end {
        edits.push(edit(at, at, step.to_owned()));
        at = layout.line_end(at);
    }
    // A block needs no comma behind it.
    let comma = u32::from(text.get(arm.end as usize..)?.starts_with(','));
    edits.push(edit(arm.end, arm.end + comma, format!("{newline}{indent}}}")));
    Some(edits)
}

/// The smallest statement that holds the place.
fn innermost(group: &Group, place: Span) -> Option<&Node> {
    let mut found = None;
    for node in &group.nodes {
        node.each(&mut |node| {
            // Items are no places for statements; whatever holds a statement comes before it.
            if node.span.contains(place) && (node.simple || !node.function && !node.declares) {
                found = Some(node);
            }
        });
    }
    found
}
