//! Numbers of people: telephones in international form, and social security numbers.

use super::{Hit, before, is_edge};
use crate::finding::Category;

/// Adds the numbers of a text; `plus` says that it has a plus sign.
pub(super) fn scan(text: &[u8], plus: bool, hits: &mut Vec<Hit<'_>>) {
    if plus {
        let starts = text.iter().enumerate().filter(|(_, byte)| **byte == b'+').map(|(at, _)| at);
        for start in starts {
            if let Some(end) = phone(text, start) {
                hits.push(Hit::new(Category::Personal, "a phone number", start, end));
            }
        }
    }
    for (start, window) in text.windows(11).enumerate() {
        if is_security_number(window) && alone(text, start, start + 11) {
            hits.push(Hit::new(Category::Personal, "a social security number", start, start + 11));
        }
    }
}

fn alone(text: &[u8], start: usize, end: usize) -> bool {
    let joins = |byte: Option<u8>| matches!(byte, Some(b'-' | b'.' | b'_' | b'/'));
    let (front, back) = (before(text, start), text.get(end).copied());
    is_edge(front) && is_edge(back) && !joins(front) && !joins(back)
}

/// A plus sign, a country that does not start with 0, and 8 to 15 digits in all, in groups.
fn phone(text: &[u8], start: usize) -> Option<usize> {
    let front = before(text, start);
    if !is_edge(front) || matches!(front, Some(b'.' | b'+' | b'-')) || text.get(start + 1).is_none_or(|&b| b == b'0') {
        return None;
    }
    let (mut digits, mut end, mut at) = (0, start, start + 1);
    while let Some(&byte) = text.get(at).filter(|_| digits <= 15) {
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                end = at + 1;
            }
            b' ' | b'-' | b'(' | b')' | b'/' if !matches!(before(text, at), Some(b' ' | b'-' | b'/')) => {}
            _ => break,
        }
        at += 1;
    }
    let back = text.get(end).copied();
    let fraction = back == Some(b'.') && text.get(end + 1).is_some_and(u8::is_ascii_digit);
    ((9..=15).contains(&digits) && is_edge(back) && !fraction).then_some(end)
}

/// `123-45-6789`, but none of the numbers that were never given out.
fn is_security_number(window: &[u8]) -> bool {
    let shape = window.iter().enumerate().all(|(at, byte)| match at {
        3 | 6 => *byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    shape
        && !window.starts_with(b"000")
        && !window.starts_with(b"666")
        && !window.starts_with(b"9")
        && window.get(4..6) != Some(b"00")
        && !window.ends_with(b"0000")
}
