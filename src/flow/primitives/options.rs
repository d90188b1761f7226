//! Primitives of options, results and lazy values.

use crate::program::{Const, name};
use crate::source::Span;

use super::sides::Sides;
use crate::flow::run::machine::Machine;
use crate::flow::values::state::{Carry, Exit};
use crate::flow::values::value::Value;

impl Machine<'_> {
    /// Calls a function for its effects on the good side; the subject stays.
    pub(crate) fn inspected(
        &mut self,
        carry: Carry,
        subject: &Value,
        sides: &Sides,
        callee: &Value,
        span: Span,
    ) -> Vec<Exit> {
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

    pub(crate) fn map_option(
        &mut self,
        carry: Carry,
        primitive: &str,
        sides: &Sides,
        callee: &Value,
        span: Span,
    ) -> Vec<Exit> {
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

    /// Primitives of options, results and lazy values; `None` for others.
    pub(crate) fn option_primitive(
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
            let value = crate::flow::run::arithmetic::truth_value((sides.good.is_some(), bad), negate);
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
}
