//! Who wraps handlers: middleware, error handlers, what runs after each request. Each is run with the answer that a
//! handler gave, and what it counts is added.

use crate::program::{ClassId, Const, FuncId, Name, ParamKind, Syntax, name};

use super::scopes::Covers;
use crate::flow::answers::Answer;
use crate::flow::rounds::log::Registered;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, Object};
use crate::flow::values::state::{Args, Carry, Exit};
use crate::flow::values::statuses::STATUS;
use crate::flow::values::value::{Alt, Value};

/// What a middleware gets from what it wraps.
#[derive(Debug, Clone)]
pub(crate) enum Inner {
    /// An exception that goes through.
    Raises(Value),
    Status(u16),
}

impl Machine<'_> {
    /// The answers after everybody who wraps the handler saw them.
    pub(crate) fn wrapped_answers(&mut self, answers: Vec<Answer>) -> Vec<Answer> {
        let mut wrappers: Vec<Registered> = Vec::new();
        for known in self.log.handlers.iter().filter(|known| !known.wraps.is_empty() && known.wraps != "fallback") {
            // One that several routers install is run once.
            let again = |other: &Registered| {
                let same = (other.function, other.bound, &other.wraps, other.catches);
                same == (known.function, known.bound, &known.wraps, known.catches)
            };
            if self.is_covered(known) && known.function != self.root_function && !wrappers.iter().any(again) {
                wrappers.push(known.clone());
            }
        }
        if wrappers.is_empty() {
            return answers;
        }
        let group = self.error_group(self.root_function);
        let mut all = answers;
        for wrapper in wrappers.iter().filter(|known| known.wraps == "exception-hook") {
            all = all.into_iter().flat_map(|answer| self.hook_answer(answer, wrapper)).collect();
        }
        all = all.into_iter().flat_map(|answer| self.handle_error(answer, &wrappers, group)).collect();
        for kind in ["after-request", "middleware"] {
            for wrapper in wrappers.iter().filter(|known| known.wraps == kind) {
                all = all.into_iter().flat_map(|answer| self.wrap_answer(answer, wrapper)).collect();
            }
        }
        all
    }

    fn wrap_answer(&mut self, answer: Answer, wrapper: &Registered) -> Vec<Answer> {
        let Some(status) = answer.status else { return vec![answer] };
        if wrapper.catches.is_some() && self.catches(wrapper, &answer, status).is_none() {
            return vec![answer];
        }
        self.run_middleware(answer, wrapper, status)
    }

    /// What sees exceptions before error handlers do (`process_exception`): they go on unless it answers.
    fn hook_answer(&mut self, answer: Answer, wrapper: &Registered) -> Vec<Answer> {
        if answer.exception && !answer.handled && answer.status.is_some() {
            return self.run_error_handler(answer, wrapper);
        }
        vec![answer]
    }

    /// An exception goes to the error handler that is nearest to it: for its status, else for the closest class;
    /// that of a part of the application goes before that of the whole.
    fn handle_error(&mut self, answer: Answer, wrappers: &[Registered], group: Name) -> Vec<Answer> {
        let Some(status) = answer.status.filter(|_| fails(&answer) && !answer.handled) else { return vec![answer] };
        let mut best: Option<((u32, bool), &Registered)> = None;
        for wrapper in wrappers.iter().filter(|known| known.wraps == "error-handler") {
            if self.errors_of(wrapper) != group {
                continue;
            }
            let Some(distance) = self.catches(wrapper, &answer, status) else { continue };
            let rank = (distance, wrapper.covers == Covers::All);
            if best.as_ref().is_none_or(|(known, _)| rank < *known) {
                best = Some((rank, wrapper));
            }
        }
        match best {
            Some((_, wrapper)) => self.run_error_handler(answer, wrapper),
            None => vec![answer],
        }
    }

    /// By whose error handlers the exceptions of a handler become responses; empty for those of the framework.
    fn error_group(&self, handler: FuncId) -> Name {
        let tables = self.knowledge.tables(self.program.syntax(handler));
        let function = self.program.function(handler);
        let owner = self.root_owner.or(function.owner);
        let views = owner.into_iter().flat_map(|owner| self.outside_bases(owner));
        let views = views.flat_map(|base| tables.ancestors(base)).filter_map(|base| tables.type_entry(base));
        let by_view = views.filter_map(|entry| entry.view.as_ref()).map(|view| view.errors.as_str());
        let attributes = function.attributes.iter().map(|attribute| attribute.path);
        let decorators = self.log.handlers.of(handler).map(|known| known.by);
        let by_decorator =
            attributes.chain(decorators).filter_map(|path| tables.handler(path)).map(|entry| entry.errors.as_str());
        name(by_view.chain(by_decorator).find(|group| !group.is_empty()).unwrap_or_default())
    }

    fn errors_of(&self, wrapper: &Registered) -> Name {
        let tables = self.knowledge.tables(self.program.syntax(wrapper.function));
        name(tables.variable(wrapper.by).map_or("", |entry| entry.errors.as_str()))
    }

    /// Whether an error handler is for this answer, and how near: a status is nearest, then classes by distance.
    fn catches(&self, wrapper: &Registered, answer: &Answer, status: u16) -> Option<u32> {
        const FAR: u32 = 1_000;
        let Some(catches) = wrapper.catches else { return Some(FAR) };
        if let Ok(wanted) = catches.as_str().parse::<u16>() {
            return (wanted == status).then_some(0);
        }
        let by_class = |own: &[Name]| {
            let exact = own.contains(&catches);
            let fits = exact || self.is_subclass(own, catches);
            let says = self.knowledge.tables(self.program.syntax(wrapper.function)).type_entry(catches);
            fits.then(|| match says.and_then(|entry| entry.status) {
                // A class that stands for one status counts as that status.
                Some(wanted) if wanted == status => 0,
                _ if exact => 1,
                _ => 2 + self.distance(own, catches),
            })
        };
        answer.value.alts.iter().find_map(|alt| match alt {
            Alt::Object(id) => {
                let object = self.object(&answer.carry.heap, *id)?;
                let own = match (object.class, object.ty) {
                    (Some(class), _) => vec![self.program.class(class).path],
                    (None, Some(ty)) => vec![ty],
                    _ => Vec::new(),
                };
                by_class(&own)
            }
            Alt::Path(path) => by_class(&[*path]),
            _ => None,
        })
    }

    /// How many classes of the project lie between a class and one that it extends.
    fn distance(&self, own: &[Name], of: Name) -> u32 {
        let Some(class) = own.first().and_then(|path| self.program.class_at(*path)) else { return 100 };
        let line = self.program.ancestors(class);
        let at = line.iter().position(|known| self.program.class(*known).path == of);
        at.map_or(100, |at| at as u32)
    }

    /// An error handler: what it counts is added; its own answer takes the place of the exception.
    fn run_error_handler(&mut self, answer: Answer, wrapper: &Registered) -> Vec<Answer> {
        let exits = self.run_wrapper(wrapper, &answer, answer.value.clone());
        let mut result = Vec::new();
        for exit in exits {
            let mut next = answer.clone();
            next.carry = exit.carry.clone();
            if !exit.raised && !is_nothing(&exit.value) {
                let inner = self.answers(&exit, true);
                // What is no response leaves with the status that the handler is for (Rocket's catchers).
                let plain = self.program.syntax(wrapper.function) == Syntax::Rust
                    && inner.iter().all(|inner| inner.value.objects().next().is_none());
                let own = inner.iter().find_map(|inner| inner.status).filter(|_| !plain);
                next.status = own.or(answer.status);
                next.handled = true;
            } else if exit.raised && exit.value.unknown && exit.value.alts.is_empty() {
                // Whatever may fail inside of a handler is a server error, not this answer.
                continue;
            }
            result.push(next);
        }
        if result.is_empty() { vec![answer] } else { result }
    }

    fn run_middleware(&mut self, answer: Answer, wrapper: &Registered, status: u16) -> Vec<Answer> {
        let mut carry = answer.carry.clone();
        let response = self.response_value(&mut carry, status);
        let raised = answer.exception && !answer.handled && self.sees_exceptions(wrapper);
        self.inner = Some(if raised { Inner::Raises(answer.value.clone()) } else { Inner::Status(status) });
        let mut probe = answer.clone();
        probe.carry = carry;
        let exits = self.run_wrapper(wrapper, &probe, response);
        self.inner = None;
        let mut result = Vec::new();
        for exit in exits.into_iter().filter(|exit| !exit.raised || raised) {
            let mut next = answer.clone();
            next.carry = exit.carry.clone();
            if raised && !exit.raised {
                // A response of its own took the exception's place.
                let own = self.answers(&exit, true);
                next.status = own.iter().find_map(|own| own.status).or(answer.status);
                next.handled = true;
            }
            result.push(next);
        }
        if result.is_empty() { vec![answer] } else { result }
    }

    /// Whether what a middleware wraps may raise the exception of a handler: nobody made a response of it yet.
    fn sees_exceptions(&self, wrapper: &Registered) -> bool {
        let tables = self.knowledge.tables(self.program.syntax(wrapper.function));
        let entry = tables.call(wrapper.by).and_then(|entry| entry.wraps.as_ref());
        entry.is_some_and(|wraps| wraps.sees_exceptions)
    }

    /// A response with a status, as middleware receives it.
    fn response_value(&mut self, carry: &mut Carry, status: u16) -> Value {
        let mut object = Object::new(Kind::Response);
        object.set_field(name(STATUS), Value::one(Alt::Status(status)));
        let id = crate::flow::values::heap::ObjId::at(0, ("inner response", status));
        carry.heap.set(id, std::rc::Rc::new(object));
        Value::object(id)
    }

    fn run_wrapper(&mut self, wrapper: &Registered, answer: &Answer, given: Value) -> Vec<Exit> {
        let function = wrapper.function;
        let variable = self.knowledge.tables(self.program.syntax(function)).variable(wrapper.by);
        if variable.is_some() && wrapper.wraps == "middleware" {
            return self.run_factory(function, answer);
        }
        let body = self.program.function(function);
        let mut args = Args::default();
        let responses: Vec<Name> =
            body.params.iter().filter(|param| param.kind != ParamKind::Receiver).map(|param| param.name).collect();
        // The response or exception is the last parameter (`process_response(request, response)`, `handler(request, exc)`)
        // unless there is just one, or the framework hands it over elsewhere.
        let given_at = variable.and_then(|entry| entry.given);
        let last = given_at.map_or(responses.len().saturating_sub(1), |at| at as usize);
        for at in 0..responses.len() {
            args.positional.push(match (at == last, self.takes_next(function)) {
                (true, true) => match &body.params.last().and_then(|param| param.ty.clone()) {
                    Some(ty) if self.knows_next(function, ty) => Value::typed(ty.clone()),
                    _ => Value::path(name(INNER)),
                },
                (true, false) => given.clone(),
                _ => Value::unknown(),
            });
        }
        let span = body.name_span;
        let carry = answer.carry.clone();
        self.run_as(function, |machine| {
            let called = machine.call_wrapper(wrapper, carry, args, span);
            let mut exits = Vec::new();
            for exit in called {
                if exit.raised {
                    exits.push(exit);
                } else {
                    exits.extend(machine.force(exit.carry.clone(), &exit.value, span));
                }
            }
            exits
        })
    }

    /// A middleware that is made with what it wraps, and then called with the request (`Count(get_response)(request)`).
    fn run_factory(&mut self, function: FuncId, answer: &Answer) -> Vec<Exit> {
        let body = self.program.function(function);
        let span = body.name_span;
        let carry = answer.carry.clone();
        let owner = body.owner;
        self.run_as(function, |machine| {
            let inner = Args::of(vec![Value::path(name(INNER))]);
            let made = match owner {
                Some(owner) => machine.call_value(carry, &Value::one(Alt::Class(owner)), inner, span),
                None => machine.call_function(carry, function, None, inner, span),
            };
            let mut exits = Vec::new();
            for exit in made.into_iter().filter(|exit| !exit.raised) {
                let request = Args::of(vec![Value::unknown()]);
                for exit in machine.call_value(exit.carry.clone(), &exit.value, request, span) {
                    if exit.raised {
                        exits.push(exit);
                    } else {
                        exits.extend(machine.force(exit.carry.clone(), &exit.value, span));
                    }
                }
            }
            exits
        })
    }

    fn call_wrapper(&mut self, wrapper: &Registered, carry: Carry, args: Args, span: crate::source::Span) -> Vec<Exit> {
        let function = wrapper.function;
        match self.program.function(function).owner {
            Some(owner) => {
                let id = self.summary(owner);
                self.run_method(carry, function, Value::object(id), args, span)
            }
            None => {
                let outer = wrapper.bound.filter(|_| self.is_nested(function));
                self.call_function(carry, function, outer, args, span)
            }
        }
    }

    /// The methods through which a value of a class of the project wraps handlers, by the traits that it has; what a
    /// factory of such values makes is asked in its place.
    pub(crate) fn wrapping_methods(&mut self, carry: &Carry, class: ClassId, depth: u8) -> Vec<FuncId> {
        let program = self.program;
        let path = program.class(class).path;
        let mut found = Vec::new();
        for block in program.impls.iter().filter(|block| block.ty.path == path) {
            let Some(wraps) = block
                .of
                .as_ref()
                .and_then(|of| self.rust_tables().type_entry(of.path))
                .and_then(|entry| entry.wraps.clone())
            else {
                continue;
            };
            let Some(&(_, method)) =
                block.methods.iter().find(|(known, _)| Some(known.as_str()) == wraps.function.as_deref())
            else {
                continue;
            };
            if wraps.kind != "factory" {
                found.push(method);
            } else if depth > 0 {
                for made in self.made_by(carry.clone(), class, method) {
                    found.extend(self.wrapping_methods(carry, made, depth - 1));
                }
            }
        }
        found
    }

    fn rust_tables(&self) -> &crate::knowledge::Tables {
        self.knowledge.tables(crate::program::Syntax::Rust)
    }

    /// The classes of what a method makes out of what it is to wrap.
    fn made_by(&mut self, carry: Carry, class: ClassId, method: FuncId) -> Vec<ClassId> {
        let span = self.program.function(method).name_span;
        let receiver = Value::object(self.summary(class));
        let exits = self.run_method(carry, method, receiver, Args::of(vec![Value::path(name(INNER))]), span);
        let mut classes = Vec::new();
        for exit in exits.iter().filter(|exit| !exit.raised) {
            let mut waiting: Vec<_> = exit.value.objects().map(|id| (id, 4_u8)).collect();
            while let Some((id, depth)) = waiting.pop() {
                let Some(object) = self.object(&exit.carry.heap, id) else { continue };
                match object.class {
                    Some(class) if !classes.contains(&class) => classes.push(class),
                    Some(_) => {}
                    None if depth > 0 => waiting
                        .extend(object.entries.values().flat_map(|value| value.objects()).map(|id| (id, depth - 1))),
                    None => {}
                }
            }
        }
        classes
    }

    /// Whether a type is what a framework hands to middleware to go on with.
    fn knows_next(&self, function: FuncId, ty: &crate::program::TypeRef) -> bool {
        let tables = self.knowledge.tables(self.program.syntax(function));
        ["run", "call"].iter().any(|method| tables.method_of(ty.path, name(method)).is_some_and(|entry| entry.next))
    }

    /// Whether a middleware receives what it wraps as its last parameter.
    fn takes_next(&self, function: FuncId) -> bool {
        let body = self.program.function(function);
        body.params.last().is_some_and(|param| {
            param.ty.as_ref().is_some_and(|ty| self.knows_next(function, ty))
                || self.knowledge.tables(self.program.syntax(function)).marks().is_next(param.name)
        })
    }
}

/// Stands for what a middleware wraps: calling it, or any method of it, gives the inner response.
pub(crate) const INNER: &str = "<inner>";

/// Whether an answer is an exception, or nothing where something was to be returned: error handlers answer for it.
fn fails(answer: &Answer) -> bool {
    answer.exception || matches!(answer.value.alts.as_slice(), [Alt::Path(path)] if path.as_str() == "None")
}

/// Whether an error handler gave no answer of its own: the exception goes on.
fn is_nothing(value: &Value) -> bool {
    !value.unknown && value.alts.iter().all(|alt| matches!(alt, Alt::Const(Const::None)))
}
