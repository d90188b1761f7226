//! How far from a metric or an answer functions are, in calls: what is near is run first, and with more steps.

use crate::program::FuncId;

/// Not relevant at all.
const NEVER: u8 = u8::MAX;

/// For each function the calls between it and what matters.
#[derive(Debug, Clone, Default)]
pub(crate) struct Relevance(Vec<u8>);

impl Relevance {
    /// Nothing is relevant yet, of so many functions.
    pub(crate) fn none(functions: usize) -> Self {
        Relevance(vec![NEVER; functions])
    }

    /// A function is at most so far away. Whether it was not relevant before.
    pub(crate) fn note(&mut self, function: FuncId, distance: u8) -> bool {
        let known = &mut self.0[function.index()];
        let fresh = *known == NEVER;
        *known = distance.min(*known);
        fresh
    }

    /// The distance of a function; `None` where it is not relevant. Before anything was looked at, all are.
    pub(crate) fn distance(&self, function: FuncId) -> Option<u8> {
        let known = self.0.get(function.index()).copied().unwrap_or(0);
        (known != NEVER).then_some(known)
    }

    pub(crate) fn contains(&self, function: FuncId) -> bool {
        self.distance(function).is_some()
    }

    /// All relevant functions.
    pub(crate) fn functions(&self) -> impl Iterator<Item = FuncId> {
        (0..self.0.len()).filter(|at| self.0[*at] != NEVER).map(|at| FuncId(at as u32))
    }

    /// Takes over what another one knows.
    pub(crate) fn merge(&mut self, other: &Relevance) {
        for (ours, theirs) in self.0.iter_mut().zip(&other.0) {
            *ours = (*ours).min(*theirs);
        }
    }
}
