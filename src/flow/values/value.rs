//! Abstract values: what a register may hold.
//!
//! A value is a bounded set of alternatives, an unknown part with its type, and the sensitive data that it carries. The
//! order of values is a lattice of finite height: alternatives are capped at [`MAX_ALTERNATIVES`], taints at one per
//! category, and neither flows nor wordings take part in comparisons, so every fixpoint over values ends.

use std::rc::Rc;

use crate::finding::Category;
use crate::program::{ClassId, Const, FuncId, ModuleId, Name, TypeRef, name};
use crate::source::Location;

use crate::flow::values::heap::ObjId;

/// More alternatives than these are forgotten: constants become "one of few", the rest "unknown".
const MAX_ALTERNATIVES: usize = 24;

/// A metric, as an index into the interpreter's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct MetricRef(pub(crate) u32);

/// One thing that a value may be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Alt {
    /// A constant.
    Const(Const),
    /// A text with holes: `counter_{pword}`.
    Template(Name),
    /// An HTTP status as an object of its own (`StatusCode::NOT_FOUND`).
    Status(u16),
    /// An object of the heap.
    Object(ObjId),
    /// An iterator over an object, and how far it got; `u32::MAX` is anywhere.
    Iter(ObjId, u32),
    /// A metric.
    Metric(MetricRef),
    /// A function of the project with the cells of the function that made it.
    Function(FuncId, Option<ObjId>),
    /// A class of the project.
    Class(ClassId),
    /// A module of the project.
    Module(ModuleId),
    /// Something outside of the project, by dotted path; also enum variants without fields.
    Path(Name),
    /// A name or key that nothing binds, as written: using it fails at run time.
    Missing(Name),
}

impl Alt {
    /// The key under which [`Data::born`] keeps it.
    pub(crate) fn told(&self) -> u32 {
        match self {
            Alt::Status(status) => u32::from(*status),
            other => 0x1_0000 | (super::heap::stable_hash(other) as u32 & 0xffff),
        }
    }
}

/// One step of the way that data took, newest first.
#[derive(Debug)]
pub(crate) struct Hop {
    pub(crate) at: Location,
    pub(crate) note: String,
    pub(crate) before: Option<Rc<Hop>>,
    pub(crate) length: u32,
}

/// Sensitive or client-chosen data in a value.
#[derive(Debug, Clone)]
pub(crate) struct Taint {
    /// What kind; `None` for neutral text that a client chose.
    pub(crate) category: Option<Category>,
    /// It is a whole container: one element of it is judged by its key.
    pub(crate) whole: bool,
    /// Known by a name only, from no known source: elements of it tell nothing unless their own keys do.
    pub(crate) guessed: bool,
    /// Not from a client: parts of it without a telling name are harmless.
    pub(crate) trusted: bool,
    /// It went through a hash or an encryption.
    pub(crate) hashed: bool,
    /// In the reader's words: `a password`.
    pub(crate) what: Name,
    /// How it got here.
    pub(crate) hops: Option<Rc<Hop>>,
}

impl Taint {
    fn key(&self) -> (Option<Category>, bool) {
        (self.category, self.whole)
    }
}

impl PartialEq for Taint {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key() && self.hashed == other.hashed
    }
}

impl Eq for Taint {}

/// The contents of a [`Value`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Data {
    /// What it may be, sorted.
    pub(crate) alts: Vec<Alt>,
    /// It may be something else.
    pub(crate) unknown: bool,
    /// The unknown part takes few values.
    pub(crate) few: bool,
    /// The unknown part has a lower and an upper bound, as `min` and `max` give them.
    pub(crate) clamped: (bool, bool),
    /// The unknown part is a number.
    pub(crate) number: bool,
    /// The unknown part may be anything but nothing: not `None`, false or empty.
    pub(crate) truthy: bool,
    /// The type of the unknown part.
    pub(crate) ty: Option<TypeRef>,
    /// Classes that the unknown part, an exception that handlers let through, is not of.
    pub(crate) barred: Vec<Name>,
    /// What it carries, sorted by category.
    pub(crate) taints: Vec<Taint>,
    /// Through how many of the innermost calls it came as an argument.
    pub(crate) via: u8,
    /// Where answers that are no objects were given: by [`Alt::told`], the arms of an error's conversion, and the
    /// places where plain texts and unit variants left.
    pub(crate) born: Vec<(u32, Location)>,
}

