//! Applying what knowledge says about a call.

use crate::knowledge::effect::{ArgName, CallEntry, Raises};
use crate::program::{ClassId, ClassKind, Const, Name, TypeRef, name};
use crate::source::Span;

use super::access::STATUS;
use super::create::ALSO_DEFAULT;
use super::heap::{Kind, Object};
use super::log::Registered;
use super::machine::Machine;
use super::scopes::Covers;
use super::state::{Args, Carry, Exit};
use super::value::{Alt, Value};

/// Arguments by the names that an entry gives them.
pub(super) struct Bound<'a> {
    receiver: Option<&'a Value>,
    args: &'a Args,
    named: Vec<(&'a str, Value)>,
    pub(super) rest: Vec<Value>,
    pub(super) rest_keywords: Vec<(Name, Value)>,
}

impl<'a> Bound<'a> {
    pub(super) fn new(params: &'a [String], receiver: Option<&'a Value>, args: &'a Args) -> Self {
        let mut named: Vec<(&'a str, Value)> = Vec::new();
        for (param, value) in params.iter().zip(&args.positional) {
            named.push((param, value.clone()));
        }
        let mut rest_keywords = Vec::new();
        for (key, value) in &args.keywords {
            match params.iter().find(|param| param.as_str() == key.as_str()) {
                Some(param) => named.push((param, value.clone())),
                None => rest_keywords.push((*key, value.clone())),
            }
        }
        let rest = args.positional.iter().skip(params.len()).cloned().collect();
        Bound { receiver, args, named, rest, rest_keywords }
    }

    /// The argument of this name; unknown spreads may hold it too.
    pub(super) fn get(&self, param: &str) -> Option<Value> {
        if param == "self" {
            return self.receiver.cloned();
        }
        if param == "*" {
            let all = self.rest.iter().chain(self.args.more.iter());
            return all.cloned().reduce(|all, value| all.join(&value));
        }
        if param == "**" {
            let all = self.rest_keywords.iter().map(|(_, value)| value).chain(self.args.more_keywords.iter());
            return all.cloned().reduce(|all, value| all.join(&value));
        }
        if param == "=>" {
            return self.args.pairs.iter().map(|(_, value)| value.clone()).reduce(|all, value| all.join(&value));
        }
        let found = self.named.iter().find(|(known, _)| *known == param).map(|(_, value)| value.clone());
        found
            .or_else(|| self.args.more_keywords.clone().filter(|value| value.unknown))
            .or_else(|| self.args.more.clone())
    }

    pub(super) fn of(&self, param: Option<&String>) -> Option<Value> {
        param.and_then(|param| self.get(param))
    }

    pub(super) fn args(&self) -> &'a Args {
        self.args
    }

    pub(super) fn receiver(&self) -> Option<&'a Value> {
        self.receiver
    }
}

