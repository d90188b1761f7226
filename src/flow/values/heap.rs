//! Abstract objects: containers, instances, variants, responses, cells and the names of modules.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::program::{ClassId, Const, FuncId, ModuleId, Name};
use crate::source::Location;

use super::value::Value;

/// An abstract object: one per place of allocation and chain of calls, so that two calls of one factory give two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ObjId(pub(crate) u64);

/// A stable hash of what identifies something.
pub(crate) fn stable_hash(parts: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}

impl ObjId {
    /// The object that holds a module's names.
    pub(crate) fn module(id: ModuleId) -> Self {
        ObjId(stable_hash(("module", id)))
    }

    /// The object that holds a class's attributes.
    pub(crate) fn class(id: ClassId) -> Self {
        ObjId(stable_hash(("class", id)))
    }

    /// The object that stands for every instance of a class of which nothing more is known.
    pub(crate) fn summary(id: ClassId) -> Self {
        ObjId(stable_hash(("summary", id)))
    }

    /// Not an object: what is handed to a function by those who are given it.
    pub(crate) fn handed(id: FuncId) -> Self {
        ObjId(stable_hash(("handed", id)))
    }

    /// Not an object: the value of a static.
    pub(crate) fn fixed(init: FuncId) -> Self {
        ObjId(stable_hash(("static value", init)))
    }

    /// An object made at a place (any value that tells one from another) in a calling context.
    pub(crate) fn at(context: u64, place: impl Hash) -> Self {
        ObjId(stable_hash((context, place)))
    }
}

/// What an object is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// A list, vector or array.
    List,
    /// A tuple.
    Tuple,
    /// A set.
    Set,
    /// A dict or map.
    Dict,
    /// An instance of a class of the project or of a type from outside (see [`Object::ty`]).
    Instance,
    /// An enum variant with fields: its path (`Some`, `Ok`, `shop.errors.AppError.Missing`).
    Variant(Name),
    /// An HTTP response: entries `status` and `body`.
    Response,
    /// The captured variables of one call.
    Cells,
    /// The names of a module or class.
    Names,
    /// A coroutine, future, generator or partial application: entry `0` is the function, `1` the positional arguments
    /// as a tuple, `2` the keywords as a dict.
    Deferred(Deferral),
    /// A method with its receiver: `self`.
    Bound(FuncId),
    /// A method of something outside with its receiver: `self`.
    BoundPath(Name),
    /// Python's `super()`: `self`, and the class behind which the search goes on.
    Super(ClassId),
    /// A decorator made by a call that registers handlers, see the registry of handlers.
    Registrar(Name),
    /// Options of a metric that is not made yet.
    Options,
    /// A router of a framework: entries are the handlers and routers that it holds.
    Router,
    /// What wraps handlers once it is installed: entries are functions and other layers.
    Layer,
    /// Instruments made by a registry or meter, options of it: nothing is known but the type.
    Opaque,
}

/// When a [`Kind::Deferred`] runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Deferral {
    /// When awaited.
    Coroutine,
    /// When iterated.
    Generator,
    /// When called.
    Partial,
    /// When called: attributes of what it is called with.
    Attributes,
    /// When called: entries of what it is called with.
    Items,
}

/// An abstract object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) kind: Kind,
    /// The class of the project that it is an instance of.
    pub(crate) class: Option<ClassId>,
    /// The dotted path of its type from outside.
    pub(crate) ty: Option<Name>,
    /// Elements under constant keys: fields, entries, positions.
    pub(crate) entries: BTreeMap<Const, Value>,
    /// Elements under any other key.
    pub(crate) rest: Option<Value>,
    /// The keys of `rest`.
    pub(crate) rest_keys: Option<Value>,
    /// Lists and tuples: every element is in `entries`, in order.
    pub(crate) exact: bool,
    /// Stands for several objects at once: stores join.
    pub(crate) many: bool,
    /// Held by a counted reference: copies of that are the same object.
    pub(crate) shared: bool,
    /// Responses and exceptions: where they left functions, innermost first.
    pub(crate) left: Vec<Location>,
}

