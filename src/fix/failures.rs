//! Does it matter that a call of a metric can't fail any more?
//!
//! It does where the program catches the failure and does something else then. Such a call leaves a mark in its place,
//! which the other program does not have.

use super::simplify::{end_may_raise, is_pure, may_raise};
use crate::program::{BlockId, Function, Op, OpKind, Terminator, name};
use crate::source::Span;

/// No program has a name like this.
const MARK: &str = "<the metric fails>";

/// A trace of a call that may fail.
pub(super) fn mark(span: Span) -> Op {
    Op { dst: None, kind: OpKind::DeleteGlobal(name(MARK)), span }
}

fn is_mark(op: &Op) -> bool {
    matches!(op.kind, OpKind::DeleteGlobal(global) if global == name(MARK))
}

/// Drops the marks that make no difference: nobody catches the failure any more, or whoever does goes on where the
/// block goes on.
pub(super) fn settle(body: &mut Function) {
    let idle: Vec<bool> = (0..body.blocks.len()).map(|at| makes_no_difference(body, at)).collect();
    for (block, idle) in body.blocks.iter_mut().zip(idle) {
        if idle {
            block.ops.retain(|op| !is_mark(op));
        }
    }
}

fn makes_no_difference(body: &Function, at: usize) -> bool {
    let Some(block) = body.blocks.get(at) else { return true };
    let Some(handler) = block.handler else { return true };
    let Some(first) = block.ops.iter().position(is_mark) else { return true };
    // What stands behind the failing call must run in either case.
    let rest = block.ops.get(first..).unwrap_or_default();
    let quiet =
        rest.iter().all(|op| is_mark(op) || is_pure(&op.kind) && !may_raise(&op.kind)) && !end_may_raise(&block.end);
    let Terminator::Goto(next) = block.end else { return false };
    quiet && leads_to(body, handler, next, &mut vec![false; body.blocks.len()])
}

/// All ways from `from` do nothing until they arrive at `goal`, or raise the same exception again.
fn leads_to(body: &Function, from: BlockId, goal: BlockId, seen: &mut Vec<bool>) -> bool {
    if arrives(body, from) == arrives(body, goal) {
        return true;
    }
    match seen.get_mut(from.0 as usize) {
        Some(seen) if !*seen => *seen = true,
        _ => return false,
    }
    let Some(block) = body.blocks.get(from.0 as usize) else { return false };
    if !block.ops.iter().all(|op| is_pure(&op.kind) || matches!(op.kind, OpKind::Unbind(_))) {
        return false;
    }
    match block.end {
        Terminator::Goto(to) => leads_to(body, to, goal, seen),
        Terminator::Branch(_, then, otherwise) => {
            leads_to(body, then, goal, seen) && leads_to(body, otherwise, goal, seen)
        }
        Terminator::Raise(None) => true,
        _ => false,
    }
}

/// Whoever takes over at `handler` may end the exception: control comes back to a block that is also reached without
/// one, or leaves with a result. A `finally`, and a `with`, only do something on the way.
pub(super) fn catches(body: &Function, handler: BlockId) -> bool {
    let mut plain = vec![false; body.blocks.len()];
    let mut open = vec![BlockId(0)];
    while let Some(at) = open.pop() {
        if let (Some(flag), Some(block)) = (plain.get_mut(at.0 as usize), body.blocks.get(at.0 as usize))
            && !std::mem::replace(flag, true)
        {
            open.extend(block.end.successors());
        }
    }
    let mut seen = vec![false; body.blocks.len()];
    open.push(handler);
    while let Some(at) = open.pop() {
        let (Some(flag), Some(block)) = (seen.get_mut(at.0 as usize), body.blocks.get(at.0 as usize)) else { continue };
        if std::mem::replace(flag, true) {
            continue;
        }
        if plain.get(at.0 as usize) == Some(&true) || matches!(block.end, Terminator::Return(_)) {
            return true;
        }
        let leaves = block.ops.iter().find_map(|op| match op.kind {
            OpKind::Exit { exceptional: true, .. } => op.dst,
            _ => None,
        });
        match block.end {
            // Few context managers swallow exceptions.
            Terminator::Branch(swallows, _, raises) if leaves == Some(swallows) => open.push(raises),
            _ => open.extend(block.end.successors()),
        }
        open.extend(block.handler.filter(|_| leaves.is_some() || matches!(block.end, Terminator::Raise(_))));
    }
    false
}

/// Past blocks that only lead on.
fn arrives(body: &Function, from: BlockId) -> BlockId {
    let mut at = from;
    for _ in 0..body.blocks.len() {
        match body.blocks.get(at.0 as usize) {
            Some(block) if block.ops.is_empty() => match block.end {
                Terminator::Goto(next) => at = next,
                _ => break,
            },
            _ => break,
        }
    }
    at
}
