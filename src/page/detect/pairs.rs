//! Secrets beside their names inside a text: `password=hunter2`, `"cvv": "123"`, `password hunter2`.

use super::super::data::data;
use super::{Hit, ahead, text};
use crate::finding::{Category, Confidence};
use crate::knowledge::{Lexicon, Sense};

/// Adds the values that stand behind telling names and `=` or `:`.
pub(super) fn scan<'k>(text: &[u8], lexicon: &'k Lexicon, hits: &mut Vec<Hit<'k>>) {
    for sign in memchr::memchr2_iter(b'=', b':', text) {
        let Some(pair) = pair(text, sign) else { continue };
        let value = text.get(pair.start..pair.end).unwrap_or_default();
        if value.is_empty() || text::is_harmless(value) || text::is_masked(value) {
            continue;
        }
        let (category, what) = match lexicon.sense(pair.key) {
            Sense::Telling { category, what } if tells(pair.tight, category, value) => (category, what),
            Sense::WithSource { category: Category::Credential, what, .. }
                if text::is_random(value) || (pair.tight && is_chosen(value)) || (pair.query && is_mixed(value)) =>
            {
                (Category::Credential, what)
            }
            _ => continue,
        };
        let hit = Hit::new(category, what, pair.start, pair.end);
        hits.push(Hit { confidence: Confidence::Medium, ..hit });
    }
}

/// Like a password, and mixed so that it is hardly the name of a thing: `token=Zk93Lm2p`, but not `auth=ldap02`.
fn is_chosen(value: &[u8]) -> bool {
    let has = |is: fn(&u8) -> bool| value.iter().any(is);
    let mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
    mixed && value.len() >= 8 && text::is_word(value) && is_password_like(value)
}

/// Letters and digits through one another, and long enough: in a query nobody calls a thing that.
fn is_mixed(value: &[u8]) -> bool {
    let changes =
        value.windows(2).filter(|two| two.first().map(u8::is_ascii_digit) != two.last().map(u8::is_ascii_digit));
    value.len() >= 8 && text::is_word(value) && is_password_like(value) && changes.count() >= 3
}

/// Behind `=` or in quotes anything is a value; in prose only what looks like a secret.
fn tells(tight: bool, category: Category, value: &[u8]) -> bool {
    match category {
        Category::Credential => is_password_like(value) || (tight && value.len() >= 4),
        Category::Payment => value.iter().filter(|byte| byte.is_ascii_digit()).count() >= 3,
        Category::Personal => tight && value.len() >= 2,
        Category::Content => false,
    }
}

struct Pair<'a> {
    key: &'a str,
    start: usize,
    end: usize,
    /// Not prose.
    tight: bool,
    /// Part of a query: `?token=…`, `&code=…`.
    query: bool,
}

fn pair(text: &[u8], sign: usize) -> Option<Pair<'_>> {
    let is_quote = |byte: &u8| matches!(byte, b'"' | b'\'');
    let head = text.get(..sign)?.trim_ascii_end();
    let quoted = head.last().is_some_and(is_quote);
    let head = if quoted { head.get(..head.len() - 1)? } else { head };
    let length = head.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte)).count();
    let key = std::str::from_utf8(head.get(head.len() - length..)?).ok()?;
    let query =
        head.get(..head.len() - length).and_then(|before| before.last()).is_some_and(|byte| b"?&".contains(byte));
    if key.len() < 2 || key.len() > 64 {
        return None;
    }
    let tail = text.get(sign + 1..)?;
    let space = tail.iter().take_while(|byte| **byte == b' ').count();
    let open = usize::from(tail.get(space).is_some_and(is_quote));
    let start = sign + 1 + space + open;
    let rest = ahead(text, start);
    let ends = |byte: &u8| if open == 1 { is_quote(byte) } else { b"&;, \t\n\"'}])>".contains(byte) };
    let end = start + rest.iter().position(ends).unwrap_or(rest.len());
    let equals = text.get(sign) == Some(&b'=');
    // `urn:password:reset` and `session:17` are names with parts; `password: hunter2` and `"password":"x"` are pairs.
    if !equals && !quoted && space == 0 && !is_password_word(key) {
        return None;
    }
    Some(Pair { key, start, end, tight: equals || quoted, query })
}

/// Adds the words that look like passwords and stand behind a word for one.
pub(super) fn scan_prose(text: &[u8], hits: &mut Vec<Hit<'_>>) {
    let is_gap = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'"' | b'\'' | b'`' | b'(' | b')' | b',' | b';');
    let mut at = 0;
    let mut behind = false;
    for word in text.split(is_gap) {
        let (start, end) = (at, at + word.len());
        at = end + 1;
        let bare = word.strip_suffix(b":").unwrap_or(word);
        if bare.is_empty() || bare == b"is" || bare == b"was" {
            continue;
        }
        if behind && is_password_like(bare) {
            let hit = Hit::new(Category::Credential, "a password", start, end);
            hits.push(Hit { confidence: Confidence::Medium, ..hit });
        }
        behind = std::str::from_utf8(bare).is_ok_and(is_password_word);
    }
}

fn is_password_word(word: &str) -> bool {
    let known = &data().password_words;
    // This is asked for every word of a page.
    word.len() <= 16 && known.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// Whether a word looks as if somebody had chosen it to be hard to guess: letters with digits or signs among them.
pub(in crate::page) fn is_password_like(word: &[u8]) -> bool {
    let word = word.trim_ascii();
    let word = word.strip_suffix(b".").unwrap_or(word);
    let of = |is: fn(&u8) -> bool| word.iter().filter(|byte| is(byte)).count();
    let (digits, letters) = (of(u8::is_ascii_digit), of(u8::is_ascii_alphabetic));
    let signs = word.iter().filter(|byte| b"!@#$%^&*?~+=".contains(byte)).count();
    // `256-bit`, `32bytes`: a number and its unit.
    let number = word.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let unit = word.get(number..).unwrap_or_default().iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'-');
    let version = word.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'v'));
    let address = word.contains(&b'/') || word.windows(2).any(|two| two == b"::");
    (6..=64).contains(&word.len())
        && letters >= 1
        && digits + signs >= 1
        && !(number > 0 && unit)
        && !version
        && !address
        && !text::is_harmless(word)
        && !text::is_masked(word)
}
