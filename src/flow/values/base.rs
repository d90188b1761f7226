//! The objects that outlive functions: modules, classes and what they hold; who read them, and when they changed.
//!
//! A root is run again only if something that it read has changed since: so each object has the time of its last change,
//! in runs of roots.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasherDefault;
use std::rc::Rc;

use crate::flow::run::hasher::IdHasher;
use crate::flow::values::heap::{ObjId, Object};

/// Some objects, by id.
pub(crate) type Ids = HashSet<ObjId, BuildHasherDefault<IdHasher>>;
type ById<T> = HashMap<ObjId, T, BuildHasherDefault<IdHasher>>;

/// A point in the order in which roots are run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(u64);

/// The objects that all functions see.
#[derive(Default)]
pub(crate) struct Base {
    objects: ById<Rc<Object>>,
    changed: ById<Time>,
    reads: RefCell<Ids>,
    now: Time,
}

impl Base {
    /// An object; it counts as read.
    pub(crate) fn get(&self, id: ObjId) -> Option<&Rc<Object>> {
        self.note_read(id);
        self.objects.get(&id)
    }

    /// The same for code that only writes: what it does next depends on nothing but what it writes.
    pub(crate) fn peek(&self, id: ObjId) -> Option<&Rc<Object>> {
        self.objects.get(&id)
    }

    pub(crate) fn contains(&self, id: ObjId) -> bool {
        self.objects.contains_key(&id)
    }

    /// Puts an object in place; whoever read another one there has to look again.
    pub(crate) fn insert(&mut self, id: ObjId, object: Rc<Object>) {
        if self.objects.get(&id).is_none_or(|old| !Rc::ptr_eq(old, &object) && **old != *object) {
            self.touch(id);
        }
        self.objects.insert(id, object);
    }

    /// Keeps an object that only says again what its id says, such as a method with its receiver.
    pub(crate) fn keep(&mut self, id: ObjId, object: Rc<Object>) {
        self.objects.insert(id, object);
    }

    /// An object, made if it is not there.
    pub(crate) fn ensure(&mut self, id: ObjId, make: impl FnOnce() -> Object) -> &Rc<Object> {
        self.objects.entry(id).or_insert_with(|| Rc::new(make()))
    }

    /// Something was read that is kept elsewhere under this id.
    pub(crate) fn note_read(&self, id: ObjId) {
        self.reads.borrow_mut().insert(id);
    }

    /// Something changed that is known by this id.
    pub(crate) fn touch(&mut self, id: ObjId) {
        // Whoever read it before changing it (`if q in seen: …; seen.add(q)`) has to look again, too.
        let late = u64::from(self.reads.borrow().contains(&id));
        self.changed.insert(id, Time(self.now.0 + late));
    }

    /// The next root begins: what was read so far is forgotten.
    pub(crate) fn begin(&mut self) {
        self.now.0 += 1;
        self.reads.borrow_mut().clear();
    }

    /// What the root that ends has read, and when that was.
    pub(crate) fn end(&mut self) -> (Time, Ids) {
        (self.now, self.reads.take())
    }

    /// Whether any of these changed after that time.
    pub(crate) fn changed_since(&self, time: Time, read: &Ids) -> bool {
        read.iter().any(|id| self.changed.get(id).is_some_and(|changed| *changed > time))
    }
}
