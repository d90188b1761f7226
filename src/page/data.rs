//! What is known about pages: `rules/page.toml`.

use std::collections::{BTreeMap, HashSet};
use std::sync::OnceLock;

use serde::Deserialize;

const TEXT: &str = include_str!("../../rules/page.toml");

/// The file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct PageData {
    /// Labels that are never looked at.
    pub(super) skipped_labels: HashSet<String>,
    /// Words of labels about machines.
    pub(super) machine_words: HashSet<String>,
    /// Those of them that say so for addresses only.
    pub(super) address_only_words: HashSet<String>,
    /// Words of labels that hold versions.
    pub(super) version_words: HashSet<String>,
    /// Last words of labels that hold ids and times.
    pub(super) id_words: HashSet<String>,
    /// Words of labels about clients.
    pub(super) client_words: HashSet<String>,
    /// Labels that name a field.
    pub(super) key_labels: HashSet<String>,
    /// Labels that hold what is in a field.
    pub(super) value_labels: HashSet<String>,
    /// Values that are silent under any label.
    pub(super) harmless_values: HashSet<String>,
    /// Words that stand for what was taken out.
    pub(super) masked_words: HashSet<String>,
    /// Words behind which a password may stand.
    pub(super) password_words: HashSet<String>,
    /// What a value must look like before a name counts, by what the name says.
    pub(super) needs: BTreeMap<String, Need>,
    /// Local parts behind which there is no person.
    pub(super) impersonal_mailboxes: HashSet<String>,
    /// What follows the last dot without being a domain.
    pub(super) no_domains: HashSet<String>,
    /// Labels of exporters that are not what they are called.
    pub(super) exporter: Vec<Exporter>,
    /// Names that come with runtimes.
    pub(super) families: Families,
    /// Names that come with libraries.
    pub(super) instrumentation: Vec<Instrumentation>,
    /// Issuers of cards.
    pub(super) card: Vec<Card>,
    /// Lengths of IBANs by country.
    pub(super) iban: BTreeMap<String, usize>,
    /// Secrets with a shape.
    pub(super) shape: Vec<Shape>,
}

/// What a value must look like before the name of its label counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Need {
    /// An address of a machine.
    Address,
    /// Three digits.
    Digits,
}

/// Labels of one exporter.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Exporter {
    /// The start of its families' names.
    pub(super) families: String,
    /// The labels.
    pub(super) labels: HashSet<String>,
}

/// Names that no project creates.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Families {
    /// Starts of names.
    pub(super) starts: Vec<String>,
    /// Whole names.
    pub(super) names: Vec<String>,
    /// What clients add at the end.
    pub(super) suffixes: Vec<String>,
    /// Units that exporters add at the end.
    pub(super) units: Vec<String>,
}

/// Names that a library creates.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Instrumentation {
    /// Texts by which code shows that it uses the library.
    pub(super) mentions: Vec<String>,
    /// Starts of its families' names.
    pub(super) starts: Vec<String>,
    /// Ends of its families' names.
    pub(super) ends: Vec<String>,
}

/// An issuer of cards.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Card {
    /// Prefixes, as `4` or `51-55`.
    pub(super) prefixes: Vec<String>,
    /// Lengths.
    pub(super) lengths: Vec<usize>,
}

/// A secret with a shape.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Shape {
    /// What a reader calls it.
    pub(super) what: String,
    /// What it starts with.
    pub(super) starts: Vec<String>,
    /// Which characters follow.
    pub(super) alphabet: Alphabet,
    /// How many of them at least.
    pub(super) min: usize,
    /// How many at most; none is any number.
    pub(super) max: Option<usize>,
    /// Has digits and letters behind its start.
    pub(super) varied: bool,
    /// It is a hash: sensitive, but less surely.
    pub(super) hash: bool,
}

/// Characters of a secret.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Alphabet {
    /// 0 to 9, a to f.
    Hex,
    /// Capitals and digits.
    Upper,
    /// Letters and digits.
    #[default]
    Alnum,
    /// Those, `_` and `-`.
    Word,
    /// Those and dots.
    Dotted,
    /// Those, `+`, `/`, `=`.
    Base64,
    /// Anything but space.
    Text,
}

impl Alphabet {
    /// Whether it has this character.
    pub(super) fn has(self, byte: u8) -> bool {
        match self {
            Alphabet::Hex => byte.is_ascii_hexdigit(),
            Alphabet::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Alphabet::Alnum => byte.is_ascii_alphanumeric(),
            Alphabet::Word => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Alphabet::Dotted => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'),
            Alphabet::Base64 => {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'=' | b'%' | b'.')
            }
            Alphabet::Text => !byte.is_ascii_whitespace() && !matches!(byte, b'"' | b'\'' | b',' | b';' | b'&'),
        }
    }
}

/// The file's content. A test holds that it can be read.
pub(super) fn data() -> &'static PageData {
    static DATA: OnceLock<PageData> = OnceLock::new();
    DATA.get_or_init(|| toml::from_str(TEXT).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_can_be_read() {
        let read: PageData = toml::from_str(TEXT).unwrap();
        assert!(!read.card.is_empty() && !read.shape.is_empty() && !read.families.suffixes.is_empty());
        assert!(read.shape.iter().all(|shape| !shape.starts.is_empty() && !shape.what.is_empty()));
        assert!(read.harmless_values.iter().all(|value| *value == value.to_lowercase()));
    }
}
