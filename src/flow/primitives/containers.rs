//! Primitives that read or change a container.

use std::rc::Rc;

use crate::program::{Const, name};
use crate::source::Span;

use super::entries::MAP_ENTRY;
use crate::flow::calls::bound::Bound;
use crate::flow::run::arithmetic::constants_of;
use crate::flow::run::displays::stored;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, ObjId, Object};
use crate::flow::values::state::{Carry, Exit};
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// Primitives that read or change a container; `None` for others.
    pub(crate) fn container_primitive(
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
                    self.call_value(carry.clone(), &given, crate::flow::values::state::Args::default(), span)
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
            "share" => {
                self.share(&mut carry, &this);
                this
            }
            "copy" if !this.unknown && self.is_shared(&carry, &this) => this,
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
    pub(crate) fn look(&mut self, carry: &Carry, this: &Value, key: &Value, span: Span) -> (Value, bool) {
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

    /// Whether a value is in a container: known only for constants.
    pub(crate) fn contained(
        &self,
        heap: &crate::flow::values::store::Heap,
        value: &Value,
        container: &Value,
    ) -> Option<bool> {
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
            return None;
        }
        if object.kind == Kind::Dict || object.kind == Kind::Names {
            return Some(object.entries.contains_key(&wanted[0]));
        }
        let all: Vec<Const> = object.entries.values().map(|value| value.single()).collect::<Option<_>>()?;
        // What another module holds under a name may be anything, one of these texts as well.
        let outside = value.alts.iter().any(|alt| matches!(alt, Alt::Path(_)));
        Some(all.contains(&wanted[0])).filter(|known| *known || !outside)
    }
}
