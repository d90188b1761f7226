//! The abstract machine: what is shared by all functions that are run.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use crate::flow::Options;
use crate::flow::answers::tally::{CountRule, Tally};
use crate::flow::answers::wrappers::Inner;
use crate::flow::metrics::table::{Metrics, RegistryOf};
use crate::flow::rounds::log::Log;
use crate::flow::rounds::relevance::Relevance;
use crate::flow::run::graph::Graph;
use crate::flow::run::memo::Remembered;
use crate::flow::values::base::Base;
use crate::flow::values::heap::{Kind, ObjId, Object};
use crate::flow::values::state::{Carry, Exit};
use crate::flow::values::store::Heap;
use crate::flow::values::value::{MetricRef, Value};
use crate::knowledge::{Knowledge, Tables};
use crate::program::{ClassId, FuncId, Function, ModuleId, Name, OpKind, Program, Syntax, name};
use crate::source::{Location, Span};

/// How deep calls are followed; deeper ones are unknown.
pub(crate) const MAX_DEPTH: usize = 12;
/// Calls of functions that are not relevant are followed so deep, in programs of usual size and in large ones.
const MAX_IDLE: [u8; 2] = [3, 1];
/// Functions that are further than this from what matters are run by their callers only.
const MAX_DISTANCE: [u8; 2] = [3, 2];
/// Operations of a large program.
const LARGE: usize = 60_000;
/// Operations that one root may run before calls below it become unknown; those that measure or answer themselves get
/// four times as many, their callers twice as many.
pub(crate) const FUEL_PER_ROOT: u64 = 5_000;
/// The same for the first run of each root: most need no more.
const FUEL_AT_FIRST: u64 = 1_500;
/// Operations that the body of a module may run, or the initialiser of a static.
pub(crate) const FUEL_PER_IMPORT: u64 = 4 * FUEL_PER_ROOT;
/// Operations that one root may run in all, its own included.
pub(crate) const RESERVE_PER_ROOT: u64 = 120_000;

/// With how many steps a root is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Effort {
    First,
    Full,
}

/// Whether a module's body has run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Import {
    Not,
    Running,
    Done,
}

/// One call being run.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) function: FuncId,
    /// Identifies the chain of calls.
    pub(crate) context: u64,
    /// The call that led here; `None` at a root.
    pub(crate) call: Option<Location>,
    /// Its captured variables.
    pub(crate) cells: ObjId,
    /// Those of the function around it.
    pub(crate) outer: Option<ObjId>,
    /// What it yielded so far.
    pub(crate) yields: Vec<Value>,
    /// Ways out, by whether raised, count and value.
    pub(crate) exits: BTreeMap<(bool, Tally, u64), Exit>,
    pub(crate) syntax: Syntax,
    /// Statuses among its arguments: an answer with one of them got it from the caller.
    pub(crate) given: Vec<u16>,
    /// The block that runs has somewhere to go when something fails.
    pub(crate) guarded: bool,
    /// How many of the innermost calls, this one included, are of functions that are not relevant.
    pub(crate) idle: u8,
}

