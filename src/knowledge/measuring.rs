//! By which names libraries deal with metrics: what is wanted before any function is run.

use std::collections::HashSet;

use super::Tables;
use super::effect::{CallEntry, Library};
use crate::program::{Name, name};

/// Names that concern metrics.
#[derive(Debug, Clone, Default)]
pub(super) struct Measuring {
    /// Last segments of calls that record.
    recording: HashSet<Name>,
    /// Last segments of calls that make metrics.
    creating: HashSet<Name>,
    /// Last segments of calls that write a page.
    rendering: HashSet<Name>,
    /// Last segments of calls that do neither.
    others: HashSet<Name>,
    /// First segments of the paths of everything that concerns metrics.
    heads: HashSet<String>,
}

impl Measuring {
    /// Adds what a library says.
    pub(super) fn add(&mut self, library: &Library) {
        for entry in &library.call {
            let last = || entry.path.iter().filter_map(|path| path.rsplit('.').next()).map(name);
            if entry.records.is_some() {
                self.recording.extend(last());
            }
            if entry.creates.is_some() {
                self.creating.extend(last());
            }
            if entry.exposes.as_ref().is_some_and(|exposes| !exposes.serves) {
                self.rendering.extend(last());
            }
            if entry.records.is_none() && entry.creates.is_none() {
                self.others.extend(last());
            }
        }
        let calls = library.call.iter().filter(|entry| concerns(entry)).flat_map(|entry| &entry.path);
        let types = library.r#type.iter().filter(|entry| entry.metric.is_some() || entry.registry);
        for path in calls.chain(types.flat_map(|entry| &entry.path)) {
            self.heads.extend(path.split(['.', '!']).next().filter(|head| *head != "*").map(str::to_owned));
        }
    }

    fn has_head(&self, path: Name) -> bool {
        path.as_str().split(['.', '!']).next().is_some_and(|head| self.heads.contains(head))
    }
}

/// Whether an entry concerns metrics wherever it is met.
fn concerns(entry: &CallEntry) -> bool {
    let records = entry.records.as_ref().is_some_and(|records| records.requires.is_none());
    records || entry.creates.is_some() || entry.exposes.is_some()
}

impl Tables {
    /// Whether a method of this name records into metrics of some library.
    #[must_use]
    pub fn records(&self, method: Name) -> bool {
        self.measuring.recording.contains(&method)
    }

    /// Whether a method of this name records into metrics whenever some library knows it.
    #[must_use]
    pub fn only_records(&self, method: Name) -> bool {
        self.records(method) && !self.measuring.others.contains(&method)
    }

    /// Whether a method of this name makes metrics of some library.
    #[must_use]
    pub fn creates(&self, method: Name) -> bool {
        self.measuring.creating.contains(&method)
    }

    /// Whether a method of this name writes the page of some library.
    #[must_use]
    pub fn renders(&self, method: Name) -> bool {
        self.measuring.rendering.contains(&method)
    }

    /// Whether a path belongs to a library that knows metrics.
    #[must_use]
    pub fn measures(&self, path: Name) -> bool {
        self.measuring.has_head(path) || self.measuring.has_head(self.canonical(path))
    }
}
