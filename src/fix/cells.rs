//! A variable that no inner function uses any more is an ordinary one again, as it is in a program that never had the
//! inner use.

use std::collections::{BTreeMap, BTreeSet};

use super::simplify::simplify;
use crate::program::{
    FuncId, Function, Name, Op, OpKind, Program, Reg, RegInfo, end_reads, reads, visit_end, visit_reads,
};

/// Turns cells that only their own function uses into registers.
pub(super) fn settle(program: &Program, bodies: &mut BTreeMap<FuncId, Function>) {
    let shared = shared(program, bodies);
    for (&id, body) in bodies.iter_mut() {
        let own: Vec<Name> = body.cells.iter().filter(|cell| !shared.contains(&(id, **cell))).copied().collect();
        for cell in own {
            into_register(body, cell);
        }
        coalesce(body);
        simplify(body, &BTreeSet::new());
    }
}

/// Cells that another function uses, by owner.
fn shared(program: &Program, bodies: &BTreeMap<FuncId, Function>) -> BTreeSet<(FuncId, Name)> {
    let mut made = BTreeSet::new();
    for op in bodies.values().flat_map(|body| &body.blocks).flat_map(|block| &block.ops) {
        match op.kind {
            OpKind::Closure { function, .. } => drop(made.insert(function)),
            OpKind::Class { class, .. } => {
                made.extend(program.classes.get(class.index()).and_then(|class| class.body));
            }
            _ => {}
        }
    }
    let mut shared = BTreeSet::new();
    for (&id, body) in bodies.iter().filter(|(id, body)| body.parent.is_none() || made.contains(id)) {
        for op in body.blocks.iter().flat_map(|block| &block.ops) {
            if let OpKind::LoadCell(up, cell) | OpKind::StoreCell(up, cell, _) = op.kind {
                let mut owner = id;
                for _ in 0..up {
                    owner = program.functions.get(owner.index()).and_then(|function| function.parent).unwrap_or(owner);
                }
                if up > 0 {
                    shared.insert((owner, cell));
                }
            }
        }
    }
    shared
}

fn into_register(body: &mut Function, cell: Name) {
    let param = body.params.iter().find(|param| param.name == cell).map(|param| param.reg);
    let home = param.unwrap_or_else(|| {
        body.regs.push(RegInfo { name: Some(cell), ..RegInfo::default() });
        Reg(body.regs.len() as u32 - 1)
    });
    let mut same: BTreeMap<Reg, Reg> = BTreeMap::new();
    for block in &mut body.blocks {
        block.ops.retain_mut(|op| match op.kind {
            OpKind::StoreCell(0, known, value) if known == cell => {
                op.kind = OpKind::Copy(value);
                op.dst = Some(home);
                value != home
            }
            OpKind::LoadCell(0, known) if known == cell => {
                same.extend(op.dst.map(|dst| (dst, home)));
                false
            }
            _ => true,
        });
    }
    for block in &mut body.blocks {
        for op in &mut block.ops {
            visit_reads(&mut op.kind, &mut |reg| *reg = same.get(reg).copied().unwrap_or(*reg));
        }
        visit_end(&mut block.end, &mut |reg| *reg = same.get(reg).copied().unwrap_or(*reg));
    }
}

/// A temporary that is made only to be copied to a variable by the next operation is that variable.
fn coalesce(body: &mut Function) {
    let mut uses = vec![0_u32; body.regs.len()];
    let all = body
        .blocks
        .iter()
        .flat_map(|block| block.ops.iter().flat_map(|op| reads(&op.kind)).chain(end_reads(&block.end)));
    for reg in all {
        if let Some(count) = uses.get_mut(reg.index()) {
            *count += 1;
        }
    }
    let regs = &body.regs;
    for block in &mut body.blocks {
        let mut kept: Vec<Op> = Vec::with_capacity(block.ops.len());
        for op in std::mem::take(&mut block.ops) {
            match (&op.kind, kept.last_mut()) {
                (OpKind::Copy(from), Some(maker))
                    if maker.dst == Some(*from)
                        && uses.get(from.index()) == Some(&1)
                        && regs.get(from.index()).is_some_and(|info| info.name.is_none()) =>
                {
                    maker.dst = op.dst;
                }
                _ => kept.push(op),
            }
        }
        block.ops = kept;
    }
}
