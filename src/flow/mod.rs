//! The abstract interpreter: which values reach the metrics page, and how often each 404 is counted.
//!
//! It reads a [`crate::program::Program`] and [`crate::knowledge`], and gives [`Analysis`]: facts, not judgements. The rules
//! turn facts into findings.

mod events;

pub use events::{
    Analysis, CountFault, CountFaultKind, Counted, Endpoint, Exposure, Metric, MetricId, NotFoundKind, NotFoundPath,
    Recording, Undefined, Hit,
};

/// What decides the analysis besides program and knowledge.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Full names of approved counters.
    pub approved: Vec<String>,
    /// Bodies that say 404 with another status are 404s for counting.
    pub count_soft_404: bool,
}

/// Interprets a program.
#[must_use]
pub fn analyze(_program: &crate::program::Program, _knowledge: &crate::knowledge::Knowledge, _options: &Options) -> Analysis {
    Analysis::default()
}
