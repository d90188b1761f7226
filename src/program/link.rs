//! Joining units into one program, and finding things in it by path.

use std::collections::BTreeMap;

use super::derived::Derived;
use super::memo::PathMemo;
use super::{
    Class, ClassId, ClassKind, FuncId, Function, ImplOf, Module, ModuleId, Name, NameMap, OpKind, Syntax,
    SyntaxProblem, TypeRef, Unit, name,
};
use crate::source::{FileId, Span};

/// All units of a project with one id space.
#[derive(Debug, Default)]
pub struct Program {
    /// All bodies of code.
    pub functions: Vec<Function>,
    /// All classes.
    pub classes: Vec<Class>,
    /// All modules.
    pub modules: Vec<Module>,
    /// `impl` blocks of traits, for dispatch through the trait.
    pub impls: Vec<ImplOf>,
    /// Associated constants, by `Type.NAME`.
    pub consts: NameMap<FuncId>,
    /// The language of each file.
    pub syntaxes: BTreeMap<FileId, Syntax>,
    /// Statements of each file, sorted.
    pub statements: BTreeMap<FileId, Vec<Span>>,
    /// Syntax errors.
    pub problems: Vec<(FileId, SyntaxProblem)>,
    modules_by_path: NameMap<ModuleId>,
    classes_by_path: NameMap<ClassId>,
    functions_by_path: NameMap<FuncId>,
    implementors: NameMap<Vec<ClassId>>,
    /// Places in `impls`, by the type that they are for.
    impls_by_type: NameMap<Vec<usize>>,
    canonical: PathMemo,
    derived: Derived,
}

impl Program {
    /// How many operations and blocks there are: what bounds on work are measured by.
    #[must_use]
    pub fn size(&self) -> usize {
        self.functions.iter().flat_map(|function| &function.blocks).map(|block| 1 + block.ops.len()).sum()
    }

    /// Joins the units, in the order given (which must not depend on threads).
    #[must_use]
    pub fn link(units: Vec<Unit>) -> Self {
        let mut program = Program::default();
        for unit in units {
            program.add(unit);
        }
        program.index();
        program.attach_impls();
        // What was asked while not everything was in place may have another answer now.
        program.canonical = PathMemo::default();
        for (at, block) in program.impls.iter().enumerate() {
            let ty = program.canonical(block.ty.path);
            program.impls_by_type.entry(ty).or_default().push(at);
        }
        program
    }

    /// A function.
    #[must_use]
    pub fn function(&self, id: FuncId) -> &Function {
        &self.functions[id.index()]
    }

    /// What somebody works out about the whole program: only once.
    pub(crate) fn derived<T: std::any::Any + Send + Sync>(&self, make: impl Fn(&Self) -> T) -> std::sync::Arc<T> {
        self.derived.get(|| make(self))
    }

    /// A class.
    #[must_use]
    pub fn class(&self, id: ClassId) -> &Class {
        &self.classes[id.index()]
    }

    /// The language that a function is written in.
    #[must_use]
    pub fn syntax(&self, id: FuncId) -> Syntax {
        self.syntaxes.get(&self.function(id).file).copied().unwrap_or(Syntax::Python)
    }

    /// The module with this dotted path or alias.
    #[must_use]
    pub fn module_at(&self, path: Name) -> Option<ModuleId> {
        self.modules_by_path.get(&path).copied()
    }

    /// The class with this dotted path, through re-exports.
    #[must_use]
    pub fn class_at(&self, path: Name) -> Option<ClassId> {
        self.classes_by_path.get(&self.canonical(path)).copied()
    }

    /// The function with this dotted path, through re-exports.
    #[must_use]
    pub fn function_at(&self, path: Name) -> Option<FuncId> {
        self.functions_by_path.get(&self.canonical(path)).copied()
    }

    /// The initialiser of the static or const with this dotted path.
    #[must_use]
    pub fn static_at(&self, path: Name) -> Option<FuncId> {
        let path = self.canonical(path);
        if let Some(&init) = self.consts.get(&path) {
            return Some(init);
        }
        let (module, item) = path.as_str().rsplit_once('.')?;
        let module = &self.modules[self.module_at(name(module))?.index()];
        let item = name(item);
        module.statics.iter().find(|(known, _)| *known == item).map(|&(_, init)| init)
    }

    /// Types of the project that implement the trait with this path.
    #[must_use]
    pub fn implementors(&self, of: Name) -> &[ClassId] {
        self.implementors.get(&self.canonical(of)).map_or(&[], Vec::as_slice)
    }

    /// The method of a class by name, looking at its own methods, then at its bases of the project, then (Rust) at the
    /// defaults of traits that it implements.
    #[must_use]
    pub fn method(&self, class: ClassId, method: Name) -> Option<FuncId> {
        self.ancestors(class).into_iter().find_map(|id| {
            self.class(id).methods.iter().find(|(known, _)| *known == method).map(|&(_, function)| function)
        })
    }