impl Machine<'_> {
    /// Calls something outside of the project by path, or an enum variant of it.
    pub(super) fn call_path(&mut self, carry: Carry, path: Name, args: &Args, span: Span) -> Vec<Exit> {
        let mut carry = carry;
        if path.as_str().starts_with(super::wrappers::INNER) {
            return self.inner_response(carry, None, span);
        }
        if path.as_str() == super::primitives::IDENTITY {
            return vec![Exit::returns(args.positional.first().cloned().unwrap_or_else(Value::unknown), carry)];
        }
        let path = if self.is_rust() { self.program.canonical(path) } else { path };
        if let Some(value) = self.variant(&mut carry, path, args, span) {
            return vec![Exit::returns(value, carry)];
        }
        if let Some(function) = self.program.function_at(path) {
            return self.call_function(carry, function, None, args.clone(), span);
        }
        if self.is_rust()
            && self.tables().call(path).is_none()
            && args.positional.is_empty()
            && let Some(value) = self.derived_default(&mut carry, path, span)
        {
            return vec![Exit::returns(value, carry)];
        }
        let tables = self.tables();
        if let Some(entry) = tables.call(path) {
            let entry = entry.clone();
            return self.apply(carry, &entry, None, args, (span, path));
        }
        if tables.handler(path).is_some() {
            return self.registrar(carry, (path, None), args, span);
        }
        if let Some((receiver, method, rest)) = self.method_through_type(path, args) {
            return self.call_method(carry, &receiver, method, rest, span);
        }
        if let Some((owner, method)) = path.as_str().rsplit_once('.') {
            // A method named by its type: `String::from`, `str.upper`, or one that the type inherits.
            let (owner, method) = (name(owner), name(method));
            if let Some(entry) = tables.method_of(owner, method) {
                let entry = entry.clone();
                if self.is_rust() && !args.positional.is_empty() {
                    let mut rest = args.clone();
                    let receiver = rest.positional.remove(0);
                    return self.apply(carry, &entry, Some(&receiver), &rest, (span, method));
                }
                return self.apply(carry, &entry, None, args, (span, method));
            }
            if self.is_rust()
                && self.is_standard(owner)
                && !args.positional.is_empty()
                && let Some(entry) = tables.wildcard(method)
            {
                // `str::trim`, `Option::unwrap_or_default`: known by name whatever the receiver.
                let entry = entry.clone();
                let mut rest = args.clone();
                let receiver = rest.positional.remove(0);
                return self.apply(carry, &entry, Some(&receiver), &rest, (span, method));
            }
            if let Some(class) = self.program.class_at(owner)
                && self.program.class(class).kind == ClassKind::Trait
                && let Some(receiver) = args.positional.first()
            {
                let receiver = receiver.clone();
                let rest = Args { positional: args.positional[1..].to_vec(), ..args.clone() };
                return self.call_method(carry, &receiver, method, rest, span);
            }
        }
        if let Some(entry) = tables.type_entry(path) {
            let entry = entry.clone();
            return vec![self.construct_outside(carry, path, &entry, args, span)];
        }
        for value in args.all().cloned().collect::<Vec<_>>() {
            self.escape(&carry, &value, span);
        }
        let decorates = args.positional.len() == 1 && args.keywords.is_empty() && args.positional[0].is_callable();
        if decorates && !self.is_rust() {
            return vec![Exit::returns(args.positional[0].clone(), carry)];
        }
        let last = path.as_str().rsplit('.').next().unwrap_or_default();
        let is_class = last.chars().next().is_some_and(char::is_uppercase);
        let value = if is_class && !self.is_rust() { Value::typed(TypeRef::plain(path)) } else { Value::unknown() };
        vec![Exit::raises(Value::unknown(), carry.clone()), Exit::returns(value, carry)]
    }

    /// A method of a value of which only the type, or nothing, is known.
    pub(super) fn method_of_value(
        &mut self,
        carry: Carry,
        value: &Value,
        method: Name,
        args: &Args,
        span: Span,
    ) -> Vec<Exit> {
        if let Some(ty) = &value.ty
            && value.unknown
            && let Some(class) = self.held_type(ty).and_then(|ty| self.program.class_at(ty.path))
            && let Some(exits) = self.method_by_type(carry.clone(), value, class, method, args, span)
        {
            return exits;
        }
        let types = self.types_of(&carry, value);
        let tables = self.tables();
        for ty in &types {
            if let Some(entry) = tables.method_of(*ty, method) {
                let entry = entry.clone();
                return self.apply(carry, &entry, Some(value), args, (span, method));
            }
            if tables.handler_of(*ty, method).is_some() {
                let path = tables
                    .ancestors(*ty)
                    .into_iter()
                    .map(|ty| name(&format!("{ty}.{method}")))
                    .find(|path| tables.handler(*path).is_some());
                if let Some(path) = path {
                    return self.registrar(carry, (path, Some(value)), args, span);
                }
            }
        }
        let described = types.iter().any(|ty| tables.type_entry(*ty).is_some())
            && !self.is_rust()
            && value.alts.iter().all(|alt| !matches!(alt, Alt::Object(_)));
        if let Some(entry) = tables.wildcard(method)
            && (!described || entry.records.is_none())
        {
            let entry = entry.clone();
            return self.apply(carry, &entry, Some(value), args, (span, method));
        }
        self.method_unknown(carry, value, method, args, span)
    }

    /// A method of an instance of which only the class is known: its own, or those of all that implement the trait.
    fn method_by_type(
        &mut self,
        carry: Carry,
        value: &Value,
        class: crate::program::ClassId,
        method: Name,
        args: &Args,
        span: Span,
    ) -> Option<Vec<Exit>> {
        let info = self.program.class(class);
        let mut targets: Vec<crate::program::FuncId> = Vec::new();
        if info.kind == ClassKind::Trait {
            for implementor in self.program.implementors(info.path).to_vec() {
                targets.extend(self.program.method(implementor, method));
            }
        }
        if targets.is_empty() {
            targets.extend(self.program.method(class, method));
        }
        if targets.is_empty() {
            return None;
        }
        targets.dedup();
        if targets.len() > MAX_TARGETS {
            return None;
        }
        let mut exits = Vec::new();
        for target in targets {
            let owner = self.program.function(target).owner;
            let receiver = match owner {
                Some(owner) if value.taints.is_empty() && self.program.class(owner).kind != ClassKind::Trait => {
                    let id = self.summary(owner);
                    Value::object(id)
                }
                _ => value.clone(),
            };
            exits.extend(self.run_method(carry.clone(), target, receiver, args.clone(), span));
        }
        Some(exits)
    }

    fn method_unknown(&mut self, carry: Carry, value: &Value, method: Name, args: &Args, span: Span) -> Vec<Exit> {
        for arg in args.all().cloned().collect::<Vec<_>>() {
            self.escape(&carry, &arg, span);
        }
        let at = self.at(span);
        let mut result = Value::unknown().tainted(&value.taints);
        if value.taints.iter().any(|taint| taint.whole) {
            // A getter of something from outside: judged by its own name or by the key it is asked for.
            let key = args.positional.first().and_then(Value::single_text).unwrap_or(method);
            result = Value::unknown().tainted(&self.part_taints(value, Some(key), at));
        }
        if args.positional.is_empty() && args.keywords.is_empty() {
            let noun = method.as_str().strip_prefix("get_").unwrap_or(method.as_str());
            result = self.named(result, name(noun), at);
        }
        let decorates = args.positional.len() == 1 && args.keywords.is_empty() && args.positional[0].is_callable();
        if decorates && !self.is_rust() {
            return vec![Exit::returns(args.positional[0].clone(), carry)];
        }
        let mut exits = Vec::new();
        if !value.few || value.unknown {
            exits.push(Exit::raises(Value::unknown(), carry.clone()));
        }
        exits.push(Exit::returns(result, carry));
        exits
    }

    /// Dotted paths of the types that a value may have, for looking up methods.
    pub(super) fn types_of(&self, carry: &Carry, value: &Value) -> Vec<Name> {
        let rust = self.is_rust();
        let mut found: Vec<Name> = Vec::new();
        let mut add = |path: Name| {
            if !found.contains(&path) {
                found.push(path);
            }
        };
        for alt in &value.alts {
            match alt {
                Alt::Metric(metric) => add(self.metrics.get(*metric).ty),
                Alt::Const(Const::Str(_) | Const::Bytes(_)) | Alt::Template(_) => {
                    add(name(if rust { "std.string.String" } else { "builtins.str" }));
                }
                Alt::Const(Const::Int(_)) => add(name(if rust { "std.primitive.i64" } else { "builtins.int" })),
                Alt::Object(id) => {
                    let Some(object) = self.object(&carry.heap, *id) else { continue };
                    if let Some(ty) = object.ty {
                        add(ty);
                    }
                    if let Some(ty) = container_type(&object.kind, rust) {
                        add(name(ty));
                    }
                }
                _ => {}
            }
        }
        if let Some(ty) = &value.ty {
            add(ty.path);
            if let Some(held) = self.held_type(ty) {
                add(held.path);
            }
        }
        found
    }

    /// Does what an entry says.
    pub(super) fn apply(
        &mut self,
        mut carry: Carry,
        entry: &CallEntry,
        receiver: Option<&Value>,
        args: &Args,
        (span, called): (Span, Name),
    ) -> Vec<Exit> {
        let params = entry.forms.iter().find(|form| form.len() == args.positional.len()).unwrap_or(&entry.params);
        let bound = Bound::new(params, receiver, args);
        if entry.next {
            let ty = entry.returns.as_deref().map(|ty| TypeRef::parse(ty).path);
            return self.inner_response(carry, ty, span);
        }
        if let Some(primitive) = &entry.does {
            if let (Some(records), None) = (&entry.records, &entry.creates) {
                self.record(&mut carry, records, (&Value::nothing(), false), &bound, (span, called));
            }
            let mut exits = self.primitive(carry, primitive, entry, &bound, span);
            for exit in exits.iter_mut().filter(|exit| !exit.raised) {
                exit.value = self.dressed(entry, &bound, &exit.value, span);
            }
            self.side_effects(&mut exits, entry, &bound, (span, called));
            return exits;
        }
        let mut value = self.basic_value(&carry, entry, &bound, span);
        if entry.default_registry {
            value = self.default_registry();
        } else if let Some(ty) = value.ty.as_ref().map(|ty| ty.path)
            && receiver.is_none()
            && value.unknown
            && value.alts.is_empty()
            && self.tables().type_entry(ty).is_some_and(|entry| entry.registry)
        {
            value = self.identified(&mut carry, ty, span);
        }
        if let Some(creates) = &entry.creates {
            value = self.create(&mut carry, creates, entry, &bound, (span, called));
        }
        if let Some(records) = &entry.records {
            let recorded = self.record(&mut carry, records, (&value, entry.creates.is_some()), &bound, (span, called));
            if let Some(recorded) = recorded {
                let child = entry.returns.as_deref().filter(|ty| *ty != "self").map(TypeRef::parse);
                value = recorded.with(|data| data.ty = child.or(data.ty.take()));
            }
        }
        if let Some(response) = &entry.response {
            value = self.respond(&mut carry, response, entry, &bound, span);
        }
        if let Some(wrapped) = &entry.wrapped {
            value = self.wrapped(&mut carry, (wrapped, entry.error.as_deref()), value, span);
        }
        let mut exits = vec![Exit::returns(value, carry.clone())];
        if let Some(raises) = &entry.raises {
            self.raises(&mut exits, carry.clone(), raises, &bound, span);
        } else if !entry.never_raises && !self.is_harmless(entry) {
            exits.insert(0, Exit::raises(Value::unknown(), carry));
        }
        self.side_effects(&mut exits, entry, &bound, (span, called));
        exits
    }

    /// Calls whose meaning is known do not fail on the way: what they do is all they do.
    fn is_harmless(&self, entry: &CallEntry) -> bool {
        self.is_rust()
            || entry.creates.is_some()
            || entry.records.is_some()
            || entry.response.is_some()
            || entry.bounded
            || entry.exposes.is_some()
            || entry.registers.is_some()
            || entry.source.is_some()
            || !entry.carries.is_empty()
            || !entry.routes.is_empty()
            || entry.wraps.is_some()
    }

    /// The result of a call without its effects on metrics and responses.
    fn basic_value(&mut self, carry: &Carry, entry: &CallEntry, bound: &Bound<'_>, span: Span) -> Value {
        let at = self.at(span);
        let given = |param: &ArgName| bound.get(param).is_some_and(|value| value.single() != Some(Const::None));
        if entry.bounded || entry.bounded_by.iter().any(given) {
            let number = entry
                .returns
                .as_deref()
                .is_some_and(|ty| self.tables().type_entry(name(ty)).is_some_and(|entry| entry.number));
            return Value::few().with(|data| data.number = number);
        }
        let mut value = self.returned_type(entry, bound, at);
        for param in &entry.carries {
            if let Some(argument) = bound.get(param) {
                let taints = self.shown(&carry.heap, &argument, at);
                let few =
                    !argument.is_open() && taints.is_empty() && entry.carries.len() == 1 && !argument.is_nothing();
                value = value.tainted(&taints);
                if few && !self.is_rust_object(&argument) {
                    value = value.with(|data| data.few = true);
                }
                if argument.via > value.via {
                    value = value.with(|data| data.via = argument.via);
                }
            }
        }
        if let Some(source) = &entry.source {
            let key = bound.of(source.key.as_ref()).and_then(|key| key.single_text());
            value = self.sourced(source, key, value, at);
        }
        if entry.hashes {
            value = hashed(&value);
        }
        value
    }

    fn is_rust_object(&self, value: &Value) -> bool {
        value.objects().next().is_some() || value.is_callable()
    }

    fn returned_type(&mut self, entry: &CallEntry, bound: &Bound<'_>, at: crate::source::Location) -> Value {
        match entry.returns.as_deref() {
            None => Value::unknown(),
            Some("self") => bound.get("self").unwrap_or_else(Value::unknown),
            Some(ty) => match ty.strip_prefix("arg:") {
                Some(param) => bound.get(param).unwrap_or_else(Value::unknown),
                None => {
                    let ty = TypeRef::parse(ty);
                    if entry.source.is_some() || !entry.carries.is_empty() {
                        Value::typed(ty)
                    } else {
                        self.of_type(&ty, at)
                    }
                }
            },
        }
    }

    /// What a primitive gave, with the type and taints that the entry adds.
    fn dressed(&mut self, entry: &CallEntry, bound: &Bound<'_>, value: &Value, span: Span) -> Value {
        let at = self.at(span);
        let mut value = value.clone();
        if entry.hashes {
            value = hashed(&value);
        }
        if let Some(source) = &entry.source {
            let key = bound.of(source.key.as_ref()).and_then(|key| key.single_text());
            value = self.sourced(source, key, value, at);
        }
        if let Some(ty) = entry.returns.as_deref()
            && ty != "self"
            && !ty.starts_with("arg:")
            && value.unknown
            && value.ty.is_none()
        {
            let ty = TypeRef::parse(ty);
            value = value.with(|data| data.ty = Some(ty));
        }
        value
    }

    /// Wraps a result as Rust functions do.
    pub(super) fn wrapped(
        &mut self,
        carry: &mut Carry,
        (kind, error): (&str, Option<&str>),
        value: Value,
        span: Span,
    ) -> Value {
        let good = if kind == "option" { "Some" } else { "Ok" };
        let inner = self.wrap(carry, good, value, span);
        if kind == "option" {
            return inner.join(&Value::path(name("None")));
        }
        let at = self.at(span);
        let failed = error.map_or_else(Value::unknown, |ty| self.of_type(&TypeRef::parse(ty), at));
        let error = self.wrap(carry, "Err", failed, span);
        inner.join(&error)
    }

    /// `Some(value)`, `Ok(value)`, `Err(value)`.
    pub(super) fn wrap(&mut self, carry: &mut Carry, variant: &str, value: Value, span: Span) -> Value {
        let mut object = Object::new(Kind::Variant(name(variant)));
        let via = value.via;
        object.set_field(name("0"), value);
        let place = u32::from(variant.as_bytes().first().copied().unwrap_or_default()) + 100;
        let id = self.make(&mut carry.heap, (span, place), object);
        Value::object(id).with(|data| data.via = via)
    }

    fn raises(&mut self, exits: &mut Vec<Exit>, mut carry: Carry, raises: &Raises, bound: &Bound<'_>, span: Span) {
        let mut object = Object::new(Kind::Instance);
        object.ty = Some(self.tables().canonical(name(&raises.class)));
        let given = bound.of(raises.status.as_ref());
        let inner = given.as_ref().and_then(|value| self.inner_status(&carry.heap, value, 1));
        let status = inner.or(given).map(|status| self.as_status(&status));
        if let Some(off) = bound.of(raises.unless.as_ref())
            && off.truth() == (false, true)
        {
            return;
        }
        let known = self.tables().type_entry(name(&raises.class)).and_then(|entry| entry.status);
        if let Some(status) = status {
            // `abort(404)` raises the class that stands for 404.
            if let (Some(ty), [Alt::Status(code)]) = (object.ty, status.alts.as_slice()) {
                object.ty = self.tables().exception_for(ty, *code).or(object.ty);
            }
            object.set_field(name(STATUS), status);
        } else if let Some(status) = raises.default.or(known) {
            object.set_field(name(STATUS), Value::one(Alt::Status(status)));
        }
        let id = self.make(&mut carry.heap, (span, 22), object);
        if !raises.maybe {
            exits.clear();
        }
        exits.push(Exit::raises(Value::object(id), carry));
    }

    /// Handlers, pages, registrations and callbacks.
    fn side_effects(
        &mut self,
        exits: &mut Vec<Exit>,
        entry: &CallEntry,
        bound: &Bound<'_>,
        (span, called): (Span, Name),
    ) {
        self.hold_all(exits, entry, bound, span);
        if let Some(exposes) = &entry.exposes
            && let Some(exit) = exits.iter_mut().find(|exit| !exit.raised)
        {
            let carry = exit.carry.clone();
            self.expose_page(&carry, exposes, bound, span);
        }
        if let Some(param) = &entry.registers
            && let Some(metric) = bound.get(param)
            && let Some(exit) = exits.iter_mut().find(|exit| !exit.raised)
        {
            self.register_metric(&mut exit.carry, &metric, bound.get("self").as_ref());
        }
        if let Some(metric) = bound.of(entry.unregisters.as_ref())
            && let Some(exit) = exits.iter_mut().find(|exit| !exit.raised)
        {
            self.unregister(&mut exit.carry, &metric);
        }
        if let Some(registry) = bound.of(entry.includes_default.as_ref())
            && let Some(exit) = exits.iter_mut().find(|exit| !exit.raised)
        {
            for id in registry.objects() {
                self.change(&mut exit.carry.heap, id, |object| object.set_field(name(ALSO_DEFAULT), Value::boolean()));
            }
        }
        for param in &entry.routes {
            if let Some(handler) = bound.get(param) {
                let route = bound.args().positional.iter().find_map(Value::single_text);
                self.add_handler(exits, &handler, called, route, ("", None, &Covers::All));
                self.hand_over(entry, &handler);
                for alt in &handler.alts {
                    if let Alt::Function(function, _) = alt
                        && !entry.body_types.is_empty()
                    {
                        let known = self.bodies.entry(*function).or_default();
                        let before = known.len();
                        known.extend(entry.body_types.iter().map(|ty| name(ty)));
                        self.base_changed |= known.len() > before;
                    }
                }
            }
        }
        if let Some(wraps) = &entry.wraps
            && let Some(handler) = bound.of(wraps.function.as_ref())
        {
            self.hand_over(entry, &handler);
            let catches = bound.of(wraps.catches.as_ref());
            let catches = catches.and_then(|value| self.caught_name(&value));
            if let Some(exit) = exits.iter_mut().find(|exit| !exit.raised) {
                if wraps.held {
                    let made = exit.value.clone();
                    exit.value = self.make_layer(&mut exit.carry, (wraps, called), bound, (&made, span));
                } else {
                    let covers = self.covers(&exit.carry, bound.receiver(), &wraps.covers);
                    self.install(exits, &handler, (called, &wraps.kind, catches), &covers, 4);
                }
            }
        }
        if let Some(class) = bound.of(entry.constructs.as_ref())
            && let Some(exit) = exits.iter().find(|exit| !exit.raised)
        {
            // The framework makes it: nobody gets the instance, but what its constructor is told counts.
            let carry = exit.carry.clone();
            let args = Args {
                keywords: bound.rest_keywords.clone(),
                more_keywords: bound.args().more_keywords.clone(),
                ..Args::default()
            };
            self.call_value(carry, &class, args, span);
        }
        for param in &entry.runs {
            if let Some(callee) = bound.get(param) {
                self.run_later(exits, &callee, span);
            }
        }
    }

    /// The method by which a class wraps handlers: that of the library's class it extends, or the call itself.
    fn wrapping_method(&self, class: ClassId) -> Name {
        let bases = self.outside_bases(class);
        let known = bases.iter().find_map(|base| self.tables().type_entry(*base)?.wraps.as_ref()?.function.as_deref());
        name(known.unwrap_or("__call__"))
    }

    /// Notes the functions behind a value as handlers.
    pub(super) fn add_handler(
        &mut self,
        exits: &[Exit],
        handler: &Value,
        by: Name,
        route: Option<Name>,
        (wraps, catches, covers): (&str, Option<Name>, &Covers),
    ) {
        let heap = exits.iter().find(|exit| !exit.raised).map(|exit| exit.carry.heap.clone()).unwrap_or_default();
        for alt in &handler.alts {
            let class = match alt {
                Alt::Class(class) => Some(*class),
                Alt::Path(path) => self.program.class_at(*path),
                Alt::Object(id) => self.object(&heap, *id).and_then(|object| object.class),
                _ => None,
            };
            if let Some(class) = class.filter(|_| !wraps.is_empty() && self.is_rust()) {
                let carry = super::state::Carry { heap: heap.clone(), ..Default::default() };
                for function in self.wrapping_methods(&carry, class, 2) {
                    let wraps = wraps.to_owned();
                    let covers = covers.clone();
                    let known = Registered { function, bound: None, by, wraps, catches, route, status: None, covers };
                    self.log.handlers.insert(known);
                }
                continue;
            }
            let (function, bound) = match alt {
                Alt::Function(function, outer) => {
                    let cells = outer.filter(|_| self.is_nested(*function));
                    self.lasting.extend(cells);
                    (Some(*function), cells)
                }
                Alt::Class(class) => {
                    let method = self.wrapping_method(*class);
                    (self.program.method(*class, method), None)
                }
                Alt::Object(id)
                    if self.object(&heap, *id).is_some_and(|list| matches!(list.kind, Kind::List | Kind::Tuple)) =>
                {
                    let elements: Vec<Value> = self
                        .object(&heap, *id)
                        .iter()
                        .flat_map(|list| list.entries.values().filter(|element| element.is_callable()).cloned())
                        .collect();
                    for element in elements {
                        self.add_handler(exits, &element, by, route, (wraps, catches, covers));
                    }
                    (None, None)
                }
                Alt::Object(id) => match self.object(&heap, *id).map(|object| object.kind.clone()) {
                    Some(Kind::Bound(function)) => (Some(function), Some(*id)),
                    _ => (None, None),
                },
                _ => (None, None),
            };
            if let Some(function) = function {
                let (wraps, covers) = (wraps.to_owned(), covers.clone());
                let known = Registered { function, bound, by, wraps, catches, route, status: self.declares, covers };
                self.log.handlers.insert(known);
            }
        }
    }

    /// Runs a callback now, as often as its ways out say, keeping its effects.
    fn run_later(&mut self, exits: &mut Vec<Exit>, callee: &Value, span: Span) {
        let Some(at) = exits.iter().position(|exit| !exit.raised) else { return };
        let exit = exits.remove(at);
        let ran =
            if callee.is_callable() {
                let called = self.call_value(exit.carry.clone(), callee, Args::default(), span);
                called
                    .into_iter()
                    .flat_map(|inner| {
                        if inner.raised { vec![inner] } else { self.force(inner.carry.clone(), &inner.value, span) }
                    })
                    .collect::<Vec<_>>()
            } else {
                self.force(exit.carry.clone(), callee, span)
            };
        for inner in ran.into_iter().filter(|inner| !inner.raised) {
            let mut next = exit.clone();
            next.carry = inner.carry;
            exits.push(next);
        }
        if exits.iter().all(|exit| exit.raised) {
            exits.push(exit);
        }
    }
}

/// Calls through a trait with more implementations than these are not followed.
const MAX_TARGETS: usize = 6;

/// A hash or encryption of what a value carries.
fn hashed(value: &Value) -> Value {
    value.with(|data| data.taints.iter_mut().for_each(|taint| taint.hashed = true))
}

/// The type whose methods a container has.
fn container_type(kind: &Kind, rust: bool) -> Option<&'static str> {
    Some(match (kind, rust) {
        (Kind::List, false) => "builtins.list",
        (Kind::Tuple, false) => "builtins.tuple",
        (Kind::Set, false) => "builtins.set",
        (Kind::Dict, false) => "builtins.dict",
        (Kind::List, true) => "std.vec.Vec",
        (Kind::Set, true) => "std.collections.HashSet",
        (Kind::Dict, true) => "std.collections.HashMap",
        (Kind::Tuple, true) => "tuple",
        _ => return None,
    })
}
