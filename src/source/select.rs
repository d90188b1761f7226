//! Which files are worth parsing? Those that hold one of the words by which knowledge recognises anything.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// Finds any of many words in bytes, reading them once.
#[derive(Debug, Clone)]
pub struct Selector {
    automaton: Option<AhoCorasick>,
}

impl Selector {
    /// For these words. Empty words are dropped; without any word nothing is found.
    #[must_use]
    pub fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        words.sort_unstable();
        words.dedup();
        let automaton = if words.is_empty() { None } else { Self::build(&words) };
        Self { automaton }
    }

    fn build(words: &[&str]) -> Option<AhoCorasick> {
        // A DFA is about twice as fast as the default and small for some hundred words.
        let mut builder = AhoCorasick::builder();
        builder.match_kind(MatchKind::Standard);
        builder.kind(Some(AhoCorasickKind::DFA)).build(words).or_else(|_| builder.kind(None).build(words)).ok()
    }

    /// Whether one of the words occurs.
    #[must_use]
    pub fn matches(&self, bytes: &[u8]) -> bool {
        self.automaton.as_ref().is_some_and(|automaton| automaton.is_match(bytes))
    }

    /// Whether one of the words occurs as a word of its own: not inside a longer identifier.
    #[must_use]
    pub fn matches_word(&self, bytes: &[u8]) -> bool {
        let is_part = |byte: Option<&u8>| byte.is_some_and(|&byte| byte.is_ascii_alphanumeric() || byte == b'_');
        self.automaton.as_ref().is_some_and(|automaton| {
            automaton.find_overlapping_iter(bytes).any(|found| {
                let before = found.start().checked_sub(1).and_then(|at| bytes.get(at));
                !is_part(before) && !is_part(bytes.get(found.end()))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whole() {
        let selector = Selector::new(["track", "track_login", ""]);
        assert!(selector.matches(b"x.backtracked()"));
        assert!(!selector.matches_word(b"x.backtracked()"));
        assert!(selector.matches_word(b"m.track_login(u)"));
        assert!(!Selector::new([]).matches(b"anything"));
    }
}
