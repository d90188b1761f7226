//! E-mail addresses, and not what is only spelt like one: units of systemd, images with two resolutions, git remotes.

use super::super::data::data;
use super::{Hit, before};
use crate::finding::Category;

/// Adds the e-mail addresses of a text.
pub(super) fn scan(text: &[u8], hits: &mut Vec<Hit<'_>>) {
    let signs = text.iter().enumerate().filter(|(_, byte)| **byte == b'@').map(|(at, _)| at);
    for sign in signs {
        if let Some((start, end)) = address(text, sign) {
            hits.push(Hit::new(Category::Personal, "an e-mail address", start, end));
        }
    }
}

fn address(text: &[u8], sign: usize) -> Option<(usize, usize)> {
    let in_local = |byte: &u8| byte.is_ascii_alphanumeric() || *byte >= 0x80 || b"._%+-'".contains(byte);
    let in_domain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte >= 0x80 || b".-".contains(byte);
    let head = text.get(..sign)?;
    // No local part is longer than 64.
    let mut start = sign - head.iter().rev().take(65).take_while(|byte| in_local(byte)).count();
    while text.get(start).is_some_and(|byte| b".-'%+".contains(byte)) {
        start += 1;
    }
    let tail = text.get(sign + 1..)?;
    let mut end = sign + 1 + tail.iter().take(256).take_while(|byte| in_domain(byte)).count();
    while end > sign + 1 && matches!(before(text, end), Some(b'.' | b'-')) {
        end -= 1;
    }
    let (local, domain) = (text.get(start..sign)?, text.get(sign + 1..end)?);
    let front = before(text, start);
    let is_whole = !matches!(front, Some(b'*' | b'@' | b'\\')) && text.get(end) != Some(&b'@');
    (is_whole && !is_user_of_url(text, start) && is_personal(local) && is_domain(domain)).then_some((start, end))
}

/// `https://kate@example.com/` and `https://kate:secret@example.com/` log on somewhere; see `url`.
fn is_user_of_url(text: &[u8], start: usize) -> bool {
    let head = text.get(start.saturating_sub(256)..start).unwrap_or_default();
    let user = head.iter().rposition(|byte| b" /\"'<>(,;".contains(byte)).map_or(0, |at| at + 1);
    let scheme = head.get(..user).unwrap_or_default();
    scheme.ends_with(b"://")
}

fn is_personal(local: &[u8]) -> bool {
    let lower = local.to_ascii_lowercase();
    let covered = lower.iter().all(|byte| *byte == b'x' || !byte.is_ascii_alphanumeric() && *byte < 0x80);
    !covered && !std::str::from_utf8(&lower).is_ok_and(|local| data().impersonal_mailboxes.contains(local))
}

fn is_domain(domain: &[u8]) -> bool {
    let lower = domain.to_ascii_lowercase();
    let Some(dot) = lower.iter().rposition(|byte| *byte == b'.') else { return false };
    let top = lower.get(dot + 1..).unwrap_or_default();
    let is_top = (2..=24).contains(&top.len()) && top.iter().all(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80);
    let punycode = top.starts_with(b"xn--") && top.len() > 4;
    let labels_ok = lower.split(|byte| *byte == b'.').all(|label| !label.is_empty() && label.first() != Some(&b'-'));
    (is_top || punycode) && labels_ok && !std::str::from_utf8(top).is_ok_and(|top| data().no_domains.contains(top))
}