impl Object {
    pub(crate) fn new(kind: Kind) -> Self {
        let exact = matches!(kind, Kind::List | Kind::Tuple | Kind::Dict | Kind::Set);
        Self {
            kind,
            class: None,
            ty: None,
            entries: BTreeMap::new(),
            rest: None,
            rest_keys: None,
            exact,
            many: false,
            shared: false,
            left: Vec::new(),
        }
    }

    /// The value under a constant key, with what may stand there under an unknown one.
    pub(crate) fn get(&self, key: Const) -> Option<Value> {
        match (self.entries.get(&key), &self.rest) {
            (Some(value), Some(rest)) if !self.is_record() => Some(value.join(rest)),
            (Some(value), _) => Some(value.clone()),
            (None, rest) => rest.clone(),
        }
    }

    fn is_record(&self) -> bool {
        !matches!(self.kind, Kind::List | Kind::Set | Kind::Tuple)
    }

    pub(crate) fn field(&self, field: Name) -> Option<&Value> {
        self.entries.get(&Const::Str(field))
    }

    pub(crate) fn set(&mut self, key: Const, value: Value) {
        if self.many
            && let Some(old) = self.entries.get(&key)
        {
            let joined = old.join(&value);
            self.entries.insert(key, joined);
        } else {
            self.entries.insert(key, value);
        }
    }

    pub(crate) fn set_field(&mut self, field: Name, value: Value) {
        self.set(Const::Str(field), value);
    }

    /// Puts a value under a key that is not constant.
    pub(crate) fn set_any(&mut self, key: &Value, value: &Value) {
        self.rest = Some(self.rest.as_ref().map_or_else(|| value.clone(), |old| old.join(value)));
        self.rest_keys = Some(self.rest_keys.as_ref().map_or_else(|| key.clone(), |old| old.join(key)));
        self.exact = false;
    }

    /// All elements joined.
    pub(crate) fn element(&self) -> Value {
        let all = self.entries.values().fold(Value::nothing(), |all, value| all.join(value));
        self.rest.as_ref().map_or(all.clone(), |rest| all.join(rest))
    }

    /// All keys joined.
    pub(crate) fn keys(&self) -> Value {
        let all = self.entries.keys().fold(Value::nothing(), |all, &key| all.join(&Value::constant(key)));
        self.rest_keys.as_ref().map_or(all.clone(), |rest| all.join(rest))
    }

    /// Appends to a sequence or set.
    pub(crate) fn push(&mut self, value: Value) {
        if self.exact && !self.many && self.entries.len() < MAX_EXACT {
            self.entries.insert(Const::Int(self.entries.len() as i64), value);
        } else {
            self.set_any(&Value::count(), &value);
        }
    }

    /// What both may be.
    pub(crate) fn join(&self, other: &Object) -> Object {
        let mut joined = self.clone();
        let sequence = !self.is_record();
        if sequence && self.exact && other.exact && self.entries.len() != other.entries.len() {
            joined.exact = false;
        }
        joined.exact &= other.exact;
        for (&key, value) in &other.entries {
            let value = joined.entries.get(&key).map_or_else(|| value.clone(), |old| old.join(value));
            joined.entries.insert(key, value);
        }
        if sequence && !joined.exact {
            joined.flatten();
        }
        let both = |a: &Option<Value>, b: &Option<Value>| match (a, b) {
            (Some(a), Some(b)) => Some(a.join(b)),
            (a, b) => a.clone().or_else(|| b.clone()),
        };
        joined.rest = both(&joined.rest, &other.rest);
        joined.rest_keys = both(&joined.rest_keys, &other.rest_keys);
        joined.many |= other.many;
        joined.shared |= other.shared;
        joined.class = joined.class.or(other.class);
        joined.ty = joined.ty.or(other.ty);
        for at in &other.left {
            if !joined.left.contains(at) && joined.left.len() < 6 {
                joined.left.push(*at);
            }
        }
        joined
    }

    /// Forgets positions where not all of them are known.
    pub(crate) fn flatten_if_loose(&mut self) {
        if !self.exact {
            self.flatten();
        }
    }

    /// Forgets positions.
    pub(crate) fn flatten(&mut self) {
        let element = self.element();
        self.entries.clear();
        self.exact = false;
        if !element.is_nothing() {
            self.rest = Some(element);
        }
    }
}

/// Sequences longer than this are known by their elements only, not by position.
const MAX_EXACT: usize = 4096;
