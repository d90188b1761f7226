//! Which objects that a call made can still be reached when it is over: all others are forgotten, so that states stay as
//! small as what they know.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::rc::Rc;

use super::base::Ids;
use super::heap::{ObjId, Object};
use super::state::Exit;
use super::store::Heap;
use super::value::{Alt, Value};
use crate::flow::answers::customs::ambient;
use crate::flow::run::hasher::IdHasher;
use crate::flow::run::machine::Machine;

type Objects = HashMap<ObjId, Rc<Object>, BuildHasherDefault<IdHasher>>;

impl Machine<'_> {
    /// Takes what cannot be reached any more from the heap of a way out of a call. What was there before the call, what
    /// outlives functions, what is returned and what was yielded stays.
    pub(crate) fn forget(&self, before: &Heap, exit: &mut Exit, yields: &[Value]) {
        let news = exit.carry.heap.news(before);
        if news.is_empty() {
            return;
        }
        let (mut kept, mut fresh) = (Vec::new(), Objects::default());
        for (id, object) in news {
            if before.get(id).is_some() || self.base.contains(id) || self.lasting.contains(&id) || id == ambient() {
                kept.push((id, object));
            } else {
                fresh.insert(id, object);
            }
        }
        if fresh.is_empty() {
            return;
        }
        let mut reached = Reached { fresh: &fresh, ids: Ids::default(), waiting: Vec::new() };
        let answers = std::iter::once(&exit.value).chain(&exit.receiver);
        let answers = answers.chain(exit.arguments.iter().map(|(_, value)| value));
        answers.chain(yields).chain(self.collected.iter().flatten()).for_each(|value| reached.value(value));
        kept.iter().for_each(|(_, object)| reached.object(object));
        let ids = reached.close();
        if ids.len() == fresh.len() {
            return;
        }
        let mut heap = before.clone();
        for (id, object) in kept {
            heap.set(id, object);
        }
        for (id, object) in fresh {
            if ids.contains(&id) {
                heap.set(id, object);
            }
        }
        exit.carry.heap = heap;
    }
}

/// What was reached so far.
struct Reached<'a> {
    fresh: &'a Objects,
    ids: Ids,
    waiting: Vec<ObjId>,
}

impl Reached<'_> {
    fn value(&mut self, value: &Value) {
        for alt in &value.alts {
            if let Alt::Object(id) | Alt::Iter(id, _) | Alt::Function(_, Some(id)) = alt
                && self.fresh.contains_key(id)
                && self.ids.insert(*id)
            {
                self.waiting.push(*id);
            }
        }
    }

    fn object(&mut self, object: &Object) {
        let values = object.entries.values().chain(&object.rest).chain(&object.rest_keys);
        values.for_each(|value| self.value(value));
    }

    fn close(mut self) -> Ids {
        while let Some(id) = self.waiting.pop() {
            if let Some(object) = self.fresh.get(&id).cloned() {
                self.object(&object);
            }
        }
        self.ids
    }
}
