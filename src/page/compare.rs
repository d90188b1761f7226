//! What went and what came between two scrapes?

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::audit::bytes;
use super::line::Pair;
use super::{Page, ShownFamily};
use crate::source::Span;

/// What differs between two pages.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// Families that differ, by name.
    pub families: Vec<FamilyChange>,
    /// Families that do not.
    pub unchanged: usize,
}

/// What differs in a family.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FamilyChange {
    /// Its name, with what is secret covered.
    pub name: String,
    /// It was on the page before.
    pub was: bool,
    /// It is on the page now.
    pub is: bool,
    /// Labels that went.
    pub labels_gone: Vec<String>,
    /// Labels that came.
    pub labels_come: Vec<String>,
    /// Samples before.
    pub samples_before: u64,
    /// Samples now.
    pub samples_after: u64,
    /// Samples (by name and labels) that went.
    pub samples_gone: u64,
    /// Samples that came.
    pub samples_come: u64,
}

/// Compares two pages; both must have been read with their samples kept.
#[must_use]
pub fn compare(before: &Page, after: &Page) -> Comparison {
    let gone = missing_in(before, after);
    let come = missing_in(after, before);
    let mut pairs: BTreeMap<&[u8], (Option<usize>, Option<usize>)> = BTreeMap::new();
    for (at, family) in before.families.iter().enumerate() {
        pairs.entry(&family.raw).or_default().0 = Some(at);
    }
    for (at, family) in after.families.iter().enumerate() {
        pairs.entry(&family.raw).or_default().1 = Some(at);
    }
    let mut comparison = Comparison::default();
    for (was, is) in pairs.into_values() {
        let old = was.and_then(|at| before.families.get(at));
        let new = is.and_then(|at| after.families.get(at));
        let mut change = change(old, new);
        change.samples_gone = was.and_then(|at| gone.get(at).copied()).unwrap_or(0);
        change.samples_come = is.and_then(|at| come.get(at).copied()).unwrap_or(0);
        if change.differs() {
            comparison.families.push(change);
        } else {
            comparison.unchanged += 1;
        }
    }
    comparison
}

fn change(old: Option<&ShownFamily>, new: Option<&ShownFamily>) -> FamilyChange {
    let labels = |family: Option<&ShownFamily>| family.map(|family| family.labels.clone()).unwrap_or_default();
    let (before, after) = (labels(old), labels(new));
    let without = |these: &[String], those: &[String]| {
        let mut rest: Vec<String> = these.iter().filter(|label| !those.contains(label)).cloned().collect();
        rest.sort();
        rest
    };
    FamilyChange {
        name: old.or(new).map(|family| family.name.clone()).unwrap_or_default(),
        was: old.is_some(),
        is: new.is_some(),
        labels_gone: without(&before, &after),
        labels_come: without(&after, &before),
        samples_before: old.map_or(0, |family| family.samples),
        samples_after: new.map_or(0, |family| family.samples),
        samples_gone: 0,
        samples_come: 0,
    }
}

impl FamilyChange {
    fn differs(&self) -> bool {
        self.was != self.is
            || !self.labels_gone.is_empty()
            || !self.labels_come.is_empty()
            || self.samples_gone + self.samples_come > 0
    }
}

/// How many samples of each family of one page the other does not have.
fn missing_in(page: &Page, other: &Page) -> Vec<u64> {
    let mut counts = vec![0; page.families.len()];
    for (series, family) in &page.series {
        if !other.series.contains_key(series)
            && let Some(count) = counts.get_mut(*family as usize)
        {
            *count += 1;
        }
    }
    counts
}

/// The same for the same name and labels, in whatever order.
pub(super) fn series(name: Span, pairs: &[Pair], text: &[u8]) -> u64 {
    let of = |pair: &Pair| {
        let mut hasher = DefaultHasher::new();
        (bytes(text, pair.name), bytes(text, pair.value)).hash(&mut hasher);
        hasher.finish()
    };
    let mut hasher = DefaultHasher::new();
    bytes(text, name).hash(&mut hasher);
    pairs.iter().map(of).fold(0_u64, u64::wrapping_add).hash(&mut hasher);
    hasher.finish()
}
