//! Which files are worth parsing? Those that hold one of the words by which knowledge recognises anything.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// Finds any of many words in bytes, reading them once.
#[derive(Debug, Clone)]
pub struct Selector {
    automaton: Option<AhoCorasick>,
    /// The first so many words of the automaton are looked for, the others only hide them.
    wanted: usize,
}

impl Selector {
    /// For these words. Empty words are dropped; without any word nothing is found.
    #[must_use]
    pub fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        Self::build(words, [], MatchKind::Standard)
    }

    /// The same, but words inside of harmless ones do not count.
    #[must_use]
    pub fn without<'a>(words: impl IntoIterator<Item = &'a str>, harmless: impl IntoIterator<Item = &'a str>) -> Self {
        Self::build(words, harmless, MatchKind::LeftmostLongest)
    }

    fn build<'a>(
        words: impl IntoIterator<Item = &'a str>,
        harmless: impl IntoIterator<Item = &'a str>,
        kind: MatchKind,
    ) -> Self {
        let mut all: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        all.sort_unstable();
        all.dedup();
        let wanted = all.len();
        if wanted == 0 {
            return Self { automaton: None, wanted };
        }
        all.extend(harmless);
        // A DFA is about twice as fast as the default and small for some hundred words.
        let mut builder = AhoCorasick::builder();
        builder.match_kind(kind);
        let automaton =
            builder.kind(Some(AhoCorasickKind::DFA)).build(&all).or_else(|_| builder.kind(None).build(&all));
        Self { automaton: automaton.ok(), wanted }
    }

    /// Whether one of the words occurs. A number inside of a longer one does not.
    #[must_use]
    pub fn matches(&self, bytes: &[u8]) -> bool {
        let is_digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
        let joined = |before: Option<usize>, after: usize| is_digit(before) && is_digit(Some(after));
        self.automaton.as_ref().is_some_and(|automaton| {
            automaton.find_iter(bytes).any(|found| {
                found.pattern().as_usize() < self.wanted
                    && !joined(found.start().checked_sub(1), found.start())
                    && !joined(Some(found.end() - 1), found.end())
            })
        })
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

    #[test]
    fn what_hides_a_word_is_no_word() {
        let selector = Selector::without(["404", "NotFound"], ["ModuleNotFoundError"]);
        for text in ["status=404", "get_object_or_404(x)", "class NotFoundError:", "ModuleNotFoundError, NotFound"] {
            assert!(selector.matches(text.as_bytes()), "{text}");
        }
        for text in ["except ModuleNotFoundError:", "x = 14041", "0x4046", "port = 4040 or 8404"] {
            assert!(!selector.matches(text.as_bytes()), "{text}");
        }
    }
}
