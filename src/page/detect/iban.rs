//! Bank accounts: a country, its length, and a valid check by 97.

use super::super::data::data;
use super::{Hit, before, is_edge};
use crate::finding::Category;

/// Adds the IBANs of a text.
pub(super) fn scan(text: &[u8], hits: &mut Vec<Hit<'_>>) {
    for start in 0..text.len().saturating_sub(14) {
        let [a, b, c, d] = match text.get(start..start + 4) {
            Some(&[a, b, c, d]) => [a, b, c, d],
            _ => return,
        };
        let opens = a.is_ascii_alphabetic() && b.is_ascii_alphabetic() && c.is_ascii_digit() && d.is_ascii_digit();
        if !opens || !is_edge(before(text, start)) {
            continue;
        }
        let country = [a.to_ascii_uppercase(), b.to_ascii_uppercase()];
        let known = std::str::from_utf8(&country).ok().and_then(|country| data().iban.get(country));
        if let Some(&length) = known
            && let Some((account, end)) = account(text, start, length)
            && is_edge(text.get(end).copied())
            && checks(&account)
        {
            hits.push(Hit::new(Category::Payment, "an IBAN", start, end));
            return;
        }
    }
}

/// So many letters and digits, with single spaces between groups of four; and where they end.
fn account(text: &[u8], start: usize, length: usize) -> Option<(Vec<u8>, usize)> {
    let mut account = Vec::with_capacity(length);
    let mut at = start;
    while account.len() < length {
        match *text.get(at)? {
            byte if byte.is_ascii_alphanumeric() => account.push(byte.to_ascii_uppercase()),
            b' ' if account.len() % 4 == 0 => {}
            _ => return None,
        }
        at += 1;
    }
    Some((account, at))
}

/// The first four characters go to the end, letters are numbers from 10; the rest of a division by 97 is 1.
fn checks(account: &[u8]) -> bool {
    let (head, tail) = account.split_at(4.min(account.len()));
    let rest = tail.iter().chain(head).fold(0_u32, |rest, &byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte.wrapping_sub(b'A')) + 10) % 97,
    });
    rest == 1
}
