//! What `?` makes of an error: `From::from` of the type that the function returns, where the project gives one.

use crate::program::{FuncId, Name, Syntax, TypeRef, name};
use crate::source::Span;

use crate::flow::run::machine::Machine;
use crate::flow::values::state::{Args, Carry, Exit};
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// The error as the target type; each thing that it may be by itself.
    pub(crate) fn convert_error(&mut self, carry: Carry, error: &Value, target: Name, span: Span) -> Vec<Exit> {
        let Some(class) = self.program.class_at(target) else {
            return vec![Exit::returns(error.clone(), carry)];
        };
        let path = self.program.class(class).path;
        let conversions = self.conversions_to(path);
        let mut parts: Vec<(Option<Name>, Value)> = Vec::new();
        for alt in &error.alts {
            let part = error.with(|data| (data.alts, data.unknown) = (vec![alt.clone()], false));
            parts.push((self.type_of_error(&carry, alt), part));
        }
        if error.unknown {
            let part = error.with(|data| data.alts.clear());
            parts.push((error.ty.as_ref().map(|ty| ty.path), part));
        }
        let mut exits = Vec::new();
        for (own, part) in parts {
            let chosen = match own {
                Some(own) if own == path || self.has_trait(own, path) => {
                    exits.push(Exit::returns(part, carry.clone()));
                    continue;
                }
                Some(own) => conversions.iter().find(|(of, _)| of.is_some_and(|of| self.is_same_type(of, own))),
                None => conversions.first().filter(|_| conversions.len() == 1),
            };
            match chosen.copied() {
                Some((_, function)) => {
                    exits.extend(self.call_function(carry.clone(), function, None, Args::of(vec![part]), span));
                }
                None => {
                    let value = Value::typed(TypeRef::plain(path)).tainted(&part.taints);
                    exits.push(Exit::returns(value, carry.clone()));
                }
            }
        }
        if exits.is_empty() {
            exits.push(Exit::returns(Value::typed(TypeRef::plain(path)), carry));
        }
        exits
    }

    /// What the project converts to a type: from which type, by which function.
    fn conversions_to(&self, path: Name) -> Vec<(Option<Name>, FuncId)> {
        let by = ["std.convert.From", "From"].into_iter().flat_map(|of| self.program.impls_for(path, name(of)));
        by.filter_map(|block| {
            let of = block.of.as_ref().and_then(|of| of.args.first()).map(|ty| ty.path);
            block.methods.first().map(|&(_, function)| (of, function))
        })
        .collect()
    }

    /// The type of an error that is not unknown.
    fn type_of_error(&self, carry: &Carry, alt: &Alt) -> Option<Name> {
        match alt {
            Alt::Object(id) => {
                let object = self.object(&carry.heap, *id)?;
                object.class.map(|class| self.program.class(class).path).or(object.ty)
            }
            Alt::Path(path) => {
                let (owner, _) = path.as_str().rsplit_once('.')?;
                Some(self.program.class_at(name(owner)).map_or(name(owner), |class| self.program.class(class).path))
            }
            _ => None,
        }
    }

    fn is_same_type(&self, a: Name, b: Name) -> bool {
        let tables = self.knowledge.tables(Syntax::Rust);
        a == b || tables.canonical(self.program.canonical(a)) == tables.canonical(self.program.canonical(b))
    }

    /// Whether a type of the project has a trait of the project.
    fn has_trait(&self, ty: Name, of: Name) -> bool {
        let class = self.program.class_at(ty);
        class.is_some_and(|class| self.program.class(class).bases.contains(&of))
    }

    /// The value to return early: the error converted to what the function returns.
    pub(crate) fn residual(&mut self, mut carry: Carry, value: &Value, span: Span) -> Vec<Exit> {
        let sides = self.sides(&carry.heap.clone(), value);
        let mut exits = Vec::new();
        if sides.none {
            exits.push(Exit::returns(Value::path(name("None")), carry.clone()));
        }
        if let Some(error) = sides.error {
            let target = self.error_type();
            let converted = match target {
                Some(target) => self.convert_error(carry.clone(), &error, target, span),
                None => vec![Exit::returns(error, carry.clone())],
            };
            for mut exit in converted {
                if !exit.raised {
                    exit.value = self.wrap(&mut exit.carry, "Err", exit.value.clone(), span);
                }
                exits.push(exit);
            }
        }
        if exits.is_empty() {
            let value = self.wrap(&mut carry, "Err", Value::unknown(), span);
            exits.push(Exit::returns(value, carry));
        }
        exits
    }

    /// The error type that the function returns.
    fn error_type(&self) -> Option<Name> {
        let returns = self.function().returns.as_ref()?;
        if !returns.path.as_str().ends_with("Result") {
            return None;
        }
        returns.args.get(1).map(|ty| ty.path)
    }
}
