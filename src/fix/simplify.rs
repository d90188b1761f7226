//! Brings a function's graph into a form in which removed operations leave no trace: empty blocks and branches that
//! make no difference go, handlers that only raise again go, and pure operations whose result nobody reads go.

use std::collections::BTreeSet;

use crate::program::{BlockId, Const, Function, Op, OpKind, Reg, Terminator, end_reads, reads};

/// Each round removes something, or is the last; this only keeps a mistake from looping for ever.
const ROUNDS: usize = 200;

/// Simplifies until nothing changes. The ends of the blocks in `idle` may go without a trace: loops that only take
/// elements from a harmless iterator, branches that make no difference. Elsewhere a condition is still asked.
pub(super) fn simplify(function: &mut Function, idle: &BTreeSet<BlockId>) {
    for _ in 0..ROUNDS {
        let mut changed = fold(function, idle);
        changed |= thread(function);
        changed |= drop_handlers(function);
        changed |= drop_dead(function);
        if !changed {
            return;
        }
    }
}

/// The operation does nothing but give a result: without a reader it may go.
pub(super) fn is_pure(kind: &OpKind) -> bool {
    matches!(
        kind,
        OpKind::Const(_)
            | OpKind::Copy(_)
            | OpKind::LoadGlobal(_)
            | OpKind::Path(_)
            | OpKind::LoadCell(..)
            | OpKind::Format(_)
            | OpKind::Attr(..)
            | OpKind::Collection(..)
            | OpKind::Construct { .. }
            | OpKind::Closure { .. }
            | OpKind::Test(..)
            | OpKind::Extract(..)
            | OpKind::Caught
            | OpKind::CaughtMatches(..)
            | OpKind::IsOk(_)
            | OpKind::Unwrap(_)
            | OpKind::Residual(_)
    )
}

/// Whether control may go to the handler from here.
pub(super) fn may_raise(kind: &OpKind) -> bool {
    match kind {
        OpKind::LoadGlobal(_) | OpKind::Format(_) | OpKind::Attr(..) => true,
        OpKind::StoreGlobal(..) | OpKind::StoreCell(..) | OpKind::ClassField(..) | OpKind::Unbind(_) => false,
        other => !is_pure(other),
    }
}

/// Whether the end of a block may raise.
pub(super) fn end_may_raise(end: &Terminator) -> bool {
    matches!(end, Terminator::Raise(_) | Terminator::ForEach { .. })
}

fn block_of(function: &Function, id: BlockId) -> Option<&crate::program::Block> {
    function.blocks.get(id.0 as usize)
}

/// Where control really arrives: blocks without operations are passed through.
fn arrival(function: &Function, from: BlockId) -> BlockId {
    let mut at = from;
    for _ in 0..function.blocks.len() {
        match block_of(function, at) {
            Some(block) if block.ops.is_empty() => match block.end {
                Terminator::Goto(next) => at = next,
                _ => break,
            },
            _ => break,
        }
    }
    at
}

fn thread(function: &mut Function) -> bool {
    let arrivals: Vec<BlockId> = (0..function.blocks.len()).map(|at| arrival(function, BlockId(at as u32))).collect();
    let go = |id: BlockId| arrivals.get(id.0 as usize).copied().unwrap_or(id);
    let mut changed = false;
    for block in &mut function.blocks {
        let end = match block.end {
            Terminator::Goto(to) => Terminator::Goto(go(to)),
            Terminator::Branch(cond, then, otherwise) => Terminator::Branch(cond, go(then), go(otherwise)),
            Terminator::ForEach { iter, item, body, exit } => {
                Terminator::ForEach { iter, item, body: go(body), exit: go(exit) }
            }
            other => other,
        };
        changed |= end != block.end;
        block.end = end;
    }
    changed
}

