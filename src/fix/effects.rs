//! What the proof may take for granted about calls of libraries.

use std::sync::Arc;

use super::facts::Facts;
use crate::program::{Callee, Const, FuncId, Function, ModuleId, Name, Op, OpKind, Program, Reg, Syntax, name};

/// What is known of calls, by dotted path (`builtins.str`) or, for methods of values whose type the proof does not
/// know, by `*.method`.
pub trait Effects: Sync {
    /// What the call does beside giving a result; `None`: unknown.
    fn of(&self, syntax: Syntax, callee: &str) -> Option<Claims>;
}

/// What is claimed about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Claims {
    /// It gives a result and does nothing else: without a reader of the result it may go.
    pub reads: bool,
    /// It takes input, so that a statement which did only this does not go with a metric.
    pub input: bool,
    /// It fails on some inputs.
    pub fails: bool,
    /// A metric handed to it comes back as the result, in whatever wrapping, or goes into a registry; nothing else is
    /// done.
    pub keeps: bool,
    /// It puts its argument into the receiver, a cell that is filled once.
    pub fills: bool,
    /// It makes a metric or records into one.
    pub measures: bool,
    /// It chooses label values.
    pub binds: bool,
    /// It does so with one argument for each.
    pub binds_each: bool,
    /// It runs the functions that it is handed, and otherwise only gives a result.
    pub runs: bool,
    /// The same, for each element of an iterator that it uses up.
    pub consumes: bool,
    /// It puts an argument into a container.
    pub puts: bool,
    /// It puts the entries of its arguments into a map.
    pub merges: bool,
    /// It makes no metric of it, but runs the one function that it is handed, and gives what that gives.
    pub calls: bool,
    /// It ends the life of its argument, and does nothing else.
    pub ends: bool,
    /// It reads back what metrics hold.
    pub reads_back: bool,
    /// The type of what it gives, by dotted path.
    pub gives: Option<Name>,
}

/// What the names of modules stand for.
pub(super) struct Names<'a> {
    pub(super) program: &'a Program,
    facts: Arc<Facts>,
}

impl<'a> Names<'a> {
    pub(super) fn new(program: &'a Program) -> Self {
        Self { program, facts: program.derived(Facts::of) }
    }

    /// The functions of the files that mention a name: as a variable, field, method, or the last word of a path.
    pub(super) fn near(&self, word: Name) -> impl Iterator<Item = FuncId> {
        let files = self.facts.mentions.get(&word).into_iter().flatten();
        files.filter_map(|file| self.facts.by_file.get(file)).flatten().copied()
    }

    /// The methods of this name, of whatever class.
    pub(super) fn methods(&self, method: Name) -> &[FuncId] {
        self.facts.methods_named.get(&method).map(Vec::as_slice).unwrap_or_default()
    }

    /// The path of a name that a module binds itself.
    pub(super) fn own(&self, module: ModuleId, global: Name) -> Name {
        let module = self.program.modules.get(module.index()).map_or("", |module| module.path.as_str());
        name(&format!("{module}.{global}"))
    }

    /// The path of what a name of a module stands for: what it imports, what it defines, or a builtin.
    pub(super) fn global(&self, module: ModuleId, global: Name) -> Name {
        match self.facts.imported.get(&(module, global)) {
            Some(&path) => path,
            None if self.facts.stored.contains(&(module, global)) => self.own(module, global),
            None => name(&format!("builtins.{global}")),
        }
    }

    /// The methods of this name that are read like attributes.
    pub(super) fn properties(&self, field: Name) -> &[FuncId] {
        self.facts.properties.get(&field).map(Vec::as_slice).unwrap_or_default()
    }

    /// The language of a module.
    pub(super) fn syntax(&self, module: ModuleId) -> Syntax {
        // Only Python's modules are run.
        let runs = self.program.modules.get(module.index()).is_some_and(|module| module.body.is_some());
        if runs { Syntax::Python } else { Syntax::Rust }
    }

    /// The module binds the name itself.
    pub(super) fn stores(&self, module: ModuleId, global: Name) -> bool {
        self.facts.stored.contains(&(module, global))
    }

    fn defines(&self, path: Name) -> bool {
        self.program.function_at(path).is_some() || self.program.class_at(path).is_some()
    }
}

/// Where the values of a body come from, as far as one look tells.
pub(super) struct Origins<'a> {
    names: &'a Names<'a>,
    function: &'a Function,
    /// For each register the one operation that writes it, as block and position.
    single: Vec<Option<(u32, u32)>>,
}

impl<'a> Origins<'a> {
    pub(super) fn new(names: &'a Names<'a>, function: &'a Function) -> Self {
        let mut single = vec![None; function.regs.len()];
        let mut seen = vec![false; function.regs.len()];
        for param in &function.params {
            if let Some(flag) = seen.get_mut(param.reg.index()) {
                *flag = true;
            }
        }
        for (at, block) in function.blocks.iter().enumerate() {
            for (index, op) in block.ops.iter().enumerate() {
                let Some(dst) = op.dst.map(Reg::index) else { continue };
                if let (Some(flag), Some(slot)) = (seen.get_mut(dst), single.get_mut(dst)) {
                    *slot = (!*flag).then_some((at as u32, index as u32));
                    *flag = true;
                }
            }
        }
        Self { names, function, single }
    }

