//! What frameworks find by the names of module variables: middleware in settings, `handler404` in routes.

use crate::knowledge::effect::VariableEntry;
use crate::program::{ClassId, Const, FuncId, ModuleId, Name, Syntax, name};

use super::scopes::Covers;
use crate::flow::rounds::log::Registered;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::ObjId;
use crate::flow::values::store::Heap;
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// Registers what module variables hand to frameworks.
    pub(crate) fn register_variables(&mut self) {
        let tables = self.knowledge.tables(Syntax::Python);
        let mut found = Vec::new();
        for at in 0..self.program.modules.len() {
            let Some(module) = self.base.get(ObjId::module(ModuleId(at as u32))) else { continue };
            for (key, value) in &module.entries {
                let Const::Str(key) = key else { continue };
                if let Some(entry) = tables.variable(*key) {
                    found.push((*key, entry, value.clone()));
                }
                for (inner, value) in self.entries_of(value) {
                    let key = name(&format!("{key}[{inner}]"));
                    found.extend(tables.variable(key).map(|entry| (key, entry, value)));
                }
            }
        }
        for (by, entry, value) in found {
            self.register_variable(by, entry, &value, 2);
        }
    }

    fn entries_of(&self, value: &Value) -> Vec<(Name, Value)> {
        let objects = value.objects().filter_map(|id| self.object(&Heap::default(), id));
        let entries = objects.flat_map(|object| object.entries.clone());
        entries
            .filter_map(|(key, value)| match key {
                Const::Str(key) => Some((key, value)),
                _ => None,
            })
            .collect()
    }

    fn register_variable(&mut self, by: Name, entry: &VariableEntry, value: &Value, depth: u8) {
        for alt in &value.alts {
            match alt {
                Alt::Function(function, outer) => {
                    let cells = outer.filter(|_| self.is_nested(*function));
                    self.register_function(by, entry, (*function, cells), &entry.wraps);
                }
                Alt::Class(class) => self.register_class(by, entry, *class),
                Alt::Const(Const::Str(path)) if entry.paths => {
                    if let Some(class) = self.program.class_at(*path) {
                        self.register_class(by, entry, class);
                    } else if let Some(function) = self.program.function_at(*path) {
                        self.register_function(by, entry, (function, None), &entry.wraps);
                    }
                }
                Alt::Object(id) if depth > 0 => {
                    let Some(object) = self.object(&Heap::default(), *id) else { continue };
                    for element in object.entries.values().chain(&object.rest) {
                        self.register_variable(by, entry, element, depth - 1);
                    }
                }
                _ => {}
            }
        }
    }

    fn register_class(&mut self, by: Name, entry: &VariableEntry, class: ClassId) {
        for (method, wraps) in &entry.hooks {
            if let Some(function) = self.program.method(class, name(method)) {
                self.register_function(by, entry, (function, None), wraps);
            }
        }
    }

    fn register_function(
        &mut self,
        by: Name,
        entry: &VariableEntry,
        (function, bound): (FuncId, Option<ObjId>),
        wraps: &str,
    ) {
        if wraps.is_empty() || wraps == "routes" {
            return;
        }
        let catches = entry.catches.map(|status| name(&status.to_string()));
        let (wraps, covers) = (wraps.to_owned(), Covers::All);
        self.log.handlers.insert(Registered { function, bound, by, wraps, catches, route: None, status: None, covers });
    }
}
