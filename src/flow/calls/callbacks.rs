//! Functions handed to a metric: what they give when the page is read or when a request ends.

use std::rc::Rc;

use crate::finding::Channel;
use crate::knowledge::effect::Records;
use crate::program::TypeRef;
use crate::source::Span;

use super::bound::Bound;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Deferral, Kind};
use crate::flow::values::state::{Args, Carry};
use crate::flow::values::value::{Alt, MetricRef, Value};

/// Lists of functions inside of lists of functions are looked at so deep.
const MAX_NESTED: u8 = 3;

impl Machine<'_> {
    /// What a callback returns is the number that the page shows.
    pub(crate) fn record_callback(
        &mut self,
        carry: &Carry,
        records: &Records,
        bound: &Bound<'_>,
        metric: Option<MetricRef>,
        place: (u8, Span),
    ) {
        let Some(callback) = bound.of(records.callback.as_ref()) else { return };
        let number = self.called_back(carry, &callback, records, place.1, MAX_NESTED);
        self.current_heap = carry.heap.clone();
        self.leak_value(&number, (Channel::Value, None), metric, place);
    }

    /// A map of labels in which functions stand for what they return; a function that makes the whole map, too.
    pub(crate) fn settled_map(&mut self, carry: &mut Carry, records: &Records, map: &Value, span: Span) -> Value {
        let mut settled = map.clone();
        if self.is_function(carry, map) {
            settled = self.called_back(carry, map, records, span, 1);
        }
        for id in settled.objects().collect::<Vec<_>>() {
            let Some(object) = self.object(&carry.heap, id).filter(|object| object.kind == Kind::Dict) else {
                continue;
            };
            let mut next = (*object).clone();
            for value in next.entries.values_mut().chain(next.rest.iter_mut()) {
                if self.is_function(carry, value) {
                    *value = self.called_back(carry, value, records, span, 1);
                }
            }
            if next != *object {
                carry.heap.set(id, Rc::new(next));
            }
        }
        self.current_heap = carry.heap.clone();
        settled
    }

    fn is_function(&self, carry: &Carry, value: &Value) -> bool {
        value.alts.iter().any(|alt| match alt {
            Alt::Function(..) => true,
            Alt::Object(id) => self.object(&carry.heap, *id).is_some_and(|object| {
                matches!(
                    object.kind,
                    Kind::Bound(_) | Kind::Deferred(Deferral::Partial | Deferral::Attributes | Deferral::Items)
                )
            }),
            _ => false,
        })
    }

    /// Calls the functions in a value, and in a list of them, as a library does; gives all that they return.
    fn called_back(&mut self, carry: &Carry, value: &Value, records: &Records, span: Span, nested: u8) -> Value {
        let mut given = Value::nothing();
        for alt in &value.alts {
            let one = Value::one(alt.clone());
            let list = match alt {
                Alt::Object(id) => self
                    .object(&carry.heap, *id)
                    .filter(|object| matches!(object.kind, Kind::List | Kind::Tuple | Kind::Set)),
                _ => None,
            };
            if let Some(list) = list {
                for element in list.entries.values().chain(list.rest.iter()).filter(|_| nested > 0) {
                    given = given.join(&self.called_back(carry, element, records, span, nested - 1));
                }
            } else if self.is_function(carry, &one) {
                given = given.join(&self.outcome_of(carry, &one, records, span));
            }
        }
        given
    }

    fn outcome_of(&mut self, carry: &Carry, callee: &Value, records: &Records, span: Span) -> Value {
        let argument = match &records.callback_argument {
            Some(ty) => Value::typed(TypeRef::parse(ty)),
            None => Value::unknown(),
        };
        let args = Args { more: Some(argument), ..Args::default() };
        self.call_again(carry, callee, &args, span);
        let mut given = Value::nothing();
        for exit in self.call_value(carry.clone(), callee, args, span).into_iter().filter(|exit| !exit.raised) {
            for mut exit in self.force(exit.carry.clone(), &exit.value, span).into_iter().filter(|exit| !exit.raised) {
                // Generators of observations run here; what is in them is recorded where they are made.
                let value = exit.value.clone();
                let ready = self.elements_ready(&mut exit.carry, &value, span);
                given = given.join(&ready);
            }
        }
        given.with(|data| data.via = 0)
    }
}
