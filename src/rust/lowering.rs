//! The state of lowering one file, and the small steps that every part of it uses.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use super::body::{Body, Head};
use super::names::{Edge, Scope};
use super::rules::Rules;
use super::{RustInput, RustModule};
use crate::program::{
    BlockId, ClassId, Const, FuncId, Function, FunctionKind, Module, ModuleId, Name, OpKind, Place, Reg, Syntax,
    SyntaxProblem, Terminator, TypeRef, Unit, name,
};
use crate::source::{FileId, Span};

/// Everything known while one file is lowered.
pub(super) struct Lowering<'a> {
    pub(super) module: &'a RustModule,
    pub(super) file: FileId,
    text: &'a str,
    pub(super) unit: Unit,
    /// Where the text that is being lowered begins in the file.
    pub(super) base: u32,
    /// The span of everything inside an expanded macro.
    pub(super) fixed: Option<Span>,
    pub(super) scopes: Vec<Scope>,
    /// The type of `Self`, innermost last.
    pub(super) self_types: Vec<TypeRef>,
    /// `type X = …;` of the `impl` blocks around.
    pub(super) associated_types: Vec<HashMap<Name, TypeRef>>,
    pub(super) type_depth: Cell<u32>,
    /// The function that is being built, and those around it.
    pub(super) body: Body,
    pub(super) outer: Vec<Body>,
    pub(super) in_test: bool,
    /// Paths of the enums of this file.
    pub(super) enums: HashSet<Name>,
    pub(super) macros: HashMap<Name, Rules>,
    pub(super) macro_crates: Vec<String>,
    /// How many expansions are open, and how many there were.
    pub(super) expansion_depth: u32,
    pub(super) expansion_calls: u32,
    functions: Vec<Option<Function>>,
    modules: Vec<(ModuleId, String)>,
}

impl<'a> Lowering<'a> {
    pub(super) fn new(input: &RustInput<'a>) -> Self {
        let none = Head {
            kind: FunctionKind::Module,
            name: name(""),
            path: name(""),
            span: Span::default(),
            name_span: Span::default(),
        };
        let mut lowering = Self {
            module: input.module,
            file: input.file,
            text: input.text,
            unit: empty_unit(input.file),
            base: 0,
            fixed: None,
            scopes: Vec::new(),
            self_types: Vec::new(),
            associated_types: Vec::new(),
            type_depth: Cell::new(0),
            body: Body::new(FuncId(0), input.file, ModuleId(0), none),
            outer: Vec::new(),
            in_test: input.module.is_test,
            enums: HashSet::new(),
            macros: HashMap::new(),
            macro_crates: input.module.macro_crates.clone(),
            expansion_depth: 0,
            expansion_calls: 0,
            functions: Vec::new(),
            modules: Vec::new(),
        };
        lowering.module_at(&input.module.path);
        lowering
    }

    /// The unit, when everything is lowered.
    pub(super) fn finish(mut self) -> Unit {
        self.unit.functions = self.functions.into_iter().flatten().collect();
        self.unit.statements.sort_unstable_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
        self.unit.statements.dedup();
        self.unit
    }

    /// The bytes of a token's span.
    pub(super) fn at(&self, span: proc_macro2::Span) -> Span {
        if let Some(fixed) = self.fixed {
            return fixed;
        }
        let range = span.byte_range();
        let to = |offset: usize| self.base.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
        Span::new(to(range.start), to(range.end))
    }

    /// The first character of a span.
    pub(super) fn first_char(&self, span: Span) -> Span {
        let width = self.text.get(span.range()).and_then(|text| text.chars().next()).map_or(0, char::len_utf8);
        Span::new(span.start, span.start.saturating_add(width as u32))
    }

    pub(super) fn problem(&mut self, span: Span, message: &str) {
        if self.unit.problems.is_empty() {
            let message = message.lines().next().unwrap_or_default().to_owned();
            self.unit.problems.push(SyntaxProblem { span, message });
        }
    }

    pub(super) fn statement(&mut self, span: Span) {
        if span.start < span.end {
            self.unit.statements.push(span);
        }
    }

    // Modules.

    /// The path of the module that is being lowered.
    pub(super) fn here(&self) -> &str {
        self.modules.last().map_or(self.module.path.as_str(), |(_, path)| path.as_str())
    }

    pub(super) fn module_id(&self) -> ModuleId {
        self.modules.last().map_or(ModuleId(0), |&(id, _)| id)
    }

    pub(super) fn enter_module(&mut self, path: &str) {
        let id = self.module_at(path);
        self.modules.push((id, path.to_owned()));
        let mut scope = Scope::new(Edge::Module, self.outer.len());
        scope.module = Some(name(path));
        self.scopes.push(scope);
    }

