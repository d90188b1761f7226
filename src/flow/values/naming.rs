//! What names say about values, and how data from outside is judged by the key that it is taken by.

use std::rc::Rc;

use crate::finding::Category;
use crate::knowledge::{Sense, effect::Source};
use crate::program::{ClassId, Const, Name, TypeRef, name};
use crate::source::Location;

use super::heap::{Kind, ObjId};
use super::store::Heap;
use super::value::{Alt, Data, Hop, Taint, Value};
use crate::flow::run::machine::Machine;

/// Longer ways are not told step by step.
const MAX_HOPS: u32 = 14;

impl Value {
    /// Notes a step for everything that the value carries.
    pub(crate) fn hop(&self, at: Location, note: impl Fn() -> String) -> Value {
        if self.taints.is_empty() {
            return self.clone();
        }
        self.with(|data| {
            for taint in &mut data.taints {
                let (length, last) = taint.hops.as_ref().map_or((0, None), |hop| (hop.length, Some(hop.at)));
                if length < MAX_HOPS && last != Some(at) {
                    taint.hops = Some(Rc::new(Hop { at, note: note(), before: taint.hops.take(), length: length + 1 }));
                }
            }
        })
    }
}

impl Taint {
    pub(crate) fn new(category: Option<Category>, what: &str, at: Location, note: String) -> Self {
        let hops = Some(Rc::new(Hop { at, note, before: None, length: 1 }));
        Taint { category, whole: false, guessed: false, trusted: false, hashed: false, what: name(what), hops }
    }
}

