//! A way to mend a finding, as far as it can be judged without another audit.

use std::collections::{BTreeMap, BTreeSet};

use super::prove::Proof;
use super::take_out::Calls;
use crate::finding::{Applicability, Edit, Fix, FixReference, ProofNote};
use crate::source::{FileId, Location, Span};

/// What a fix would do, and what the comparison of the programs says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) title: String,
    /// Sorted.
    pub(super) edits: Vec<Edit>,
    pub(super) proof: Proof,
    /// Why it is not safe whatever the proof says.
    pub(super) caveat: Option<String>,
    /// Who names what goes.
    pub(super) references: Vec<FixReference>,
    /// What nothing uses any more, and stays.
    pub(super) unused: Vec<String>,
    /// It is offered only where it brings no new finding.
    pub(super) strict: bool,
    /// Rules of which new findings are no surprise.
    pub(super) brings: &'static [&'static str],
}

impl Candidate {
    /// Nothing speaks against it but what an audit may say.
    pub(super) fn is_sound(&self) -> bool {
        self.caveat.is_none() && self.proof.equal
    }

    /// The fix, safe when there is no caveat and everything is proved. `new` is the rule of a new finding.
    pub(super) fn judged(self, new: Option<&'static str>) -> Fix {
        let unproved = self.proof.why.as_ref().map(|why| format!("not proved to change nothing else: {why}"));
        let caveat = self.caveat.or(unproved).or_else(|| new.map(|rule| format!("it brings a `{rule}`")));
        Fix {
            title: self.title,
            applicability: if caveat.is_none() { Applicability::Safe } else { Applicability::Unsafe },
            caveat,
            edits: self.edits,
            proof: Some(ProofNote { equal: self.proof.equal, why: self.proof.why, gone: true, new, witness: true }),
            alternatives: Vec::new(),
            references: self.references,
            unused: self.unused,
        }
    }
}

/// Where inserted texts stand afterwards. The edits are sorted.
pub(super) fn inserted(edits: &[Edit]) -> Vec<Location> {
    let mut found: Vec<Location> = Vec::new();
    let mut moved: BTreeMap<FileId, i64> = BTreeMap::new();
    for edit in edits {
        let by = moved.entry(edit.at.file).or_default();
        let start = shifted(edit.at.span.start, *by);
        let length = u32::try_from(edit.text.len()).unwrap_or(u32::MAX);
        found.push(Location::new(edit.at.file, Span::new(start, start.saturating_add(length))));
        *by += growth(edit);
    }
    found
}

/// Where the calls stand after the edits, which are sorted; those that go are no calls any more.
pub(super) fn moved(calls: &Calls, edits: &[Edit]) -> Calls {
    let all = |places: &BTreeSet<Location>| {
        places
            .iter()
            .map(|place| {
                let own = || edits.iter().filter(|edit| edit.at.file == place.file);
                let at = |offset: u32| {
                    shifted(offset, own().filter(|edit| edit.at.span.end <= offset).map(growth).sum::<i64>())
                };
                let (start, end) = (at(place.span.start), at(place.span.end));
                Location::new(place.file, Span::new(start, end.max(start)))
            })
            .collect()
    };
    Calls { all: all(&calls.all), records: all(&calls.records), sound: all(&calls.sound) }
}

/// By how much an edit makes the text longer.
fn growth(edit: &Edit) -> i64 {
    edit.text.len() as i64 - i64::from(edit.at.span.end - edit.at.span.start)
}

fn shifted(offset: u32, by: i64) -> u32 {
    u32::try_from(i64::from(offset) + by).unwrap_or(u32::MAX)
}
