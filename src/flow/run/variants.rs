//! Which enum variant is a value, as far as a branch tells?

use crate::program::{Name, Reg, name};

use super::machine::Machine;
use crate::flow::values::heap::Kind;
use crate::flow::values::state::State;
use crate::flow::values::store::Heap;
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// The alternatives that are (or are not) a variant.
    pub(crate) fn narrow_variant(&mut self, heap: &Heap, value: &Value, path: Name, taken: bool) -> Value {
        value.with(|data| {
            data.alts.retain(|alt| match self.is_variant(heap, alt, path) {
                Some(is) => is == taken,
                None => true,
            });
            if taken
                && path.as_str() == "None"
                && data.unknown
                && data.ty.as_ref().is_some_and(|ty| ty.path.as_str().ends_with("Option"))
            {
                data.unknown = false;
                data.add(Alt::Path(path));
            }
        })
    }

    /// Whether an alternative is an enum variant.
    pub(crate) fn is_variant(&self, heap: &Heap, alt: &Alt, path: Name) -> Option<bool> {
        let wanted = path.as_str();
        let short = |text: &str| text.rsplit('.').next().unwrap_or_default().to_owned();
        match alt {
            Alt::Path(known) => {
                if known.as_str() == wanted {
                    return Some(true);
                }
                if wanted.contains('.') || matches!(wanted, "Some" | "None" | "Ok" | "Err") {
                    let both_project = self.owner_is_project(*known) && self.owner_is_project(path);
                    let plain = !known.as_str().contains('.') && !wanted.contains('.');
                    return (both_project || plain)
                        .then(|| short(known.as_str()) == short(wanted) && self.same_owner(*known, path));
                }
                None
            }
            Alt::Object(id) => {
                let object = self.object(heap, *id)?;
                match &object.kind {
                    Kind::Variant(known) => Some(
                        short(known.as_str()) == short(wanted)
                            && (!wanted.contains('.') || self.same_owner(*known, path)),
                    ),
                    Kind::Instance if object.class.is_some() => {
                        let class = object.class?;
                        let is_enum = self.program.class(class).kind == crate::program::ClassKind::Enum;
                        (!object.many && !is_enum).then(|| self.program.class_at(path) == Some(class))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn owner_is_project(&self, path: Name) -> bool {
        path.as_str().rsplit_once('.').is_some_and(|(owner, _)| self.program.class_at(name(owner)).is_some())
    }

    fn same_owner(&self, a: Name, b: Name) -> bool {
        let owner =
            |path: Name| path.as_str().rsplit_once('.').and_then(|(owner, _)| self.program.class_at(name(owner)));
        owner(a) == owner(b)
    }

    /// Keeps the good (or bad) side of an option or result.
    pub(crate) fn keep_side(&mut self, state: &mut State, reg: Reg, good: bool) {
        let value = state.get(reg);
        let heap = state.carry.heap.clone();
        let narrowed = value.with(|data| {
            data.alts.retain(|alt| {
                let is_good = match alt {
                    Alt::Path(path) => path.as_str() != "None",
                    Alt::Object(id) => match self.object(&heap, *id).map(|object| object.kind.clone()) {
                        Some(Kind::Variant(variant)) if matches!(variant.as_str(), "Some" | "Ok" | "Err") => {
                            variant.as_str() != "Err"
                        }
                        _ => return true,
                    },
                    _ => return true,
                };
                is_good == good
            });
        });
        if !narrowed.is_nothing() {
            state.set(reg, narrowed);
        }
    }
}
