//! Which method does `receiver.method(…)` call?

use crate::program::{ClassId, FuncId, Name, name};
use crate::source::Span;

use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, ObjId};
use crate::flow::values::state::{Args, Carry, Exit};
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// `receiver.method(…)`.
    pub(crate) fn call_method(
        &mut self,
        carry: Carry,
        receiver: &Value,
        method: Name,
        args: Args,
        span: Span,
    ) -> Vec<Exit> {
        let mut exits = Vec::new();
        let mut rest = receiver.with(|data| data.alts.clear());
        for alt in &receiver.alts {
            match alt {
                Alt::Object(id) => match self.method_of_object(carry.clone(), *id, receiver, method, &args, span) {
                    Some(more) => exits.extend(more),
                    None => rest = rest.with(|data| data.add(alt.clone())),
                },
                Alt::Module(_) | Alt::Class(_) | Alt::Path(_) => {
                    exits.extend(self.method_of_path(carry.clone(), alt, method, &args, span));
                }
                Alt::Missing(what) => exits.extend(self.use_missing(carry.clone(), *what, Some(method), span)),
                _ => rest = rest.with(|data| data.add(alt.clone())),
            }
        }
        if !rest.is_nothing() || receiver.is_nothing() {
            exits.extend(self.method_of_value(carry, &rest, method, &args, span));
        }
        for exit in &mut exits {
            exit.value = self.returned(&exit.value);
        }
        exits
    }

    fn method_of_path(&mut self, carry: Carry, alt: &Alt, method: Name, args: &Args, span: Span) -> Vec<Exit> {
        if let Alt::Path(path) = alt {
            // A unit variant or constant object with methods of its own.
            if let Some((owner, _)) = path.as_str().rsplit_once('.')
                && let Some(class) = self.program.class_at(name(owner))
                && let Some(function) = self.program.method(class, method)
            {
                return self.run_method(carry, function, Value::one(alt.clone()), args.clone(), span);
            }
            let full = name(&format!("{path}.{method}"));
            let tables = self.tables();
            if tables.call(full).is_some() || tables.handler(full).is_some() {
                return self.call_path(carry, full, args, span);
            }
            if tables.type_entry(*path).is_none()
                && tables.wildcard(method).is_some()
                && !path.as_str().contains('!')
                && self.is_rust()
            {
                return self.method_of_value(carry, &Value::one(alt.clone()), method, args, span);
            }
            return self.call_path(carry, full, args, span);
        }
        if let Alt::Class(class) = alt
            && let Some(exits) = self.method_of_class(carry.clone(), *class, method, args, span)
        {
            return exits;
        }
        let found = self.attribute(carry, &Value::one(alt.clone()), method, span);
        let mut exits = Vec::new();
        for exit in found {
            if exit.raised {
                exits.push(exit);
            } else {
                exits.extend(self.call_value(exit.carry, &exit.value, args.clone(), span));
            }
        }
        exits
    }

    /// `Class.method(…)`: static and class methods, and those of bases from outside.
    fn method_of_class(
        &mut self,
        carry: Carry,
        class: ClassId,
        method: Name,
        args: &Args,
        span: Span,
    ) -> Option<Vec<Exit>> {
        if let Some(value) = self.class_attribute(&carry.heap, class, method) {
            let inner = value.objects().find_map(|id| self.object(&carry.heap, id));
            if let Some(object) = inner
                && object.ty.is_some_and(|ty| ty.as_str() == CLASS_METHOD)
                && let Some(function) = object.field(name("0"))
            {
                let mut args = args.clone();
                args.positional.insert(0, Value::one(Alt::Class(class)));
                let function = function.clone();
                return Some(self.call_value(carry, &function, args, span));
            }
            return Some(self.call_value(carry, &value, args.clone(), span));
        }
        if let Some(function) = self.program.method(class, method) {
            return Some(self.call_function(carry, function, None, args.clone(), span));
        }
        let receiver = Value::one(Alt::Class(class));
        for base in self.outside_bases(class) {
            let tables = self.tables();
            if let Some(entry) = tables.method_of(base, method) {
                let entry = entry.clone();
                return Some(self.apply(carry, &entry, Some(&receiver), args, (span, method)));
            }
        }
        None
    }

    fn method_of_object(
        &mut self,
        carry: Carry,
        id: ObjId,
        receiver: &Value,
        method: Name,
        args: &Args,
        span: Span,
    ) -> Option<Vec<Exit>> {
        let object = self.object(&carry.heap, id)?;
        let this = Value::object(id).with(|data| {
            data.taints = receiver.taints.clone();
            data.via = receiver.via;
        });
        if let Kind::Super(class) = object.kind {
            return Some(self.call_super(carry, &object, class, method, args, span));
        }
        if let Some(field) = object.field(method)
            && (field.is_callable()
                || !field.unknown && field.alts.iter().any(|alt| matches!(alt, Alt::Object(_) | Alt::Path(_))))
            && object.kind == Kind::Instance
        {
            let field = field.clone();
            return Some(self.call_value(carry, &field, args.clone(), span));
        }
        let class = object.class?;
        if let Some(value) = self.class_attribute(&carry.heap, class, method) {
            let functions: Vec<(FuncId, Option<ObjId>)> = value
                .alts
                .iter()
                .filter_map(|alt| match alt {
                    Alt::Function(function, outer) => Some((*function, *outer)),
                    _ => None,
                })
                .collect();
            if !functions.is_empty() {
                let mut exits = Vec::new();
                for (function, outer) in functions {
                    exits.extend(if outer.is_some() && self.is_nested(function) {
                        // What a decorator left in place of the method.
                        let mut args = args.clone();
                        args.positional.insert(0, this.clone());
                        self.call_function(carry.clone(), function, outer, args, span)
                    } else {
                        self.run_method(carry.clone(), function, this.clone(), args.clone(), span)
                    });
                }
                return Some(exits);
            }
            if value.objects().next().is_some() {
                let decorated = value
                    .objects()
                    .filter_map(|id| self.object(&carry.heap, id))
                    .any(|object| object.ty.is_none() && !matches!(object.kind, Kind::Instance));
                let mut args = args.clone();
                if decorated {
                    args.positional.insert(0, this);
                } else if let Some(exits) = self.method_of_class(carry.clone(), class, method, &args, span) {
                    return Some(exits);
                }
                return Some(self.call_value(carry, &value, args, span));
            }
        }
        if let Some(function) = self.program.method(class, method) {
            return Some(self.run_method(carry, function, this, args.clone(), span));
        }
        for base in self.outside_bases(class) {
            if let Some(entry) = self.tables().method_of(base, method) {
                let entry = entry.clone();
                return Some(self.apply(carry, &entry, Some(&this), args, (span, method)));
            }
        }
        let summary = self.base.get(ObjId::summary(class)).and_then(|object| object.field(method)).cloned();
        summary.map(|field| self.call_value(carry, &field, args.clone(), span))
    }
}

/// The type of what `classmethod` makes.
pub(crate) const CLASS_METHOD: &str = "builtins.classmethod";
