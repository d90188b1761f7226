//! Which handlers does a wrapper cover? Those that the router holds on which it was installed.
//!
//! Routers are objects whose entries are the handlers and routers that were put into them. What cannot be told is
//! covered: a wrapper that covers too little would make findings of 404s that are counted.

use std::collections::BTreeSet;

use crate::knowledge::effect::{CallEntry, Wraps};
use crate::program::{Const, FuncId, Name, name};
use crate::source::Span;

use crate::flow::calls::bound::Bound;
use crate::flow::rounds::log::Registered;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, ObjId, Object, stable_hash};
use crate::flow::values::state::{Carry, Exit};
use crate::flow::values::store::Heap;
use crate::flow::values::value::{Alt, Value};

/// Which handlers a wrapper covers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Covers {
    /// All of them.
    All,
    /// Those that the router held when the wrapper was installed.
    These(Vec<FuncId>),
    /// Those that the router holds in the end.
    Holder(ObjId),
}

/// Under this name a router says that it holds handlers which cannot be told.
const OPEN: &str = "<open>";
/// Under these names a layer keeps what kind of wrapper it is, for what, and who made it.
const PARTS: [&str; 3] = ["<kind>", "<catches>", "<by>"];
/// Routers within routers are looked into so deep.
const MAX_NESTED: u8 = 8;

