//! A cheap look at the text of a crate root for what it declares; the file itself is parsed later, if at all.

use super::scan::{Kind, Scanner};

/// Whether the text declares `mod item`.
pub(super) fn declares(text: &str, item: &str) -> bool {
    positions(text, item).next().is_some()
}

/// Whether it does so under `#[cfg(test)]`.
pub(super) fn declares_for_tests(text: &str, item: &str) -> bool {
    positions(text, item).any(|at| attributes_before(text, at).contains("cfg(test"))
}

/// `#[path = "file"] mod name;`: name and file.
pub(super) fn path_attributes(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("#[path") {
        let rest = text.get(at..).unwrap_or_default();
        let Some(file) = rest.split('"').nth(1) else { continue };
        let behind = rest.split_once(']').map_or("", |(_, behind)| behind);
        let Some((_, name)) = behind.split_once("mod ") else { continue };
        found.push((word(name).to_owned(), file.to_owned()));
    }
    found
}

/// `#[macro_use] extern crate name;`.
pub(super) fn macro_crates(text: &str) -> Vec<String> {
    text.match_indices("#[macro_use")
        .filter_map(|(at, _)| {
            let behind = text.get(at..)?.split_once(']')?.1.trim_start();
            Some(word(behind.strip_prefix("extern crate ")?.trim_start()).to_owned())
        })
        .collect()
}

/// `extern crate name as other;`: both names.
pub(super) fn renamed_crates(text: &str) -> Vec<(String, String)> {
    text.match_indices("extern crate ")
        .filter_map(|(at, known)| {
            let rest = text.get(at + known.len()..)?;
            let name = word(rest);
            let rename = rest.get(name.len()..)?.trim_start().strip_prefix("as ")?;
            Some((name.to_owned(), word(rename.trim_start()).to_owned()))
        })
        .collect()
}

/// Modules whose macros are in scope in the whole crate: `#[macro_use] mod name;`, and by custom `mod macros;`.
pub(super) fn macro_modules(text: &str) -> Vec<String> {
    let mut found: Vec<String> = text
        .match_indices("#[macro_use")
        .filter_map(|(at, _)| {
            let behind = text.get(at..)?.split_once(']')?.1.trim_start();
            let behind = behind.strip_prefix("pub(crate) ").or_else(|| behind.strip_prefix("pub ")).unwrap_or(behind);
            Some(word(behind.strip_prefix("mod ")?.trim_start()).to_owned())
        })
        .collect();
    if declares(text, "macros") && !found.iter().any(|known| known == "macros") {
        found.push("macros".to_owned());
    }
    found
}

/// `macro_rules! name { inside }`: names and the text inside.
pub(super) fn macro_rules(text: &str) -> Vec<(String, String)> {
    if !text.contains("macro_rules!") {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut tokens = Scanner::new(text);
    while let Some(token) = tokens.next() {
        if text.get(token.start..token.end) != Some("macro_rules") {
            continue;
        }
        let (Some(_), Some(defined), Some(open)) = (tokens.next(), tokens.next(), tokens.next()) else { break };
        let mut depth = 1_u32;
        let close = tokens.find(|token| {
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        if let (Some(close), Some(defined)) = (close, text.get(defined.start..defined.end)) {
            let inside = text.get(open.end..close.start).unwrap_or_default();
            found.push((defined.to_owned(), inside.to_owned()));
        }
    }
    found
}

/// Where `mod item` stands.
fn positions<'t>(text: &'t str, item: &'t str) -> impl Iterator<Item = usize> + 't {
    text.match_indices("mod ").filter_map(move |(at, known)| {
        let before = text.get(..at)?.chars().next_back();
        let starts = before.is_none_or(|c| !(c.is_alphanumeric() || c == '_'));
        let declared = word(text.get(at + known.len()..)?.trim_start());
        let declared = declared.strip_prefix("r#").unwrap_or(declared);
        (starts && !item.is_empty() && declared == item).then_some(at)
    })
}

/// The attributes and visibility in front of an item.
fn attributes_before(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or_default();
    let start = before.rfind([';', '}']).map_or(0, |at| at + 1);
    before.get(start..).unwrap_or_default()
}

fn word(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '#')).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}
