//! Takes the operations of certain metrics out of a program, and everything that only served them.
//!
//! It starts from the calls that create and record them, and follows where the metrics are kept: variables, names of
//! modules, statics, fields, closures that give them back. What is not understood stays, and the proof fails.

use std::collections::BTreeSet;

use super::effects::{Effects, Names, Origins};
use super::facts::last_word;
use super::prepare::Side;
use super::quiet::Quiet;
use super::simplify::is_pure;
use super::take_out::Calls;
use super::tally::{Kept, Slot, Tally};
use crate::program::{
    ArgKind, Call, Callee, CollectionKind, Const, FuncId, Function, Item, Name, Op, OpKind, Program, Reg, Terminator,
    name,
};
use crate::source::{FileId, Location};

/// What is taken out.
pub(super) struct Erasing<'a> {
    pub(super) names: Names<'a>,
    pub(super) effects: &'a dyn Effects,
    /// The calls that create or record the metrics.
    pub(super) calls: &'a Calls,
    /// Which functions of the project do nothing but serve metrics.
    pub(super) quiet: Quiet<'a>,
}

/// What becomes of an operation.
pub(super) enum Verdict {
    Keep,
    Erase,
    Replace(OpKind),
}

impl<'a> Erasing<'a> {
    pub(super) fn new(side: Side<'a>, effects: &'a dyn Effects) -> Self {
        Self { names: Names::new(side.program), effects, calls: side.calls, quiet: Quiet::new(effects) }
    }

    pub(super) fn program(&self) -> &'a Program {
        self.names.program
    }

    /// A property of the project's own that does more than give a value.
    pub(super) fn is_noisy_property(&self, field: Name) -> bool {
        self.names.properties(field).iter().any(|&id| !self.quiet.is_quiet(&self.names, id, 0))
    }

    /// Finds all places that hold the metrics, starting from none.
    pub(super) fn kept(&self) -> Kept {
        let mut kept = Kept::default();
        if self.calls.all.is_empty() {
            return kept;
        }
        let mut near = self.callers();
        loop {
            let mut next = kept.clone();
            let mut tally = Tally::default();
            for &id in &near {
                self.look(id, self.program().function(id), &mut next, &mut tally);
            }
            self.settle(&mut next, &tally);
            let known = near.len();
            self.widen(&mut near, &next, &tally);
            if next == kept && near.len() == known {
                return kept;
            }
            // What was taken for a place of metrics only may be written elsewhere, too: then all begins anew.
            kept = if near.len() == known { next } else { Kept::default() };
        }
    }

    /// The functions with the calls.
    fn callers(&self) -> BTreeSet<FuncId> {
        let files: BTreeSet<FileId> = self.calls.all.iter().map(|call| call.file).collect();
        let functions = self.program().functions.iter().enumerate();
        let has_calls = functions.filter(|(_, function)| {
            files.contains(&function.file) && {
                let mut ops = function.blocks.iter().flat_map(|block| &block.ops);
                ops.any(|op| self.calls.all.contains(&Location::new(function.file, op.span)))
            }
        });
        has_calls.map(|(at, _)| FuncId(at as u32)).collect()
    }

    /// Adds the functions of files that mention a place where metrics are kept, or may be: nobody else has to do with
    /// them. Within a file, imports may give things other names.
    fn widen(&self, near: &mut BTreeSet<FuncId>, kept: &Kept, tally: &Tally) {
        let mut words: BTreeSet<Name> = kept.paths.iter().map(|path| last_word(*path)).collect();
        words.extend(&kept.fields);
        words.extend(kept.cells.iter().map(|(_, cell)| *cell));
        for slot in tally.with_metrics() {
            match slot {
                Slot::Reg(..) => {}
                Slot::Path(path) => drop(words.insert(last_word(*path))),
                Slot::Cell(_, word) | Slot::Field(word) => drop(words.insert(*word)),
            }
        }
        for id in &kept.functions {
            let function = self.program().function(*id);
            words.insert(function.name);
            near.extend(function.parent);
        }
        near.extend(words.into_iter().flat_map(|word| self.names.near(word)));
    }

    fn look(&self, id: FuncId, function: &Function, kept: &mut Kept, tally: &mut Tally) {
        let origins = Origins::new(&self.names, function);
        for param in &function.params {
            tally.write(Slot::Reg(id, param.reg), false, false);
        }
        for block in &function.blocks {
            if let Terminator::ForEach { item, .. } = block.end {
                tally.write(Slot::Reg(id, item), false, false);
            }
        }
        for op in function.blocks.iter().flat_map(|block| &block.ops) {
            let view = View { erasing: self, id, function, origins: &origins };
            if let Some(same) = view.decorated(op, kept) {
                op.dst.into_iter().for_each(|dst| {
                    kept.same.insert((id, dst), same);
                });
                continue;
            }
            let erased = matches!(view.verdict(op, kept), Verdict::Erase);
            if let Some(dst) = op.dst {
                let constant = view.is_constant(op);
                tally.write(Slot::Reg(id, dst), erased && !matches!(op.kind, OpKind::Unbind(_)), constant);
                // A temporary is written once; what follows in this round may rely on it.
                if erased && function.regs.get(dst.index()).is_some_and(|info| info.name.is_none()) {
                    kept.regs.insert((id, dst));
                }
            }
            view.count_stores(op, kept, tally);
        }
        let view = View { erasing: self, id, function, origins: &origins };
        if view.gives_back(kept) {
            kept.functions.insert(id);
            kept.paths.insert(function.path);
        }
    }

    fn settle(&self, kept: &mut Kept, tally: &Tally) {
        for slot in tally.slots().filter(|slot| tally.only_metrics(slot)) {
            match slot.clone() {
                Slot::Reg(id, reg) => drop(kept.regs.insert((id, reg))),
                Slot::Path(path) => drop(kept.paths.insert(path)),
                Slot::Cell(id, cell) => drop(kept.cells.insert((id, cell))),
                Slot::Field(field) => drop(kept.fields.insert(field)),
            }
        }
        for module in &self.program().modules {
            for (item, init) in &module.statics {
                if kept.functions.contains(init) {
                    kept.paths.insert(name(&format!("{}.{item}", module.path)));
                }
            }
        }
    }
}

