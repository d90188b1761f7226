//! Which functions call which, as far as that can be told without running anything: by what names hold after the imports,
//! by the class of the receiver, and else by name alone.

use std::collections::HashMap;

use crate::program::{Callee, ClassId, ClassKind, Const, FuncId, Function, ModuleId, Name, OpKind, Program, Reg, name};

use crate::flow::rounds::demand::CallSite;
use crate::flow::rounds::relevance::Relevance;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::ObjId;
use crate::flow::values::value::Alt;

/// A name that more functions have than these tells nothing about a call.
const COMMON: usize = 8;
/// So many calls away from an answer a function is still looked at.
const MAX_FROM_ANSWER: u8 = 4;
/// The methods that run when a class is called, entered or dropped.
const IMPLICIT: [&str; 6] = ["__init__", "__new__", "__post_init__", "__enter__", "__call__", "drop"];

/// The callers of each function.
pub(crate) struct Reach<'a> {
    program: &'a Program,
    /// Who calls a function, and where; without a place for functions that are only mentioned.
    pub(crate) callers: Vec<Vec<(FuncId, Option<CallSite>)>>,
    /// Who mentions the class that a function is a method or the body of.
    users: Vec<Vec<FuncId>>,
}

/// What is gathered while the edges are made.
struct Edges<'a> {
    machine: &'a Machine<'a>,
    named: HashMap<Name, Vec<FuncId>>,
    children: HashMap<ClassId, Vec<ClassId>>,
    callers: Vec<Vec<(FuncId, Option<CallSite>)>>,
    users: Vec<Vec<FuncId>>,
    /// Where the operation that is looked at stands.
    site: Option<CallSite>,
    /// What registers of the function that is looked at hold, where that is a function or class itself.
    called: HashMap<Reg, Vec<CallSite>>,
}

impl<'a> Reach<'a> {
    pub(crate) fn of(machine: &'a Machine<'a>) -> Self {
        let program = machine.program;
        let mut named: HashMap<Name, Vec<FuncId>> = HashMap::new();
        for (at, function) in program.functions.iter().enumerate() {
            named.entry(function.name).or_default().push(FuncId(at as u32));
        }
        renamed(machine, &mut named);
        let mut children: HashMap<ClassId, Vec<ClassId>> = HashMap::new();
        for (at, class) in program.classes.iter().enumerate() {
            for base in class.bases.iter().filter_map(|base| program.class_at(*base)) {
                children.entry(base).or_default().push(ClassId(at as u32));
            }
        }
        let count = program.functions.len();
        let mut edges = Edges {
            machine,
            named,
            children,
            callers: vec![Vec::new(); count],
            users: vec![Vec::new(); count],
            site: None,
            called: HashMap::new(),
        };
        for (at, function) in program.functions.iter().enumerate() {
            edges.function(FuncId(at as u32), function);
        }
        Reach { program, callers: edges.callers, users: edges.users }
    }

    /// Whoever calls a relevant function is relevant, one call further away, and so is the function around it.
    pub(crate) fn close(&self, relevance: &mut Relevance) {
        let mut nearest: Vec<FuncId> = relevance.functions().collect();
        for distance in 1..=MAX_FROM_ANSWER {
            let mut next = Vec::new();
            for id in nearest {
                let parent = self.program.function(id).parent;
                let callers = self.callers[id.index()].iter().map(|(caller, _)| *caller);
                let mut waiting: Vec<FuncId> =
                    callers.chain(self.users[id.index()].iter().copied()).chain(parent).collect();
                while let Some(caller) = waiting.pop() {
                    if relevance.note(caller, distance) {
                        next.push(caller);
                        // A closure that hands functions to a framework is a part of the function around it.
                        waiting.extend(self.program.function(caller).parent);
                    }
                }
            }
            nearest = next;
        }
    }
}

/// Functions that modules know by another name: `from .notes import note as remember`.
fn renamed(machine: &Machine<'_>, named: &mut HashMap<Name, Vec<FuncId>>) {
    for at in 0..machine.program.modules.len() {
        let Some(object) = machine.base.get(ObjId::module(ModuleId(at as u32))) else { continue };
        for (key, value) in &object.entries {
            let Const::Str(known) = key else { continue };
            for alt in &value.alts {
                let Alt::Function(id, _) = alt else { continue };
                let functions = named.entry(*known).or_default();
                if !functions.contains(id) {
                    functions.push(*id);
                }
            }
        }
    }
}

