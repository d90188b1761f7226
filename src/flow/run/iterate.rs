//! What does iterating over a value give, element by element?

use crate::program::{Const, FunctionKind, Reg, name};
use crate::source::Span;

use super::exec::Invocation;
use super::machine::{Import, Machine};
use crate::flow::values::heap::{Deferral, Kind, ObjId, Object};
use crate::flow::values::state::{Args, Carry, Exit, State};
use crate::flow::values::value::{Alt, Value};

/// Loops over known sequences up to this length run element by element.
const MAX_UNROLLED: usize = 16;
/// Places of the pairs that comprehensions yield, beside those of other objects made at the same place.
const FIRST_PAIR: u32 = 1_000;

/// The next element of an iterator, and the iterator behind it.
pub(crate) struct Next {
    pub(crate) value: Value,
    pub(crate) iterator: Value,
}

/// Iterators that give iterators are followed so deep.
const MAX_ITERATORS: u8 = 4;

impl Machine<'_> {
    /// An iterator over a value.
    pub(crate) fn iterate(&mut self, state: &mut State, value: &Value, span: Span) -> Value {
        let value = self.elements_ready(&mut state.carry, value, span);
        let value = self.by_pairs(&mut state.carry, &value, span);
        if let [Alt::Object(id)] = value.alts.as_slice()
            && !value.unknown
            && let Some(object) = self.object(&state.carry.heap, *id)
            && object.kind != Kind::Instance
            && !self.filled_elsewhere(*id, &object)
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

    /// A container of a module that is empty when the imports are done: somebody fills it, in a way that was not seen.
    pub(crate) fn filled_elsewhere(&self, id: ObjId, object: &Object) -> bool {
        let importing = self.modules.contains(&Import::Running);
        matches!(object.kind, Kind::Dict | Kind::List | Kind::Set)
            && object.entries.is_empty()
            && object.rest.is_none()
            && !importing
            && self.base.contains(id)
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
    pub(crate) fn advance(&mut self, state: &mut State, iter: Reg) -> (Option<Next>, bool) {
        let value = state.get(iter);
        let [Alt::Iter(id, at)] = value.alts.as_slice() else {
            let here = self.at(self.function().name_span);
            let element = self.element_of(&state.carry.heap.clone(), &value, here);
            return (Some(Next { value: element, iterator: value }), true);
        };
        let Some(object) = self.object(&state.carry.heap, *id) else { return (None, true) };
        let exact = object.exact && object.rest.is_none() && !object.many;
        if exact && object.entries.is_empty() && self.base.contains(*id) {
            // A store of the module that somebody else fills.
            let next = Next { value: Value::unknown(), iterator: value.clone() };
            return (Some(next), true);
        }
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
    pub(crate) fn elements_ready(&mut self, carry: &mut Carry, value: &Value, span: Span) -> Value {
        self.elements_within(carry, value, span, MAX_ITERATORS)
    }

    /// The same, where what `__iter__` gives is asked for its own `__iter__` so many times.
    fn elements_within(&mut self, carry: &mut Carry, value: &Value, span: Span, depth: u8) -> Value {
        let Some(depth) = depth.checked_sub(1) else { return value.clone() };
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
                    let ready = self.elements_within(carry, &exit.value, span, depth);
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

    /// What a comprehension yields: the pair of each turn is kept apart from those of other turns.
    pub(crate) fn yielded(&mut self, state: &mut State, value: Value, span: Span) -> Value {
        let turn = self.frame().yields.len() as u32;
        let [Alt::Object(id)] = value.alts.as_slice() else { return value };
        let pair = self.object(&state.carry.heap, *id).filter(|object| object.kind == Kind::Tuple);
        match pair {
            Some(pair) if self.function().kind == FunctionKind::Comprehension && turn < MAX_UNROLLED as u32 => {
                let kept = self.make(&mut state.carry.heap, (span, FIRST_PAIR + turn), (*pair).clone());
                // The next turn makes its pair anew.
                state.carry.heap.set(*id, std::rc::Rc::new(Object::new(Kind::Opaque)));
                Value::object(kept).tainted(&value.taints)
            }
            _ => value,
        }
    }

    fn run_generator(&mut self, carry: &mut Carry, object: &Object, span: Span) -> Vec<Value> {
        let Some(call) = self.generator_call(carry, object, span) else { return Vec::new() };
        let (yields, exits) = self.run_collecting(call, carry.clone());
        if let Some(exit) = exits.into_iter().find(|exit| !exit.raised) {
            *carry = exit.carry;
        }
        yields
    }

    /// The ways out of a generator.
    pub(crate) fn generator_exits(&mut self, carry: Carry, object: &Object, span: Span) -> Vec<Exit> {
        match self.generator_call(&carry, object, span) {
            Some(call) => self.run_collecting(call, carry).1,
            None => Vec::new(),
        }
    }

    fn generator_call(&mut self, carry: &Carry, object: &Object, span: Span) -> Option<Invocation> {
        let (function, outer) = object.get(Const::Int(0)).and_then(|value| {
            value.alts.iter().find_map(|alt| match alt {
                Alt::Function(function, outer) => Some((*function, *outer)),
                _ => None,
            })
        })?;
        let (args, receiver) = self.deferred_arguments(carry, object);
        Some(Invocation { function, outer, receiver, args, site: Some(span) })
    }
}
