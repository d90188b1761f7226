//! Card numbers: an issuer's prefix, the right length, a valid check digit, standing alone.

use std::sync::OnceLock;

use super::super::data::data;
use super::{Hit, before, is_edge};
use crate::finding::Category;

/// The fewest digits of a card number.
pub(super) const SHORTEST: usize = 13;
const LONGEST: usize = 19;

/// How people group digits.
const GROUPS: &[&[usize]] = &[&[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[4, 4, 4, 4, 3]];

/// Adds the card numbers of a text.
pub(super) fn scan(text: &[u8], hits: &mut Vec<Hit<'_>>) {
    let mut at = 0;
    while let Some(start) = next_digit(text, at) {
        let length = digits(text, start);
        at = start + length;
        if !is_edge(before(text, start)) {
            continue;
        }
        if (SHORTEST..=LONGEST).contains(&length) {
            if stands_alone(text, start, at) && is_card(text.get(start..at).unwrap_or_default()) {
                let hit = Hit::new(Category::Payment, "a card number", start, at);
                hits.push(Hit { by_chance: true, ..hit });
            }
        } else if length == 4
            && let Some((number, end)) = grouped(text, start)
        {
            at = end;
            if stands_alone(text, start, end) && is_card(&number) {
                hits.push(Hit::new(Category::Payment, "a card number", start, end));
            }
        }
    }
}

/// Whether a text has a bare run of digits as long as a card number.
pub(super) fn has_long_number(text: &[u8]) -> bool {
    let mut at = 0;
    while let Some(start) = next_digit(text, at) {
        let length = digits(text, start);
        at = start + length;
        if (SHORTEST..=LONGEST).contains(&length) && stands_alone(text, start, at) {
            return true;
        }
    }
    false
}

fn next_digit(text: &[u8], from: usize) -> Option<usize> {
    text.get(from..)?.iter().position(u8::is_ascii_digit).map(|found| from + found)
}

fn digits(text: &[u8], from: usize) -> usize {
    text.get(from..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Neither part of a word, nor of a longer number, a fraction or an id in several parts.
fn stands_alone(text: &[u8], start: usize, end: usize) -> bool {
    let front = before(text, start);
    let further = start.checked_sub(1).and_then(|at| before(text, at));
    let front_ok = is_edge(front)
        && !(matches!(front, Some(b'.' | b',' | b'-' | b'+')) && further.is_some_and(|byte| byte.is_ascii_digit()))
        && front != Some(b'.');
    let back = text.get(end).copied();
    let behind = text.get(end + 1).copied();
    let whole = text.get(end..) == Some(b".0");
    let back_ok = is_edge(back) && (whole || !matches!(back, Some(b'.' | b',' | b'-')) || is_edge(behind));
    front_ok && back_ok
}

/// Digits in groups with one kind of separator; and where they end.
fn grouped(text: &[u8], start: usize) -> Option<(Vec<u8>, usize)> {
    let separator = text.get(start + 4).copied().filter(|byte| matches!(byte, b' ' | b'-' | b'.'))?;
    let read = |groups: &[usize]| -> Option<(Vec<u8>, usize)> {
        let mut number = Vec::with_capacity(LONGEST);
        let mut at = start;
        for (index, &length) in groups.iter().enumerate() {
            if index > 0 {
                if text.get(at) != Some(&separator) {
                    return None;
                }
                at += 1;
            }
            if digits(text, at) != length {
                return None;
            }
            number.extend_from_slice(text.get(at..at + length)?);
            at += length;
        }
        Some((number, at))
    };
    GROUPS.iter().rev().find_map(|groups| read(groups))
}

fn is_card(number: &[u8]) -> bool {
    has_issuer(number) && luhn(number)
}

/// The check digit: every second digit from the right is doubled.
fn luhn(number: &[u8]) -> bool {
    let sum: u32 = number
        .iter()
        .rev()
        .enumerate()
        .map(|(index, byte)| {
            let digit = u32::from(byte.wrapping_sub(b'0'));
            match (index % 2, digit * 2) {
                (0, _) => digit,
                (_, double) if double > 9 => double - 9,
                (_, double) => double,
            }
        })
        .sum();
    // All digits alike pass now and then, and are nobody's card.
    sum.is_multiple_of(10) && number.iter().any(|byte| Some(byte) != number.first())
}

/// A range of prefixes with so many digits.
struct Issuer {
    digits: usize,
    from: u32,
    to: u32,
    lengths: &'static [usize],
}

fn issuers() -> &'static [Issuer] {
    static ISSUERS: OnceLock<Vec<Issuer>> = OnceLock::new();
    ISSUERS.get_or_init(|| {
        let ranges = data().card.iter().flat_map(|card| card.prefixes.iter().map(|prefix| (prefix, &card.lengths)));
        ranges
            .filter_map(|(prefix, lengths)| {
                let (from, to) = prefix.split_once('-').unwrap_or((prefix, prefix));
                Some(Issuer { digits: from.len(), from: from.parse().ok()?, to: to.parse().ok()?, lengths })
            })
            .collect()
    })
}

fn has_issuer(number: &[u8]) -> bool {
    issuers().iter().any(|issuer| {
        let prefix = number.get(..issuer.digits).unwrap_or_default();
        let value = prefix.iter().fold(0, |value, byte| value * 10 + u32::from(byte.wrapping_sub(b'0')));
        issuer.lengths.contains(&number.len()) && (issuer.from..=issuer.to).contains(&value)
    })
}
