//! Through which hands does a view go until it answers requests, and does one of them put a gate in front of it?

use std::collections::HashSet;

use super::{Gates, MAX_DEPTH};
use crate::deploy;
use crate::flow::Endpoint;
use crate::program::{Call, Callee, FuncId, Item, ModuleId, Name, OpKind, Reg, Syntax, Terminator};
use crate::source::Location;

/// A view is followed through so many registers.
const MAX_HELD: usize = 400;

/// What a register holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    /// A view: calling it answers.
    View,
    /// The page, as a text or response.
    Answer,
    /// A router or application that the view was put into, or a function that gives one.
    Router,
}

/// Something that stands for a view wherever it is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Stands {
    /// A view, or a function that gives the router.
    Function(FuncId),
    /// What is kept under a name of a module: an application, a router, a decorated view.
    Global(ModuleId, Name),
    Class(crate::program::ClassId),
}

impl Gates<'_> {
    /// Whether a gate is met where a page, or what became of it, is handed on.
    pub(super) fn is_held(&self, endpoint: &Endpoint, views: &[FuncId], route: &str) -> bool {
        let mut held = Held { gates: self, route, registers: Vec::new(), known: HashSet::new(), named: HashSet::new() };
        for view in views {
            held.stand(Stands::Function(*view), Kind::View);
            if let Some(owner) = self.program.function(*view).owner {
                held.stand(Stands::Class(owner), Kind::View);
            }
        }
        if views.is_empty() {
            held.start(endpoint);
        }
        held.follow()
    }
}

struct Held<'h, 'a> {
    gates: &'h Gates<'a>,
    route: &'h str,
    registers: Vec<(FuncId, Reg, Kind)>,
    known: HashSet<(FuncId, Reg)>,
    named: HashSet<Stands>,
}

impl Held<'_, '_> {
    /// A page that a call makes, or that a call puts under a route.
    fn start(&mut self, endpoint: &Endpoint) {
        let places = [Some(endpoint.at), endpoint.definition];
        for (at, function) in self.gates.program.functions.iter().enumerate() {
            let id = FuncId(at as u32);
            for op in function.blocks.iter().flat_map(|block| &block.ops) {
                let here = Some(Location::new(function.file, op.span));
                let (OpKind::Call(call), true) = (&op.kind, places.contains(&here)) else { continue };
                self.hold(id, op.dst, Kind::Router);
                // What is handed over beside it guards it: `expose(app, dependencies=[…])`.
                call.args.iter().for_each(|arg| self.hold_if_plain(id, arg.reg));
            }
        }
    }

    /// The application that a page is put into.
    fn hold_if_plain(&mut self, id: FuncId, reg: Reg) {
        let global = self.gates.written(id, reg).iter().any(|op| matches!(op.kind, OpKind::LoadGlobal(_)));
        if global {
            self.hold(id, Some(reg), Kind::Router);
        }
    }

    fn hold(&mut self, id: FuncId, reg: Option<Reg>, kind: Kind) {
        if let Some(reg) = reg
            && self.known.len() < MAX_HELD
            && self.known.insert((id, reg))
        {
            self.registers.push((id, reg, kind));
        }
    }

    /// Finds where something is named.
    fn stand(&mut self, what: Stands, kind: Kind) {
        if !self.named.insert(what) {
            return;
        }
        for at in 0..self.gates.program.functions.len() {
            let id = FuncId(at as u32);
            let function = self.gates.program.function(id);
            for op in function.blocks.iter().flat_map(|block| &block.ops) {
                let mentions = match (&op.kind, what) {
                    (OpKind::Closure { function, .. }, Stands::Function(view)) => *function == view,
                    (OpKind::Class { class, .. }, Stands::Class(wanted)) => *class == wanted,
                    (OpKind::LoadGlobal(_) | OpKind::Attr(..) | OpKind::Path(_) | OpKind::ImportFrom(..), _) => {
                        let path = op.dst.and_then(|dst| self.gates.path_of(id, dst, 4));
                        path.is_some_and(|path| self.is_named(what, path))
                    }
                    _ => false,
                };
                if mentions {
                    self.hold(id, op.dst, kind);
                }
            }
        }
    }

    fn is_named(&self, what: Stands, path: Name) -> bool {
        let program = self.gates.program;
        match what {
            Stands::Function(view) => program.function_at(path) == Some(view),
            Stands::Class(class) => program.class_at(path) == Some(class),
            Stands::Global(module, global) => path.as_str().rsplit_once('.').is_some_and(|(head, last)| {
                last == global.as_str() && program.module_at(crate::program::name(head)) == Some(module)
            }),
        }
    }

