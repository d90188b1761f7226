//! What happens while functions run, kept by place so that a second look adds nothing twice.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Category, Channel};
use crate::program::{FuncId, Name};
use crate::source::Location;

use super::heap::ObjId;
use super::scopes::Covers;
use super::value::{MetricRef, Taint};

/// Data that reached a metric.
#[derive(Debug, Clone)]
pub(super) struct Leak {
    pub(super) taint: Taint,
    pub(super) category: Option<Category>,
    pub(super) label: Option<Name>,
    pub(super) metric: Option<MetricRef>,
    pub(super) function: FuncId,
}

/// A call that records.
#[derive(Debug, Clone, Default)]
pub(super) struct RecordCall {
    pub(super) metrics: BTreeSet<MetricRef>,
    pub(super) function: Option<FuncId>,
    pub(super) method: String,
    pub(super) binds_only: bool,
}

/// A handler that is handed to a framework.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Registered {
    pub(super) function: FuncId,
    /// What it closes over or is a method of.
    pub(super) bound: Option<ObjId>,
    /// Path of the decorator or routing call.
    pub(super) by: Name,
    /// `middleware`, `error-handler`, `after-request`, `fallback`; empty for a route.
    pub(super) wraps: String,
    /// The status or exception class it is for.
    pub(super) catches: Option<Name>,
    /// The constant route.
    pub(super) route: Option<Name>,
    /// The status of what it returns that is no response (`status_code=201`).
    pub(super) status: Option<u16>,
    /// Which handlers it wraps.
    pub(super) covers: Covers,
}

/// A page that shows metrics.
#[derive(Debug, Clone, Default)]
pub(super) struct Page {
    pub(super) function: Option<FuncId>,
    pub(super) serves: bool,
    pub(super) default_registry: bool,
    pub(super) open: bool,
    pub(super) metrics: BTreeSet<MetricRef>,
    pub(super) registries: BTreeSet<ObjId>,
    pub(super) route: Option<String>,
}

/// Everything noted so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Log {
    /// By place, channel and category.
    pub(super) leaks: BTreeMap<(Location, Channel, Option<Category>), Leak>,
    pub(super) records: BTreeMap<Location, RecordCall>,
    pub(super) undefined: BTreeMap<Location, (Name, FuncId)>,
    pub(super) handlers: BTreeSet<Registered>,
    pub(super) pages: BTreeMap<Location, Page>,
    /// Second creations: later and earlier.
    pub(super) duplicates: BTreeSet<(MetricRef, MetricRef)>,
    pub(super) limits: BTreeSet<(Location, String)>,
    /// Functions that some router holds.
    pub(super) held: BTreeSet<FuncId>,
    /// Leaks at places where the metric or its name is a parameter of a function that nothing is known to call.
    pub(super) provisional: BTreeSet<(Location, FuncId)>,
}

impl Log {
    /// A fresh start from what was noted at import.
    pub(super) fn clone_of(other: &Log) -> Log {
        other.clone()
    }
}
