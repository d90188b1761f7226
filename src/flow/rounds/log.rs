//! What happens while functions run, kept by place so that a second look adds nothing twice.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Category, Channel};
use crate::program::{FuncId, Name};
use crate::source::Location;

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
}

/// Everything noted so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log {
    /// By place, channel and category.
    pub(crate) leaks: BTreeMap<(Location, Channel, Option<Category>), Leak>,
    pub(crate) records: BTreeMap<Location, RecordCall>,
    pub(crate) undefined: BTreeMap<Location, (Name, FuncId)>,
    pub(crate) handlers: BTreeSet<Registered>,
    pub(crate) pages: BTreeMap<Location, Page>,
    /// Second creations: later and earlier.
    pub(crate) duplicates: BTreeSet<(MetricRef, MetricRef)>,
    pub(crate) limits: BTreeSet<(Location, String)>,
    /// Functions that some router holds.
    pub(crate) held: BTreeSet<FuncId>,
    /// Leaks at places where the metric or its name is a parameter of a function that nothing is known to call.
    pub(crate) provisional: BTreeSet<(Location, FuncId)>,
}

impl Log {
    /// A fresh start from what was noted at import.
    pub(crate) fn clone_of(other: &Log) -> Log {
        other.clone()
    }
}
