//! Where was what seen? One note per family and part of it, however many samples have it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::detect::Hit;
use crate::finding::{Category, Channel, Confidence};
use crate::source::Span;

/// Which part of a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The name.
    Name,
    /// The help text.
    Help,
    /// The name of a label.
    LabelName(u32),
    /// The values of a label.
    Label(u32),
    /// The values of a label of exemplars.
    Exemplar(u32),
    /// The numbers.
    Number,
    /// Text that belongs to no family: the number of its line.
    Text(u32),
}

impl Part {
    /// As the JSON names it.
    #[must_use]
    pub fn channel(self) -> Option<Channel> {
        Some(match self {
            Part::Name => Channel::Name,
            Part::Help => Channel::Help,
            Part::LabelName(_) => Channel::LabelName,
            Part::Label(_) => Channel::LabelValue,
            Part::Exemplar(_) => Channel::Exemplar,
            Part::Number => Channel::Value,
            Part::Text(_) => return None,
        })
    }
}

/// Something that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The family, as an index; none for text that belongs to none.
    pub family: Option<u32>,
    /// Which part of it.
    pub part: Part,
    /// The label, with what is secret covered; empty where there is none.
    pub label: String,
    /// Where it was seen first.
    pub at: Span,
    /// What it is: `an e-mail address`; for canaries, which they are, from 1.
    pub what: String,
    /// Other kinds of data that were seen there.
    pub also: Vec<String>,
    /// Its category; none for canaries.
    pub category: Option<Category>,
    /// How sure.
    pub confidence: Confidence,
    /// How many samples have it.
    pub samples: u64,
}

/// A note that is being written.
#[derive(Debug, Clone)]
pub(super) struct Note {
    pub(super) line: u32,
    /// Where in the line.
    pub(super) part: (usize, usize),
    pub(super) what: String,
    pub(super) also: Vec<String>,
    pub(super) category: Option<Category>,
    pub(super) confidence: Confidence,
    pub(super) samples: u64,
}

/// The family of text that belongs to none.
pub(super) const NO_FAMILY: u32 = u32::MAX;

/// All notes of a page.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) all: HashMap<(u32, Part), Note>,
}

impl Notes {
    /// Notes what was seen there; says whether it is the first time.
    pub(super) fn see(&mut self, key: (u32, Part), hit: &Hit<'_>, line: u32, part: (usize, usize)) -> bool {
        self.add(key, (Some(hit.category), hit.confidence, hit.what), line, part)
    }

    /// The same for a canary.
    pub(super) fn see_canary(&mut self, key: (u32, Part), canary: usize, line: u32, part: (usize, usize)) -> bool {
        self.add(key, (None, Confidence::High, &format!("{}", canary + 1)), line, part)
    }

    fn add(
        &mut self,
        key: (u32, Part),
        (category, confidence, what): (Option<Category>, Confidence, &str),
        line: u32,
        part: (usize, usize),
    ) -> bool {
        match self.all.entry(key) {
            Entry::Vacant(free) => {
                let (what, also) = (what.to_owned(), Vec::new());
                free.insert(Note { line, part, what, also, category, confidence, samples: 1 });
                true
            }
            Entry::Occupied(mut known) => {
                let note = known.get_mut();
                note.samples += 1;
                if note.what != what {
                    note.learn(category, confidence, what);
                }
                false
            }
        }
    }
}

impl Note {
    /// The gravest is what the finding is about, the others are mentioned.
    fn learn(&mut self, category: Option<Category>, confidence: Confidence, what: &str) {
        if self.also.iter().any(|known| known == what) {
            return;
        }
        let graver = category < self.category || (category == self.category && confidence > self.confidence);
        if graver {
            self.also.push(std::mem::replace(&mut self.what, what.to_owned()));
            (self.category, self.confidence) = (category, confidence);
        } else {
            self.also.push(what.to_owned());
        }
    }

    /// Takes in another note on the same part.
    pub(super) fn join(&mut self, other: &Note) {
        if (other.line, other.part) < (self.line, self.part) {
            (self.line, self.part) = (other.line, other.part);
        }
        self.samples += other.samples;
        if self.what != other.what {
            self.learn(other.category, other.confidence, &other.what);
        }
    }
}