/// Decides branches whose condition is known or whose ways meet at once.
fn fold(function: &mut Function, idle: &BTreeSet<BlockId>) -> bool {
    let known = known_truths(function);
    let mut changed = false;
    for at in 0..function.blocks.len() {
        let here = BlockId(at as u32);
        let Some(block) = function.blocks.get(at) else { continue };
        let mut asked = None;
        let goal = match block.end {
            Terminator::Branch(cond, then, otherwise) if arrival(function, then) == arrival(function, otherwise) => {
                asked = (!idle.contains(&here)).then_some(cond);
                Some(then)
            }
            Terminator::Branch(cond, then, otherwise) => {
                known.get(cond.index()).copied().flatten().map(|truth| if truth { then } else { otherwise })
            }
            Terminator::ForEach { body, exit, .. }
                if idle.contains(&here) && block.ops.is_empty() && arrival(function, body) == here =>
            {
                Some(exit)
            }
            _ => None,
        };
        if let (Some(goal), Some(block)) = (goal, function.blocks.get_mut(at)) {
            let span = block.end_span;
            block.ops.extend(asked.map(|cond| Op { dst: None, kind: OpKind::Iter(cond), span }));
            block.end = Terminator::Goto(goal);
            changed = true;
        }
    }
    changed
}

/// Temporaries that are written once, with a truth value.
fn known_truths(function: &Function) -> Vec<Option<bool>> {
    let mut writes = vec![0_u32; function.regs.len()];
    let mut known = vec![None; function.regs.len()];
    for op in function.blocks.iter().flat_map(|block| &block.ops) {
        let Some(dst) = op.dst.map(Reg::index) else { continue };
        let named = function.regs.get(dst).is_none_or(|info| info.name.is_some());
        if let (Some(count), Some(slot)) = (writes.get_mut(dst), known.get_mut(dst)) {
            *count += 1;
            *slot = match op.kind {
                OpKind::Const(Const::Bool(truth)) if !named && *count == 1 => Some(truth),
                _ => None,
            };
        }
    }
    known
}

/// A landing block that only raises again is none; a block in which nothing raises needs none.
fn drop_handlers(function: &mut Function) -> bool {
    let again: Vec<bool> =
        function.blocks.iter().map(|block| block.ops.is_empty() && block.end == Terminator::Raise(None)).collect();
    let mut changed = false;
    for at in 0..function.blocks.len() {
        let Some(block) = function.blocks.get(at) else { continue };
        let mut handler = block.handler;
        if !block.ops.iter().any(|op| may_raise(&op.kind)) && !end_may_raise(&block.end) {
            handler = None;
        }
        for _ in 0..function.blocks.len() {
            let Some(to) = handler.map(|to| arrival(function, to)) else { break };
            handler = Some(to);
            match (again.get(to.0 as usize), block_of(function, to)) {
                (Some(true), Some(landing)) => handler = landing.handler,
                _ => break,
            }
        }
        if let Some(block) = function.blocks.get_mut(at)
            && block.handler != handler
        {
            block.handler = handler;
            changed = true;
        }
    }
    changed
}

/// Which blocks control can reach.
pub(super) fn reachable(function: &Function) -> Vec<bool> {
    let mut seen = vec![false; function.blocks.len()];
    let mut open = vec![BlockId(0)];
    while let Some(at) = open.pop() {
        let (Some(flag), Some(block)) = (seen.get_mut(at.0 as usize), block_of(function, at)) else { continue };
        if !std::mem::replace(flag, true) {
            open.extend(block.end.successors());
            open.extend(block.handler);
        }
    }
    seen
}

/// One bit per register.
#[derive(Clone, PartialEq)]
struct Bits(Vec<u64>);

impl Bits {
    fn new(len: usize) -> Self {
        Self(vec![0; len.div_ceil(64)])
    }

    fn set(&mut self, reg: Reg, on: bool) {
        if let Some(word) = self.0.get_mut(reg.index() / 64) {
            let mask = 1 << (reg.index() % 64);
            *word = if on { *word | mask } else { *word & !mask };
        }
    }

