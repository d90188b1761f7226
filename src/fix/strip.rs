//! What of a text goes with a metric?
//!
//! The answer comes from the program: a statement goes when nothing that it does stays after the metric's operations
//! are taken out. The outline only says which parts of the text can go one by one.

use super::layout::Layout;
use super::outline::{Group, List, Node, Wrapper};
use std::collections::BTreeSet;

use crate::source::Span;

/// What is known of the operations of one file; all sorted.
pub(super) struct Evidence {
    /// Where operations of the metric stand.
    pub(super) erased: Vec<Span>,
    /// Where operations stay.
    pub(super) left: Vec<Span>,
    /// Where operations stay that do more than fail now and then.
    pub(super) acting: Vec<Span>,
    /// Where operations stayed when nothing was taken out.
    pub(super) base: Vec<Span>,
    /// Statements that only served the metric go as well.
    pub(super) tidy: bool,
    /// Names in imports that nothing uses any more.
    pub(super) names: Vec<Span>,
    /// Fields of struct literals that held the metric.
    pub(super) fields: BTreeSet<(Span, String)>,
    /// Names of modules that held the metric.
    pub(super) exports: BTreeSet<String>,
    /// Functions that are nothing but ways to the metric.
    pub(super) functions: Vec<Span>,
    /// Calls that ran a function, with the place of the function.
    pub(super) runs: Vec<(Span, Span)>,
    /// Calls whose result says nothing, for where an expression must stand.
    pub(super) values: Vec<Span>,
}

/// Whether one of the sorted spans lies in `outer`.
fn any_in(sorted: &[Span], outer: Span) -> bool {
    let from = sorted.partition_point(|span| span.start < outer.start);
    sorted.iter().skip(from).take_while(|span| span.start < outer.end).any(|span| outer.contains(*span))
}

impl Evidence {
    fn erases(&self, span: Span) -> bool {
        any_in(&self.erased, span)
    }

    fn stays(&self, span: Span) -> bool {
        any_in(&self.left, span)
    }

    /// Nothing but operations of the metric, and what only served them.
    fn goes(&self, span: Span) -> bool {
        self.erases(span) && !self.stays(span)
    }

    /// An element of a list goes with what it holds; a key alone is not erased, but nobody reads it any more.
    fn item_goes(&self, list: &List, at: usize) -> bool {
        let Some(&item) = list.items.get(at) else { return false };
        let named = list
            .owner
            .zip(list.fields.get(at))
            .is_some_and(|(owner, field)| self.fields.contains(&(owner, field.clone())));
        let exported = list.exports && list.fields.get(at).is_some_and(|name| self.exports.contains(name));
        named
            || exported
            || self.goes(item)
            || (self.tidy && any_in(&self.base, item) && !self.stays(item) && !list.lines)
    }

    /// Nothing uses the names that this part of an import brings in.
    fn drops(&self, import: &Node, part: Span) -> bool {
        let mut names = import.names.iter().filter(|name| part.contains(**name)).peekable();
        names.peek().is_some() && names.all(|name| self.names.contains(name))
    }

    /// A statement that did something for the metric only, and is harmless.
    fn idles(&self, node: &Node) -> bool {
        self.tidy
            && (node.simple || node.steers)
            && !node.tail
            && !node.import
            && any_in(&self.base, node.span)
            && !self.stays(node.span)
    }

    /// The arguments of the metric's call may fail, and do nothing else of their own. Gives the outer ones of them.
    fn failing(&self, node: &Node) -> Option<Vec<Span>> {
        let left = self.effects(node)?;
        if any_in(&self.acting, node.span) {
            return None;
        }
        let outer = |span: &&Span| !left.iter().any(|other| other != *span && other.contains(**span));
        Some(left.iter().filter(outer).copied().collect())
    }

    /// The outer operations in an expression that only may fail, where the metric's call is all else that is in it.
    fn failing_in(&self, item: Span) -> Option<Vec<Span>> {
        if !self.erases(item) || any_in(&self.acting, item) {
            return None;
        }
        let left: Vec<Span> = self.left.iter().filter(|span| item.contains(**span)).copied().collect();
        let outer = |span: &&Span| !left.iter().any(|other| other != *span && other.contains(**span));
        Some(left.iter().filter(outer).copied().collect())
    }

    /// The arguments of the metric's call do something of their own. Gives their places.
    fn effects(&self, node: &Node) -> Option<Vec<Span>> {
        let value = node.value?;
        if !node.simple || self.erased.binary_search(&value).is_err() {
            return None;
        }
        let from = self.left.partition_point(|span| span.start < node.span.start);
        let left: Vec<Span> = self
            .left
            .iter()
            .skip(from)
            .take_while(|span| span.start < node.span.end)
            .filter(|span| node.span.contains(**span))
            .copied()
            .collect();
        left.iter().all(|span| value.contains(*span) && *span != value).then_some(left)
    }
}