    pub(super) fn leave_module(&mut self) {
        self.modules.pop();
        self.scopes.pop();
    }

    /// The module with this path, made when there is none. Blocks with statics are modules too.
    pub(super) fn module_at(&mut self, path: &str) -> ModuleId {
        let path = name(path);
        if let Some(at) = self.unit.modules.iter().position(|module| module.path == path) {
            return ModuleId(at as u32);
        }
        self.unit.modules.push(Module {
            path,
            aliases: Vec::new(),
            body: None,
            uses: Vec::new(),
            statics: Vec::new(),
            is_test: self.in_test,
        });
        ModuleId(self.unit.modules.len() as u32 - 1)
    }

    // Functions.

    /// Starts a function inside the current one (for `Edge::Function` an item, else a closure).
    pub(super) fn begin(&mut self, head: Head, edge: Edge) {
        let id = FuncId(self.functions.len() as u32);
        self.functions.push(None);
        let mut body = Body::new(id, self.file, self.module_id(), head);
        body.function.parent = (edge == Edge::Open).then_some(self.body.id);
        body.function.is_test = self.in_test;
        self.outer.push(std::mem::replace(&mut self.body, body));
        self.scopes.push(Scope::new(edge, self.outer.len()));
    }

    /// Ends the function that [`Lowering::begin`] started.
    pub(super) fn end_function(&mut self) -> FuncId {
        self.scopes.pop();
        let id = self.body.id;
        if let Some(outer) = self.outer.pop() {
            let body = std::mem::replace(&mut self.body, outer);
            if let Some(slot) = self.functions.get_mut(id.index()) {
                *slot = Some(body.finish());
            }
        }
        id
    }

    /// Says which class a finished method belongs to.
    pub(super) fn set_owner(&mut self, id: FuncId, owner: Option<ClassId>) {
        if let Some(Some(function)) = self.functions.get_mut(id.index()) {
            function.owner = owner;
        }
    }

    pub(super) fn push_scope(&mut self) {
        self.scopes.push(Scope::new(Edge::Open, self.outer.len()));
    }

    pub(super) fn pop_scope(&mut self) {
        self.scopes.pop();
    }

    /// Makes a variable and brings it into the innermost scope.
    pub(super) fn bind(&mut self, variable: Name, ty: Option<TypeRef>) -> Reg {
        let reg = self.body.variable(variable, ty);
        self.bind_to(variable, reg);
        reg
    }

    pub(super) fn bind_to(&mut self, variable: Name, reg: Reg) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.locals.insert(variable, reg);
        }
    }

    // Operations.

    pub(super) fn op(&mut self, kind: OpKind, span: Span) -> Reg {
        self.body.op(kind, span)
    }

    pub(super) fn constant(&mut self, value: Const, span: Span) -> Reg {
        self.op(OpKind::Const(value), span)
    }

    pub(super) fn unit_value(&mut self, span: Span) -> Reg {
        self.constant(Const::Unit, span)
    }

    /// The value of an item.
    pub(super) fn path_value(&mut self, path: Name, span: Span) -> Reg {
        let reg = self.op(OpKind::Path(path), span);
        if super::names::is_screaming(super::names::last(&path)) {
            self.body.set_place(reg, Place::Global(path));
        }
        reg
    }

    pub(super) fn branch(&mut self, cond: Reg, yes: BlockId, no: BlockId, span: Span) {
        self.body.end(Terminator::Branch(cond, yes, no), span);
    }

    /// The value of a variable: its register, or what its cell holds.
    pub(super) fn read(&mut self, up: usize, reg: Reg, span: Span) -> Reg {
        let Some(cell) = self.cell(up, reg) else { return reg };
        let owner = self.outer.len().checked_sub(up).and_then(|at| self.outer.get(at));
        let ty = owner.and_then(|body| body.function.regs.get(reg.index())).and_then(|info| info.ty.clone());
        let up = up as u32;
        let value = self.op(OpKind::LoadCell(up, cell), span);
        if let Some(info) = self.body.info(value) {
            info.ty = ty;
            info.place = Some(Place::Cell(up, cell));
        }
        value
    }

    /// The cell of a variable of an enclosing function; `None` for an own variable.
    pub(super) fn cell(&mut self, up: usize, reg: Reg) -> Option<Name> {
        if up == 0 {
            return None;
        }
        let at = self.outer.len().checked_sub(up)?;
        self.outer.get_mut(at).map(|body| body.cell(reg))
    }
}

/// A unit with nothing in it.
fn empty_unit(file: FileId) -> Unit {
    Unit {
        file,
        syntax: Syntax::Rust,
        modules: Vec::new(),
        functions: Vec::new(),
        classes: Vec::new(),
        impls: Vec::new(),
        statements: Vec::new(),
        problems: Vec::new(),
    }
}
