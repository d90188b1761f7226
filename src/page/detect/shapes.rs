//! Secrets with a shape of their own: tokens with a prefix, private keys, hashes of passwords.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use super::super::data::{Shape, data};
use super::{Hit, ahead, before};
use crate::finding::{Category, Confidence};

/// The automaton for all starts, and which shape each belongs to.
struct Starts {
    automaton: AhoCorasick,
    shapes: Vec<&'static Shape>,
}

fn starts() -> Option<&'static Starts> {
    static STARTS: OnceLock<Option<Starts>> = OnceLock::new();
    let made = STARTS.get_or_init(|| {
        let all = data().shape.iter().flat_map(|shape| shape.starts.iter().map(move |start| (start, shape)));
        let (texts, shapes): (Vec<&String>, Vec<&'static Shape>) = all.unzip();
        Some(Starts { automaton: AhoCorasick::new(texts).ok()?, shapes })
    });
    made.as_ref()
}

/// Adds the secrets of a text.
pub(super) fn scan(text: &[u8], hits: &mut Vec<Hit<'_>>) {
    let Some(starts) = starts() else { return };
    let mut past = 0;
    for found in starts.automaton.find_overlapping_iter(text) {
        let Some(shape) = starts.shapes.get(found.pattern().as_usize()) else { continue };
        let joined = before(text, found.start()).is_some_and(|byte| byte.is_ascii_alphanumeric());
        if joined || found.start() < past {
            continue;
        }
        if let Some(end) = end(text, shape, found.end()) {
            let hit = Hit::new(Category::Credential, &shape.what, found.start(), end);
            let confidence = if shape.hash { Confidence::Medium } else { Confidence::High };
            hits.push(Hit { confidence, ..hit });
            past = end;
        }
    }
}

/// Where a secret of this shape ends whose start ends here.
fn end(text: &[u8], shape: &Shape, from: usize) -> Option<usize> {
    let tail = ahead(text, from);
    let length = tail.iter().take_while(|byte| shape.alphabet.has(**byte)).count();
    let body = tail.get(..length)?;
    let fits = length >= shape.min && shape.max.is_none_or(|max| length <= max);
    let varied = !shape.varied || (body.iter().any(u8::is_ascii_digit) && body.iter().any(u8::is_ascii_alphabetic));
    // `ghp_xxxxxxxx…` is a placeholder.
    let mut kinds: Vec<u8> = body.to_vec();
    kinds.sort_unstable();
    kinds.dedup();
    let rich = shape.min < 10 || kinds.len() >= 6;
    (fits && varied && rich).then_some(from + length)
}
