//! The primitives that knowledge names: which module does which.

use crate::knowledge::effect::CallEntry;
use crate::program::{Const, name};
use crate::source::Span;

use super::apply::Bound;
use super::heap::{Deferral, Kind, Object};
use super::machine::Machine;
use super::ops::{stored, text_of};
use super::state::{Carry, Exit};
use super::value::{Alt, Value};

impl Machine<'_> {
    /// Does what a primitive says.
    pub(super) fn primitive(
        &mut self,
        carry: Carry,
        primitive: &str,
        _entry: &CallEntry,
        bound: &Bound<'_>,
        span: Span,
    ) -> Vec<Exit> {
        let all = operands(bound);
        if let Some(exits) = self.container_primitive(&carry, primitive, bound, &all, span) {
            return exits;
        }
        if let Some(exits) = self.functional_primitive(&carry, primitive, &all, span) {
            return exits;
        }
        if let Some(exits) = self.option_primitive(&carry, primitive, &all, span) {
            return exits;
        }
        if let Some(exits) = self.text_primitive(&carry, primitive, bound, &all, span) {
            return exits;
        }
        if let Some(exits) = self.python_primitive(&carry, primitive, bound, &all, span) {
            return exits;
        }
        let value = self.value_primitive(&carry, primitive, &all, span);
        let mut exits = vec![Exit::returns(value, carry.clone())];
        if primitive == "number" && !self.is_rust() {
            exits.insert(0, Exit::raises(self.exception("builtins.ValueError"), carry));
        }
        exits
    }

    fn value_primitive(&mut self, carry: &Carry, primitive: &str, all: &[Value], span: Span) -> Value {
        let at = self.at(span);
        let first = all.first().cloned().unwrap_or_else(Value::unknown);
        match primitive {
            "identity" => first,
            "text" => {
                let state = super::state::State { carry: carry.clone(), ..Default::default() };
                self.printed(&state, &first, false, at)
            }
            "number" => {
                if self.is_bounded(&first) {
                    return Value::count();
                }
                first.with(|data| {
                    let parsed: Vec<Alt> = data.alts.iter().filter_map(number_in).collect();
                    data.unknown |= parsed.len() < data.alts.len();
                    data.alts = parsed;
                    data.number = true;
                    data.ty = None;
                })
            }
            "sum" => Value::unknown().with(|data| data.number = true),
            "min" | "max" => self.bound_of(carry, primitive == "max", all, at),
            "range" => {
                let few = all.iter().all(Value::is_constant);
                Value::unknown().with(|data| (data.number, data.few) = (true, few))
            }
            "clamp" => Value::few().with(|data| data.number = true),
            "length" => Value::count(),
            "contains" | "hasattr" | "issubclass" => Value::boolean(),
            "type-of" => Value::few(),
            _ => first.carried(),
        }
    }

    /// `min` and `max`: with a constant, a bound; of elements, one of them.
    fn bound_of(&mut self, carry: &Carry, lower: bool, all: &[Value], at: crate::source::Location) -> Value {
        if let [only] = all {
            return self.element_of(&carry.heap.clone(), only, at);
        }
        let constant = all.iter().any(Value::is_constant);
        let joined = all.iter().fold(Value::nothing(), |all, value| all.join(value));
        if !constant {
            return joined;
        }
        let open: Vec<&Value> = all.iter().filter(|value| !value.is_constant()).collect();
        let clamped =
            open.iter().fold((true, true), |known, value| (known.0 && value.clamped.0, known.1 && value.clamped.1));
        let clamped = if lower { (true, clamped.1) } else { (clamped.0, true) };
        let result = joined.with(|data| {
            data.clamped = clamped;
            data.number = true;
        });
        if clamped == (true, true) { Value::few().with(|data| data.number = true) } else { result }
    }

    fn text_primitive(
        &mut self,
        carry: &Carry,
        primitive: &str,
        bound: &Bound<'_>,
        all: &[Value],
        span: Span,
    ) -> Option<Vec<Exit>> {
        let at = self.at(span);
        let state = super::state::State { carry: carry.clone(), ..Default::default() };
        let mut parts: Vec<(Value, String)> = Vec::new();
        match primitive {
            "format" | "format-map" => Some(vec![self.formatted(carry, bound, all, span)]),
            "join" => {
                // Python's separator is the receiver, Rust's the argument.
                let (between, elements) = if self.is_rust() { (1, 0) } else { (0, 1) };
                let separator = all.get(between).cloned().unwrap_or_else(Value::nothing);
                let joined = all.get(elements).cloned().unwrap_or_else(Value::unknown);
                let mut carry = carry.clone();
                let ready = self.elements_ready(&mut carry, &joined, span);
                let known = match ready.alts.as_slice() {
                    [Alt::Object(id)] if !ready.unknown => self.object(&carry.heap, *id).filter(|object| object.exact),
                    _ => None,
                };
                match known {
                    Some(object) if object.entries.len() <= 32 && object.kind != Kind::Dict => {
                        for (position, element) in object.entries.values().enumerate() {
                            if position > 0 {
                                parts.push((separator.clone(), String::new()));
                            }
                            parts.push((self.printed(&state, element, false, at), "…".to_owned()));
                        }
                        if parts.is_empty() {
                            parts.push((Value::text(""), String::new()));
                        }
                    }
                    _ => {
                        let element = self.element_of(&carry.heap.clone(), &ready, at);
                        let element = self.printed(&state, &element, false, at);
                        let text = element.carried().with(|data| data.few = false);
                        parts.push((text, "…".to_owned()));
                    }
                }
                let text = self.concatenate(&parts, at);
                Some(vec![Exit::returns(text, carry)])
            }
            "concat" => {
                for value in all {
                    parts.push((self.printed(&state, value, false, at), "…".to_owned()));
                }
                Some(vec![Exit::returns(self.concatenate(&parts, at), carry.clone())])
            }
            "print" | "print-on" | "print-into" => Some(vec![self.print(carry, primitive, all, span)]),
            "push-text" | "write" if all.first().is_some_and(|target| self.is_collector(&carry.heap, target)) => {
                Some(vec![self.print_all(carry, all, span)])
            }
            "push-text" | "write" => {
                for value in all {
                    parts.push((self.printed(&state, value, false, at), "…".to_owned()));
                }
                let text = self.concatenate(&parts, at);
                let good = if primitive == "write" {
                    let mut carry = carry.clone();
                    let value = self.wrap(&mut carry, "Ok", Value::constant(Const::Unit), span);
                    Exit { receiver: Some(text), ..Exit::returns(value, carry) }
                } else {
                    Exit { receiver: Some(text), ..Exit::returns(Value::constant(Const::Unit), carry.clone()) }
                };
                Some(vec![good])
            }
            "absorb" => {
                let this = all.first().cloned().unwrap_or_else(Value::unknown);
                let fed =
                    all.iter().skip(1).fold(this, |this, value| this.tainted(&self.shown(&carry.heap, value, at)));
                let changed =
                    Exit { receiver: Some(fed), ..Exit::returns(Value::constant(Const::Unit), carry.clone()) };
                Some(vec![changed])
            }
            "feed" => {
                let (Some(this), Some(into)) = (all.first(), all.get(1)) else { return None };
                let fed = into.tainted(&self.shown(&carry.heap, this, at));
                let changed =
                    Exit { arguments: vec![(0, fed)], ..Exit::returns(Value::constant(Const::Unit), carry.clone()) };
                Some(vec![changed])
            }
            "encode" => Some(vec![Exit::returns(all.first().cloned().unwrap_or_else(Value::unknown), carry.clone())]),
            _ => None,
        }
    }

    /// `"{}".format(…)`.
    fn formatted(&mut self, carry: &Carry, bound: &Bound<'_>, all: &[Value], span: Span) -> Exit {
        let at = self.at(span);
        let state = super::state::State { carry: carry.clone(), ..Default::default() };
        let template = all.first().and_then(Value::single_text).map(|text| text.to_string()).unwrap_or_default();
        let mut parts: Vec<(Value, String)> = Vec::new();
        let mut keyed: Vec<(crate::program::Name, Value)> = bound.args().keywords.clone();
        let mut positional = bound.args().positional.clone();
        for value in bound.args().positional.iter().filter(|_| template.contains('{')) {
            for id in value.objects() {
                let Some(object) = self.object(&carry.heap, id).filter(|object| object.kind == Kind::Dict) else {
                    continue;
                };
                for (key, value) in &object.entries {
                    if let Const::Str(key) = key {
                        keyed.push((*key, value.clone()));
                    }
                }
                positional.retain(|known| known != value);
            }
        }
        let mut rest = template.as_str();
        let mut next = 0;
        while let Some(open) = rest.find('{') {
            parts.push((Value::text(&rest[..open]), String::new()));
            let Some(close) = rest[open..].find('}') else { break };
            let field = &rest[open + 1..open + close];
            let field = field.split([':', '!']).next().unwrap_or_default();
            let base = field.split(['.', '[']).next().unwrap_or_default();
            let value = match base.parse::<usize>() {
                Ok(position) => positional.get(position).cloned(),
                Err(_) if base.is_empty() => {
                    next += 1;
                    positional.get(next - 1).cloned()
                }
                Err(_) => keyed.iter().find(|(key, _)| key.as_str() == base).map(|(_, value)| value.clone()),
            };
            if let Some(value) = value {
                parts.push((
                    self.printed(&state, &value, false, at),
                    if base.is_empty() { "…".to_owned() } else { base.to_owned() },
                ));
            }
            rest = &rest[open + close + 1..];
        }
        parts.push((Value::text(rest), String::new()));
        if template.is_empty() {
            parts.clear();
            for value in all.iter().chain(keyed.iter().map(|(_, value)| value)) {
                parts.push((self.printed(&state, value, false, at), "…".to_owned()));
            }
        }
        if let Some(more) = bound.args().more.iter().chain(bound.args().more_keywords.iter()).next() {
            parts.push((more.carried(), "…".to_owned()));
        }
        Exit::returns(self.concatenate(&parts, at), carry.clone())
    }

    fn python_primitive(
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
                let verdict = if first.unknown { (true, true) } else { self.matches(&carry.heap, &first, &classes) };
                plain(super::ops::truth_value(verdict, false), carry)
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
                    super::access::PROPERTY
                } else {
                    super::calls::CLASS_METHOD
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

/// The receiver and the positional arguments, then the keyword ones.
fn operands(bound: &Bound<'_>) -> Vec<Value> {
    let args = bound.args();
    let mut all: Vec<Value> = bound.receiver().into_iter().cloned().collect();
    all.extend(args.positional.iter().cloned());
    all.extend(args.more.iter().cloned());
    if all.is_empty() || bound.receiver().is_none() && args.positional.is_empty() {
        all.extend(args.keywords.iter().map(|(_, value)| value.clone()));
    }
    all
}

fn number_in(alt: &Alt) -> Option<Alt> {
    match alt {
        Alt::Const(Const::Int(_) | Const::Float(_)) | Alt::Status(_) => Some(alt.clone()),
        _ => text_of(alt).and_then(|text| text.trim().parse::<i64>().ok()).map(|number| Alt::Const(Const::Int(number))),
    }
}

/// The type of what `suppress` makes.
pub(super) const SUPPRESS: &str = "<suppress>";

/// Stands for a decorator that gives back what it decorates.
pub(super) const IDENTITY: &str = "<identity>";