    /// Follows what is held; whether a gate is met.
    fn follow(&mut self) -> bool {
        while let Some((id, reg, kind)) = self.registers.pop() {
            let function = self.gates.program.function(id);
            for op in function.blocks.iter().flat_map(|block| &block.ops) {
                let next = match &op.kind {
                    OpKind::Copy(from) | OpKind::Await(from) | OpKind::Unwrap(from) => (*from == reg).then_some(kind),
                    OpKind::Collection(_, items) => items.iter().any(|item| is_item(item, reg)).then_some(kind),
                    OpKind::StoreGlobal(global, stored) if *stored == reg => {
                        self.stand(Stands::Global(function.module, *global), kind);
                        None
                    }
                    OpKind::Call(call) if kind == Kind::Answer => {
                        let receiver = matches!(call.callee, Callee::Method(receiver, _) if receiver == reg);
                        (receiver || call.args.iter().any(|arg| arg.reg == reg)).then_some(kind)
                    }
                    OpKind::Call(call) => match self.passes(id, reg, call) {
                        Some(true) => return true,
                        Some(false) if matches!(call.callee, Callee::Value(callee) if callee == reg) => {
                            Some(if kind == Kind::View { Kind::Answer } else { kind })
                        }
                        Some(false) => Some(Kind::Router),
                        None => None,
                    },
                    _ => None,
                };
                if let Some(next) = next {
                    self.hold(id, op.dst, next);
                }
            }
            if self.leaves(id, reg, kind) {
                return true;
            }
        }
        false
    }

    /// What a function returns stands for it: whoever answers with the page is a view, and may ask by itself.
    fn leaves(&mut self, id: FuncId, reg: Reg, kind: Kind) -> bool {
        let blocks = &self.gates.program.function(id).blocks;
        if !blocks.iter().any(|block| matches!(block.end, Terminator::Return(given) if given == reg)) {
            return false;
        }
        if kind == Kind::Answer && self.gates.asks(id, self.route) {
            return true;
        }
        self.stand(Stands::Function(id), if kind == Kind::Answer { Kind::View } else { Kind::Router });
        false
    }

    /// Whether a call takes what is held, and if so whether it puts a gate in front of it.
    fn passes(&mut self, id: FuncId, reg: Reg, call: &Call) -> Option<bool> {
        let taken = call.args.iter().any(|arg| arg.reg == reg);
        let others = || call.args.iter().filter(|arg| arg.reg != reg && !self.known.contains(&(id, arg.reg)));
        let gates = self.gates;
        let is_gate = |other: Reg| gates.is_gate((id, other), self.route, MAX_DEPTH);
        match call.callee {
            Callee::Value(callee) if callee == reg => Some(false),
            Callee::Value(callee) if taken => {
                let gated = is_gate(callee) || others().any(|arg| is_gate(arg.reg));
                // `@router.get("/metrics")`: whoever holds the router holds the view.
                for op in gates.written(id, callee) {
                    if let OpKind::Call(Call { callee: Callee::Method(receiver, _), .. }) = op.kind {
                        self.hold_router(id, receiver);
                    }
                }
                Some(gated)
            }
            Callee::Method(receiver, method) if taken => {
                let known = others().any(|arg| is_gate(arg.reg));
                let is_python = gates.program.syntax(id) == Syntax::Python;
                let gated = known
                    || (is_python && is_gate(receiver))
                    || self.is_wrapped(id, receiver, MAX_DEPTH)
                    || gates.is_method_gate(id, call, self.route, method);
                if is_python {
                    self.hold_router(id, receiver);
                }
                Some(gated)
            }
            Callee::Method(receiver, method) if receiver == reg => {
                let lays = deploy::gates().layers.iter().any(|known| known == method.as_str());
                Some(lays && others().any(|arg| is_gate(arg.reg)))
            }
            _ => None,
        }
    }

    /// Whether a router was wrapped before the view came into it, where that covers whatever it holds in the end.
    fn is_wrapped(&self, id: FuncId, router: Reg, depth: u8) -> bool {
        let wraps = &deploy::gates().wraps;
        self.gates.written(id, router).iter().any(|op| match &op.kind {
            OpKind::Copy(inner) if depth > 0 => self.is_wrapped(id, *inner, depth - 1),
            OpKind::Call(Call { callee: Callee::Method(inner, method), args }) if depth > 0 => {
                let lays = wraps.iter().any(|known| known == method.as_str());
                (lays && args.iter().any(|arg| self.gates.is_gate((id, arg.reg), self.route, MAX_DEPTH)))
                    || self.is_wrapped(id, *inner, depth - 1)
            }
            _ => false,
        })
    }

    fn hold_router(&mut self, id: FuncId, receiver: Reg) {
        self.hold(id, Some(receiver), Kind::Router);
        for op in self.gates.written(id, receiver) {
            if let OpKind::LoadGlobal(global) = op.kind {
                self.stand(Stands::Global(self.gates.program.function(id).module, global), Kind::Router);
            }
        }
    }
}

fn is_item(item: &Item, reg: Reg) -> bool {
    match item {
        Item::Value(one) | Item::Spread(one) | Item::Entry(_, one) | Item::Repeat(one) => *one == reg,
    }
}

impl Gates<'_> {
    /// `admin.site.admin_view(page)`: a method that is known to ask.
    fn is_method_gate(&self, id: FuncId, call: &Call, route: &str, method: Name) -> bool {
        match self.called(id, call) {
            Some(called) => self.refuses(called, route, MAX_DEPTH),
            None => super::values::says_so(method.as_str()),
        }
    }
}
