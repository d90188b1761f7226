//! The abstract machine: what is shared by all functions that are run.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::rc::Rc;

use crate::knowledge::{Knowledge, Tables};
use crate::program::{ClassId, FuncId, Function, ModuleId, Name, OpKind, Program, Syntax, name};
use crate::source::{Location, Span};

use super::Options;
use super::graph::Graph;
use super::heap::{Kind, ObjId, Object};
use super::log::Log;
use super::memo::Remembered;
use super::metrics::{Metrics, RegistryOf};
use super::state::{Carry, Exit};
use super::store::Heap;
use super::tally::{CountRule, Tally};
use super::value::{MetricRef, Value};
use super::wrappers::Inner;

/// How deep calls are followed; deeper ones are unknown.
pub(super) const MAX_DEPTH: usize = 12;
/// Calls of functions that are not relevant are followed so deep.
pub(super) const MAX_IDLE: u8 = 3;
/// Operations that one root may run before calls below it become unknown.
pub(super) const FUEL_PER_ROOT: u64 = 5_000;
/// Operations that one root may run in all, its own included.
pub(super) const RESERVE_PER_ROOT: u64 = 120_000;

/// Whether a module's body has run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Import {
    Not,
    Running,
    Done,
}

/// One call being run.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) function: FuncId,
    /// Identifies the chain of calls.
    pub(super) context: u64,
    /// The call that led here; `None` at a root.
    pub(super) call: Option<Location>,
    /// Its captured variables.
    pub(super) cells: ObjId,
    /// Those of the function around it.
    pub(super) outer: Option<ObjId>,
    /// What it yielded so far.
    pub(super) yields: Vec<Value>,
    /// Ways out, by whether raised, count and value.
    pub(super) exits: BTreeMap<(bool, Tally, u64), Exit>,
    pub(super) syntax: Syntax,
    /// Statuses among its arguments: an answer with one of them got it from the caller.
    pub(super) given: Vec<u16>,
    /// The block that runs has somewhere to go when something fails.
    pub(super) guarded: bool,
    /// How many of the innermost calls, this one included, are of functions that are not relevant.
    pub(super) idle: u8,
}

impl Frame {
    /// A frame below nothing, for what frameworks run.
    pub(super) fn outermost(function: FuncId, syntax: Syntax) -> Self {
        let context = super::heap::stable_hash(("outermost", function));
        Frame {
            function,
            context,
            call: None,
            cells: ObjId::at(context, "cells"),
            outer: None,
            yields: Vec::new(),
            exits: BTreeMap::new(),
            syntax,
            given: Vec::new(),
            guarded: false,
            idle: 0,
        }
    }
}

/// Ids of objects are hashes already.
#[derive(Default)]
pub(super) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, id: u64) {
        self.0 = id;
    }
}