    /// The class and its bases inside the project, nearest first, each once.
    #[must_use]
    pub fn ancestors(&self, class: ClassId) -> Vec<ClassId> {
        let mut found = vec![class];
        let mut at = 0;
        while at < found.len() {
            for &base in &self.class(found[at]).bases {
                if let Some(id) = self.class_at(base)
                    && !found.contains(&id)
                {
                    found.push(id);
                }
            }
            at += 1;
        }
        found
    }

    /// The innermost statement around an offset.
    #[must_use]
    pub fn statement_at(&self, file: FileId, offset: u32) -> Option<Span> {
        let spans = self.statements.get(&file)?;
        let behind = spans.partition_point(|span| span.start <= offset);
        spans[..behind].iter().rev().find(|span| offset < span.end).copied()
    }

    /// Follows aliases of modules, `use` and re-exports until the path names an item itself.
    #[must_use]
    pub fn canonical(&self, path: Name) -> Name {
        self.canonical.get(path, || self.follow(path))
    }

    fn follow(&self, path: Name) -> Name {
        if let Some(text) = path.as_str().strip_suffix('!') {
            // Macros are re-exported like items.
            return name(&format!("{}!", self.canonical(name(text))));
        }
        let mut path = path;
        for _ in 0..8 {
            if self.classes_by_path.contains_key(&path) || self.functions_by_path.contains_key(&path) {
                return path;
            }
            let Some(next) = self.through_use(path) else { return path };
            path = next;
        }
        path
    }

    /// One step through a `use` of the longest prefix that is a module of the project.
    fn through_use(&self, path: Name) -> Option<Name> {
        let text = path.as_str();
        let mut cut = text.rfind('.')?;
        loop {
            if let Some(&module) = self.modules_by_path.get(&name(&text[..cut])) {
                let module = &self.modules[module.index()];
                let rest = &text[cut + 1..];
                if module.path.as_str() != &text[..cut] {
                    // Reached under an alias: items are known by the module's own path.
                    return Some(name(&format!("{}.{rest}", module.path)));
                }
                let (item, tail) = rest.split_once('.').map_or((rest, ""), |(item, tail)| (item, tail));
                let wanted = name(item);
                let join = |base: &str| if tail.is_empty() { name(base) } else { name(&format!("{base}.{tail}")) };
                if let Some((_, target)) = module.uses.iter().find(|(known, _)| *known == wanted) {
                    let next = join(target.as_str());
                    return (next != path).then_some(next);
                }
                let named = self.through_globs(module, item, 4)?;
                let next = join(&named);
                return (next != path).then_some(next);
            }
            cut = text[..cut].rfind('.')?;
        }
    }

    /// The path of what the glob imports of a module, or of the modules that they name, bring in.
    fn through_globs(&self, module: &Module, item: &str, depth: u32) -> Option<String> {
        let globs = || module.uses.iter().filter(|(known, _)| known.as_str() == "*");
        let targets = || globs().map(|&(_, target)| self.imported_module(target));
        let direct = targets().map(|target| format!("{target}.{item}")).find(|named| self.names_item(name(named)));
        direct.or_else(|| {
            let depth = depth.checked_sub(1)?;
            targets().find_map(|target| self.through_globs(&self.modules[self.module_at(target)?.index()], item, depth))
        })
    }

    /// A module that is named by way of a `use` in the module around it.
    fn imported_module(&self, path: Name) -> Name {
        let known = |path: Name| self.modules_by_path.contains_key(&path) || self.classes_by_path.contains_key(&path);
        let step = |path: Name| {
            let (owner, item) = path.as_str().rsplit_once('.')?;
            let owner = &self.modules[self.module_at(name(owner))?.index()];
            owner.uses.iter().find(|(bound, _)| bound.as_str() == item).map(|&(_, target)| target)
        };
        let mut path = path;
        for _ in 0..4 {
            match step(path) {
                Some(next) if !known(path) => path = next,
                _ => break,
            }
        }
        path
    }

    fn names_item(&self, path: Name) -> bool {
        self.classes_by_path.contains_key(&path)
            || self.functions_by_path.contains_key(&path)
            || path.as_str().rsplit_once('.').is_some_and(|(owner, variant)| {
                self.classes_by_path
                    .get(&name(owner))
                    .is_some_and(|id| self.class(*id).variants.iter().any(|known| known.name.as_str() == variant))
            })
            || path.as_str().rsplit_once('.').is_some_and(|(module, item)| {
                self.modules_by_path.get(&name(module)).is_some_and(|id| {
                    let module = &self.modules[id.index()];
                    let item = name(item);
                    module.statics.iter().any(|(known, _)| *known == item)
                        || module.uses.iter().any(|(known, _)| *known == item)
                })
            })
    }

