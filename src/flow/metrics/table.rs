//! The table of metrics that the program creates.

use std::collections::{BTreeMap, BTreeSet};

use crate::program::{FuncId, Name};
use crate::source::Location;

use crate::flow::values::heap::ObjId;
use crate::flow::values::value::MetricRef;

/// Where a metric is registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum RegistryOf {
    /// The library's default.
    Default,
    /// One made by the program.
    Own(ObjId),
    /// The one that a function is handed: always the same, but nobody knows which.
    Handed(FuncId),
    /// One that cannot be told.
    Unknown,
}

/// A metric.
#[derive(Debug, Clone)]
pub(crate) struct MetricInfo {
    pub(crate) at: Location,
    /// The library's own call, which may be in a helper.
    pub(crate) made_at: Location,
    pub(crate) names: BTreeSet<Name>,
    pub(crate) kind: String,
    /// Dotted path of its type, for its methods.
    pub(crate) ty: Name,
    /// Label names in order, where they are known.
    pub(crate) labels: Option<Vec<Name>>,
    pub(crate) help: Option<Name>,
    pub(crate) function: FuncId,
    pub(crate) registries: BTreeSet<RegistryOf>,
    pub(crate) kept_as: BTreeSet<Name>,
    pub(crate) recorded: bool,
    /// It goes where the interpreter cannot see: returned to a caller that is not there, stored outside.
    pub(crate) escaped: bool,
    /// Creating the same name again gives the same metric.
    pub(crate) shared: bool,
    /// Its increments count for 404s.
    pub(crate) counts: bool,
    /// The place of its name among the approved ones.
    pub(crate) counter: u8,
    /// The approved name that it should have.
    pub(crate) misnamed: Option<String>,
    /// Only a number in its name says so.
    pub(crate) guessed: bool,
}

/// All metrics, by creating call and name.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    list: Vec<MetricInfo>,
    index: BTreeMap<(Location, Option<Name>), MetricRef>,
}

impl Metrics {
    /// The metric that a call with a name makes; the same call with the same name makes the same.
    pub(crate) fn intern(&mut self, info: MetricInfo) -> MetricRef {
        let key = (info.at, info.names.first().copied());
        if let Some(&id) = self.index.get(&key) {
            let old = &mut self.list[id.0 as usize];
            old.names.extend(info.names);
            old.registries.extend(info.registries);
            if old.labels.is_none() {
                old.labels = info.labels;
            }
            return id;
        }
        let id = MetricRef(self.list.len() as u32);
        self.index.insert(key, id);
        self.list.push(info);
        id
    }

    pub(crate) fn get(&self, id: MetricRef) -> &MetricInfo {
        &self.list[id.0 as usize]
    }

    pub(crate) fn get_mut(&mut self, id: MetricRef) -> &mut MetricInfo {
        &mut self.list[id.0 as usize]
    }

    /// Whether some metric counts for 404s.
    pub(crate) fn counting(&self) -> bool {
        self.list.iter().any(|info| info.counts)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (MetricRef, &MetricInfo)> {
        self.list.iter().enumerate().map(|(at, info)| (MetricRef(at as u32), info))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut MetricInfo> {
        self.list.iter_mut()
    }
}
