//! What does `value.field` give, and what does writing to it change?

use std::rc::Rc;

use crate::program::{ClassId, Const, Name, name};
use crate::source::{Location, Span};

use crate::flow::run::displays::stored;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, ObjId, Object};
use crate::flow::values::state::{Args, Carry, Exit};
use crate::flow::values::statuses::STATUS;
use crate::flow::values::store::Heap;
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// `value.field`.
    pub(crate) fn attribute(&mut self, carry: Carry, value: &Value, field: Name, span: Span) -> Vec<Exit> {
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
    fn inherited_taints(&self, value: &Value, field: Name, at: Location) -> Vec<crate::flow::values::value::Taint> {
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
            if field.as_str() == "__dict__" {
                return Found::Value(self.fields_as_dict(id, &object));
            }
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

    /// What `__dict__` gives: the fields as they are now.
    fn fields_as_dict(&mut self, of: ObjId, object: &Object) -> Value {
        let mut dict = object.clone();
        (dict.kind, dict.class, dict.ty) = (Kind::Dict, None, None);
        for value in object.entries.values() {
            self.outlive(value);
        }
        let id = ObjId::at(self.frame().context, ("fields", of));
        self.base.keep(id, Rc::new(dict));
        Value::object(id)
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
        self.base.keep(id, Rc::new(object));
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
        let summary = self.base.get(ObjId::summary(class)).and_then(|object| object.field(field)).cloned();
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
    pub(crate) fn declared_field(&mut self, class: ClassId, field: Name, at: Location) -> Option<Value> {
        for class in self.program.ancestors(class) {
            if let Some(declared) = self.program.class(class).fields.iter().find(|known| known.name == field) {
                let value = declared.ty.clone().map_or_else(Value::unknown, |ty| self.of_type(&ty, at));
                return Some(self.named(value, field, at));
            }
        }
        None
    }

    /// An attribute of a class of the project, its bases included.
    pub(crate) fn class_attribute(&self, heap: &Heap, class: ClassId, field: Name) -> Option<Value> {
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

    pub(crate) fn set_attribute(&mut self, carry: &mut Carry, object: &Value, field: Name, value: Value, at: Location) {
        let value = stored(self.named(value, field, at));
        self.keep(&value, field);
        // A response that nobody here made is the one that the framework gives in the end.
        self.keep_on(&carry.heap, object, field, &value);
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
}

/// What an attribute is: a value, or the result of a getter that has to run.
enum Found {
    Value(Value),
    Getter(crate::program::FuncId, Value),
}

/// The type of what a `property` makes.
pub(crate) const PROPERTY: &str = "builtins.property";

pub(crate) const OPTION_TYPE: &str = "Option";
