//! What does a container hold, and what does it hold once another is poured into it?

use crate::program::Const;
use crate::source::{Location, Span};

use super::heap::{Kind, Object};
use super::state::State;
use super::store::Heap;
use super::value::{Alt, Value};
use crate::flow::run::displays::stored;
use crate::flow::run::machine::Machine;

impl Machine<'_> {
    /// What one element of a value may be.
    pub(crate) fn element_of(&mut self, heap: &Heap, value: &Value, at: Location) -> Value {
        let mut result = Value::nothing();
        for alt in &value.alts {
            match alt {
                Alt::Object(id) | Alt::Iter(id, _) => {
                    let Some(object) = self.object(heap, *id) else { continue };
                    let element = match object.kind {
                        Kind::Dict => object.keys(),
                        Kind::List | Kind::Tuple | Kind::Set => object.element(),
                        Kind::Variant(_) => object.element(),
                        _ => Value::unknown(),
                    };
                    result = result.join(&element);
                }
                Alt::Class(class) if self.is_enumeration(*class) => result = result.join(&Value::few()),
                Alt::Const(Const::Str(_) | Const::Bytes(_)) => result = result.join(&Value::few()),
                Alt::Const(_) => {}
                _ => result = result.join(&Value::unknown()),
            }
        }
        if value.unknown {
            let mut element = Value::unknown().tainted(&self.part_taints(value, None, at));
            if value.few {
                element = Value::few();
            }
            let ty = value.ty.as_ref().and_then(|ty| ty.args.first().cloned());
            if let Some(ty) = ty {
                let taints = element.taints.clone();
                element = self.of_type(&ty, at).tainted(&taints);
            }
            result = result.join(&element);
        } else {
            result = result.tainted(&value.taints);
        }
        stored(result)
    }

    /// Whether it is, as far as known, a container.
    pub(crate) fn is_container(&self, heap: &Heap, value: &Value) -> bool {
        value.objects().any(|id| {
            self.object(heap, id)
                .is_some_and(|object| matches!(object.kind, Kind::List | Kind::Tuple | Kind::Set | Kind::Dict))
        })
    }

    /// Adds the elements of one value to a container.
    pub(crate) fn pour(&mut self, heap: &Heap, into: &mut Object, value: &Value, at: Location) {
        let single = !value.unknown && value.alts.len() == 1;
        for alt in &value.alts {
            let (Alt::Object(id) | Alt::Iter(id, _)) = alt else { continue };
            let Some(object) = self.object(heap, *id) else { continue };
            if into.kind == Kind::Dict {
                self.pour_entries(heap, into, &object, at);
            } else if single && object.exact && object.kind != Kind::Dict {
                object.entries.values().for_each(|element| into.push(element.clone()));
            } else if single && object.kind == Kind::Dict && object.exact {
                object.entries.keys().for_each(|key| into.push(Value::constant(*key)));
            } else {
                let element = if object.kind == Kind::Dict { object.keys() } else { object.element() };
                if !element.is_nothing() {
                    into.set_any(&Value::count(), &element);
                }
            }
        }
        if value.unknown {
            let element = self.element_of(heap, value, at);
            into.set_any(&Value::unknown(), &element);
        }
    }

    fn pour_entries(&mut self, heap: &Heap, into: &mut Object, from: &Object, at: Location) {
        if from.kind == Kind::Dict || from.kind == Kind::Instance || from.kind == Kind::Names {
            for (key, value) in &from.entries {
                into.set(*key, value.clone());
            }
            if let Some(rest) = &from.rest {
                let keys = from.rest_keys.clone().unwrap_or_else(Value::unknown);
                into.set_any(&keys, rest);
            }
            return;
        }
        // Pairs.
        for pair in from.entries.values().chain(from.rest.iter()) {
            let mut known = false;
            for id in pair.objects() {
                let Some(pair) = self.object(heap, id) else { continue };
                if let (Some(key), Some(value)) = (pair.get(Const::Int(0)), pair.get(Const::Int(1))) {
                    known = true;
                    self.put(into, &key, value, at);
                }
            }
            if !known {
                into.set_any(&Value::unknown(), &pair.carried());
            }
        }
    }

    /// `a + b`, `a | b` of containers; `a += b` changes `a`.
    pub(crate) fn merged(&mut self, state: &mut State, pair: (&Value, &Value), augmented: bool, span: Span) -> Value {
        let at = self.at(span);
        let (left, right) = pair;
        let heap = state.carry.heap.clone();
        if augmented && let [Alt::Object(id)] = left.alts.as_slice() {
            let mut object =
                self.object(&heap, *id).map_or_else(|| Object::new(Kind::List), |object| (*object).clone());
            self.pour(&heap, &mut object, right, at);
            state.carry.heap.set(*id, std::rc::Rc::new(object));
            return left.clone();
        }
        let kind =
            left.objects().find_map(|id| self.object(&heap, id)).map_or(Kind::List, |object| object.kind.clone());
        let mut object = Object::new(kind);
        self.pour(&heap, &mut object, left, at);
        self.pour(&heap, &mut object, right, at);
        let id = self.make(&mut state.carry.heap, (span, 0), object);
        Value::object(id)
    }
}
