//! How far is the work? Counters that the engine moves and whoever waits may read; they decide nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Files are read and searched for triggers.
    Reading,
    /// Candidates are parsed.
    Parsing,
    /// Programs are followed.
    Following,
}

const STAGES: [Stage; 3] = [Stage::Reading, Stage::Parsing, Stage::Following];

/// Shared counters; copies are the same.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    stage: AtomicUsize,
    done: AtomicUsize,
    total: AtomicUsize,
}

impl Progress {
    pub(super) fn begin(&self, stage: Stage, total: usize) {
        let index = STAGES.iter().position(|known| *known == stage).unwrap_or(0);
        self.0.done.store(0, Ordering::Relaxed);
        self.0.total.store(total, Ordering::Relaxed);
        self.0.stage.store(index, Ordering::Relaxed);
    }

    pub(super) fn step(&self) {
        self.0.done.fetch_add(1, Ordering::Relaxed);
    }

    /// The stage, and how many of its parts are done of how many.
    #[must_use]
    pub fn now(&self) -> (Stage, usize, usize) {
        let stage = STAGES.get(self.0.stage.load(Ordering::Relaxed)).copied().unwrap_or(Stage::Following);
        let total = self.0.total.load(Ordering::Relaxed);
        (stage, self.0.done.load(Ordering::Relaxed).min(total), total)
    }
}
