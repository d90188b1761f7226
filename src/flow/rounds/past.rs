//! What roots did when they last ran, and whether that still stands: a round runs only those again that would see
//! something else now.

use std::collections::BTreeMap;

use crate::program::FuncId;

use crate::flow::rounds::log::{Log, Registered};
use crate::flow::rounds::roots::Handled;
use crate::flow::run::machine::{Effort, Machine};
use crate::flow::values::base::{Ids, Time};

/// One run of a root.
pub(crate) struct Run {
    pub(crate) handled: Handled,
    /// What it noted.
    pub(crate) log: Log,
    /// What it saw of objects that outlive functions, and when.
    pub(crate) reads: Ids,
    pub(crate) ended: Time,
    /// With how many steps it ran, and whether these were too few.
    pub(crate) effort: Effort,
    pub(crate) cut: bool,
    /// How it was registered with frameworks, and how many wrappers there were, as far as that was known.
    pub(crate) registered: (Vec<Registered>, usize),
}

/// The last run of each root, by function and the place among the ways in which it is entered.
#[derive(Default)]
pub(crate) struct Past {
    pub(crate) runs: BTreeMap<(FuncId, usize), Run>,
    /// How many metrics and handlers were known when it was last asked what is relevant.
    pub(crate) known: Option<(usize, usize)>,
}

impl Past {
    /// Whether a root would do again what it did.
    pub(crate) fn stands(
        &self,
        root: (FuncId, usize),
        (registrations, wrappers): &(Vec<Registered>, usize),
        machine: &Machine<'_>,
    ) -> bool {
        self.runs.get(&root).is_some_and(|run| {
            run.registered.0 == *registrations
                && (run.registered.1 == *wrappers || run.handled.answers.is_empty())
                && !machine.base.changed_since(run.ended, &run.reads)
        })
    }

    /// Puts together what all runs noted, in the order of the functions.
    pub(crate) fn conclude(self, log: &mut Log) -> Vec<Handled> {
        let runs = self.runs.into_values();
        runs.map(|run| {
            log.merge(&run.log);
            run.handled
        })
        .collect()
    }
}