impl Edges<'_> {
    fn function(&mut self, id: FuncId, function: &Function) {
        let places = || {
            let blocks = function.blocks.iter().enumerate();
            blocks.flat_map(|(block, body)| body.ops.iter().enumerate().map(move |(at, op)| ((block, at), op)))
        };
        self.called.clear();
        for (site, op) in places() {
            if let OpKind::Call(call) = &op.kind
                && let Callee::Value(callee) = call.callee
            {
                self.called.entry(callee).or_default().push(site);
            }
        }
        for (site, op) in places() {
            self.site = None;
            if let Some(dst) = op.dst
                && let Some(&[call]) = self.called.get(&dst).map(Vec::as_slice)
            {
                self.site = Some(call);
            }
            match &op.kind {
                OpKind::Call(call) => {
                    if let Callee::Method(receiver, method) = call.callee {
                        self.site = Some(site);
                        self.method(id, function, receiver, method);
                    }
                }
                OpKind::Attr(object, field) => self.attribute(id, function, *object, *field),
                OpKind::LoadGlobal(global) => self.global(id, function, *global),
                OpKind::Path(path) => self.path(id, *path),
                OpKind::ImportFrom(module, item) => self.path(id, name(&format!("{module}.{item}"))),
                OpKind::Construct { path, .. } => {
                    if let Some(class) = self.machine.program.class_at(*path) {
                        self.instance(id, class);
                    }
                }
                _ => {}
            }
        }
    }

    fn add(&mut self, caller: FuncId, callee: FuncId) {
        let known = &mut self.callers[callee.index()];
        let edge = (caller, self.site);
        if known.last() != Some(&edge) {
            known.push(edge);
        }
    }

    /// Any function of a name, where the name tells.
    fn by_name(&mut self, caller: FuncId, called: Name, common: usize) {
        let Some(found) = self.named.get(&called).filter(|found| found.len() <= common) else { return };
        for callee in found.clone() {
            self.add(caller, callee);
        }
    }

    /// A method of a class, of those that derive from it, and of those that implement it.
    fn of_class(&mut self, caller: FuncId, class: ClassId, method: Name) {
        let program = self.machine.program;
        if let Some(callee) = program.method(class, method) {
            self.add(caller, callee);
        }
        let mut waiting: Vec<ClassId> = self.children.get(&class).cloned().unwrap_or_default();
        if program.class(class).kind == ClassKind::Trait {
            waiting.extend(program.implementors(program.class(class).path));
        }
        let mut at = 0;
        while at < waiting.len() {
            let next = waiting[at];
            if let Some(&(_, callee)) = program.class(next).methods.iter().find(|(known, _)| *known == method) {
                self.add(caller, callee);
            }
            for &child in self.children.get(&next).into_iter().flatten() {
                if !waiting.contains(&child) {
                    waiting.push(child);
                }
            }
            at += 1;
        }
    }

    fn method(&mut self, caller: FuncId, function: &Function, receiver: Reg, method: Name) {
        match self.class_of(function, receiver) {
            Some(class) => self.of_class(caller, class, method),
            None => self.by_name(caller, method, COMMON),
        }
    }

    fn attribute(&mut self, caller: FuncId, function: &Function, object: Reg, field: Name) {
        match self.class_of(function, object) {
            Some(class) => self.of_class(caller, class, field),
            None => self.by_name(caller, field, COMMON / 2),
        }
    }

    /// The class of the project that a register holds an instance of: the receiver, or by its declared type.
    fn class_of(&self, function: &Function, reg: Reg) -> Option<ClassId> {
        let program = self.machine.program;
        let is_receiver = function
            .params
            .first()
            .is_some_and(|param| param.kind == crate::program::ParamKind::Receiver && param.reg == reg);
        if is_receiver && function.owner.is_some() {
            return function.owner;
        }
        let declared = function.regs.get(reg.index()).and_then(|info| info.ty.as_ref());
        let declared = declared
            .or_else(|| function.params.iter().find(|param| param.reg == reg).and_then(|param| param.ty.as_ref()));
        declared.and_then(|ty| program.class_at(ty.path))
    }

    fn global(&mut self, caller: FuncId, function: &Function, global: Name) {
        let Some(value) = self.machine.global(function, global) else { return };
        for alt in value.alts.clone() {
            match alt {
                Alt::Function(callee, _) => self.add(caller, callee),
                Alt::Class(class) => self.instance(caller, class),
                Alt::Path(path) => self.path(caller, path),
                _ => {}
            }
        }
    }

    fn path(&mut self, caller: FuncId, path: Name) {
        let program = self.machine.program;
        if let Some(callee) = program.function_at(path) {
            return self.add(caller, callee);
        }
        if let Some(class) = program.class_at(path) {
            return self.instance(caller, class);
        }
        let canonical = program.canonical(path);
        let Some((owner, method)) = canonical.as_str().rsplit_once('.') else { return };
        match program.class_at(name(owner)) {
            Some(class) => {
                self.uses(caller, class);
                self.of_class(caller, class, name(method));
            }
            None => self.by_name(caller, name(method), COMMON / 2),
        }
    }

    /// A class is named: what its methods answer may be what the function answers.
    fn uses(&mut self, user: FuncId, class: ClassId) {
        let program = self.machine.program;
        let body = program.class(class).body;
        for id in program.class(class).methods.iter().map(|(_, id)| *id).chain(body) {
            let known = &mut self.users[id.index()];
            if known.last() != Some(&user) {
                known.push(user);
            }
        }
    }

    /// An instance is made: its constructor runs, and what runs by itself later.
    fn instance(&mut self, caller: FuncId, class: ClassId) {
        self.uses(caller, class);
        for method in IMPLICIT {
            if let Some(callee) = self.machine.program.method(class, name(method)) {
                self.add(caller, callee);
            }
        }
    }
}
