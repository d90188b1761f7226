//! What leaves a handler: statuses of returned values and raised exceptions, and where the project gave them.

pub(super) mod conversions;
pub(super) mod customs;
pub(super) mod declared;
pub(super) mod guessing;
pub(super) mod handlers;
pub(super) mod registrations;
pub(super) mod respond;
pub(super) mod scopes;
pub(super) mod settings;
pub(super) mod soft;
pub(super) mod stamps;
pub(super) mod tally;
pub(super) mod verdicts;
pub(super) mod wrappers;

use crate::program::{ClassKind, Const, Name, name};
use crate::source::Location;

use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, Object};
use crate::flow::values::state::{Args, Carry, Exit};
use crate::flow::values::statuses::{BODY, STATUS};
use crate::flow::values::value::{Alt, Value};

/// One way in which a request is answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The status; `None` where it cannot be told.
    pub(crate) status: Option<u16>,
    /// The body is a constant text that says 404.
    pub(crate) says_so: bool,
    /// Raised or returned as an error.
    pub(crate) exception: bool,
    /// An error handler made a response of it.
    pub(crate) handled: bool,
    /// Where the project gave it its status, innermost first.
    pub(crate) left: Vec<Location>,
    pub(crate) carry: Carry,
    /// The response, for middleware.
    pub(crate) value: Value,
}

