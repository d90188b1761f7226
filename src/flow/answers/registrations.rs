//! Decorators and calls that hand functions to a framework, and what middleware gets from what it wraps.

use crate::program::{Const, Name, name};
use crate::source::Span;

use crate::flow::rounds::log::Registered;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, Object};
use crate::flow::values::state::{Args, Carry, Exit};
use crate::flow::values::statuses::STATUS;
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// A decorator that registers handlers, or the registration itself where the function is given at once.
    pub(crate) fn registrar(
        &mut self,
        mut carry: Carry,
        (path, receiver): (Name, Option<&Value>),
        args: &Args,
        span: Span,
    ) -> Vec<Exit> {
        if let Some(function) = args.positional.iter().find(|value| value.is_callable()).cloned() {
            self.register_by(&mut carry, (path, receiver), &function, args);
            return vec![Exit::returns(function, carry)];
        }
        let mut object = Object::new(Kind::Registrar(path));
        for (at, value) in args.positional.iter().enumerate() {
            object.set(Const::Int(at as i64), value.clone());
        }
        for (key, value) in &args.keywords {
            object.set_field(*key, value.clone());
        }
        object.rest = receiver.cloned();
        let id = self.make(&mut carry.heap, (span, 90), object);
        vec![Exit::returns(Value::object(id), carry)]
    }

    /// Applies a registering decorator.
    pub(crate) fn register(&mut self, mut carry: Carry, object: &Object, args: &Args) -> Vec<Exit> {
        let Kind::Registrar(path) = object.kind else { return vec![Exit::returns(Value::unknown(), carry)] };
        let function = args.positional.first().cloned().unwrap_or_else(Value::unknown);
        let mut given = Args::default();
        for (key, value) in &object.entries {
            match key {
                Const::Int(_) => given.positional.push(value.clone()),
                Const::Str(key) => given.keywords.push((*key, value.clone())),
                _ => {}
            }
        }
        self.register_by(&mut carry, (path, object.rest.as_ref()), &function, &given);
        vec![Exit::returns(function, carry)]
    }

    fn register_by(
        &mut self,
        carry: &mut Carry,
        (path, receiver): (Name, Option<&Value>),
        function: &Value,
        args: &Args,
    ) {
        let Some(entry) = self.tables().handler(path) else { return };
        let (wraps, how, status_key) = (entry.wraps.clone(), entry.covers.clone(), entry.status.clone());
        let wants = entry.catches.is_some();
        let key = entry.catches.clone().unwrap_or_default();
        let route = args.positional.first().and_then(Value::single_text);
        let catches = wants
            .then(|| {
                args.keyword(&key).or_else(|| {
                    args.positional
                        .iter()
                        .find(|value| !value.is_callable() || matches!(value.alts.first(), Some(Alt::Class(_))))
                })
            })
            .flatten()
            .and_then(|value| self.caught_name(value));
        let covers = self.covers(carry, receiver, &how);
        if wraps.is_empty() {
            for router in self.routers(carry, receiver) {
                self.hold(carry, router, function);
            }
        }
        let exit = Exit::returns(Value::none(), carry.clone());
        let status = status_key.and_then(|key| args.keyword(&key)).map(|value| self.as_status(value));
        self.declares = status.and_then(|status| match status.alts.as_slice() {
            [Alt::Status(code)] => Some(*code),
            _ => None,
        });
        self.add_handler(&[exit], function, path, route, (&wraps, catches, &covers));
        self.declares = None;
    }

    /// Inside a middleware: the response of what it wraps.
    pub(crate) fn inner_response(&mut self, mut carry: Carry, ty: Option<Name>, span: Span) -> Vec<Exit> {
        if let Some(inner) = self.inner.clone() {
            let mut object = Object::new(Kind::Response);
            object.ty = ty;
            let status = match inner {
                super::wrappers::Inner::Status(status) => status,
                super::wrappers::Inner::Raises(value) => return vec![Exit::raises(value, carry)],
            };
            object.set_field(name(STATUS), Value::one(Alt::Status(status)));
            let id = self.make(&mut carry.heap, (span, 91), object);
            return vec![Exit::returns(Value::object(id), carry)];
        }
        let mut object = Object::new(Kind::Response);
        object.ty = ty;
        object.set_field(name(STATUS), Value::unknown());
        let id = self.make(&mut carry.heap, (span, 91), object);
        vec![Exit::returns(Value::object(id), carry)]
    }

    /// The registrations of a function.
    pub(crate) fn registrations(&self, function: crate::program::FuncId) -> Vec<Registered> {
        self.log.handlers.of(function).cloned().collect()
    }
}
