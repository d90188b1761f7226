//! What the declaration of a handler says about its answers: its result type, and the status of its registration.

use crate::program::name;
use crate::source::Location;

use crate::flow::answers::Answer;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::Kind;
use crate::flow::values::state::Exit;
use crate::flow::values::statuses::STATUS;
use crate::flow::values::value::Value;

impl Machine<'_> {
    /// The status that the handler's registration declares for what it returns.
    pub(crate) fn declared_status(&self) -> Option<u16> {
        self.log.handlers.of(self.root_function).find_map(|known| known.status)
    }

    /// Whether the handler is a catcher of Rust: what it gives that is no response leaves with the status it is for.
    pub(crate) fn is_catcher(&self) -> bool {
        let known = self.log.handlers.of(self.root_function);
        self.syntax_is_rust() && known.into_iter().any(|known| known.wraps == "error-handler")
    }

    /// Responses keep their status, all else has the declared one.
    pub(crate) fn declared_answers(&self, exit: &Exit, status: u16, found: Vec<Answer>) -> Vec<Answer> {
        let responds = |answer: &Answer| {
            let known = answer.value.objects().filter_map(|id| self.object(&answer.carry.heap, id));
            known.into_iter().any(|object| object.kind == Kind::Response || object.field(name(STATUS)).is_some())
        };
        let mut all: Vec<Answer> = found.into_iter().filter(responds).collect();
        let places: Vec<Location> = exit.value.born.iter().map(|(_, at)| *at).collect();
        if exit.value.unknown || all.is_empty() {
            let answer = |at| self.answer(Some(status), exit, &[at], false, &Value::unknown());
            all.extend(places.into_iter().map(answer));
        }
        all
    }

    /// Whether the declared result of the handler is a value, not a response: text, numbers, data. It answers 200.
    pub(crate) fn gives_plain_values(&self) -> bool {
        let function = self.program.function(self.root_function);
        let Some(returns) = function.returns.as_ref().filter(|_| self.syntax_is_rust()) else { return false };
        let good = match returns.path.as_str().rsplit('.').next() {
            Some("Result" | "Option") => returns.args.first(),
            _ => Some(returns),
        };
        good.is_some_and(|ty| self.is_plain_value(ty, 3))
    }

    fn is_plain_value(&self, ty: &crate::program::TypeRef, depth: u8) -> bool {
        let tables = self.knowledge.tables(crate::program::Syntax::Rust);
        let entry = tables.type_entry(ty.path);
        let holds = entry.is_some_and(|entry| entry.holds_argument && !entry.response);
        let head = ty.path.as_str().split('.').next().unwrap_or_default();
        let standard =
            matches!(head, "std" | "str" | "unit" | "alloc" | "core") && entry.is_none_or(|entry| !entry.response);
        depth > 0 && (holds || standard && ty.args.iter().all(|arg| self.is_plain_value(arg, depth - 1)))
    }

    /// What a framework answers where a handler that returns an option gives `None`.
    pub(crate) fn status_of_none(&self) -> Option<u16> {
        let function = self.program.function(self.root_function);
        let tables = self.knowledge.tables(self.program.syntax(self.root_function));
        let handed = self.log.handlers.of(self.root_function).any(|known| known.wraps.is_empty());
        if !handed && !function.attributes.iter().any(|attribute| tables.handler(attribute.path).is_some()) {
            return None;
        }
        let returns = function.returns.as_ref()?;
        let types = std::iter::once(returns).chain(returns.args.first());
        types.filter_map(|ty| tables.type_entry(ty.path)).find_map(|entry| entry.none_status)
    }
}
