//! One side of the proof: the bodies of the edited files without their metrics.

use std::collections::{BTreeMap, BTreeSet};

use super::canonical::Prepared;
use super::cells;
use super::effects::{Effects, Origins};
use super::erase::{Erasing, Verdict, View};
use super::failures;
use super::leftovers::{drop_imports, drop_unmade, drop_unread_statics};
use super::simplify::{is_pure, reachable, simplify};
use super::soften::softened;
use super::take_out::Calls;
use super::tally::Kept;
use super::weight::is_plain;
use crate::program::{
    Arg, ArgKind, BlockId, Call, Callee, Class, CollectionKind, Const, FuncId, Function, Item, Name, Op, OpKind,
    Program, Reg, Terminator, end_reads, reads, visit_end, visit_reads,
};
use crate::source::{FileId, Location, Span};

/// A program, and which of its operations are put aside when it is compared.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// The program.
    pub program: &'a Program,
    /// The files that are compared.
    pub files: &'a [FileId],
    /// The calls that create and record the metrics in question.
    pub calls: &'a Calls,
    /// The text that the fix removes (before) or inserts (after): harmless operations in there that only served the
    /// metrics may go with them.
    pub touched: &'a [Location],
}

/// An entry of a container that held a metric.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) container: String,
    /// `None` for a key that is no constant.
    pub(super) key: Option<String>,
}

/// The outcome of preparing a side.
pub(super) struct Ready<'a> {
    pub(super) prepared: Prepared<'a>,
    pub(super) paths: BTreeSet<Name>,
    pub(super) entries: BTreeSet<Entry>,
    /// Where erased operations stood.
    pub(super) erased: BTreeSet<Location>,
    /// Why what stays can't do without what went.
    pub(super) problems: Vec<String>,
    /// Fields of struct literals that held a metric.
    pub(super) fields: BTreeSet<(Location, Name)>,
    /// Operations that stay only because they may fail.
    pub(super) failing: BTreeSet<Location>,
    /// Fields of objects that held a metric.
    pub(super) held: BTreeSet<Name>,
    /// Calls of the metric that ran a function, which is run without it now.
    pub(super) runs: BTreeMap<Location, Span>,
}

/// Erases, simplifies, and checks that nothing that stays needs what went.
pub(super) fn prepare<'a>(side: Side<'a>, effects: &'a dyn Effects) -> Result<Ready<'a>, String> {
    let ready = survey(side, effects, Softness::Touched);
    match ready.problems.first() {
        Some(why) => Err(why.clone()),
        None => Ok(ready),
    }
}

/// Where harmless operations count as ones without effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Softness {
    /// In the places that the edits touch.
    Touched,
    /// Everywhere: to find what could go.
    Everywhere,
}

/// Erases and simplifies, and notes what went, what stays, and what is in the way.
pub(super) fn survey<'a>(side: Side<'a>, effects: &'a dyn Effects, softness: Softness) -> Ready<'a> {
    let erasing = Erasing::new(side, effects);
    let kept = erasing.kept();
    let mut ready = Ready {
        prepared: Prepared {
            program: side.program,
            bodies: BTreeMap::new(),
            gone: kept.functions.iter().copied().collect(),
            fields: BTreeSet::new(),
            calls: &side.calls.all,
        },
        paths: kept.paths.clone(),
        entries: BTreeSet::new(),
        erased: BTreeSet::new(),
        problems: Vec::new(),
        fields: BTreeSet::new(),
        failing: BTreeSet::new(),
        held: kept.fields.clone(),
        runs: BTreeMap::new(),
    };
    for (at, function) in side.program.functions.iter().enumerate() {
        let id = FuncId(at as u32);
        if !side.files.contains(&function.file) {
            continue;
        }
        if kept.functions.contains(&id) {
            let spans = function.blocks.iter().flat_map(|block| &block.ops).map(|op| op.span);
            ready.erased.extend(spans.map(|span| Location::new(function.file, span)));
            continue;
        }
        let body = Body { side, erasing: &erasing, kept: &kept, softness, id, function }.erase(&mut ready);
        ready.prepared.bodies.insert(id, body);
    }
    cells::settle(side.program, &mut ready.prepared.bodies);
    drop_unmade(side.program, &mut ready.prepared);
    drop_imports(side.program, &mut ready.prepared);
    drop_unread_statics(side.program, &mut ready.prepared);
    ready
}

