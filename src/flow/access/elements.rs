//! What does `value[index]` give, and what does writing to it change?

use std::rc::Rc;

use crate::program::{Const, name};
use crate::source::{Location, Span};

use crate::flow::run::arithmetic::constants_of;
use crate::flow::run::displays::stored;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, Object};
use crate::flow::values::state::{Args, Carry, Exit, State};
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    pub(crate) fn set_index(&mut self, carry: &mut Carry, object: &Value, index: &Value, value: Value, at: Location) {
        let value = stored(value);
        if let Some(key) = index.single_text() {
            self.keep_on(&carry.heap, object, key, &value);
        }
        for id in object.objects().collect::<Vec<_>>() {
            let Some(known) = self.object(&carry.heap, id) else { continue };
            let mut next = (*known).clone();
            if matches!(next.kind, Kind::Response) {
                continue;
            }
            let was_many = next.many;
            next.many |= object.alts.len() > 1 || object.unknown;
            self.put(&mut next, index, value.clone(), at);
            next.many = was_many;
            carry.heap.set(id, Rc::new(next));
        }
    }

    pub(crate) fn delete_entry(&mut self, carry: &mut Carry, object: &Value, key: Const) {
        if let [Alt::Object(id)] = object.alts.as_slice() {
            self.change(&mut carry.heap, *id, |object| {
                object.entries.remove(&key);
            });
        }
    }

    /// `del value[index]`: fails where reading it would.
    pub(crate) fn delete_index(&mut self, carry: Carry, object: &Value, index: &Value, span: Span) -> Vec<Exit> {
        let mut exits: Vec<Exit> = self.index(carry.clone(), object, index, span);
        exits.retain(|exit| exit.raised);
        let mut gone = carry;
        if let Some(key) = index.single() {
            self.delete_entry(&mut gone, object, key);
        }
        exits.push(Exit::returns(Value::nothing(), gone));
        exits
    }

    /// `value[index]`.
    pub(crate) fn index(&mut self, carry: Carry, value: &Value, index: &Value, span: Span) -> Vec<Exit> {
        let at = self.at(span);
        let mut result = Value::nothing();
        let mut may_raise = false;
        let mut exits = Vec::new();
        for alt in &value.alts {
            match alt {
                Alt::Object(id) => {
                    let Some(object) = self.object(&carry.heap, *id) else { continue };
                    if let Some(field) = self.positional_field(&object, index) {
                        result = result.join(&field);
                        continue;
                    }
                    if object.class.is_some() && object.kind == Kind::Instance {
                        let args = Args::of(vec![index.clone()]);
                        let one = Value::object(*id);
                        exits.extend(self.call_method(carry.clone(), &one, name("__getitem__"), args, span));
                        continue;
                    }
                    if let Some(missing) = self.clients_key(&object, value, index, span) {
                        result = result.join(&missing);
                        continue;
                    }
                    let (found, missing) = self.lookup(&object, index, at);
                    let found = self.looked_up(found, index);
                    may_raise |= missing;
                    result = result.join(&found);
                    if found.is_nothing() && missing {
                        result = result.join(&self.missing_entry(&object, value, index, span));
                    }
                }
                Alt::Path(_) | Alt::Class(_) => result = result.join(&Value::one(alt.clone())),
                Alt::Missing(what) => {
                    let key = index.single_text().map_or_else(|| "…".to_owned(), |key| format!("'{key}'"));
                    result = result.join(&Value::one(Alt::Missing(name(&format!("{what}[{key}]")))));
                }
                _ => result = result.join(&Value::unknown().tainted(&value.taints)),
            }
        }
        let has_missing = result.alts.iter().any(|alt| matches!(alt, Alt::Missing(_)));
        if value.unknown {
            let method = name("__getitem__");
            if let Some(ty) = &value.ty
                && self.tables().method_of(ty.path, method).is_some()
            {
                let args = Args::of(vec![index.clone()]);
                let part = value.with(|data| data.alts.clear());
                exits.extend(self.call_method(carry.clone(), &part, method, args, span));
            } else {
                result = result.join(&self.index_of_unknown(value, index, at));
                may_raise = true;
            }
        }
        if may_raise && !has_missing {
            let kinds: Vec<Kind> = value
                .objects()
                .filter_map(|id| self.object(&carry.heap, id))
                .map(|object| object.kind.clone())
                .collect();
            let class = match kinds.as_slice() {
                [Kind::Dict, ..] if !value.unknown && kinds.iter().all(|kind| *kind == Kind::Dict) => {
                    "builtins.KeyError"
                }
                [Kind::List | Kind::Tuple] if !value.unknown => "builtins.IndexError",
                _ => "builtins.LookupError",
            };
            exits.push(Exit::raises(self.exception(class), carry.clone()));
        }
        if !result.is_nothing() {
            exits.push(Exit::returns(result, carry));
        }
        exits
    }

    fn index_of_unknown(&mut self, value: &Value, index: &Value, at: Location) -> Value {
        let key = index.single_text();
        if let Some(declared) = self.declared_element(value, key, at) {
            return declared;
        }
        let element = Value::unknown().tainted(&self.part_taints(value, key, at));
        if let Some(kept) = key.and_then(|key| self.kept_on(value, key)) {
            return kept.join(&element);
        }
        let element = match value.ty.as_ref().and_then(|ty| ty.args.last()) {
            Some(ty) if element.ty.is_none() => {
                let ty = ty.clone();
                element.with(|data| data.ty = Some(ty))
            }
            _ => element,
        };
        match key {
            Some(key) => self.named(element, key, at),
            None => element,
        }
    }

    /// The element under a key, and whether it may be missing.
    pub(crate) fn lookup(&mut self, object: &Object, index: &Value, at: Location) -> (Value, bool) {
        let constants = constants_of(index);
        let sequence = matches!(object.kind, Kind::List | Kind::Tuple | Kind::Set);
        // A registry that clients' keys go into does not hold other keys because of that.
        let by_clients = object.rest_keys.as_ref().is_some_and(|keys| !keys.taints.is_empty())
            && object.rest.as_ref().is_some_and(|rest| rest.metrics().next().is_some());
        if constants.is_empty() || index.unknown || constants.len() < index.alts.len() {
            let chosen = by_clients && index.is_open() && !index.taints.is_empty();
            let element = if chosen { object.rest.clone().unwrap_or_else(Value::unknown) } else { object.element() };
            // What is empty as far as the program tells is a store that somebody else fills.
            let element = if element_is_empty(object) { Value::unknown() } else { element };
            return (element, object.kind == Kind::Dict || element_is_empty(object));
        }
        let mut found = Value::nothing();
        let mut missing = false;
        for key in constants {
            let key = match key {
                Const::Int(position) if sequence && position < 0 => Const::Int(position + object.entries.len() as i64),
                other => other,
            };
            let held = if by_clients { object.entries.get(&key).cloned() } else { object.get(key) };
            match held {
                Some(value) => {
                    missing |= !object.entries.contains_key(&key);
                    let value = match key {
                        Const::Str(key) => self.named(value, key, at),
                        _ => value,
                    };
                    found = found.join(&value);
                }
                None => missing = true,
            }
        }
        (found, missing)
    }

    pub(crate) fn slice(&mut self, state: &mut State, object: crate::program::Reg, span: Span) -> Value {
        let value = state.get(object);
        let at = self.at(span);
        if self.is_container(&state.carry.heap, &value) {
            let element = self.element_of(&state.carry.heap.clone(), &value, at);
            let mut list = Object::new(Kind::List);
            list.set_any(&Value::count(), &element);
            let id = self.make(&mut state.carry.heap, (span, 0), list);
            return Value::object(id);
        }
        if value.is_constant() { Value::few() } else { value.carried() }
    }
}

fn element_is_empty(object: &Object) -> bool {
    object.entries.is_empty() && object.rest.is_none()
}