impl Frame {
    /// A frame below nothing, for what frameworks run.
    pub(crate) fn outermost(function: FuncId, syntax: Syntax) -> Self {
        let context = crate::flow::values::heap::stable_hash(("outermost", function));
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

/// The abstract machine.
pub(crate) struct Machine<'a> {
    pub(crate) program: &'a Program,
    pub(crate) knowledge: &'a Knowledge,
    pub(crate) options: &'a Options,
    /// What is counted by which counters.
    pub(crate) demands: Vec<CountRule>,
    /// Objects that outlive functions: modules, classes, what they hold.
    pub(crate) base: Base,
    pub(crate) frames: Vec<Frame>,
    /// Functions whose results are remembered by a decorator: they run once for each argument.
    pub(crate) cached: BTreeSet<FuncId>,
    /// What the module that is being imported has come to: all there is of one whose body never ends.
    pub(crate) import_so_far: Option<Carry>,
    graphs: HashMap<FuncId, Rc<Graph>>,
    pub(crate) modules: Vec<Import>,
    /// Values of statics and consts; `None` while one is being computed.
    pub(crate) statics: HashMap<FuncId, Option<Value>>,
    pub(crate) metrics: Metrics,
    pub(crate) log: Log,
    pub(crate) fuel: u64,
    /// What a root gets of it.
    pub(crate) allowance: u64,
    pub(crate) reserve: u64,
    /// What all roots of this round together may still spend on calls.
    pub(crate) total: u64,
    /// For each function whether it touches what matters, see `relevant`.
    pub(crate) relevance: Relevance,
    /// Calls that were run for the current root, by chain of calls and what they were given.
    pub(crate) memo: HashMap<u64, Remembered>,
    /// The last round: what is missing now is missing for good.
    pub(crate) last_round: bool,
    /// Functions that another function calls.
    pub(crate) called: BTreeSet<FuncId>,
    /// First words of what each module imports.
    pub(crate) imports: HashMap<ModuleId, BTreeSet<Name>>,
    /// Names that the program uses somewhere.
    pub(crate) mentioned: HashSet<Name>,
    /// What generators and comprehensions that are being run yielded.
    pub(crate) collected: Vec<Vec<Value>>,
    pub(crate) collecting: u32,
    /// The heap of the call that records right now.
    pub(crate) current_heap: Heap,
    /// Types of parameters that hold the request's body, of functions that were handed to a router.
    pub(crate) bodies: BTreeMap<FuncId, BTreeSet<Name>>,
    /// Receivers of the methods that run, innermost last.
    pub(crate) receivers: Vec<Value>,
    /// What each module registered, the modules that it imports included.
    pub(crate) created_by: HashMap<ModuleId, BTreeMap<(RegistryOf, Name), MetricRef>>,
    /// What the statics of each crate registered.
    pub(crate) created_in: BTreeMap<Name, BTreeMap<(RegistryOf, Name), MetricRef>>,
    /// The handler whose answers are judged.
    pub(crate) root_function: FuncId,
    /// The class of the view whose method it stands for.
    pub(crate) root_owner: Option<ClassId>,
    /// The status that the registration which is noted right now declares.
    pub(crate) declares: Option<u16>,
    /// What the middleware that runs gets from what it wraps.
    pub(crate) inner: Option<Inner>,
    /// What the `yield` of the generator at this depth raises.
    pub(crate) thrown: Option<(usize, Value)>,
    /// Objects that class summaries and defaults refer to: they outlive the function that makes them.
    pub(crate) lasting: BTreeSet<ObjId>,
    /// The handlers that the framework's own dispatch calls, while an overridden one runs.
    pub(crate) dispatching: Option<Vec<FuncId>>,
    /// By which functions classes write themselves; filled in when first asked for.
    pub(crate) writers: Option<crate::flow::primitives::printing::Writers>,
    /// Classes whose texts are being put together from attributes.
    pub(crate) printing: Vec<ClassId>,
    /// What frameworks hand to functions.
    pub(crate) handed: crate::flow::calls::extractors::Handed,
    /// Calls of functions that are not relevant are followed so deep.
    pub(crate) max_idle: u8,
    /// Functions that are so far from what matters are run as roots.
    pub(crate) max_distance: u8,
    /// The call that starts is the library's: what it hands to a closure did not come down through a helper.
    pub(crate) by_library: bool,
    /// What is called again at the end of the root.
    pub(crate) late: Vec<crate::flow::rounds::late::Late>,
    pub(crate) running_late: bool,
}

impl<'a> Machine<'a> {
    pub(crate) fn new(program: &'a Program, knowledge: &'a Knowledge, options: &'a Options) -> Self {
        Machine {
            program,
            knowledge,
            options,
            demands: options.demands(),
            base: Base::default(),
            frames: Vec::new(),
            cached: BTreeSet::new(),
            import_so_far: None,
            graphs: HashMap::new(),
            modules: vec![Import::Not; program.modules.len()],
            statics: HashMap::new(),
            metrics: Metrics::default(),
            log: Log::default(),
            fuel: FUEL_PER_ROOT,
            allowance: FUEL_PER_ROOT,
            reserve: RESERVE_PER_ROOT,
            total: budget(program),
            max_idle: MAX_IDLE[usize::from(program.size() > LARGE)],
            max_distance: MAX_DISTANCE[usize::from(program.size() > LARGE)],
            relevance: Relevance::default(),
            memo: HashMap::new(),
            last_round: false,
            called: BTreeSet::new(),
            imports: imports(program),
            mentioned: crate::flow::answers::customs::mentioned(program),
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
            thrown: None,
            dispatching: None,
            lasting: BTreeSet::new(),
            writers: None,
            printing: Vec::new(),
            handed: crate::flow::calls::extractors::Handed::default(),
            by_library: false,
            late: Vec::new(),
            running_late: false,
        }
    }

    /// The innermost frame. Only called while a function runs, when there is one.
    pub(crate) fn frame(&self) -> &Frame {
        &self.frames[self.frames.len() - 1]
    }

    pub(crate) fn frame_mut(&mut self) -> &mut Frame {
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    pub(crate) fn function(&self) -> &'a Function {
        self.program.function(self.frame().function)
    }

