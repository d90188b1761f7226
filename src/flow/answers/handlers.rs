//! The functions that were handed to frameworks, found by function.

use std::collections::{BTreeMap, BTreeSet};

use crate::flow::rounds::log::Registered;
use crate::program::FuncId;

/// All registrations, in the order of the functions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Handlers {
    by_function: BTreeMap<FuncId, BTreeSet<Registered>>,
    count: usize,
    wrapping: usize,
}

impl Handlers {
    pub(crate) fn insert(&mut self, known: Registered) {
        let wraps = !known.wraps.is_empty();
        if self.by_function.entry(known.function).or_default().insert(known) {
            self.count += 1;
            self.wrapping += usize::from(wraps);
        }
    }

    pub(crate) fn extend(&mut self, all: impl IntoIterator<Item = Registered>) {
        all.into_iter().for_each(|known| self.insert(known));
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Registered> {
        self.by_function.values().flatten()
    }

    /// The registrations of one function.
    pub(crate) fn of(&self, function: FuncId) -> impl Iterator<Item = &Registered> {
        self.by_function.get(&function).into_iter().flatten()
    }

    /// The functions that have any.
    pub(crate) fn functions(&self) -> BTreeSet<FuncId> {
        self.by_function.keys().copied().collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// How many wrap what others answer.
    pub(crate) fn wrapping(&self) -> usize {
        self.wrapping
    }
}
