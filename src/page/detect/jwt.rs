//! JSON web tokens: three parts, of which the first can be decoded and says by which algorithm it is signed.

use memchr::memmem;

use super::{Hit, base64, before};
use crate::finding::Category;

/// Adds the tokens of a text.
pub(super) fn scan(text: &[u8], hits: &mut Vec<Hit<'_>>) {
    let mut past = 0;
    // Every JSON object starts with `{"`, which is written so.
    for start in memmem::find_iter(text, b"eyJ") {
        let joins = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if start < past || before(text, start).is_some_and(joins) {
            continue;
        }
        // Tokens hold whole documents, so they may be long.
        let tail = text.get(start..).unwrap_or_default();
        let length = tail.iter().take_while(|byte| joins(**byte) || **byte == b'.').count();
        let token = tail.get(..length).unwrap_or_default();
        past = start + length;
        let parts: Vec<&[u8]> = token.split(|byte| *byte == b'.').take(6).collect();
        let is_filled = parts.get(1).is_some_and(|part| part.len() >= 2);
        if (3..=5).contains(&parts.len()) && is_filled && parts.first().is_some_and(|head| is_header(head)) {
            hits.push(Hit::new(Category::Credential, "a JSON web token", start, start + length));
        }
    }
}

fn is_header(part: &[u8]) -> bool {
    let Some(bytes) = base64::decode(part) else { return false };
    let Ok(serde_json::Value::Object(header)) = serde_json::from_slice(&bytes) else { return false };
    header.contains_key("alg") || header.contains_key("typ") || header.contains_key("enc")
}
