//! Which functions are worth running as roots: those that touch metrics, answers or shared state, and those that call
//! such functions. A call of a function that is not relevant itself is followed all the same.
//!
//! Calls are resolved by name here, which finds too many rather than too few.

use std::collections::{HashMap, HashSet};

use crate::program::{Callee, Const, FuncId, Function, Name, OpKind, Syntax, name};

use super::heap::{Kind, ObjId};
use super::machine::Machine;
use super::value::{Alt, Value};

impl Machine<'_> {
    /// For each function whether it is relevant.
    pub(super) fn relevant(&self) -> Vec<bool> {
        let count = self.program.functions.len();
        let mut direct = vec![false; count];
        let mut callers: HashMap<Name, Vec<usize>> = HashMap::new();
        for (at, function) in self.program.functions.iter().enumerate() {
            let mut mentions = HashSet::new();
            direct[at] = self.is_direct(FuncId(at as u32), function, &mut mentions);
            for mentioned in mentions {
                callers.entry(mentioned).or_default().push(at);
            }
        }
        for known in &self.log.handlers {
            direct[known.function.index()] = true;
        }
        for function in self.extracting() {
            direct[function.index()] = true;
        }
        self.close(&mut direct, &callers);
        // Methods that fill the fields which relevant methods of the class read.
        for class in &self.program.classes {
            if class.methods.iter().any(|(_, id)| direct[id.index()]) {
                for (_, id) in &class.methods {
                    let stores = self
                        .program
                        .function(*id)
                        .blocks
                        .iter()
                        .flat_map(|block| &block.ops)
                        .any(|op| self.fills(*id, &op.kind));
                    direct[id.index()] |= stores;
                }
            }
        }
        self.close(&mut direct, &callers);
        direct
    }

    /// Whether an operation of a method may fill a field of its class, or a container in one.
    fn fills(&self, id: FuncId, op: &OpKind) -> bool {
        match op {
            OpKind::SetAttr(..) | OpKind::Construct { .. } => true,
            OpKind::Call(call) if self.program.syntax(id) == Syntax::Rust => match call.callee {
                Callee::Method(_, method) => {
                    let does =
                        self.knowledge.tables(Syntax::Rust).wildcard(method).and_then(|entry| entry.does.as_deref());
                    does.is_some_and(|does| matches!(does, "append" | "insert" | "extend" | "set-default" | "entry"))
                }
                Callee::Value(_) => false,
            },
            _ => false,
        }
    }

    /// Whoever calls a relevant function is relevant.
    fn close(&self, relevant: &mut [bool], callers: &HashMap<Name, Vec<usize>>) {
        let mut waiting: Vec<usize> = (0..relevant.len()).filter(|at| relevant[*at]).collect();
        let mut done: HashSet<Name> = HashSet::new();
        while let Some(at) = waiting.pop() {
            let function = &self.program.functions[at];
            let mut names = vec![function.name];
            if let Some(owner) = function.owner {
                names.push(self.program.class(owner).name);
            }
            if let Some(parent) = function.parent {
                names.push(self.program.function(parent).name);
            }
            for known_as in names {
                if !done.insert(known_as) {
                    continue;
                }
                for &caller in callers.get(&known_as).into_iter().flatten() {
                    if !relevant[caller] {
                        relevant[caller] = true;
                        waiting.push(caller);
                    }
                }
            }
            if let Some(parent) = function.parent.map(FuncId::index)
                && !relevant[parent]
            {
                relevant[parent] = true;
                waiting.push(parent);
            }
        }
    }

    /// Whether a function itself touches what matters; notes the names that it mentions.
    fn is_direct(&self, id: FuncId, function: &Function, mentions: &mut HashSet<Name>) -> bool {
        let tables = self.knowledge.tables(self.program.syntax(id));
        let names = self.base.get(&ObjId::module(function.module));
        let mut direct = self.is_view_method(id);
        for op in function.blocks.iter().flat_map(|block| &block.ops) {
            match &op.kind {
                OpKind::Call(call) => {
                    if let Callee::Method(_, method) = call.callee {
                        direct |= tables.records(method);
                        mentions.insert(method);
                    }
                }
                OpKind::Attr(_, field) => {
                    mentions.insert(*field);
                }
                OpKind::LoadGlobal(global) => {
                    mentions.insert(*global);
                    let value = names.and_then(|names| names.field(*global));
                    direct |= value.is_some_and(|value| self.matters(id, value));
                }
                OpKind::Path(path) => {
                    let canonical = self.program.canonical(*path);
                    for part in canonical.as_str().rsplit('.').take(2) {
                        mentions.insert(name(part));
                    }
                    direct |= self.program.static_at(*path).is_some() || self.path_matters(id, canonical);
                }
                OpKind::ImportFrom(module, item) => {
                    direct |= self.path_matters(id, name(&format!("{module}.{item}")));
                }
                OpKind::Construct { path, .. } => {
                    for part in path.as_str().rsplit('.').take(2) {
                        mentions.insert(name(part));
                    }
                }
                OpKind::StoreGlobal(..) => direct = true,
                OpKind::Const(Const::Int(number)) => direct |= self.is_counted(*number),
                OpKind::Const(Const::Str(text)) => {
                    direct |= text
                        .as_str()
                        .split(|c: char| !c.is_ascii_digit())
                        .any(|word| word.len() == 3 && word.parse().is_ok_and(|number| self.is_counted(number)));
                }
                _ => {}
            }
        }
        direct
    }

    /// A value of a module's name that is, holds or makes metrics, or is shared and may be filled.
    fn matters(&self, id: FuncId, value: &Value) -> bool {
        value.alts.iter().any(|alt| match alt {
            Alt::Metric(_) | Alt::Missing(_) | Alt::Status(_) => true,
            Alt::Path(path) => self.path_matters(id, *path),
            Alt::Class(class) => self.outside_bases(*class).into_iter().any(|base| self.class_answers(id, base)),
            Alt::Object(object) => self.base.get(object).is_some_and(|object| {
                matches!(
                    object.kind,
                    Kind::List | Kind::Dict | Kind::Set | Kind::Instance | Kind::Opaque | Kind::Response
                ) && object.entries.values().chain(object.rest.iter()).all(|value| !value.is_constant())
            }),
            _ => false,
        })
    }

    /// Whether a status is one that some counter counts.
    fn is_counted(&self, status: i64) -> bool {
        self.demands.iter().any(|demand| i64::from(demand.status) == status)
    }

    /// Whether classes that extend a class from outside are responses, or exceptions that become one.
    fn class_answers(&self, id: FuncId, base: Name) -> bool {
        let tables = self.knowledge.tables(self.program.syntax(id));
        tables
            .ancestors(base)
            .into_iter()
            .filter_map(|base| tables.type_entry(base))
            .any(|entry| entry.status.is_some() || entry.status_argument.is_some() || entry.response)
    }

    /// Whether knowledge says anything of a path that concerns metrics or answers.
    fn path_matters(&self, id: FuncId, path: Name) -> bool {
        let tables = self.knowledge.tables(self.program.syntax(id));
        let called = tables.call(path).is_some_and(|entry| {
            entry.creates.is_some()
                || entry.records.as_ref().is_some_and(|records| records.requires.is_none())
                || entry.raises.is_some()
                || entry.exposes.is_some()
                || entry.registers.is_some()
                || entry.wraps.is_some()
                || entry.response.as_ref().is_some_and(|response| {
                    response.status.is_some() || response.default.is_some_and(|status| self.is_counted(status.into()))
                })
        });
        called
            || tables.constant(path).is_some_and(|constant| {
                constant.status.map(i64::from).or(constant.number).is_some_and(|number| self.is_counted(number))
            })
            || tables
                .type_entry(path)
                .is_some_and(|ty| ty.metric.is_some() || ty.status.is_some() || ty.status_argument.is_some())
    }
}
