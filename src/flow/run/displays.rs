//! What does a list, tuple, set or dict display make?

use crate::program::{CollectionKind, Const, Item};
use crate::source::{Location, Span};

use super::arithmetic::constants_of;
use super::machine::Machine;
use crate::flow::values::heap::{Kind, Object};
use crate::flow::values::state::State;
use crate::flow::values::value::Value;

impl Machine<'_> {
    /// A list, tuple, set or dict display.
    pub(crate) fn collection(&mut self, state: &mut State, kind: CollectionKind, items: &[Item], span: Span) -> Value {
        let mut object = Object::new(match kind {
            CollectionKind::List => Kind::List,
            CollectionKind::Tuple => Kind::Tuple,
            CollectionKind::Set => Kind::Set,
            CollectionKind::Dict => Kind::Dict,
        });
        let at = self.at(span);
        let mut taints: Vec<crate::flow::values::value::Taint> = Vec::new();
        for item in items {
            match *item {
                Item::Value(value) => {
                    let value = state.get(value);
                    object.push(stored(value));
                }
                Item::Entry(key, value) => {
                    let (key, value) = (state.get(key), stored(state.get(value)));
                    self.put(&mut object, &key, value, at);
                }
                Item::Spread(value) => {
                    let value = state.get(value);
                    if value.unknown {
                        taints.extend(value.taints.iter().cloned());
                    }
                    self.pour(&state.carry.heap, &mut object, &value, at);
                }
                Item::Repeat(value) => {
                    let value = state.get(value);
                    object.set_any(&Value::count(), &value);
                }
            }
        }
        let id = self.make(&mut state.carry.heap, (span, 0), object);
        Value::object(id).tainted(&taints)
    }

    /// Puts an entry into a dict that is being made.
    pub(crate) fn put(&mut self, object: &mut Object, key: &Value, value: Value, at: Location) {
        let constants: Vec<Const> = constants_of(key);
        if constants.is_empty() || key.unknown {
            object.set_any(key, &value);
            return;
        }
        for constant in constants {
            if let Const::Str(text) = constant {
                self.keep(&value, text);
            }
            let value = match constant {
                Const::Str(text) => self.named(value.clone(), text, at),
                _ => value.clone(),
            };
            object.set(constant, value);
        }
    }
}

/// A value that goes into an object: it no longer counts as the parameter that it came through.
pub(crate) fn stored(value: Value) -> Value {
    if value.via == 0 { value } else { value.with(|data| data.via = 0) }
}