    pub(crate) fn tables(&self) -> &'a Tables {
        self.knowledge.tables(self.frames.last().map_or(Syntax::Python, |frame| frame.syntax))
    }

    pub(crate) fn is_rust(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.syntax == Syntax::Rust)
    }

    pub(crate) fn graph(&mut self, id: FuncId) -> Rc<Graph> {
        let program = self.program;
        self.graphs.entry(id).or_insert_with(|| Rc::new(Graph::of(program.function(id)))).clone()
    }

    /// A place in the function that runs.
    pub(crate) fn at(&self, span: Span) -> Location {
        Location::new(self.function().file, span)
    }

    /// An object as it is now.
    pub(crate) fn object(&self, heap: &Heap, id: ObjId) -> Option<Rc<Object>> {
        heap.get(id).or_else(|| self.base.get(id)).cloned()
    }

    /// Changes an object (making it first, if need be).
    pub(crate) fn change(&self, heap: &mut Heap, id: ObjId, change: impl FnOnce(&mut Object)) {
        let mut object = self.object(heap, id).unwrap_or_else(|| Rc::new(Object::new(Kind::Opaque)));
        change(Rc::make_mut(&mut object));
        heap.set(id, object);
    }

    /// Makes an object at a place of the code. A second one made there in the same call stands for many.
    pub(crate) fn make(&mut self, heap: &mut Heap, place: (Span, u32), object: Object) -> ObjId {
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
    pub(crate) fn commit(&mut self, carry: &Carry, strong: bool) {
        let mut waiting: Vec<ObjId> = carry
            .heap
            .iter()
            .map(|(id, _)| id)
            .filter(|id| self.base.contains(*id) || self.lasting.contains(id))
            .collect();
        let mut seen: BTreeSet<ObjId> = waiting.iter().copied().collect();
        while let Some(id) = waiting.pop() {
            let Some(object) = carry.heap.get(id) else { continue };
            for value in object.entries.values().chain(object.rest.iter()) {
                for alt in &value.alts {
                    let inner = match alt {
                        crate::flow::values::value::Alt::Object(inner)
                        | crate::flow::values::value::Alt::Function(_, Some(inner)) => *inner,
                        _ => continue,
                    };
                    if seen.insert(inner) {
                        waiting.push(inner);
                    }
                }
            }
            let next = match self.base.peek(id) {
                Some(old) if !strong => Rc::new(old.join(object)),
                _ => object.clone(),
            };
            self.base.insert(id, next);
        }
    }

    /// Adds what is known of a field of every instance of a class.
    pub(crate) fn summarize_field(&mut self, class: ClassId, field: Name, value: &Value) {
        let id = ObjId::summary(class);
        let mut object = self.base.ensure(id, || any_instance(class)).clone();
        self.outlive(value);
        let old = object.field(field).cloned();
        let next = old.as_ref().map_or_else(|| value.clone(), |old| old.join(value));
        if old.as_ref() != Some(&next) {
            Rc::make_mut(&mut object).entries.insert(crate::program::Const::Str(field), next);
            self.base.insert(id, object);
        }
    }

    /// Operations that a root may run before calls below it become unknown.
    pub(crate) fn fuel_for(&self, root: FuncId, effort: Effort) -> u64 {
        match (effort, self.relevance.distance(root)) {
            (Effort::First, _) => FUEL_AT_FIRST,
            (Effort::Full, Some(0)) => 4 * FUEL_PER_ROOT,
            (Effort::Full, Some(1)) => 2 * FUEL_PER_ROOT,
            (Effort::Full, _) => FUEL_PER_ROOT,
        }
    }

    /// What a value refers to lasts longer than the function that made it.
    pub(crate) fn outlive(&mut self, value: &Value) {
        for alt in &value.alts {
            if let crate::flow::values::value::Alt::Object(id)
            | crate::flow::values::value::Alt::Function(_, Some(id)) = alt
            {
                self.lasting.insert(*id);
            }
        }
    }

    /// The object that stands for any instance of a class, made on demand.
    pub(crate) fn summary(&mut self, class: ClassId) -> ObjId {
        let id = ObjId::summary(class);
        self.base.ensure(id, || any_instance(class));
        id
    }
}

/// The object that stands for every instance of a class.
fn any_instance(class: ClassId) -> Object {
    let mut object = Object::new(Kind::Instance);
    object.class = Some(class);
    object.many = true;
    object
}

/// What all roots of one round together may spend on calls: linear in the size of the program.
pub(crate) fn budget(program: &Program) -> u64 {
    150_000 + program.size() as u64 / 4
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