/// The parts of statements that hold an operation of the metric, without the statements in them.
pub(super) fn heads(group: &Group, evidence: &Evidence) -> Vec<Span> {
    let mut found = Vec::new();
    for node in &group.nodes {
        node.each(&mut |node| {
            if !evidence.erases(node.span) {
                return;
            }
            let mut start = node.span.start;
            for inner in node.groups.iter().flat_map(|group| &group.nodes) {
                found.push(Span::new(start, inner.span.start));
                start = inner.span.end;
            }
            found.push(Span::new(start, node.span.end));
        });
    }
    found
}

/// The parts of `whole` that none of the sorted spans covers.
fn around(whole: Span, inner: &[Span]) -> Vec<Span> {
    let mut found = Vec::new();
    let mut start = whole.start;
    for span in inner {
        found.push(Span::new(start, span.start));
        start = span.end;
    }
    found.push(Span::new(start, whole.end));
    found
}

/// Takes out of the text what goes with the metric.
pub(super) struct Stripper<'a, 'b> {
    pub(super) evidence: &'b Evidence,
    pub(super) layout: &'b mut Layout<'a>,
    pub(super) cut: Cut,
}

/// What was taken out of a text.
#[derive(Default)]
pub(super) struct Cut {
    /// The parts that go.
    pub(super) gone: Vec<Span>,
    /// Statements of which only arguments stay.
    pub(super) reduced: Vec<Span>,
    /// What would no longer be done: the places of the operations.
    pub(super) lost: Vec<Span>,
}

impl Stripper<'_, '_> {
    pub(super) fn group(&mut self, group: &Group) {
        let gone: Vec<bool> = group.nodes.iter().map(|node| self.goes(node)).collect();
        let all = !gone.is_empty() && gone.iter().all(|gone| *gone);
        match (group.clause, group.filler, group.braces) {
            (Some(clause), ..) if all => self.remove(clause),
            (None, Some(filler), _) if all => self.fill(group, filler),
            (None, None, Some(inner)) if all && self.only_nodes(group, inner) => {
                self.cut.gone.push(inner);
                let empty = self.layout.emptied(inner);
                self.layout.replace(inner, &empty);
            }
            _ => {
                self.runs(group, &gone);
                for (node, _) in group.nodes.iter().zip(&gone).filter(|(_, gone)| !**gone) {
                    self.parts(node);
                }
            }
        }
    }

    /// Where an expression must stay, the call gives way to what it gives.
    pub(super) fn values(&mut self, nothing: &str) {
        for &(call, function) in &self.evidence.runs {
            if !self.cut.gone.iter().chain(&self.cut.reduced).any(|gone| gone.contains(call)) {
                self.cut.gone.extend(around(call, &[function]));
                let text = self.layout.slice(function.start, function.end);
                let run = if text.contains('|') { format!("({text})()") } else { format!("{text}()") };
                self.layout.replace(call, &run);
            }
        }
        let ran = |span: Span| self.evidence.runs.iter().any(|(call, _)| call.contains(span));
        for &value in self.evidence.values.iter().filter(|value| !ran(**value)) {
            if !self.cut.gone.iter().chain(&self.cut.reduced).any(|gone| gone.contains(value)) {
                self.cut.gone.push(value);
                self.layout.replace(value, nothing);
            }
        }
    }

    fn remove(&mut self, span: Span) {
        self.cut.gone.push(span);
        self.layout.remove(span);
    }

    /// No comment stands between the statements.
    fn only_nodes(&self, group: &Group, inner: Span) -> bool {
        let mut at = inner.start;
        group.nodes.iter().all(|node| {
            let empty = self.layout.is_empty(at, node.span.start);
            at = self.layout.behind_comment(node.span.end);
            empty
        }) && self.layout.is_empty(at, inner.end)
    }

    fn goes(&mut self, node: &Node) -> bool {
        let ends = |function: &Span| node.span.contains(*function) && function.end == node.span.end;
        if node.declares || (node.function && !self.evidence.functions.iter().any(ends)) {
            return false;
        }
        if node.import {
            // Named one by one: an import also goes where the program has no trace of it.
            return self.evidence.drops(node, node.span);
        }
        if self.evidence.goes(node.span) || self.evidence.idles(node) {
            return true;
        }
        if self.evidence.failing(node).is_some() {
            // Stays in part.
            return false;
        }
        match self.evidence.effects(node) {
            Some(lost) => {
                // What acts is worth naming, not the names in it.
                let acts: Vec<Span> =
                    lost.iter().filter(|span| self.evidence.acting.binary_search(span).is_ok()).copied().collect();
                self.cut.lost.extend(if acts.is_empty() { lost } else { acts });
                true
            }
            None => false,
        }
    }

