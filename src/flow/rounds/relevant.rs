//! Which functions are worth running as roots: those that touch metrics, answers or shared state, and those that call
//! such functions. A call of a function that is not relevant itself is followed all the same.
//!
//! Calls are resolved without running anything here, which finds too many rather than too few (`reach.rs`).

use std::collections::{HashMap, HashSet};

use crate::flow::rounds::demand::{Demand, Want};
use crate::flow::rounds::reach::Reach;
use crate::flow::rounds::relevance::Relevance;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, ObjId};
use crate::flow::values::value::{Alt, Value};
use crate::knowledge::Tables;
use crate::knowledge::effect::CallEntry;
use crate::program::{Callee, Class, ClassKind, FuncId, Function, Name, OpKind, Reg, Syntax, TypeRef, name};

/// Objects inside of objects are looked at so deep.
const MAX_INSIDE: u8 = 3;
/// How far away those functions count as that may matter for what they leave behind or for what calls them.
const ASIDE: u8 = 2;

impl Machine<'_> {
    /// How far each function is from what matters.
    pub(crate) fn relevant(&self) -> Relevance {
        let count = self.program.functions.len();
        let fields = self.metric_fields();
        let measured = self.is_measured();
        let reach = Reach::of(self);
        let mut demand = Demand::new(self.program, &reach.callers);
        let (mut measures, mut answers, mut others) =
            (Relevance::none(count), Relevance::none(count), Relevance::none(count));
        for (at, function) in self.program.functions.iter().enumerate() {
            let id = FuncId(at as u32);
            if measured && self.measures(id, function, &fields, &mut demand) {
                measures.note(id, 0);
            }
            if self.answers_itself(id, function) {
                answers.note(id, 0);
            }
            if self.is_view_method(id) || shares(function) || self.responds(id, function) {
                others.note(id, ASIDE);
            }
        }
        self.answering_by_default().into_iter().for_each(|id| {
            answers.note(id, 0);
        });
        self.log.handlers.iter().for_each(|known| {
            others.note(known.function, ASIDE);
        });
        self.extracting().into_iter().for_each(|id| {
            others.note(id, ASIDE);
        });
        demand.solve();
        demand.wanted.iter().for_each(|(id, distance)| {
            measures.note(*id, *distance);
        });
        // Methods that fill the fields which methods that measure read.
        for class in &self.program.classes {
            if class.methods.iter().any(|(_, id)| measures.contains(*id)) {
                for (_, id) in class.methods.iter().filter(|(_, id)| self.fills_fields(*id)) {
                    others.note(*id, ASIDE);
                }
            }
        }
        reach.close(&mut answers);
        let measuring: Vec<FuncId> = measures.functions().collect();
        measuring.into_iter().for_each(|id| self.surround(id, &mut measures));
        measures.merge(&answers);
        measures.merge(&others);
        measures
    }

    /// Whether a method may fill fields of its class, or containers in them.
    fn fills_fields(&self, id: FuncId) -> bool {
        let fills = |kind: &OpKind| match kind {
            OpKind::SetAttr(..) | OpKind::Construct { .. } => true,
            OpKind::Call(call) if self.program.syntax(id) == Syntax::Rust => match call.callee {
                Callee::Method(_, method) => {
                    let does = self.tables_of(id).wildcard(method).and_then(|entry| entry.does.as_deref());
                    does.is_some_and(|does| matches!(does, "append" | "insert" | "extend" | "set-default" | "entry"))
                }
                Callee::Value(_) => false,
            },
            _ => false,
        };
        self.program.function(id).blocks.iter().flat_map(|block| &block.ops).any(|op| fills(&op.kind))
    }

    /// The functions around one that is relevant run as well: they give it what it captures.
    fn surround(&self, id: FuncId, relevance: &mut Relevance) {
        let distance = relevance.distance(id).unwrap_or(ASIDE);
        let mut parent = self.program.function(id).parent;
        while let Some(next) = parent {
            relevance.note(next, distance);
            parent = self.program.function(next).parent;
        }
    }

    /// Names under which metrics are kept: in variables and dicts as far as imports tell, and in fields that functions
    /// which create metrics fill.
    fn metric_fields(&self) -> HashSet<Name> {
        let mut fields: HashSet<Name> =
            self.metrics.iter().flat_map(|(_, info)| info.kept_as.iter().copied()).collect();
        for (at, function) in self.program.functions.iter().enumerate() {
            let id = FuncId(at as u32);
            let ops = || function.blocks.iter().flat_map(|block| &block.ops);
            let creates = ops().any(|op| match &op.kind {
                OpKind::Path(path) => self.is_creation(id, self.program.canonical(*path)),
                OpKind::LoadGlobal(global) => self.global(function, *global).is_some_and(|value| {
                    value.alts.iter().any(|alt| matches!(alt, Alt::Path(path) if self.is_creation(id, *path)))
                }),
                OpKind::ImportFrom(module, item) => self.is_creation(id, name(&format!("{module}.{item}"))),
                OpKind::Call(call) => {
                    matches!(call.callee, Callee::Method(_, method) if self.tables_of(id).creates(method))
                }
                _ => false,
            });
            if creates {
                for op in ops() {
                    match &op.kind {
                        OpKind::SetAttr(_, field, _) | OpKind::StoreGlobal(field, _) => drop(fields.insert(*field)),
                        OpKind::Construct { fields: named, .. } => fields.extend(named.iter().map(|(field, _)| *field)),
                        _ => {}
                    }
                }
            }
        }
        fields
    }

    pub(crate) fn tables_of(&self, id: FuncId) -> &Tables {
        self.knowledge.tables(self.program.syntax(id))
    }

    fn is_creation(&self, id: FuncId, path: Name) -> bool {
        let tables = self.tables_of(id);
        tables.call(path).is_some_and(|entry| entry.creates.is_some())
            || tables.type_entry(path).is_some_and(|ty| ty.metric.is_some())
    }

    /// What a name of a function's module holds.
    pub(crate) fn global(&self, function: &Function, global: Name) -> Option<&Value> {
        self.base.get(ObjId::module(function.module))?.field(global)
    }

    /// Whether a function itself makes metrics or records into them; tells what of it reaches them.
    fn measures(&self, id: FuncId, function: &Function, fields: &HashSet<Name>, demand: &mut Demand<'_>) -> bool {
        let paths = self.metric_paths(id, function);
        let mut found = !paths.is_empty();
        for op in function.blocks.iter().flat_map(|block| &block.ops) {
            match &op.kind {
                OpKind::Call(call) => {
                    // What renders is seldom made where it is called, so its type is not known yet.
                    found |= matches!(call.callee, Callee::Method(_, method) if self.tables_of(id).renders(method));
                    let want = match call.callee {
                        Callee::Method(_, method) if self.tables_of(id).creates(method) => Some(Want::Identity),
                        Callee::Method(receiver, method) => {
                            self.may_record(id, function, receiver, method, fields).then_some(Want::Data)
                        }
                        Callee::Value(callee) => paths.get(&callee).copied(),
                    };
                    if let Some(want) = want {
                        let mut regs: Vec<Reg> = call.args.iter().map(|arg| arg.reg).collect();
                        if let Callee::Method(receiver, _) = call.callee {
                            regs.push(receiver);
                        }
                        demand.seed(id, regs, want);
                        found = true;
                    }
                }
                OpKind::LoadGlobal(global) => {
                    found |= self.global(function, *global).is_some_and(|value| self.matters(id, value, 0));
                }
                OpKind::Path(path) => {
                    let kept = self.program.static_at(*path).and_then(|init| self.statics.get(&init)?.as_ref());
                    found |= kept.is_some_and(|value| self.matters(id, value, 0));
                }
                _ => {}
            }
        }
        found
    }

    /// Whether the program names a library that knows metrics: methods mean nothing by their names alone.
    fn is_measured(&self) -> bool {
        let names = |function: &Function, tables: &Tables| {
            let ops = function.blocks.iter().flat_map(|block| &block.ops);
            let mut paths = ops.filter_map(|op| match &op.kind {
                OpKind::Path(path) => Some(self.program.canonical(*path)),
                OpKind::Import { module, .. } | OpKind::ImportFrom(module, _) | OpKind::ImportStar(module) => {
                    Some(*module)
                }
                _ => None,
            });
            let typed = || function.params.iter().filter_map(|param| param.ty.as_ref());
            paths.any(|path| tables.measures(path)) || typed().any(|ty| tables.measures(ty.path))
        };
        let mut functions = self.program.functions.iter().enumerate();
        self.metrics.iter().next().is_some()
            || functions.any(|(at, function)| names(function, self.tables_of(FuncId(at as u32))))
            || self.program.classes.iter().any(|class| self.keeps_metrics(class))
    }

    /// Whether a field of a Rust struct is declared as something of a library that knows metrics.
    fn keeps_metrics(&self, class: &Class) -> bool {
        fn names(tables: &Tables, ty: &TypeRef) -> bool {
            tables.measures(ty.path) || ty.args.iter().any(|arg| names(tables, arg))
        }
        let tables = self.knowledge.tables(Syntax::Rust);
        class.kind == ClassKind::Struct
            && class.fields.iter().filter_map(|field| field.ty.as_ref()).any(|ty| names(tables, ty))
    }

    /// Registers that hold something from outside which makes metrics or records into them.
    fn metric_paths(&self, id: FuncId, function: &Function) -> HashMap<Reg, Want> {
        let want = |path: Name| {
            if self.is_creation(id, path) {
                return Some(Want::Identity);
            }
            let entry = self.tables_of(id).call(path)?;
            let records = entry.records.as_ref().is_some_and(|records| records.requires.is_none());
            let shows = entry.exposes.is_some() || self.tables_of(id).may_serve(entry);
            let metric = records || shows || entry.registers.is_some();
            metric.then_some(Want::Data)
        };
        let mut found = HashMap::new();
        for op in function.blocks.iter().flat_map(|block| &block.ops) {
            let known = match &op.kind {
                OpKind::Path(path) => want(self.program.canonical(*path)),
                OpKind::ImportFrom(module, item) => want(name(&format!("{module}.{item}"))),
                OpKind::LoadGlobal(global) => self.global(function, *global).and_then(|value| {
                    value.alts.iter().find_map(|alt| if let Alt::Path(path) = alt { want(*path) } else { None })
                }),
                _ => None,
            };
            if let (Some(want), Some(dst)) = (known, op.dst) {
                found.insert(dst, want);
            }
        }
        found
    }

    /// Whether a method call may record into a metric: by a name that only metrics have, or on something that is kept
    /// as metrics are.
    fn may_record(&self, id: FuncId, function: &Function, receiver: Reg, method: Name, fields: &HashSet<Name>) -> bool {
        let tables = self.tables_of(id);
        if !tables.records(method) {
            return false;
        }
        if tables.only_records(method) {
            return true;
        }
        let info = function.regs.get(receiver.index());
        if let Some(ty) = info.and_then(|info| info.ty.as_ref()) {
            return tables.type_entry(ty.path).is_some_and(|ty| ty.metric.is_some());
        }
        info.is_some_and(|info| {
            info.name.is_some_and(|known| fields.contains(&known))
                || match info.place {
                    Some(crate::program::Place::Field(_, field)) => fields.contains(&field),
                    Some(crate::program::Place::Global(global)) => {
                        fields.contains(&global)
                            || self.global(function, global).is_some_and(|value| self.matters(id, value, 0))
                    }
                    _ => false,
                }
        })
    }

    /// A value of a module's name that is, holds or makes metrics, or is shared and empty: it may be filled with them.
    fn matters(&self, id: FuncId, value: &Value, depth: u8) -> bool {
        value.alts.iter().any(|alt| match alt {
            Alt::Metric(_) | Alt::Missing(_) | Alt::Status(_) => true,
            Alt::Path(path) => self.path_matters(id, *path),
            Alt::Object(object) if depth < MAX_INSIDE => self.base.get(*object).is_some_and(|object| {
                let collects = matches!(object.kind, Kind::List | Kind::Dict | Kind::Set);
                let may_be_filled = collects && object.entries.is_empty() && object.rest.is_none();
                matches!(object.kind, Kind::Opaque | Kind::Response)
                    || may_be_filled
                    || object.entries.values().chain(object.rest.iter()).any(|value| self.matters(id, value, depth + 1))
            }),
            _ => false,
        })
    }

    /// Whether knowledge says anything of a path that concerns metrics or answers.
    fn path_matters(&self, id: FuncId, path: Name) -> bool {
        let tables = self.tables_of(id);
        let records = |entry: &CallEntry| entry.records.as_ref().is_some_and(|records| records.requires.is_none());
        self.is_creation(id, path)
            || tables
                .call(path)
                .is_some_and(|entry| entry.exposes.is_some() || entry.registers.is_some() || records(entry))
            || self.path_answers(id, path)
    }
}

/// Whether a function leaves something in names of its module.
fn shares(function: &Function) -> bool {
    function.blocks.iter().flat_map(|block| &block.ops).any(|op| matches!(op.kind, OpKind::StoreGlobal(..)))
}
