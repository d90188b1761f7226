//! Calls: which function, class, method or piece of knowledge is meant.

use crate::program::{ClassId, Const, FuncId, FunctionKind, Name, name};
use crate::source::Span;

use super::access::PROPERTY;
use super::exec::Invocation;
use super::heap::{Deferral, Kind, ObjId, Object};
use super::machine::Machine;
use super::state::{Args, Carry, Exit};
use super::value::{Alt, Value};

impl Machine<'_> {
    /// Calls a value.
    pub(super) fn call_value(&mut self, carry: Carry, callee: &Value, args: Args, span: Span) -> Vec<Exit> {
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
    fn returned(&self, value: &Value) -> Value {
        match value.via & 0x7f {
            0 => value.clone(),
            depth => value.with(|data| data.via = (data.via & 0x80) | (depth - 1)),
        }
    }

    pub(super) fn call_function(
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
    pub(super) fn run_collecting(&mut self, call: Invocation, carry: Carry) -> (Vec<Value>, Vec<Exit>) {
        let before = self.collected.len();
        self.collecting += 1;
        let exits = self.run(call, carry);
        self.collecting -= 1;
        let yields = self.collected.split_off(before.min(self.collected.len()));
        (yields.into_iter().flatten().collect(), exits)
    }

    /// Something that runs later.
    pub(super) fn defer(&mut self, carry: &mut Carry, when: Deferral, callee: Value, args: &Args, span: Span) -> ObjId {
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

    pub(super) fn deferred_arguments(&mut self, carry: &Carry, object: &Object) -> (Args, Option<Value>) {
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
    pub(super) fn force(&mut self, carry: Carry, value: &Value, span: Span) -> Vec<Exit> {
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
    pub(super) fn run_method(
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

    /// `receiver.method(…)`.
    pub(super) fn call_method(
        &mut self,
        carry: Carry,
        receiver: &Value,
        method: Name,
        args: Args,
        span: Span,
    ) -> Vec<Exit> {
        let mut exits = Vec::new();
        let mut rest = receiver.with(|data| data.alts.clear());
        for alt in &receiver.alts {
            match alt {
                Alt::Object(id) => match self.method_of_object(carry.clone(), *id, receiver, method, &args, span) {
                    Some(more) => exits.extend(more),
                    None => rest = rest.with(|data| data.add(alt.clone())),
                },
                Alt::Module(_) | Alt::Class(_) | Alt::Path(_) => {
                    exits.extend(self.method_of_path(carry.clone(), alt, method, &args, span));
                }
                Alt::Missing(what) => exits.extend(self.use_missing(carry.clone(), *what, Some(method), span)),
                _ => rest = rest.with(|data| data.add(alt.clone())),
            }
        }
        if !rest.is_nothing() || receiver.is_nothing() {
            exits.extend(self.method_of_value(carry, &rest, method, &args, span));
        }
        for exit in &mut exits {
            exit.value = self.returned(&exit.value);
        }
        exits
    }

    fn method_of_path(&mut self, carry: Carry, alt: &Alt, method: Name, args: &Args, span: Span) -> Vec<Exit> {
        if let Alt::Path(path) = alt {
            // A unit variant or constant object with methods of its own.
            if let Some((owner, _)) = path.as_str().rsplit_once('.')
                && let Some(class) = self.program.class_at(name(owner))
                && let Some(function) = self.program.method(class, method)
            {
                return self.run_method(carry, function, Value::one(alt.clone()), args.clone(), span);
            }
            let full = name(&format!("{path}.{method}"));
            let tables = self.tables();
            if tables.call(full).is_some() || tables.handler(full).is_some() {
                return self.call_path(carry, full, args, span);
            }
            if tables.type_entry(*path).is_none()
                && tables.wildcard(method).is_some()
                && !path.as_str().contains('!')
                && self.is_rust()
            {
                return self.method_of_value(carry, &Value::one(alt.clone()), method, args, span);
            }
            return self.call_path(carry, full, args, span);
        }
        if let Alt::Class(class) = alt
            && let Some(exits) = self.method_of_class(carry.clone(), *class, method, args, span)
        {
            return exits;
        }
        let found = self.attribute(carry, &Value::one(alt.clone()), method, span);
        let mut exits = Vec::new();
        for exit in found {
            if exit.raised {
                exits.push(exit);
            } else {
                exits.extend(self.call_value(exit.carry, &exit.value, args.clone(), span));
            }
        }
        exits
    }

    /// `Class.method(…)`: static and class methods, and those of bases from outside.
    fn method_of_class(
        &mut self,
        carry: Carry,
        class: ClassId,
        method: Name,
        args: &Args,
        span: Span,
    ) -> Option<Vec<Exit>> {
        if let Some(value) = self.class_attribute(&carry.heap, class, method) {
            let inner = value.objects().find_map(|id| self.object(&carry.heap, id));
            if let Some(object) = inner
                && object.ty.is_some_and(|ty| ty.as_str() == CLASS_METHOD)
                && let Some(function) = object.field(name("0"))
            {
                let mut args = args.clone();
                args.positional.insert(0, Value::one(Alt::Class(class)));
                let function = function.clone();
                return Some(self.call_value(carry, &function, args, span));
            }
            return Some(self.call_value(carry, &value, args.clone(), span));
        }
        if let Some(function) = self.program.method(class, method) {
            return Some(self.call_function(carry, function, None, args.clone(), span));
        }
        let receiver = Value::one(Alt::Class(class));
        for base in self.outside_bases(class) {
            let tables = self.tables();
            if let Some(entry) = tables.method_of(base, method) {
                let entry = entry.clone();
                return Some(self.apply(carry, &entry, Some(&receiver), args, (span, method)));
            }
        }
        None
    }

    fn method_of_object(
        &mut self,
        carry: Carry,
        id: ObjId,
        receiver: &Value,
        method: Name,
        args: &Args,
        span: Span,
    ) -> Option<Vec<Exit>> {
        let object = self.object(&carry.heap, id)?;
        let this = Value::object(id).with(|data| {
            data.taints = receiver.taints.clone();
            data.via = receiver.via;
        });
        if let Kind::Super(class) = object.kind {
            return Some(self.call_super(carry, &object, class, method, args, span));
        }
        if let Some(field) = object.field(method)
            && (field.is_callable()
                || !field.unknown && field.alts.iter().any(|alt| matches!(alt, Alt::Object(_) | Alt::Path(_))))
            && object.kind == Kind::Instance
        {
            let field = field.clone();
            return Some(self.call_value(carry, &field, args.clone(), span));
        }
        let class = object.class?;
        if let Some(value) = self.class_attribute(&carry.heap, class, method) {
            let functions: Vec<(FuncId, Option<ObjId>)> = value
                .alts
                .iter()
                .filter_map(|alt| match alt {
                    Alt::Function(function, outer) => Some((*function, *outer)),
                    _ => None,
                })
                .collect();
            if !functions.is_empty() {
                let mut exits = Vec::new();
                for (function, outer) in functions {
                    exits.extend(if outer.is_some() && self.is_nested(function) {
                        // What a decorator left in place of the method.
                        let mut args = args.clone();
                        args.positional.insert(0, this.clone());
                        self.call_function(carry.clone(), function, outer, args, span)
                    } else {
                        self.run_method(carry.clone(), function, this.clone(), args.clone(), span)
                    });
                }
                return Some(exits);
            }
            if value.objects().next().is_some() {
                let decorated = value
                    .objects()
                    .filter_map(|id| self.object(&carry.heap, id))
                    .any(|object| object.ty.is_none() && !matches!(object.kind, Kind::Instance));
                let mut args = args.clone();
                if decorated {
                    args.positional.insert(0, this);
                } else if let Some(exits) = self.method_of_class(carry.clone(), class, method, &args, span) {
                    return Some(exits);
                }
                return Some(self.call_value(carry, &value, args, span));
            }
        }
        if let Some(function) = self.program.method(class, method) {
            return Some(self.run_method(carry, function, this, args.clone(), span));
        }
        for base in self.outside_bases(class) {
            if let Some(entry) = self.tables().method_of(base, method) {
                let entry = entry.clone();
                return Some(self.apply(carry, &entry, Some(&this), args, (span, method)));
            }
        }
        let summary = self.base.get(&ObjId::summary(class)).and_then(|object| object.field(method)).cloned();
        summary.map(|field| self.call_value(carry, &field, args.clone(), span))
    }

    fn call_super(
        &mut self,
        carry: Carry,
        object: &Object,
        behind: ClassId,
        method: Name,
        args: &Args,
        span: Span,
    ) -> Vec<Exit> {
        let receiver = object.field(name("self")).cloned().unwrap_or_else(Value::unknown);
        // The order of the receiver's own class decides what comes next (mixins).
        let own = receiver.objects().filter_map(|id| self.object(&carry.heap, id)).find_map(|object| object.class);
        let order = self.resolution_order(own.unwrap_or(behind));
        let next = order.iter().skip_while(|class| **class != behind).skip(1);
        for class in next {
            if let Some(&(_, function)) = self.program.class(*class).methods.iter().find(|(known, _)| *known == method)
            {
                return self.run_method(carry, function, receiver, args.clone(), span);
            }
        }
        if let Some(handlers) = self.dispatching.clone()
            && self.program.function(self.frame().function).name == method
        {
            // The framework's own dispatch calls the method that fits the request.
            let mut exits = Vec::new();
            for handler in handlers {
                let more = Args { more: Some(Value::unknown()), ..args.clone() };
                exits.extend(self.run_method(carry.clone(), handler, receiver.clone(), more, span));
            }
            return exits;
        }
        for base in self.outside_bases(own.unwrap_or(behind)) {
            if let Some(entry) = self.tables().method_of(base, method) {
                let entry = entry.clone();
                return self.apply(carry, &entry, Some(&receiver), args, (span, method));
            }
        }
        vec![Exit::returns(Value::unknown(), carry)]
    }

    /// Left to right, depth first, each class behind its subclasses: close enough to C3 for `super()`.
    fn resolution_order(&self, class: ClassId) -> Vec<ClassId> {
        fn visit(program: &crate::program::Program, class: ClassId, order: &mut Vec<ClassId>, depth: u32) {
            order.retain(|known| *known != class);
            order.push(class);
            if depth < 32 {
                for base in &program.class(class).bases {
                    if let Some(base) = program.class_at(*base) {
                        visit(program, base, order, depth + 1);
                    }
                }
            }
        }
        let mut order = Vec::new();
        visit(self.program, class, &mut order, 0);
        order
    }

    /// Base classes from outside of the project, of the class and of its bases.
    pub(super) fn outside_bases(&self, class: ClassId) -> Vec<Name> {
        let mut found = Vec::new();
        for class in self.program.ancestors(class) {
            for base in &self.program.class(class).bases {
                if self.program.class_at(*base).is_none() {
                    let base = self.base_of_instance(*base).unwrap_or(*base);
                    if !found.contains(&base) {
                        found.push(base);
                    }
                }
            }
        }
        found
    }

    /// A base class that is an attribute of an object of a library: `db.Model`, where `db = SQLAlchemy(app)`.
    fn base_of_instance(&self, base: Name) -> Option<Name> {
        let (owner, attribute) = base.as_str().rsplit_once('.')?;
        let (module, variable) = owner.rsplit_once('.')?;
        let module = self.program.module_at(name(module))?;
        let names = self.base.get(&ObjId::module(module))?;
        let value = names.field(name(variable))?;
        let tables = self.knowledge.tables(crate::program::Syntax::Python);
        let entry = tables.attribute_of(value.ty.as_ref()?.path, name(attribute))?;
        entry.class.as_ref().map(|class| name(class))
    }

    /// Uses something that nothing binds: fails at run time.
    fn use_missing(&mut self, carry: Carry, what: Name, method: Option<Name>, span: Span) -> Vec<Exit> {
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
    pub(super) fn call_unknown(&mut self, carry: Carry, callee: &Value, args: &Args, span: Span) -> Vec<Exit> {
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
    pub(super) fn escape(&mut self, carry: &Carry, value: &Value, span: Span) {
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

/// The type of what `classmethod` makes.
pub(super) const CLASS_METHOD: &str = "builtins.classmethod";
