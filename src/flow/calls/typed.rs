//! Which method is meant where only the type of the receiver is known, or not even that?

use crate::program::{ClassKind, Const, Name, name};
use crate::source::Span;

use crate::flow::run::machine::Machine;
use crate::flow::values::heap::Kind;
use crate::flow::values::state::{Args, Carry, Exit};
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// A method of a value of which only the type, or nothing, is known.
    pub(crate) fn method_of_value(
        &mut self,
        carry: Carry,
        value: &Value,
        method: Name,
        args: &Args,
        span: Span,
    ) -> Vec<Exit> {
        if let Some(ty) = &value.ty
            && value.unknown
            && let Some(class) = self.held_type(ty).and_then(|ty| self.program.class_at(ty.path))
            && let Some(exits) = self.method_by_type(carry.clone(), value, class, method, args, span)
        {
            return exits;
        }
        let types = self.types_of(&carry, value);
        let tables = self.tables();
        for ty in &types {
            if let Some(entry) = tables.method_of(*ty, method) {
                let entry = entry.clone();
                return self.apply(carry, &entry, Some(value), args, (span, method));
            }
            if tables.handler_of(*ty, method).is_some() {
                let path = tables
                    .ancestors(*ty)
                    .into_iter()
                    .map(|ty| name(&format!("{ty}.{method}")))
                    .find(|path| tables.handler(*path).is_some());
                if let Some(path) = path {
                    return self.registrar(carry, (path, Some(value)), args, span);
                }
            }
        }
        // Whatever writes itself into the formatter with which the project's own code is run.
        if self.is_rust()
            && let Some(target) = args.positional.last().filter(|target| self.is_collector(&carry.heap, target))
            && !self.is_collector(&carry.heap, value)
        {
            let all = [value.clone(), target.clone()];
            return vec![self.print(&carry, "print-into", &all, span)];
        }
        let described = types.iter().any(|ty| tables.type_entry(*ty).is_some())
            && !self.is_rust()
            && value.alts.iter().all(|alt| !matches!(alt, Alt::Object(_)));
        if let Some(entry) = tables.wildcard(method)
            && (!described || entry.records.is_none())
        {
            let entry = entry.clone();
            return self.apply(carry, &entry, Some(value), args, (span, method));
        }
        self.method_unknown(carry, value, method, args, span)
    }

    /// A method of an instance of which only the class is known: its own, or those of all that implement the trait.
    fn method_by_type(
        &mut self,
        carry: Carry,
        value: &Value,
        class: crate::program::ClassId,
        method: Name,
        args: &Args,
        span: Span,
    ) -> Option<Vec<Exit>> {
        let info = self.program.class(class);
        let mut targets: Vec<crate::program::FuncId> = Vec::new();
        if info.kind == ClassKind::Trait {
            for implementor in self.program.implementors(info.path).to_vec() {
                targets.extend(self.program.method(implementor, method));
            }
        }
        if targets.is_empty() {
            targets.extend(self.program.method(class, method));
        }
        if targets.is_empty() {
            return None;
        }
        targets.dedup();
        if targets.len() > MAX_TARGETS {
            return None;
        }
        let mut exits = Vec::new();
        for target in targets {
            let owner = self.program.function(target).owner;
            let receiver = match owner {
                Some(owner) if value.taints.is_empty() && self.program.class(owner).kind != ClassKind::Trait => {
                    let id = self.summary(owner);
                    Value::object(id)
                }
                _ => value.clone(),
            };
            exits.extend(self.run_method(carry.clone(), target, receiver, args.clone(), span));
        }
        Some(exits)
    }

    fn method_unknown(&mut self, carry: Carry, value: &Value, method: Name, args: &Args, span: Span) -> Vec<Exit> {
        for arg in args.all().cloned().collect::<Vec<_>>() {
            self.escape(&carry, &arg, span);
        }
        let at = self.at(span);
        let mut result = Value::unknown().tainted(&self.asked_for(&value.taints, method));
        if value.taints.iter().any(|taint| taint.whole) {
            // A getter of something from outside: judged by its own name or by the key it is asked for.
            let key = args.positional.first().and_then(Value::single_text).unwrap_or(method);
            result = Value::unknown().tainted(&self.part_taints(value, Some(key), at));
        }
        if args.positional.is_empty() && args.keywords.is_empty() {
            let noun = method.as_str().strip_prefix("get_").unwrap_or(method.as_str());
            result = self.named(result, name(noun), at);
        }
        let decorates = args.positional.len() == 1 && args.keywords.is_empty() && args.positional[0].is_callable();
        if decorates && !self.is_rust() {
            return vec![Exit::returns(args.positional[0].clone(), carry)];
        }
        let mut exits = Vec::new();
        if !value.few || value.unknown {
            exits.push(Exit::raises(Value::unknown(), carry.clone()));
        }
        exits.push(Exit::returns(result, carry));
        exits
    }

    /// Dotted paths of the types that a value may have, for looking up methods.
    pub(crate) fn types_of(&self, carry: &Carry, value: &Value) -> Vec<Name> {
        let rust = self.is_rust();
        let mut found: Vec<Name> = Vec::new();
        let mut add = |path: Name| {
            if !found.contains(&path) {
                found.push(path);
            }
        };
        for alt in &value.alts {
            match alt {
                Alt::Metric(metric) => add(self.metrics.get(*metric).ty),
                Alt::Const(Const::Str(_) | Const::Bytes(_)) | Alt::Template(_) => {
                    add(name(if rust { "std.string.String" } else { "builtins.str" }));
                }
                Alt::Status(_) if rust => add(name("http.StatusCode")),
                Alt::Const(Const::Int(_)) => add(name(if rust { "std.primitive.i64" } else { "builtins.int" })),
                Alt::Object(id) => {
                    let Some(object) = self.object(&carry.heap, *id) else { continue };
                    if let Some(ty) = object.ty {
                        add(ty);
                    }
                    if let Some(ty) = container_type(&object.kind, rust) {
                        add(name(ty));
                    }
                }
                _ => {}
            }
        }
        if let Some(ty) = &value.ty {
            add(ty.path);
            if let Some(held) = self.held_type(ty) {
                add(held.path);
            }
        }
        found
    }
}

/// Calls through a trait with more implementations than these are not followed.
const MAX_TARGETS: usize = 6;

/// The type whose methods a container has.
fn container_type(kind: &Kind, rust: bool) -> Option<&'static str> {
    Some(match (kind, rust) {
        (Kind::List, false) => "builtins.list",
        (Kind::Tuple, false) => "builtins.tuple",
        (Kind::Set, false) => "builtins.set",
        (Kind::Dict, false) => "builtins.dict",
        (Kind::List, true) => "std.vec.Vec",
        (Kind::Set, true) => "std.collections.HashSet",
        (Kind::Dict, true) => "std.collections.HashMap",
        (Kind::Tuple, true) => "tuple",
        _ => return None,
    })
}
