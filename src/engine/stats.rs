//! What did each stage take, and how much was there to do? For people who ask; no report holds times.

use std::time::{Duration, Instant};

/// A stage of the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Files are found.
    Discover,
    /// They are read and searched for triggers.
    Select,
    /// Candidates are parsed and lowered.
    Lower,
    /// Files without a trigger are added.
    Widen,
    /// Deployment files are read.
    Deploy,
    /// Units are linked and run.
    Interpret,
    /// Facts become findings.
    Judge,
    /// Fixes are planned and proved.
    Fix,
    /// Reports are written.
    Report,
}

/// Times of stages, and counts.
#[derive(Debug, Clone, Default)]
pub struct Stats {
    /// How long each stage took, in the order of the pipeline; a stage that came again is added up.
    pub times: Vec<(Step, Duration)>,
    /// Bytes of files that were kept: those that were parsed.
    pub bytes: usize,
    /// Files with a trigger.
    pub selected: usize,
    /// Files without one that were parsed all the same.
    pub widened: usize,
    /// Functions of the program, bodies of modules and classes among them.
    pub functions: usize,
    /// Operations of these functions.
    pub operations: usize,
    /// What the interpreter cut short.
    pub limits: usize,
}

impl Stats {
    /// Runs a stage and adds what it took.
    pub fn time<T>(&mut self, step: Step, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = work();
        self.add(step, start.elapsed());
        result
    }

    /// Adds what a stage took.
    pub fn add(&mut self, step: Step, took: Duration) {
        match self.times.iter_mut().find(|(known, _)| *known == step) {
            Some((_, sum)) => *sum += took,
            None => self.times.push((step, took)),
        }
        self.times.sort_by_key(|(step, _)| *step);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_in_order_and_added_up() {
        let mut stats = Stats::default();
        stats.add(Step::Judge, Duration::from_millis(2));
        stats.add(Step::Select, Duration::from_millis(1));
        stats.add(Step::Judge, Duration::from_millis(3));
        let expected = [(Step::Select, Duration::from_millis(1)), (Step::Judge, Duration::from_millis(5))];
        assert_eq!(stats.times, expected);
    }
}
