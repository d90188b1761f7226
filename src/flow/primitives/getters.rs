//! What functions give that take an object apart (`attrgetter("profile.email")`, `itemgetter("a", "b")`), and what a
//! framework takes out of a dependency.

use crate::program::{Const, name};
use crate::source::Span;

use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Deferral, Kind, Object};
use crate::flow::values::state::{Args, Carry, Exit};
use crate::flow::values::value::Value;

impl Machine<'_> {
    /// Parts of an object under these keys; a tuple where there are several.
    pub(crate) fn taken_apart(
        &mut self,
        mut carry: Carry,
        items: bool,
        (keys, object): (&[Value], &Value),
        span: Span,
    ) -> Option<Vec<Exit>> {
        let mut parts = Vec::new();
        for key in keys {
            let exit = if items {
                self.index(carry.clone(), object, key, span).into_iter().find(|exit| !exit.raised)?
            } else {
                self.dotted(carry.clone(), object, key, span)?
            };
            carry = exit.carry;
            parts.push(exit.value);
        }
        let value = match parts.as_slice() {
            [only] => only.clone(),
            _ => {
                let mut tuple = Object::new(Kind::Tuple);
                for (at, part) in parts.into_iter().enumerate() {
                    tuple.set(Const::Int(at as i64), part);
                }
                Value::object(self.make(&mut carry.heap, (span, 44), tuple))
            }
        };
        Some(vec![Exit::returns(value, carry)])
    }

    /// What a framework hands on of a dependency: the result of a function, also of an asynchronous one, or what a
    /// generator yields.
    pub(crate) fn injected(&mut self, carry: Carry, dependency: &Value, span: Span) -> Vec<Exit> {
        let mut exits = Vec::new();
        for mut exit in self.call_value(carry, dependency, Args::default(), span) {
            let deferred = exit.value.objects().find_map(|id| match self.object(&exit.carry.heap, id)?.kind {
                Kind::Deferred(deferral) => Some(deferral),
                _ => None,
            });
            match deferred {
                Some(Deferral::Coroutine) if !exit.raised => exits.extend(self.force(exit.carry, &exit.value, span)),
                Some(Deferral::Generator) if !exit.raised => {
                    let ready = self.elements_ready(&mut exit.carry, &exit.value, span);
                    let at = self.at(span);
                    exit.value = self.element_of(&exit.carry.heap.clone(), &ready, at);
                    exits.push(exit);
                }
                _ => exits.push(exit),
            }
        }
        // A constant that a function computes is no default that a client may replace.
        for exit in exits.iter_mut().filter(|exit| exit.value.is_constant()) {
            exit.value = exit.value.with(|data| (data.unknown, data.few) = (true, true));
        }
        exits
    }

    fn dotted(&mut self, mut carry: Carry, object: &Value, path: &Value, span: Span) -> Option<Exit> {
        let mut value = object.clone();
        for field in path.single_text()?.as_str().split('.') {
            let exit = self.attribute(carry, &value, name(field), span).into_iter().find(|exit| !exit.raised)?;
            (value, carry) = (exit.value, exit.carry);
        }
        Some(Exit::returns(value, carry))
    }
}
