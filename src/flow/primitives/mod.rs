//! The primitives that knowledge names: which module does which.

pub(super) mod containers;
pub(super) mod entries;
pub(super) mod functional;
pub(super) mod getters;
pub(super) mod maps;
pub(super) mod options;
pub(super) mod percent;
pub(super) mod printing;
pub(super) mod python;
pub(super) mod sides;
pub(super) mod texts;
pub(super) mod views;
pub(super) mod written;

use crate::knowledge::effect::CallEntry;
use crate::program::Const;
use crate::source::Span;

use crate::flow::calls::bound::Bound;
use crate::flow::run::machine::Machine;
use crate::flow::run::texts::text_of;
use crate::flow::values::state::{Carry, Exit};
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// Does what a primitive says.
    pub(crate) fn primitive(
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
                let state = crate::flow::values::state::State { carry: carry.clone(), ..Default::default() };
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
        let unsigned = |value: &&Value| {
            let entry = value.ty.as_ref().and_then(|ty| self.tables().type_entry(ty.path));
            entry.is_some_and(|entry| entry.unsigned)
        };
        let clamped = (clamped.0 || open.iter().all(unsigned), clamped.1);
        let clamped = if lower { (true, clamped.1) } else { (clamped.0, true) };
        let result = joined.with(|data| {
            data.clamped = clamped;
            data.number = true;
        });
        if clamped == (true, true) { Value::few().with(|data| data.number = true) } else { result }
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