    /// The first statement makes room for the filler, the others go.
    fn fill(&mut self, group: &Group, filler: &str) {
        for (at, node) in group.nodes.iter().enumerate() {
            if at == 0 {
                self.cut.gone.push(node.span);
                self.layout.replace(node.span, filler);
            } else {
                self.remove(node.span);
            }
        }
    }

    /// Statements that follow each other go together, so that the space around them is judged once.
    fn runs(&mut self, group: &Group, gone: &[bool]) {
        let mut run: Option<Span> = None;
        for (node, gone) in group.nodes.iter().zip(gone) {
            run = match (run, *gone) {
                (Some(span), true) if self.layout.is_empty(span.end, node.span.start) => Some(span.cover(node.span)),
                (Some(span), true) => {
                    self.remove(span);
                    Some(node.span)
                }
                (None, true) => Some(node.span),
                (Some(span), false) => {
                    self.remove(span);
                    None
                }
                (None, false) => None,
            };
        }
        if let Some(span) = run {
            self.remove(span);
        }
    }

    /// The parts of a statement that stays.
    fn parts(&mut self, node: &Node) {
        if let Some(kept) = self.evidence.failing(node) {
            self.cut.gone.extend(around(node.span, &kept));
            let text = self.layout.evaluate(node.span, &kept);
            self.layout.replace(node.span, &text);
            self.cut.reduced.push(node.span);
            return;
        }
        for list in &node.lists {
            if node.import {
                let gone: Vec<bool> = list.items.iter().map(|item| self.evidence.drops(node, *item)).collect();
                self.items(list, &gone);
            } else {
                let gone: Vec<bool> = (0..list.items.len()).map(|at| self.evidence.item_goes(list, at)).collect();
                self.items(list, &gone);
            }
        }
        if let Some(wrapper) = &node.wrapper {
            let gone: Vec<bool> = wrapper.items.iter().map(|item| self.evidence.goes(*item)).collect();
            let head = Span::new(node.span.start, wrapper.body.start);
            if gone.iter().all(|gone| *gone) && !gone.is_empty() {
                self.cut.gone.push(head);
                self.layout.unwrap(node.span.start, wrapper.body, "");
            } else if let Some(kept) = self.evaluated(wrapper, head) {
                self.cut.gone.extend(around(head, &kept));
                self.cut.reduced.push(head);
                let text = self.layout.evaluate(node.span, &kept);
                self.layout.unwrap(node.span.start, wrapper.body, &text);
            } else {
                self.items(&List::commas(wrapper.items.clone()), &gone);
            }
        }
        let mut groups = node.groups.as_slice();
        if let Some((shell, [inner, last])) = node.shell.zip(<&[Group; 2]>::try_from(groups).ok())
            && last.nodes.iter().all(|node| self.goes(node))
            && !inner.nodes.iter().all(|node| self.goes(node))
            && self.layout.begins_line(shell.0.start)
        {
            let (body, clause) = shell;
            self.cut.gone.push(Span::new(node.span.start, body.start));
            self.layout.unwrap(node.span.start, body, "");
            self.remove(clause);
            groups = std::slice::from_ref(inner);
        }
        for group in groups {
            self.group(group);
        }
    }

    /// The parts that stay of the one context manager of a `with`, because they may fail.
    fn evaluated(&self, wrapper: &Wrapper, head: Span) -> Option<Vec<Span>> {
        let [item] = wrapper.items.as_slice() else { return None };
        let own_lines = self.layout.begins_line(head.start) && self.layout.begins_line(wrapper.body.start);
        let kept = own_lines.then(|| self.evidence.failing_in(*item)).flatten()?;
        (!kept.is_empty() && !kept.contains(item)).then_some(kept)
    }

    fn items(&mut self, list: &List, gone: &[bool]) {
        if !gone.contains(&true) {
            return;
        }
        let spans = list.items.iter().zip(gone).filter(|(_, gone)| **gone).map(|(item, _)| *item);
        self.cut.gone.extend(spans.clone());
        if list.lines {
            spans.for_each(|span| self.layout.remove(span));
        } else {
            self.layout.remove_items(list, gone);
        }
    }
}
