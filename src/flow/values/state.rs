//! States: what is known at one point of one function on one class of paths.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::program::{Name, Reg, name};
use crate::source::Location;

use super::heap::stable_hash;
use super::regs::Regs;
use super::store::Heap;
use super::value::{Alt, MetricRef, Value};
use crate::flow::answers::tally::Tally;
use crate::flow::metrics::table::RegistryOf;

/// A branch that was taken, newest first: how a path got where it is.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) at: Location,
    pub(crate) taken: bool,
    pub(crate) before: Option<Rc<Turn>>,
    pub(crate) length: u32,
}

/// The part of a state that outlives a function: what calls take and give back.
#[derive(Debug, Clone, Default)]
pub(crate) struct Carry {
    pub(crate) heap: Heap,
    /// How often each approved counter went up on this path.
    pub(crate) count: Tally,
    /// Where: the counter and the place of the first increments on this path, until its count is 2.
    pub(crate) increments: Rc<Vec<(u8, Location)>>,
    /// Something on this path fails at run time: what follows is not judged.
    pub(crate) crashed: bool,
    /// Metrics that this path has registered, by registry and name.
    pub(crate) created: Rc<BTreeMap<(RegistryOf, Name), MetricRef>>,
    /// The branches that led here.
    pub(crate) turns: Option<Rc<Turn>>,
}

impl Carry {
    /// Counts an increment of a counter `by` some amount.
    pub(crate) fn count_up(&mut self, counter: u8, by: u8, at: Location) {
        if by > 0 && self.count.of(counter) < 2 {
            Rc::make_mut(&mut self.increments).push((counter, at));
        }
        self.count.add(counter, by);
    }

    /// Joins another carry of the same count. Whether anything changed.
    pub(crate) fn join(&mut self, other: &Carry) -> bool {
        let mut changed = self.heap.join(&other.heap);
        if !Rc::ptr_eq(&self.created, &other.created) {
            for (key, metric) in other.created.iter() {
                if !self.created.contains_key(key) {
                    Rc::make_mut(&mut self.created).insert(*key, *metric);
                    changed = true;
                }
            }
        }
        if !Rc::ptr_eq(&self.increments, &other.increments) {
            let news: Vec<(u8, Location)> =
                other.increments.iter().filter(|at| !self.increments.contains(at)).copied().collect();
            if !news.is_empty() && self.increments.len() + news.len() <= 8 {
                Rc::make_mut(&mut self.increments).extend(news);
                changed = true;
            }
        }
        changed
    }

    /// Remembers which way a branch went.
    pub(crate) fn turn(&mut self, at: Location, taken: bool) {
        let length = self.turns.as_ref().map_or(0, |turn| turn.length);
        if length < 64 {
            self.turns = Some(Rc::new(Turn { at, taken, before: self.turns.take(), length: length + 1 }));
        }
    }
}

/// A state inside a function.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    /// Registers that are alive.
    pub(crate) regs: Regs,
    /// The exception that a landing block received.
    pub(crate) caught: Option<Value>,
    pub(crate) carry: Carry,
}

impl State {
    pub(crate) fn get(&self, reg: Reg) -> Value {
        self.regs.get(reg).cloned().unwrap_or_else(Value::nothing)
    }

    pub(crate) fn set(&mut self, reg: Reg, value: Value) {
        self.regs.insert(reg, value);
    }

    /// Joins another state of the same partition. Whether anything changed.
    pub(crate) fn join(&mut self, other: &State) -> bool {
        let mut changed = self.carry.join(&other.carry);
        changed |= self.regs.join(&other.regs);
        match (&self.caught, &other.caught) {
            (Some(ours), Some(theirs)) if ours != theirs => {
                let mut joined = ours.join(theirs);
                if ours.unknown && theirs.unknown && ours.ty != theirs.ty {
                    // An exception of any class is not of the class of another one.
                    joined = joined.with(|data| data.ty = None);
                }
                if joined != *ours {
                    self.caught = Some(joined);
                    changed = true;
                }
            }
            (None, Some(theirs)) => {
                self.caught = Some(theirs.clone());
                changed = true;
            }
            _ => {}
        }
        changed
    }

