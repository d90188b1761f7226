//! What does a call do that knowledge describes? Its result, and how it may fail.

use crate::knowledge::effect::{ArgName, CallEntry, Raises};
use crate::program::{Const, Name, TypeRef, name};
use crate::source::Span;

use super::bound::Bound;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, Object};
use crate::flow::values::state::{Args, Carry, Exit};
use crate::flow::values::statuses::STATUS;
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// Does what an entry says.
    pub(crate) fn apply(
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
        if let Some(fold) = &entry.folds
            && let Some(value) = self.folded(&mut carry, fold, &bound, span)
        {
            return vec![Exit::returns(value, carry)];
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
    pub(crate) fn wrapped(
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
    pub(crate) fn wrap(&mut self, carry: &mut Carry, variant: &str, value: Value, span: Span) -> Value {
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
}

/// A hash or encryption of what a value carries.
fn hashed(value: &Value) -> Value {
    value.with(|data| data.taints.iter_mut().for_each(|taint| taint.hashed = true))
}
