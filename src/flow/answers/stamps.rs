//! At which place does a response or exception leave a function, and which of them lead to different answers?

use crate::program::{Const, name};
use crate::source::Span;

use super::conversions::{given_at, is_status};
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, Object, stable_hash};
use crate::flow::values::state::Carry;
use crate::flow::values::statuses::{BODY, STATUS};
use crate::flow::values::store::Heap;
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// Marks responses and exceptions with the place where they leave the function.
    pub(crate) fn stamp(&mut self, raised: bool, value: Value, carry: &mut Carry, span: Span) -> Value {
        let at = self.at(span);
        let is_root = self.frame().call.is_none();
        let mut value = value;
        let own = self.is_rust() && !is_root && value.via == 0;
        if !raised && value.alts.iter().any(is_status) && (own || self.is_conversion(self.frame().function)) {
            value = given_at(&value, at, is_status);
        }
        if !raised {
            let declared = is_root && self.declared_status().is_some();
            value = given_at(&value, at, |alt| match alt {
                Alt::Const(Const::Str(text)) => is_root || self.says_so(text.as_str()),
                Alt::Path(_) => is_root,
                _ => is_root && declared,
            });
            if is_root && declared && value.unknown {
                value = value.with(|data| data.bear((0, at)));
            }
        }
        if is_root && !raised {
            self.stamp_ambient(carry, &value, at);
        }
        for alt in value.alts.clone() {
            match &alt {
                Alt::Object(id) => {
                    let Some(object) = self.object(&carry.heap, *id) else { continue };
                    let says_so = is_root && object.kind == Kind::Dict && self.body_says_so(&carry.heap, &value);
                    if !says_so && !self.carries_status(&carry.heap, &object, 3) && !raised
                        || self.is_given(&carry.heap, *id)
                    {
                        continue;
                    }
                    if object.left.last() != Some(&at) && object.left.len() < 6 {
                        self.change(&mut carry.heap, *id, |object| object.left.push(at));
                    }
                }
                Alt::Status(_) if is_root => {
                    let mut object = Object::new(Kind::Response);
                    object.set_field(name(STATUS), Value::one(alt.clone()));
                    object.left.push(at);
                    let place = stable_hash(&alt) as u32;
                    let id = self.make(&mut carry.heap, (span, place), object);
                    value = value.with(|data| {
                        data.alts.retain(|known| *known != alt);
                        data.add(Alt::Object(id));
                    });
                }
                _ => {}
            }
        }
        value
    }

    fn carries_status(&self, heap: &Heap, object: &Object, depth: u8) -> bool {
        match object.kind {
            Kind::Response => true,
            Kind::Instance => object.field(name(STATUS)).is_some() || object.class.is_some(),
            Kind::Tuple | Kind::Variant(_) if depth > 0 => {
                object.class.is_some()
                    || object.entries.values().any(|value| {
                        self.implies(value)
                            || value.alts.iter().take(MAX_INSIDE).any(|alt| match alt {
                                Alt::Status(_) => true,
                                Alt::Const(Const::Str(text)) => text
                                    .as_str()
                                    .split(' ')
                                    .next()
                                    .is_some_and(|word| word.len() == 3 && word.parse::<u16>().is_ok()),
                                Alt::Const(Const::Int(number)) => (100..600).contains(number),
                                Alt::Path(path) => path.as_str().contains('.'),
                                Alt::Object(id) => self
                                    .object(heap, *id)
                                    .is_some_and(|inner| self.carries_status(heap, &inner, depth - 1)),
                                _ => false,
                            })
                    })
            }
            _ => false,
        }
    }

    /// Whether a value is an error to which a framework gives a status.
    fn implies(&self, value: &Value) -> bool {
        let ty = value.ty.as_ref().filter(|_| value.unknown && value.alts.is_empty() && self.is_rust());
        ty.is_some_and(|ty| self.implied_status(ty.path).is_some())
    }

    /// Tells objects apart that lead to different answers; 0 for those that do not.
    pub(crate) fn shape(&self, heap: &Heap, object: &Object, depth: u8) -> u64 {
        let inner = |value: &Value| -> u64 {
            if depth == 0 || value.unknown || value.alts.len() > 2 {
                return 0;
            }
            stable_hash(
                value
                    .alts
                    .iter()
                    .map(|alt| match alt {
                        Alt::Object(id) => {
                            self.object(heap, *id).map_or(0, |object| self.shape(heap, &object, depth - 1))
                        }
                        Alt::Status(_) | Alt::Path(_) => stable_hash(alt),
                        _ => 0,
                    })
                    .collect::<Vec<_>>(),
            )
        };
        let status = object.field(name(STATUS)).map_or(0, inner);
        match &object.kind {
            Kind::Response => {
                let says_so = object.field(name(BODY)).is_some_and(|body| self.body_says_so(heap, body));
                stable_hash(("response", status, says_so, object.left.first()))
            }
            Kind::Variant(path) => {
                let payload: Vec<u64> = object.entries.values().map(inner).collect();
                stable_hash(("variant", path, payload))
            }
            Kind::Tuple => stable_hash(("tuple", object.entries.values().map(inner).collect::<Vec<_>>())),
            Kind::Instance if object.class.is_some() || object.ty.is_some() => {
                stable_hash(("instance", object.class, object.ty, status))
            }
            _ => 0,
        }
    }
}

/// Alternatives inside of containers that are looked at for a status: enough for answers, few enough for graphs of
/// objects that refer to one another.
pub(crate) const MAX_INSIDE: usize = 4;
