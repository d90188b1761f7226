//! What stands in front of a metrics page? Decorators, dependencies, wrappers and middleware, and whether one of them turns
//! strangers away.
//!
//! A view is followed to wherever it is handed on: from its definition through the calls that take it or what became of
//! it. A gate is what is met there and may answer in its place (`refusing.rs`), or is known to (`values.rs`).

mod holding;
mod refusing;
mod values;

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::deploy;
use crate::flow::Endpoint;
use crate::knowledge::{Knowledge, Tables};
use crate::program::{ArgKind, Callee, Const, FuncId, Name, Op, OpKind, Program, Reg, name};
use crate::source::Location;

/// Gates of one program.
pub(super) struct Gates<'a> {
    program: &'a Program,
    knowledge: &'a Knowledge,
    /// Which operations write each register.
    writers: RefCell<HashMap<FuncId, Rc<Writers<'a>>>>,
    /// What each module's body stores under its names.
    stores: RefCell<HashMap<FuncId, Rc<Stores>>>,
    /// First parts of the paths of the project's own modules.
    own: HashSet<&'static str>,
    /// How many functions are being looked at, one inside of the other.
    running: Cell<u32>,
    /// What was found of each function, by the path that is asked for; `None` while it is looked at.
    refusals: RefCell<HashMap<(FuncId, String), Option<bool>>>,
    /// Something was not looked into: because that is under way, or lies too deep.
    cut: Cell<bool>,
    /// How many more values may be looked at.
    left: Cell<u32>,
}

type Stores = HashMap<Name, Vec<Reg>>;
type Writers<'a> = HashMap<Reg, Vec<&'a Op>>;

/// Requests are followed through so many calls and names.
const MAX_DEPTH: u8 = 12;
/// So many values are looked at for one page.
const MAX_LOOKS: u32 = 50_000;

impl<'a> Gates<'a> {
    pub(super) fn new(program: &'a Program, knowledge: &'a Knowledge) -> Self {
        Self {
            program,
            knowledge,
            writers: RefCell::default(),
            stores: RefCell::default(),
            own: program.modules.iter().filter_map(|module| module.path.as_str().split('.').next()).collect(),
            running: Cell::new(0),
            refusals: RefCell::default(),
            cut: Cell::new(false),
            left: Cell::new(0),
        }
    }

    /// Whether strangers are turned away before they see this page.
    pub(super) fn keep(&self, endpoint: &Endpoint) -> bool {
        let routes = if endpoint.routes.is_empty() { vec!["/metrics".to_owned()] } else { endpoint.routes.clone() };
        let views = self.views(endpoint);
        self.left.set(MAX_LOOKS);
        // One open way in is enough for a stranger. What was too much to look at cannot be told, and is silent.
        let asks = routes.iter().all(|route| {
            let route = format!("/{}", route.trim_matches(['/', '^', '$']));
            views.iter().any(|view| self.asks(*view, &route))
                || self.is_held(endpoint, &views, &route)
                || self.all_are_asked(&route)
        });
        asks || self.left.get() == 0
    }

    /// Whether one more value may be looked at.
    fn spend(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0
    }

    /// The functions that show the page: the one that is defined there, and those around it that are no modules.
    fn views(&self, endpoint: &Endpoint) -> Vec<FuncId> {
        let Some(at) = endpoint.definition.filter(|_| endpoint.kind != "server") else { return Vec::new() };
        let functions = self.program.functions.iter().enumerate();
        let own = functions.filter(|(_, function)| Location::new(function.file, function.span) == at);
        own.map(|(at, _)| FuncId(at as u32)).collect()
    }

    /// Whether a view asks by itself: in its code, by what it depends on, by the class it is a method of.
    fn asks(&self, view: FuncId, route: &str) -> bool {
        let function = self.program.function(view);
        if self.refuses(view, route, MAX_DEPTH) || self.hides(view) {
            return true;
        }
        let by_type = function.params.iter().filter_map(|param| param.ty.as_ref());
        if by_type.into_iter().any(|ty| self.is_type_gate(ty, (view, route), MAX_DEPTH)) {
            return true;
        }
        self.depends(view, route) || function.owner.is_some_and(|class| self.is_class_gate(class, route, MAX_DEPTH))
    }

    /// Whether a default of a parameter is a gate: `user=Depends(librarian)`.
    fn depends(&self, view: FuncId, route: &str) -> bool {
        let function = self.program.function(view);
        let module = self.program.modules.get(function.module.index());
        let around = [function.parent, module.and_then(|module| module.body)];
        around.into_iter().flatten().any(|id| {
            let ops = self.program.function(id).blocks.iter().flat_map(|block| &block.ops);
            let mut defaults = ops.filter_map(|op| match &op.kind {
                OpKind::Closure { function, defaults } if *function == view => Some(defaults),
                _ => None,
            });
            defaults.any(|known| known.iter().any(|(_, reg)| self.is_gate((id, *reg), route, MAX_DEPTH)))
        })
    }

