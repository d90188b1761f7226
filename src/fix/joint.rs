//! What would an audit say if many fixes were applied together?
//!
//! One audit answers for all that do not touch each other. Only where it has something to say against them, it is asked
//! again about halves.

use std::collections::{BTreeMap, BTreeSet};

use super::candidate::Candidate;
use super::trial::{Key, Outcome, Trial, Tried, key};
use crate::finding::{Edit, Finding};
use crate::source::FileId;

/// A candidate, and the finding that it mends.
pub(super) struct Part<'a> {
    pub(super) finding: &'a Finding,
    pub(super) candidate: &'a Candidate,
}

/// Asks for many.
pub(super) struct Joint<'a> {
    pub(super) trial: Trial<'a>,
    /// The audit of the first texts that had nothing wrong.
    pub(super) first: Option<Tried>,
}

/// Whether the finding goes, and with it the rule of a finding that comes.
type Verdict = Option<Option<&'static str>>;

impl Joint<'_> {
    /// One verdict for each part: `None` where the finding stays.
    pub(super) fn judge(&mut self, parts: &[Part<'_>]) -> Vec<Verdict> {
        let mut verdicts = vec![None; parts.len()];
        let mut left: Vec<usize> = (0..parts.len()).collect();
        while !left.is_empty() {
            let set = compatible(parts, &left);
            left.retain(|at| !set.contains(at));
            self.split(parts, &set, &mut verdicts);
        }
        verdicts
    }

    fn split(&mut self, parts: &[Part<'_>], set: &[usize], verdicts: &mut [Verdict]) {
        let own: Vec<&Part<'_>> = set.iter().filter_map(|&at| parts.get(at)).collect();
        let mut kinds: Vec<&Vec<Edit>> = Vec::new();
        for part in &own {
            if !kinds.contains(&&part.candidate.edits) {
                kinds.push(&part.candidate.edits);
            }
        }
        let Some(texts) = self.texts(&kinds) else { return };
        let single = kinds.len() == 1;
        let outcome = self.trial.again(&texts, self.first.is_none());
        let fine = self.is_fine(&own, &outcome);
        if fine || single {
            let brings = own.first().map_or(&[] as &[_], |part| part.candidate.brings);
            let new = if fine { None } else { self.news(&outcome, brings) };
            for &at in set {
                let goes = parts.get(at).is_some_and(|part| self.goes(part.finding, &outcome, 1));
                if let Some(verdict) = verdicts.get_mut(at) {
                    *verdict = goes.then_some(new);
                }
            }
            if fine && self.first.is_none() {
                self.first = outcome.tried(texts);
            }
            return;
        }
        let (one, other) = kinds.split_at(kinds.len() / 2);
        for half in [one, other] {
            let is_in = |at: &&usize| parts.get(**at).is_some_and(|part| half.contains(&&part.candidate.edits));
            let half: Vec<usize> = set.iter().filter(is_in).copied().collect();
            self.split(parts, &half, verdicts);
        }
    }

    fn texts(&self, kinds: &[&Vec<Edit>]) -> Option<BTreeMap<FileId, String>> {
        let edits: Vec<Edit> = kinds.iter().flat_map(|edits| edits.iter().cloned()).collect();
        self.trial.texts(&edits)
    }

    /// All findings go, and nothing comes.
    fn is_fine(&self, parts: &[&Part<'_>], outcome: &Outcome) -> bool {
        let mut findings: BTreeMap<Key, BTreeSet<_>> = BTreeMap::new();
        for part in parts {
            findings.entry(key(part.finding)).or_default().insert(part.finding.at);
        }
        let brings: Vec<&str> = parts.iter().flat_map(|part| part.candidate.brings).copied().collect();
        let gone = parts.iter().all(|part| {
            let number = findings.get(&key(part.finding)).map_or(1, BTreeSet::len);
            self.goes(part.finding, outcome, number)
        });
        gone && self.news(outcome, &brings).is_none()
    }

    fn goes(&self, finding: &Finding, outcome: &Outcome, number: usize) -> bool {
        let key = key(finding);
        let count = |counts: &BTreeMap<Key, u32>| counts.get(&key).copied().unwrap_or(0) as usize;
        count(&outcome.after) + number <= count(&self.trial.before)
    }

    /// The rule of a finding that was not there before.
    fn news(&self, outcome: &Outcome, brings: &[&str]) -> Option<&'static str> {
        // A metric that lost its recording is only a note, and its allow comment may have lost its finding. Who names
        // the metric outside of the code is listed with the fix.
        let expected = |rule: &str| {
            matches!(rule, "unrecorded-metric" | "unused-allow" | "unknown-metric-reference") || brings.contains(&rule)
        };
        let before = |key: &Key| self.trial.before.get(key).copied().unwrap_or(0);
        let mut after = outcome.after.iter();
        after.find(|(key, number)| **number > before(key) && !expected(key.0)).map(|(key, _)| key.0)
    }
}

/// The first of the parts, and all that touch none of those before them.
fn compatible(parts: &[Part<'_>], left: &[usize]) -> Vec<usize> {
    let mut set = Vec::new();
    let mut taken: Vec<&Vec<Edit>> = Vec::new();
    for &at in left {
        let Some(part) = parts.get(at) else { continue };
        let edits = &part.candidate.edits;
        let known = taken.contains(&edits);
        let free = || {
            let other = taken.iter().copied().flatten();
            other.into_iter().all(|other| edits.iter().all(|edit| !super::apply::collide(edit, other)))
        };
        if known || free() {
            if !known {
                taken.push(edits);
            }
            set.push(at);
        }
    }
    set
}
