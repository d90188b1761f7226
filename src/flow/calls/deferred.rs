//! What runs later: when is it put off, and when does it run?

use crate::program::{Const, FunctionKind, name};
use crate::source::Span;

use crate::flow::run::exec::Invocation;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Deferral, Kind, ObjId, Object};
use crate::flow::values::state::{Args, Carry, Exit};
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// Something that runs later.
    pub(crate) fn defer(&mut self, carry: &mut Carry, when: Deferral, callee: Value, args: &Args, span: Span) -> ObjId {
        let mut positional = Object::new(Kind::Tuple);
        args.positional.iter().for_each(|value| positional.push(value.clone()));
        if let Some(more) = &args.more {
            positional.set_any(&Value::count(), more);
        }
        let positional = self.make(&mut carry.heap, (span, 12), positional);
        let mut keywords = Object::new(Kind::Dict);
        args.keywords.iter().for_each(|(key, value)| keywords.set_field(*key, value.clone()));
        if let Some(more) = &args.more_keywords {
            keywords.set_any(&Value::unknown(), more);
        }
        let keywords = self.make(&mut carry.heap, (span, 13), keywords);
        let mut object = Object::new(Kind::Deferred(when));
        object.set(Const::Int(0), callee);
        object.set(Const::Int(1), Value::object(positional));
        object.set(Const::Int(2), Value::object(keywords));
        self.make(&mut carry.heap, (span, 14), object)
    }

    pub(crate) fn deferred_arguments(&mut self, carry: &Carry, object: &Object) -> (Args, Option<Value>) {
        let mut args = Args::default();
        let inner = |position: i64| {
            object
                .get(Const::Int(position))
                .and_then(|value| value.objects().next())
                .and_then(|id| self.object(&carry.heap, id))
        };
        if let Some(positional) = inner(1) {
            args.positional = positional.entries.values().cloned().collect();
            args.more = positional.rest.clone();
        }
        if let Some(keywords) = inner(2) {
            for (key, value) in &keywords.entries {
                if let Const::Str(key) = key {
                    args.keywords.push((*key, value.clone()));
                }
            }
            args.more_keywords = keywords.rest.clone();
        }
        (args, object.field(name("self")).cloned())
    }

    /// Runs what was deferred: awaits coroutines and futures; other values are their own result.
    pub(crate) fn force(&mut self, carry: Carry, value: &Value, span: Span) -> Vec<Exit> {
        let mut exits = Vec::new();
        let mut plain = value.with(|data| data.alts.clear());
        for alt in &value.alts {
            if let Alt::Function(function, outer) = alt
                && self.program.function(*function).kind == FunctionKind::AsyncBlock
            {
                let call = Invocation {
                    function: *function,
                    outer: *outer,
                    receiver: None,
                    args: Args::default(),
                    site: Some(span),
                };
                exits.extend(self.run(call, carry.clone()));
                continue;
            }
            let deferred = match alt {
                Alt::Object(id) => self
                    .object(&carry.heap, *id)
                    .filter(|object| matches!(object.kind, Kind::Deferred(Deferral::Coroutine))),
                _ => None,
            };
            match deferred {
                Some(object) => {
                    let callee = object.get(Const::Int(0)).unwrap_or_else(Value::unknown);
                    let (args, receiver) = self.deferred_arguments(&carry, &object);
                    for target in &callee.alts {
                        match target {
                            Alt::Function(function, outer) => exits.extend(self.run(
                                Invocation {
                                    function: *function,
                                    outer: *outer,
                                    receiver: receiver.clone(),
                                    args: args.clone(),
                                    site: Some(span),
                                },
                                carry.clone(),
                            )),
                            other => {
                                let value = Value::one(other.clone());
                                exits.extend(self.call_value(carry.clone(), &value, args.clone(), span));
                            }
                        }
                    }
                }
                None => plain = plain.with(|data| data.add(alt.clone())),
            }
        }
        if plain.unknown {
            exits.push(Exit::raises(Value::unknown(), carry.clone()));
        }
        if !plain.is_nothing() || exits.is_empty() {
            exits.push(Exit::returns(plain, carry));
        }
        exits
    }
}
