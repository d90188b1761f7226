//! What can be wrong with a knowledge file, said so that its author finds the place.

use thiserror::Error;

/// A knowledge file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{file}:{line}: {message}")]
pub struct KnowledgeError {
    /// The file, as it was given.
    pub file: String,
    /// The line that is wrong, from 1.
    pub line: usize,
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it; empty where there is nothing to say.
    pub help: String,
}

impl KnowledgeError {
    /// An error about the first place where the text holds `needle`.
    pub(super) fn about(file: &str, text: &str, needle: &str, message: String) -> Self {
        let line = text.find(needle).map_or(1, |at| line_of(text, at));
        Self { file: file.to_owned(), line, message, help: String::new() }
    }

    /// The same with advice.
    pub(super) fn with_help(mut self, help: String) -> Self {
        self.help = help;
        self
    }

    /// From the TOML reader, with the nearest known key where one was misspelt.
    pub(super) fn from_toml(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        let message = error.message().lines().next().unwrap_or("not valid TOML").to_owned();
        let help = misspelt(&message).unwrap_or_default();
        Self { file: file.to_owned(), line, message, help }
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

/// The advice for serde's "unknown field `x`, expected one of `a`, `b`".
fn misspelt(message: &str) -> Option<String> {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let wrong = quoted.next()?;
    if !message.starts_with("unknown ") {
        return None;
    }
    nearest(wrong, quoted).map(|known| format!("did you mean `{known}`?"))
}

/// The known word that is most like the given one, if any is close.
pub(super) fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|word| (distance(wrong, word), word))
        .filter(|(distance, word)| *distance <= wrong.len().max(word.len()) / 2)
        .min()
        .map(|(_, word)| word)
}

/// Edit distance, one row at a time.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut before = i + 1;
        if let Some(first) = row.first_mut() {
            *first = before;
        }
        for (cell, right) in row.iter_mut().skip(1).zip(&b) {
            let cost = diagonal + usize::from(left != *right);
            diagonal = *cell;
            before = cost.min(diagonal + 1).min(before + 1);
            *cell = before;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn distances_are_those_of_levenshtein() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("records", "records"), 0);
    }

    #[test]
    fn a_misspelt_key_finds_its_neighbour_and_nonsense_finds_none() {
        assert_eq!(nearest("retuns", ["raises", "returns", "routes"]), Some("returns"));
        assert_eq!(nearest("zzzzzz", ["raises", "returns"]), None);
    }
}