    fn add(&mut self, unit: Unit) {
        let shift = Shift {
            functions: self.functions.len() as u32,
            classes: self.classes.len() as u32,
            modules: self.modules.len() as u32,
        };
        self.syntaxes.insert(unit.file, unit.syntax);
        self.statements.insert(unit.file, unit.statements);
        self.problems.extend(unit.problems.into_iter().map(|problem| (unit.file, problem)));
        self.modules.extend(unit.modules.into_iter().map(|module| shift.module(module)));
        self.functions.extend(unit.functions.into_iter().map(|function| shift.function(function)));
        self.classes.extend(unit.classes.into_iter().map(|class| shift.class(class)));
        self.impls.extend(unit.impls.into_iter().map(|block| shift.impl_of(block)));
    }

    fn index(&mut self) {
        for (at, module) in self.modules.iter().enumerate() {
            let id = ModuleId(at as u32);
            self.modules_by_path.entry(module.path).or_insert(id);
        }
        for (at, module) in self.modules.iter().enumerate() {
            for &alias in &module.aliases {
                self.modules_by_path.entry(alias).or_insert(ModuleId(at as u32));
            }
        }
        for (at, class) in self.classes.iter().enumerate() {
            self.classes_by_path.entry(class.path).or_insert(ClassId(at as u32));
        }
        for (at, function) in self.functions.iter().enumerate() {
            self.functions_by_path.entry(function.path).or_insert(FuncId(at as u32));
        }
    }

    /// Gives the methods of `impl` blocks to their types, and remembers which types implement which traits.
    fn attach_impls(&mut self) {
        for block in std::mem::take(&mut self.impls) {
            let ty = self.canonical(block.ty.path);
            let class = self.classes_by_path.get(&ty).copied();
            for &(item, init) in &block.consts {
                self.consts.insert(name(&format!("{ty}.{item}")), init);
            }
            if let Some(class) = class {
                self.classes[class.index()].methods.extend(block.methods.iter().copied());
                for &(method, function) in &block.methods {
                    self.functions_by_path.entry(name(&format!("{ty}.{method}"))).or_insert(function);
                    self.functions[function.index()].owner = Some(class);
                }
                if let Some(of) = &block.of {
                    let of = self.canonical(of.path);
                    self.classes[class.index()].bases.push(of);
                    self.implementors.entry(of).or_default().push(class);
                }
            }
            self.impls.push(block);
        }
    }

    /// Whether the class is an enum none of whose variants has fields.
    #[must_use]
    pub fn is_fieldless_enum(&self, class: ClassId) -> bool {
        let class = self.class(class);
        class.kind == ClassKind::Enum && class.variants.iter().all(|variant| variant.fields.is_empty())
    }

    /// The implementations of a trait for a type: `impl From<X> for T` asks for (`T`, `From`).
    pub fn impls_for(&self, ty: Name, of: Name) -> impl Iterator<Item = &ImplOf> {
        let places = self.impls_by_type.get(&self.canonical(ty)).into_iter().flatten();
        let blocks = places.map(|&at| &self.impls[at]);
        blocks.filter(move |block| block.of.as_ref().is_some_and(|t: &TypeRef| t.path == of))
    }
}

/// How far a unit's ids move.
struct Shift {
    functions: u32,
    classes: u32,
    modules: u32,
}

impl Shift {
    fn func(&self, id: FuncId) -> FuncId {
        FuncId(id.0 + self.functions)
    }

    fn methods(&self, methods: Vec<(Name, FuncId)>) -> Vec<(Name, FuncId)> {
        methods.into_iter().map(|(known, id)| (known, self.func(id))).collect()
    }

    fn module(&self, mut module: Module) -> Module {
        module.body = module.body.map(|id| self.func(id));
        module.statics = self.methods(module.statics);
        module
    }

    fn class(&self, mut class: Class) -> Class {
        class.module = ModuleId(class.module.0 + self.modules);
        class.methods = self.methods(class.methods);
        class.body = class.body.map(|id| self.func(id));
        class
    }

    fn impl_of(&self, mut block: ImplOf) -> ImplOf {
        block.methods = self.methods(block.methods);
        block.consts = self.methods(block.consts);
        block
    }

    fn function(&self, mut function: Function) -> Function {
        function.module = ModuleId(function.module.0 + self.modules);
        function.parent = function.parent.map(|id| self.func(id));
        function.owner = function.owner.map(|id| ClassId(id.0 + self.classes));
        for op in function.blocks.iter_mut().flat_map(|block| &mut block.ops) {
            match &mut op.kind {
                OpKind::Closure { function, .. } => *function = self.func(*function),
                OpKind::Class { class, .. } => *class = ClassId(class.0 + self.classes),
                _ => {}
            }
        }
        function
    }
}
