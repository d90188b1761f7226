//! Classes: their bodies, their instances, struct literals and enum variants.

use std::rc::Rc;

use crate::program::{ClassId, ClassKind, Const, Name, Reg, name};
use crate::source::Span;

use crate::flow::run::displays::stored;
use crate::flow::run::exec::Invocation;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, ObjId, Object};
use crate::flow::values::state::{Args, Carry, Exit, State};
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// Runs a class body; the result is the class.
    pub(crate) fn make_class(&mut self, carry: Carry, class: ClassId, span: Span) -> Vec<Exit> {
        let id = ObjId::class(class);
        let mut carry = carry;
        let mut object = Object::new(Kind::Names);
        object.class = None;
        carry.heap.set(id, Rc::new(object.clone()));
        self.base.ensure(id, || object);
        let Some(body) = self.program.class(class).body else {
            return vec![Exit::returns(Value::one(Alt::Class(class)), carry)];
        };
        let outer = self.frame().cells;
        let call =
            Invocation { function: body, outer: Some(outer), receiver: None, args: Args::default(), site: Some(span) };
        let mut exits = self.run(call, carry);
        for exit in exits.iter_mut().filter(|exit| !exit.raised) {
            exit.value = Value::one(Alt::Class(class));
        }
        exits
    }

    /// An attribute of the class whose body runs.
    pub(crate) fn class_field(&mut self, carry: &mut Carry, field: Name, value: Value) {
        let Some(class) = self.function().owner else { return };
        self.keep(&value, field);
        self.change(&mut carry.heap, ObjId::class(class), |object| object.set_field(field, stored(value)));
    }

    /// Makes an instance and runs its initialiser.
    pub(crate) fn instantiate(&mut self, carry: Carry, class: ClassId, args: Args, span: Span) -> Vec<Exit> {
        let kind = self.program.class(class).kind;
        if matches!(kind, ClassKind::Struct | ClassKind::Enum | ClassKind::Trait) {
            return vec![self.tuple_struct(carry, class, &args, span)];
        }
        if self.is_enumeration(class) {
            return vec![Exit::returns(Value::few(), carry)];
        }
        let mut carry = carry;
        let mut object = Object::new(Kind::Instance);
        object.class = Some(class);
        let initialiser = self.method_with_class(class, name("__init__"));
        if initialiser.is_none() {
            self.fill_fields(&mut object, class, &args, span);
        }
        if let Some(metric) = self.subclass_of_metric(class) {
            return self.call_path(carry, metric, &args, span);
        }
        let status = self.response_base(class);
        if status.is_some() {
            object.kind = Kind::Instance;
        }
        let id = self.make(&mut carry.heap, (span, 20), object);
        let this = Value::object(id);
        if let Some(base) = status {
            let exits = self.call_path(carry.clone(), base, &args, span);
            for exit in exits.iter().filter(|exit| !exit.raised) {
                for inner in exit.value.objects() {
                    if let Some(made) = self.object(&exit.carry.heap, inner) {
                        let entries = made.entries.clone();
                        self.change(&mut carry.heap, id, |object| object.entries.extend(entries));
                    }
                }
            }
        }
        let Some(initialiser) = initialiser else {
            return vec![Exit::returns(this, carry)];
        };
        let mut exits = self.run_method(carry, initialiser, this.clone(), args, span);
        for exit in exits.iter_mut().filter(|exit| !exit.raised) {
            exit.value = this.clone();
        }
        exits
    }

    /// A method of the project, static search.
    fn method_with_class(&self, class: ClassId, method: Name) -> Option<crate::program::FuncId> {
        self.program.method(class, method)
    }

    /// The base from outside that makes an instance a metric.
    fn subclass_of_metric(&self, class: ClassId) -> Option<Name> {
        self.outside_bases(class)
            .into_iter()
            .find(|base| self.tables().call(*base).is_some_and(|entry| entry.creates.is_some()))
    }

    /// The base from outside that makes an instance a response or an exception with a status.
    fn response_base(&self, class: ClassId) -> Option<Name> {
        self.outside_bases(class)
            .into_iter()
            .find(|base| self.tables().call(*base).is_some_and(|entry| entry.response.is_some()))
    }

    /// Arguments of a class without an initialiser of its own go to its declared fields.
    fn fill_fields(&mut self, object: &mut Object, class: ClassId, args: &Args, span: Span) {
        let at = self.at(span);
        let mut declared: Vec<Name> = Vec::new();
        for class in self.program.ancestors(class).into_iter().rev() {
            declared.extend(self.program.class(class).fields.iter().map(|field| field.name));
        }
        for (position, value) in args.positional.iter().enumerate() {
            let key = declared.get(position).copied().unwrap_or_else(|| name(&format!("arg{position}")));
            let value = self.named(value.clone(), key, at);
            self.summarize_field(class, key, &stored(value.clone()));
            object.set_field(key, stored(value));
        }
        for (key, value) in &args.keywords {
            let value = self.named(value.clone(), *key, at);
            self.summarize_field(class, *key, &stored(value.clone()));
            object.set_field(*key, stored(value));
        }
        if let Some(more) = &args.more_keywords {
            object.rest = Some(more.clone());
        }
    }

    /// `Wrapper(x)`, `AppError::Missing(x)` called as functions.
    fn tuple_struct(&mut self, mut carry: Carry, class: ClassId, args: &Args, span: Span) -> Exit {
        let mut object = Object::new(Kind::Instance);
        object.class = Some(class);
        for (position, value) in args.positional.iter().enumerate() {
            let key = name(&position.to_string());
            self.summarize_field(class, key, &stored(value.clone()));
            object.set_field(key, stored(value.clone()));
        }
        let id = self.make(&mut carry.heap, (span, 20), object);
        Exit::returns(Value::object(id), carry)
    }

    /// An enum variant with fields, by path; `None` if the path is no variant of the project.
    pub(crate) fn variant(&mut self, carry: &mut Carry, path: Name, args: &Args, span: Span) -> Option<Value> {
        let (owner, variant) = path.as_str().rsplit_once('.')?;
        let class = self.program.class_at(name(owner))?;
        let class_info = self.program.class(class);
        if class_info.kind != ClassKind::Enum || !class_info.variants.iter().any(|known| known.name.as_str() == variant)
        {
            return None;
        }
        let full = name(&format!("{}.{variant}", class_info.path));
        let mut object = Object::new(Kind::Variant(full));
        object.class = Some(class);
        for (position, value) in args.positional.iter().enumerate() {
            object.set_field(name(&position.to_string()), stored(value.clone()));
        }
        let id = self.make(&mut carry.heap, (span, 20), object);
        Some(Value::object(id))
    }

    /// A struct literal or a variant with named fields.
    pub(crate) fn construct(
        &mut self,
        state: &mut State,
        path: Name,
        fields: &[(Name, Reg)],
        base: Option<Reg>,
        span: Span,
    ) -> Value {
        let at = self.at(span);
        let class = self.program.class_at(path);
        let variant_of = path.as_str().rsplit_once('.').and_then(|(owner, _)| self.program.class_at(name(owner)));
        if let (None, None, Some(entry)) = (class, variant_of, self.tables().call(path)) {
            // A struct of a library that a call could make as well (`Opts { name, help, … }`).
            let entry = entry.clone();
            let keywords =
                fields.iter().map(|(field, reg)| (*field, self.named(state.get(*reg), *field, at))).collect();
            let args = Args { keywords, ..Args::default() };
            let made = self.apply(state.carry.clone(), &entry, None, &args, (span, path));
            if let Some(exit) = made.into_iter().find(|exit| !exit.raised) {
                state.carry = exit.carry;
                return exit.value;
            }
        }
        let mut object = match (class, variant_of) {
            (Some(class), _) => {
                let mut object = Object::new(Kind::Instance);
                object.class = Some(class);
                object
            }
            (None, Some(owner)) => {
                let last = path.last_part();
                let full = name(&format!("{}.{last}", self.program.class(owner).path));
                let mut object = Object::new(Kind::Variant(full));
                object.class = Some(owner);
                object
            }
            (None, None) => {
                let mut object = Object::new(Kind::Instance);
                object.ty = Some(self.tables().canonical(path));
                object
            }
        };
        if let Some(base) = base {
            for id in state.get(base).objects().collect::<Vec<_>>() {
                if let Some(known) = self.object(&state.carry.heap, id) {
                    object.entries.extend(known.entries.iter().map(|(key, value)| (*key, value.clone())));
                }
            }
        }
        for (field, reg) in fields {
            let mut value = stored(self.named(state.get(*reg), *field, at));
            if let Some(class) = class
                && value.ty.as_ref().is_some_and(|ty| ty.path.as_str() == super::defaults::DEFAULT)
                && let Some(made) = self.default_of_field(&mut state.carry, class, *field, span)
            {
                value = made;
            }
            self.keep(&value, *field);
            if let Some(class) = class {
                self.summarize_field(class, *field, &value);
            }
            object.set(Const::Str(*field), value);
        }
        let id = self.make(&mut state.carry.heap, (span, 20), object);
        Value::object(id)
    }
}
