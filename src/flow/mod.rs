//! The abstract interpreter: which values reach the metrics page, and how often each 404 is counted.
//!
//! It reads a [`crate::program::Program`] and [`crate::knowledge`], and gives [`Analysis`]: facts, not judgements. The rules
//! turn facts into findings.

mod events;

pub use events::{
    Analysis, CountFault, CountFaultKind, Counted, Endpoint, Exposure, Metric, MetricId, NotFoundKind, NotFoundPath,
    Recording, Undefined, Hit,
};
