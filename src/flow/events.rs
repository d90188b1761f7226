//! What the interpreter saw.

use serde::Serialize;

use crate::finding::{Category, Channel, Confidence, FlowStep};
use crate::source::Location;

/// Everything that the interpreter saw in one project. All lists are sorted by place and free of repetitions.
#[derive(Debug, Clone, Default)]
pub struct Analysis {
    /// Metrics by creating call.
    pub metrics: Vec<Metric>,
    /// Calls that record into a metric or choose labels of it.
    pub recordings: Vec<Recording>,
    /// Sensitive or unbounded data that reaches a metric.
    pub exposures: Vec<Exposure>,
    /// Metrics pages.
    pub endpoints: Vec<Endpoint>,
    /// Ways on which a 404 leaves a handler.
    pub not_found: Vec<NotFoundPath>,
    /// Increments of an approved counter that are wrong.
    pub faults: Vec<CountFault>,
    /// Uses of metrics that are never created.
    pub undefined: Vec<Undefined>,
    /// Second creations of one name in one registry: the later call and the earlier one.
    pub duplicates: Vec<(MetricId, MetricId)>,
    /// What was cut short, in words: a bound that was hit, and where.
    pub limits: Vec<(Location, String)>,
}

/// A metric, as an index into [`Analysis::metrics`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetricId(pub u32);

/// A metric that the program creates.
#[derive(Debug, Clone)]
pub struct Metric {
    /// Full name: namespace, subsystem, name and unit joined, with `{holes}`.
    pub name: String,
    /// All names it may have, where several constants reach the call.
    pub names: Vec<String>,
    /// `counter`, `gauge`….
    pub kind: String,
    /// Label names, as far as known.
    pub labels: Vec<String>,
    /// Help text, as far as constant.
    pub help: String,
    /// The creating call.
    pub at: Location,
    /// The function around it.
    pub function: String,
    /// Whether its full name is one of the approved counters.
    pub approved: bool,
    /// The approved name that variable, key or field say it is, though its registered name is another.
    pub misnamed: Option<String>,
    /// Variables, keys and fields under which it is kept.
    pub kept_as: Vec<String>,
    /// Some recording reaches it (or it escapes to where we cannot see).
    pub recorded: bool,
    /// Endpoints that show it, as indices; empty also when the project has none.
    pub shown_on: Vec<usize>,
}

/// A call that records into a metric.
#[derive(Debug, Clone)]
pub struct Recording {
    /// The call.
    pub at: Location,
    /// Which metrics it may be.
    pub metrics: Vec<MetricId>,
    /// The function around it.
    pub function: String,
    /// `inc`, `labels`, `set`….
    pub method: String,
    /// Only chooses labels; another call records.
    pub binds_only: bool,
}

/// How grave data reached a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hit {
    /// Sensitive data of a category.
    Sensitive(Category),
    /// Text without bound, no sensitive content known.
    Unbounded,
}

/// Data that reaches a metric.
#[derive(Debug, Clone)]
pub struct Exposure {
    /// The call it is reported at.
    pub at: Location,
    /// Through which part.
    pub channel: Channel,
    /// How grave.
    pub hit: Hit,
    /// Other categories that reach the same call through the same channel.
    pub also: Vec<Category>,
    /// How sure.
    pub confidence: Confidence,
    /// What it is, in the reader's words: `a password`, `an e-mail address`, `the text of a request body`.
    pub what: String,
    /// The label or key it is given to.
    pub label: Option<String>,
    /// The metric, where known.
    pub metric: Option<MetricId>,
    /// The function around the call.
    pub function: String,
    /// From the source to the call.
    pub flow: Vec<FlowStep>,
}

/// A metrics page.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Where it is rendered or served.
    pub at: Location,
    /// The function around it.
    pub function: String,
    /// `view` or `server`.
    pub kind: String,
    /// Path or port, where constant.
    pub route: Option<String>,
    /// All paths under which it is registered, where constant.
    pub routes: Vec<String>,
    /// What guards it, if anything does: the definition of the view, or the call that puts it into a router.
    pub definition: Option<Location>,
    /// Shows the default registry (all metrics without one of their own).
    pub default_registry: bool,
    /// Shows metrics that cannot be told.
    pub open: bool,
}

/// How a 404 comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NotFoundKind {
    /// A returned response with that status.
    Status,
    /// A raised exception or returned error that becomes one.
    Exception,
    /// A body that says 404 with another status.
    Soft,
    /// The framework answers it (no route).
    Framework,
}

/// How often a 404 is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Counted {
    /// On no path.
    Never,
    /// On some paths.
    Sometimes,
    /// Exactly once on every path.
    Once,
    /// More than once on some path.
    More,
}

/// A way on which a 404 leaves a handler.
#[derive(Debug, Clone)]
pub struct NotFoundPath {
    /// Where the project's code gives it its status.
    pub at: Location,
    /// The function around it.
    pub function: String,
    /// How it comes about.
    pub kind: NotFoundKind,
    /// In words: ``HttpResponse(status=404)``, ``raise Http404``, ``body says `ERROR 404` ``.
    pub how: String,
    /// How often an approved counter is incremented on the way.
    pub counted: Counted,
    /// Some path to it has no increment, though there should be one.
    pub uncounted: bool,
    /// The status that is to be counted; for a body that says 404, that.
    pub status: u16,
    /// The counter that should go up.
    pub counter: Option<String>,
    /// The project creates that counter.
    pub has_counter: bool,
    /// The branches that lead to the uncounted path.
    pub flow: Vec<FlowStep>,
}

/// What is wrong with an increment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CountFaultKind {
    /// The second one on a path to one 404.
    Double,
    /// On a path that ends in something else.
    Mis,
}

/// An increment of an approved counter that is wrong.
#[derive(Debug, Clone)]
pub struct CountFault {
    /// The increment.
    pub at: Location,
    /// What is wrong.
    pub kind: CountFaultKind,
    /// The function around it.
    pub function: String,
    /// The first increment (for a double one), or where the path ends instead.
    pub other: Option<Location>,
    /// The counter.
    pub metric: Option<MetricId>,
}

/// A use of a metric that is never created.
#[derive(Debug, Clone)]
pub struct Undefined {
    /// The call.
    pub at: Location,
    /// The key or name that is missing: `graphs['r_counter']`.
    pub what: String,
    /// The function around it.
    pub function: String,
    /// The approved counter that was meant, if it is one.
    pub approved: Option<String>,
}