/// One body, seen while looking for metrics.
pub(super) struct View<'a, 'b> {
    pub(super) erasing: &'b Erasing<'a>,
    pub(super) id: FuncId,
    pub(super) function: &'b Function,
    pub(super) origins: &'b Origins<'b>,
}

impl View<'_, '_> {
    pub(super) fn has(&self, kept: &Kept, reg: Reg) -> bool {
        kept.regs.contains(&(self.id, reg))
    }

    /// A constant written to a place that otherwise holds a metric (`counter = None`).
    fn is_constant(&self, op: &Op) -> bool {
        match op.kind {
            OpKind::Const(_) => true,
            OpKind::Copy(from) => self.constant_in(from),
            _ => false,
        }
    }

    fn constant_in(&self, reg: Reg) -> bool {
        matches!(self.origins.writer(reg).map(|op| &op.kind), Some(OpKind::Const(Const::None)))
    }

    /// The function that owns a cell.
    fn cell(&self, up: u32, cell: Name) -> Slot {
        let mut owner = self.id;
        for _ in 0..up {
            let parent = self.erasing.program().functions.get(owner.index()).and_then(|function| function.parent);
            owner = parent.unwrap_or(owner);
        }
        Slot::Cell(owner, cell)
    }

    pub(super) fn own_path(&self, global: Name) -> Name {
        self.erasing.names.own(self.function.module, global)
    }

    fn count_stores(&self, op: &Op, kept: &Kept, tally: &mut Tally) {
        let mut write = |slot: Slot, value: Reg| tally.write(slot, self.has(kept, value), self.constant_in(value));
        match &op.kind {
            OpKind::StoreGlobal(global, value) => write(Slot::Path(self.own_path(*global)), *value),
            OpKind::StoreCell(up, cell, value) => write(self.cell(*up, *cell), *value),
            OpKind::SetAttr(_, field, value) | OpKind::ClassField(field, value) => write(Slot::Field(*field), *value),
            OpKind::Call(call) => {
                let Callee::Method(receiver, _) = call.callee else { return };
                let Some(OpKind::Path(path)) = self.origins.writer(receiver).map(|op| &op.kind) else { return };
                let path = self.erasing.program().canonical(*path);
                if let [arg] = call.args.as_slice()
                    && self.origins.claims(call.callee, self.erasing.effects).fills
                {
                    write(Slot::Path(path), arg.reg);
                }
            }
            OpKind::Construct { fields, .. } => {
                fields.iter().for_each(|(field, value)| write(Slot::Field(*field), *value));
            }
            _ => {}
        }
    }

