//! Does a text say that something was not found, and which counters go up by themselves when something fails?

use crate::flow::run::machine::Machine;
use crate::flow::values::state::Carry;
use crate::flow::values::value::{Alt, Value};
use crate::source::Span;

impl Machine<'_> {
    /// Whether a body says that something was not found: one of its texts, or what is constant of one with holes.
    pub(crate) fn body_says_so(&self, body: &Value) -> bool {
        let with_holes = body.alts.iter().filter_map(|alt| match alt {
            Alt::Template(text) => Some(without_holes(text.as_str())),
            _ => None,
        });
        body.texts().any(|text| self.says_so(text.as_str())) || with_holes.into_iter().any(|text| self.says_so(&text))
    }

    /// Whether a text says that something was not found by its number, as a word of its own,
    /// beside words that tell.
    pub(crate) fn says_so(&self, text: &str) -> bool {
        let soft = &self.options.soft;
        if soft.number.is_empty() || !text.contains(soft.number.as_str()) {
            return false;
        }
        let words: Vec<String> =
            text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
        words.iter().enumerate().filter(|(_, word)| **word == soft.number).any(|(at, _)| {
            let near = &words[at.saturating_sub(3)..words.len().min(at + 4)];
            near.iter().any(|word| soft.beside.contains(word))
                || soft.phrases.iter().any(|phrase| near.windows(phrase.len().max(1)).any(|pair| pair == phrase))
        })
    }

    /// `with counter.count_exceptions():` counts what is raised inside. A counter wraps nothing else.
    pub(crate) fn count_raised(&mut self, carry: &mut Carry, context: &Value, span: Span) {
        let at = self.at(span);
        for metric in context.metrics().collect::<Vec<_>>() {
            let info = self.metrics.get(metric);
            if info.counts && info.kind == "counter" {
                let counter = info.counter;
                carry.count_up(counter, 1, at);
            }
        }
    }
}

/// What is constant: the holes are called by names of the program, which say nothing.
fn without_holes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        out.push(' ');
        rest = after.split_once('}').map_or("", |(_, behind)| behind);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_no_words() {
        assert_eq!(without_holes("404 for {error} here"), "404 for   here");
        assert_eq!(without_holes("{a"), " ");
    }
}
