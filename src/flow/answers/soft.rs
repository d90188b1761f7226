//! Does a text say that something was not found, and which counters go up by themselves when something fails?

use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, Object};
use crate::flow::values::state::Carry;
use crate::flow::values::statuses::BODY;
use crate::flow::values::store::Heap;
use crate::flow::values::value::{Alt, Value};
use crate::program::{Const, name};
use crate::source::Span;

impl Machine<'_> {
    /// Whether a body says that something was not found: one of its texts, or what is constant of one with holes.
    pub(crate) fn body_says_so(&self, heap: &Heap, body: &Value) -> bool {
        self.document_says_so(heap, body, 3)
    }

    /// The same for a part of a response: the body, or what holds it (`Html("ERROR 404")`).
    pub(crate) fn part_says_so(&self, heap: &Heap, part: &Value) -> bool {
        let held = |id| self.object(heap, id).and_then(|object| object.field(name(BODY)).cloned());
        self.body_says_so(heap, part) || part.objects().filter_map(held).any(|body| self.body_says_so(heap, &body))
    }

    /// Whether a body, or a text inside of a document that becomes the body, says so; or the number stands under a
    /// key for statuses.
    fn document_says_so(&self, heap: &Heap, body: &Value, depth: u8) -> bool {
        let soft = &self.options.soft;
        let under = |key: &Const, value: &Value| match key {
            Const::Str(key) if soft.keys.iter().any(|known| known == key.as_str()) => {
                matches!(value.single(), Some(Const::Int(number)) if number.to_string() == soft.number)
            }
            _ => false,
        };
        let inside = |object: std::rc::Rc<Object>| {
            let tells = object.kind == Kind::Dict && self.entries_tell(&object);
            matches!(object.kind, Kind::Dict | Kind::List | Kind::Tuple)
                && object
                    .entries
                    .iter()
                    .take(MAX_ENTRIES)
                    .any(|(key, value)| tells && under(key, value) || self.document_says_so(heap, value, depth - 1))
        };
        depth > 0 && body.objects().filter_map(|id| self.object(heap, id)).any(inside) || self.texts_say_so(body)
    }

    /// Whether an entry of a document has a key or a constant text that tells of an error.
    fn entries_tell(&self, object: &Object) -> bool {
        let soft = &self.options.soft;
        let words = |text: &str| -> Vec<String> {
            let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
            words.map(str::to_lowercase).collect()
        };
        let tells = |text: &str| {
            let words = words(text);
            words.iter().any(|word| soft.beside.contains(word))
                || soft.phrases.iter().any(|phrase| words.windows(phrase.len().max(1)).any(|pair| pair == phrase))
        };
        object.entries.iter().take(MAX_ENTRIES).any(|(key, value)| {
            matches!(key, Const::Str(key) if tells(key.as_str()))
                || matches!(value.single(), Some(Const::Str(text)) if tells(text.as_str()))
        })
    }

    fn texts_say_so(&self, body: &Value) -> bool {
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

/// Entries of a document that are looked at.
const MAX_ENTRIES: usize = 32;

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