/// More places than these are forgotten.
const MAX_BORN: usize = 64;

/// What a register may hold; cheap to copy.
#[derive(Debug, Clone)]
pub(crate) struct Value(Rc<Data>);

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl Eq for Value {}

impl std::ops::Deref for Value {
    type Target = Data;

    fn deref(&self) -> &Data {
        &self.0
    }
}

impl From<Data> for Value {
    fn from(data: Data) -> Self {
        Value(Rc::new(data))
    }
}

impl Value {
    /// No value at all: an unbound variable, an impossible path.
    pub(crate) fn nothing() -> Self {
        Data::default().into()
    }

    /// Anything.
    pub(crate) fn unknown() -> Self {
        Data { unknown: true, ..Data::default() }.into()
    }

    /// Something with few values.
    pub(crate) fn few() -> Self {
        Data { unknown: true, few: true, ..Data::default() }.into()
    }

    /// A number of no interest.
    pub(crate) fn count() -> Self {
        Data { unknown: true, few: true, number: true, ..Data::default() }.into()
    }

    /// Anything of a type.
    pub(crate) fn typed(ty: TypeRef) -> Self {
        Data { unknown: true, ty: Some(ty), ..Data::default() }.into()
    }

    /// Exactly this.
    pub(crate) fn one(alt: Alt) -> Self {
        Data { alts: vec![alt], ..Data::default() }.into()
    }

    pub(crate) fn constant(value: Const) -> Self {
        Self::one(Alt::Const(value))
    }

    pub(crate) fn text(text: &str) -> Self {
        Self::constant(Const::Str(name(text)))
    }

    pub(crate) fn object(id: ObjId) -> Self {
        Self::one(Alt::Object(id))
    }

    pub(crate) fn path(path: Name) -> Self {
        Self::one(Alt::Path(path))
    }

    pub(crate) fn boolean() -> Self {
        Data { alts: vec![Alt::Const(Const::Bool(false)), Alt::Const(Const::Bool(true))], ..Data::default() }.into()
    }

    pub(crate) fn none() -> Self {
        Self::constant(Const::None)
    }

    /// A changed copy.
    pub(crate) fn with(&self, change: impl FnOnce(&mut Data)) -> Self {
        let mut data = (*self.0).clone();
        change(&mut data);
        data.into()
    }

    pub(crate) fn is_nothing(&self) -> bool {
        self.alts.is_empty() && !self.unknown
    }

    /// Only constants, and at least one.
    pub(crate) fn is_constant(&self) -> bool {
        !self.unknown
            && !self.alts.is_empty()
            && self.alts.iter().all(|alt| matches!(alt, Alt::Const(_) | Alt::Status(_)))
    }

    /// Its one constant.
    pub(crate) fn single(&self) -> Option<Const> {
        match (self.alts.as_slice(), self.unknown) {
            ([Alt::Const(value)], false) => Some(*value),
            _ => None,
        }
    }

    /// Its one constant text.
    pub(crate) fn single_text(&self) -> Option<Name> {
        match self.single() {
            Some(Const::Str(text) | Const::Bytes(text)) => Some(text),
            _ => None,
        }
    }