    /// Whether the application asks before any view: hooks, and middleware in settings.
    fn all_are_asked(&self, route: &str) -> bool {
        let gates = deploy::gates();
        (0..self.program.functions.len()).map(|at| FuncId(at as u32)).any(|id| {
            let function = self.program.function(id);
            let is_hook = function.attributes.iter().any(|attribute| {
                let last = attribute.path.last_part();
                gates.hooks.iter().any(|hook| hook == last)
            });
            (is_hook && self.refuses(id, route, MAX_DEPTH)) || self.installs(id, route)
        })
    }

    /// Whether a function hands a gate to the application: `app.before_request(check)`, `app.add_middleware(Check)`,
    /// the list of middleware in settings.
    fn installs(&self, id: FuncId, route: &str) -> bool {
        let gates = deploy::gates();
        let ops = || self.program.function(id).blocks.iter().flat_map(|block| &block.ops);
        let lists = |op: &Op| match op.kind {
            OpKind::StoreGlobal(stored, reg)
                if self.tables(id).variable(stored).is_some_and(|entry| entry.paths && entry.wraps == "middleware") =>
            {
                self.texts(id, reg, 3).into_iter().any(|text| self.is_middleware(text, route))
            }
            _ => false,
        };
        ops().any(|op| match &op.kind {
            OpKind::Call(call) => {
                let known = match call.callee {
                    Callee::Method(_, method) => gates.installers.iter().any(|known| known == method.as_str()),
                    Callee::Value(callee) => self.path_of(id, callee, 3).is_some_and(|path| {
                        let last = path.last_part();
                        gates.applications.iter().any(|known| known == last)
                    }),
                };
                let is_middleware = |arg: &crate::program::Arg| match arg.kind {
                    ArgKind::Keyword(key) => gates.keywords.iter().any(|known| known == key.as_str()),
                    _ => matches!(call.callee, Callee::Method(..)),
                };
                known && call.args.iter().any(|arg| is_middleware(arg) && self.is_gate((id, arg.reg), route, MAX_DEPTH))
            }
            _ => lists(op),
        })
    }

    /// Constant texts in a list.
    fn texts(&self, id: FuncId, reg: Reg, depth: u8) -> Vec<Name> {
        let mut found = Vec::new();
        for op in self.written(id, reg) {
            match &op.kind {
                OpKind::Const(Const::Str(text)) => found.push(*text),
                _ if depth == 0 => {}
                kind => {
                    for inner in crate::program::reads(kind) {
                        found.extend(self.texts(id, inner, depth - 1));
                    }
                }
            }
        }
        found
    }

    /// The operations that write a register.
    fn written(&self, id: FuncId, reg: Reg) -> Vec<&'a Op> {
        self.writers_of(id).get(&reg).cloned().unwrap_or_default()
    }

    fn writers_of(&self, id: FuncId) -> Rc<Writers<'a>> {
        if let Some(known) = self.writers.borrow().get(&id) {
            return known.clone();
        }
        let mut found: Writers<'a> = HashMap::new();
        for op in self.program.function(id).blocks.iter().flat_map(|block| &block.ops) {
            if let Some(dst) = op.dst {
                found.entry(dst).or_default().push(op);
            }
        }
        let found = Rc::new(found);
        self.writers.borrow_mut().insert(id, found.clone());
        found
    }

    fn tables(&self, id: FuncId) -> &'a Tables {
        self.knowledge.tables(self.program.syntax(id))
    }

    /// The dotted path of what a register holds, as far as names tell without running anything.
    fn path_of(&self, id: FuncId, reg: Reg, depth: u8) -> Option<Name> {
        let op = *self.written(id, reg).first()?;
        match &op.kind {
            OpKind::Path(path) => Some(self.program.canonical(*path)),
            OpKind::ImportFrom(module, item) => Some(name(&format!("{module}.{item}"))),
            OpKind::Import { bind, .. } => Some(*bind),
            OpKind::Copy(inner) if depth > 0 => self.path_of(id, *inner, depth - 1),
            OpKind::Attr(object, field) if depth > 0 => {
                let object = self.path_of(id, *object, depth - 1)?;
                Some(name(&format!("{object}.{field}")))
            }
            OpKind::LoadGlobal(global) => {
                let module = self.program.function(id).module;
                let module = self.program.modules.get(module.index())?;
                let stored = module.body.filter(|_| depth > 0).and_then(|body| {
                    let values = self.stored(body, *global);
                    let paths = values.into_iter().filter_map(|reg| self.path_of(body, reg, depth - 1));
                    paths.collect::<Vec<_>>().pop()
                });
                Some(stored.unwrap_or_else(|| name(&format!("{}.{global}", module.path))))
            }
            _ => None,
        }
    }

    /// What a module's body stores under a name.
    fn stored(&self, body: FuncId, global: Name) -> Vec<Reg> {
        if let Some(known) = self.stores.borrow().get(&body) {
            return known.get(&global).cloned().unwrap_or_default();
        }
        let mut found = Stores::new();
        for op in self.program.function(body).blocks.iter().flat_map(|block| &block.ops) {
            if let OpKind::StoreGlobal(known, reg) = op.kind {
                found.entry(known).or_default().push(reg);
            }
        }
        let stored = found.get(&global).cloned().unwrap_or_default();
        self.stores.borrow_mut().insert(body, Rc::new(found));
        stored
    }
}
