//! What does the value of a label give away? Its name is judged once, its values each.

use std::collections::HashMap;

use super::data::{Need, data};
use super::detect::{
    Hit, Place, has_long_number, is_address, is_harmless, is_masked, is_password_like, is_random, is_word, scan,
};
use crate::finding::{Category, Confidence};
use crate::knowledge::{Lexicon, Sense, words};

/// What the name of a label says.
#[derive(Debug, Clone)]
pub(super) struct Label<'k> {
    /// The name, as it stands on the page.
    pub(super) name: Box<[u8]>,
    /// Its values are not looked at.
    skipped: bool,
    place: Place,
    sense: Sense<'k>,
    /// It says so as an abbreviation of a password: `pw`.
    short_password: bool,
    /// Its values name fields.
    pub(super) is_key: bool,
    /// Its values are what is in a field.
    pub(super) is_value: bool,
}

/// All labels of a page.
#[derive(Debug)]
pub(super) struct Labels<'k> {
    /// In the order of the page.
    pub(super) all: Vec<Label<'k>>,
    ids: HashMap<Box<[u8]>, u32>,
    lexicon: &'k Lexicon,
}

impl<'k> Labels<'k> {
    /// No labels yet.
    pub(super) fn new(lexicon: &'k Lexicon) -> Self {
        Self { all: Vec::new(), ids: HashMap::new(), lexicon }
    }

    /// The label with this name, and whether it is new.
    pub(super) fn id(&mut self, name: &[u8]) -> (u32, bool) {
        if let Some(&id) = self.ids.get(name) {
            return (id, false);
        }
        let id = self.all.len() as u32;
        self.all.push(Label::new(name, self.lexicon));
        self.ids.insert(name.into(), id);
        (id, true)
    }

    /// The label with this id.
    pub(super) fn get(&self, id: u32) -> Option<&Label<'k>> {
        self.all.get(id as usize)
    }

    /// Adds what a value of a label gives away. Says whether it holds a number as long as a card's.
    pub(super) fn judge(&self, id: u32, value: &[u8], hits: &mut Vec<Hit<'k>>) -> bool {
        let Some(label) = self.get(id).filter(|label| !label.skipped && !value.is_empty()) else { return false };
        scan(value, label.place, self.lexicon, hits);
        if let Some(hit) = label.named(value) {
            hits.push(hit);
        }
        !label.place.id && has_long_number(value)
    }

    /// What a value is that stands beside the name of its field: `{field="password",value="summer"}`.
    pub(super) fn judge_field(&self, field: &[u8], value: &[u8]) -> Option<Hit<'k>> {
        let field = std::str::from_utf8(field).ok()?;
        match self.lexicon.sense(field) {
            Sense::Telling { category, what } if tells(category, what, value) => {
                Some(Hit::named(category, what, value))
            }
            _ => None,
        }
    }

    /// What the number of a family is, if its name says that it is one that nobody should see.
    pub(super) fn judge_number(&self, family: &[u8]) -> Option<Hit<'k>> {
        match self.lexicon.sense(std::str::from_utf8(family).ok()?) {
            Sense::Telling { category: category @ (Category::Credential | Category::Payment), what } => {
                Some(Hit::named(category, what, family))
            }
            _ => None,
        }
    }

    /// Adds what stands in a name itself.
    pub(super) fn judge_name(&self, name: &[u8], hits: &mut Vec<Hit<'k>>) {
        let place = Place { name: true, no_address: true, ..Place::default() };
        scan(name, place, self.lexicon, hits);
        let mut at = 0;
        let mut behind = false;
        for word in name.split(|byte| *byte == b'_') {
            if behind && is_password_like(word) {
                let hit = Hit::named(Category::Credential, "a password", word);
                hits.push(Hit { start: at, end: at + word.len(), ..hit });
            }
            at += word.len() + 1;
            behind = std::str::from_utf8(word).is_ok_and(|word| data().password_words.contains(word));
        }
    }

    /// Adds what stands in a text that has no name.
    pub(super) fn judge_text(&self, text: &[u8], hits: &mut Vec<Hit<'k>>) {
        scan(text, Place { prose: true, ..Place::default() }, self.lexicon, hits);
    }
}

impl<'k> Label<'k> {
    fn new(name: &[u8], lexicon: &'k Lexicon) -> Self {
        let data = data();
        let text = String::from_utf8_lossy(name);
        let parts = words(&text);
        let any = |known: &std::collections::HashSet<String>| parts.iter().any(|word| known.contains(word));
        let about_machine = any(&data.machine_words);
        let machine =
            parts.iter().any(|word| data.machine_words.contains(word) && !data.address_only_words.contains(word));
        let client = any(&data.client_words) && !machine;
        let sense = lexicon.sense(&text);
        let id = parts.last().is_some_and(|last| data.id_words.contains(last))
            && !matches!(sense, Sense::Telling { category: Category::Payment, .. });
        let place = Place {
            machine,
            no_address: (about_machine && !client) || any(&data.version_words),
            client,
            id,
            prose: true,
            name: false,
        };
        Self {
            skipped: data.skipped_labels.contains(&*text),
            place,
            sense,
            short_password: parts.last().is_some_and(|last| matches!(last.as_str(), "pass" | "pw")),
            is_key: data.key_labels.contains(&*text),
            is_value: data.value_labels.contains(&*text),
            name: name.into(),
        }
    }

    /// What the name of the label says about a value.
    fn named(&self, value: &[u8]) -> Option<Hit<'k>> {
        match self.sense {
            Sense::Telling { category, what } if tells(category, what, value) => {
                Some(Hit::named(category, what, value))
            }
            Sense::WithSource { category: Category::Credential, what, .. } => {
                let hexadecimal = value.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-');
                let secret = is_random(value) && !(self.is_key && hexadecimal);
                let chosen = self.short_password && is_password_like(value);
                ((secret || chosen) && !is_masked(value)).then(|| Hit::named(Category::Credential, what, value))
            }
            _ => None,
        }
    }
}

/// Whether a value is what a telling name says.
fn tells(category: Category, what: &str, value: &[u8]) -> bool {
    if is_harmless(value) || is_masked(value) {
        return false;
    }
    let digits = || value.iter().filter(|byte| byte.is_ascii_digit()).count();
    match (data().needs.get(what), category) {
        (Some(Need::Address), _) => is_address(value),
        (Some(Need::Digits), _) => digits() >= 3,
        (None, Category::Payment) => digits() >= 1,
        (None, Category::Content) => !is_word(value),
        (None, _) => true,
    }
}

/// The gravest of what was found; the surer of equals, then the first.
pub(super) fn gravest<'h, 'k>(hits: &'h [Hit<'k>]) -> Option<&'h Hit<'k>> {
    hits.iter().min_by_key(|hit| (hit.category, std::cmp::Reverse(hit.confidence), hit.by_chance))
}

/// Whether an exporter's label is not what it is called. Secrets with a shape of their own are secrets there, too.
pub(super) fn is_exempt(family: &[u8], label: &[u8], hit: &Hit<'_>) -> bool {
    let named = hit.confidence != Confidence::High || hit.category == Category::Personal;
    let known = |exporter: &&super::data::Exporter| family.starts_with(exporter.families.as_bytes());
    named
        && data()
            .exporter
            .iter()
            .filter(known)
            .any(|exporter| std::str::from_utf8(label).is_ok_and(|label| exporter.labels.contains(label)))
}
