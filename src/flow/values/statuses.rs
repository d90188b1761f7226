//! Which HTTP status a value is, or holds.

use crate::program::{Const, name};

use super::heap::Kind;
use super::state::Carry;
use super::value::{Alt, Data, Value};
use crate::flow::run::exec::Invocation;
use crate::flow::run::machine::Machine;

/// Entry of a response with its status.
pub(crate) const STATUS: &str = "status";

/// Entry of a response with its body.
pub(crate) const BODY: &str = "body";

impl Machine<'_> {
    /// The statuses that a call is given: among the arguments, and in the fields of the receiver.
    pub(crate) fn given(&self, carry: &Carry, call: &Invocation) -> Vec<u16> {
        let receiver = call.receiver.iter().chain(call.args.positional.first());
        let objects = receiver.flat_map(|value| value.objects()).filter_map(|id| self.object(&carry.heap, id));
        let mut found: Vec<u16> = call.args.all().flat_map(|value| &value.alts).filter_map(number).collect();
        for object in objects.filter(|object| object.class.is_some()) {
            found.extend(object.entries.values().flat_map(|value| &value.alts).filter_map(|alt| match alt {
                Alt::Status(status) => Some(*status),
                _ => None,
            }));
        }
        found
    }
    /// Whether an answer has its status from an argument of the function that it leaves: the caller gave it.
    pub(crate) fn is_given(&self, heap: &super::store::Heap, id: crate::flow::values::heap::ObjId) -> bool {
        let given = &self.frame().given;
        if given.is_empty() || self.frame().call.is_none() {
            return false;
        }
        let Some(status) = self.inner_status(heap, &Value::object(id), 4) else { return false };
        let status = self.as_status(&status);
        !status.alts.is_empty()
            && status.alts.iter().all(|alt| matches!(alt, Alt::Status(status) if given.contains(status)))
    }

    /// The status that a value holds: a status itself, that of a response, of a part of a tuple, of a payload.
    pub(crate) fn inner_status(&self, heap: &super::store::Heap, value: &Value, depth: u8) -> Option<Value> {
        let mut found: Option<Value> = None;
        let mut add =
            |status: Value| found = Some(found.take().map_or_else(|| status.clone(), |known| known.join(&status)));
        for alt in value.alts.iter().take(crate::flow::answers::stamps::MAX_INSIDE * 2) {
            match alt {
                Alt::Status(_) => add(Value::one(alt.clone()).with(|data| data.born.clone_from(&value.born))),
                Alt::Object(id) if depth > 0 => {
                    let Some(object) = self.object(heap, *id) else { continue };
                    if let Some(status) = object.field(name(STATUS)) {
                        add(status.clone());
                        continue;
                    }
                    if !matches!(object.kind, Kind::Tuple | Kind::Variant(_)) {
                        continue;
                    }
                    let inner = object.entries.values().find_map(|element| self.inner_status(heap, element, depth - 1));
                    if let Some(inner) = inner {
                        add(inner);
                    }
                }
                _ => {}
            }
        }
        let is_answer = value.unknown
            && value
                .ty
                .as_ref()
                .is_some_and(|ty| self.tables().type_entry(ty.path).is_some_and(|entry| entry.response));
        if is_answer {
            add(Value::unknown());
        }
        found
    }

    /// A status given as a number, a text that starts with one, or a status object.
    pub(crate) fn as_status(&self, value: &Value) -> Value {
        let mut data = Data { unknown: value.unknown, born: value.born.clone(), ..Data::default() };
        for alt in &value.alts {
            let status = match alt {
                Alt::Status(status) => Some(*status),
                Alt::Const(Const::Int(number)) => u16::try_from(*number).ok(),
                Alt::Const(Const::Str(text)) => {
                    text.as_str().split_whitespace().next().and_then(|word| word.parse().ok())
                }
                Alt::Const(Const::None) => None,
                _ => None,
            };
            match status {
                Some(status) => data.add(Alt::Status(status)),
                None if matches!(alt, Alt::Const(Const::None)) => data.add(alt.clone()),
                None => data.unknown = true,
            }
        }
        data.into()
    }
}

/// The status that an argument may be.
fn number(alt: &Alt) -> Option<u16> {
    match alt {
        Alt::Status(status) => Some(*status),
        Alt::Const(Const::Int(number)) => u16::try_from(*number).ok().filter(|status| (100..600).contains(status)),
        _ => None,
    }
}