    /// The body.
    pub(super) fn function(&self) -> &'a Function {
        self.function
    }

    /// The language of the body.
    pub(super) fn syntax(&self) -> Syntax {
        self.names.syntax(self.function.module)
    }

    /// The one operation that writes the register.
    pub(super) fn writer(&self, reg: Reg) -> Option<&'a Op> {
        let (block, at) = self.single.get(reg.index()).copied().flatten()?;
        self.function.blocks.get(block as usize)?.ops.get(at as usize)
    }

    /// The operation that made what the register holds.
    pub(super) fn maker(&self, reg: Reg) -> Option<&'a Op> {
        let mut made = self.writer(reg)?;
        // Chains of copies are short.
        for _ in 0..8 {
            match made.kind {
                OpKind::Copy(from) => made = self.writer(from)?,
                _ => break,
            }
        }
        Some(made)
    }

    /// The constant that the register holds.
    pub(super) fn constant(&self, reg: Reg) -> Option<Const> {
        match self.writer(reg)?.kind {
            OpKind::Const(value) => Some(value),
            _ => None,
        }
    }

    /// The dotted path of a value, where it is an item of a library or of the project.
    pub(super) fn path(&self, reg: Reg) -> Option<Name> {
        let mut fields: Vec<Name> = Vec::new();
        let mut at = reg;
        // A chain of attributes is short; the bound keeps a ring of copies from looping.
        for _ in 0..16 {
            let root = match &self.writer(at)?.kind {
                OpKind::Path(path) => *path,
                OpKind::ImportFrom(module, item) => name(&format!("{module}.{item}")),
                OpKind::Import { bind, .. } => *bind,
                OpKind::LoadGlobal(global) => self.names.global(self.function.module, *global),
                OpKind::Copy(from) => {
                    at = *from;
                    continue;
                }
                OpKind::Attr(object, field) => {
                    fields.push(*field);
                    at = *object;
                    continue;
                }
                _ => return None,
            };
            let tail: String = fields.iter().rev().map(|field| format!(".{field}")).collect();
            return Some(name(&format!("{root}{tail}")));
        }
        None
    }

    /// What is known of a call; all false where nothing is.
    pub(super) fn claims(&self, callee: Callee, effects: &dyn Effects) -> Claims {
        self.known(callee, effects, 0).unwrap_or_default()
    }

    fn known(&self, callee: Callee, effects: &dyn Effects, depth: usize) -> Option<Claims> {
        let syntax = self.names.syntax(self.function.module);
        self.names_at(callee, effects, depth).iter().find_map(|callee| effects.of(syntax, callee))
    }

    /// The call is known to give a result and do nothing else.
    pub(super) fn is_harmless(&self, callee: Callee, effects: &dyn Effects) -> bool {
        self.claims(callee, effects).reads
    }

    /// What a call calls, as [`Effects`] names it, the surest name first; nothing for what the project defines itself.
    fn names_at(&self, callee: Callee, effects: &dyn Effects, depth: usize) -> Vec<String> {
        let mut found = Vec::new();
        match callee {
            Callee::Value(reg) => {
                found.extend(self.path(reg).filter(|path| !self.names.defines(*path)).map(|path| path.to_string()));
            }
            Callee::Method(receiver, method) => {
                if let Some(path) = self.path(receiver) {
                    let full = name(&format!("{path}.{method}"));
                    if self.names.defines(full) {
                        return found;
                    }
                    found.push(full.to_string());
                    if self.is_module(receiver) {
                        return found;
                    }
                }
                let ty = self.type_of(receiver, effects, depth);
                let foreign = ty.filter(|ty| self.names.program.class_at(*ty).is_none());
                found.extend(foreign.map(|ty| format!("{ty}.{method}")));
                if !self.names.facts.methods.contains(&method) {
                    found.push(format!("*.{method}"));
                }
            }
        }
        found
    }

    /// The type of a value, by dotted path, where it is declared or a library's call gives it.
    fn type_of(&self, reg: Reg, effects: &dyn Effects, depth: usize) -> Option<Name> {
        let declared = self.function.regs.get(reg.index()).and_then(|info| info.ty.as_ref());
        let param = || self.function.params.iter().find(|param| param.reg == reg).and_then(|param| param.ty.as_ref());
        if let Some(ty) = declared.or_else(param) {
            return Some(self.names.program.canonical(ty.path));
        }
        // Chains of calls are short; the bound keeps long ones cheap.
        if depth > 8 {
            return None;
        }
        let program = self.names.program;
        match &self.writer(reg)?.kind {
            OpKind::Copy(from) | OpKind::Unwrap(from) | OpKind::Await(from) => self.type_of(*from, effects, depth + 1),
            OpKind::Path(path) => {
                let init = program.static_at(*path)?;
                Some(program.functions.get(init.index())?.returns.as_ref()?.path)
            }
            OpKind::Attr(_, field) => {
                let class = program.classes.get(self.function.owner?.index())?;
                class.fields.iter().find(|known| known.name == *field)?.ty.as_ref().map(|ty| ty.path)
            }
            OpKind::Call(call) => self.known(call.callee, effects, depth + 1)?.gives,
            _ => None,
        }
    }

    /// Rust: the project's own method that a call runs, where the receiver's type is known.
    pub(super) fn own_method(&self, callee: Callee, effects: &dyn Effects) -> Option<FuncId> {
        let Callee::Method(receiver, method) = callee else { return None };
        let program = self.names.program;
        let class = program.class_at(self.type_of(receiver, effects, 0)?)?;
        let methods = &program.classes.get(class.index())?.methods;
        let found = methods.iter().find(|(known, _)| *known == method).map(|&(_, function)| function);
        found.filter(|_| self.syntax() == Syntax::Rust)
    }

    /// The value is a module: what looks like a method is a function.
    fn is_module(&self, reg: Reg) -> bool {
        match self.writer(reg).map(|op| &op.kind) {
            Some(OpKind::Import { .. }) => true,
            Some(OpKind::LoadGlobal(global)) => self.names.facts.modules.contains(&(self.function.module, *global)),
            _ => false,
        }
    }
}
