//! What is known of a function's graph before running it: order, live registers, definitions.

use std::collections::{BTreeMap, BTreeSet};

use crate::program::{self, Function, Op, OpKind, Place, Reg, Terminator};

/// Facts about one function's graph.
#[derive(Debug)]
pub(crate) struct Graph {
    /// Position of each block in reverse postorder: blocks are run in this order.
    pub(crate) order: Vec<u32>,
    /// Registers that are read in or behind each block before they are written.
    pub(crate) live: Vec<Vec<Reg>>,
    /// Of the live ones, those whose constants decide branches.
    pub(crate) deciding: Vec<Vec<Reg>>,
    /// Those whose constants decide branches or are what the function answers, and that matter in or behind each block.
    pub(crate) telling: Vec<Vec<Reg>>,
    /// For registers written once: the block and operation.
    pub(crate) definition: BTreeMap<Reg, (usize, usize)>,
}

impl Graph {
    /// Whether several operations write a register: the arms of a `match`, the branches of an `if`.
    pub(crate) fn is_chosen(&self, reg: Reg) -> bool {
        !self.definition.contains_key(&reg)
    }
}

impl Graph {
    pub(crate) fn of(function: &Function) -> Self {
        let order = postorder(function);
        let live = liveness(function, &order);
        let deciders = deciders(function);
        let deciding =
            live.iter().map(|regs| regs.iter().filter(|reg| deciders.contains(reg)).copied().collect()).collect();
        let telling = telling(function, &live, &deciders);
        let order = ranks(&order, function.blocks.len());
        Graph { order, live, deciding, telling, definition: definitions(function) }
    }
}

fn ranks(postorder: &[usize], blocks: usize) -> Vec<u32> {
    let mut rank = vec![u32::MAX; blocks];
    for (at, &block) in postorder.iter().rev().enumerate() {
        rank[block] = at as u32;
    }
    rank
}

fn edges(function: &Function, block: usize) -> Vec<usize> {
    let block = &function.blocks[block];
    let mut to: Vec<usize> = block.end.successors().iter().map(|id| id.index()).collect();
    to.extend(block.handler.map(|id| id.index()));
    to.retain(|&at| at < function.blocks.len());
    to
}

fn postorder(function: &Function) -> Vec<usize> {
    let mut seen = vec![false; function.blocks.len()];
    let mut order = Vec::with_capacity(function.blocks.len());
    if function.blocks.is_empty() {
        return order;
    }
    let mut stack = vec![(0, edges(function, 0))];
    seen[0] = true;
    while let Some((block, rest)) = stack.last_mut() {
        if let Some(next) = rest.pop() {
            if !seen[next] {
                seen[next] = true;
                stack.push((next, edges(function, next)));
            }
        } else {
            order.push(*block);
            stack.pop();
        }
    }
    order
}

/// Backward data flow over registers that cross blocks.
fn liveness(function: &Function, postorder: &[usize]) -> Vec<Vec<Reg>> {
    let count = function.blocks.len();
    let mut uses: Vec<BTreeSet<Reg>> = vec![BTreeSet::new(); count];
    let mut kills: Vec<BTreeSet<Reg>> = vec![BTreeSet::new(); count];
    for (at, block) in function.blocks.iter().enumerate() {
        for op in &block.ops {
            for reg in reads(function, op) {
                if !kills[at].contains(&reg) {
                    uses[at].insert(reg);
                }
            }
            kills[at].extend(op.dst);
        }
        for reg in end_reads(function, &block.end) {
            if !kills[at].contains(&reg) {
                uses[at].insert(reg);
            }
        }
        if block.handler.is_some() {
            // The handler may run after any of the block's operations: what it reads stays alive throughout.
            kills[at].clear();
        }
    }
    let mut live = uses.clone();
    let mut again = true;
    while again {
        again = false;
        for &block in postorder {
            let mut incoming: Vec<Reg> = Vec::new();
            for next in edges(function, block) {
                incoming.extend(live[next].iter().filter(|reg| !kills[block].contains(reg)));
            }
            if let Terminator::ForEach { item, .. } = function.blocks[block].end {
                incoming.retain(|reg| *reg != item || function.blocks[block].handler.is_some());
            }
            for reg in incoming {
                again |= live[block].insert(reg);
            }
        }
    }
    live.into_iter().map(|set| set.into_iter().collect()).collect()
}

