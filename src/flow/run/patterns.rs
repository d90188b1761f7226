//! Does a value match a pattern, and which parts does the pattern take out of it?

use crate::program::{Const, Part, Reg, Test, name};
use crate::source::Location;

use super::arithmetic::constants_of;
use super::displays::stored;
use super::machine::Machine;
use crate::flow::values::heap::{Kind, ObjId, Object};
use crate::flow::values::state::State;
use crate::flow::values::store::Heap;
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// Whether a pattern's question is answered.
    pub(crate) fn test(&mut self, state: &State, value: Reg, test: &Test) -> Value {
        let value = state.get(value);
        let heap = &state.carry.heap;
        let verdict: Option<bool> = match test {
            Test::Variant(path) => {
                let all: Vec<Option<bool>> = value.alts.iter().map(|alt| self.is_variant(heap, alt, *path)).collect();
                let (yes, no) = (all.contains(&Some(true)), all.contains(&Some(false)));
                let open = value.unknown || all.contains(&None);
                match (yes, no, open) {
                    (true, false, false) => Some(true),
                    (false, true, false) => Some(false),
                    _ => None,
                }
            }
            Test::Equals(constant) => self.equal(&value, &state.get(*constant)),
            Test::Sequence { len, open } => {
                let lengths: Vec<usize> = value
                    .objects()
                    .filter_map(|id| self.object(heap, id))
                    .filter(|object| object.exact && matches!(object.kind, Kind::List | Kind::Tuple))
                    .map(|object| object.entries.len())
                    .collect();
                let fits = |length: usize| if *open { length >= *len as usize } else { length == *len as usize };
                match (value.unknown || lengths.len() < value.alts.len(), lengths.as_slice()) {
                    (false, [only]) => Some(fits(*only)),
                    _ => None,
                }
            }
            Test::HasKey(key) => self.contained(heap, &state.get(*key), &value),
            Test::Instance(class) => {
                let class = state.get(*class);
                match self.matches(heap, &value, &class) {
                    (true, false) => Some(true),
                    (false, true) => Some(false),
                    _ => None,
                }
            }
            Test::Mapping | Test::Range => None,
        };
        verdict.map_or_else(Value::boolean, |known| Value::constant(Const::Bool(known)))
    }

    /// Whether two values are equal, where that is certain.
    pub(crate) fn equal(&self, a: &Value, b: &Value) -> Option<bool> {
        if a.unknown || b.unknown || a.alts.is_empty() || b.alts.is_empty() {
            return None;
        }
        let mut verdict = None;
        for x in &a.alts {
            for y in &b.alts {
                let one = same(x, y)?;
                if verdict.is_some_and(|known| known != one) {
                    return None;
                }
                verdict = Some(one);
            }
        }
        verdict
    }
}

/// Whether two alternatives are the same, where that is certain.
pub(crate) fn same(a: &Alt, b: &Alt) -> Option<bool> {
    match (a, b) {
        (Alt::Const(_) | Alt::Status(_), Alt::Const(_) | Alt::Status(_)) => {
            let (x, y) = (constants_of(&Value::one(a.clone())), constants_of(&Value::one(b.clone())));
            Some(match (x.first(), y.first()) {
                (Some(Const::Bool(flag)), Some(Const::Int(number)))
                | (Some(Const::Int(number)), Some(Const::Bool(flag))) => i64::from(*flag) == *number,
                (x, y) => x == y,
            })
        }
        (Alt::Path(x), Alt::Path(y)) => (x == y).then_some(true),
        (Alt::Class(x), Alt::Class(y)) => Some(x == y),
        // Nothing else is `None`.
        (Alt::Const(Const::None), Alt::Template(_)) | (Alt::Template(_), Alt::Const(_)) => None,
        (Alt::Const(Const::None), _) | (_, Alt::Const(Const::None)) => Some(false),
        _ => None,
    }
}

