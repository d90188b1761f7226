//! The abstract interpreter: which values reach the metrics page, and how often each 404 is counted.
//!
//! It reads a [`crate::program::Program`] and [`crate::knowledge`], and gives [`Analysis`]: facts, not judgements. The rules
//! turn facts into findings.
//!
//! Functions are run abstractly (`exec`) over states (`state`) of values (`value`) and objects (`heap`). A call runs its
//! callee with the values at hand, down to a bound; what a call outside of the project does comes from knowledge
//! (`apply`, `primitives`). What functions leave in modules and classes joins a base that all see, in rounds until it is
//! stable (`roots`). What reaches metrics, and how handlers answer, is noted (`log`, `answers`) and put in order
//! (`conclude`).

#![allow(
    clippy::too_many_arguments,
    clippy::too_many_lines,
    reason = "dispatch over operations and primitives; parts share the call's context and are to be split by it"
)]

mod answers;
mod apply;
mod arguments;
mod arithmetic;
mod attributes;
mod bind;
mod bound;
mod builtins;
mod callbacks;
mod calls;
mod cells;
mod classes;
mod closures;
mod conclude;
mod containers;
mod contents;
mod contexts;
mod conversions;
mod create;
mod customs;
mod declared;
mod declared_leaks;
mod defaults;
mod deferred;
mod demand;
mod description;
mod displays;
mod duplicates;
mod effects;
mod elements;
mod entries;
mod errors;
mod events;
mod exceptions;
mod exec;
mod exposure;
mod extractors;
mod fields;
mod forget;
mod functional;
mod graph;
mod heap;
mod inheritance;
mod iterate;
mod known;
mod labels;
mod log;
mod machine;
mod memo;
mod methods;
mod metrics;
mod modules;
mod naming;
mod narrow;
mod ops;
mod options;
mod outside;
mod paths;
mod patterns;
mod percent;
mod places;
mod primitives;
mod printing;
mod python_primitives;
mod reach;
mod record;
mod registrations;
mod registries;
mod regs;
mod relevant;
mod respond;
mod roots;
mod scopes;
mod settings;
mod sides;
mod soft;
mod stamps;
mod state;
mod statuses;
mod store;
mod tally;
mod text_primitives;
mod texts;
mod turbofish;
mod typed;
mod value;
mod variants;
mod verdicts;
mod views;
mod wrappers;

pub use events::{
    Analysis, CountFault, CountFaultKind, Counted, Endpoint, Exposure, Hit, Metric, MetricId, NotFoundKind,
    NotFoundPath, Recording, Undefined,
};

pub use tally::CountRule;

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
    let mut machine = machine::Machine::new(program, knowledge, options);
    let handled = machine.run_program();
    machine.conclude(&handled)
}
