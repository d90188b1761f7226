//! Remembering calls: the same function called from the same chain of calls with the same values has the same ways out.
//!
//! The key covers the chain of calls, so that objects made inside keep their identity, and everything that the callee can
//! reach: arguments, the objects behind them, its captured variables, and the count of the path.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use crate::program::Name;

use super::exec::Invocation;
use super::machine::Machine;
use crate::flow::metrics::table::RegistryOf;
use crate::flow::values::base::Ids;
use crate::flow::values::heap::{ObjId, Object};
use crate::flow::values::state::{Carry, Exit};
use crate::flow::values::store::Heap;
use crate::flow::values::value::{Alt, MetricRef, Value};

/// More objects than these behind the arguments are not looked at: the call runs again.
const MAX_REACHABLE: usize = 256;

/// Objects that a call made or changed.
type Changes = Vec<(ObjId, Rc<Object>)>;

/// What a call did: its ways out, relative to what it was given.
#[derive(Debug)]
pub(crate) struct Remembered {
    exits: Vec<(Exit, Changes)>,
    created: Vec<BTreeMap<(RegistryOf, Name), MetricRef>>,
}

impl Machine<'_> {
    /// Identifies a call by all that can make a difference; `None` where that is too much to look at.
    pub(crate) fn memo_key(&self, call: &Invocation, carry: &Carry) -> Option<u64> {
        let caller = self.frames.last()?;
        let site = call.site?;
        // What a middleware gets from what it wraps is in none of its values, nor is what a `yield` raises.
        if self.inner.is_some() || self.thrown.is_some() {
            return None;
        }
        let mut hasher = DefaultHasher::new();
        (caller.context, caller.function, site, call.function, call.outer, caller.guarded).hash(&mut hasher);
        (carry.count, carry.crashed, &carry.increments).hash(&mut hasher);
        (self.dispatching.is_some(), carry.created.len(), self.frames.len()).hash(&mut hasher);
        let mut waiting: Vec<ObjId> = call.outer.into_iter().collect();
        let mut absorb = |value: &Value, hasher: &mut DefaultHasher| digest(value, hasher, &mut waiting);
        for value in call.receiver.iter().chain(call.args.all()) {
            absorb(value, &mut hasher);
        }
        call.args.keywords.iter().for_each(|(key, _)| key.hash(&mut hasher));
        (call.args.positional.len(), call.args.more.is_some(), call.args.more_keywords.is_some()).hash(&mut hasher);
        for (key, _) in &call.args.pairs {
            absorb(key, &mut hasher);
        }
        self.absorb_objects(&carry.heap, waiting, &mut hasher)?;
        Some(hasher.finish())
    }

    /// Adds the contents of all objects that can be reached and that this path changed.
    fn absorb_objects(&self, heap: &Heap, mut waiting: Vec<ObjId>, hasher: &mut DefaultHasher) -> Option<()> {
        // Whatever this path changed of shared objects can be seen by the callee as well.
        waiting.extend(heap.iter().map(|(id, _)| id).filter(|id| self.base.contains(*id)));
        let mut seen = Ids::default();
        while let Some(id) = waiting.pop() {
            let Some(object) = heap.get(id) else { continue };
            if !seen.insert(id) {
                continue;
            }
            if seen.len() > MAX_REACHABLE {
                return None;
            }
            (id, &object.kind, object.exact, object.many).hash(hasher);
            for (key, value) in &object.entries {
                key.hash(hasher);
                digest(value, hasher, &mut waiting);
            }
            for value in object.rest.iter().chain(object.rest_keys.iter()) {
                digest(value, hasher, &mut waiting);
            }
        }
        Some(())
    }

    /// The ways out of a call that was run before, on top of the caller's state.
    pub(crate) fn recall(&self, key: u64, carry: &Carry) -> Option<Vec<Exit>> {
        let known = self.memo.get(&key)?;
        let mut exits = Vec::with_capacity(known.exits.len());
        for ((exit, changes), created) in known.exits.iter().zip(&known.created) {
            let mut exit = exit.clone();
            exit.carry.heap = carry.heap.clone();
            for (id, object) in changes {
                exit.carry.heap.set(*id, object.clone());
            }
            exit.carry.turns.clone_from(&carry.turns);
            let mut all = (*carry.created).clone();
            all.extend(created.iter().map(|(key, metric)| (*key, *metric)));
            exit.carry.created = Rc::new(all);
            exits.push(exit);
        }
        Some(exits)
    }

    /// Keeps what a call did.
    pub(crate) fn remember(&mut self, key: u64, before: &Carry, exits: &[Exit]) {
        let mut kept = Vec::with_capacity(exits.len());
        let mut created = Vec::with_capacity(exits.len());
        for exit in exits {
            let changes = exit.carry.heap.news(&before.heap);
            let mut slim = exit.clone();
            slim.carry.heap = Heap::default();
            kept.push((slim, changes));
            created.push(
                exit.carry
                    .created
                    .iter()
                    .filter(|(key, _)| !before.created.contains_key(key))
                    .map(|(key, metric)| (*key, *metric))
                    .collect(),
            );
        }
        self.memo.insert(key, Remembered { exits: kept, created });
    }
}

/// Adds what a value is to a hash, and notes the objects that it refers to.
fn digest(value: &Value, hasher: &mut DefaultHasher, waiting: &mut Vec<ObjId>) {
    value.alts.hash(hasher);
    (value.unknown, value.few, value.number, value.truthy, value.clamped, value.via).hash(hasher);
    value.ty.hash(hasher);
    for taint in &value.taints {
        (taint.category, taint.whole, taint.hashed, taint.guessed, taint.trusted).hash(hasher);
    }
    for alt in &value.alts {
        if let Alt::Object(id) | Alt::Iter(id, _) | Alt::Function(_, Some(id)) = alt {
            waiting.push(*id);
        }
    }
}