impl Machine<'_> {
    /// A part that a pattern takes out of a value.
    pub(crate) fn extract(&mut self, state: &mut State, from: Reg, part: &Part, at: Location) -> Value {
        let value = state.get(from);
        let heap = state.carry.heap.clone();
        let mut result = Value::nothing();
        if let Part::Rest = part
            && !self.is_rust()
        {
            return self.rest_of_sequence(state, &value, at);
        }
        for alt in &value.alts {
            let (Alt::Object(id) | Alt::Iter(id, _)) = alt else {
                result = result.join(&self.part_of_plain(alt, part));
                continue;
            };
            let Some(object) = self.object(&heap, *id) else { continue };
            result = result.join(&self.part_of_object(&heap, &object, *id, part, (&*state, at)));
        }
        if value.unknown {
            result = result.join(&self.part_of_unknown(&value, part, state, at));
        } else if !value.taints.is_empty() {
            let key = match part {
                Part::Field(_, field) => Some(*field),
                Part::Key(key) => state.get(*key).single_text(),
                _ => None,
            };
            let taints = self.part_taints(&value, key, at);
            result = result.tainted(&taints);
        }
        match part {
            Part::Field(_, field) if field.as_str().parse::<u32>().is_err() => self.named(stored(result), *field, at),
            Part::Key(key) => match state.get(*key).single_text() {
                Some(key) => self.named(stored(result), key, at),
                None => stored(result),
            },
            _ => stored(result),
        }
    }

    /// `*rest`: some of the elements, in a list of their own.
    fn rest_of_sequence(&mut self, state: &mut State, value: &Value, at: Location) -> Value {
        let element = self.element_of(&state.carry.heap.clone(), value, at);
        let mut list = Object::new(Kind::List);
        list.set_any(&Value::count(), &element);
        let id = self.make(&mut state.carry.heap, (at.span, 8), list);
        Value::object(id)
    }

    fn part_of_plain(&self, alt: &Alt, part: &Part) -> Value {
        match (alt, part) {
            // Wrappers that knowledge sees through: `Json(body)` on what already is the body.
            (Alt::Metric(_) | Alt::Status(_) | Alt::Function(..), Part::Field(..)) => Value::one(alt.clone()),
            (Alt::Const(_), _) => Value::few(),
            _ => Value::unknown(),
        }
    }

    fn part_of_object(
        &mut self,
        heap: &Heap,
        object: &Object,
        id: ObjId,
        part: &Part,
        (state, at): (&State, Location),
    ) -> Value {
        match part {
            Part::Item(position) => {
                let length = object.entries.len() as i64;
                let key = if *position < 0 { length + i64::from(*position) } else { i64::from(*position) };
                object
                    .get(Const::Int(key))
                    .unwrap_or_else(|| if object.exact { Value::nothing() } else { object.element() })
            }
            Part::Rest => Value::object(id),
            Part::RestOfMapping => Value::object(id),
            Part::Key(key) => {
                let key = state.get(*key);
                self.lookup(object, &key, at).0
            }
            Part::Positional(position) => object.get(Const::Int(i64::from(*position))).unwrap_or_else(Value::unknown),
            Part::Field(_, field) => {
                if let Some(value) = object.field(*field) {
                    // The object that stands for all of a class: what some code put there, or what it was declared as.
                    return match object.class.filter(|_| object.many) {
                        Some(class) => self
                            .declared_field(class, *field, at)
                            .map_or_else(|| value.clone(), |known| value.join(&known)),
                        None => value.clone(),
                    };
                }
                if let Ok(position) = field.as_str().parse::<i64>()
                    && let Some(value) = object.get(Const::Int(position))
                {
                    return value;
                }
                let _ = heap;
                match object.class {
                    Some(class) => self.field_of_class(class, *field, at),
                    None => Value::object(id),
                }
            }
        }
    }

    fn field_of_class(&mut self, class: crate::program::ClassId, field: crate::program::Name, at: Location) -> Value {
        let summary = self.base.get(ObjId::summary(class)).and_then(|object| object.field(field)).cloned();
        summary.or_else(|| self.declared_field(class, field, at)).unwrap_or_else(Value::unknown)
    }

    fn part_of_unknown(&mut self, value: &Value, part: &Part, state: &State, at: Location) -> Value {
        match part {
            Part::Item(position) => {
                let ty = value.ty.as_ref().and_then(|ty| {
                    let at = usize::try_from(*position).unwrap_or_default();
                    if ty.path.as_str() == "tuple" { ty.args.get(at).cloned() } else { ty.args.first().cloned() }
                });
                let taints = self.part_taints(value, None, at);
                let value = ty.map_or_else(Value::unknown, |ty| self.of_type(&ty, at));
                value.tainted(&taints)
            }
            Part::Rest | Part::RestOfMapping => value.carried(),
            Part::Key(key) => {
                let key = state.get(*key).single_text();
                Value::unknown().tainted(&self.part_taints(value, key, at))
            }
            Part::Positional(_) => Value::unknown().tainted(&value.taints),
            Part::Field(path, field) => self.field_of_unknown(value, *path, *field, at),
        }
    }

    fn field_of_unknown(
        &mut self,
        value: &Value,
        path: crate::program::Name,
        field: crate::program::Name,
        at: Location,
    ) -> Value {
        let positional = field.as_str().parse::<usize>().ok();
        let wrapper = path.last_part();
        if matches!(wrapper, "Some" | "Ok" | "Err") && !path.as_str().contains('.') {
            let ty = value.ty.as_ref().and_then(|ty| ty.args.get(usize::from(wrapper == "Err")).cloned());
            let taints = value.taints.clone();
            let base =
                if value.few { Value::few() } else { ty.map_or_else(Value::unknown, |ty| self.of_type(&ty, at)) };
            return if wrapper == "Err" { base } else { base.tainted(&taints) };
        }
        if positional == Some(0)
            && let Some(ty) = &value.ty
            && self.tables().type_entry(ty.path).is_some_and(|entry| entry.holds_argument)
        {
            let held = ty.args.first().cloned();
            let taints = value.taints.clone();
            return held.map_or_else(Value::unknown, |ty| self.of_type(&ty, at)).tainted(&taints);
        }
        let class = self.program.class_at(path).or_else(|| {
            value.ty.as_ref().and_then(|ty| self.held_type(ty)).and_then(|ty| self.program.class_at(ty.path))
        });
        if let Some(class) = class {
            let declared = self.field_of_class(class, field, at);
            if self.is_bounded(&declared) {
                return declared;
            }
            let taints = self.part_taints(value, positional.is_none().then_some(field), at);
            return declared.tainted(&taints);
        }
        if let Some((owner, variant)) = path.as_str().rsplit_once('.')
            && let Some(class) = self.program.class_at(name(owner))
        {
            let declared = self
                .program
                .class(class)
                .variants
                .iter()
                .find(|known| known.name.as_str() == variant)
                .and_then(|known| known.fields.iter().find(|known| known.name == field))
                .and_then(|known| known.ty.clone());
            let taints = self.part_taints(value, positional.is_none().then_some(field), at);
            return declared.map_or_else(Value::unknown, |ty| self.of_type(&ty, at)).tainted(&taints);
        }
        let taints = if positional.is_some() { value.taints.clone() } else { self.part_taints(value, Some(field), at) };
        Value::unknown().tainted(&taints)
    }
}
