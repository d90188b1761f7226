//! Is an option or result good or bad, and what does each side hold?

use crate::program::{TypeRef, name};
use crate::source::Span;

use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, Object};
use crate::flow::values::state::{Carry, Exit};
use crate::flow::values::store::Heap;
use crate::flow::values::value::{Alt, Value};

/// What an option or result may be.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sides {
    /// The payload of `Some` or `Ok`.
    pub(crate) good: Option<Value>,
    /// `None` is possible.
    pub(crate) none: bool,
    /// The payload of `Err`.
    pub(crate) error: Option<Value>,
    /// It is an option or result at all.
    pub(crate) known: bool,
    /// It is a result: `Ok` was seen.
    pub(crate) result: bool,
}

impl Machine<'_> {
    /// Takes an option or result apart; values that are neither count as good.
    pub(crate) fn sides(&mut self, heap: &Heap, value: &Value) -> Sides {
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
    pub(crate) fn is_ok(&mut self, heap: &Heap, value: &Value) -> (bool, bool) {
        let sides = self.sides(heap, value);
        (sides.good.is_some() || value.is_nothing(), sides.none || sides.error.is_some())
    }

    /// The payload of `Ok` or `Some`.
    pub(crate) fn payload(&mut self, heap: &Heap, value: &Value) -> Value {
        self.sides(heap, value).good.unwrap_or_else(Value::nothing)
    }

    /// The ways out for `None` and `Err`, unchanged.
    pub(crate) fn bad_sides(&mut self, carry: Carry, sides: &Sides, span: Span) -> Vec<Exit> {
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

    pub(crate) fn good_exits(
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

    pub(crate) fn bad_exits(
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
}
