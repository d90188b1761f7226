//! By which names libraries deal with metrics: what is wanted before any function is run.

use std::collections::{HashMap, HashSet};

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
    /// First segments of paths of calls, with those of the types that the calls give.
    giving: HashMap<String, HashSet<String>>,
    /// Types with a method that serves a page.
    serving: HashSet<String>,
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
            if entry.exposes.as_ref().is_some_and(|exposes| exposes.serves) {
                let owners = entry.path.iter().filter_map(|path| path.rsplit_once('.'));
                self.serving.extend(owners.map(|(owner, _)| owner.to_owned()));
            }
            let given: Vec<String> =
                entry.returns.iter().flat_map(|ty| paths_in(ty)).map(|path| head(path).to_owned()).collect();
            for path in entry.path.iter().filter(|_| !given.is_empty()) {
                self.giving.entry(head(path).to_owned()).or_default().extend(given.iter().cloned());
            }
        }
        let calls = library.call.iter().filter(|entry| concerns(entry)).flat_map(|entry| &entry.path);
        let types = library.r#type.iter().filter(|entry| entry.metric.is_some() || entry.registry);
        for path in calls.chain(types.flat_map(|entry| &entry.path)) {
            self.heads.extend(path.split(['.', '!']).next().filter(|head| *head != "*").map(str::to_owned));
        }
    }

    fn has_head(&self, path: Name) -> bool {
        let own = head(path.as_str());
        self.heads.contains(own)
            || self.giving.get(own).is_some_and(|given| given.iter().any(|head| self.heads.contains(head)))
    }
}

fn head(path: &str) -> &str {
    path.split(['.', '!']).next().unwrap_or_default()
}

/// The paths in a type as it is written in a library file.
fn paths_in(ty: &str) -> impl Iterator<Item = &str> {
    ty.split(['<', '>', ',', ' ']).filter(|part| part.contains('.'))
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

    /// Whether what a call gives may serve a page later, by a method.
    #[must_use]
    pub fn may_serve(&self, entry: &CallEntry) -> bool {
        entry.returns.iter().flat_map(|ty| paths_in(ty)).any(|path| self.measuring.serving.contains(path))
    }

    /// Whether a path belongs to a library that knows metrics.
    #[must_use]
    pub fn measures(&self, path: Name) -> bool {
        self.measuring.has_head(path) || self.measuring.has_head(self.canonical(path))
    }
}
