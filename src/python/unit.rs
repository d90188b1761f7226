//! What all bodies of one file share while they are lowered.

use std::collections::HashMap;

use ruff_python_ast::Stmt;

use super::names::Names;
use super::scope::{ScopeId, Scopes};
use crate::program::{Class, ClassId, FuncId, Function, Name, NameMap};
use crate::source::{FileId, Span};

/// How many statements may be lowered a second time, for the copies of `finally` blocks: nested ones would otherwise
/// grow exponentially. Beyond that, only the ends of blocks keep their copy.
const COPIES: usize = 50_000;

/// The functions and classes of one file, as they come.
pub(super) struct UnitBuilder<'a> {
    pub(super) file: FileId,
    pub(super) text: &'a str,
    pub(super) names: Names,
    pub(super) scopes: Scopes,
    pub(super) paths: &'a super::ModulePaths,
    functions: Vec<Option<Function>>,
    classes: Vec<Option<Class>>,
    /// Bodies that were lowered before, for code that stands in a copied `finally` block.
    pub(super) done: HashMap<ScopeId, FuncId>,
    pub(super) done_classes: HashMap<ScopeId, ClassId>,
    /// Classes defined inside functions and classes that are being lowered, by name.
    local_classes: Vec<NameMap<Name>>,
    pub(super) copies_left: usize,
}

impl<'a> UnitBuilder<'a> {
    pub(super) fn new(
        input: &super::PythonInput<'a>,
        paths: &'a super::ModulePaths,
        body: &[Stmt],
    ) -> (Self, Vec<Span>) {
        let (scopes, statements) = super::scan::scan(input.text, body);
        let builder = Self {
            file: input.file,
            text: input.text,
            names: Names::collect(paths, body),
            scopes,
            paths,
            functions: Vec::new(),
            classes: Vec::new(),
            done: HashMap::new(),
            done_classes: HashMap::new(),
            local_classes: Vec::new(),
            copies_left: COPIES,
        };
        (builder, statements)
    }

    /// An id for a function whose body comes later.
    pub(super) fn reserve_function(&mut self) -> FuncId {
        self.functions.push(None);
        FuncId(self.functions.len() as u32 - 1)
    }

    pub(super) fn fill_function(&mut self, id: FuncId, function: Function) {
        if let Some(slot) = self.functions.get_mut(id.index()) {
            *slot = Some(function);
        }
    }

    /// An id for a class whose body comes later.
    pub(super) fn reserve_class(&mut self) -> ClassId {
        self.classes.push(None);
        ClassId(self.classes.len() as u32 - 1)
    }

    pub(super) fn fill_class(&mut self, id: ClassId, class: Class) {
        if let Some(slot) = self.classes.get_mut(id.index()) {
            *slot = Some(class);
        }
    }

    /// Enters a body that may define classes of its own.
    pub(super) fn enter_classes(&mut self) {
        self.local_classes.push(NameMap::default());
    }

    pub(super) fn leave_classes(&mut self) {
        self.local_classes.pop();
    }

    pub(super) fn add_local_class(&mut self, name: Name, path: Name) {
        if let Some(known) = self.local_classes.last_mut() {
            known.insert(name, path);
        }
    }

    pub(super) fn local_class(&self, name: Name) -> Option<Name> {
        self.local_classes.iter().rev().find_map(|known| known.get(&name).copied())
    }

    /// Everything, in the order of the ids. Every reserved slot is filled when the body that reserved it is done.
    pub(super) fn finish(self) -> (Vec<Function>, Vec<Class>) {
        (self.functions.into_iter().flatten().collect(), self.classes.into_iter().flatten().collect())
    }
}
