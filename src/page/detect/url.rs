//! Credentials in addresses and headers: `https://kate:secret@example.com/`, `Basic a2F0ZTpzZWNyZXQ=`.

use memchr::memmem;

use super::{Hit, ahead, base64, before, text};
use crate::finding::Category;

/// Adds the passwords in the addresses of a text.
pub(super) fn scan(text: &[u8], hits: &mut Vec<Hit<'_>>) {
    for scheme in memmem::find_iter(text, b"://") {
        let start = scheme + 3;
        let tail = ahead(text, start);
        let length = tail.iter().take_while(|byte| !b"/?# \"'<>".contains(byte)).count();
        let authority = tail.get(..length).unwrap_or_default();
        let Some(sign) = authority.iter().rposition(|byte| *byte == b'@') else { continue };
        let user = authority.get(..sign).unwrap_or_default();
        let Some(colon) = user.iter().position(|byte| *byte == b':') else { continue };
        let password = user.get(colon + 1..).unwrap_or_default();
        if !password.is_empty() && !text::is_masked(password) {
            hits.push(Hit::new(Category::Credential, "a password in an address", start, start + sign));
        }
    }
}

/// Adds the credentials of headers in a text.
pub(super) fn scan_header(text: &[u8], hits: &mut Vec<Hit<'_>>) {
    for space in memchr::memchr_iter(b' ', text) {
        let head = text.get(..space).unwrap_or_default();
        let scheme_is = |name: &[u8]| {
            let at = head.len().saturating_sub(name.len());
            head.get(at..).is_some_and(|word| word.eq_ignore_ascii_case(name))
                && before(text, at).is_none_or(|byte| !byte.is_ascii_alphanumeric())
        };
        let tail = ahead(text, space + 1);
        let in_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=_-.~".contains(byte);
        let length = tail.iter().take_while(|byte| in_token(byte)).count();
        let token = tail.get(..length).unwrap_or_default();
        let end = space + 1 + length;
        if scheme_is(b"basic") && length >= 6 && is_pair(token) {
            hits.push(Hit::new(Category::Credential, "the user and password of a header", space + 1, end));
        } else if (scheme_is(b"bearer") || scheme_is(b"token")) && text::is_random(token) {
            hits.push(Hit::new(Category::Credential, "a token of a header", space + 1, end));
        }
    }
}

/// Whether a token stands for `user:password`.
fn is_pair(token: &[u8]) -> bool {
    base64::decode(token).is_some_and(|bytes| {
        bytes.contains(&b':') && std::str::from_utf8(&bytes).is_ok_and(|text| !text.chars().any(char::is_control))
    })
}