    /// `@counter.count_exceptions()`: the call of a metric's wrapper with the function that it wraps, which stays.
    pub(super) fn decorated(&self, op: &Op, kept: &Kept) -> Option<Reg> {
        let OpKind::Call(Call { callee: Callee::Value(callee), args }) = &op.kind else { return None };
        let [arg] = args.as_slice() else { return None };
        let is_function = |reg: Reg| match self.origins.writer(reg).map(|op| &op.kind) {
            Some(OpKind::Closure { .. } | OpKind::Class { .. }) => true,
            Some(OpKind::Call(call)) => call.args.len() == 1,
            _ => kept.same.contains_key(&(self.id, reg)),
        };
        (self.has(kept, *callee) && arg.kind == ArgKind::Positional && is_function(arg.reg)).then_some(arg.reg)
    }

    /// What becomes of an operation.
    pub(super) fn verdict(&self, op: &Op, kept: &Kept) -> Verdict {
        let gone = |yes: bool| if yes { Verdict::Erase } else { Verdict::Keep };
        let has = |reg: Reg| self.has(kept, reg);
        match &op.kind {
            OpKind::Call(call) if self.erases_call(op, call, kept) => match (self.runs(call), self.nothing(op)) {
                (Some(inner), _) => Verdict::Replace(OpKind::Call(inner)),
                (None, Some(value)) => Verdict::Replace(OpKind::Const(value)),
                (None, None) => Verdict::Erase,
            },
            OpKind::Copy(from) => {
                let target = op.dst.is_some_and(has);
                let temporary = op
                    .dst
                    .is_some_and(|dst| self.function.regs.get(dst.index()).is_some_and(|info| info.name.is_none()));
                // While looking, a variable is not yet known to hold metrics only: its writes are counted first.
                gone(has(*from) || (target && !temporary && self.constant_in(*from)))
            }
            OpKind::Const(_) => gone(op.dst.is_some_and(|dst| {
                has(dst) && self.function.regs.get(dst.index()).is_some_and(|info| info.name.is_some())
            })),
            OpKind::Unwrap(from)
            | OpKind::Await(from)
            | OpKind::Attr(from, _)
            | OpKind::Slice(from)
            | OpKind::Residual(from)
            | OpKind::Extract(from, _)
            | OpKind::Enter(from)
            | OpKind::Unbind(from)
                if has(*from) =>
            {
                Verdict::Erase
            }
            OpKind::Attr(_, field) => gone(kept.fields.contains(field)),
            OpKind::Index(object, _) => gone(has(*object)),
            OpKind::IsOk(from) if has(*from) => Verdict::Replace(OpKind::Const(Const::Bool(true))),
            OpKind::Exit { context, exceptional } if has(*context) => {
                if *exceptional {
                    Verdict::Replace(OpKind::Const(Const::Bool(false)))
                } else {
                    Verdict::Erase
                }
            }
            OpKind::LoadGlobal(global) => {
                gone(kept.paths.contains(&self.erasing.names.global(self.function.module, *global)))
            }
            OpKind::Path(path) => gone(kept.paths.contains(&self.erasing.program().canonical(*path))),
            OpKind::ImportFrom(module, item) => gone(kept.paths.contains(&name(&format!("{module}.{item}")))),
            OpKind::LoadCell(up, cell) => gone(self.holds(&self.cell(*up, *cell), kept)),
            OpKind::Closure { function, .. } => gone(kept.functions.contains(function)),
            _ => self.store_verdict(op, kept),
        }
    }

    fn holds(&self, slot: &Slot, kept: &Kept) -> bool {
        match slot {
            Slot::Reg(id, reg) => kept.regs.contains(&(*id, *reg)),
            Slot::Path(path) => kept.paths.contains(path),
            Slot::Cell(id, cell) => kept.cells.contains(&(*id, *cell)),
            Slot::Field(field) => kept.fields.contains(field),
        }
    }

