//! Primitives that only Python has: decorators, properties, partials, `getattr` and the like.

use crate::program::{Const, name};
use crate::source::Span;

use crate::flow::calls::bound::Bound;
use crate::flow::run::displays::stored;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Deferral, Kind, Object};
use crate::flow::values::state::{Carry, Exit};
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    pub(crate) fn python_primitive(
        &mut self,
        carry: &Carry,
        primitive: &str,
        bound: &Bound<'_>,
        all: &[Value],
        span: Span,
    ) -> Option<Vec<Exit>> {
        let first = all.first().cloned().unwrap_or_else(Value::unknown);
        let mut carry = carry.clone();
        let plain = |value: Value, carry: Carry| Some(vec![Exit::returns(value, carry)]);
        match primitive {
            "getattr" => {
                let Some(field) = all.get(1).and_then(Value::single_text) else {
                    return plain(first.carried(), carry);
                };
                let mut exits = self.attribute(carry.clone(), &first, field, span);
                if let Some(default) = all.get(2) {
                    exits.iter_mut().for_each(|exit| {
                        if exit.value.unknown && exit.value.taints.is_empty() || exit.value.is_nothing() {
                            exit.value = exit.value.join(default);
                        }
                    });
                }
                Some(exits)
            }
            "setattr" => {
                if let (Some(field), Some(value)) = (all.get(1).and_then(Value::single_text), all.get(2)) {
                    let at = self.at(span);
                    let value = value.clone();
                    self.set_attribute(&mut carry, &first, field, value, at);
                }
                plain(Value::none(), carry)
            }
            "isinstance" => {
                let classes = all.get(1).cloned().unwrap_or_else(Value::unknown);
                // What a module outside of the project holds under a name may be anything.
                let outside = first.alts.iter().any(|alt| matches!(alt, Alt::Path(_)));
                let verdict =
                    if first.unknown || outside { (true, true) } else { self.matches(&carry.heap, &first, &classes) };
                plain(crate::flow::run::arithmetic::truth_value(verdict, false), carry)
            }
            "super" => {
                let owner = self.frames.iter().rev().find_map(|frame| self.program.function(frame.function).owner);
                let this = match all.get(1) {
                    Some(value) => value.clone(),
                    None => self.own_self(),
                };
                let Some(owner) = owner else { return plain(Value::unknown(), carry) };
                let mut object = Object::new(Kind::Super(owner));
                object.set_field(name("self"), this);
                let id = self.make(&mut carry.heap, (span, 40), object);
                plain(Value::object(id), carry)
            }
            "property" | "staticmethod" | "classmethod" => {
                if primitive == "staticmethod" {
                    return plain(first, carry);
                }
                let mut object = Object::new(Kind::Instance);
                object.ty = Some(name(if primitive == "property" {
                    crate::flow::access::attributes::PROPERTY
                } else {
                    crate::flow::calls::methods::CLASS_METHOD
                }));
                object.set_field(name("0"), first);
                let id = self.make(&mut carry.heap, (span, 41), object);
                plain(Value::object(id), carry)
            }
            "dataclass" | "wraps" | "cached" | "context-manager" => plain(self.decorated(primitive, first), carry),
            "decorator" => plain(Value::path(name(IDENTITY)), carry),
            "default-dict" => self.default_dict(carry, all, span),
            "named-tuple" => plain(self.tuple_class(&mut carry, all.get(1), span), carry),
            "partial" => {
                let mut rest = bound.args().clone();
                if !rest.positional.is_empty() {
                    rest.positional.remove(0);
                }
                let id = self.defer(&mut carry, Deferral::Partial, stored(first), &rest, span);
                plain(Value::object(id), carry)
            }
            "attribute-getter" | "item-getter" => {
                let kind = if primitive == "item-getter" { Deferral::Items } else { Deferral::Attributes };
                let id = self.defer(&mut carry, kind, Value::none(), bound.args(), span);
                plain(Value::object(id), carry)
            }
            "inject" => Some(self.injected(carry, &first, span)),
            "gather" => {
                let mut states = vec![(carry, Object::new(Kind::List))];
                for value in all {
                    let mut next = Vec::new();
                    for (carry, list) in states {
                        for exit in self.force(carry.clone(), value, span).into_iter().filter(|exit| !exit.raised) {
                            let mut list = list.clone();
                            list.push(exit.value);
                            next.push((exit.carry, list));
                        }
                    }
                    next.truncate(8);
                    states = next;
                }
                Some(
                    states
                        .into_iter()
                        .map(|(mut carry, list)| {
                            let id = self.make(&mut carry.heap, (span, 42), list);
                            Exit::returns(Value::object(id), carry)
                        })
                        .collect(),
                )
            }
            "spawn" => {
                let mut rest = bound.args().clone();
                if !rest.positional.is_empty() {
                    rest.positional.remove(0);
                }
                rest.keywords.retain(|(_, value)| *value != first);
                let ran = if first.is_callable() || first.objects().next().is_some() {
                    self.call_again(&carry, &first, &rest, span);
                    let called = if first.is_callable() {
                        self.call_value(carry.clone(), &first, rest, span)
                    } else {
                        vec![Exit::returns(first.clone(), carry.clone())]
                    };
                    called
                        .into_iter()
                        .filter(|exit| !exit.raised)
                        .flat_map(|exit| self.force(exit.carry.clone(), &exit.value, span))
                        .collect()
                } else {
                    vec![Exit::returns(Value::unknown(), carry.clone())]
                };
                let ran: Vec<Exit> = ran.into_iter().filter(|exit| !exit.raised).collect();
                if ran.is_empty() { plain(Value::unknown(), carry) } else { Some(ran) }
            }
            "suppress" => {
                let mut object = Object::new(Kind::Instance);
                object.ty = Some(name(SUPPRESS));
                for (at, value) in all.iter().enumerate() {
                    object.set(Const::Int(at as i64), value.clone());
                }
                let id = self.make(&mut carry.heap, (span, 43), object);
                plain(Value::object(id), carry)
            }
            _ => None,
        }
    }

    /// The receiver of the method that runs.
    fn own_self(&mut self) -> Value {
        self.receivers.last().cloned().unwrap_or_else(Value::unknown)
    }
}

/// The type of what `suppress` makes.
pub(crate) const SUPPRESS: &str = "<suppress>";

/// Stands for a decorator that gives back what it decorates.
pub(crate) const IDENTITY: &str = "<identity>";
