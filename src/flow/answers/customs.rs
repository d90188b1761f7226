//! What frameworks hand to the functions that answer requests: the request, and parts of the path or query as
//! parameters of their own.

use std::collections::HashSet;
use std::rc::Rc;

use crate::knowledge::effect::Source;
use crate::program::{Callee, Const, FuncId, Name, OpKind, Param, ParamKind, Program, Syntax, TypeRef, name};
use crate::source::Location;

use crate::flow::answers::Answer;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, ObjId, Object};
use crate::flow::values::state::{Carry, Exit};
use crate::flow::values::statuses::STATUS;
use crate::flow::values::value::{Alt, Taint, Value};

/// The object that stands for the response which the framework makes.
pub(crate) fn ambient() -> ObjId {
    ObjId::at(0, "ambient response")
}

/// What a handler's parameters are.
struct Role {
    /// The type of the first parameter, where that is the request.
    request: Option<TypeRef>,
    /// The others are the client's.
    clients: bool,
}

impl Machine<'_> {
    /// The type of a parameter of a root that has none of its own: the request of a handler, or what custom says.
    pub(crate) fn handed_type(&mut self, param: &Param) -> Option<TypeRef> {
        // `form_valid(self, form)` gets an instance of the view's form class.
        let held = self.custom(self.function().module, param.name).is_some_and(|entry| entry.class_attribute.is_some());
        if let Some(ty) = held.then(|| self.conventional_type(param.name)).flatten() {
            return Some(ty);
        }
        let is_first = self.is_first(param);
        let request = if is_first { self.role().and_then(|role| role.request) } else { None };
        request.or_else(|| self.conventional_type(param.name))
    }

    /// A parameter of a handler which the framework fills with a part of the request.
    pub(crate) fn given_by_client(&mut self, param: &Param, value: Value, default: Option<&Value>) -> Value {
        let known = !value.taints.is_empty() || self.is_bounded(&value);
        // `Query()` and `Header()` say that a parameter is the client's, `Depends(f)` that it is what `f` returns.
        let computed = default.is_some_and(|default| !default.is_constant() && default.taints.is_empty());
        let normal = matches!(param.kind, ParamKind::Normal | ParamKind::KeywordOnly | ParamKind::PositionalOnly);
        if known || computed || !normal || self.is_rust() || self.frame().call.is_some() {
            return value;
        }
        let record = param.ty.as_ref().and_then(|ty| self.record_of(ty));
        if record.is_none() && !param.ty.as_ref().is_none_or(|ty| self.is_plain(ty)) {
            return value;
        }
        let Some(role) = self.role() else { return value };
        let is_request = self.is_first(param) && (role.request.is_some() || value.ty.is_some() && param.ty.is_none());
        if !role.clients || is_request {
            return value;
        }
        let at = Location::new(self.function().file, param.span);
        match record {
            Some(record) => self.sourced(&record, None, value, at),
            None => self.keyed(value, Some(param.name), "the request", false, at),
        }
    }

    /// The source of a type of the project that libraries fill from a request (`class Item(BaseModel)`).
    fn record_of(&self, ty: &TypeRef) -> Option<Source> {
        let class = self.program.class_at(ty.path)?;
        let bases = self.outside_bases(class);
        let found = bases.iter().flat_map(|base| self.tables().ancestors(*base));
        let record = found.filter_map(|base| self.tables().type_entry(base)?.record.clone()).next()?;
        (!record.trusted).then_some(record)
    }

    /// Types that a framework makes from a part of a request: texts, numbers, lists of them.
    pub(crate) fn is_plain(&self, ty: &TypeRef) -> bool {
        match ty.path.as_str() {
            "Option" | "Union" | "builtins.list" | "list" => ty.args.iter().all(|arg| self.is_plain(arg)),
            "Annotated" => {
                let injected = ty.args.iter().skip(1).any(|arg| {
                    self.tables().call(arg.path).is_some_and(|entry| entry.does.as_deref() == Some("inject"))
                });
                !injected && ty.args.first().is_some_and(|first| self.is_plain(first))
            }
            "builtins.str" | "builtins.int" | "builtins.float" | "builtins.bytes" | "builtins.None" | "uuid.UUID" => {
                true
            }
            _ => false,
        }
    }

    /// Sets the status of the response that the handler gives in the end, whatever it returns.
    pub(crate) fn set_ambient(&mut self, carry: &mut Carry, status: Value, at: Location) {
        let mut object = Object::new(Kind::Response);
        object.set_field(name(STATUS), status);
        object.left.push(at);
        carry.heap.set(ambient(), Rc::new(object));
    }

    /// A response whose status was set apart leaves through the `return` behind, where that returns something.
    pub(crate) fn stamp_ambient(&mut self, carry: &mut Carry, value: &Value, at: Location) {
        let nothing = value.is_nothing() || value.is_constant() && value.single() == Some(Const::None);
        if !nothing
            && !self.is_rust()
            && self.object(&carry.heap, ambient()).is_some_and(|object| !object.left.contains(&at))
        {
            self.change(&mut carry.heap, ambient(), |object| object.left.insert(0, at));
        }
    }

    /// The answers of a handler that set the status of its response apart from what it returns.
    pub(crate) fn ambient_answers(&mut self, exit: &Exit) -> Option<Vec<Answer>> {
        if exit.raised {
            return None;
        }
        let object = self.object(&exit.carry.heap, ambient())?;
        let status = object.field(name(STATUS)).map(|status| self.as_status(status))?;
        let codes = status.alts.iter().filter_map(|alt| match alt {
            Alt::Status(code) => Some(*code),
            _ => None,
        });
        let found: Vec<Answer> =
            codes.map(|code| self.answer(Some(code), exit, &object.left, false, &exit.value)).collect();
        (!found.is_empty()).then_some(found)
    }

    /// An exception that other code raised: its text can be anything, what else it has says its own name.
    pub(crate) fn caught_text(&self, caught: Value, at: Location) -> Value {
        if self.is_rust() || !caught.unknown || !caught.taints.is_empty() {
            return caught;
        }
        let any = name("builtins.Exception");
        let class = caught.ty.as_ref().map_or(any, |ty| ty.path);
        // Of a class that neither the project nor any library describes (`Card.DoesNotExist`) no more is known.
        let foreign = self.tables().type_entry(class).is_none() && self.program.class_at(class).is_none();
        let entry = self.tables().type_entry(if foreign { any } else { class });
        let Some(source) = entry.and_then(|entry| entry.source.as_ref()) else {
            return caught;
        };
        let mut taint =
            Taint::new(source.category, "the text of an exception", at, format!("read from {}", source.what));
        taint.guessed = true;
        caught.tainted(&[taint])
    }

    /// The exception that an error handler gets as its last parameter, the end of a `with` as its second.
    pub(crate) fn caught_by_handler(&self, param: &Param, value: Value, at: Location) -> Value {
        let id = self.frame().function;
        let catches =
            self.frame().call.is_none() && self.log.handlers.of(id).any(|known| known.wraps == "error-handler");
        let last = self.function().params.last().is_some_and(|last| last.reg == param.reg);
        let leaves = self.frame().call.is_none() && matches!(self.function().name.as_str(), "__exit__" | "__aexit__");
        let second = self.function().params.iter().filter(|known| known.kind != ParamKind::Receiver).nth(1);
        let caught = leaves && second.is_some_and(|second| second.reg == param.reg);
        if catches && last || caught { self.caught_text(value, at) } else { value }
    }

    fn is_first(&self, param: &Param) -> bool {
        let first = self.function().params.iter().find(|known| known.kind != ParamKind::Receiver);
        first.is_some_and(|first| first.reg == param.reg)
    }

    /// What the function that runs is to a framework.
    fn role(&self) -> Option<Role> {
        let id = self.frame().function;
        let tables = self.tables();
        let typed = |ty: &Option<String>| ty.as_deref().map(TypeRef::parse);
        if let Some(known) = self.log.handlers.of(id).next() {
            let entry = tables.handler(known.by);
            let clients = known.wraps.is_empty() && entry.is_none_or(|entry| entry.parameters != "typed");
            return Some(Role { request: entry.and_then(|entry| typed(&entry.request)), clients });
        }
        if let Some(owner) = self.function().owner {
            let bases = self.outside_bases(owner);
            let ancestors = bases.iter().flat_map(|base| tables.ancestors(*base));
            let view = ancestors.filter_map(|base| tables.type_entry(base)?.view.as_ref()).next()?;
            let handles = view.handlers.iter().any(|known| known == self.function().name.as_str());
            return handles.then(|| Role { request: typed(&view.request), clients: view.parameters != "typed" });
        }
        let request = self.request_by_custom(id)?;
        Some(Role { request: Some(request), clients: true })
    }

    /// Whether the root that ran answers requests by custom.
    pub(crate) fn answers_by_custom(&self) -> bool {
        let root = self.root_function;
        self.program.syntax(root) == Syntax::Python && self.request_by_custom(root).is_some()
    }

    /// The type of the first parameter of a function that answers requests as far as its custom and its loneliness say:
    /// no other code names it.
    pub(crate) fn request_by_custom(&self, id: FuncId) -> Option<TypeRef> {
        let function = self.program.function(id);
        let first = function.params.first().filter(|_| function.owner.is_none())?;
        let custom = self.custom(function.module, first.name).filter(|entry| entry.handler)?;
        let alone = function.parent.is_none_or(|parent| self.program.function(parent).parent.is_none())
            && !self.mentioned.contains(&function.name);
        alone.then(|| TypeRef::plain(name(&custom.r#type)))
    }
}

/// Names that the program uses somewhere: a function that none mentions is not called by the project itself.
pub(crate) fn mentioned(program: &Program) -> HashSet<Name> {
    let mut found = HashSet::new();
    for (at, function) in program.functions.iter().enumerate() {
        if program.syntax(FuncId(at as u32)) != Syntax::Python {
            continue;
        }
        for op in function.blocks.iter().flat_map(|block| &block.ops) {
            match &op.kind {
                OpKind::LoadGlobal(name) | OpKind::LoadCell(_, name) | OpKind::Attr(_, name) => {
                    found.insert(*name);
                }
                OpKind::Call(call) => {
                    if let Callee::Method(_, name) = call.callee {
                        found.insert(name);
                    }
                }
                _ => {}
            }
        }
    }
    found
}
