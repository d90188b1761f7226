//! Primitives that call functions on the elements of containers.

use crate::program::{Const, name};
use crate::source::Span;

use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, Object};
use crate::flow::values::state::{Args, Carry, Exit};
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// Calls a function with values and waits for what it gives; only normal ways out go on.
    pub(crate) fn call_each(&mut self, carry: Carry, callee: &Value, values: Vec<Value>, span: Span) -> Vec<Exit> {
        let callee = callee.clone();
        self.by_library = true;
        let exits = self.call_value(carry, &callee, Args::of(values), span);
        self.by_library = false;
        exits
    }

    /// Primitives that call functions; `None` for others.
    pub(crate) fn functional_primitive(
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
            if subject.metrics().next().is_some() {
                self.call_again(&carry, &callee, &Args::of(vec![subject.clone()]), span);
            }
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

    fn precise_elements(&self, carry: &Carry, value: &Value) -> Option<Vec<Value>> {
        let [Alt::Object(id)] = value.alts.as_slice() else { return None };
        let object = self.object(&carry.heap, *id)?;
        let fits =
            object.exact && object.kind != Kind::Dict && object.entries.len() <= 8 && !value.unknown && !object.many;
        fits.then(|| object.entries.values().cloned().collect())
    }
}
