//! Iteration, and the contents of containers.

use crate::program::{Const, Part, Reg, name};
use crate::source::{Location, Span};

use super::exec::Invocation;
use super::heap::{Deferral, Kind, ObjId, Object};
use super::machine::Machine;
use super::ops::stored;
use super::state::{Args, Carry, State};
use super::store::Heap;
use super::value::{Alt, Value};

/// Loops over known sequences up to this length run element by element.
const MAX_UNROLLED: usize = 16;

/// The next element of an iterator, and the iterator behind it.
pub(super) struct Next {
    pub(super) value: Value,
    pub(super) iterator: Value,
}

impl Machine<'_> {
    /// An iterator over a value.
    pub(super) fn iterate(&mut self, state: &mut State, value: &Value, span: Span) -> Value {
        let value = self.elements_ready(&mut state.carry, value, span);
        if let [Alt::Object(id)] = value.alts.as_slice()
            && !value.unknown
            && let Some(object) = self.object(&state.carry.heap, *id)
            && object.kind != Kind::Instance
        {
            let taints = value.taints.clone();
            if object.kind == Kind::Dict {
                let keys = self.keys_as_list(&object);
                let list = self.make(&mut state.carry.heap, (span, 9), keys);
                return Value::one(Alt::Iter(list, 0)).tainted(&taints);
            }
            return Value::one(Alt::Iter(*id, 0)).tainted(&taints);
        }
        if value.alts.iter().any(|alt| matches!(alt, Alt::Iter(..))) && !value.unknown {
            return value;
        }
        // An iterator over anything: its elements are what the value's elements may be.
        let at = self.at(span);
        let element = self.element_of(&state.carry.heap.clone(), &value, at);
        let mut list = Object::new(Kind::List);
        list.set_any(&Value::count(), &element);
        let id = self.make(&mut state.carry.heap, (span, 9), list);
        Value::one(Alt::Iter(id, u32::MAX))
    }

    fn keys_as_list(&self, object: &Object) -> Object {
        let mut list = Object::new(Kind::List);
        for key in object.entries.keys() {
            list.push(Value::constant(*key));
        }
        if let Some(keys) = &object.rest_keys {
            list.set_any(&Value::count(), keys);
        }
        list
    }

    /// The next element, if there may be one, and whether the loop may be over.
    pub(super) fn advance(&mut self, state: &mut State, iter: Reg) -> (Option<Next>, bool) {
        let value = state.get(iter);
        let [Alt::Iter(id, at)] = value.alts.as_slice() else {
            let here = self.at(self.function().name_span);
            let element = self.element_of(&state.carry.heap.clone(), &value, here);
            return (Some(Next { value: element, iterator: value }), true);
        };
        let Some(object) = self.object(&state.carry.heap, *id) else { return (None, true) };
        let exact = object.exact && object.rest.is_none() && !object.many;
        if exact && object.entries.len() <= MAX_UNROLLED && *at != u32::MAX {
            let element = object.entries.values().nth(*at as usize).cloned();
            let done = element.is_none();
            let next = element.map(|element| Next {
                value: element.tainted(&value.taints),
                iterator: Value::one(Alt::Iter(*id, at + 1)).tainted(&value.taints),
            });
            return (next, done);
        }
        let element = object.element();
        if element.is_nothing() && exact {
            return (None, true);
        }
        let at_least_one = exact && !object.entries.is_empty() && *at == 0;
        let iterator = Value::one(Alt::Iter(*id, u32::MAX)).tainted(&value.taints);
        let next = Next { value: element.tainted(&value.taints), iterator };
        (Some(next), !at_least_one)
    }

    /// Runs generators and gives their elements as a list; other values stay.
    pub(super) fn elements_ready(&mut self, carry: &mut Carry, value: &Value, span: Span) -> Value {
        let mut result = value.clone();
        for id in value.objects().collect::<Vec<_>>() {
            let Some(object) = self.object(&carry.heap, id) else { continue };
            let yields = match object.kind {
                Kind::Deferred(Deferral::Generator) => self.run_generator(carry, &object, span),
                Kind::Instance
                    if object.class.is_some_and(|class| self.program.method(class, name("__iter__")).is_some()) =>
                {
                    let exits =
                        self.call_method(carry.clone(), &Value::object(id), name("__iter__"), Args::default(), span);
                    let Some(exit) = exits.into_iter().find(|exit| !exit.raised) else { continue };
                    carry.heap = exit.carry.heap;
                    let ready = self.elements_ready(carry, &exit.value, span);
                    if ready == exit.value && exit.value.objects().any(|inner| inner == id) {
                        continue;
                    }
                    result = result.with(|data| data.alts.retain(|alt| *alt != Alt::Object(id))).join(&ready);
                    continue;
                }
                _ => continue,
            };
            let mut list = Object::new(Kind::List);
            for element in yields {
                list.set_any(&Value::count(), &element);
            }
            let made = self.make(&mut carry.heap, (span, 10), list);
            result = result.with(|data| {
                data.alts.retain(|alt| *alt != Alt::Object(id));
                data.add(Alt::Object(made));
            });
        }
        result
    }

    fn run_generator(&mut self, carry: &mut Carry, object: &Object, span: Span) -> Vec<Value> {
        let Some((function, outer)) = object.get(Const::Int(0)).and_then(|value| {
            value.alts.iter().find_map(|alt| match alt {
                Alt::Function(function, outer) => Some((*function, *outer)),
                _ => None,
            })
        }) else {
            return Vec::new();
        };
        let (args, receiver) = self.deferred_arguments(carry, object);
        let call = Invocation { function, outer, receiver, args, site: Some(span) };
        let (yields, exits) = self.run_collecting(call, carry.clone());
        if let Some(exit) = exits.into_iter().find(|exit| !exit.raised) {
            *carry = exit.carry;
        }
        yields
    }

    /// What one element of a value may be.
    pub(super) fn element_of(&mut self, heap: &Heap, value: &Value, at: Location) -> Value {
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
    pub(super) fn is_container(&self, heap: &Heap, value: &Value) -> bool {
        value.objects().any(|id| {
            self.object(heap, id)
                .is_some_and(|object| matches!(object.kind, Kind::List | Kind::Tuple | Kind::Set | Kind::Dict))
        })
    }

    /// Adds the elements of one value to a container.
    pub(super) fn pour(&mut self, heap: &Heap, into: &mut Object, value: &Value, at: Location) {
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
    pub(super) fn merged(&mut self, state: &mut State, pair: (&Value, &Value), augmented: bool, span: Span) -> Value {
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

    /// A part that a pattern takes out of a value.
    pub(super) fn extract(&mut self, state: &mut State, from: Reg, part: &Part, at: Location) -> Value {
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
        let summary = self.base.get(&ObjId::summary(class)).and_then(|object| object.field(field)).cloned();
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
        let wrapper = path.as_str().rsplit('.').next().unwrap_or_default();
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
