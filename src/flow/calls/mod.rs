//! What does calling a value run, and what becomes of values that go where nobody can see?

pub(super) mod apply;
pub(super) mod arguments;
pub(super) mod bind;
pub(super) mod bound;
pub(super) mod callbacks;
pub(super) mod classes;
pub(super) mod closures;
pub(super) mod defaults;
pub(super) mod deferred;
pub(super) mod effects;
pub(super) mod errors;
pub(super) mod extractors;
pub(super) mod folding;
pub(super) mod inheritance;
pub(super) mod methods;
pub(super) mod paths;
pub(super) mod turbofish;
pub(super) mod typed;

use crate::program::{Const, FuncId, FunctionKind, Name, name};
use crate::source::Span;

use crate::flow::access::attributes::PROPERTY;
use crate::flow::run::exec::Invocation;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Deferral, Kind, ObjId, Object};
use crate::flow::values::state::{Args, Carry, Exit};
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// Calls a value.
    pub(crate) fn call_value(&mut self, carry: Carry, callee: &Value, args: Args, span: Span) -> Vec<Exit> {
        let mut exits = Vec::new();
        for alt in &callee.alts {
            exits.extend(match alt {
                Alt::Function(function, outer) => {
                    self.call_function(carry.clone(), *function, *outer, args.clone(), span)
                }
                Alt::Class(class) => self.instantiate(carry.clone(), *class, args.clone(), span),
                Alt::Path(path) => self.call_path(carry.clone(), *path, &args, span),
                Alt::Object(id) => self.call_object(carry.clone(), *id, args.clone(), span),
                Alt::Missing(what) => self.use_missing(carry.clone(), *what, None, span),
                _ => vec![Exit::returns(Value::unknown(), carry.clone())],
            });
        }
        if callee.unknown || exits.is_empty() && callee.alts.is_empty() {
            exits.extend(self.call_unknown(carry, callee, &args, span));
        }
        for exit in &mut exits {
            exit.value = self.returned(&exit.value);
        }
        exits
    }

    /// What comes back from a call counts one call less of the way it came as a parameter.
    pub(crate) fn returned(&self, value: &Value) -> Value {
        match value.via & 0x7f {
            0 => value.clone(),
            depth => value.with(|data| data.via = (data.via & 0x80) | (depth - 1)),
        }
    }

    pub(crate) fn call_function(
        &mut self,
        mut carry: Carry,
        function: FuncId,
        outer: Option<ObjId>,
        args: Args,
        span: Span,
    ) -> Vec<Exit> {
        let body = self.program.function(function);
        if body.kind == FunctionKind::Comprehension {
            return self.run_comprehension(carry, (function, outer), args, span);
        }
        if body.is_async || body.is_generator || body.kind == FunctionKind::AsyncBlock {
            let deferral = if body.is_generator { Deferral::Generator } else { Deferral::Coroutine };
            let id = self.defer(&mut carry, deferral, Value::one(Alt::Function(function, outer)), &args, span);
            return vec![Exit::returns(Value::object(id), carry)];
        }
        self.run(Invocation { function, outer, receiver: None, args, site: Some(span) }, carry)
    }

    fn run_comprehension(
        &mut self,
        carry: Carry,
        (function, outer): (FuncId, Option<ObjId>),
        args: Args,
        span: Span,
    ) -> Vec<Exit> {
        let call = Invocation { function, outer, receiver: None, args, site: Some(span) };
        let (yields, exits) = self.run_collecting(call, carry);
        let mut list = Object::new(Kind::List);
        let precise = yields.len() <= 16;
        for element in yields {
            if precise { list.push(element) } else { list.set_any(&Value::count(), &element) }
        }
        list.flatten_if_loose();
        exits
            .into_iter()
            .map(|mut exit| {
                if !exit.raised {
                    let id = self.make(&mut exit.carry.heap, (span, 11), list.clone());
                    exit.value = Value::object(id);
                }
                exit
            })
            .collect()
    }

    /// Runs a function and gives what it yielded besides its ways out.
    pub(crate) fn run_collecting(&mut self, call: Invocation, carry: Carry) -> (Vec<Value>, Vec<Exit>) {
        let before = self.collected.len();
        self.collecting += 1;
        let exits = self.run(call, carry);
        self.collecting -= 1;
        let yields = self.collected.split_off(before.min(self.collected.len()));
        (yields.into_iter().flatten().collect(), exits)
    }

    fn call_object(&mut self, carry: Carry, id: ObjId, args: Args, span: Span) -> Vec<Exit> {
        let Some(object) = self.object(&carry.heap, id) else {
            return vec![Exit::returns(Value::unknown(), carry)];
        };
        let receiver = object.field(name("self")).cloned();
        match &object.kind {
            Kind::Bound(function) => {
                self.run_method(carry, *function, receiver.unwrap_or_else(Value::unknown), args, span)
            }
            Kind::BoundPath(path) => match path.as_str().rsplit_once('.') {
                Some((_, method)) => {
                    let receiver = receiver.unwrap_or_else(Value::unknown);
                    self.call_method(carry, &receiver, name(method), args, span)
                }
                None => vec![Exit::returns(Value::unknown(), carry)],
            },
            Kind::Deferred(Deferral::Partial) => {
                let callee = object.get(Const::Int(0)).unwrap_or_else(Value::unknown);
                let (mut all, _) = self.deferred_arguments(&carry, &object);
                all.positional.extend(args.positional);
                for (key, value) in args.keywords {
                    all.keywords.retain(|(known, _)| *known != key);
                    all.keywords.push((key, value));
                }
                all.more = all.more.or(args.more);
                self.call_value(carry, &callee, all, span)
            }
            Kind::Deferred(kind @ (Deferral::Attributes | Deferral::Items)) => {
                let (keys, _) = self.deferred_arguments(&carry, &object);
                let from = args.positional.first().cloned().unwrap_or_else(Value::unknown);
                let items = *kind == Deferral::Items;
                let exits = self.taken_apart(carry.clone(), items, (&keys.positional, &from), span);
                exits.unwrap_or_else(|| vec![Exit::returns(from.carried(), carry)])
            }
            Kind::Registrar(_) => self.register(carry, &object, &args),
            Kind::Instance if object.class.is_some() => {
                let receiver = Value::object(id);
                self.call_method(carry, &receiver, name("__call__"), args, span)
            }
            Kind::Instance if object.ty.is_some_and(|ty| ty.as_str() != PROPERTY) && object.entries.len() == 1 => {
                // staticmethod and classmethod objects.
                let inner = object.field(name("0")).cloned().unwrap_or_else(Value::unknown);
                self.call_value(carry, &inner, args, span)
            }
            _ => {
                let mut carry = carry;
                if let Some(tuple) = self.make_tuple(&mut carry, &object, &args, span) {
                    return vec![Exit::returns(tuple, carry)];
                }
                let callee = Value::unknown();
                self.call_unknown(carry, &callee, &args, span)
            }
        }
    }

    /// Runs a method with its receiver.
    pub(crate) fn run_method(
        &mut self,
        carry: Carry,
        function: FuncId,
        receiver: Value,
        args: Args,
        span: Span,
    ) -> Vec<Exit> {
        let body = self.program.function(function);
        let takes_receiver = body.params.first().is_some_and(|param| param.kind == crate::program::ParamKind::Receiver);
        let mut args = args;
        let receiver = if takes_receiver {
            Some(receiver)
        } else {
            if body.owner.is_none() || self.program.syntax(function) == crate::program::Syntax::Rust {
                args.positional.insert(0, receiver);
            }
            None
        };
        if body.is_async || body.is_generator {
            let mut carry = carry;
            let deferral = if body.is_generator { Deferral::Generator } else { Deferral::Coroutine };
            let id = self.defer(&mut carry, deferral, Value::one(Alt::Function(function, None)), &args, span);
            if let Some(receiver) = receiver {
                self.change(&mut carry.heap, id, |object| object.set_field(name("self"), receiver));
            }
            return vec![Exit::returns(Value::object(id), carry)];
        }
        self.run(Invocation { function, outer: None, receiver, args, site: Some(span) }, carry)
    }

    /// Uses something that nothing binds: fails at run time.
    pub(crate) fn use_missing(&mut self, carry: Carry, what: Name, method: Option<Name>, span: Span) -> Vec<Exit> {
        let records = method.is_some_and(|method| self.knowledge_records(method));
        if records && self.last_round {
            let at = self.at(span);
            let function = self.frame().function;
            self.log.undefined.entry(at).or_insert((what, function));
        }
        let class = if what.as_str().contains('[') { "builtins.KeyError" } else { "builtins.NameError" };
        // It fails; what stands behind it is looked at for leaks all the same, but not judged for counting.
        let mut behind = carry.clone();
        behind.crashed = true;
        vec![Exit::raises(self.exception(class), carry), Exit::returns(Value::unknown(), behind)]
    }

    /// Calls something that nothing is known of: decorators give their function back, callbacks may run.
    pub(crate) fn call_unknown(&mut self, carry: Carry, callee: &Value, args: &Args, span: Span) -> Vec<Exit> {
        let call = name("__call__");
        if let Some(ty) = callee.ty.as_ref().filter(|_| callee.unknown && callee.alts.is_empty())
            && self.tables().method_of(ty.path, call).is_some()
        {
            return self.call_method(carry, callee, call, args.clone(), span);
        }
        let decorates = args.positional.len() == 1 && args.keywords.is_empty() && args.positional[0].is_callable();
        for value in args.all().cloned().collect::<Vec<_>>() {
            self.escape(&carry, &value, span);
        }
        if decorates && !self.is_rust() {
            return vec![Exit::returns(args.positional[0].clone(), carry)];
        }
        let value = Value::unknown().tainted(&callee.taints);
        vec![Exit::raises(Value::unknown(), carry.clone()), Exit::returns(value, carry)]
    }

    /// A value goes where we cannot see: metrics may be recorded there, functions may be called.
    pub(crate) fn escape(&mut self, carry: &Carry, value: &Value, span: Span) {
        for metric in value.metrics().collect::<Vec<_>>() {
            self.metrics.get_mut(metric).escaped = true;
        }
        for alt in &value.alts {
            match alt {
                Alt::Function(function, outer)
                    if outer.is_some() || self.program.function(*function).kind == FunctionKind::Lambda =>
                {
                    let call = Invocation {
                        function: *function,
                        outer: *outer,
                        receiver: None,
                        args: Args { more: Some(Value::unknown()), ..Args::default() },
                        site: Some(span),
                    };
                    // Whether and when it runs is not known: only what it shows counts.
                    let _ = self.run(call, carry.clone());
                }
                Alt::Object(id) => {
                    let Some(object) = self.object(&carry.heap, *id) else { continue };
                    if matches!(object.kind, Kind::List | Kind::Tuple | Kind::Dict | Kind::Set) {
                        for metric in object.element().metrics().collect::<Vec<_>>() {
                            self.metrics.get_mut(metric).escaped = true;
                        }
                    }
                }
                _ => {}
            }
        }
    }
}
