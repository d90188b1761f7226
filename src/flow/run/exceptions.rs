//! Which exceptions does a handler catch, and what does `raise` raise?

use crate::program::{Name, Reg, TypeRef, name};
use crate::source::Span;

use super::machine::Machine;
use crate::flow::values::state::{Args, State};
use crate::flow::values::store::Heap;
use crate::flow::values::value::{Alt, Data, Value};

/// More classes that an exception is not of are not remembered at once.
const MAX_BARRED: usize = 8;

impl Machine<'_> {
    /// Whether a caught exception is of one of the classes, and whether it is not.
    pub(crate) fn matches(&self, heap: &Heap, exception: &Value, classes: &Value) -> (bool, bool) {
        let wanted = self.class_list(heap, classes);
        let Some(wanted) = wanted else { return (true, true) };
        if wanted.iter().any(|class| matches!(class.as_str(), "builtins.Exception" | "builtins.BaseException")) {
            return (true, false);
        }
        let (mut yes, mut no) = (false, false);
        for alt in &exception.alts {
            let own = self.class_paths(heap, alt);
            match own {
                Some(own) if wanted.iter().any(|class| self.is_subclass(&own, *class)) => yes = true,
                Some(_) => no = true,
                None => (yes, no) = (true, true),
            }
        }
        // What a handler further inside let through because it is none of these.
        let barred = |class: &Name| exception.barred.iter().any(|known| self.is_subclass(&[*class], *known));
        if exception.unknown && wanted.iter().all(barred) {
            no = true;
        } else if exception.unknown {
            match &exception.ty {
                Some(ty) => {
                    let own = vec![ty.path];
                    if wanted.iter().any(|class| self.is_subclass(&own, *class)) {
                        yes = true;
                    } else if wanted.iter().any(|class| self.is_subclass(&[*class], ty.path)) {
                        (yes, no) = (true, true);
                    } else {
                        no = true;
                    }
                }
                None => (yes, no) = (true, true),
            }
        }
        if !yes && !no { (true, true) } else { (yes, no) }
    }

    pub(crate) fn narrow_exception(&self, heap: &Heap, caught: &Value, classes: &Value, taken: bool) -> Value {
        let Some(wanted) = self.class_list(heap, classes) else { return caught.clone() };
        let all = wanted.iter().any(|class| matches!(class.as_str(), "builtins.Exception" | "builtins.BaseException"));
        caught.with(|data| {
            data.alts.retain(|alt| match self.class_paths(heap, alt) {
                Some(own) => (all || wanted.iter().any(|class| self.is_subclass(&own, *class))) == taken,
                None => true,
            });
            if !taken && data.unknown {
                let news = wanted.iter().filter(|class| !data.barred.contains(class)).copied().collect::<Vec<_>>();
                data.barred.extend(news.into_iter().take(MAX_BARRED));
                data.barred.sort_unstable();
            }
            if let (Some(ty), true) = (&data.ty, data.unknown) {
                let is = all || wanted.iter().any(|class| self.is_subclass(&[ty.path], *class));
                if is != taken
                    && (is || data.alts.is_empty())
                    && !(taken && wanted.iter().any(|class| self.is_subclass(&[*class], ty.path)))
                {
                    data.unknown = !data.alts.is_empty() && data.unknown && is == taken;
                }
            } else if data.unknown
                && taken
                && !all
                && let [only] = wanted.as_slice()
            {
                data.ty = Some(crate::program::TypeRef::plain(*only));
            }
        })
    }

    /// The dotted paths of the classes that a value names; `None` where one cannot be told.
    fn class_list(&self, heap: &Heap, classes: &Value) -> Option<Vec<Name>> {
        let mut found = Vec::new();
        if classes.unknown {
            return None;
        }
        for alt in &classes.alts {
            match alt {
                Alt::Class(class) => found.push(self.program.class(*class).path),
                Alt::Path(path) => found.push(*path),
                Alt::Object(id) => {
                    let object = self.object(heap, *id)?;
                    for value in object.entries.values() {
                        found.extend(self.class_list(heap, value)?);
                    }
                }
                _ => return None,
            }
        }
        Some(found)
    }

    /// The class of an exception, most specific first.
    fn class_paths(&self, heap: &Heap, alt: &Alt) -> Option<Vec<Name>> {
        match alt {
            Alt::Object(id) => {
                let object = self.object(heap, *id)?;
                match (object.class, object.ty) {
                    (Some(class), _) => Some(vec![self.program.class(class).path]),
                    (None, Some(ty)) => Some(vec![ty]),
                    _ => None,
                }
            }
            Alt::Path(path) => Some(vec![*path]),
            Alt::Class(class) => Some(vec![self.program.class(*class).path]),
            _ => None,
        }
    }

    /// Whether a class is another or inherits from it, through the project and through libraries.
    pub(crate) fn is_subclass(&self, own: &[Name], of: Name) -> bool {
        let tables = self.tables();
        let of_path = tables.canonical(of);
        own.iter().any(|path| {
            if *path == of || tables.canonical(*path) == of_path || tables.is_subtype(*path, of) {
                return true;
            }
            self.program.class_at(*path).is_some_and(|class| {
                self.program.ancestors(class).into_iter().any(|class| {
                    self.program.class(class).path == of
                        || self
                            .program
                            .class(class)
                            .bases
                            .iter()
                            .any(|base| tables.canonical(*base) == of_path || tables.is_subtype(*base, of))
                })
            })
        })
    }

    /// An exception of a class from outside.
    pub(crate) fn exception(&mut self, class: &str) -> Value {
        Data { unknown: true, ty: Some(TypeRef::plain(name(class))), ..Data::default() }.into()
    }

    /// What `raise value` raises: classes are instantiated.
    pub(crate) fn raised_value(&mut self, state: &mut State, reg: Reg, span: Span) -> Value {
        let value = state.get(reg);
        let mut result = value.with(|data| data.alts.clear());
        for alt in &value.alts {
            match alt {
                Alt::Path(_) | Alt::Class(_) => {
                    let exits = self.call_value(state.carry.clone(), &Value::one(alt.clone()), Args::default(), span);
                    match exits.into_iter().find(|exit| !exit.raised) {
                        Some(exit) => {
                            let known = exit.value.alts.iter().any(|alt| matches!(alt, Alt::Object(_)));
                            result = result.join(&if known { exit.value } else { Value::one(alt.clone()) });
                            state.carry = exit.carry;
                        }
                        None => result = result.join(&Value::one(alt.clone())),
                    }
                }
                _ => result = result.join(&Value::one(alt.clone())),
            }
        }
        let at = self.at(span);
        for id in result.objects().collect::<Vec<_>>() {
            self.change(&mut state.carry.heap, id, |object| {
                if object.left.is_empty() {
                    object.left.push(at);
                }
            });
        }
        result
    }
}
