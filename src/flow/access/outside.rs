//! Instances of types from outside of the project.

use crate::program::{Const, Name, TypeRef, name};
use crate::source::Span;

use crate::flow::calls::bound::Bound;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, Object};
use crate::flow::values::state::{Args, Carry, Exit};
use crate::flow::values::statuses::STATUS;
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// An instance of a type that knowledge describes but whose constructor it does not.
    pub(crate) fn construct_outside(
        &mut self,
        mut carry: Carry,
        path: Name,
        entry: &crate::knowledge::effect::TypeEntry,
        args: &Args,
        span: Span,
    ) -> Exit {
        if entry.bounded {
            return Exit::returns(Value::few(), carry);
        }
        let canonical = self.tables().canonical(path);
        if !entry.exception && entry.status.is_none() && entry.status_argument.is_none() {
            if entry.registry {
                return Exit::returns(self.identified(&mut carry, canonical, span), carry);
            }
            if let Some(router) = self.new_router(&mut carry, canonical, span) {
                return Exit::returns(router, carry);
            }
            let value = Value::typed(TypeRef::plain(canonical));
            if entry.holds_argument
                && let Some(inner) = args.positional.first()
            {
                return Exit::returns(inner.clone(), carry);
            }
            return Exit::returns(value, carry);
        }
        let params = entry.params.clone();
        let bound = Bound::new(&params, None, args);
        let mut object = Object::new(Kind::Instance);
        object.ty = Some(canonical);
        if let Some(status) = bound.of(entry.status_argument.as_ref()) {
            object.set_field(name(STATUS), self.as_status(&status));
        } else if let Some(status) = entry.status {
            object.set_field(name(STATUS), Value::one(Alt::Status(status)));
        }
        for (at, value) in args.positional.iter().enumerate() {
            object.set(Const::Int(at as i64), value.clone());
        }
        let id = self.make(&mut carry.heap, (span, 21), object);
        Exit::returns(Value::object(id), carry)
    }

    /// A type of the language or its standard library.
    pub(crate) fn is_standard(&self, owner: Name) -> bool {
        let first = owner.as_str().split('.').next().unwrap_or_default();
        matches!(first, "std" | "str" | "String" | "Option" | "Result" | "Vec")
            || !owner.as_str().contains('.') && first.starts_with(char::is_lowercase)
    }

    /// A new registry, or whatever a type from outside makes that must be told from others of its type.
    pub(crate) fn identified(&mut self, carry: &mut Carry, ty: Name, span: Span) -> Value {
        let mut object = Object::new(Kind::Opaque);
        object.ty = Some(ty);
        let id = self.make(&mut carry.heap, (span, 31), object);
        Value::object(id)
    }

    /// What an error handler is for: a status as text, or the path of a class.
    pub(crate) fn caught_name(&self, value: &Value) -> Option<Name> {
        value.alts.iter().find_map(|alt| match alt {
            Alt::Const(Const::Int(status)) => Some(name(&status.to_string())),
            Alt::Status(status) => Some(name(&status.to_string())),
            Alt::Const(Const::Str(text)) => Some(*text),
            Alt::Path(path) => Some(*path),
            Alt::Class(class) => Some(self.program.class(*class).path),
            _ => None,
        })
    }
}