    /// Makes unknown what keeps growing, so that a loop ends.
    pub(crate) fn widen(&mut self, older: &State) {
        for (reg, value) in self.regs.iter_mut() {
            if older.regs.get(reg).is_some_and(|old| old != value) {
                let taints = value.taints.clone();
                let alts: Vec<Alt> =
                    value.alts.iter().filter(|alt| !matches!(alt, Alt::Const(_) | Alt::Template(_))).cloned().collect();
                *value = value.with(|data| {
                    data.few = !data.unknown || data.few;
                    data.unknown = true;
                    data.alts = alts;
                    data.taints = taints;
                });
            }
        }
    }

    /// Tells apart states that must not be joined: another count, another constant in a register that decides branches.
    pub(crate) fn partition(&self, deciding: &[Reg]) -> (Tally, u64) {
        let mut telling: Vec<(Reg, Vec<Alt>)> = Vec::new();
        for &reg in deciding {
            let Some(value) = self.regs.get(reg) else { continue };
            let iterates = value.alts.iter().any(|alt| matches!(alt, Alt::Iter(..)));
            let decided = !value.unknown
                && value.alts.len() <= 2
                && value.alts.iter().all(|alt| {
                    matches!(alt, Alt::Const(_) | Alt::Status(_) | Alt::Object(_) | Alt::Path(_) | Alt::Metric(_))
                });
            if iterates || decided && !value.alts.is_empty() {
                telling.push((reg, value.alts.clone()));
            }
        }
        let path = (&self.carry.increments, self.carry.crashed);
        let plain = telling.is_empty() && self.carry.increments.is_empty() && !self.carry.crashed;
        let hash = if plain { 0 } else { stable_hash((&telling, path)) };
        (self.carry.count, hash)
    }
}

/// A call's arguments, spreads taken apart as far as they are known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Args {
    pub(crate) positional: Vec<Value>,
    pub(crate) keywords: Vec<(Name, Value)>,
    /// `key => value` of macros.
    pub(crate) pairs: Vec<(Value, Value)>,
    /// What further positional arguments may be.
    pub(crate) more: Option<Value>,
    /// What further keyword arguments may be.
    pub(crate) more_keywords: Option<Value>,
}

impl Args {
    pub(crate) fn of(values: Vec<Value>) -> Self {
        Args { positional: values, ..Args::default() }
    }

    /// Every argument.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Value> {
        self.positional
            .iter()
            .chain(self.keywords.iter().map(|(_, value)| value))
            .chain(self.pairs.iter().map(|(_, value)| value))
            .chain(self.more.iter())
            .chain(self.more_keywords.iter())
    }

    pub(crate) fn keyword(&self, key: &str) -> Option<&Value> {
        let key = name(key);
        self.keywords.iter().find(|(known, _)| *known == key).map(|(_, value)| value)
    }
}

/// A way out of a call.
#[derive(Debug, Clone)]
pub(crate) struct Exit {
    /// Through an exception: `value` is what was raised.
    pub(crate) raised: bool,
    pub(crate) value: Value,
    pub(crate) carry: Carry,
    /// What the receiver's place holds afterwards, where the call changed it.
    pub(crate) receiver: Option<Value>,
    /// What the places of positional arguments hold afterwards (`&mut`).
    pub(crate) arguments: Vec<(usize, Value)>,
}

impl Exit {
    pub(crate) fn returns(value: Value, carry: Carry) -> Self {
        Exit { raised: false, value, carry, receiver: None, arguments: Vec::new() }
    }

    pub(crate) fn raises(value: Value, carry: Carry) -> Self {
        Exit { raised: true, value, carry, receiver: None, arguments: Vec::new() }
    }
}