/// The abstract machine.
pub(super) struct Machine<'a> {
    pub(super) program: &'a Program,
    pub(super) knowledge: &'a Knowledge,
    pub(super) options: &'a Options,
    /// What is counted by which counters.
    pub(super) demands: Vec<CountRule>,
    /// Objects that outlive functions: modules, classes, what they hold.
    pub(super) base: HashMap<ObjId, Rc<Object>, BuildHasherDefault<IdHasher>>,
    /// Something in `base` changed since the flag was cleared.
    pub(super) base_changed: bool,
    pub(super) frames: Vec<Frame>,
    /// Functions whose results are remembered by a decorator: they run once for each argument.
    pub(super) cached: BTreeSet<FuncId>,
    /// What the module that is being imported has come to: all there is of one whose body never ends.
    pub(super) import_so_far: Option<Carry>,
    graphs: HashMap<FuncId, Rc<Graph>>,
    pub(super) modules: Vec<Import>,
    /// Values of statics and consts; `None` while one is being computed.
    pub(super) statics: HashMap<FuncId, Option<Value>>,
    pub(super) metrics: Metrics,
    pub(super) log: Log,
    pub(super) fuel: u64,
    pub(super) reserve: u64,
    /// What all roots of this round together may still spend on calls.
    pub(super) total: u64,
    /// For each function whether it touches what matters, see `relevant`.
    pub(super) relevance: Vec<bool>,
    /// Calls that were run for the current root, by chain of calls and what they were given.
    pub(super) memo: HashMap<u64, Remembered>,
    /// The last round: what is missing now is missing for good.
    pub(super) last_round: bool,
    /// Functions that another function calls.
    pub(super) called: BTreeSet<FuncId>,
    /// First words of what each module imports.
    pub(super) imports: HashMap<ModuleId, BTreeSet<Name>>,
    /// Names that the program uses somewhere.
    pub(super) mentioned: HashSet<Name>,
    /// What generators and comprehensions that are being run yielded.
    pub(super) collected: Vec<Vec<Value>>,
    pub(super) collecting: u32,
    /// The heap of the call that records right now.
    pub(super) current_heap: Heap,
    /// Types of parameters that hold the request's body, of functions that were handed to a router.
    pub(super) bodies: BTreeMap<FuncId, BTreeSet<Name>>,
    /// Receivers of the methods that run, innermost last.
    pub(super) receivers: Vec<Value>,
    /// What each module registered, the modules that it imports included.
    pub(super) created_by: HashMap<ModuleId, BTreeMap<(RegistryOf, Name), MetricRef>>,
    /// What the statics of each crate registered.
    pub(super) created_in: BTreeMap<Name, BTreeMap<(RegistryOf, Name), MetricRef>>,
    /// The handler whose answers are judged.
    pub(super) root_function: FuncId,
    /// The class of the view whose method it stands for.
    pub(super) root_owner: Option<ClassId>,
    /// The status that the registration which is noted right now declares.
    pub(super) declares: Option<u16>,
    /// What the middleware that runs gets from what it wraps.
    pub(super) inner: Option<Inner>,
    /// Objects that class summaries and defaults refer to: they outlive the function that makes them.
    pub(super) lasting: BTreeSet<ObjId>,
    /// The handlers that the framework's own dispatch calls, while an overridden one runs.
    pub(super) dispatching: Option<Vec<FuncId>>,
    /// By which functions classes write themselves; filled in when first asked for.
    pub(super) writers: Option<super::printing::Writers>,
    /// What frameworks hand to functions.
    pub(super) handed: super::extractors::Handed,
    /// The call that starts is the library's: what it hands to a closure did not come down through a helper.
    pub(super) by_library: bool,
}

impl<'a> Machine<'a> {
    pub(super) fn new(program: &'a Program, knowledge: &'a Knowledge, options: &'a Options) -> Self {
        Machine {
            program,
            knowledge,
            options,
            demands: options.demands(),
            base: HashMap::default(),
            base_changed: false,
            frames: Vec::new(),
            cached: BTreeSet::new(),
            import_so_far: None,
            graphs: HashMap::new(),
            modules: vec![Import::Not; program.modules.len()],
            statics: HashMap::new(),
            metrics: Metrics::default(),
            log: Log::default(),
            fuel: FUEL_PER_ROOT,
            reserve: RESERVE_PER_ROOT,
            total: budget(program),
            relevance: Vec::new(),
            memo: HashMap::new(),
            last_round: false,
            called: BTreeSet::new(),
            imports: imports(program),
            mentioned: super::customs::mentioned(program),
            collected: Vec::new(),
            collecting: 0,
            current_heap: Heap::default(),
            receivers: Vec::new(),
            bodies: BTreeMap::new(),
            created_by: HashMap::new(),
            created_in: BTreeMap::new(),
            root_function: FuncId(0),
            root_owner: None,
            declares: None,
            inner: None,
            dispatching: None,
            lasting: BTreeSet::new(),
            writers: None,
            handed: super::extractors::Handed::default(),
            by_library: false,
        }
    }

    /// The innermost frame. Only called while a function runs, when there is one.
    pub(super) fn frame(&self) -> &Frame {
        &self.frames[self.frames.len() - 1]
    }

    pub(super) fn frame_mut(&mut self) -> &mut Frame {
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    pub(super) fn function(&self) -> &'a Function {
        self.program.function(self.frame().function)
    }

