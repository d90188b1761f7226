//! How did all of them do?

use crate::grade::batch::Batch;
use crate::grade::marks::{Graded, Outcome, rounded};
use crate::grade::rubric::Rubric;

/// Numbers about all submissions.
pub(super) struct Statistics {
    pub(super) mean: f64,
    pub(super) median: f64,
    pub(super) least: f64,
    pub(super) most: f64,
    /// Submissions in each tenth of the points.
    pub(super) tenths: [usize; 10],
    /// Criteria by how many failed them: index, all points, some, none, unjudged.
    pub(super) failed: Vec<(usize, [usize; 4])>,
    pub(super) flagged: usize,
}

impl Statistics {
    pub(super) fn new(batch: &Batch, rubric: &Rubric) -> Self {
        let mut points: Vec<f64> = batch.submissions.iter().map(|one| one.points).collect();
        points.sort_by(f64::total_cmp);
        let count = points.len().max(1);
        let middle = |at: usize| points.get(at).copied().unwrap_or(0.0);
        let median = if points.len() % 2 == 1 {
            middle(count / 2)
        } else {
            (middle(count / 2) + middle((count / 2).saturating_sub(1))) / 2.0
        };
        let mut tenths = [0; 10];
        for one in &batch.submissions {
            let share = if one.out_of > 0.0 { one.points / one.out_of } else { 0.0 };
            // Truncation is meant: 0.95 is in the last tenth, and so is 1.
            let tenth = (share * 10.0).floor().clamp(0.0, 9.0) as usize;
            tenths[tenth] += 1;
        }
        Self {
            mean: rounded(points.iter().sum::<f64>() / count as f64),
            median: rounded(median),
            least: middle(0),
            most: points.last().copied().unwrap_or(0.0),
            tenths,
            failed: failed(&batch.submissions, rubric),
            flagged: batch.submissions.iter().filter(|one| !one.flags.is_empty()).count(),
        }
    }
}

fn failed(submissions: &[Graded], rubric: &Rubric) -> Vec<(usize, [usize; 4])> {
    let mut all: Vec<(usize, [usize; 4])> = (0..rubric.criteria.len()).map(|at| (at, [0; 4])).collect();
    for mark in submissions.iter().flat_map(|one| one.marks.iter().enumerate()) {
        if let Some((_, counts)) = all.get_mut(mark.0) {
            counts[match mark.1.outcome {
                Outcome::Full => 0,
                Outcome::Part => 1,
                Outcome::None => 2,
                Outcome::Unjudged => 3,
            }] += 1;
        }
    }
    all.sort_by_key(|(at, counts)| (std::cmp::Reverse((counts[2] + counts[3], counts[1])), *at));
    all
}
