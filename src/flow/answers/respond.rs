//! Calls that make a response, or change the one that leaves.

use crate::knowledge::effect::CallEntry;
use crate::program::{Const, name};
use crate::source::Span;

use crate::flow::calls::bound::Bound;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, Object};
use crate::flow::values::state::Carry;
use crate::flow::values::statuses::{BODY, STATUS};
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// An answer: a response object with status and body, or a status that an object carries on.
    pub(crate) fn respond(
        &mut self,
        carry: &mut Carry,
        response: &crate::knowledge::effect::Response,
        entry: &CallEntry,
        bound: &Bound<'_>,
        span: Span,
    ) -> Value {
        let status = bound.of(response.status.as_ref()).map(|status| self.as_status(&status));
        let from = bound.of(response.from.as_ref());
        let inherited = from.as_ref().and_then(|value| self.inner_status(&carry.heap, value, 4));
        let default = response.default.map(|status| Value::one(Alt::Status(status)));
        let only_default = status.is_none() && inherited.is_none();
        let status = match (status, inherited, default) {
            (Some(status), _, Some(default)) if status.is_nothing() || status.single() == Some(Const::None) => default,
            (Some(status), ..) => status,
            (None, Some(inherited), _) => inherited,
            (None, None, Some(default)) => default,
            (None, None, None) => Value::unknown(),
        };
        if response.ambient {
            let at = self.at(span);
            self.set_ambient(carry, status, at);
            return Value::none();
        }
        if entry.returns.as_deref().is_some_and(|ty| self.tables().type_entry(name(ty)).is_some_and(|ty| ty.bounded)) {
            return status;
        }
        let mut object = Object::new(Kind::Response);
        object.ty = entry.returns.as_deref().filter(|ty| *ty != "self").map(|ty| self.tables().canonical(name(ty)));
        object.set_field(name(STATUS), status);
        let body = bound.of(response.body.as_ref()).or_else(|| {
            from.iter()
                .flat_map(|value| value.objects().collect::<Vec<_>>())
                .find_map(|id| self.object(&carry.heap, id).and_then(|object| object.field(name(BODY)).cloned()))
        });
        if let Some(body) = body {
            object.set_field(name(BODY), body);
        }
        if response.status.is_none()
            && let Some(id) = from.as_ref().and_then(|value| value.objects().next())
            && let Some(given) = self.object(&carry.heap, id)
        {
            // What it is made of left the function that gave the status.
            object.left.clone_from(&given.left);
        }
        if response.changes
            && let Some(this) = bound.receiver()
            && this.objects().next().is_none()
            && this.unknown
        {
            // The response that the framework handed over: it is what leaves in the end.
            let given = object.field(name(STATUS)).filter(|_| response.status.is_some() || from.is_some()).cloned();
            let told = given.filter(|status| !status.alts.is_empty() && !only_default);
            if let Some(status) = told {
                let at = self.at(span);
                self.set_ambient(carry, status, at);
            }
            return this.clone();
        }
        if response.changes
            && let Some(this) = bound.receiver()
            && this.objects().next().is_some()
        {
            for id in this.objects().collect::<Vec<_>>() {
                let entries = object.entries.clone();
                self.change(&mut carry.heap, id, |known| {
                    known.kind = Kind::Response;
                    known.entries.extend(entries);
                });
            }
            return this.clone();
        }
        let id = self.make(&mut carry.heap, (span, 23), object);
        Value::object(id)
    }
}
