//! What happens while functions run, kept by place so that a second look adds nothing twice.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Category, Channel};
use crate::program::{FuncId, Name};
use crate::source::Location;

use crate::flow::answers::handlers::Handlers;
use crate::flow::answers::scopes::Covers;
use crate::flow::values::heap::ObjId;
use crate::flow::values::value::{MetricRef, Taint};

/// Data that reached a metric.
#[derive(Debug, Clone)]
pub(crate) struct Leak {
    pub(crate) taint: Taint,
    pub(crate) category: Option<Category>,
    pub(crate) label: Option<Name>,
    pub(crate) metric: Option<MetricRef>,
    pub(crate) function: FuncId,
}

/// A call that records.
#[derive(Debug, Clone, Default)]
pub(crate) struct RecordCall {
    pub(crate) metrics: BTreeSet<MetricRef>,
    pub(crate) function: Option<FuncId>,
    pub(crate) method: String,
    pub(crate) binds_only: bool,
}

/// A handler that is handed to a framework.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Registered {
    pub(crate) function: FuncId,
    /// What it closes over or is a method of.
    pub(crate) bound: Option<ObjId>,
    /// Path of the decorator or routing call.
    pub(crate) by: Name,
    /// `middleware`, `error-handler`, `after-request`, `fallback`; empty for a route.
    pub(crate) wraps: String,
    /// The status or exception class it is for.
    pub(crate) catches: Option<Name>,
    /// The constant route.
    pub(crate) route: Option<Name>,
    /// The status of what it returns that is no response (`status_code=201`).
    pub(crate) status: Option<u16>,
    /// Which handlers it wraps.
    pub(crate) covers: Covers,
}

/// A page that shows metrics.
#[derive(Debug, Clone, Default)]
pub(crate) struct Page {
    pub(crate) function: Option<FuncId>,
    pub(crate) serves: bool,
    pub(crate) default_registry: bool,
    pub(crate) open: bool,
    pub(crate) metrics: BTreeSet<MetricRef>,
    pub(crate) registries: BTreeSet<ObjId>,
    pub(crate) route: Option<String>,
    /// It is written to a file.
    pub(crate) writes: bool,
    /// The path that it has for sure.
    pub(crate) path: Option<Name>,
    /// The call that puts it into a router.
    pub(crate) routed: Option<Location>,
}

/// Everything noted so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log {
    /// By place, channel and category.
    pub(crate) leaks: BTreeMap<(Location, Channel, Option<Category>), Leak>,
    pub(crate) records: BTreeMap<Location, RecordCall>,
    pub(crate) undefined: BTreeMap<Location, (Name, FuncId)>,
    pub(crate) handlers: Handlers,
    pub(crate) pages: BTreeMap<Location, Page>,
    /// Second creations: later and earlier.
    pub(crate) duplicates: BTreeSet<(MetricRef, MetricRef)>,
    pub(crate) limits: BTreeSet<(Location, String)>,
    /// Functions that some router holds.
    pub(crate) held: BTreeSet<FuncId>,
    /// Leaks at places where the metric or its name is a parameter of a function that nothing is known to call.
    pub(crate) provisional: BTreeSet<(Location, FuncId)>,
    /// Places of leaks for which that is not so.
    pub(crate) firm: BTreeSet<Location>,
    /// Metrics that a function gives to its caller.
    pub(crate) returned: BTreeSet<(MetricRef, FuncId)>,
}

impl Log {
    /// Notes a leak: of two at one place, the one that says more.
    pub(crate) fn leak(&mut self, key: (Location, Channel, Option<Category>), leak: Leak) {
        match self.leaks.entry(key) {
            Entry::Occupied(mut old) => {
                let old = old.get_mut();
                if old.metric.is_none() {
                    old.metric = leak.metric;
                }
                let length = |leak: &Leak| leak.taint.hops.as_ref().map_or(0, |hop| hop.length);
                if old.taint.hashed && !leak.taint.hashed || length(&leak) > length(old) {
                    *old = leak;
                }
            }
            Entry::Vacant(place) => {
                place.insert(leak);
            }
        }
    }

    /// Notes a page.
    pub(crate) fn page(&mut self, at: Location, page: Page) {
        let known = self.pages.entry(at).or_default();
        known.function = page.function;
        known.serves |= page.serves;
        known.writes |= page.writes;
        known.path = known.path.or(page.path);
        known.routed = known.routed.or(page.routed);
        known.default_registry |= page.default_registry;
        known.open |= page.open;
        known.metrics.extend(page.metrics);
        known.registries.extend(page.registries);
        known.route = known.route.take().or(page.route);
    }

    /// Notes a recording.
    pub(crate) fn record(&mut self, at: Location, record: RecordCall) {
        let known = self.records.entry(at).or_default();
        known.metrics.extend(record.metrics);
        (known.function, known.method, known.binds_only) = (record.function, record.method, record.binds_only);
    }

    /// Adds all that another log has noted.
    pub(crate) fn merge(&mut self, other: &Log) {
        other.leaks.iter().for_each(|(key, leak)| self.leak(*key, leak.clone()));
        other.records.iter().for_each(|(at, record)| self.record(*at, record.clone()));
        other.pages.iter().for_each(|(at, page)| self.page(*at, page.clone()));
        for (at, undefined) in &other.undefined {
            self.undefined.entry(*at).or_insert(*undefined);
        }
        self.handlers.extend(other.handlers.iter().cloned());
        self.duplicates.extend(&other.duplicates);
        self.limits.extend(other.limits.iter().cloned());
        self.held.extend(&other.held);
        self.provisional.extend(&other.provisional);
        self.firm.extend(&other.firm);
        self.returned.extend(&other.returned);
    }
}