impl Machine<'_> {
    /// The value after it was given a telling name.
    pub(crate) fn named(&self, value: Value, known_as: Name, at: Location) -> Value {
        if !value.is_open()
            || value.is_callable()
            || self.is_bounded(&value)
            || self.is_thing(&value)
            || self.is_size(&value)
        {
            return value;
        }
        match self.knowledge.lexicon().sense(known_as.as_str()) {
            Sense::Telling { category, what } if !value.taints.iter().any(|taint| taint.category == Some(category)) => {
                let mut taint = Taint::new(Some(category), what, at, format!("`{known_as}` holds {what}"));
                taint.guessed = true;
                taint.whole = category == Category::Content;
                value.tainted(&[taint])
            }
            _ => value,
        }
    }

    /// Whether the unknown part of a value has few forms by its type.
    pub(crate) fn is_bounded(&self, value: &Value) -> bool {
        if value.clamped == (true, true) {
            return true;
        }
        value.ty.as_ref().is_some_and(|ty| self.is_bounded_type(ty))
            && value.alts.iter().all(|alt| !matches!(alt, Alt::Template(_)))
    }

    /// Whether a value says how many there are of what its name speaks of.
    fn is_size(&self, value: &Value) -> bool {
        let entry = value.ty.as_ref().and_then(|ty| self.tables().type_entry(ty.path));
        value.unknown && entry.is_some_and(|entry| entry.sizes)
    }

    /// What of the taints is left when something is asked for by this name: what is only guessed from a name does not
    /// hold for a type, a count or another thing of it (`credentials.login_type()`).
    pub(crate) fn asked_for(&self, taints: &[Taint], member: Name) -> Vec<Taint> {
        let other = self.knowledge.lexicon().is_of_something_else(member.as_str());
        taints.iter().filter(|taint| !(other && taint.guessed && !taint.whole)).cloned().collect()
    }

    /// Types with few values: flags, enums without fields, what knowledge says.
    pub(crate) fn is_bounded_type(&self, ty: &TypeRef) -> bool {
        if ty.path.as_str() == OPTION
            && let Some(inner) = ty.args.first()
        {
            return self.is_bounded_type(inner);
        }
        if let Some(class) = self.program.class_at(ty.path) {
            return self.program.is_fieldless_enum(class) || self.is_enumeration(class);
        }
        self.tables().type_entry(ty.path).is_some_and(|entry| entry.bounded)
    }

    /// Whether a Python class is an enumeration.
    pub(crate) fn is_enumeration(&self, class: ClassId) -> bool {
        self.outside_bases(class).iter().any(|base| self.tables().type_entry(*base).is_some_and(|entry| entry.bounded))
    }

    /// Values that are tools, not data: metrics, registries, responses, clients with a known type that is no text.
    fn is_thing(&self, value: &Value) -> bool {
        value.alts.iter().any(|alt| matches!(alt, Alt::Metric(_) | Alt::Module(_) | Alt::Class(_)))
            || value.ty.as_ref().is_some_and(|ty| {
                self.tables().type_entry(ty.path).is_some_and(|entry| {
                    entry.metric.is_some()
                        || entry.registry
                        || entry.response
                        || entry.view.is_some()
                        || entry.exception
                })
            })
    }

    /// Data that comes from outside, as knowledge describes it.
    pub(crate) fn sourced(&self, source: &Source, key: Option<Name>, base: Value, at: Location) -> Value {
        let what = if source.what.is_empty() { "outside" } else { source.what.as_str() };
        if key.is_some_and(|key| source.bounded_keys.iter().any(|known| known == key.as_str())) {
            return Value::few();
        }
        if source.key.is_some() {
            return self.keyed(base, key, what, source.trusted, at);
        }
        let taint = match (source.shape.as_str(), source.category) {
            ("whole" | "map" | "object", _) if source.trusted && source.category.is_none() => return base,
            ("whole" | "map" | "object", category) => {
                let mut taint = Taint::new(
                    Some(category.unwrap_or(Category::Content)),
                    describe(category.unwrap_or(Category::Content), what),
                    at,
                    format!("read from {what}"),
                );
                taint.whole = true;
                taint.trusted = source.trusted;
                taint
            }
            (_, Some(category)) => {
                Taint::new(Some(category), describe(category, what), at, format!("read from {what}"))
            }
            (_, None) if source.trusted => return base,
            (_, None) => Taint::new(None, "text that the client chooses", at, format!("read from {what}")),
        };
        base.tainted(&[taint])
    }

    /// One element of data from outside, judged by its key.
    pub(crate) fn keyed(&self, base: Value, key: Option<Name>, from: &str, trusted: bool, at: Location) -> Value {
        let note = |key: Option<Name>| match key {
            Some(key) => format!("`{key}` is read from {from}"),
            None => format!("read from {from}"),
        };
        let sense = key.map_or(Sense::Neutral, |key| self.knowledge.lexicon().sense(key.as_str()));
        let taint = match sense {
            Sense::Telling { category, what } | Sense::WithSource { category, what, .. } => {
                if matches!(sense, Sense::WithSource { stored: false, .. }) && trusted {
                    return base;
                }
                Taint::new(Some(category), what, at, note(key))
            }
            _ if trusted => return base,
            _ => {
                let mut taint = Taint::new(None, "text that the client chooses", at, note(key));
                taint.whole = true;
                taint
            }
        };
        base.tainted(&[taint])
    }

    /// What an element or field of a value carries: parts of containers are judged by their key, parts of one
    /// sensitive value stay sensitive.
    pub(crate) fn part_taints(&self, value: &Value, key: Option<Name>, at: Location) -> Vec<Taint> {
        let mut found = Data::default();
        let sense = key.map_or(Sense::Neutral, |key| self.knowledge.lexicon().sense(key.as_str()));
        if let (Sense::WithSource { category, what, stored: true }, Some(from), Some(key)) =
            (&sense, self.kept_in(value), key)
        {
            found.taint(Taint::new(Some(*category), what, at, format!("`{key}` is read from {from}")));
        }
        let taints = key.map_or_else(|| value.taints.clone(), |key| self.asked_for(&value.taints, key));
        for taint in &taints {
            if !taint.whole && taint.category.is_some() {
                if !matches!(sense, Sense::Defused) {
                    found.taint(taint.clone());
                }
                continue;
            }
            let mut part = taint.clone();
            if taint.guessed && !matches!(sense, Sense::Telling { .. }) {
                continue;
            }
            let (category, what) = match sense {
                Sense::Telling { category, what } | Sense::WithSource { category, what, .. } => (Some(category), what),
                _ if taint.trusted => continue,
                _ => (None, "text that the client chooses"),
            };
            part.category = category;
            part.what = name(what);
            part.whole = category.is_none();
            let note =
                key.map_or_else(|| "one element is taken".to_owned(), |key| format!("`{key}` is taken out of it"));
            part.hops = Some(Rc::new(Hop {
                at,
                note,
                length: part.hops.as_ref().map_or(1, |hop| hop.length + 1),
                before: part.hops.take(),
            }));
            found.taint(part);
        }
        found.taints
    }

    /// What a value of this type keeps, in the reader's words, where that is no client's (`os.environ`): it has no taint
    /// of its own, but its secrets are known by their keys.
    fn kept_in(&self, value: &Value) -> Option<&str> {
        let ty = value.ty.as_ref().filter(|_| value.unknown && value.taints.is_empty())?;
        let source = self.tables().type_entry(ty.path)?.source.as_ref()?;
        (source.trusted && source.category.is_none()).then_some(source.what.as_str())
    }

    /// Everything that a value shows when it is printed: its own taints and those of the objects inside it.
    pub(crate) fn shown(&self, heap: &Heap, value: &Value, at: Location) -> Vec<Taint> {
        let mut found = Data { taints: value.taints.clone(), ..Data::default() };
        let mut seen: Vec<ObjId> = Vec::new();
        let mut waiting: Vec<ObjId> = value.objects().collect();
        while let Some(id) = waiting.pop() {
            if seen.contains(&id) || seen.len() > 64 {
                continue;
            }
            seen.push(id);
            let Some(object) = self.object(heap, id) else { continue };
            if matches!(object.kind, Kind::Bound(_) | Kind::BoundPath(_) | Kind::Names | Kind::Cells | Kind::Response) {
                continue;
            }
            for (key, inner) in &object.entries {
                let inner = match key {
                    Const::Str(key) => self.named(inner.clone(), *key, at),
                    _ => inner.clone(),
                };
                inner.taints.iter().for_each(|taint| found.taint(taint.clone()));
                waiting.extend(inner.objects());
            }
            for inner in object.rest.iter().chain(object.rest_keys.iter()) {
                inner.taints.iter().for_each(|taint| found.taint(taint.clone()));
                waiting.extend(inner.objects());
            }
            if let Some(class) = object.class {
                self.declared_taints(class, &object.entries.keys().copied().collect::<Vec<_>>(), at, &mut found);
            }
        }
        if let Some(class) = value.ty.as_ref().and_then(|ty| self.program.class_at(ty.path))
            && found.taints.is_empty()
        {
            self.declared_taints(class, &[], at, &mut found);
        }
        found.taints
    }

    /// What the declared fields of a class say by their names.
    fn declared_taints(&self, class: ClassId, known: &[Const], at: Location, found: &mut Data) {
        for field in &self.program.class(class).fields {
            if known.contains(&Const::Str(field.name)) {
                continue;
            }
            let value = field.ty.clone().map_or_else(Value::unknown, Value::typed);
            let value = self.named(value, field.name, at);
            value.taints.iter().for_each(|taint| found.taint(taint.clone()));
        }
    }
}

/// The type that stands for a value or nothing, in both languages.
pub(crate) const OPTION: &str = "Option";

/// Words for data of a category that comes from somewhere.
fn describe(category: Category, what: &str) -> &str {
    match category {
        Category::Credential => "a credential",
        Category::Payment => "payment data",
        Category::Personal => "personal data",
        Category::Content => what,
    }
}