fn definitions(function: &Function) -> BTreeMap<Reg, (usize, usize)> {
    let mut found: BTreeMap<Reg, Option<(usize, usize)>> = BTreeMap::new();
    for (block, body) in function.blocks.iter().enumerate() {
        for (at, op) in body.ops.iter().enumerate() {
            if let Some(dst) = op.dst {
                found.entry(dst).and_modify(|known| *known = None).or_insert(Some((block, at)));
            }
        }
        if let Terminator::ForEach { item, .. } = body.end {
            found.insert(item, None);
        }
    }
    for param in &function.params {
        found.insert(param.reg, None);
    }
    found.into_iter().filter_map(|(reg, at)| at.map(|at| (reg, at))).collect()
}

/// Registers that a branch, a comparison or a pattern looks at, and iterators.
fn deciders(function: &Function) -> BTreeSet<Reg> {
    let mut found = BTreeSet::new();
    for block in &function.blocks {
        for op in &block.ops {
            match &op.kind {
                OpKind::Compare(_, left, right) => {
                    for reg in [*left, *right] {
                        found.insert(reg);
                        if let Some(Place::Field(base, _)) = function.regs.get(reg.index()).and_then(|info| info.place)
                        {
                            found.insert(base);
                        }
                    }
                }
                OpKind::Test(value, _) | OpKind::IsOk(value) | OpKind::Unary(_, value) => {
                    found.insert(*value);
                }
                _ => {}
            }
        }
        match block.end {
            Terminator::Branch(cond, ..) => {
                found.insert(cond);
            }
            Terminator::ForEach { iter, .. } => {
                found.insert(iter);
            }
            _ => {}
        }
    }
    found
}

/// For each block the registers by which states inside of it are told apart.
fn telling(function: &Function, live: &[Vec<Reg>], deciders: &BTreeSet<Reg>) -> Vec<Vec<Reg>> {
    let mut all = deciders.clone();
    for block in &function.blocks {
        if let Terminator::Return(value) | Terminator::Raise(Some(value)) = block.end {
            all.insert(value);
        }
    }
    let of_block = |at: usize| {
        let block = &function.blocks[at];
        let mut regs: BTreeSet<Reg> = edges(function, at).iter().flat_map(|&next| &live[next]).copied().collect();
        regs.extend(block.ops.iter().flat_map(|op| reads(function, op)));
        regs.extend(end_reads(function, &block.end));
        regs.intersection(&all).copied().collect()
    };
    (0..function.blocks.len()).map(of_block).collect()
}

fn end_reads(function: &Function, end: &Terminator) -> Vec<Reg> {
    let mut regs = match *end {
        Terminator::Branch(cond, ..) => vec![cond],
        Terminator::ForEach { iter, .. } => vec![iter],
        Terminator::Return(value) | Terminator::Raise(Some(value)) => vec![value],
        _ => Vec::new(),
    };
    if matches!(end, Terminator::Return(_)) {
        // What callers get back through `&mut` parameters.
        regs.extend(function.params.iter().filter(|param| param.is_mut_ref).map(|param| param.reg));
    }
    regs
}

fn with_places(function: &Function, regs: &mut Vec<Reg>) {
    let mut at = 0;
    while at < regs.len() && regs.len() < 64 {
        match function.regs.get(regs[at].index()).and_then(|info| info.place) {
            Some(Place::Reg(base) | Place::Field(base, _) | Place::Through(base)) if !regs.contains(&base) => {
                regs.push(base);
            }
            Some(Place::Index(base, index)) => {
                for reg in [base, index] {
                    if !regs.contains(&reg) {
                        regs.push(reg);
                    }
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// Every register that an operation reads, places through which it may write included.
pub(crate) fn reads(function: &Function, op: &Op) -> Vec<Reg> {
    let mut regs = program::reads(&op.kind);
    with_places(function, &mut regs);
    regs
}
