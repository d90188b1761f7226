//! Views and copies of containers: keys, values, items, sorted and enumerated ones.

use crate::program::Const;
use crate::source::Span;

use crate::flow::calls::bound::Bound;
use crate::flow::run::displays::stored;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, Object};
use crate::flow::values::state::Carry;
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// Views and copies.
    pub(crate) fn view(
        &mut self,
        carry: &mut Carry,
        primitive: &str,
        bound: &Bound<'_>,
        all: &[Value],
        span: Span,
    ) -> Value {
        // `dict(a=1)`: the values are no map to copy from.
        let only_keywords = primitive == "to-dict" && bound.receiver().is_none() && bound.args().positional.is_empty();
        let this = all.first().filter(|_| !only_keywords).cloned();
        let taken = this.clone().unwrap_or_else(Value::nothing);
        let mut ready = self.elements_ready(carry, &taken, span);
        if !matches!(primitive, "keys" | "values" | "items" | "copy" | "to-dict") {
            ready = self.by_pairs(carry, &ready, span);
        }
        if primitive == "zip" || primitive == "enumerate" {
            return self.tuples(carry, primitive, all, span);
        }
        let kind = match primitive {
            "to-tuple" => Kind::Tuple,
            "to-set" => Kind::Set,
            "to-dict" => Kind::Dict,
            "copy" => ready
                .objects()
                .find_map(|id| self.object(&carry.heap, id))
                .map_or(Kind::List, |object| object.kind.clone()),
            _ => Kind::List,
        };
        let at = self.at(span);
        let mut made = Object::new(kind);
        let heap = carry.heap.clone();
        match primitive {
            "values" | "items" => self.fill_view(carry, &mut made, primitive, &ready, span),
            _ => self.pour(&heap, &mut made, &ready, at),
        }
        if primitive == "to-dict" {
            for (key, value) in bound.args().pairs.clone() {
                self.put(&mut made, &key, stored(value), at);
            }
            for (key, value) in &bound.args().keywords {
                made.set_field(*key, value.clone());
            }
        }
        let id = self.make(&mut carry.heap, (span, 50), made);
        let loose = if ready.unknown { ready.taints.clone() } else { Vec::new() };
        Value::object(id).tainted(&loose)
    }

    pub(crate) fn fill_view(
        &mut self,
        carry: &mut Carry,
        made: &mut Object,
        primitive: &str,
        from: &Value,
        span: Span,
    ) {
        let at = self.at(span);
        let mut unknown = from.unknown;
        for id in from.objects().collect::<Vec<_>>() {
            let Some(object) = self.object(&carry.heap, id) else { continue };
            unknown |= self.filled_elsewhere(id, &object);
            for (position, (key, value)) in object.entries.clone().into_iter().enumerate() {
                let value = match key {
                    Const::Str(key) => self.named(value, key, at),
                    _ => value,
                };
                let element = if primitive == "values" {
                    value
                } else {
                    self.tuple_of(carry, &[Value::constant(key), value], (span, 60 + position as u32))
                };
                made.push(element);
            }
            if let Some(rest) = object.rest.clone() {
                let key = object.rest_keys.clone().unwrap_or_else(Value::unknown);
                let element = if primitive == "values" { rest } else { self.tuple_of(carry, &[key, rest], (span, 59)) };
                made.set_any(&Value::count(), &element);
            }
        }
        if unknown {
            let element = Value::unknown().tainted(&self.part_taints(from, None, at));
            let key = Value::unknown().tainted(&element.taints);
            let element =
                if primitive == "values" { element } else { self.tuple_of(carry, &[key, element], (span, 58)) };
            made.set_any(&Value::count(), &element);
        }
    }

    pub(crate) fn tuple_of(&mut self, carry: &mut Carry, values: &[Value], place: (Span, u32)) -> Value {
        let mut tuple = Object::new(Kind::Tuple);
        values.iter().for_each(|value| tuple.push(stored(value.clone())));
        let id = self.make(&mut carry.heap, place, tuple);
        Value::object(id)
    }

    pub(crate) fn exact(&self, carry: &Carry, value: &Value) -> Option<Vec<Value>> {
        let [Alt::Object(id)] = value.alts.as_slice() else { return None };
        let object = self.object(&carry.heap, *id).filter(|object| object.exact && !value.unknown)?;
        if object.entries.len() > 16 {
            return None;
        }
        Some(if object.kind == Kind::Dict {
            object.entries.keys().map(|key| Value::constant(*key)).collect()
        } else {
            object.entries.values().cloned().collect()
        })
    }

    fn tuples(&mut self, carry: &mut Carry, primitive: &str, all: &[Value], span: Span) -> Value {
        let at = self.at(span);
        let mut columns: Vec<Value> = Vec::new();
        for value in all {
            let ready = self.elements_ready(carry, value, span);
            columns.push(self.by_pairs(carry, &ready, span));
        }
        if primitive == "enumerate" {
            columns.truncate(1);
        }
        let known: Option<Vec<Vec<Value>>> = columns.iter().map(|column| self.exact(carry, column)).collect();
        let mut made = Object::new(Kind::List);
        match known {
            Some(known) if !known.is_empty() => {
                let length = known.iter().map(Vec::len).min().unwrap_or(0);
                for row in 0..length {
                    let mut values: Vec<Value> = known.iter().map(|column| column[row].clone()).collect();
                    if primitive == "enumerate" {
                        values.insert(0, Value::constant(Const::Int(row as i64)));
                    }
                    let tuple = self.tuple_of(carry, &values, (span, 60 + row as u32));
                    made.push(tuple);
                }
            }
            _ => {
                let heap = carry.heap.clone();
                let mut values: Vec<Value> = columns.iter().map(|column| self.element_of(&heap, column, at)).collect();
                if primitive == "enumerate" {
                    values.insert(0, Value::count());
                }
                let tuple = self.tuple_of(carry, &values, (span, 59));
                made.set_any(&Value::count(), &tuple);
            }
        }
        let id = self.make(&mut carry.heap, (span, 50), made);
        Value::object(id)
    }
}
