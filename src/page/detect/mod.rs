//! Which sensitive data stands in a text, whatever the text is called? Each kind has its file; this one decides which
//! kinds are worth looking for, since most texts on a page hold none.

mod address;
mod base64;
mod card;
mod email;
mod iban;
mod jwt;
mod number;
mod pairs;
mod shapes;
mod text;
mod url;

use std::borrow::Cow;

use crate::finding::{Category, Confidence};
use crate::knowledge::Lexicon;
use crate::source::percent_decoded;

pub(super) use address::is_address;
pub(super) use pairs::is_password_like;
pub(super) use text::{is_harmless, is_masked, is_random, is_word};

/// Something sensitive in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit<'k> {
    /// Its category.
    pub(super) category: Category,
    /// What a reader calls it: `an e-mail address`.
    pub(super) what: &'k str,
    /// How sure.
    pub(super) confidence: Confidence,
    /// Where in the text it starts.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
    /// Random numbers look like this now and then.
    pub(super) by_chance: bool,
}

impl<'k> Hit<'k> {
    fn new(category: Category, what: &'k str, start: usize, end: usize) -> Self {
        Self { category, what, confidence: Confidence::High, start, end, by_chance: false }
    }

    /// For what the name of a label says about the whole of its value.
    pub(super) fn named(category: Category, what: &'k str, value: &[u8]) -> Self {
        Self { confidence: Confidence::Medium, ..Self::new(category, what, 0, value.len()) }
    }
}

/// What the place of a text says about it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    /// About a machine: no e-mail addresses.
    pub(super) machine: bool,
    /// About a machine or a version: no IP addresses.
    pub(super) no_address: bool,
    /// About a client: private IP addresses, too.
    pub(super) client: bool,
    /// Ids and times: no card numbers, phone numbers and the like.
    pub(super) id: bool,
    /// Prose: `password hunter2` is telling.
    pub(super) prose: bool,
    /// The name of something: `a:b` is no pair.
    pub(super) name: bool,
}

/// Which characters a text has.
#[derive(Debug, Clone, Copy, Default)]
struct Makeup {
    digits: u32,
    at: bool,
    dots: u32,
    colons: u32,
    equals: bool,
    percent: bool,
    backslash: bool,
    plus: bool,
    space: bool,
}

impl Makeup {
    fn of(text: &[u8]) -> Self {
        let mut makeup = Self::default();
        for &byte in text {
            match byte {
                b'0'..=b'9' => makeup.digits += 1,
                b'.' => makeup.dots += 1,
                b':' => makeup.colons += 1,
                b'@' => makeup.at = true,
                b'=' => makeup.equals = true,
                b'%' => makeup.percent = true,
                b'\\' => makeup.backslash = true,
                b'+' => makeup.plus = true,
                b' ' => makeup.space = true,
                _ => {}
            }
        }
        makeup
    }
}

/// Whether a text has a bare number as long as that of a card, whatever its digits are.
pub(super) fn has_long_number(text: &[u8]) -> bool {
    text.len() >= card::SHORTEST && card::has_long_number(text)
}

/// Adds what stands in a text as it is written on the page: with escapes, perhaps percent-encoded.
pub(super) fn scan<'k>(written: &[u8], place: Place, lexicon: &'k Lexicon, hits: &mut Vec<Hit<'k>>) {
    if written.len() < 4 {
        return;
    }
    let makeup = Makeup::of(written);
    if !makeup.backslash && !makeup.percent {
        return look(written, makeup, place, lexicon, hits);
    }
    let plain = decoded(written, makeup);
    let before = hits.len();
    look(&plain, Makeup::of(&plain), place, lexicon, hits);
    if *plain != *written {
        // Offsets in the decoded text mean nothing on the page.
        for hit in hits.iter_mut().skip(before) {
            (hit.start, hit.end) = (0, written.len());
        }
    }
}

fn decoded(written: &[u8], makeup: Makeup) -> Cow<'_, [u8]> {
    let plain = if makeup.backslash { Cow::Owned(text::unescaped(written)) } else { Cow::Borrowed(written) };
    if makeup.percent { Cow::Owned(percent_decoded(&plain)) } else { plain }
}

fn look<'k>(text: &[u8], makeup: Makeup, place: Place, lexicon: &'k Lexicon, hits: &mut Vec<Hit<'k>>) {
    if makeup.digits >= 9 && !place.id {
        if makeup.digits as usize >= card::SHORTEST {
            card::scan(text, hits);
        }
        if makeup.digits >= 10 {
            iban::scan(text, hits);
        }
        number::scan(text, makeup.plus, hits);
    }
    if makeup.at && !place.machine {
        email::scan(text, hits);
    }
    let addressed = (makeup.dots >= 3 && makeup.digits >= 4) || makeup.colons >= 3;
    if addressed && !place.no_address {
        address::scan(text, place.client, hits);
    }
    if text.len() >= 14 {
        if makeup.dots >= 2 {
            jwt::scan(text, hits);
        }
        shapes::scan(text, hits);
        if makeup.at && makeup.colons >= 2 {
            url::scan(text, hits);
        }
        if makeup.space {
            url::scan_header(text, hits);
        }
    }
    if !place.name && (makeup.equals || makeup.colons > 0) {
        pairs::scan(text, lexicon, hits);
    }
    if place.prose && makeup.space && text.len() >= 10 {
        pairs::scan_prose(text, hits);
    }
}

/// Nothing that is looked for is longer; what is hostile may be, and must not be read again from each of its places.
const LONGEST: usize = 1024;

/// What follows a place, as far as it is of interest.
fn ahead(text: &[u8], from: usize) -> &[u8] {
    let tail = text.get(from..).unwrap_or_default();
    tail.get(..LONGEST).unwrap_or(tail)
}

/// Whether nothing that belongs to a word or number stands here.
fn is_edge(byte: Option<u8>) -> bool {
    byte.is_none_or(|byte| !byte.is_ascii_alphanumeric() && byte < 0x80)
}

/// The byte in front of a place.
fn before(text: &[u8], at: usize) -> Option<u8> {
    at.checked_sub(1).and_then(|at| text.get(at)).copied()
}

#[cfg(test)]
mod tests;