    pub(super) fn tables(&self) -> &'a Tables {
        self.knowledge.tables(self.frames.last().map_or(Syntax::Python, |frame| frame.syntax))
    }

    pub(super) fn is_rust(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.syntax == Syntax::Rust)
    }

    pub(super) fn graph(&mut self, id: FuncId) -> Rc<Graph> {
        let program = self.program;
        self.graphs.entry(id).or_insert_with(|| Rc::new(Graph::of(program.function(id)))).clone()
    }

    /// A place in the function that runs.
    pub(super) fn at(&self, span: Span) -> Location {
        Location::new(self.function().file, span)
    }

    /// An object as it is now.
    pub(super) fn object(&self, heap: &Heap, id: ObjId) -> Option<Rc<Object>> {
        heap.get(id).cloned().or_else(|| self.base.get(&id).cloned())
    }

    /// Changes an object (making it first, if need be).
    pub(super) fn change(&self, heap: &mut Heap, id: ObjId, change: impl FnOnce(&mut Object)) {
        let mut object = self.object(heap, id).unwrap_or_else(|| Rc::new(Object::new(Kind::Opaque)));
        change(Rc::make_mut(&mut object));
        heap.set(id, object);
    }

    /// Makes an object at a place of the code. A second one made there in the same call stands for many.
    pub(super) fn make(&mut self, heap: &mut Heap, place: (Span, u32), object: Object) -> ObjId {
        let frame = self.frame();
        let id = ObjId::at(frame.context, (frame.function, place));
        let object = match heap.get(id) {
            Some(old) if old.kind == object.kind && **old != object => {
                let mut joined = old.join(&object);
                joined.many = true;
                joined
            }
            _ => object,
        };
        heap.set(id, Rc::new(object));
        id
    }

    /// Makes what a root left behind part of the base: later roots see it joined with what was there.
    pub(super) fn commit(&mut self, carry: &Carry, strong: bool) {
        let mut waiting: Vec<ObjId> = carry
            .heap
            .iter()
            .map(|(id, _)| id)
            .filter(|id| self.base.contains_key(id) || self.lasting.contains(id))
            .collect();
        let mut seen: BTreeSet<ObjId> = waiting.iter().copied().collect();
        while let Some(id) = waiting.pop() {
            let Some(object) = carry.heap.get(id) else { continue };
            for value in object.entries.values().chain(object.rest.iter()) {
                for alt in &value.alts {
                    let inner = match alt {
                        super::value::Alt::Object(inner) | super::value::Alt::Function(_, Some(inner)) => *inner,
                        _ => continue,
                    };
                    if seen.insert(inner) {
                        waiting.push(inner);
                    }
                }
            }
            let next = match self.base.get(&id) {
                Some(old) if !strong => Rc::new(old.join(object)),
                _ => object.clone(),
            };
            if self.base.get(&id).is_none_or(|old| *old != next) {
                self.base_changed = true;
                self.base.insert(id, next);
            }
        }
    }

    /// Adds what is known of a field of every instance of a class.
    pub(super) fn summarize_field(&mut self, class: ClassId, field: Name, value: &Value) {
        let id = ObjId::summary(class);
        let mut object = self.base.get(&id).cloned().unwrap_or_else(|| {
            let mut object = Object::new(Kind::Instance);
            object.class = Some(class);
            object.many = true;
            Rc::new(object)
        });
        self.outlive(value);
        let old = object.field(field).cloned();
        let next = old.as_ref().map_or_else(|| value.clone(), |old| old.join(value));
        if old.as_ref() != Some(&next) {
            Rc::make_mut(&mut object).entries.insert(crate::program::Const::Str(field), next);
            self.base.insert(id, object);
            self.base_changed = true;
        }
    }

    /// What a value refers to lasts longer than the function that made it.
    pub(super) fn outlive(&mut self, value: &Value) {
        for alt in &value.alts {
            if let super::value::Alt::Object(id) | super::value::Alt::Function(_, Some(id)) = alt {
                self.lasting.insert(*id);
            }
        }
    }

    /// The object that stands for any instance of a class, made on demand.
    pub(super) fn summary(&mut self, class: ClassId) -> ObjId {
        let id = ObjId::summary(class);
        self.base.entry(id).or_insert_with(|| {
            let mut object = Object::new(Kind::Instance);
            object.class = Some(class);
            object.many = true;
            Rc::new(object)
        });
        id
    }
}

/// What all roots of one round together may spend on calls: linear in the size of the program.
pub(super) fn budget(program: &Program) -> u64 {
    let size: usize =
        program.functions.iter().flat_map(|function| &function.blocks).map(|block| 1 + block.ops.len()).sum();
    200_000 + size as u64
}

/// First words of what each module imports, wherever in it.
fn imports(program: &Program) -> HashMap<ModuleId, BTreeSet<Name>> {
    let mut found: HashMap<ModuleId, BTreeSet<Name>> = HashMap::new();
    for function in &program.functions {
        for op in function.blocks.iter().flat_map(|block| &block.ops) {
            if let OpKind::Import { module, .. } | OpKind::ImportFrom(module, _) | OpKind::ImportStar(module) = &op.kind
            {
                let first = module.as_str().split('.').next().unwrap_or_default();
                found.entry(function.module).or_default().insert(name(first));
            }
        }
    }
    found
}