    /// All constant texts that it may be.
    pub(crate) fn texts(&self) -> impl Iterator<Item = Name> + '_ {
        self.alts.iter().filter_map(|alt| match alt {
            Alt::Const(Const::Str(text) | Const::Bytes(text)) => Some(*text),
            _ => None,
        })
    }

    pub(crate) fn objects(&self) -> impl Iterator<Item = ObjId> + '_ {
        self.alts.iter().filter_map(|alt| match alt {
            Alt::Object(id) => Some(*id),
            _ => None,
        })
    }

    pub(crate) fn metrics(&self) -> impl Iterator<Item = MetricRef> + '_ {
        self.alts.iter().filter_map(|alt| match alt {
            Alt::Metric(id) => Some(*id),
            _ => None,
        })
    }

    /// Whether it is (or may be) a function or class of the project.
    pub(crate) fn is_callable(&self) -> bool {
        self.alts.iter().any(|alt| matches!(alt, Alt::Function(..) | Alt::Class(_)))
    }

    /// Whether naming it can tell anything: some of it is neither constant nor one of few.
    pub(crate) fn is_open(&self) -> bool {
        self.unknown && !self.few || self.alts.iter().any(|alt| matches!(alt, Alt::Template(_)))
    }

    /// Is true, is false, or may be both.
    pub(crate) fn truth(&self) -> (bool, bool) {
        let (mut yes, mut no) = (self.unknown, self.unknown && !self.truthy);
        for alt in &self.alts {
            match alt {
                Alt::Const(Const::None | Const::Bool(false) | Const::Int(0)) => no = true,
                Alt::Const(Const::Str(text) | Const::Bytes(text)) if text.is_empty() => no = true,
                Alt::Object(_) | Alt::Template(_) => (yes, no) = (true, true),
                _ => yes = true,
            }
        }
        (yes, no)
    }

    /// What both may be.
    pub(crate) fn join(&self, other: &Value) -> Value {
        if Rc::ptr_eq(&self.0, &other.0) || other.is_nothing() && other.taints.is_empty() {
            return self.clone();
        }
        if self.is_nothing() && self.taints.is_empty() {
            return other.clone();
        }
        if self.0 == other.0 {
            return self.clone();
        }
        let mut data = (*self.0).clone();
        for alt in &other.alts {
            data.add(alt.clone());
        }
        if other.unknown {
            data.few = other.few && (data.few || !data.unknown);
            data.number = other.number && (data.number || !data.unknown);
            data.truthy = other.truthy && (data.truthy || !data.unknown);
            data.clamped = if data.unknown {
                (data.clamped.0 && other.clamped.0, data.clamped.1 && other.clamped.1)
            } else {
                other.clamped
            };
            data.ty = match (&data.ty, &other.ty) {
                (Some(a), Some(b)) if a == b => Some(a.clone()),
                (Some(a), _) => Some(a.clone()),
                (None, b) => b.clone(),
            };
            match data.unknown {
                true => data.barred.retain(|class| other.barred.contains(class)),
                false => data.barred.clone_from(&other.barred),
            }
            data.unknown = true;
        }
        for taint in &other.taints {
            data.taint(taint.clone());
        }
        data.via = data.via.min(other.via);
        other.born.iter().for_each(|born| data.bear(*born));
        data.into()
    }

    /// The same with these taints as well.
    pub(crate) fn tainted(&self, taints: &[Taint]) -> Value {
        if taints.is_empty() {
            return self.clone();
        }
        self.with(|data| taints.iter().for_each(|taint| data.taint(taint.clone())))
    }

    /// The same without what it carried.
    pub(crate) fn clean(&self) -> Value {
        if self.taints.is_empty() { self.clone() } else { self.with(|data| data.taints.clear()) }
    }

    /// An unknown value that carries the same.
    pub(crate) fn carried(&self) -> Value {
        let few = !self.unknown && self.alts.iter().all(|alt| matches!(alt, Alt::Const(_))) || self.few;
        Data { unknown: true, few, taints: self.taints.clone(), via: self.via, ..Data::default() }.into()
    }
}

impl Data {
    /// Adds an alternative, forgetting when there are too many.
    pub(crate) fn add(&mut self, alt: Alt) {
        let Err(at) = self.alts.binary_search(&alt) else { return };
        self.alts.insert(at, alt);
        if self.alts.len() <= MAX_ALTERNATIVES {
            return;
        }
        let constants = self.alts.iter().filter(|alt| matches!(alt, Alt::Const(_))).count();
        let was_unknown = self.unknown;
        if constants * 2 > self.alts.len() {
            self.alts.retain(|alt| !matches!(alt, Alt::Const(_)));
            self.few = !was_unknown || self.few;
        } else {
            self.alts.truncate(MAX_ALTERNATIVES);
            self.few = false;
        }
        self.unknown = true;
    }

    /// Notes where an alternative was given.
    pub(crate) fn bear(&mut self, born: (u32, Location)) {
        if let Err(at) = self.born.binary_search(&born)
            && self.born.len() < MAX_BORN
        {
            self.born.insert(at, born);
        }
    }

    /// Adds a taint; of one kind the first (and unhashed) stays.
    pub(crate) fn taint(&mut self, taint: Taint) {
        match self.taints.binary_search_by_key(&taint.key(), Taint::key) {
            Ok(at) => {
                if self.taints[at].hashed && !taint.hashed {
                    self.taints[at] = taint;
                }
            }
            Err(at) => self.taints.insert(at, taint),
        }
    }
}