impl Machine<'_> {
    /// The answers that a way out of a handler stands for.
    pub(crate) fn answers(&mut self, exit: &Exit, registered: bool) -> Vec<Answer> {
        if let Some(found) = self.ambient_answers(exit) {
            return found;
        }
        let mut found = Vec::new();
        let value = exit.value.clone();
        self.answers_of(&value, exit, &[], exit.raised, 5, &mut found);
        if self.is_catcher() {
            found.iter_mut().filter(|answer| answer.status == Some(200)).for_each(|answer| answer.status = None);
        }
        let plain = self.gives_plain_values() && !self.is_catcher();
        for answer in found.iter_mut().filter(|answer| answer.status.is_none() && !answer.exception) {
            answer.status = plain.then_some(200);
        }
        if let Some(status) = self.declared_status().filter(|_| !exit.raised) {
            return self.declared_answers(exit, status, found);
        }
        if value.unknown && !exit.raised {
            let status = (registered && value.alts.is_empty() && value.ty.is_none() && value.few).then_some(200);
            found.push(self.answer(status, exit, &[], false, &value));
        }
        found
    }

    pub(crate) fn answer(
        &self,
        status: Option<u16>,
        exit: &Exit,
        left: &[Location],
        exception: bool,
        value: &Value,
    ) -> Answer {
        Answer {
            status,
            says_so: false,
            exception,
            handled: false,
            left: left.to_vec(),
            carry: exit.carry.clone(),
            value: value.clone(),
        }
    }

    fn answers_of(
        &mut self,
        value: &Value,
        exit: &Exit,
        left: &[Location],
        exception: bool,
        depth: u8,
        found: &mut Vec<Answer>,
    ) {
        if depth == 0 {
            return;
        }
        for alt in &value.alts {
            match alt {
                Alt::Status(status) => {
                    for left in self.places(value, alt, left) {
                        found.push(self.answer(Some(*status), exit, &left, exception, value));
                    }
                }
                Alt::Object(id) => {
                    let Some(object) = self.object(&exit.carry.heap, *id) else { continue };
                    let inner_left: Vec<Location> = if object.left.is_empty() {
                        left.to_vec()
                    } else {
                        object.left.iter().chain(left.iter()).fold(Vec::new(), |mut all, at| {
                            if !all.contains(at) {
                                all.push(*at);
                            }
                            all
                        })
                    };
                    self.answers_of_object(alt, &object, exit, (&inner_left, exception, depth), found);
                }
                Alt::Path(path) => {
                    for left in self.places(value, alt, left) {
                        self.answers_of_path(*path, exit, (&left, exception, depth), found);
                    }
                }
                Alt::Const(Const::Str(text)) if !exception => {
                    for left in self.places(value, alt, left) {
                        let mut answer = self.answer(Some(200), exit, &left, false, value);
                        answer.says_so = self.says_so(text.as_str());
                        found.push(answer);
                    }
                }
                Alt::Const(_) if !exception => found.push(self.answer(None, exit, left, false, value)),
                _ => {}
            }
        }
    }

    fn answers_of_path(
        &mut self,
        path: Name,
        exit: &Exit,
        (left, exception, depth): (&[Location], bool, u8),
        found: &mut Vec<Answer>,
    ) {
        if let Some(status) = self.tables().type_entry(path).and_then(|entry| entry.status) {
            found.push(self.answer(Some(status), exit, left, exception, &Value::path(path)));
            return;
        }
        if let Some((owner, _)) = path.as_str().rsplit_once('.')
            && let Some(class) = self.program.class_at(name(owner))
        {
            self.converted(&Value::path(path), class, exit, (left, exception, depth), found);
        }
        if path.as_str() == "None"
            && !exception
            && let Some(status) = self.status_of_none()
        {
            found.push(self.answer(Some(status), exit, left, exception, &Value::path(path)));
        }
    }

    fn answers_of_object(
        &mut self,
        alt: &Alt,
        object: &Object,
        exit: &Exit,
        (left, exception, depth): (&[Location], bool, u8),
        found: &mut Vec<Answer>,
    ) {
        let value = Value::one(alt.clone());
        // The entries of a document are not those of a response.
        if let Some(status) = object.field(name(STATUS)).filter(|_| object.kind != Kind::Dict) {
            let status = self.as_status(status);
            for known in &status.alts {
                if let Alt::Status(code) = known {
                    let says_so =
                        object.field(name(BODY)).is_some_and(|body| self.body_says_so(&exit.carry.heap, body));
                    for left in self.places(&status, known, left) {
                        let mut answer = self.answer(Some(*code), exit, &left, exception, &value);
                        answer.says_so = says_so;
                        found.push(answer);
                    }
                }
            }
            if status.unknown {
                found.push(self.answer(None, exit, left, exception, &value));
            }
            return;
        }
        match &object.kind {
            Kind::Variant(variant) if matches!(variant.as_str(), "Ok" | "Some" | "Err") => {
                let payload = object.field(name("0")).cloned().unwrap_or_else(Value::unknown);
                let is_error = variant.as_str() == "Err";
                if payload.unknown && payload.alts.is_empty() {
                    let implied = payload.ty.as_ref().filter(|_| is_error).and_then(|ty| self.implied_status(ty.path));
                    if let Some(status) = implied {
                        found.push(self.answer(Some(status), exit, left, true, &payload));
                    }
                    if let Some(class) =
                        payload.ty.as_ref().and_then(|ty| self.program.class_at(ty.path)).filter(|_| is_error)
                    {
                        self.converted(&payload, class, exit, (left, true, depth), found);
                    } else if !is_error {
                        found.push(self.answer(None, exit, left, exception, &payload));
                    }
                }
                self.answers_of(&payload, exit, left, is_error, depth - 1, found);
            }
            Kind::Tuple => {
                let before = found.len();
                for element in object.entries.values() {
                    let statuses = element.with(|data| data.alts.retain(|alt| matches!(alt, Alt::Status(_))));
                    self.answers_of(
                        &statuses.with(|data| data.unknown = false),
                        exit,
                        left,
                        exception,
                        depth - 1,
                        found,
                    );
                }
                if found.len() == before && !self.syntax_is_rust() {
                    self.tuple_answer(object, exit, (left, exception), found);
                }
                if found.len() == before {
                    for element in object.entries.values().filter(|value| value.objects().next().is_some()) {
                        self.answers_of(element, exit, left, exception, depth - 1, found);
                    }
                }
                if self.syntax_is_rust()
                    && object.entries.values().any(|element| self.part_says_so(&exit.carry.heap, element))
                {
                    found.iter_mut().skip(before).for_each(|answer| answer.says_so = true);
                }
            }
            Kind::Instance | Kind::Variant(_) => match object.class {
                Some(class) => self.converted(&value, class, exit, (left, exception, depth), found),
                None => {
                    let status = object.ty.and_then(|ty| self.tables().type_entry(ty)).and_then(|entry| entry.status);
                    found.push(self.answer(status, exit, left, exception, &value));
                }
            },
            _ => {
                let mut answer = self.answer(if exception { None } else { Some(200) }, exit, left, exception, &value);
                answer.says_so = !exception && self.body_says_so(&exit.carry.heap, &value);
                found.push(answer);
            }
        }
    }

    /// `return body, 404` (and `return body, 404, headers`).
    fn tuple_answer(
        &mut self,
        object: &Object,
        exit: &Exit,
        (left, exception): (&[Location], bool),
        found: &mut Vec<Answer>,
    ) {
        let Some(second) = object.get(Const::Int(1)) else { return };
        let status = self.as_status(&second);
        let body = object.get(Const::Int(0));
        if status.unknown {
            found.push(self.answer(None, exit, left, exception, &second));
        }
        for alt in &status.alts {
            if let Alt::Status(code) = alt
                && (100..600).contains(code)
            {
                let mut answer = self.answer(Some(*code), exit, left, exception, &second);
                answer.says_so = body.as_ref().is_some_and(|body| self.body_says_so(&exit.carry.heap, body));
                found.push(answer);
            }
        }
    }

    pub(crate) fn syntax_is_rust(&self) -> bool {
        self.program.syntax(self.root_function) == crate::program::Syntax::Rust
    }

    /// A value of the project's own type: its conversion to a response runs, or its class says the status.
    fn converted(
        &mut self,
        value: &Value,
        class: crate::program::ClassId,
        exit: &Exit,
        (left, exception, depth): (&[Location], bool, u8),
        found: &mut Vec<Answer>,
    ) {
        let info = self.program.class(class);
        let rust = info.kind != ClassKind::Python;
        if let Some(status) = self.derived_status(&exit.carry.heap, class, value).filter(|_| rust) {
            found.push(self.answer(Some(status), exit, left, exception, value));
            return;
        }
        if !rust && let Some(status) = self.status_of_class(&exit.carry.heap, class) {
            for alt in &status.alts {
                if let Alt::Status(code) = alt {
                    found.push(self.answer(Some(*code), exit, left, exception, value));
                }
            }
            return;
        }
        for base in self.outside_bases(class) {
            if let Some(status) = self.tables().type_entry(base).and_then(|entry| entry.status) {
                found.push(self.answer(Some(status), exit, left, exception, value));
                return;
            }
        }
        if !rust {
            found.push(self.answer(None, exit, left, exception, value));
            return;
        }
        let own = self.converting_methods(class).first().copied();
        let Some(method) = own.or_else(|| self.conversion_of_trait(class)) else {
            found.push(self.answer(None, exit, left, exception, value));
            return;
        };
        let span = self.program.function(method).name_span;
        let exits = self.run_as(self.root_function, |machine| {
            machine.run_method(exit.carry.clone(), method, value.clone(), Args::default(), span)
        });
        for inner in exits {
            let value = inner.value.clone();
            self.answers_of(&value, &inner, left, exception || inner.raised, depth - 1, found);
        }
    }

    /// Runs something in a frame of its own, below nothing: conversions and middleware.
    pub(crate) fn run_as<T>(&mut self, function: crate::program::FuncId, run: impl FnOnce(&mut Self) -> T) -> T {
        let frames = std::mem::take(&mut self.frames);
        self.frames.push(crate::flow::run::machine::Frame::outermost(function, self.program.syntax(function)));
        let result = run(self);
        self.frames = frames;
        result
    }
}
