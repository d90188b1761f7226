//! Which functions say by themselves what the answer to a request is?

use std::collections::HashSet;

use crate::flow::run::machine::Machine;
use crate::flow::values::value::Alt;
use crate::knowledge::effect::Raises;
use crate::program::{Const, FuncId, Function, Name, OpKind, Reg, name};

impl Machine<'_> {
    /// Functions with a status that is counted as the default of a parameter.
    pub(crate) fn answering_by_default(&self) -> Vec<FuncId> {
        let mut found = Vec::new();
        for ops in self.program.functions.iter().map(|function| function.blocks.iter().flat_map(|block| &block.ops)) {
            let mut counted: HashSet<Reg> = HashSet::new();
            for op in ops {
                match &op.kind {
                    OpKind::Const(Const::Int(number)) if self.is_counted(*number) => counted.extend(op.dst),
                    OpKind::Closure { function, defaults } if defaults.iter().any(|(_, reg)| counted.contains(reg)) => {
                        found.push(*function);
                    }
                    _ => {}
                }
            }
        }
        found
    }

    /// Whether a function makes responses whose status is an argument.
    pub(crate) fn responds(&self, id: FuncId, function: &Function) -> bool {
        let tables = self.tables_of(id);
        let responds = |path: Name| {
            tables
                .call(path)
                .and_then(|entry| entry.response.as_ref())
                .is_some_and(|response| response.status.is_some())
        };
        function.blocks.iter().flat_map(|block| &block.ops).any(|op| match &op.kind {
            OpKind::Path(path) => responds(self.program.canonical(*path)),
            OpKind::ImportFrom(module, item) => responds(name(&format!("{module}.{item}"))),
            OpKind::LoadGlobal(global) => self
                .global(function, *global)
                .is_some_and(|value| value.alts.iter().any(|alt| matches!(alt, Alt::Path(path) if responds(*path)))),
            _ => false,
        })
    }

    /// Whether a function itself says what a 404 is.
    pub(crate) fn answers_itself(&self, id: FuncId, function: &Function) -> bool {
        let answers = |op: &crate::program::Op| match &op.kind {
            OpKind::LoadGlobal(global) => self.global(function, *global).is_some_and(|value| {
                value.alts.iter().any(|alt| match alt {
                    Alt::Path(path) => self.path_answers(id, *path),
                    Alt::Class(class) => {
                        self.outside_bases(*class).into_iter().any(|base| self.class_answers(id, base))
                    }
                    alt => matches!(alt, Alt::Status(_)),
                })
            }),
            OpKind::Path(path) => self.path_answers(id, self.program.canonical(*path)),
            OpKind::ImportFrom(module, item) => self.path_answers(id, name(&format!("{module}.{item}"))),
            OpKind::Const(Const::Int(number)) => self.is_counted(*number),
            OpKind::Const(Const::Str(text)) => text
                .as_str()
                .split(|c: char| !c.is_ascii_digit())
                .any(|word| word.len() == 3 && word.parse().is_ok_and(|number| self.is_counted(number))),
            _ => false,
        };
        function.blocks.iter().flat_map(|block| &block.ops).any(answers)
    }

    /// Whether a status is one that some counter counts.
    pub(crate) fn is_counted(&self, status: i64) -> bool {
        self.demands.iter().any(|demand| i64::from(demand.status) == status)
    }

    /// Whether classes that extend a class from outside are exceptions that become an answer which is counted, or may.
    pub(crate) fn class_answers(&self, id: FuncId, base: Name) -> bool {
        let tables = self.tables_of(id);
        tables.ancestors(base).into_iter().chain([base]).filter_map(|base| tables.type_entry(base)).any(|entry| {
            entry.status.is_some_and(|status| self.is_counted(status.into())) || entry.status_argument.is_some()
        })
    }

    /// Whether a function is handed to a framework.
    pub(crate) fn is_handed(&self, id: FuncId) -> bool {
        let attributes = &self.program.function(id).attributes;
        self.log.handlers.iter().any(|known| known.function == id)
            || attributes.iter().any(|attribute| self.tables_of(id).handler(attribute.path).is_some())
    }

    /// Whether knowledge says that a path can lead to an answer that is counted.
    pub(crate) fn path_answers(&self, id: FuncId, path: Name) -> bool {
        let tables = self.tables_of(id);
        // Where a status is an argument, whoever gives the number says it.
        let raised = |raises: &Raises| {
            let class = tables.type_entry(name(&raises.class)).and_then(|ty| ty.status);
            raises.default.or(class).is_some_and(|status| self.is_counted(status.into()))
        };
        let implied = |error: &String| {
            let given = tables.implied_status(name(error));
            given.iter().any(|(_, status)| self.is_counted((*status).into())) && self.is_handed(id)
        };
        let called = tables.call(path).is_some_and(|entry| {
            entry.wraps.is_some()
                || entry.error.as_ref().is_some_and(implied)
                || entry.raises.as_ref().is_some_and(raised)
                || entry
                    .response
                    .as_ref()
                    .and_then(|response| response.default)
                    .is_some_and(|status| self.is_counted(status.into()))
        });
        called
            || tables.constant(path).is_some_and(|constant| {
                constant.status.map(i64::from).or(constant.number).is_some_and(|number| self.is_counted(number))
            })
            || tables.type_entry(path).and_then(|ty| ty.status).is_some_and(|status| self.is_counted(status.into()))
    }
}
