//! Does nginx ask who is there? Access rules, credentials, certificates, conditions.

use regex::RegexBuilder;

use super::manifests::is_public;
use super::nginx::Directive;

/// Whether nginx answers by itself whoever asks.
pub(super) fn returns(levels: &[&[Directive]]) -> bool {
    levels.iter().any(|level| level.iter().any(|one| one.name == "return"))
}

/// Whether a request from the open internet is turned away.
pub(super) fn is_closed(levels: &[&[Directive]], path: &str) -> bool {
    let own = |name: &str| levels.iter().rev().find_map(|level| level.iter().find(|one| one.name == name));
    let asked = |name: &str| own(name).is_some_and(|one| one.first() != "off");
    let credentials = asked("auth_basic") || asked("auth_request") || asked("auth_jwt");
    let certificate = own("ssl_verify_client").is_some_and(|one| one.first() == "on");
    let refused = levels.iter().rev().map(|level| access(level)).find_map(|known| known).unwrap_or(false);
    let conditions = levels.iter().flat_map(|level| level.iter()).filter(|one| one.name == "if");
    let any_will_do = own("satisfy").is_some_and(|one| one.first() == "any");
    let kept_out = if any_will_do { credentials && refused } else { credentials || refused };
    certificate || kept_out || conditions.into_iter().any(|one| turns_away(one, path))
}

/// What the access rules of one level say to a stranger; `None` without any.
fn access(level: &[Directive]) -> Option<bool> {
    let mut any = false;
    for one in level {
        match (one.name.as_str(), one.first()) {
            ("deny", "all") => return Some(true),
            ("allow", "all") => return Some(false),
            ("deny", _) => any = true,
            ("allow", address) => {
                if is_public(address) && address.contains('/') {
                    return Some(false);
                }
                any = true;
            }
            _ => {}
        }
    }
    any.then_some(false)
}

/// `if` with a `return`: about the path it is judged, about the client it is a guard.
fn turns_away(condition: &Directive, path: &str) -> bool {
    if !condition.inner().iter().any(|one| one.name == "return") {
        return false;
    }
    let text = condition.args.join(" ");
    let inner = text.trim().trim_start_matches('(').trim_end_matches(')').trim();
    let words: Vec<&str> = inner.splitn(3, char::is_whitespace).collect();
    match words.as_slice() {
        ["$uri" | "$request_uri" | "$document_uri", operator, pattern] => {
            let pattern = pattern.trim().trim_matches(['"', '\'']);
            match *operator {
                "~" => matches_regex(pattern, path, false),
                "~*" => matches_regex(pattern, path, true),
                "!~" => !matches_regex(pattern, path, false),
                "!~*" => !matches_regex(pattern, path, true),
                "=" => pattern == path,
                _ => false,
            }
        }
        [variable, ..] => {
            let guards =
                ["$remote_addr", "$http_authorization", "$http_x", "$ssl_client", "$geoip", "$allowed", "$cookie"];
            guards.iter().any(|guard| variable.starts_with(guard))
        }
        [] => false,
    }
}

/// Whether a path follows a regular expression; one that cannot be read matches nothing.
pub(super) fn matches_regex(pattern: &str, text: &str, ignore_case: bool) -> bool {
    let built = RegexBuilder::new(pattern).case_insensitive(ignore_case).size_limit(1 << 20).build();
    built.is_ok_and(|regex| regex.is_match(text))
}
