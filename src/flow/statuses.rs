//! Which HTTP status a value is, or holds.

use crate::program::Const;

use super::access::STATUS;
use super::heap::Kind;
use super::machine::Machine;
use super::value::{Alt, Data, Value};
use crate::program::name;

impl Machine<'_> {
    /// The status that a value holds: a status itself, that of a response, of a part of a tuple, of a payload.
    pub(super) fn inner_status(&self, heap: &super::store::Heap, value: &Value, depth: u8) -> Option<Value> {
        let mut found: Option<Value> = None;
        let mut add =
            |status: Value| found = Some(found.take().map_or_else(|| status.clone(), |known| known.join(&status)));
        for alt in value.alts.iter().take(super::answers::MAX_INSIDE * 2) {
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
    pub(super) fn as_status(&self, value: &Value) -> Value {
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
