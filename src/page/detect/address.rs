//! IP addresses of people: not those of machines in a network of their own, not versions, not networks.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Hit, before};
use crate::finding::Category;

/// Adds the IP addresses of a text. Of clients, private ones count, too.
pub(super) fn scan(text: &[u8], client: bool, hits: &mut Vec<Hit<'_>>) {
    let in_word = |byte: &u8| byte.is_ascii_alphanumeric() || b".:_-%".contains(byte);
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|tail| tail.iter().position(in_word)).map(|found| at + found) {
        let tail = text.get(start..).unwrap_or_default();
        let length = tail.iter().take_while(|byte| in_word(byte)).count();
        at = start + length;
        let in_url = text.get(..start).is_some_and(|head| head.ends_with(b"//"));
        let is_free = !matches!(before(text, start), Some(b'@')) && !in_url && text.get(at) != Some(&b'/');
        if is_free && let Some(skipped) = of_a_person(text.get(start..at).unwrap_or_default(), client) {
            hits.push(Hit::new(Category::Personal, "an IP address", start + skipped, at));
        }
    }
}

/// Where in a word the address of a person starts: at its beginning, or behind a prefix as in `rate:203.0.113.7`.
fn of_a_person(word: &[u8], client: bool) -> Option<usize> {
    if is_of_a_person(word, client) {
        return Some(0);
    }
    let colon = word.iter().position(|byte| *byte == b':')?;
    let prefix = word.get(..colon)?;
    let named = prefix.iter().any(u8::is_ascii_alphabetic) && !prefix.contains(&b'.');
    (named && is_of_a_person(word.get(colon + 1..)?, client)).then_some(colon + 1)
}

/// Whether a whole value is an address of a machine, perhaps with a port or as a list.
pub(in crate::page) fn is_address(value: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(value) else { return false };
    let parts: Vec<&str> = text.split([',', ' ']).filter(|part| !part.is_empty()).collect();
    let ends_zero = |ip: Ipv4Addr| ip.octets()[3] == 0;
    !parts.is_empty()
        && parts.iter().any(|part| match (v4(part), v6(part)) {
            (Some(ip), _) => !ip.is_loopback() && !ip.is_unspecified() && !ends_zero(ip),
            (_, Some(ip)) => !ip.is_loopback() && !ip.is_unspecified(),
            _ => is_hardware_address(part) || is_hash(part),
        })
}

fn is_of_a_person(word: &[u8], client: bool) -> bool {
    let Ok(text) = std::str::from_utf8(word) else { return false };
    let text = text.trim_end_matches(['.', ':', '-', '_']);
    if let Some(ip) = v4(text) {
        let nobody = ip.is_loopback() || ip.is_unspecified() || ip.is_multicast() || ip.is_broadcast();
        let network = ip.octets()[3] == 0;
        let machine = ip.is_private() || ip.is_link_local() || ip.octets()[0] >= 240;
        // Four small numbers are a version, as far as chance can tell.
        let version = ip.octets().iter().all(|part| *part <= 30) || ip.octets()[0] == 0;
        return !nobody && !network && (client || (!machine && !version));
    }
    match v6(text) {
        Some(ip) => {
            let nobody = ip.is_loopback() || ip.is_unspecified() || ip.is_multicast();
            let machine = ip.is_unicast_link_local() || ip.is_unique_local();
            // `dead::beef` is a path in some language.
            let written = text.matches(':').count() >= 3 && text.contains(|c: char| c.is_ascii_digit());
            !nobody && written && (client || !machine)
        }
        None => false,
    }
}

/// With or without a port.
fn v4(text: &str) -> Option<Ipv4Addr> {
    let host = match text.split_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        Some(_) => return None,
        None => text,
    };
    host.parse().ok()
}

/// With or without brackets, port and zone.
fn v6(text: &str) -> Option<Ipv6Addr> {
    let inside = text.strip_prefix('[').and_then(|rest| rest.split(']').next()).unwrap_or(text);
    let host = inside.split('%').next().unwrap_or(inside);
    host.parse().ok()
}

fn is_hardware_address(text: &str) -> bool {
    let parts: Vec<&str> = text.split([':', '-']).collect();
    parts.len() == 6 && parts.iter().all(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_hash(text: &str) -> bool {
    text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
