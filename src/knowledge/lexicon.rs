//! What a name says about its value, judged by its words.

use std::collections::HashMap;

use serde::Deserialize;

use super::words::{singular, split};
use crate::finding::Category;

/// A file of words.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct LexiconFile {
    /// Names that tell what their value is.
    pub telling: Vec<Group>,
    /// Names that tell only when the value comes from outside.
    pub with_source: Vec<Group>,
    /// Phrases that look telling and are not.
    pub harmless: Vec<String>,
    /// Words that make a telling name one of something else.
    pub defusing: Defusing,
    /// Words that say nothing, beside which a name still stands alone (`new_login`).
    pub fillers: Vec<String>,
    /// Words after which nothing defuses what stands in front of them (`email_from_form`).
    pub links: Vec<String>,
    /// Phrases of other files that mean nothing any more.
    pub remove: Vec<String>,
}

/// Phrases with one meaning.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Group {
    /// The category of the value.
    pub category: Category,
    /// What a reader calls the value: `a password`.
    pub what: String,
    /// Words, or sequences of words with spaces. Sequences are also found written as one word.
    pub words: Vec<String>,
    /// Tells only where nothing but fillers stands beside it.
    #[serde(default)]
    pub alone: bool,
    /// Holds against the weak defusing words, too.
    #[serde(default)]
    pub strong: bool,
    /// With a source: storage and configuration are source enough.
    #[serde(default)]
    pub stored: bool,
}

/// Words that make a telling name one of something else, by where they stand.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Defusing {
    /// On either side: `max_password_length`.
    pub anywhere: Vec<String>,
    /// In front: `has_password`.
    pub before: Vec<String>,
    /// In front, but not of strong phrases: `invalid_email`.
    pub before_weak: Vec<String>,
    /// Behind: `token_type`.
    pub after: Vec<String>,
}

/// What a name says about its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sense<'a> {
    /// The value is sensitive wherever it comes from.
    Telling {
        /// Its category.
        category: Category,
        /// What a reader calls it: `a password`.
        what: &'a str,
    },
    /// The value is sensitive when it comes from outside.
    WithSource {
        /// Its category.
        category: Category,
        /// What a reader calls it.
        what: &'a str,
        /// Storage and configuration are source enough.
        stored: bool,
    },
    /// The name has telling words and speaks about something else: a count, a type, a flag. The value is not what the
    /// words name.
    Defused,
    /// The name says nothing.
    Neutral,
}

/// What a phrase means; one phrase can have several roles (`name` tells with a source, and `cookie_name` is defused).
#[derive(Debug, Clone, Default)]
struct Roles {
    tells: Option<Meaning>,
    with_source: Option<Meaning>,
    harmless: bool,
    anywhere: bool,
    before: bool,
    before_weak: bool,
    after: bool,
    filler: bool,
    link: bool,
}

#[derive(Debug, Clone)]
struct Meaning {
    category: Category,
    what: String,
    alone: bool,
    strong: bool,
    stored: bool,
}

/// All words.
#[derive(Debug, Clone, Default)]
pub struct Lexicon {
    /// Phrases by their first word, the longest first.
    phrases: HashMap<String, Vec<Phrase>>,
}

#[derive(Debug, Clone)]
struct Phrase {
    rest: Vec<String>,
    roles: Roles,
}

/// A phrase found in a name: the words from `start` to before `end`.
#[derive(Debug, Clone, Copy)]
struct Hit<'a> {
    start: usize,
    end: usize,
    roles: &'a Roles,
}

