//! What does a call by dotted path mean: a variant, a function of the project, or something from outside?

use crate::program::{ClassKind, Name, TypeRef, name};
use crate::source::Span;

use crate::flow::run::machine::Machine;
use crate::flow::values::state::{Args, Carry, Exit};
use crate::flow::values::value::Value;

impl Machine<'_> {
    /// Calls something outside of the project by path, or an enum variant of it.
    pub(crate) fn call_path(&mut self, carry: Carry, path: Name, args: &Args, span: Span) -> Vec<Exit> {
        let mut carry = carry;
        if path.as_str().starts_with(crate::flow::answers::wrappers::INNER) {
            return self.inner_response(carry, None, span);
        }
        if path.as_str() == crate::flow::primitives::python::IDENTITY {
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
        let last = path.last_part();
        let is_class = last.chars().next().is_some_and(char::is_uppercase);
        let value = if is_class && !self.is_rust() { Value::typed(TypeRef::plain(path)) } else { Value::unknown() };
        vec![Exit::raises(Value::unknown(), carry.clone()), Exit::returns(value, carry)]
    }
}
