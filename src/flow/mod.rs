//! The abstract interpreter: which values reach the metrics page, and how often each 404 is counted.
//!
//! It reads a [`crate::program::Program`] and [`crate::knowledge`], and gives [`Analysis`]: facts, not judgements. The rules
//! turn facts into findings.
//!
//! | folder | its question |
//! | --- | --- |
//! | `values` | What can a register, an object and a state hold? |
//! | `run` | How does code run: operations, branches, patterns, loops, exceptions? |
//! | `access` | What does a name, an attribute or an element give? |
//! | `calls` | What does a call run, with which arguments, and what does knowledge say of it? |
//! | `primitives` | What do the primitives do that knowledge names? |
//! | `metrics` | Which metrics are there, and what is shown by them? |
//! | `answers` | How is a request answered, and how often is that counted? |
//! | `rounds` | Which functions are run, in which rounds, and what is reported of all that they did? |
//!
//! A call runs its callee with the values at hand, down to a bound. What functions leave in modules and classes joins a
//! base that all see, in rounds until it is stable.

#![allow(
    clippy::too_many_arguments,
    clippy::too_many_lines,
    reason = "dispatch over operations and primitives; parts share the call's context and are to be split by it"
)]

mod access;
mod answers;
mod calls;
mod events;
mod metrics;
mod primitives;
mod rounds;
mod run;
mod values;

pub use events::{
    Analysis, CountFault, CountFaultKind, Counted, Endpoint, Exposure, Hit, Metric, MetricId, NotFoundKind,
    NotFoundPath, Recording, Undefined,
};

pub use answers::tally::CountRule;
pub(crate) use run::graph::reads;

use crate::knowledge::Knowledge;
use crate::program::Program;

/// What the interpreter is asked.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Full names of the counters that count 404s.
    pub approved: Vec<String>,
    /// Which answers they count; empty: all of them count 404s.
    pub rules: Vec<CountRule>,
    /// How a body says that something was not found.
    pub soft: SoftWords,
    /// A body that says 404 with another status counts as one.
    pub count_soft_404: bool,
    /// 404s of the framework itself count.
    pub count_framework_404: bool,
    /// Code that is compiled for tests only is audited, too.
    pub include_tests: bool,
}

/// How a text says that something was not found: by its number, beside one of these.
#[derive(Debug, Clone, Default)]
pub struct SoftWords {
    /// The number.
    pub number: String,
    /// Single words.
    pub beside: Vec<String>,
    /// Several words in a row.
    pub phrases: Vec<Vec<String>>,
    /// Keys of documents under which a status stands.
    pub keys: Vec<String>,
}

impl Options {
    /// The demands; without any, every counter counts what a 404 is.
    #[must_use]
    pub fn demands(&self) -> Vec<CountRule> {
        if self.rules.is_empty() {
            let counters = (0..self.approved.len()).map(|at| u8::try_from(at).unwrap_or(u8::MAX)).collect();
            return vec![CountRule { counters, status: NOT_FOUND, ..CountRule::default() }];
        }
        self.rules.clone()
    }
}

/// The status that is counted where nothing else is configured.
pub const NOT_FOUND: u16 = 404;

/// Runs a program abstractly and gives what it saw.
#[must_use]
pub fn analyze(program: &Program, knowledge: &Knowledge, options: &Options) -> Analysis {
    let mut machine = run::machine::Machine::new(program, knowledge, options);
    let handled = machine.run_program();
    machine.conclude(&handled)
}
