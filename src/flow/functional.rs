//! Primitives that call functions on elements and payloads, and those of `Option` and `Result`.

use crate::program::{Const, Name, TypeRef, name};
use crate::source::Span;

use super::heap::{Kind, Object};
use super::machine::Machine;
use super::state::{Args, Carry, Exit};
use super::store::Heap;
use super::value::{Alt, Value};

/// What an option or result may be.
#[derive(Debug, Clone, Default)]
pub(super) struct Sides {
    /// The payload of `Some` or `Ok`.
    pub(super) good: Option<Value>,
    /// `None` is possible.
    pub(super) none: bool,
    /// The payload of `Err`.
    pub(super) error: Option<Value>,
    /// It is an option or result at all.
    pub(super) known: bool,
    /// It is a result: `Ok` was seen.
    pub(super) result: bool,
}

impl Machine<'_> {
    /// Takes an option or result apart; values that are neither count as good.
    pub(super) fn sides(&mut self, heap: &Heap, value: &Value) -> Sides {
        let mut sides = Sides::default();
        let add = |side: &mut Option<Value>, value: Value| {
            *side = Some(side.as_ref().map_or_else(|| value.clone(), |known| known.join(&value)));
        };
        for alt in &value.alts {
            match alt {
                Alt::Path(path) if path.as_str() == "None" => (sides.none, sides.known) = (true, true),
                Alt::Object(id) => {
                    let object = self.object(heap, *id);
                    let variant = object.as_ref().and_then(|object| match &object.kind {
                        Kind::Variant(variant) => Some(variant.to_string()),
                        _ => None,
                    });
                    let payload = |object: &Object| object.field(name("0")).cloned().unwrap_or_else(Value::unknown);
                    match (variant.as_deref(), object) {
                        (Some(variant @ ("Some" | "Ok")), Some(object)) => {
                            sides.known = true;
                            sides.result |= variant == "Ok";
                            add(&mut sides.good, payload(&object).tainted(&value.taints));
                        }
                        (Some("Err"), Some(object)) => {
                            sides.known = true;
                            add(&mut sides.error, payload(&object));
                        }
                        _ => add(&mut sides.good, Value::one(alt.clone()).tainted(&value.taints)),
                    }
                }
                _ => add(
                    &mut sides.good,
                    Value::one(alt.clone()).tainted(&value.taints).with(|data| data.via = value.via),
                ),
            }
        }
        if value.unknown {
            let (good, error) = self.unknown_sides(value);
            add(&mut sides.good, good);
            let option = value.ty.as_ref().is_some_and(|ty| ty.path.as_str().ends_with("Option"));
            sides.none |= option || value.ty.is_none();
            sides.known |= option;
            if !option {
                add(&mut sides.error, error);
            }
        }
        sides
    }

    fn unknown_sides(&mut self, value: &Value) -> (Value, Value) {
        let part = value.with(|data| data.alts.clear());
        let at = self.at(self.function().name_span);
        let Some(ty) = value.ty.clone() else { return (part, Value::unknown()) };
        let wraps = ty.path.as_str().ends_with("Option") || ty.path.as_str().ends_with("Result");
        if !wraps {
            return (part, Value::unknown());
        }
        let argument = |at_index: usize| ty.args.get(at_index).cloned();
        let good = argument(0).map_or_else(Value::unknown, |ty: TypeRef| self.of_type(&ty, at));
        let error = argument(1).map_or_else(Value::unknown, |ty: TypeRef| self.of_type(&ty, at));
        let few = value.few;
        (good.tainted(&value.taints).with(|data| data.few |= few && data.unknown), error)
    }

    /// Whether a value may be `Ok` or `Some`, and whether it may not.
    pub(super) fn is_ok(&mut self, heap: &Heap, value: &Value) -> (bool, bool) {
        let sides = self.sides(heap, value);
        (sides.good.is_some() || value.is_nothing(), sides.none || sides.error.is_some())
    }

    /// The payload of `Ok` or `Some`.
    pub(super) fn payload(&mut self, heap: &Heap, value: &Value) -> Value {
        self.sides(heap, value).good.unwrap_or_else(Value::nothing)
    }

    /// Calls a function with values and waits for what it gives; only normal ways out go on.
    fn call_each(&mut self, carry: Carry, callee: &Value, values: Vec<Value>, span: Span) -> Vec<Exit> {
        let callee = callee.clone();
        self.by_library = true;
        let exits = self.call_value(carry, &callee, Args::of(values), span);
        self.by_library = false;
        exits
    }

    /// Primitives that call functions; `None` for others.
    pub(super) fn functional_primitive(
        &mut self,
        carry: &Carry,
        primitive: &str,
        all: &[Value],
        span: Span,
    ) -> Option<Vec<Exit>> {
        let known = matches!(
            primitive,
            "map"
                | "filter"
                | "filter-map"
                | "flat-map"
                | "fold"
                | "reduce"
                | "for-each"
                | "any"
                | "find"
                | "call"
                | "apply"
                | "with"
                | "inspect"
        );
        if !known {
            return None;
        }
        let mut carry = carry.clone();
        match primitive {
            "call" | "apply" | "with" => {
                if primitive == "with" {
                    let (this, callee) = (all.first()?.clone(), all.get(1)?.clone());
                    return Some(self.call_value(carry, &callee, Args::of(vec![this]), span));
                }
                let callee = all.first()?.clone();
                return Some(self.call_value(carry, &callee, Args::of(all[1..].to_vec()), span));
            }
            _ => {}
        }
        // Python puts the function first, Rust the receiver.
        let (callee, subject) = if self.is_rust() || matches!(primitive, "for-each") {
            (all.get(if matches!(primitive, "fold") { 2 } else { 1 })?.clone(), all.first()?.clone())
        } else {
            (all.first()?.clone(), all.get(1)?.clone())
        };
        let sides = self.sides(&carry.heap.clone(), &subject);
        if sides.known && matches!(primitive, "map" | "filter") {
            return Some(self.map_option(carry, primitive, &sides, &callee, span));
        }
        if primitive == "inspect" {
            return Some(self.inspected(carry, &subject, &sides, &callee, span));
        }
        let at = self.at(span);
        let ready = self.elements_ready(&mut carry, &subject, span);
        let element = self.element_of(&carry.heap.clone(), &ready, at);
        let precise = self.precise_elements(&carry, &ready);
        if primitive == "fold" || primitive == "reduce" {
            let start = if primitive == "fold" { all.get(1)?.clone() } else { element.clone() };
            let mut exits = self.call_each(carry.clone(), &callee, vec![start.clone(), element.clone()], span);
            exits.push(Exit::returns(start, carry));
            return Some(exits);
        }
        let elements = precise.unwrap_or_else(|| vec![element]);
        let exact = elements.len() != 1 || self.precise_elements(&carry, &ready).is_some();
        let mut made = Object::new(Kind::List);
        let mut raised = Vec::new();
        for element in elements {
            let exits = self.call_each(carry.clone(), &callee, vec![element.clone()], span);
            let mut result = Value::nothing();
            for exit in exits {
                if exit.raised {
                    raised.push(exit);
                    continue;
                }
                result = result.join(&exit.value);
                if exit.carry.count >= carry.count {
                    carry = exit.carry;
                }
            }
            let kept = match primitive {
                "filter" | "find" => element,
                "filter-map" => self.payload(&carry.heap.clone(), &result),
                "flat-map" => {
                    let ready = self.elements_ready(&mut carry, &result, span);
                    self.element_of(&carry.heap.clone(), &ready, at)
                }
                _ => result,
            };
            if exact && primitive == "map" { made.push(kept) } else { made.set_any(&Value::count(), &kept) }
        }
        let value = match primitive {
            "any" => Value::boolean(),
            "for-each" => Value::constant(Const::Unit),
            "find" => {
                let element = made.element();
                let some = self.wrap(&mut carry, "Some", element, span);
                some.join(&Value::path(name("None")))
            }
            _ => {
                let id = self.make(&mut carry.heap, (span, 70), made);
                Value::object(id)
            }
        };
        raised.push(Exit::returns(value, carry));
        Some(raised)
    }

    /// Calls a function for its effects on the good side; the subject stays.
    fn inspected(&mut self, carry: Carry, subject: &Value, sides: &Sides, callee: &Value, span: Span) -> Vec<Exit> {
        let mut exits = Vec::new();
        if let Some(good) = &sides.good {
            for mut exit in self.call_each(carry.clone(), callee, vec![good.clone()], span) {
                if !exit.raised {
                    exit.value = subject.clone();
                }
                exits.push(exit);
            }
        }
        if sides.none || sides.error.is_some() {
            exits.push(Exit::returns(subject.clone(), carry));
        }
        exits
    }

    fn precise_elements(&self, carry: &Carry, value: &Value) -> Option<Vec<Value>> {
        let [Alt::Object(id)] = value.alts.as_slice() else { return None };
        let object = self.object(&carry.heap, *id)?;
        let fits =
            object.exact && object.kind != Kind::Dict && object.entries.len() <= 8 && !value.unknown && !object.many;
        fits.then(|| object.entries.values().cloned().collect())
    }

    fn map_option(&mut self, carry: Carry, primitive: &str, sides: &Sides, callee: &Value, span: Span) -> Vec<Exit> {
        let mut exits = Vec::new();
        if let Some(good) = &sides.good {
            for mut exit in self.call_each(carry.clone(), callee, vec![good.clone()], span) {
                if !exit.raised {
                    let inner = if primitive == "filter" { good.clone() } else { exit.value.clone() };
                    let result = sides.result || sides.error.is_some() && !sides.none;
                    let variant = if result { "Ok" } else { "Some" };
                    exit.value = self.wrap(&mut exit.carry, variant, inner, span);
                    if primitive == "filter" {
                        exit.value = exit.value.join(&Value::path(name("None")));
                    }
                }
                exits.push(exit);
            }
        }
        exits.extend(self.bad_sides(carry, sides, span));
        exits
    }

    /// The ways out for `None` and `Err`, unchanged.
    fn bad_sides(&mut self, carry: Carry, sides: &Sides, span: Span) -> Vec<Exit> {
        let mut exits = Vec::new();
        if sides.none {
            exits.push(Exit::returns(Value::path(name("None")), carry.clone()));
        }
        if let Some(error) = &sides.error {
            let mut carry = carry;
            let value = self.wrap(&mut carry, "Err", error.clone(), span);
            exits.push(Exit::returns(value, carry));
        }
        exits
    }

    /// Primitives of options, results and lazy values; `None` for others.
    pub(super) fn option_primitive(
        &mut self,
        carry: &Carry,
        primitive: &str,
        all: &[Value],
        span: Span,
    ) -> Option<Vec<Exit>> {
        let mut carry = carry.clone();
        let first = all.first().cloned().unwrap_or_else(Value::unknown);
        let second = all.get(1).cloned();
        let none = Value::path(name("None"));
        let value = match primitive {
            "some" => self.wrap(&mut carry, "Some", first, span),
            "ok" => self.wrap(&mut carry, "Ok", first, span),
            "err" => self.wrap(&mut carry, "Err", first, span),
            "once-get" => {
                let held = self.held(&carry, &first);
                self.wrap(&mut carry, "Some", held, span)
            }
            "lock" => self.locked(&mut carry, &first, span),
            "lazy" => return Some(self.call_each(carry, &first, Vec::new(), span)),
            "get-or-init" => {
                let Some(init) = second else { return Some(vec![Exit::returns(first, carry)]) };
                let mut exits = self.call_each(carry, &init, Vec::new(), span);
                for exit in exits.iter_mut().filter(|exit| !exit.raised) {
                    let value = exit.value.clone();
                    self.fill(&mut exit.carry, &first, &value);
                }
                return Some(exits);
            }
            "once-set" => {
                let value = second.unwrap_or_else(Value::unknown);
                let wrapped = self.wrap(&mut carry, "Ok", Value::constant(Const::Unit), span);
                self.fill(&mut carry, &first, &value);
                return Some(vec![Exit::returns(wrapped, carry)]);
            }
            "then" | "then-some" => {
                let (yes, no) = first.truth();
                let mut exits = Vec::new();
                if no {
                    exits.push(Exit::returns(none, carry.clone()));
                }
                if yes {
                    let argument = second.unwrap_or_else(Value::unknown);
                    let inner = if primitive == "then" {
                        self.call_each(carry, &argument, Vec::new(), span)
                    } else {
                        vec![Exit::returns(argument, carry)]
                    };
                    for mut exit in inner {
                        if !exit.raised {
                            exit.value = self.wrap(&mut exit.carry, "Some", exit.value.clone(), span);
                        }
                        exits.push(exit);
                    }
                }
                return Some(exits);
            }
            "take" => return Some(vec![Exit { receiver: Some(none), ..Exit::returns(first, carry) }]),
            "replace" => {
                let value = second.unwrap_or_else(Value::unknown);
                return Some(vec![Exit { receiver: Some(value), ..Exit::returns(first, carry) }]);
            }
            "transpose" => first,
            _ => return self.option_combinator(carry, primitive, &first, all, span),
        };
        Some(vec![Exit::returns(value, carry)])
    }

    fn option_combinator(
        &mut self,
        carry: Carry,
        primitive: &str,
        this: &Value,
        all: &[Value],
        span: Span,
    ) -> Option<Vec<Exit>> {
        const KNOWN: &[&str] = &[
            "unwrap",
            "unwrap-or",
            "unwrap-or-default",
            "unwrap-or-else",
            "map-or",
            "map-or-else",
            "map-err",
            "and-then",
            "ok-or",
            "ok-or-else",
            "to-ok",
            "to-err",
            "or",
            "or-else",
            "is-some",
            "is-none",
            "is-ok",
            "is-err",
            "flatten",
            "unwrap-err",
        ];
        if !KNOWN.contains(&primitive) {
            return None;
        }
        let sides = self.sides(&carry.heap.clone(), this);
        let bad = sides.none || sides.error.is_some();
        let argument = all.get(1).cloned();
        if matches!(primitive, "is-some" | "is-ok" | "is-none" | "is-err") {
            let negate = matches!(primitive, "is-none" | "is-err");
            let value = super::ops::truth_value((sides.good.is_some(), bad), negate);
            return Some(vec![Exit::returns(value, carry)]);
        }
        let mut exits = Vec::new();
        if let Some(good) = sides.good.clone() {
            exits.extend(self.good_exits(carry.clone(), primitive, good, &sides, all, span));
        }
        if bad {
            exits.extend(self.bad_exits(carry, primitive, &sides, argument, span));
        }
        Some(exits)
    }

    fn good_exits(
        &mut self,
        mut carry: Carry,
        primitive: &str,
        good: Value,
        sides: &Sides,
        all: &[Value],
        span: Span,
    ) -> Vec<Exit> {
        let callee = |at: usize| all.get(at).cloned().unwrap_or_else(Value::unknown);
        match primitive {
            "map-or" => self.call_each(carry, &callee(2), vec![good], span),
            "map-or-else" => self.call_each(carry, &callee(2), vec![good], span),
            "and-then" => self.call_each(carry, &callee(1), vec![good], span),
            "map-err" | "ok-or" | "ok-or-else" => {
                let value = self.wrap(&mut carry, "Ok", good, span);
                vec![Exit::returns(value, carry)]
            }
            "to-ok" | "or" | "or-else" => {
                let result = sides.result || sides.error.is_some() && !sides.none;
                let variant = if primitive != "to-ok" && result { "Ok" } else { "Some" };
                let value = self.wrap(&mut carry, variant, good, span);
                vec![Exit::returns(value, carry)]
            }
            "to-err" => vec![Exit::returns(Value::path(name("None")), carry)],
            "unwrap-err" => Vec::new(),
            _ => vec![Exit::returns(good, carry)],
        }
    }

    fn bad_exits(
        &mut self,
        mut carry: Carry,
        primitive: &str,
        sides: &Sides,
        argument: Option<Value>,
        span: Span,
    ) -> Vec<Exit> {
        let error = sides.error.clone();
        let argument = argument.unwrap_or_else(Value::unknown);
        let inputs: Vec<Value> = error.clone().into_iter().collect();
        match primitive {
            // Panics: no answer leaves.
            "unwrap" => Vec::new(),
            "unwrap-err" => vec![Exit::returns(error.unwrap_or_else(Value::unknown), carry)],
            "unwrap-or" | "map-or" | "or" => vec![Exit::returns(argument, carry)],
            "unwrap-or-default" => vec![Exit::returns(Value::few(), carry)],
            "unwrap-or-else" | "or-else" | "map-or-else" => self.call_each(carry, &argument, inputs, span),
            "ok-or" => {
                let value = self.wrap(&mut carry, "Err", argument, span);
                vec![Exit::returns(value, carry)]
            }
            "ok-or-else" | "map-err" => {
                let called = self.call_each(carry, &argument, inputs, span);
                called
                    .into_iter()
                    .map(|mut exit| {
                        if !exit.raised {
                            exit.value = self.wrap(&mut exit.carry, "Err", exit.value.clone(), span);
                        }
                        exit
                    })
                    .collect()
            }
            "to-ok" => vec![Exit::returns(Value::path(name("None")), carry)],
            "to-err" => {
                let inner = error.unwrap_or_else(Value::unknown);
                let value = self.wrap(&mut carry, "Some", inner, span);
                vec![Exit::returns(value, carry)]
            }
            _ => self.bad_sides(carry, sides, span),
        }
    }

    /// What a cell holds; what its type says where nothing is known to be put into it.
    fn held(&mut self, carry: &Carry, cell: &Value) -> Value {
        let held = cell
            .objects()
            .filter_map(|id| self.object(&carry.heap, id))
            .find_map(|object| object.field(name("0")).cloned());
        if let Some(held) = held {
            return held;
        }
        let at = self.at(self.function().name_span);
        match cell.ty.as_ref().and_then(|ty| ty.args.first().cloned()) {
            Some(ty) => self.of_type(&ty, at),
            None => cell.carried(),
        }
    }

    /// The value to return early: the error converted to what the function returns.
    pub(super) fn residual(&mut self, mut carry: Carry, value: &Value, span: Span) -> Vec<Exit> {
        let sides = self.sides(&carry.heap.clone(), value);
        let mut exits = Vec::new();
        if sides.none {
            exits.push(Exit::returns(Value::path(name("None")), carry.clone()));
        }
        if let Some(error) = sides.error {
            let target = self.error_type();
            let converted = match target {
                Some(target) => self.convert_error(carry.clone(), &error, target, span),
                None => vec![Exit::returns(error, carry.clone())],
            };
            for mut exit in converted {
                if !exit.raised {
                    exit.value = self.wrap(&mut exit.carry, "Err", exit.value.clone(), span);
                }
                exits.push(exit);
            }
        }
        if exits.is_empty() {
            let value = self.wrap(&mut carry, "Err", Value::unknown(), span);
            exits.push(Exit::returns(value, carry));
        }
        exits
    }

    /// The error type that the function returns.
    fn error_type(&self) -> Option<Name> {
        let returns = self.function().returns.as_ref()?;
        if !returns.path.as_str().ends_with("Result") {
            return None;
        }
        returns.args.get(1).map(|ty| ty.path)
    }
}