impl Lexicon {
    /// What a name says about its value.
    #[must_use]
    pub fn sense(&self, name: &str) -> Sense<'_> {
        let words: Vec<Word> = split(name).into_iter().map(Word::new).collect();
        let hits = self.hits(&words);
        let alone = |hit: &Hit<'_>| {
            let others = hits.iter().filter(|other| other.start != hit.start);
            let covered: usize = others.filter(|other| other.roles.filler).map(|other| other.end - other.start).sum();
            covered + (hit.end - hit.start) == words.len()
        };
        let mut defused = false;
        let mut best: Option<&Meaning> = None;
        for hit in &hits {
            let Some(meaning) = hit.roles.tells.as_ref().filter(|meaning| !meaning.alone || alone(hit)) else {
                continue;
            };
            if is_defused(&hits, hit, meaning.strong) {
                defused = true;
            } else if best.is_none_or(|best| weight(meaning) >= weight(best)) {
                best = Some(meaning);
            }
        }
        match best {
            Some(meaning) => Sense::Telling { category: meaning.category, what: &meaning.what },
            None if defused => Sense::Defused,
            None => with_source(&hits, &words, alone),
        }
    }

    /// Whether a name of several words speaks of something that belongs to another thing: its type, its count, its
    /// provider. A single word may as well be what the thing is made of (`token.key`).
    #[must_use]
    pub fn is_of_something_else(&self, name: &str) -> bool {
        let words: Vec<Word> = split(name).into_iter().map(Word::new).collect();
        let hits = self.hits(&words);
        let turns = hits.iter().any(|hit| hit.roles.after || hit.roles.anywhere);
        words.len() > 1 && turns && !matches!(self.sense(name), Sense::Telling { .. })
    }

    /// Adds a file's words; what it says about a phrase is added to what is known, after its `remove`.
    pub fn extend(&mut self, file: LexiconFile) {
        for phrase in &file.remove {
            self.edit(phrase, |roles| *roles = Roles::default());
        }
        for group in file.telling {
            for phrase in &group.words {
                self.edit_joined(phrase, |roles| roles.tells = Some(Meaning::of(&group)));
            }
        }
        for group in file.with_source {
            for phrase in &group.words {
                self.edit_joined(phrase, |roles| roles.with_source = Some(Meaning::of(&group)));
            }
        }
        let all = |phrases: Vec<String>, lexicon: &mut Self, set: fn(&mut Roles)| {
            for phrase in phrases {
                lexicon.edit_joined(&phrase, set);
            }
        };
        all(file.harmless, self, |roles| roles.harmless = true);
        all(file.defusing.anywhere, self, |roles| roles.anywhere = true);
        all(file.defusing.before, self, |roles| roles.before = true);
        all(file.defusing.before_weak, self, |roles| roles.before_weak = true);
        all(file.defusing.after, self, |roles| roles.after = true);
        all(file.links, self, |roles| roles.link = true);
        all(file.fillers, self, |roles| roles.filler = true);
    }

    /// Also for the phrase written as one word: `card number` and `cardnumber`.
    fn edit_joined(&mut self, phrase: &str, set: impl Fn(&mut Roles)) {
        self.edit(phrase, &set);
        let words = split(phrase);
        if words.len() > 1 {
            self.edit(&words.concat(), set);
        }
    }

    fn edit(&mut self, phrase: &str, set: impl Fn(&mut Roles)) {
        let mut words = split(phrase).into_iter();
        let Some(first) = words.next() else { return };
        let rest: Vec<String> = words.collect();
        let known = self.phrases.entry(first).or_default();
        if let Some(old) = known.iter_mut().find(|old| old.rest == rest) {
            set(&mut old.roles);
            return;
        }
        let mut roles = Roles::default();
        set(&mut roles);
        known.push(Phrase { rest, roles });
        known.sort_by_key(|phrase| std::cmp::Reverse(phrase.rest.len()));
    }

    /// The phrases in a name, from the left, the longest at each place, none overlapping.
    fn hits(&self, words: &[Word]) -> Vec<Hit<'_>> {
        let mut hits = Vec::new();
        let mut start = 0;
        while let Some(tail) = words.get(start..).filter(|tail| !tail.is_empty()) {
            match self.longest(tail) {
                Some(phrase) => {
                    let end = start + 1 + phrase.rest.len();
                    hits.push(Hit { start, end, roles: &phrase.roles });
                    start = end;
                }
                None => start += 1,
            }
        }
        hits
    }

    fn longest(&self, tail: &[Word]) -> Option<&Phrase> {
        let (first, rest) = tail.split_first()?;
        let find = |word: &str| {
            let known = self.phrases.get(word)?;
            known.iter().find(|phrase| {
                phrase.rest.len() <= rest.len() && phrase.rest.iter().zip(rest).all(|(wanted, word)| word.is(wanted))
            })
        };
        let exact = find(&first.written);
        let one = if first.singular == first.written { None } else { find(&first.singular) };
        match (exact, one) {
            (Some(exact), Some(one)) if one.rest.len() > exact.rest.len() => Some(one),
            (Some(exact), _) => Some(exact),
            (None, one) => one,
        }
    }
}

/// A word of a name, and its singular.
struct Word {
    written: String,
    singular: String,
}

impl Word {
    fn new(written: String) -> Self {
        let singular = singular(&written);
        Self { written, singular }
    }

    fn is(&self, wanted: &str) -> bool {
        self.written == wanted || self.singular == wanted
    }
}

impl Meaning {
    fn of(group: &Group) -> Self {
        let Group { category, alone, strong, stored, .. } = *group;
        Self { category, what: group.what.clone(), alone, strong, stored }
    }
}

/// The last of several telling phrases is the head of the name; but content is less specific than anything else.
fn weight(meaning: &Meaning) -> bool {
    meaning.category != Category::Content
}

fn is_defused(hits: &[Hit<'_>], hit: &Hit<'_>, strong: bool) -> bool {
    let linked =
        |from: usize, to: usize| hits.iter().any(|link| link.roles.link && link.start >= from && link.end <= to);
    hits.iter().filter(|other| other.start != hit.start).any(|other| {
        let before = other.end <= hit.start;
        let weak = other.roles.before_weak && !strong;
        let behind = !before && other.roles.after && !linked(hit.end, other.start);
        other.roles.anywhere || (before && (other.roles.before || weak)) || behind
    })
}

/// Words that tell only with a source: alone, or as the last word of the name.
fn with_source<'a>(hits: &[Hit<'a>], words: &[Word], alone: impl Fn(&Hit<'_>) -> bool) -> Sense<'a> {
    let fillers = hits.iter().rev().take_while(|hit| hit.roles.filler && hit.roles.with_source.is_none());
    let last = words.len() - fillers.map(|hit| hit.end - hit.start).sum::<usize>().min(words.len());
    for hit in hits.iter().rev() {
        let Some(meaning) = &hit.roles.with_source else { continue };
        if is_defused(hits, hit, meaning.strong) {
            return Sense::Defused;
        }
        if (!meaning.alone && hit.end == last) || alone(hit) {
            return Sense::WithSource { category: meaning.category, what: &meaning.what, stored: meaning.stored };
        }
    }
    Sense::Neutral
}