impl Machine<'_> {
    fn is_router(&self, ty: Name) -> bool {
        self.tables().ancestors(ty).iter().any(|ty| self.tables().type_entry(*ty).is_some_and(|entry| entry.router))
    }

    /// A new router, where the type from outside is one.
    pub(crate) fn new_router(&mut self, carry: &mut Carry, ty: Name, span: Span) -> Option<Value> {
        if !self.is_router(ty) {
            return None;
        }
        let mut object = Object::new(Kind::Router);
        object.ty = Some(ty);
        let id = self.make(&mut carry.heap, (span, 95), object);
        self.lasting.insert(id);
        Some(Value::object(id))
    }

    /// The routers that a value may be.
    pub(crate) fn routers(&self, carry: &Carry, value: Option<&Value>) -> Vec<ObjId> {
        let all = value.into_iter().flat_map(|value| value.objects());
        all.filter(|id| self.object(&carry.heap, *id).is_some_and(|object| object.kind == Kind::Router)).collect()
    }

    /// A call on a router, or one that makes one: what it is given is held from now on.
    pub(crate) fn hold_all(&mut self, exits: &mut [Exit], entry: &CallEntry, bound: &Bound<'_>, span: Span) {
        let makes = entry.returns.as_deref().map(crate::program::TypeRef::parse).map(|ty| ty.path);
        for exit in exits.iter_mut().filter(|exit| !exit.raised) {
            let mut routers = self.routers(&exit.carry, bound.receiver());
            let gives_self = entry.returns.as_deref() == Some("self") || entry.does.as_deref() == Some("identity");
            if routers.is_empty()
                && let Some(ty) = makes
                && let Some(router) = self.new_router(&mut exit.carry, self.tables().canonical(ty), span)
            {
                routers.extend(router.objects());
                exit.value = router;
            } else if !routers.is_empty() && (gives_self || makes.is_some_and(|ty| self.is_router(ty))) {
                exit.value = bound.receiver().cloned().unwrap_or_else(Value::unknown);
            }
            for param in entry.routes.iter().chain(&entry.holds) {
                let Some(value) = bound.get(param) else { continue };
                for router in &routers {
                    self.hold(&mut exit.carry, *router, &value);
                }
            }
        }
    }

    /// Puts handlers and routers into a router.
    pub(crate) fn hold(&mut self, carry: &mut Carry, router: ObjId, value: &Value) {
        let router_or_any = value.ty.as_ref().is_none_or(|ty| self.is_router(ty.path));
        let mut open = value.unknown && value.alts.is_empty() && router_or_any;
        let mut news: Vec<Alt> = Vec::new();
        for alt in &value.alts {
            match alt {
                Alt::Function(function, _) => {
                    self.log.held.insert(*function);
                    news.push(alt.clone());
                    // A function that fills routers (`configure(routes)`) holds what cannot be told here.
                    let params = self.program.function(*function).params.iter();
                    open |= params.filter_map(|param| param.ty.as_ref()).any(|ty| self.is_router(ty.path));
                }
                Alt::Object(id) if *id != router => {
                    match self.object(&carry.heap, *id).map(|object| (object.kind.clone(), object)) {
                        Some((Kind::Router, _)) => news.push(alt.clone()),
                        Some((Kind::Bound(function), _)) => {
                            self.log.held.insert(function);
                            news.push(Alt::Function(function, None));
                        }
                        Some((Kind::List | Kind::Tuple, list)) => {
                            for element in list.entries.values().chain(&list.rest) {
                                self.hold(carry, router, &element.clone());
                            }
                        }
                        _ => open = true,
                    }
                }
                Alt::Path(_) | Alt::Class(_) => open = true,
                _ => {}
            }
        }
        self.change(&mut carry.heap, router, |object| {
            for alt in news {
                object.entries.insert(Const::Int(stable_hash(&alt) as i64), Value::one(alt));
            }
            if open {
                object.set_field(name(OPEN), Value::boolean());
            }
        });
    }

    /// The handlers that a router holds; `None` where they cannot all be told.
    fn handlers_of(&self, heap: &Heap, router: ObjId, depth: u8) -> Option<BTreeSet<FuncId>> {
        let object = self.object(heap, router)?;
        if depth == 0 || object.field(name(OPEN)).is_some() {
            return None;
        }
        let mut found = BTreeSet::new();
        for alt in object.entries.values().flat_map(|value| &value.alts) {
            match alt {
                Alt::Function(function, _) => {
                    found.insert(*function);
                }
                Alt::Object(inner) => found.extend(self.handlers_of(heap, *inner, depth - 1)?),
                _ => {}
            }
        }
        Some(found)
    }

    /// Which handlers a wrapper covers that is installed on a receiver.
    pub(crate) fn covers(&self, carry: &Carry, receiver: Option<&Value>, how: &str) -> Covers {
        let routers = self.routers(carry, receiver);
        let known = receiver.is_some_and(|value| !value.unknown && value.alts.len() == routers.len());
        match (how, routers.as_slice()) {
            ("holder", [router]) if known => Covers::Holder(*router),
            ("before", routers) if known && !routers.is_empty() => {
                let all: Option<Vec<_>> =
                    routers.iter().map(|router| self.handlers_of(&carry.heap, *router, MAX_NESTED)).collect();
                all.map_or(Covers::All, |all| {
                    Covers::These(all.into_iter().flatten().collect::<BTreeSet<_>>().into_iter().collect())
                })
            }
            _ => Covers::All,
        }
    }

    /// Whether a wrapper covers the handler whose answers are judged.
    pub(crate) fn is_covered(&self, wrapper: &Registered) -> bool {
        let handler = self.root_function;
        if !self.log.held.contains(&handler) {
            return true;
        }
        match &wrapper.covers {
            Covers::All => true,
            Covers::These(handlers) => handlers.contains(&handler),
            Covers::Holder(router) => {
                self.handlers_of(&Heap::default(), *router, MAX_NESTED).is_none_or(|held| held.contains(&handler))
            }
        }
    }

    /// Makes a layer: what it holds wraps nothing until it is installed.
    pub(crate) fn make_layer(
        &mut self,
        carry: &mut Carry,
        (wraps, by): (&Wraps, Name),
        bound: &Bound<'_>,
        (made, span): (&Value, Span),
    ) -> Value {
        let held = bound.of(wraps.function.as_ref()).unwrap_or_else(Value::unknown);
        let mut object = Object::new(Kind::Layer);
        object.ty = made.ty.as_ref().map(|ty| ty.path);
        let catches = bound.of(wraps.catches.as_ref()).and_then(|value| self.caught_name(&value));
        let parts = [Some(name(&wraps.kind)), catches, Some(by)];
        for (key, part) in PARTS.iter().zip(parts) {
            if let Some(part) = part {
                object.set_field(name(key), Value::text(part.as_str()));
            }
        }
        object.entries.insert(Const::Int(0), held);
        let receiver = bound.receiver().into_iter().flat_map(|value| value.objects().collect::<Vec<_>>());
        for (at, before) in receiver.enumerate() {
            if self.object(&carry.heap, before).is_some_and(|object| object.kind == Kind::Layer) {
                object.entries.insert(Const::Int(at as i64 + 1), Value::object(before));
            }
        }
        let id = self.make(&mut carry.heap, (span, 96), object);
        Value::object(id)
    }

    /// Installs a wrapper: a function, a class, a layer, or several of them.
    pub(crate) fn install(
        &mut self,
        exits: &[Exit],
        value: &Value,
        (by, wraps, catches): (Name, &str, Option<Name>),
        covers: &Covers,
        depth: u8,
    ) {
        let heap = exits.iter().find(|exit| !exit.raised).map(|exit| exit.carry.heap.clone()).unwrap_or_default();
        let mut plain = value.clone();
        for id in value.objects().collect::<Vec<_>>() {
            let Some(object) = self.object(&heap, id) else { continue };
            let nested = matches!(object.kind, Kind::Layer | Kind::Tuple | Kind::List | Kind::Variant(_));
            if !nested || object.class.is_some() || depth == 0 {
                continue;
            }
            plain = plain.with(|data| data.alts.retain(|alt| *alt != Alt::Object(id)));
            let part = |at: usize| object.field(name(PARTS[at])).and_then(Value::single_text);
            let (by, wraps, catches) = match object.kind {
                Kind::Layer => (part(2).unwrap_or(by), part(0).map_or(wraps, |kind| kind.as_str()), part(1)),
                _ => (by, wraps, catches),
            };
            let inner = object
                .entries
                .iter()
                .filter(|(key, _)| !matches!(key, Const::Str(field) if PARTS.contains(&field.as_str())));
            for inner in inner.map(|(_, value)| value.clone()).collect::<Vec<_>>() {
                self.install(exits, &inner, (by, wraps, catches), covers, depth - 1);
            }
        }
        if !plain.alts.is_empty() {
            self.add_handler(exits, &plain, by, None, (wraps, catches, covers));
        }
    }
}
