//! What a derived `Default` makes: an instance whose fields are the defaults of their types, metrics among them.

use std::collections::BTreeSet;

use crate::program::{ClassId, ClassKind, Const, Name, TypeRef, name};
use crate::source::{Location, Span};

use crate::flow::metrics::table::MetricInfo;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, Object};
use crate::flow::values::state::Carry;
use crate::flow::values::value::{Alt, Value};

/// Below so many structs inside of structs nothing is made.
const MAX_NESTED: u32 = 4;

impl Machine<'_> {
    /// The value of `Type::default()` where the project derives it, or the type is one that knowledge describes.
    pub(crate) fn derived_default(&mut self, carry: &mut Carry, path: Name, span: Span) -> Option<Value> {
        let (owner, method) =
            path.as_str().rsplit_once('.').filter(|(_, method)| matches!(*method, "default" | "new"))?;
        let (owner, method) = (name(owner), name(method));
        if self.tables().method_of(owner, method).is_some() {
            return None;
        }
        if let Some(class) = self.program.class_at(owner) {
            return (method.as_str() == "default" && self.derives_default(class))
                .then(|| self.default_instance(carry, class, span, 0));
        }
        let entry = self.tables().type_entry(owner)?;
        let plain = entry.metric.is_none() && !entry.registry && entry.source.is_none() && !entry.bounded;
        plain.then(|| Value::typed(TypeRef::plain(self.tables().canonical(owner))))
    }

    fn derives_default(&self, class: ClassId) -> bool {
        let class = self.program.class(class);
        class.kind == ClassKind::Struct && class.attributes.iter().any(|known| known.path.as_str() == "derive.Default")
    }

    fn default_instance(&mut self, carry: &mut Carry, class: ClassId, span: Span, depth: u32) -> Value {
        let program = self.program;
        let info = program.class(class);
        let mut object = Object::new(Kind::Instance);
        object.class = Some(class);
        for (position, field) in info.fields.iter().enumerate() {
            let Some(ty) = &field.ty else { continue };
            let at = Location::new(info.file, field.span);
            let Some(value) = self.default_of_type(carry, ty, at, (span, depth, position)) else { continue };
            self.keep(&value, field.name);
            self.summarize_field(class, field.name, &value);
            object.set(Const::Str(field.name), value);
        }
        let id = self.make(&mut carry.heap, (span, 300 + depth * 1024 + class.0), object);
        Value::object(id)
    }

    /// The default of a field that is a metric, or a struct that may hold some.
    fn default_of_type(
        &mut self,
        carry: &mut Carry,
        ty: &TypeRef,
        at: Location,
        (span, depth, position): (Span, u32, usize),
    ) -> Option<Value> {
        if let Some(class) = self.program.class_at(ty.path) {
            let nested = depth < MAX_NESTED && self.derives_default(class);
            return nested.then(|| self.default_instance(carry, class, span, depth + 1 + position as u32 * 8));
        }
        if let Some((kind, shared)) = self.empty_container(ty) {
            let mut object = Object::new(kind);
            object.shared = shared;
            let id = self.make(&mut carry.heap, (span, 200 + depth * 16 + position as u32), object);
            return Some(Value::object(id));
        }
        let kind = self.tables().type_entry(ty.path)?.metric.clone()?;
        let info = MetricInfo {
            at,
            made_at: at,
            counter: 0,
            names: BTreeSet::from([name("{…}")]),
            kind,
            ty: self.tables().canonical(ty.path),
            labels: None,
            help: None,
            function: self.frame().function,
            registries: BTreeSet::new(),
            kept_as: BTreeSet::new(),
            recorded: false,
            escaped: false,
            shared: false,
            counts: false,
            misnamed: None,
            guessed: false,
        };
        Some(Value::one(Alt::Metric(self.metrics.intern(info))))
    }

    /// The kind of container that a type's constructor makes, and whether it stands behind a lock: such are shared.
    fn empty_container(&self, ty: &TypeRef) -> Option<(Kind, bool)> {
        let entry = self.tables().call(name(&format!("{}.new", ty.path)))?;
        match entry.does.as_deref()? {
            "to-list" => Some((Kind::List, false)),
            "to-dict" => Some((Kind::Dict, false)),
            "to-set" => Some((Kind::Set, false)),
            "identity" => self.empty_container(ty.args.first()?).map(|(kind, _)| (kind, true)),
            _ => None,
        }
    }

    /// A field that is given `Default::default()` gets the default of its declared type.
    pub(crate) fn default_of_field(
        &mut self,
        carry: &mut Carry,
        class: ClassId,
        field: Name,
        span: Span,
    ) -> Option<Value> {
        let program = self.program;
        let info = program.class(class);
        let position = info.fields.iter().position(|known| known.name == field)?;
        let ty = info.fields[position].ty.as_ref()?;
        self.default_of_type(carry, ty, Location::new(info.file, info.fields[position].span), (span, 0, position))
    }
}

/// The type of what `Default::default()` gives where nothing says which type is meant.
pub(crate) const DEFAULT: &str = "<default>";
