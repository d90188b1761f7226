//! How arguments reach parameters, and where captured variables live.

use crate::finding::Category;
use crate::knowledge::effect::{ParameterEntry, Source};
use crate::program::{Const, FunctionKind, ModuleId, Name, Param, ParamKind, TypeRef, name};
use crate::source::Location;

use crate::flow::run::displays::stored;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, ObjId, Object};
use crate::flow::values::state::{Args, Carry, State};
use crate::flow::values::store::Heap;
use crate::flow::values::value::{Alt, Data, Value};

/// Under this name the cells of a function point to those of the function around it.
pub(crate) const OUTER: &str = "<outer>";
/// Under this prefix the cells of a function hold defaults of functions made in it.
const DEFAULT: &str = "<default>";

impl Machine<'_> {
    pub(crate) fn make_cells(&mut self, carry: &mut Carry, cells: ObjId, outer: Option<ObjId>) {
        let mut object = Object::new(Kind::Cells);
        if let Some(outer) = outer {
            object.set_field(name(OUTER), Value::object(outer));
        }
        carry.heap.set(cells, std::rc::Rc::new(object));
    }

    /// Binds the parameters of the function that starts.
    pub(crate) fn bind(&mut self, state: &mut State, receiver: Option<Value>, args: Args) {
        let function = self.function();
        let is_root = self.frame().call.is_none();
        // What the library hands to a closure was supplied by no call of the project.
        let by_library = std::mem::take(&mut self.by_library) && function.kind == FunctionKind::Lambda;
        let mut positional = args.positional.clone().into_iter();
        let mut used: Vec<Name> = Vec::new();
        let mut receiver = receiver;
        for param in &function.params {
            let (value, given) = match param.kind {
                ParamKind::Receiver => match receiver.take().or_else(|| positional.next()) {
                    Some(value) => (value, false),
                    None => (self.own_receiver(), false),
                },
                // What is handed on as `*args` came one call deeper as well.
                ParamKind::VarArgs => {
                    let rest = positional.by_ref().map(|value| self.passed(value, is_root || by_library)).collect();
                    (self.rest_of(state, rest, &args), true)
                }
                ParamKind::VarKeywords => (self.rest_keywords(state, &args, &used), true),
                _ => self.argument(param, &mut positional, &args, &mut used, state),
            };
            let at = Location::new(function.file, param.span);
            let value = if given {
                let called = function.name;
                let value = self.passed(value, is_root || by_library);
                let value = self.retyped(value, param.ty.as_ref());
                let value = match self.given_type(param) {
                    Some(ty) if value.unknown && value.ty.is_none() && value.taints.is_empty() => self.of_type(&ty, at),
                    _ => value,
                };
                let value = if param.kind == ParamKind::Normal && !is_root {
                    value.hop(at, || format!("passed to `{called}` as `{}`", param.name))
                } else {
                    value
                };
                if param.name.is_empty() { value } else { self.named(value, param.name, at) }
            } else {
                value
            };
            state.set(param.reg, value);
        }
    }

    fn argument(
        &mut self,
        param: &Param,
        positional: &mut std::vec::IntoIter<Value>,
        args: &Args,
        used: &mut Vec<Name>,
        state: &mut State,
    ) -> (Value, bool) {
        let by_keyword = args.keywords.iter().find(|(key, _)| *key == param.name).map(|(_, value)| value.clone());
        if let Some(value) = by_keyword {
            used.push(param.name);
            return (value, true);
        }
        if param.kind != ParamKind::KeywordOnly {
            if let Some(value) = positional.next() {
                return (value, true);
            }
            if let Some(value) = &args.more {
                return (value.clone(), true);
            }
        }
        if let Some(value) = &args.more_keywords {
            let at = Location::new(self.function().file, param.span);
            let taints = self.part_taints(value, Some(param.name), at);
            return (value.clean().tainted(&taints), true);
        }
        let default = param.has_default.then(|| self.default_of(state, param.name)).flatten();
        if self.frame().call.is_some()
            && let Some(default) = default
        {
            // What a framework computes for the parameter (`Depends(bearer)`) is at least of its type.
            let blank = default.unknown && default.alts.is_empty() && default.taints.is_empty() && default.ty.is_none();
            let typed = param.ty.as_ref().filter(|_| blank && !self.is_rust());
            let at = Location::new(self.function().file, param.span);
            return (typed.map_or(default, |ty| self.of_type(ty, at)), true);
        }
        (self.unknown_argument(param, default), true)
    }

    /// What a parameter is when nobody is known to call the function.
    fn unknown_argument(&mut self, param: &Param, default: Option<Value>) -> Value {
        let function = self.function();
        let at = Location::new(function.file, param.span);
        let ty = param.ty.clone().or_else(|| self.given_type(param)).or_else(|| self.handed_type(param));
        let value = match (&ty, function.kind) {
            (_, FunctionKind::Comprehension) | (None, _) => Value::unknown(),
            (Some(ty), _) => self.of_type(ty, at),
        };
        let value = value.with(|data| data.via = ROOT);
        let value = if self.is_rust() {
            self.requested(param, ty.as_ref(), value, at)
        } else {
            let value = self.given_by_client(param, value, default.as_ref());
            self.caught_by_handler(param, value, at)
        };
        match default {
            // A default that says where the value comes from (`Header()`, `Depends(f)`) or that is a constant.
            Some(default) if !default.taints.is_empty() || !default.unknown && default.objects().next().is_some() => {
                // One field of the body (`title: str = Body()`) is judged by its name.
                let field =
                    default.taints.iter().all(|taint| taint.whole) && ty.as_ref().is_some_and(|ty| self.is_plain(ty));
                let taints = if field { self.part_taints(&default, Some(param.name), at) } else { Vec::new() };
                if taints.is_empty() { default.join(&value) } else { value.tainted(&taints) }
            }
            Some(default) if default.ty.is_some() && param.ty.is_none() => default,
            _ => value,
        }
    }

    /// What a framework fills in: the request's body, and what it takes out of the path and the query by name.
    fn requested(&self, param: &Param, ty: Option<&TypeRef>, value: Value, at: Location) -> Value {
        let id = self.frame().function;
        if self.frame().call.is_some() || param.kind == ParamKind::Receiver || !value.taints.is_empty() {
            return value;
        }
        if !value.alts.is_empty() {
            return if self.takes_clients() { self.sent_by_client(param, ty, value, at) } else { value };
        }
        let tables = self.tables();
        let attributes = self.function().attributes.iter().map(|attribute| attribute.path);
        let decorators = self.log.handlers.of(id).map(|known| known.by);
        let entries: Vec<_> = attributes.chain(decorators).filter_map(|path| tables.handler(path)).collect();
        if let Some(path) = ty.map(|ty| tables.canonical(ty.path)) {
            let by_call = self.bodies.get(&id).is_some_and(|types| types.contains(&path));
            if by_call || entries.iter().any(|entry| entry.body_types.iter().any(|ty| ty == path.as_str())) {
                let body = Source {
                    category: Some(Category::Content),
                    shape: "whole".to_owned(),
                    what: "the request body".to_owned(),
                    ..Source::default()
                };
                return self.sourced(&body, None, value, at);
            }
        }
        if self.takes_clients() || entries.iter().any(|entry| entry.parameters == "client" && entry.wraps.is_empty()) {
            return self.sent_by_client(param, ty, value, at);
        }
        value
    }

    /// What a client sends for a parameter: judged by its type and its name.
    fn sent_by_client(&self, param: &Param, ty: Option<&TypeRef>, value: Value, at: Location) -> Value {
        if let Some(source) = ty.and_then(|ty| self.clients_own(ty)) {
            return self.sourced(&source, None, value, at);
        }
        let class = ty.and_then(|ty| self.program.class_at(ty.path));
        match class {
            Some(class) => {
                let derives =
                    |path: &str| self.program.class(class).attributes.iter().any(|known| known.path.as_str() == path);
                let whole = Source { shape: "object".to_owned(), what: "the request".to_owned(), ..Source::default() };
                if derives("derive.Deserialize") { self.sourced(&whole, None, value, at) } else { value }
            }
            None if ty.is_some_and(|ty| self.is_frameworks_own(ty)) => value,
            None => self.keyed(value, Some(param.name), "the request", false, at),
        }
    }

    /// A value of a declared type: instances of the project's classes, data that a type says is from outside.
    pub(crate) fn of_type(&mut self, ty: &TypeRef, at: Location) -> Value {
        let tables = self.tables();
        if let Some(entry) = tables.type_entry(ty.path) {
            let mut value = Value::typed(ty.clone());
            if entry.number {
                value = value.with(|data| data.number = true);
            }
            if let Some(source) = &entry.source {
                value = self.sourced(source, None, value, at);
            } else if let Some(category) = entry.category {
                value = value.tainted(&[crate::flow::values::value::Taint::new(
                    Some(category),
                    "a secret",
                    at,
                    format!("a value of type `{}`", ty.path),
                )]);
            }
            return value;
        }
        match self.program.class_at(ty.path) {
            Some(class) => {
                let id = self.summary(class);
                Data { alts: vec![Alt::Object(id)], unknown: true, ty: Some(ty.clone()), ..Data::default() }.into()
            }
            None => Value::typed(ty.clone()),
        }
    }

    /// A known argument whose unknown part gets the parameter's type.
    fn retyped(&mut self, value: Value, ty: Option<&TypeRef>) -> Value {
        match ty {
            Some(ty) if value.unknown && value.ty.is_none() => {
                let entry = self.tables().type_entry(ty.path);
                let (number, sizes) = entry.map_or((false, false), |entry| (entry.number, entry.sizes));
                value.with(|data| {
                    data.ty = Some(ty.clone());
                    data.number |= number;
                    // How many there are of something is not what its name says.
                    data.taints.retain(|taint| !(sizes && taint.guessed));
                })
            }
            _ => value,
        }
    }

    /// One call deeper.
    fn passed(&self, value: Value, is_root: bool) -> Value {
        if is_root {
            return value;
        }
        value.with(|data| data.via = if data.via & 0x7f == 0x7f { data.via } else { data.via + 1 })
    }

    fn own_receiver(&mut self) -> Value {
        match self.function().owner {
            // Whatever implements the trait.
            Some(class) if self.program.class(class).kind == crate::program::ClassKind::Trait => {
                Value::typed(TypeRef::plain(self.program.class(class).path))
            }
            Some(class) => {
                let id = self.summary(class);
                Value::object(id)
            }
            None => Value::unknown(),
        }
    }

    fn rest_of(&mut self, state: &mut State, values: Vec<Value>, args: &Args) -> Value {
        let mut object = Object::new(Kind::Tuple);
        for value in values {
            object.push(value);
        }
        if self.frame().call.is_none() {
            object.set_any(&Value::count(), &Value::unknown());
        }
        if let Some(more) = &args.more {
            object.set_any(&Value::count(), more);
        }
        let span = self.function().span;
        let id = self.make(&mut state.carry.heap, (span, 1), object);
        Value::object(id)
    }

    fn rest_keywords(&mut self, state: &mut State, args: &Args, used: &[Name]) -> Value {
        let mut object = Object::new(Kind::Dict);
        for (key, value) in args.keywords.iter().filter(|(key, _)| !used.contains(key)) {
            object.set_field(*key, self.passed(value.clone(), self.frame().call.is_none()));
        }
        if let Some(more) = &args.more_keywords {
            object.set_any(&Value::unknown(), more);
        }
        let is_root = self.frame().call.is_none();
        if is_root {
            object.set_any(&Value::unknown(), &Value::unknown());
        }
        let span = self.function().span;
        let id = self.make(&mut state.carry.heap, (span, 2), object);
        Value::object(id)
    }

    /// The type of a parameter by custom: Django views call theirs `request`.
    pub(crate) fn conventional_type(&mut self, known_as: Name) -> Option<TypeRef> {
        let entry = self.custom(self.function().module, known_as)?;
        let Some(attribute) = &entry.class_attribute else { return Some(TypeRef::plain(name(&entry.r#type))) };
        let held = self.class_attribute(&Heap::default(), self.function().owner?, name(attribute))?;
        held.alts.iter().find_map(|alt| match alt {
            Alt::Class(class) => Some(TypeRef::plain(self.program.class(*class).path)),
            _ => None,
        })
    }

    /// What the users of a framework that the module imports call so.
    pub(crate) fn custom(&self, module: ModuleId, known_as: Name) -> Option<&ParameterEntry> {
        let imports = self.imports.get(&module);
        let imported = |library: &String| imports.is_some_and(|known| known.contains(&name(library)));
        self.tables().parameters().iter().find(|entry| {
            entry.name.iter().any(|known| known == known_as.as_str()) && entry.imports.iter().any(imported)
        })
    }

    /// Keeps the values of defaults where calls of the function find them.
    pub(crate) fn keep_defaults(&mut self, function: crate::program::FuncId, defaults: &[(Name, Value)]) {
        if defaults.is_empty() {
            return;
        }
        let id = ObjId::at(0, ("defaults", function));
        let mut object = Object::new(Kind::Names);
        for (param, value) in defaults {
            self.outlive(value);
            object.set_field(name(&format!("{DEFAULT}{param}")), value.clone());
        }
        let object = std::rc::Rc::new(object);
        if self.base.peek(id).is_none_or(|old| *old != object) {
            self.base.insert(id, object);
        }
    }

    fn default_of(&self, state: &State, param: Name) -> Option<Value> {
        let id = ObjId::at(0, ("defaults", self.frame().function));
        let object = self.object(&state.carry.heap, id)?;
        object.entries.get(&Const::Str(name(&format!("{DEFAULT}{param}")))).cloned()
    }
}

/// Marks values that came in through a parameter of a root.
pub(crate) const ROOT: u8 = 0x80;

impl Machine<'_> {
    pub(crate) fn load_cell(&mut self, state: &State, up: u32, cell: Name) -> Value {
        let mut id = Some(self.frame().cells);
        if up > 0 {
            id = self.frame().outer;
            for _ in 1..up {
                id = id
                    .and_then(|id| self.object(&state.carry.heap, id))
                    .and_then(|object| object.field(name(OUTER)).and_then(|outer| outer.objects().next()));
            }
        }
        let object = id.and_then(|id| self.object(&state.carry.heap, id));
        match object.and_then(|object| object.field(cell).cloned()) {
            Some(value) => stored(value),
            None if up > 0 => {
                let at = self.at(self.function().name_span);
                self.named(Value::unknown(), crate::flow::run::texts::base_name(cell), at)
            }
            None => Value::nothing(),
        }
    }

    pub(crate) fn store_cell(&mut self, state: &mut State, up: u32, cell: Name, value: Value) {
        let mut id = if up == 0 { Some(self.frame().cells) } else { self.frame().outer };
        for _ in 1..up {
            id = id
                .and_then(|id| self.object(&state.carry.heap, id))
                .and_then(|object| object.field(name(OUTER)).and_then(|outer| outer.objects().next()));
        }
        if let Some(id) = id {
            self.change(&mut state.carry.heap, id, |object| object.set_field(cell, value));
        }
    }
}