/// A body that is being erased.
pub(super) struct Body<'a, 'b> {
    pub(super) side: Side<'a>,
    pub(super) erasing: &'b Erasing<'a>,
    pub(super) kept: &'b Kept,
    pub(super) softness: Softness,
    id: FuncId,
    pub(super) function: &'b Function,
}

impl Body<'_, '_> {
    fn erase(&self, ready: &mut Ready<'_>) -> Function {
        let origins = Origins::new(&self.erasing.names, self.function);
        let view = View { erasing: self.erasing, id: self.id, function: self.function, origins: &origins };
        let found = self.looked_up(&view);
        let mut body = self.function.clone();
        let mut idle = BTreeSet::new();
        for (at, block) in body.blocks.iter_mut().enumerate() {
            let caught = block.handler.is_some_and(|handler| failures::catches(self.function, handler));
            for op in std::mem::take(&mut block.ops) {
                let place = Location::new(self.function.file, op.span);
                if op.dst.is_some_and(|dst| self.kept.same.contains_key(&(self.id, dst))) {
                    ready.erased.insert(place);
                    continue;
                }
                self.remember(&op, &origins, ready);
                match view.verdict(&op, self.kept) {
                    Verdict::Erase => {
                        ready.problems.extend(self.target_problem(&op));
                        ready.erased.insert(place);
                        block.ops.extend(self.failure(&op, caught));
                    }
                    Verdict::Replace(kind) => {
                        block.ops.extend(self.failure(&op, caught));
                        ready.runs.extend(view.run_at(&op).map(|made| (place, made)));
                        let mut op = Op { kind, ..op };
                        if matches!(op.kind, OpKind::Const(_)) {
                            ready.erased.insert(place);
                            // It stands nowhere: the text may go.
                            op.span = Span::default();
                        }
                        block.ops.push(op);
                    }
                    Verdict::Keep if op.dst.is_some_and(|dst| found.contains(&dst)) => {
                        // To look the metric up is a part of using it.
                        let index = matches!(op.kind, OpKind::Index(..)) && self.is_touched(op.span);
                        block.ops.push(if index { softened(op) } else { op });
                    }
                    Verdict::Keep => block.ops.push(self.soften(op, caught, &origins, ready)),
                }
            }
            let idles = match block.end {
                Terminator::ForEach { iter, .. } => {
                    self.is_touched(block.end_span) && is_plain(&origins, iter, self.erasing.effects)
                }
                Terminator::Branch(..) => self.softness == Softness::Everywhere || self.is_touched(block.end_span),
                _ => false,
            };
            if idles {
                idle.insert(BlockId(at as u32));
            }
        }
        self.follow_decorated(&mut body);
        simplify(&mut body, &idle);
        failures::settle(&mut body);
        simplify(&mut body, &idle);
        ready.problems.extend(self.escape(&body));
        body
    }

    pub(super) fn is_touched(&self, span: Span) -> bool {
        self.side.touched.iter().any(|place| place.file == self.function.file && place.span.contains(span))
    }

    /// A variable that holds a metric at one time and something else at another can't lose one of its values.
    fn target_problem(&self, op: &Op) -> Option<String> {
        let dst = op.dst?;
        let variable = self.function.regs.get(dst.index())?.name?;
        (!self.kept.regs.contains(&(self.id, dst)))
            .then(|| format!("`{variable}` holds the metric and other things as well"))
    }

    /// What a metric's decorator gave back is the function itself.
    fn follow_decorated(&self, body: &mut Function) {
        let target = |mut reg: Reg| {
            for _ in 0..=self.kept.same.len() {
                match self.kept.same.get(&(self.id, reg)) {
                    Some(&inner) => reg = inner,
                    None => break,
                }
            }
            reg
        };
        for block in &mut body.blocks {
            for op in &mut block.ops {
                visit_reads(&mut op.kind, &mut |reg| *reg = target(*reg));
            }
            visit_end(&mut block.end, &mut |reg| *reg = target(*reg));
        }
    }

