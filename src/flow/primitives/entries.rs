//! Entries of maps that are taken first and filled later (`map.entry(key).or_insert(value)`).

use crate::program::{Const, name};
use crate::source::Span;

use crate::flow::run::displays::stored;
use crate::flow::run::machine::Machine;
use crate::flow::values::state::{Carry, Exit};
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// Marks what stands behind a counted reference.
    pub(crate) fn share(&self, carry: &mut Carry, value: &Value) {
        for id in value.objects().collect::<Vec<_>>() {
            if self.object(&carry.heap, id).is_some_and(|object| !object.shared) {
                self.change(&mut carry.heap, id, |object| object.shared = true);
            }
        }
    }

    /// Whether all that a value may be stands behind counted references.
    pub(crate) fn is_shared(&self, carry: &Carry, value: &Value) -> bool {
        let shared = |alt: &Alt| match alt {
            Alt::Object(id) => self.object(&carry.heap, *id).is_some_and(|object| object.shared),
            _ => false,
        };
        !value.alts.is_empty() && value.alts.iter().all(shared)
    }

    /// The map and key of what `entry` gave.
    pub(crate) fn map_entry(&self, carry: &Carry, value: &Value) -> Option<(Value, Value)> {
        let object = value.objects().find_map(|id| self.object(&carry.heap, id))?;
        (object.ty? == name(MAP_ENTRY)).then_some(())?;
        Some((object.get(Const::Int(0))?, object.get(Const::Int(1))?))
    }

    pub(crate) fn entry(
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
}

/// The type of what `entry` gives.
pub(crate) const MAP_ENTRY: &str = "<map entry>";
