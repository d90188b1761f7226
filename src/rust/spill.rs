//! Variables that closures capture live in cells: rewrites a finished function so that they do.
//!
//! Lowering learns of a capture only when it meets the closure, behind code that already uses the variable. So
//! variables start as registers, and this pass turns their reads and writes into cell operations at the end.

use std::collections::BTreeMap;

use crate::program::{Function, Name, Op, OpKind, Place, Reg, RegInfo, Terminator, visit_reads};
use crate::source::Span;

/// Moves the variables to cells of the given names.
pub(super) fn spill(function: &mut Function, captured: &BTreeMap<Reg, Name>) {
    if captured.is_empty() {
        return;
    }
    function.cells = captured.values().copied().collect();
    let mut regs = std::mem::take(&mut function.regs);
    for block in &mut function.blocks {
        let ops = std::mem::take(&mut block.ops);
        let mut spiller = Spiller { captured, regs: &mut regs, out: Vec::with_capacity(ops.len()) };
        for op in ops {
            spiller.op(op);
        }
        let span = block.end_span;
        match &mut block.end {
            Terminator::Branch(reg, ..)
            | Terminator::Return(reg)
            | Terminator::Raise(Some(reg))
            | Terminator::ForEach { iter: reg, .. } => *reg = spiller.load(*reg, span),
            _ => {}
        }
        block.ops = spiller.out;
    }
    function.regs = regs;
    if let Some(entry) = function.blocks.first_mut() {
        let stores = function.params.iter().filter_map(|param| {
            let cell = *captured.get(&param.reg)?;
            Some(Op { dst: None, kind: OpKind::StoreCell(0, cell, param.reg), span: param.span })
        });
        entry.ops.splice(0..0, stores.collect::<Vec<_>>());
    }
}

struct Spiller<'a> {
    captured: &'a BTreeMap<Reg, Name>,
    regs: &'a mut Vec<RegInfo>,
    out: Vec<Op>,
}

impl Spiller<'_> {
    fn fresh(&mut self, info: RegInfo) -> Reg {
        let reg = Reg(self.regs.len() as u32);
        self.regs.push(info);
        reg
    }

    /// The register to read instead of `reg`.
    fn load(&mut self, reg: Reg, span: Span) -> Reg {
        let Some(&cell) = self.captured.get(&reg) else { return reg };
        let ty = self.regs.get(reg.index()).and_then(|info| info.ty.clone());
        let fresh = self.fresh(RegInfo { name: None, ty, place: Some(Place::Cell(0, cell)) });
        self.out.push(Op { dst: Some(fresh), kind: OpKind::LoadCell(0, cell), span });
        fresh
    }

    fn op(&mut self, mut op: Op) {
        let span = op.span;
        let mut loaded: Vec<(Reg, Reg)> = Vec::new();
        visit_reads(&mut op.kind, &mut |reg| {
            if let Some(&(_, known)) = loaded.iter().find(|(old, _)| old == reg) {
                *reg = known;
            } else {
                let old = *reg;
                *reg = self.load(old, span);
                if *reg != old {
                    loaded.push((old, *reg));
                }
            }
        });
        let store = op.dst.and_then(|dst| self.captured.get(&dst).map(|&cell| (dst, cell)));
        let Some((dst, cell)) = store else {
            self.move_place(op.dst, &loaded);
            self.out.push(op);
            return;
        };
        // What is assigned to a variable keeps its name on the way to the cell: names say what values are about.
        let (variable, ty) = self.regs.get(dst.index()).map_or((None, None), |info| (info.name, info.ty.clone()));
        let fresh = self.fresh(RegInfo { name: variable, ty, place: None });
        op.dst = Some(fresh);
        self.out.push(op);
        self.out.push(Op { dst: None, kind: OpKind::StoreCell(0, cell, fresh), span });
    }

    /// The place of a temporary names the registers that its operation read.
    fn move_place(&mut self, dst: Option<Reg>, loaded: &[(Reg, Reg)]) {
        let Some(place) = dst.and_then(|dst| self.regs.get_mut(dst.index())).and_then(|info| info.place.as_mut())
        else {
            return;
        };
        let to = |reg: Reg| loaded.iter().find(|(old, _)| *old == reg).map_or(reg, |&(_, new)| new);
        *place = match *place {
            Place::Field(reg, field) => Place::Field(to(reg), field),
            Place::Index(reg, index) => Place::Index(to(reg), to(index)),
            Place::Through(reg) => Place::Through(to(reg)),
            Place::Reg(reg) => self.captured.get(&reg).map_or(Place::Reg(reg), |&cell| Place::Cell(0, cell)),
            other => other,
        };
    }
}
