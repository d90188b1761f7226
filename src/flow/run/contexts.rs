//! What happens where a `with` statement is entered and left?

use crate::program::{Const, name};
use crate::source::Span;

use super::arithmetic::truth_value;
use super::machine::Machine;
use crate::flow::primitives::python::SUPPRESS;
use crate::flow::values::heap::{Kind, Object};
use crate::flow::values::state::{Args, Carry, Exit, State};
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// `with value`: what `__enter__` gives.
    pub(crate) fn enter_context(&mut self, carry: Carry, context: &Value, span: Span) -> Vec<Exit> {
        let mut exits = Vec::new();
        let mut plain = Value::nothing();
        for alt in &context.alts {
            let Alt::Object(id) = alt else {
                plain = plain.join(&Value::one(alt.clone()));
                continue;
            };
            let Some(object) = self.object(&carry.heap, *id) else { continue };
            match &object.kind {
                Kind::Deferred(crate::flow::values::heap::Deferral::Generator) => {
                    let mut carry = carry.clone();
                    let before = (carry.count, carry.increments.clone());
                    let ready = self.elements_ready(&mut carry, &Value::object(*id), span);
                    // What stands behind the `yield` counts when the block is left, see `leave_generator`.
                    (carry.count, carry.increments) = before;
                    let at = self.at(span);
                    let element = self.element_of(&carry.heap.clone(), &ready, at);
                    exits.push(Exit::returns(element, carry));
                }
                Kind::Instance if object.class.is_some() => {
                    let class = object.class;
                    let method = ["__enter__", "__aenter__"]
                        .into_iter()
                        .map(name)
                        .find(|method| class.is_some_and(|class| self.program.method(class, *method).is_some()));
                    match method {
                        Some(method) => {
                            let called =
                                self.call_method(carry.clone(), &Value::object(*id), method, Args::default(), span);
                            for exit in called {
                                if exit.raised {
                                    exits.push(exit);
                                } else {
                                    exits.extend(self.force(exit.carry.clone(), &exit.value, span));
                                }
                            }
                        }
                        None => plain = plain.join(&Value::object(*id)),
                    }
                }
                _ => plain = plain.join(&Value::object(*id)),
            }
        }
        if context.unknown {
            plain = plain.join(&context.with(|data| data.alts.clear()));
        }
        if !plain.is_nothing() || exits.is_empty() {
            exits.push(Exit::returns(plain.tainted(&context.taints), carry));
        }
        exits
    }

    /// The end of a block whose context is a generator: it goes on behind its `yield`, which raises what the block
    /// raised. All its increments count here, also those before the `yield`.
    fn leave_generator(&mut self, carry: Carry, object: &Object, caught: Option<Value>, span: Span) -> Vec<Exit> {
        let exceptional = caught.is_some();
        let thrown = caught.map(|caught| (self.frames.len() + 1, caught));
        let outer = std::mem::replace(&mut self.thrown, thrown);
        let exits = self.generator_exits(carry, object, span);
        self.thrown = outer;
        exits
            .into_iter()
            .map(|mut exit| {
                if !exit.raised {
                    exit.value = Value::constant(Const::Bool(exceptional));
                }
                exit
            })
            .collect()
    }

    /// The end of `with value`; exceptional ones say whether the exception is swallowed.
    pub(crate) fn exit_context(&mut self, state: &State, context: &Value, exceptional: bool, span: Span) -> Vec<Exit> {
        let mut carry = state.carry.clone();
        if exceptional {
            self.count_raised(&mut carry, context, span);
        }
        let mut exits = Vec::new();
        for id in context.objects().collect::<Vec<_>>() {
            let Some(object) = self.object(&carry.heap, id) else { continue };
            if object.ty.is_some_and(|ty| ty.as_str() == SUPPRESS) && exceptional {
                let caught = state.caught.clone().unwrap_or_else(Value::unknown);
                let mut classes = Object::new(Kind::Tuple);
                object.entries.values().for_each(|value| classes.push(value.clone()));
                let mut carry = carry.clone();
                let tuple = self.make(&mut carry.heap, (span, 80), classes);
                let verdict = self.matches(&carry.heap, &caught, &Value::object(tuple));
                exits.push(Exit::returns(truth_value(verdict, false), carry));
                continue;
            }
            if object.kind == Kind::Deferred(crate::flow::values::heap::Deferral::Generator) {
                let caught = exceptional.then(|| state.caught.clone().unwrap_or_else(Value::unknown));
                exits.extend(self.leave_generator(carry.clone(), &object, caught, span));
                continue;
            }
            let class = object.class.filter(|_| object.kind == Kind::Instance);
            let method = ["__exit__", "__aexit__"]
                .into_iter()
                .map(name)
                .find(|method| class.is_some_and(|class| self.program.method(class, *method).is_some()));
            if let Some(method) = method {
                let caught = state.caught.clone().unwrap_or_else(Value::unknown);
                let kind = if exceptional { caught.clone() } else { Value::none() };
                let value = if exceptional { caught } else { Value::none() };
                let args = Args::of(vec![kind, value, Value::none()]);
                for exit in self.call_method(carry.clone(), &Value::object(id), method, args, span) {
                    if exit.raised {
                        exits.push(exit);
                        continue;
                    }
                    for mut exit in self.force(exit.carry.clone(), &exit.value, span) {
                        if !exit.raised {
                            let (yes, no) = exit.value.truth();
                            exit.value = truth_value((yes && exceptional, no || !exceptional), false);
                        }
                        exits.push(exit);
                    }
                }
            }
        }
        if exits.is_empty() {
            exits.push(Exit::returns(Value::constant(Const::Bool(false)), carry));
        }
        exits
    }
}
