//! Which places hold metrics and nothing else?

use std::collections::{BTreeMap, BTreeSet};

use crate::program::{FuncId, Name, Reg};

/// Where the metrics are kept, as far as found.
#[derive(Default, PartialEq, Clone)]
pub(super) struct Kept {
    /// Registers that hold nothing else.
    pub(super) regs: BTreeSet<(FuncId, Reg)>,
    /// Names of modules, statics and functions, by dotted path.
    pub(super) paths: BTreeSet<Name>,
    /// Variables in cells, by the function that owns them.
    pub(super) cells: BTreeSet<(FuncId, Name)>,
    /// Fields.
    pub(super) fields: BTreeSet<Name>,
    /// Closures and functions that do nothing but give a metric back.
    pub(super) functions: BTreeSet<FuncId>,
    /// Results of decorating calls, with the function that was decorated.
    pub(super) same: BTreeMap<(FuncId, Reg), Reg>,
}

/// How often places are written, and how often with a metric.
#[derive(Default)]
pub(super) struct Tally(BTreeMap<Slot, (u32, u32, bool)>);

#[derive(PartialEq, Eq, PartialOrd, Ord, Clone)]
pub(super) enum Slot {
    Reg(FuncId, Reg),
    Path(Name),
    Cell(FuncId, Name),
    Field(Name),
}

impl Tally {
    /// All places that are written.
    pub(super) fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.0.keys()
    }

    /// A write: of a metric, or of a constant that may go with it, or of something else.
    pub(super) fn write(&mut self, slot: Slot, metric: bool, constant: bool) {
        let entry = self.0.entry(slot).or_default();
        entry.0 += 1;
        entry.1 += u32::from(metric || constant);
        entry.2 |= metric;
    }

    /// The places to which a metric is written, whatever else is.
    pub(super) fn with_metrics(&self) -> impl Iterator<Item = &Slot> {
        self.0.iter().filter(|(_, written)| written.2).map(|(slot, _)| slot)
    }

    pub(super) fn only_metrics(&self, slot: &Slot) -> bool {
        self.0.get(slot).is_some_and(|&(all, fine, some)| some && all == fine)
    }
}