    /// Entries that a call puts into a container: `dict(leak=…)`, `d.setdefault("leak", …)`, `d.entry(k).or_insert(…)`.
    fn put(&self, op: &Op, call: &Call, origins: &Origins<'_>) -> Vec<Entry> {
        let holds = |arg: &Arg| self.kept.regs.contains(&(self.id, arg.reg));
        let constant = |reg: Reg| origins.constant(reg).map(|value| format!("{value:?}"));
        if !call.args.iter().any(holds) {
            return Vec::new();
        }
        match call.callee {
            Callee::Value(_) => {
                let Some(container) = op.dst.and_then(|dst| stored_as(self, origins, dst)) else { return Vec::new() };
                let keys = call.args.iter().filter(|arg| holds(arg)).filter_map(|arg| match arg.kind {
                    ArgKind::Keyword(key) => Some(format!("{:?}", Const::Str(key))),
                    _ => None,
                });
                keys.map(|key| Entry { container: container.clone(), key: Some(key) }).collect()
            }
            Callee::Method(object, _) if origins.claims(call.callee, self.erasing.effects).merges => {
                let Some(container) = container(self.function, origins, object) else { return Vec::new() };
                let keys = call.args.iter().filter(|arg| holds(arg)).filter_map(|arg| match arg.kind {
                    ArgKind::Keyword(key) => Some(format!("{:?}", Const::Str(key))),
                    _ => None,
                });
                keys.map(|key| Entry { container: container.clone(), key: Some(key) }).collect()
            }
            Callee::Method(object, _) if origins.claims(call.callee, self.erasing.effects).puts => {
                let (object, key) = match origins.writer(object).map(|op| &op.kind) {
                    Some(OpKind::Call(Call { callee: Callee::Method(map, _), args })) if call.args.len() == 1 => {
                        (*map, args.first())
                    }
                    _ => (object, call.args.first()),
                };
                let container = container(self.function, origins, object);
                let key = key.and_then(|key| constant(key.reg));
                container.map(|container| Entry { container, key }).into_iter().collect()
            }
            Callee::Method(..) => Vec::new(),
        }
    }

    /// Entries of containers and fields of classes that held a metric.
    fn remember(&self, op: &Op, origins: &Origins<'_>, ready: &mut Ready<'_>) {
        let has = |reg: &Reg| self.kept.regs.contains(&(self.id, *reg));
        let constant = |reg: Reg| match origins.writer(reg).map(|op| &op.kind) {
            Some(OpKind::Const(value)) => Some(format!("{value:?}")),
            _ => None,
        };
        match &op.kind {
            OpKind::SetIndex(object, key, value) if has(value) => {
                if let Some(container) = container(self.function, origins, *object) {
                    ready.entries.insert(Entry { container, key: constant(*key) });
                }
            }
            OpKind::Collection(CollectionKind::Dict, items) => {
                for item in items {
                    if let Item::Entry(key, value) = item
                        && has(value)
                        && let Some(container) = op.dst.and_then(|dst| stored_as(self, origins, dst))
                    {
                        ready.entries.insert(Entry { container, key: constant(*key) });
                    }
                }
            }
            OpKind::Call(call) => ready.entries.extend(self.put(op, call, origins)),
            OpKind::Construct { path, fields, .. } => {
                let path = self.side.program.canonical(*path);
                let place = Location::new(self.function.file, op.span);
                for &(field, _) in fields.iter().filter(|(_, value)| has(value)) {
                    ready.prepared.fields.insert((path, field));
                    ready.fields.insert((place, field));
                }
            }
            OpKind::ClassField(field, value) if has(value) => {
                let class = self.side.program.classes.iter().find(|class| class.body == Some(self.id));
                if let Some(class) = class.filter(|class| !has_constructor(class)) {
                    ready.prepared.fields.insert((class.path, *field));
                }
            }
            _ => {}
        }
    }

