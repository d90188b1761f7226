//! What does a call do besides giving a value? It hands over handlers, shows pages, registers metrics, runs callbacks.

use crate::knowledge::effect::CallEntry;
use crate::program::{ClassId, Name, name};
use crate::source::Span;

use super::bound::Bound;
use crate::flow::answers::scopes::Covers;
use crate::flow::metrics::exposure::ALSO_DEFAULT;
use crate::flow::rounds::log::Registered;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::Kind;
use crate::flow::values::state::{Args, Exit};
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// Handlers, pages, registrations and callbacks.
    pub(crate) fn side_effects(
        &mut self,
        exits: &mut Vec<Exit>,
        entry: &CallEntry,
        bound: &Bound<'_>,
        (span, called): (Span, Name),
    ) {
        self.hold_all(exits, entry, bound, span);
        if let Some(exposes) = &entry.exposes
            && let Some(exit) = exits.iter_mut().find(|exit| !exit.raised)
        {
            let carry = exit.carry.clone();
            self.expose_page(&carry, exposes, bound, span);
        }
        if let Some(param) = &entry.registers
            && let Some(metric) = bound.get(param)
            && let Some(exit) = exits.iter_mut().find(|exit| !exit.raised)
        {
            self.register_metric(&mut exit.carry, &metric, bound.get("self").as_ref());
        }
        if let Some(metric) = bound.of(entry.unregisters.as_ref())
            && let Some(exit) = exits.iter_mut().find(|exit| !exit.raised)
        {
            self.unregister(&mut exit.carry, &metric);
        }
        if let Some(registry) = bound.of(entry.includes_default.as_ref())
            && let Some(exit) = exits.iter_mut().find(|exit| !exit.raised)
        {
            for id in registry.objects() {
                self.change(&mut exit.carry.heap, id, |object| object.set_field(name(ALSO_DEFAULT), Value::boolean()));
            }
        }
        for param in &entry.routes {
            if let Some(handler) = bound.get(param) {
                let route = bound.args().positional.iter().find_map(Value::single_text);
                self.add_handler(exits, &handler, called, route, ("", None, &Covers::All));
                self.hand_over(entry, &handler);
                self.show_routed(&handler, route, span);
                for alt in &handler.alts {
                    if let Alt::Function(function, _) = alt
                        && !entry.body_types.is_empty()
                    {
                        let known = self.bodies.entry(*function).or_default();
                        let before = known.len();
                        known.extend(entry.body_types.iter().map(|ty| name(ty)));
                        if known.len() > before {
                            self.base.touch(crate::flow::values::heap::ObjId::handed(*function));
                        }
                    }
                }
            }
        }
        if let Some(wraps) = &entry.wraps
            && let Some(handler) = bound.of(wraps.function.as_ref())
        {
            self.hand_over(entry, &handler);
            let catches = bound.of(wraps.catches.as_ref());
            let catches = catches.and_then(|value| self.caught_name(&value));
            if let Some(exit) = exits.iter_mut().find(|exit| !exit.raised) {
                if wraps.held {
                    let made = exit.value.clone();
                    exit.value = self.make_layer(&mut exit.carry, (wraps, called), bound, (&made, span));
                } else {
                    let covers = self.covers(&exit.carry, bound.receiver(), &wraps.covers);
                    self.install(exits, &handler, (called, &wraps.kind, catches), &covers, 4);
                }
            }
        }
        if let Some(class) = bound.of(entry.constructs.as_ref())
            && let Some(exit) = exits.iter().find(|exit| !exit.raised)
        {
            // The framework makes it: nobody gets the instance, but what its constructor is told counts.
            let carry = exit.carry.clone();
            let args = Args {
                keywords: bound.rest_keywords.clone(),
                more_keywords: bound.args().more_keywords.clone(),
                ..Args::default()
            };
            self.call_value(carry, &class, args, span);
        }
        for param in &entry.runs {
            if let Some(callee) = bound.get(param) {
                self.run_later(exits, &callee, span);
            }
        }
    }

    /// The method by which a class wraps handlers: that of the library's class it extends, or the call itself.
    fn wrapping_method(&self, class: ClassId) -> Name {
        let bases = self.outside_bases(class);
        let known = bases.iter().find_map(|base| self.tables().type_entry(*base)?.wraps.as_ref()?.function.as_deref());
        name(known.unwrap_or("__call__"))
    }

    /// Notes the functions behind a value as handlers.
    pub(crate) fn add_handler(
        &mut self,
        exits: &[Exit],
        handler: &Value,
        by: Name,
        route: Option<Name>,
        (wraps, catches, covers): (&str, Option<Name>, &Covers),
    ) {
        let heap = exits.iter().find(|exit| !exit.raised).map(|exit| exit.carry.heap.clone()).unwrap_or_default();
        for alt in &handler.alts {
            let class = match alt {
                Alt::Class(class) => Some(*class),
                Alt::Path(path) => self.program.class_at(*path),
                Alt::Object(id) => self.object(&heap, *id).and_then(|object| object.class),
                _ => None,
            };
            if let Some(class) = class.filter(|_| !wraps.is_empty() && self.is_rust()) {
                let carry = crate::flow::values::state::Carry { heap: heap.clone(), ..Default::default() };
                for function in self.wrapping_methods(&carry, class, 2) {
                    let wraps = wraps.to_owned();
                    let covers = covers.clone();
                    let known = Registered { function, bound: None, by, wraps, catches, route, status: None, covers };
                    self.log.handlers.insert(known);
                }
                continue;
            }
            let (function, bound) = match alt {
                Alt::Function(function, outer) => {
                    let cells = outer.filter(|_| self.is_nested(*function));
                    self.lasting.extend(cells);
                    (Some(*function), cells)
                }
                Alt::Class(class) => {
                    let method = self.wrapping_method(*class);
                    (self.program.method(*class, method), None)
                }
                Alt::Object(id)
                    if self.object(&heap, *id).is_some_and(|list| matches!(list.kind, Kind::List | Kind::Tuple)) =>
                {
                    let elements: Vec<Value> = self
                        .object(&heap, *id)
                        .iter()
                        .flat_map(|list| list.entries.values().filter(|element| element.is_callable()).cloned())
                        .collect();
                    for element in elements {
                        self.add_handler(exits, &element, by, route, (wraps, catches, covers));
                    }
                    (None, None)
                }
                Alt::Object(id) => match self.object(&heap, *id).map(|object| object.kind.clone()) {
                    Some(Kind::Bound(function)) => (Some(function), Some(*id)),
                    _ => (None, None),
                },
                _ => (None, None),
            };
            if let Some(function) = function {
                let (wraps, covers) = (wraps.to_owned(), covers.clone());
                let known = Registered { function, bound, by, wraps, catches, route, status: self.declares, covers };
                self.log.handlers.insert(known);
            }
        }
    }

    /// Runs a callback now, as often as its ways out say, keeping its effects.
    fn run_later(&mut self, exits: &mut Vec<Exit>, callee: &Value, span: Span) {
        let Some(at) = exits.iter().position(|exit| !exit.raised) else { return };
        let exit = exits.remove(at);
        let ran =
            if callee.is_callable() {
                let called = self.call_value(exit.carry.clone(), callee, Args::default(), span);
                called
                    .into_iter()
                    .flat_map(|inner| {
                        if inner.raised { vec![inner] } else { self.force(inner.carry.clone(), &inner.value, span) }
                    })
                    .collect::<Vec<_>>()
            } else {
                self.force(exit.carry.clone(), callee, span)
            };
        for inner in ran.into_iter().filter(|inner| !inner.raised) {
            let mut next = exit.clone();
            next.carry = inner.carry;
            exits.push(next);
        }
        if exits.iter().all(|exit| exit.raised) {
            exits.push(exit);
        }
    }
}
