//! What is left of a text when its spelling is taken away, and does a value say anything at all?

use super::super::data::data;

/// Label values and help texts write `\\`, `\"` and `\n`.
pub(super) fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match (byte, byte == b'\\') {
            (_, true) => match bytes.next() {
                Some(b'n') => out.push(b'\n'),
                Some(other) => out.push(other),
                None => out.push(b'\\'),
            },
            (byte, false) => out.push(byte),
        }
    }
    out
}

/// Whether a value says only that something is so: `true`, `missing`, `bcrypt`. Empty ones say nothing at all.
pub(in crate::page) fn is_harmless(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    if value.is_empty() {
        return true;
    }
    if value.len() > 24 {
        return false;
    }
    let lower = value.to_ascii_lowercase();
    let Ok(lower) = std::str::from_utf8(&lower) else { return false };
    let known = &data().harmless_values;
    known.contains(lower)
        || (lower.contains(['-', ' ']) && known.contains(&lower.replace(['-', ' '], "_")))
        || value.iter().all(|byte| !byte.is_ascii_alphanumeric() && byte.is_ascii())
}

/// Whether what is sensitive was taken out of a value, or never put in: `****1111`, `[redacted]`, `${PASSWORD}`.
pub(in crate::page) fn is_masked(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    let Ok(text) = std::str::from_utf8(value) else { return false };
    let x = |c: char| c == 'x' || c == 'X';
    let cover = |c: char| matches!(c, '*' | '•' | '●' | '█' | '∗' | '…');
    longest(text, cover) >= 2
        || text.contains(['…', '•', '●', '█'])
        || longest(text, x) >= 4
        || longest(text, |c| c == '.' || c == '#' || c == '?') >= 3
        || text.contains("*@")
        || text.contains("@*")
        || (!text.is_empty() && text.chars().all(|c| x(c) || !c.is_alphanumeric()))
        || is_placeholder(text)
        || is_masked_word(text)
}

fn longest(text: &str, is: impl Fn(char) -> bool) -> usize {
    let (mut best, mut run) = (0, 0);
    for c in text.chars() {
        run = if is(c) { run + 1 } else { 0 };
        best = best.max(run);
    }
    best
}

fn is_placeholder(text: &str) -> bool {
    let between = |open: &str, close: &str| text.starts_with(open) && text.ends_with(close);
    between("${", "}")
        || between("{{", "}}")
        || (between("{", "}") && !text.contains([':', '"', '=']))
        || (between("<", ">") && !text.contains('@'))
        || between("%(", ")s")
        || matches!(text, "%s" | "%d" | "?" | "$1" | "$2")
        || (text.starts_with(':') && text.get(1..).is_some_and(|rest| rest.chars().all(char::is_alphabetic)))
}

fn is_masked_word(text: &str) -> bool {
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase();
    let known = &data().masked_words;
    known.contains(&bare) || bare.split([' ', ':', '_', '-']).next().is_some_and(|first| known.contains(first))
}

/// Whether a value is one plain word or path, as names of states and kinds are.
pub(in crate::page) fn is_word(value: &[u8]) -> bool {
    value.len() <= 32 && value.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

/// Whether a value looks as if a machine had rolled dice: session ids, tokens. Also UUIDs and hexadecimal hashes, so
/// only for labels that are called accordingly.
pub(in crate::page) fn is_random(value: &[u8]) -> bool {
    let of = |is: fn(&u8) -> bool| value.iter().filter(|byte| is(byte)).count();
    let (digits, letters) = (of(u8::is_ascii_digit), of(u8::is_ascii_alphabetic));
    let joined = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'+' | b'/' | b'=');
    if value.len() < 16 || digits < 2 || letters < 2 || !value.iter().all(joined) {
        return false;
    }
    let words = value.split(|byte| !byte.is_ascii_alphanumeric());
    let spelt = |part: &[u8]| part.len() >= 3 && part.iter().all(u8::is_ascii_alphabetic);
    // Groups of a UUID may consist of letters only, but not of those behind `f`.
    let is_hex = value.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-');
    let mut seen = [false; 256];
    value.iter().for_each(|&byte| seen[usize::from(byte)] = true);
    seen.iter().filter(|seen| **seen).count() >= 7 && (is_hex || !words.into_iter().any(spelt))
}
