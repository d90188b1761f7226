//! What is counted by which counter, and how often each went up on a path.

use std::collections::BTreeSet;

use crate::program::Name;
use crate::source::FileId;

/// A demand: answers with this status go up one of these counters, exactly once.
#[derive(Debug, Clone, Default)]
pub struct CountRule {
    /// Places of the counters in [`crate::flow::Options::approved`].
    pub counters: Vec<u8>,
    /// The status.
    pub status: u16,
    /// The files in which the answers are given; none: all.
    pub files: Option<BTreeSet<FileId>>,
    /// The class of the exception that leads to the answer, or its last part; none: any.
    pub exception: Option<String>,
}

impl CountRule {
    /// Whether this is the demand for an answer.
    pub(crate) fn fits(&self, status: u16, file: FileId, classes: &[Name]) -> bool {
        let of_class = |wanted: &String| {
            classes
                .iter()
                .any(|class| class.as_str() == wanted || class.as_str().rsplit('.').next() == Some(wanted.as_str()))
        };
        self.status == status
            && self.files.as_ref().is_none_or(|files| files.contains(&file))
            && self.exception.as_ref().is_none_or(of_class)
    }

    /// Demands for some answers only go before those for all.
    pub(crate) fn is_special(&self) -> bool {
        self.files.is_some() || self.exception.is_some()
    }
}

/// More counters than these share the last place.
const MAX_COUNTERS: u8 = 32;

/// How often each counter went up: 0, 1 or 2 (two or more), two bits each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Tally(u64);

impl Tally {
    fn shift(counter: u8) -> u32 {
        u32::from(counter.min(MAX_COUNTERS - 1)) * 2
    }

    /// How often one counter went up.
    pub(crate) fn of(self, counter: u8) -> u8 {
        (self.0 >> Self::shift(counter) & 3) as u8
    }

    /// How often some counters went up together.
    pub(crate) fn of_all(self, counters: &[u8]) -> u8 {
        counters.iter().map(|counter| self.of(*counter)).sum::<u8>().min(2)
    }

    /// One counter goes up.
    pub(crate) fn add(&mut self, counter: u8, by: u8) {
        let next = u64::from((self.of(counter) + by.min(2)).min(2));
        self.0 = self.0 & !(3 << Self::shift(counter)) | next << Self::shift(counter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_do_not_disturb_each_other() {
        let mut tally = Tally::default();
        tally.add(0, 1);
        tally.add(3, 9);
        tally.add(40, 1);
        assert_eq!((tally.of(0), tally.of(1), tally.of(3), tally.of(31)), (1, 0, 2, 1));
        assert_eq!((tally.of_all(&[0, 1]), tally.of_all(&[0, 3])), (1, 2));
        tally.add(0, 0);
        assert_eq!(tally.of(0), 1);
    }
}