    fn store_verdict(&self, op: &Op, kept: &Kept) -> Verdict {
        let gone = |yes: bool| if yes { Verdict::Erase } else { Verdict::Keep };
        let has = |reg: Reg| self.has(kept, reg);
        match &op.kind {
            OpKind::StoreGlobal(global, value) => {
                gone((has(*value) || self.constant_in(*value)) && kept.paths.contains(&self.own_path(*global)))
            }
            OpKind::DeleteGlobal(global) => gone(kept.paths.contains(&self.own_path(*global))),
            OpKind::StoreCell(up, cell, value) => {
                gone((has(*value) || self.constant_in(*value)) && self.holds(&self.cell(*up, *cell), kept))
            }
            OpKind::SetAttr(object, field, value) => {
                gone(has(*value) || has(*object) || (self.constant_in(*value) && kept.fields.contains(field)))
            }
            OpKind::ClassField(field, value) => {
                gone(has(*value) || (self.constant_in(*value) && kept.fields.contains(field)))
            }
            OpKind::SetIndex(object, _, value) => gone(has(*value) || has(*object)),
            OpKind::Collection(kind @ (CollectionKind::Dict | CollectionKind::Set), items) => {
                let left: Vec<Item> = items
                    .iter()
                    .filter(|item| !matches!(item, Item::Entry(_, value) | Item::Value(value) if has(*value)))
                    .copied()
                    .collect();
                if left.len() == items.len() {
                    Verdict::Keep
                } else {
                    Verdict::Replace(OpKind::Collection(*kind, left))
                }
            }
            OpKind::Collection(kind @ (CollectionKind::List | CollectionKind::Tuple), items) if self.exports(op) => {
                let goes = |item: &Item| match item {
                    Item::Value(value) => self.names_metric(*value, kept),
                    _ => false,
                };
                let left: Vec<Item> = items.iter().filter(|item| !goes(item)).copied().collect();
                if left.len() == items.len() {
                    Verdict::Keep
                } else {
                    Verdict::Replace(OpKind::Collection(*kind, left))
                }
            }
            OpKind::Construct { path, fields, base } => {
                let left: Vec<_> = fields.iter().filter(|(_, value)| !has(*value)).copied().collect();
                if left.len() == fields.len() {
                    Verdict::Keep
                } else {
                    Verdict::Replace(OpKind::Construct { path: *path, fields: left, base: *base })
                }
            }
            OpKind::Call(call) => self.map_without(call, kept),
            _ => Verdict::Keep,
        }
    }

    fn erases_call(&self, op: &Op, call: &Call, kept: &Kept) -> bool {
        if self.erasing.calls.all.contains(&Location::new(self.function.file, op.span)) {
            return true;
        }
        let (Callee::Value(callee) | Callee::Method(callee, _)) = call.callee;
        if self.has(kept, callee) {
            // A wrapper of the project's own may do more than record.
            return self.erasing.quiet.noisy(&self.erasing.names, self.origins, call.callee).is_none();
        }
        let handed = call.args.iter().any(|arg| self.has(kept, arg.reg));
        let claims = self.origins.claims(call.callee, self.erasing.effects);
        handed && (claims.keeps || claims.ends && call.args.len() == 1)
    }

    /// The body does nothing but give a metric back.
    fn gives_back(&self, kept: &Kept) -> bool {
        let mut returns = false;
        for block in &self.function.blocks {
            match block.end {
                Terminator::Return(value) if self.has(kept, value) => returns = true,
                Terminator::Goto(_) | Terminator::Branch(..) | Terminator::Unreachable => {}
                // Rust `panic!` inside `expect` and the like is the library's; a raise of its own is not nothing.
                Terminator::Return(_) | Terminator::Raise(_) | Terminator::ForEach { .. } => return false,
            }
        }
        returns
            && !self.function.is_generator
            && self.function.blocks.iter().flat_map(|block| &block.ops).all(|op| {
                is_pure(&op.kind)
                    || !matches!(self.verdict(op, kept), Verdict::Keep)
                    || matches!(&op.kind, OpKind::Call(call)
                        if self.origins.is_harmless(call.callee, self.erasing.effects))
            })
    }
}