    /// Nothing that stays may read what went.
    fn escape(&self, body: &Function) -> Option<String> {
        for block in &body.blocks {
            let read = block.ops.iter().flat_map(|op| reads(&op.kind)).chain(end_reads(&block.end));
            for reg in read {
                let rewritten = block.ops.iter().any(|op| op.dst == Some(reg));
                if self.kept.regs.contains(&(self.id, reg)) && !rewritten {
                    return Some(format!("the metric is used in `{}` for something else than recording", body.path));
                }
            }
        }
        None
    }
}

impl Ready<'_> {
    /// Where the operations stand that stay, among them returns, raises and branches, sorted.
    pub(super) fn left(&self, file: FileId) -> Vec<Span> {
        let mut left = Vec::new();
        for (id, body) in &self.prepared.bodies {
            if body.file != file || self.prepared.gone.contains(id) {
                continue;
            }
            let seen = reachable(body);
            for (block, _) in body.blocks.iter().zip(&seen).filter(|(_, seen)| **seen) {
                left.extend(block.ops.iter().map(|op| op.span));
                // A tail expression that was a recording: the block ends without it.
                let gone = self.erased.contains(&Location::new(file, block.end_span));
                if !gone && !matches!(block.end, Terminator::Goto(_) | Terminator::Unreachable) {
                    left.push(block.end_span);
                }
            }
        }
        left.sort_unstable();
        left.dedup();
        left
    }

    /// Where operations stay that do more than fail now and then, sorted.
    pub(super) fn acting(&self, file: FileId) -> Vec<Span> {
        let mut acting = Vec::new();
        for (id, body) in &self.prepared.bodies {
            if body.file != file || self.prepared.gone.contains(id) {
                continue;
            }
            for block in &body.blocks {
                let acts = |op: &&Op| !is_pure(&op.kind) && !self.failing.contains(&Location::new(file, op.span));
                acting.extend(block.ops.iter().filter(acts).map(|op| op.span));
                if !matches!(block.end, Terminator::Goto(_) | Terminator::Unreachable) {
                    acting.push(block.end_span);
                }
            }
        }
        acting.sort_unstable();
        acting.dedup();
        acting
    }
}

/// A constructor is made from the annotated fields of the class: without one of them it takes other arguments.
fn has_constructor(class: &Class) -> bool {
    let known = ["NamedTuple", "BaseModel", "Struct", "TypedDict", "Schema", "Model"];
    !class.attributes.is_empty() || class.bases.iter().any(|base| known.contains(&base.last_part()))
}

/// A name for the place that a container is kept in, the same wherever it is used.
pub(super) fn container(function: &Function, origins: &Origins<'_>, reg: Reg) -> Option<String> {
    if let Some(path) = origins.path(reg) {
        return Some(path.to_string());
    }
    match origins.writer(reg).map(|op| &op.kind) {
        Some(OpKind::Attr(_, field)) => Some(format!(".{field}")),
        Some(OpKind::LoadCell(_, cell)) => Some(format!("cell {cell}")),
        _ => {
            function.regs.get(reg.index()).and_then(|info| info.name).map(|local| format!("{} {local}", function.path))
        }
    }
}

/// The place into which a new container is put.
fn stored_as(body: &Body<'_, '_>, origins: &Origins<'_>, dst: Reg) -> Option<String> {
    let ops = body.function.blocks.iter().flat_map(|block| &block.ops);
    let found = ops.into_iter().find_map(|op| match &op.kind {
        OpKind::StoreGlobal(global, value) if *value == dst => {
            Some(body.erasing.names.own(body.function.module, *global).to_string())
        }
        OpKind::SetAttr(_, field, value) | OpKind::ClassField(field, value) if *value == dst => {
            Some(format!(".{field}"))
        }
        OpKind::StoreCell(_, cell, value) if *value == dst => Some(format!("cell {cell}")),
        OpKind::Copy(from) if *from == dst => op.dst.and_then(|to| container(body.function, origins, to)),
        _ => None,
    });
    found.or_else(|| container(body.function, origins, dst))
}
