//! What is known of an attribute of something outside of the project?

use crate::knowledge::effect::AttributeEntry;
use crate::program::{Const, ModuleId, Name, TypeRef, name};
use crate::source::{Location, Span};

use super::attributes::OPTION_TYPE;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, ObjId, Object};
use crate::flow::values::statuses::STATUS;
use crate::flow::values::store::Heap;
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    pub(crate) fn module_attribute(&self, heap: &Heap, module: ModuleId, field: Name) -> Value {
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
    pub(crate) fn path_attribute(&mut self, path: Name, field: Name, span: Span) -> Value {
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
    pub(crate) fn known_path(&mut self, path: Name, at: Location) -> Option<Value> {
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
        if entry.exposes.is_some() {
            // What shows a page is told by its path when it is handed to a router.
            return Some(Value::path(path));
        }
        let object = Object::new(Kind::Opaque);
        let field = name(path.last_part());
        Some(self.known_attribute(&entry, &Value::unknown(), &object, field, at))
    }

    pub(crate) fn known_attribute(
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

    pub(crate) fn attribute_of_unknown(&mut self, value: &Value, field: Name, at: Location) -> Value {
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
            let kept = self.base.get(ObjId::summary(class)).and_then(|object| object.field(field)).cloned();
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
    pub(crate) fn held_type(&self, ty: &TypeRef) -> Option<TypeRef> {
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
}
