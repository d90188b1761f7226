//! Primitives on containers.

use std::rc::Rc;

use crate::program::{Const, name};
use crate::source::Span;

use super::apply::Bound;
use super::heap::{Kind, ObjId, Object};
use super::machine::Machine;
use super::ops::{constants_of, stored};
use super::state::{Carry, Exit};
use super::value::{Alt, Value};

impl Machine<'_> {
    /// Primitives that read or change a container; `None` for others.
    pub(super) fn container_primitive(
        &mut self,
        carry: &Carry,
        primitive: &str,
        bound: &Bound<'_>,
        all: &[Value],
        span: Span,
    ) -> Option<Vec<Exit>> {
        let mut carry = carry.clone();
        let this = all.first().cloned().unwrap_or_else(Value::unknown);
        let second = all.get(1).cloned();
        let third = all.get(2).cloned();
        let at = self.at(span);
        let none = if self.is_rust() { Value::constant(Const::Unit) } else { Value::none() };
        let value = match primitive {
            "get" | "get-item" | "pop" => {
                let default = third.or_else(|| bound.get("default"));
                // What is no container for sure may be anything that has such a method.
                let anything = this.unknown && this.ty.is_none() && !self.is_rust();
                let mut exits = self.entry(carry.clone(), primitive, &this, (second.as_ref(), default), span);
                if anything && !exits.iter().any(|exit| exit.raised) {
                    exits.insert(0, Exit::raises(Value::unknown(), carry));
                }
                return Some(exits);
            }
            "insert" => {
                let (key, value) = (second?, third?);
                self.set_index(&mut carry, &this, &key, value, at);
                if self.is_rust() { Value::unknown() } else { none }
            }
            "append" => {
                let value = stored(second.clone().unwrap_or_else(Value::unknown));
                self.each_container(&mut carry, &this, |object| {
                    if object.kind == Kind::Dict {
                        object.set_any(&Value::unknown(), &value)
                    } else {
                        object.push(value.clone())
                    }
                });
                if this.objects().next().is_none() {
                    let changed = this.tainted(&value.taints);
                    return Some(vec![Exit { receiver: Some(changed), ..Exit::returns(none, carry) }]);
                }
                none
            }
            "extend" => {
                let value = second.clone().unwrap_or_else(Value::unknown);
                let ready = self.elements_ready(&mut carry, &value, span);
                self.pour_into(&mut carry, &this, &ready, span);
                none
            }
            "update" => {
                if let Some(value) = &second {
                    self.pour_into(&mut carry, &this, value, span);
                }
                for (key, value) in bound.args().keywords.clone() {
                    self.set_index(&mut carry, &this, &Value::constant(Const::Str(key)), value, at);
                }
                none
            }
            "set-default" if self.map_entry(&carry, &this).is_some() => {
                let (map, key) = self.map_entry(&carry, &this)?;
                let given = second.clone().unwrap_or_else(Value::few);
                let exits = if given.is_callable() {
                    self.call_value(carry.clone(), &given, super::state::Args::default(), span)
                } else {
                    vec![Exit::returns(given, carry.clone())]
                };
                return Some(
                    exits
                        .into_iter()
                        .map(|mut exit| {
                            if !exit.raised {
                                let found = self.look(&exit.carry, &map, &key, span).0;
                                let value = exit.value.clone();
                                self.set_index(&mut exit.carry, &map, &key, value.clone(), at);
                                exit.value = found.join(&value);
                            }
                            exit
                        })
                        .collect(),
                );
            }
            "set-default" => {
                let key = second.clone().unwrap_or_else(Value::unknown);
                let default = third.clone().unwrap_or_else(Value::none);
                let found = self.look(&carry, &this, &key, span).0;
                if found.is_nothing() || !key.is_constant() {
                    self.set_index(&mut carry, &this, &key, default.clone(), at);
                }
                found.join(&default)
            }
            "remove" => {
                if let Some(key) = second.as_ref().and_then(Value::single) {
                    self.delete_entry(&mut carry, &this, key);
                }
                if self.is_rust() { Value::unknown() } else { none }
            }
            "clear" => {
                self.each_container(&mut carry, &this, |object| {
                    object.entries.clear();
                    object.rest = None;
                    object.rest_keys = None;
                });
                none
            }
            "contains" => second
                .as_ref()
                .and_then(|key| self.contained(&carry.heap, key, &this))
                .map_or_else(Value::boolean, |known| Value::constant(Const::Bool(known))),
            "keys" | "values" | "items" | "iter" | "copy" | "to-list" | "to-tuple" | "to-set" | "to-dict"
            | "sorted" | "enumerate" | "zip" => {
                let value = self.view(&mut carry, primitive, bound, all, span);
                return Some(vec![Exit::returns(value, carry)]);
            }
            "pair" => {
                let (key, value) = (all.first()?.clone(), second?);
                return Some(vec![{
                    let value = self.tuple_of(&mut carry, &[key, value], (span, 57));
                    Exit::returns(value, carry)
                }]);
            }
            "entry" => {
                let key = second?;
                let mut place = Object::new(Kind::Tuple);
                place.push(this);
                place.push(key);
                place.ty = Some(name(MAP_ENTRY));
                let id = self.make(&mut carry.heap, (span, 56), place);
                Value::object(id)
            }
            "first" | "element" => {
                let ready = self.elements_ready(&mut carry, &this, span);
                let element = self.element_of(&carry.heap.clone(), &ready, at);
                if primitive == "first" && self.is_rust() {
                    let some = self.wrap(&mut carry, "Some", element, span);
                    some.join(&Value::path(name("None")))
                } else {
                    element
                }
            }
            _ => return None,
        };
        Some(vec![Exit::returns(value, carry)])
    }

    /// The map and key of what `entry` gave.
    fn map_entry(&self, carry: &Carry, value: &Value) -> Option<(Value, Value)> {
        let object = value.objects().find_map(|id| self.object(&carry.heap, id))?;
        (object.ty? == name(MAP_ENTRY)).then_some(())?;
        Some((object.get(Const::Int(0))?, object.get(Const::Int(1))?))
    }

    fn each_container(&mut self, carry: &mut Carry, this: &Value, mut change: impl FnMut(&mut Object)) {
        let weak = this.alts.len() > 1;
        for id in this.objects().collect::<Vec<_>>() {
            let Some(known) = self.object(&carry.heap, id) else { continue };
            let mut next = (*known).clone();
            change(&mut next);
            if weak {
                next = known.join(&next);
            }
            carry.heap.set(id, Rc::new(next));
        }
    }

    fn pour_into(&mut self, carry: &mut Carry, this: &Value, value: &Value, span: Span) {
        let at = self.at(span);
        let heap = carry.heap.clone();
        for id in this.objects().collect::<Vec<_>>() {
            let Some(known) = self.object(&heap, id) else { continue };
            let mut next = (*known).clone();
            self.pour(&heap, &mut next, value, at);
            if this.alts.len() > 1 {
                next = known.join(&next);
            }
            carry.heap.set(id, Rc::new(next));
        }
    }

    /// The entry under a key, and whether it may be missing.
    fn look(&mut self, carry: &Carry, this: &Value, key: &Value, span: Span) -> (Value, bool) {
        let at = self.at(span);
        let mut found = Value::nothing();
        let mut missing = false;
        for id in this.objects().collect::<Vec<_>>() {
            let Some(object) = self.object(&carry.heap, id) else { continue };
            let (value, may_miss) = self.lookup(&object, key, at);
            found = found.join(&value);
            missing |= may_miss;
        }
        if this.unknown || this.alts.iter().any(|alt| !matches!(alt, Alt::Object(_))) {
            let text = key.single_text();
            if let Some(declared) = self.declared_element(this, text, at) {
                return (found.join(&declared), true);
            }
            let taints = self.part_taints(this, text, at);
            let mut value = Value::unknown().tainted(&taints);
            if let Some(ty) = this.ty.as_ref().and_then(|ty| ty.args.last()) {
                let ty = ty.clone();
                value = value.with(|data| data.ty = Some(ty));
            }
            found = found.join(&text.map_or_else(|| value.clone(), |text| self.named(value.clone(), text, at)));
            missing = true;
        }
        (found, missing)
    }

    fn entry(
        &mut self,
        mut carry: Carry,
        primitive: &str,
        this: &Value,
        (key, default): (Option<&Value>, Option<Value>),
        span: Span,
    ) -> Vec<Exit> {
        let Some(key) = key else {
            // `list.pop()`.
            let at = self.at(span);
            let element = self.element_of(&carry.heap.clone(), this, at);
            let element = if self.is_rust() {
                let some = self.wrap(&mut carry, "Some", element, span);
                some.join(&Value::path(name("None")))
            } else {
                element
            };
            return vec![Exit::returns(element, carry)];
        };
        let (found, missing) = self.look(&carry, this, key, span);
        let found = self.down(self.looked_up(stored(found), key));
        if self.is_rust() && primitive != "get-item" {
            let mut value = Value::nothing();
            if !found.is_nothing() {
                value = self.wrap(&mut carry, "Some", found, span);
            }
            if missing || value.is_nothing() {
                value = value.join(&Value::path(name("None")));
            }
            return vec![Exit::returns(value, carry)];
        }
        let mut exits = Vec::new();
        let mut value = found;
        if missing {
            match (primitive, default) {
                ("get" | "pop", Some(default)) => value = value.join(&default),
                ("get", None) => value = value.join(&Value::none()),
                _ => exits.push(Exit::raises(self.exception("builtins.KeyError"), carry.clone())),
            }
        }
        if !value.is_nothing() {
            exits.push(Exit::returns(value, carry));
        }
        exits
    }

    /// Views and copies.
    fn view(&mut self, carry: &mut Carry, primitive: &str, bound: &Bound<'_>, all: &[Value], span: Span) -> Value {
        // `dict(a=1)`: the values are no map to copy from.
        let only_keywords = primitive == "to-dict" && bound.receiver().is_none() && bound.args().positional.is_empty();
        let this = all.first().filter(|_| !only_keywords).cloned();
        let taken = this.clone().unwrap_or_else(Value::nothing);
        let ready = self.elements_ready(carry, &taken, span);
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

    fn fill_view(&mut self, carry: &mut Carry, made: &mut Object, primitive: &str, from: &Value, span: Span) {
        let at = self.at(span);
        for id in from.objects().collect::<Vec<_>>() {
            let Some(object) = self.object(&carry.heap, id) else { continue };
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
        if from.unknown {
            let element = Value::unknown().tainted(&self.part_taints(from, None, at));
            let key = Value::unknown().tainted(&element.taints);
            let element =
                if primitive == "values" { element } else { self.tuple_of(carry, &[key, element], (span, 58)) };
            made.set_any(&Value::count(), &element);
        }
    }

    pub(super) fn tuple_of(&mut self, carry: &mut Carry, values: &[Value], place: (Span, u32)) -> Value {
        let mut tuple = Object::new(Kind::Tuple);
        values.iter().for_each(|value| tuple.push(stored(value.clone())));
        let id = self.make(&mut carry.heap, place, tuple);
        Value::object(id)
    }

    fn exact(&self, carry: &Carry, value: &Value) -> Option<Vec<Value>> {
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
        let mut columns: Vec<Value> = all.iter().map(|value| self.elements_ready(carry, value, span)).collect();
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

    /// Whether a value is in a container: known only for constants.
    pub(super) fn contained(&self, heap: &super::store::Heap, value: &Value, container: &Value) -> Option<bool> {
        let [Alt::Object(id)] = container.alts.as_slice() else { return None };
        if container.unknown {
            return None;
        }
        let object: Rc<Object> = self.object(heap, ObjId(id.0))?;
        if object.rest.is_some() || object.many {
            return None;
        }
        let wanted = constants_of(value);
        if wanted.len() != 1 || value.unknown || value.alts.len() != 1 {
            return (object.exact && object.entries.is_empty()).then_some(false);
        }
        if object.kind == Kind::Dict || object.kind == Kind::Names {
            return Some(object.entries.contains_key(&wanted[0]));
        }
        let all: Vec<Const> = object.entries.values().map(|value| value.single()).collect::<Option<_>>()?;
        Some(all.contains(&wanted[0]))
    }
}

/// The type of what `entry` gives.
const MAP_ENTRY: &str = "<map entry>";