    fn has(&self, reg: Reg) -> bool {
        self.0.get(reg.index() / 64).is_some_and(|word| word & (1 << (reg.index() % 64)) != 0)
    }

    fn join(&mut self, other: &Bits) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, more)| *word |= more);
    }
}

/// Removes pure operations that nobody reads, and the operations of blocks that control never reaches.
fn drop_dead(function: &mut Function) -> bool {
    let seen = reachable(function);
    let mut changed = false;
    for (block, seen) in function.blocks.iter_mut().zip(&seen) {
        let cleared = block.ops.is_empty() && block.end == Terminator::Unreachable;
        if !seen && !cleared {
            block.ops.clear();
            block.end = Terminator::Unreachable;
            block.handler = None;
            changed = true;
        }
    }
    let entry = live_at_entry(function);
    let written = written(function);
    for at in 0..function.blocks.len() {
        let Some((mut live, pinned)) = live_at_end(function, at, &entry) else { continue };
        let Some(block) = function.blocks.get_mut(at) else { continue };
        let before = block.ops.len();
        let mut kept: Vec<Op> = Vec::with_capacity(before);
        for op in std::mem::take(&mut block.ops).into_iter().rev() {
            let wanted = op.dst.is_some_and(|dst| live.has(dst) || pinned.has(dst));
            let gone = match op.kind {
                OpKind::Unbind(reg) => !written.has(reg),
                _ => is_pure(&op.kind) && !wanted,
            };
            if !gone {
                pass(&mut live, &op);
                kept.push(op);
            }
        }
        kept.reverse();
        block.ops = kept;
        changed |= block.ops.len() != before;
    }
    changed
}

/// Registers that something writes.
fn written(function: &Function) -> Bits {
    let mut bits = Bits::new(function.regs.len());
    for block in &function.blocks {
        block.ops.iter().filter_map(|op| op.dst).for_each(|reg| bits.set(reg, true));
        if let Terminator::ForEach { item, .. } = block.end {
            bits.set(item, true);
        }
    }
    function.params.iter().for_each(|param| bits.set(param.reg, true));
    bits
}

/// Steps backwards over one operation.
fn pass(live: &mut Bits, op: &Op) {
    if let Some(dst) = op.dst {
        live.set(dst, false);
    }
    if let OpKind::Unbind(reg) = op.kind {
        live.set(reg, false);
    } else {
        reads(&op.kind).into_iter().for_each(|reg| live.set(reg, true));
    }
}

/// What is read behind the operations of a block, and what its handler reads (live all through the block).
fn live_at_end(function: &Function, at: usize, entry: &[Bits]) -> Option<(Bits, Bits)> {
    let block = function.blocks.get(at)?;
    let mut live = Bits::new(function.regs.len());
    let mut pinned = live.clone();
    for next in block.end.successors() {
        live.join(entry.get(next.0 as usize)?);
    }
    if let Terminator::ForEach { item, .. } = block.end {
        live.set(item, false);
    }
    if let Some(reg) = end_reads(&block.end) {
        live.set(reg, true);
    }
    if let Some(handler) = block.handler {
        pinned.join(entry.get(handler.0 as usize)?);
    }
    Some((live, pinned))
}

fn live_at_entry(function: &Function) -> Vec<Bits> {
    let mut entry = vec![Bits::new(function.regs.len()); function.blocks.len()];
    loop {
        let mut changed = false;
        for at in (0..function.blocks.len()).rev() {
            let (Some((mut live, pinned)), Some(block)) = (live_at_end(function, at, &entry), function.blocks.get(at))
            else {
                continue;
            };
            block.ops.iter().rev().for_each(|op| pass(&mut live, op));
            live.join(&pinned);
            if let Some(known) = entry.get_mut(at)
                && *known != live
            {
                *known = live;
                changed = true;
            }
        }
        if !changed {
            return entry;
        }
    }
}
