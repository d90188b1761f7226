//! What changed since an earlier run?

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::marks::{Graded, rounded};
use crate::error::Failure;

/// The part of an earlier report that is compared.
#[derive(Debug, Clone, Deserialize)]
pub struct Earlier {
    submissions: Vec<EarlierOne>,
}

#[derive(Debug, Clone, Deserialize)]
struct EarlierOne {
    submission: String,
    points: f64,
    #[serde(default)]
    marks: Vec<EarlierMark>,
}

#[derive(Debug, Clone, Deserialize)]
struct EarlierMark {
    id: String,
    points: f64,
}

/// A submission whose points are not what they were.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Changed {
    /// The submission.
    pub submission: String,
    /// Points before; `None` if it was not there.
    pub before: Option<f64>,
    /// Points now; `None` if it is not there any more.
    pub after: Option<f64>,
    /// Criteria that differ: name, before, now.
    pub criteria: Vec<(String, Option<f64>, Option<f64>)>,
}

impl Earlier {
    /// Reads the JSON of an earlier run.
    ///
    /// # Errors
    /// When it is no such JSON.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|cause| Failure::Io { what: format!("cannot read the earlier marks `{shown}`"), cause })?;
        serde_json::from_str(&text).map_err(|error| Failure::Config {
            path: shown,
            line: error.line().max(1),
            message: format!("not what `grade --output-format json` prints: {error}"),
            help: None,
        })
    }

    /// What differs, by submission.
    pub(super) fn compare(&self, now: &[Graded]) -> Vec<Changed> {
        let before: BTreeMap<&str, &EarlierOne> =
            self.submissions.iter().map(|one| (one.submission.as_str(), one)).collect();
        let after: BTreeMap<&str, &Graded> = now.iter().map(|one| (one.submission.as_str(), one)).collect();
        let mut keys: Vec<&str> = before.keys().chain(after.keys()).copied().collect();
        keys.sort_unstable();
        keys.dedup();
        keys.into_iter().filter_map(|key| changed(key, before.get(key).copied(), after.get(key).copied())).collect()
    }
}

fn changed(key: &str, before: Option<&EarlierOne>, after: Option<&Graded>) -> Option<Changed> {
    let mut criteria: BTreeMap<&str, (Option<f64>, Option<f64>)> = BTreeMap::new();
    for mark in before.iter().flat_map(|one| &one.marks) {
        criteria.entry(&mark.id).or_default().0 = Some(mark.points);
    }
    for mark in after.iter().flat_map(|one| &one.marks) {
        criteria.entry(&mark.id).or_default().1 = Some(mark.points);
    }
    let differs = |pair: &(Option<f64>, Option<f64>)| pair.0.map(rounded) != pair.1.map(rounded);
    let criteria: Vec<_> =
        criteria.into_iter().filter(|(_, pair)| differs(pair)).map(|(id, (a, b))| (id.to_owned(), a, b)).collect();
    let points = (before.map(|one| one.points), after.map(|one| one.points));
    (differs(&points) || !criteria.is_empty() && before.is_some() && after.is_some()).then(|| Changed {
        submission: key.to_owned(),
        before: points.0,
        after: points.1,
        criteria,
    })
}
