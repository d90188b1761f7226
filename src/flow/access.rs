//! Reading and writing attributes, elements, names of modules and captured variables.

use std::rc::Rc;

use crate::knowledge::effect::AttributeEntry;
use crate::program::{ClassId, Const, ModuleId, Name, TypeRef, name};
use crate::source::{Location, Span};

use super::bind::OUTER;
use super::heap::{Kind, ObjId, Object};
use super::machine::Machine;
use super::ops::{constants_of, stored};
use super::state::{Args, Carry, Exit, State};
use super::store::Heap;
use super::value::{Alt, Data, Value};

impl Machine<'_> {
    /// `value.field`.
    pub(super) fn attribute(&mut self, carry: Carry, value: &Value, field: Name, span: Span) -> Vec<Exit> {
        let at = self.at(span);
        let mut result = Value::nothing();
        let mut exits = Vec::new();
        for alt in &value.alts {
            match self.attribute_of_alt(&carry, alt, field, span) {
                Found::Value(found) if found.few && !found.is_open() || self.is_bounded(&found) => {
                    result = result.join(&found);
                }
                Found::Value(found) => result = result.join(&found.tainted(&self.inherited_taints(value, field, at))),
                Found::Getter(function, receiver) => {
                    exits.extend(self.run_method(carry.clone(), function, receiver, Args::default(), span));
                }
            }
        }
        if value.unknown {
            let receiver = value.with(|data| data.alts.clear());
            let ty = value.ty.as_ref().map(|ty| ty.path);
            let unknown = ty
                .and_then(|ty| self.method_as_value(&carry, ty, &receiver, (field, span)))
                .unwrap_or_else(|| self.attribute_of_unknown(value, field, at));
            result = result.join(&unknown);
        }
        if !result.is_nothing() || exits.is_empty() {
            let result = self.named(result, field, at);
            let result = if result.via == 0 { result } else { result.with(|data| data.via = 0) };
            exits.push(Exit::returns(result, carry));
        }
        exits
    }

    /// What a field carries because its object does.
    fn inherited_taints(&self, value: &Value, field: Name, at: Location) -> Vec<super::value::Taint> {
        if value.taints.is_empty() { Vec::new() } else { self.part_taints(value, Some(field), at) }
    }

    fn attribute_of_alt(&mut self, carry: &Carry, alt: &Alt, field: Name, span: Span) -> Found {
        let found = match alt {
            Alt::Object(id) => return self.attribute_of_object(carry, *id, field, span),
            Alt::Class(class) => {
                let at = self.at(span);
                self.class_attribute(&carry.heap, *class, field).or_else(|| self.inherited_attribute(*class, field, at))
            }
            Alt::Module(module) => Some(self.module_attribute(&carry.heap, *module, field)),
            Alt::Path(path) => Some(self.path_attribute(*path, field, span)),
            Alt::Const(_) | Alt::Status(_) if matches!(field.as_str(), "value" | "0") => Some(Value::one(alt.clone())),
            Alt::Const(_) => Some(Value::few()),
            Alt::Missing(what) => Some(Value::one(Alt::Missing(name(&format!("{what}.{field}"))))),
            Alt::Function(..) => Some(Value::few()),
            Alt::Metric(metric) => {
                let ty = self.metrics.get(*metric).ty;
                Some(self.bound_outside(carry, name(&format!("{ty}.{field}")), Value::one(alt.clone()), span))
            }
            _ => None,
        };
        Found::Value(found.unwrap_or_else(Value::unknown))
    }

    fn attribute_of_object(&mut self, carry: &Carry, id: ObjId, field: Name, span: Span) -> Found {
        let at = self.at(span);
        let Some(object) = self.object(&carry.heap, id) else { return Found::Value(Value::unknown()) };
        if let Some(value) = object.field(field) {
            return Found::Value(value.clone());
        }
        if let Ok(position) = field.as_str().parse::<i64>()
            && let Some(value) = object.get(Const::Int(position))
        {
            return Found::Value(value);
        }
        if let Kind::Super(class) = object.kind {
            return self.super_attribute(&object, class, field);
        }
        if self.is_member_field(object.class, field) {
            return Found::Value(Value::few());
        }
        if let Some(element) = self.named_element(&object, field) {
            return Found::Value(element);
        }
        if let Some(class) = object.class {
            return self.instance_attribute(carry, id, class, field, at);
        }
        if let Some(ty) = object.ty
            && let Some(entry) = self.tables().attribute_of(ty, field)
        {
            return Found::Value(self.known_attribute(&entry.clone(), &Value::object(id), &object, field, at));
        }
        if let Some(ty) = object.ty
            && let Some(method) = self.method_as_value(carry, ty, &Value::object(id), (field, span))
        {
            return Found::Value(method);
        }
        if object.kind == Kind::Response
            && field.as_str().starts_with(STATUS)
            && let Some(status) = object.field(name(STATUS))
        {
            return Found::Value(status.clone());
        }
        match &object.rest {
            Some(rest) if matches!(object.kind, Kind::Names | Kind::Instance) => Found::Value(rest.clone()),
            _ => Found::Value(Value::unknown()),
        }
    }

    fn super_attribute(&mut self, object: &Object, behind: ClassId, field: Name) -> Found {
        let receiver = object.field(name("self")).cloned().unwrap_or_else(Value::unknown);
        let ancestors = self.program.ancestors(behind);
        for class in ancestors.into_iter().skip(1) {
            if let Some(&(_, function)) = self.program.class(class).methods.iter().find(|(known, _)| *known == field) {
                return Found::Value(self.bound(function, receiver));
            }
        }
        Found::Value(Value::unknown())
    }

    /// A method with its receiver.
    fn bound(&mut self, function: crate::program::FuncId, receiver: Value) -> Value {
        let mut object = Object::new(Kind::Bound(function));
        let id = ObjId::at(self.frame().context, ("bound", function, receiver.alts.clone()));
        self.outlive(&receiver);
        object.set_field(name("self"), receiver);
        self.base.insert(id, Rc::new(object));
        Value::object(id)
    }

    fn instance_attribute(&mut self, carry: &Carry, id: ObjId, class: ClassId, field: Name, at: Location) -> Found {
        let receiver = Value::object(id);
        if let Some(value) = self.class_attribute(&carry.heap, class, field) {
            let property = value.objects().find_map(|id| {
                self.object(&carry.heap, id).filter(|object| object.ty.is_some_and(|ty| ty.as_str() == PROPERTY))
            });
            if let Some(property) = property
                && let Some(getter) = property.field(name("0")).and_then(|value| {
                    value.alts.iter().find_map(|alt| match alt {
                        Alt::Function(function, _) => Some(*function),
                        _ => None,
                    })
                })
            {
                return Found::Getter(getter, receiver);
            }
            let methods: Vec<_> = value
                .alts
                .iter()
                .filter_map(|alt| match alt {
                    Alt::Function(function, _) => Some(*function),
                    _ => None,
                })
                .collect();
            if let [method] = methods.as_slice() {
                return Found::Value(self.bound(*method, receiver));
            }
            if !value.unknown {
                return Found::Value(value);
            }
        }
        let summary = self.base.get(&ObjId::summary(class)).and_then(|object| object.field(field)).cloned();
        if let Some(value) = summary {
            return Found::Value(value);
        }
        if let Some(value) = self.declared_field(class, field, at) {
            return Found::Value(value);
        }
        if let Some(function) = self.program.method(class, field) {
            return Found::Value(self.bound(function, receiver));
        }
        for base in self.outside_bases(class) {
            if let Some(entry) = self.tables().attribute_of(base, field) {
                let (entry, object) = (entry.clone(), Object::new(Kind::Instance));
                let value = self.known_attribute(&entry, &receiver, &object, field, at);
                return Found::Value(if entry.fields { self.fields_of(class, value) } else { value });
            }
        }
        Found::Value(self.declared_content(class, field, at).unwrap_or_else(Value::unknown))
    }

    /// A field that a class declares, by its type.
    pub(super) fn declared_field(&mut self, class: ClassId, field: Name, at: Location) -> Option<Value> {
        for class in self.program.ancestors(class) {
            if let Some(declared) = self.program.class(class).fields.iter().find(|known| known.name == field) {
                let value = declared.ty.clone().map_or_else(Value::unknown, |ty| self.of_type(&ty, at));
                return Some(self.named(value, field, at));
            }
        }
        None
    }

    /// An attribute of a class of the project, its bases included.
    pub(super) fn class_attribute(&self, heap: &Heap, class: ClassId, field: Name) -> Option<Value> {
        self.program.ancestors(class).into_iter().find_map(|class| {
            let object = self.object(heap, ObjId::class(class))?;
            object.field(field).cloned()
        })
    }

    /// An attribute that a class of the project has from a base outside of it (`Product.objects`).
    fn inherited_attribute(&mut self, class: ClassId, field: Name, at: Location) -> Option<Value> {
        let bases = self.outside_bases(class);
        let entry = bases.into_iter().find_map(|base| self.tables().attribute_of(base, field)).cloned()?;
        entry
            .returns
            .is_some()
            .then(|| self.known_attribute(&entry, &Value::nothing(), &Object::new(Kind::Opaque), field, at))
    }

    fn module_attribute(&self, heap: &Heap, module: ModuleId, field: Name) -> Value {
        if let Some(value) = self.object(heap, ObjId::module(module)).and_then(|object| object.field(field).cloned()) {
            return value;
        }
        let path = name(&format!("{}.{field}", self.program.modules[module.index()].path));
        match self.program.module_at(path) {
            Some(inner) => Value::one(Alt::Module(inner)),
            None => Value::unknown(),
        }
    }

    /// An attribute of something outside of the project.
    fn path_attribute(&mut self, path: Name, field: Name, span: Span) -> Value {
        let full = name(&format!("{path}.{field}"));
        if let Some(module) = self.program.module_at(full) {
            return Value::one(Alt::Module(module));
        }
        let at = self.at(span);
        let tables = self.tables();
        if let Some(value) = self.known_path(full, at) {
            return value;
        }
        if let Some(entry) = tables.type_entry(path)
            && (entry.source.is_some() || entry.record.is_some())
            && tables.call(full).is_none()
        {
            return self.attribute_of_unknown(&Value::typed(TypeRef::plain(path)), field, at);
        }
        Value::path(full)
    }

    /// What knowledge says about a path that is not called: a constant, an object of a module.
    pub(super) fn known_path(&mut self, path: Name, at: Location) -> Option<Value> {
        let tables = self.tables();
        if let Some(constant) = tables.constant(path) {
            if let Some(status) = constant.status {
                return Some(Value::one(Alt::Status(status)));
            }
            if let Some(text) = &constant.text {
                return Some(Value::text(text));
            }
            if let Some(number) = constant.number {
                return Some(Value::constant(Const::Int(number)));
            }
            return Some(constant.returns.as_ref().map_or_else(Value::few, |ty| Value::typed(TypeRef::parse(ty))));
        }
        let entry = tables.attribute(path)?.clone();
        let object = Object::new(Kind::Opaque);
        let field = name(path.as_str().rsplit('.').next().unwrap_or_default());
        Some(self.known_attribute(&entry, &Value::unknown(), &object, field, at))
    }

    fn known_attribute(
        &mut self,
        entry: &AttributeEntry,
        base: &Value,
        object: &Object,
        field: Name,
        at: Location,
    ) -> Value {
        if entry.status
            && let Some(status) = object.field(name(STATUS))
        {
            return status.clone();
        }
        if entry.bounded {
            return Value::few();
        }
        if let Some(class) = &entry.class {
            return Value::path(name(class));
        }
        let mut value = entry.returns.as_ref().map_or_else(Value::unknown, |ty| Value::typed(TypeRef::parse(ty)));
        if entry.carries {
            value = value.tainted(&base.taints).tainted(&object.element().taints);
        }
        if let Some(source) = &entry.source {
            value = self.sourced(source, Some(field), value, at);
        } else if !entry.carries && entry.returns.is_none() {
            value = value.tainted(&self.part_taints(base, Some(field), at));
        }
        value
    }

    pub(super) fn attribute_of_unknown(&mut self, value: &Value, field: Name, at: Location) -> Value {
        let class = value.ty.as_ref().and_then(|ty| self.program.class_at(ty.path));
        if self.is_member_field(class, field) {
            return Value::few();
        }
        let tables = self.tables();
        let entry = match &value.ty {
            Some(ty) => tables
                .attribute_of(ty.path, field)
                .or_else(|| tables.type_entry(ty.path).is_none().then(|| tables.any_attribute(field)).flatten()),
            None => tables.any_attribute(field),
        };
        if let Some(entry) = entry {
            let entry = entry.clone();
            let object = Object::new(Kind::Opaque);
            return self.known_attribute(&entry, value, &object, field, at);
        }
        let held = value.ty.clone().and_then(|ty| self.held_type(&ty));
        if let Some(class) = held.as_ref().and_then(|ty| self.program.class_at(ty.path))
            && let Some(content) = self.declared_content(class, field, at)
        {
            return content;
        }
        if let Some(kept) = self.kept_on(value, field) {
            return kept.join(&Value::unknown().tainted(&self.part_taints(value, Some(field), at)));
        }
        if let Some(class) = held.as_ref().and_then(|ty| self.program.class_at(ty.path))
            && let Some(declared) = self.declared_field(class, field, at)
        {
            // A wrapper of the project's own state (`Data<Shared>`): what the project put into the field.
            let kept = self.base.get(&ObjId::summary(class)).and_then(|object| object.field(field)).cloned();
            return match kept.filter(|_| value.taints.is_empty()) {
                Some(kept) => kept.join(&declared),
                None => self.part_of_typed(value, declared, field, at),
            };
        }
        Value::unknown().tainted(&self.part_taints(value, Some(field), at))
    }

    /// A field whose type is declared, of a value from outside: bounded types stay bounded, structures stay whole.
    fn part_of_typed(&mut self, value: &Value, declared: Value, field: Name, at: Location) -> Value {
        if self.is_bounded(&declared) {
            return declared;
        }
        let taints = self.part_taints(value, Some(field), at);
        declared.tainted(&taints)
    }

    /// The type that a wrapper holds (`Json<T>` is `T`).
    pub(super) fn held_type(&self, ty: &TypeRef) -> Option<TypeRef> {
        let mut ty = ty.clone();
        for _ in 0..4 {
            let holds = ty.path.as_str() == OPTION_TYPE
                || self.tables().type_entry(ty.path).is_some_and(|entry| entry.holds_argument);
            if !holds {
                break;
            }
            ty = ty.args.first()?.clone();
        }
        Some(ty)
    }

    pub(super) fn set_attribute(&mut self, carry: &mut Carry, object: &Value, field: Name, value: Value, at: Location) {
        let value = stored(self.named(value, field, at));
        self.keep(&value, field);
        // A response that nobody here made is the one that the framework gives in the end.
        self.keep_on(object, field, &value);
        let foreign = object.ty.as_ref().filter(|_| object.unknown && object.alts.is_empty());
        if foreign.is_some_and(|ty| self.tables().attribute_of(ty.path, field).is_some_and(|entry| entry.status)) {
            self.set_ambient(carry, value.clone(), at);
        }
        for id in object.objects().collect::<Vec<_>>() {
            let Some(known) = self.object(&carry.heap, id) else { continue };
            let entry = known.ty.and_then(|ty| self.tables().attribute_of(ty, field));
            let is_status = known.kind == Kind::Response
                && entry.is_none_or(|entry| entry.status)
                && field.as_str().contains(STATUS);
            let key = if is_status { name(STATUS) } else { field };
            let weak = object.alts.len() > 1 || object.unknown;
            let next = match known.field(key) {
                Some(old) if weak => old.join(&value),
                _ => value.clone(),
            };
            if let Some(class) = known.class {
                self.summarize_field(class, field, &next);
            }
            self.change(&mut carry.heap, id, |object| object.set_field(key, next));
        }
        for alt in &object.alts {
            if let Alt::Class(class) = alt {
                self.change(&mut carry.heap, ObjId::class(*class), |object| object.set_field(field, value.clone()));
            }
        }
    }

    pub(super) fn set_index(&mut self, carry: &mut Carry, object: &Value, index: &Value, value: Value, at: Location) {
        let value = stored(value);
        for id in object.objects().collect::<Vec<_>>() {
            let Some(known) = self.object(&carry.heap, id) else { continue };
            let mut next = (*known).clone();
            if matches!(next.kind, Kind::Response) {
                continue;
            }
            let was_many = next.many;
            next.many |= object.alts.len() > 1 || object.unknown;
            self.put(&mut next, index, value.clone(), at);
            next.many = was_many;
            carry.heap.set(id, Rc::new(next));
        }
    }

    pub(super) fn delete_entry(&mut self, carry: &mut Carry, object: &Value, key: Const) {
        if let [Alt::Object(id)] = object.alts.as_slice() {
            self.change(&mut carry.heap, *id, |object| {
                object.entries.remove(&key);
            });
        }
    }

    /// `value[index]`.
    pub(super) fn index(&mut self, carry: Carry, value: &Value, index: &Value, span: Span) -> Vec<Exit> {
        let at = self.at(span);
        let mut result = Value::nothing();
        let mut may_raise = false;
        let mut exits = Vec::new();
        for alt in &value.alts {
            match alt {
                Alt::Object(id) => {
                    let Some(object) = self.object(&carry.heap, *id) else { continue };
                    if let Some(field) = self.positional_field(&object, index) {
                        result = result.join(&field);
                        continue;
                    }
                    if object.class.is_some() && object.kind == Kind::Instance {
                        let args = Args::of(vec![index.clone()]);
                        let one = Value::object(*id);
                        exits.extend(self.call_method(carry.clone(), &one, name("__getitem__"), args, span));
                        continue;
                    }
                    if let Some(missing) = self.clients_key(&object, value, index, span) {
                        result = result.join(&missing);
                        continue;
                    }
                    let (found, missing) = self.lookup(&object, index, at);
                    let found = self.looked_up(found, index);
                    may_raise |= missing;
                    result = result.join(&found);
                    if found.is_nothing() && missing {
                        result = result.join(&self.missing_entry(&object, value, index, span));
                    }
                }
                Alt::Path(_) | Alt::Class(_) => result = result.join(&Value::one(alt.clone())),
                Alt::Missing(what) => {
                    let key = index.single_text().map_or_else(|| "…".to_owned(), |key| format!("'{key}'"));
                    result = result.join(&Value::one(Alt::Missing(name(&format!("{what}[{key}]")))));
                }
                _ => result = result.join(&Value::unknown().tainted(&value.taints)),
            }
        }
        let has_missing = result.alts.iter().any(|alt| matches!(alt, Alt::Missing(_)));
        if value.unknown {
            let method = name("__getitem__");
            if let Some(ty) = &value.ty
                && self.tables().method_of(ty.path, method).is_some()
            {
                let args = Args::of(vec![index.clone()]);
                let part = value.with(|data| data.alts.clear());
                exits.extend(self.call_method(carry.clone(), &part, method, args, span));
            } else {
                result = result.join(&self.index_of_unknown(value, index, at));
                may_raise = true;
            }
        }
        if may_raise && !has_missing {
            exits.push(Exit::raises(self.exception("builtins.LookupError"), carry.clone()));
        }
        if !result.is_nothing() {
            exits.push(Exit::returns(result, carry));
        }
        exits
    }

    fn index_of_unknown(&mut self, value: &Value, index: &Value, at: Location) -> Value {
        let key = index.single_text();
        if let Some(declared) = self.declared_element(value, key, at) {
            return declared;
        }
        let element = Value::unknown().tainted(&self.part_taints(value, key, at));
        let element = match value.ty.as_ref().and_then(|ty| ty.args.last()) {
            Some(ty) if element.ty.is_none() => {
                let ty = ty.clone();
                element.with(|data| data.ty = Some(ty))
            }
            _ => element,
        };
        match key {
            Some(key) => self.named(element, key, at),
            None => element,
        }
    }

    /// The element under a key, and whether it may be missing.
    pub(super) fn lookup(&mut self, object: &Object, index: &Value, at: Location) -> (Value, bool) {
        let constants = constants_of(index);
        let sequence = matches!(object.kind, Kind::List | Kind::Tuple | Kind::Set);
        // A registry that clients' keys go into does not hold other keys because of that.
        let by_clients = object.rest_keys.as_ref().is_some_and(|keys| !keys.taints.is_empty())
            && object.rest.as_ref().is_some_and(|rest| rest.metrics().next().is_some());
        if constants.is_empty() || index.unknown || constants.len() < index.alts.len() {
            let chosen = by_clients && index.is_open() && !index.taints.is_empty();
            let element = if chosen { object.rest.clone().unwrap_or_else(Value::unknown) } else { object.element() };
            return (element, object.kind == Kind::Dict || element_is_empty(object));
        }
        let mut found = Value::nothing();
        let mut missing = false;
        for key in constants {
            let key = match key {
                Const::Int(position) if sequence && position < 0 => Const::Int(position + object.entries.len() as i64),
                other => other,
            };
            let held = if by_clients { object.entries.get(&key).cloned() } else { object.get(key) };
            match held {
                Some(value) => {
                    missing |= !object.entries.contains_key(&key);
                    let value = match key {
                        Const::Str(key) => self.named(value, key, at),
                        _ => value,
                    };
                    found = found.join(&value);
                }
                None => missing = true,
            }
        }
        (found, missing)
    }

    pub(super) fn slice(&mut self, state: &mut State, object: crate::program::Reg, span: Span) -> Value {
        let value = state.get(object);
        let at = self.at(span);
        if self.is_container(&state.carry.heap, &value) {
            let element = self.element_of(&state.carry.heap.clone(), &value, at);
            let mut list = Object::new(Kind::List);
            list.set_any(&Value::count(), &element);
            let id = self.make(&mut state.carry.heap, (span, 0), list);
            return Value::object(id);
        }
        if value.is_constant() { Value::few() } else { value.carried() }
    }

    pub(super) fn load_cell(&mut self, state: &State, up: u32, cell: Name) -> Value {
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
                self.named(Value::unknown(), super::ops::base_name(cell), at)
            }
            None => Value::nothing(),
        }
    }

    pub(super) fn store_cell(&mut self, state: &mut State, up: u32, cell: Name, value: Value) {
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

    /// An exception of a class from outside.
    pub(super) fn exception(&mut self, class: &str) -> Value {
        Data { unknown: true, ty: Some(TypeRef::plain(name(class))), ..Data::default() }.into()
    }
}

/// What an attribute is: a value, or the result of a getter that has to run.
enum Found {
    Value(Value),
    Getter(crate::program::FuncId, Value),
}

fn element_is_empty(object: &Object) -> bool {
    object.entries.is_empty() && object.rest.is_none()
}

/// Entry of a response with its status.
pub(super) const STATUS: &str = "status";
/// Entry of a response with its body.
pub(super) const BODY: &str = "body";
/// The type of what a `property` makes.
pub(super) const PROPERTY: &str = "builtins.property";
const OPTION_TYPE: &str = "Option";
