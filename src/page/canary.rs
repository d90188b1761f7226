//! Does a text that must not be on the page stand on it, in any spelling?

use aho_corasick::AhoCorasick;

/// So many places of one line are told: it is known by then.
const MOST: usize = 256;

/// Finds canaries.
#[derive(Debug, Default)]
pub(super) struct Canaries {
    automaton: Option<AhoCorasick>,
    /// Which canary each spelling belongs to.
    owners: Vec<usize>,
}

/// A place of a canary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spotted {
    /// Which.
    pub(super) canary: usize,
    /// Where it starts.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
}

impl Canaries {
    /// For these texts; empty ones stand everywhere and are left out.
    pub(super) fn new(texts: &[String]) -> Self {
        let mut spellings: Vec<(String, usize)> = Vec::new();
        for (owner, text) in texts.iter().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
            for spelling in spelt(text) {
                if !spelling.is_empty() && !spellings.iter().any(|(known, of)| *known == spelling && *of == owner) {
                    spellings.push((spelling, owner));
                }
            }
        }
        if spellings.is_empty() {
            return Self::default();
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(spellings.iter().map(|(spelling, _)| spelling))
            .ok();
        Self { automaton, owners: spellings.into_iter().map(|(_, owner)| owner).collect() }
    }

    /// Whether there is anything to look for.
    pub(super) fn is_empty(&self) -> bool {
        self.automaton.is_none()
    }

    /// All places in a text, the longest spelling at each.
    pub(super) fn find(&self, text: &[u8]) -> Vec<Spotted> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let mut found: Vec<Spotted> = Vec::new();
        for hit in automaton.find_overlapping_iter(text) {
            let canary = self.owners.get(hit.pattern().as_usize()).copied().unwrap_or(0);
            if found.len() > MOST {
                break;
            }
            let spotted = Spotted { canary, start: hit.start(), end: hit.end() };
            found.retain(|known| !(known.canary == canary && spotted.start <= known.start && known.end <= spotted.end));
            if !found.iter().any(|k| k.canary == canary && k.start <= spotted.start && spotted.end <= k.end) {
                found.push(spotted);
            }
        }
        found
    }
}

/// The ways in which a text comes to a page. Case is left to the search.
fn spelt(text: &str) -> Vec<String> {
    let trimmed = text.trim();
    let mut all = Vec::new();
    // Letters beyond ASCII have their case, too.
    for text in [text.to_owned(), trimmed.to_owned(), text.to_lowercase(), text.to_uppercase()] {
        all.push(percent_encoded(&text, false));
        all.push(percent_encoded(&text, true));
        all.push(percent_encoded(&percent_encoded(&text, false), false));
        // Not everybody encodes everything.
        all.push(text.replace(' ', "+"));
        all.push(text.replace(' ', "%20"));
        all.push(encoded_for_a_path(&text));
        all.push(text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"));
        all.push(json(&text));
        all.push(json(&text).replace('\\', "\\\\"));
        all.push(html(&text));
        all.push(text);
    }
    all.extend(sanitised(trimmed));
    all.extend(number(trimmed));
    all
}

fn percent_encoded(text: &str, form: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' if form => out.push('+'),
            b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// What may stand in an address as it is, stays.
fn encoded_for_a_path(text: &str) -> String {
    let stays = |c: char| c.is_ascii_alphanumeric() || "-_.~!*'();:@&=+$,/?#".contains(c);
    text.chars().map(|c| if stays(c) { c.to_string() } else { percent_encoded(&c.to_string(), false) }).collect()
}

/// As it stands in a JSON text, with characters beyond ASCII spelt out, too.
fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_ascii() => out.push(c),
            c => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}"))),
        }
    }
    out
}

fn html(text: &str) -> String {
    let plain = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    plain.replace('\'', "&#x27;")
}

/// As part of a name, where characters that are not allowed became `_` or were spelt out.
fn sanitised(text: &str) -> Vec<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if text.chars().filter(|c| c.is_ascii_alphanumeric()).count() < 3 {
        return Vec::new();
    }
    let replaced: String = text.chars().map(|c| if allowed(c) { c } else { '_' }).collect();
    // Some sanitise bytes, not characters.
    let bytes: String = text.bytes().map(|b| if allowed(char::from(b)) { char::from(b) } else { '_' }).collect();
    let mut collapsed = replaced.clone();
    while collapsed.contains("__") {
        collapsed = collapsed.replace("__", "_");
    }
    let with_colons: String = text.chars().map(|c| if allowed(c) || c == ':' { c } else { '_' }).collect();
    let mut values = String::new();
    let mut dots = String::new();
    for c in text.chars() {
        match c {
            '_' => {
                values.push_str("__");
                dots.push_str("__");
            }
            '.' => {
                values.push_str("_2e_");
                dots.push_str("_dot_");
            }
            c if allowed(c) || c == ':' => {
                values.push(c);
                dots.push(c);
            }
            c => {
                values.push_str(&format!("_{:x}_", u32::from(c)));
                dots.push_str("__");
            }
        }
    }
    vec![bytes, collapsed, with_colons, values, dots, replaced]
}

/// As the value of a sample.
fn number(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    if digits.len() < 5 || digits.starts_with('0') || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (head, tail) = digits.split_at(1);
    let fraction = tail.trim_end_matches('0');
    let dot = if fraction.is_empty() { "" } else { "." };
    // Without its end: `4.2e+15` and `4.2e15` are the same.
    Some(format!("{head}{dot}{fraction}e+{:02}", digits.len() - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(canary: &str, text: &str) -> bool {
        !Canaries::new(&[canary.to_owned()]).find(text.as_bytes()).is_empty()
    }

    #[test]
    fn canaries_are_found_in_every_spelling() {
        for (canary, text) in [
            ("hunter2", "x{a=\"hunter2\"} 1"),
            ("Hunter2", "counter_HUNTER2_total 1"),
            ("p@ss word", "p%40ss%20word"),
            ("p@ss word", "p%40ss+word"),
            ("p@ss word", "P%2540SS%2520WORD"),
            ("p@ss word", "counter_p_ss_word_total"),
            ("p@@ss word", "counter_p_ss_word_total"),
            ("p@ss", "U__counter_p_40_ss"),
            ("a\"b\\c", "x{a=\"a\\\"b\\\\c\"} 1"),
            ("two\nlines", "# HELP x two\\nlines"),
            ("grün", "GR\u{dc}N"),
            ("grün", "{\\\"a\\\":\\\"gr\\\\u00fcn\\\"}"),
            ("o'neil & co", "o&#x27;neil &amp; co"),
            ("4111111111111111", "x 4.111111111111111e+15"),
            (" padded ", "x{a=\"padded\"}"),
        ] {
            assert!(finds(canary, text), "{canary:?} in {text:?}");
        }
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        for (canary, text) in [
            ("hunter2", "x{a=\"hunter3\"} 1"),
            ("", "anything"),
            ("  ", "any thing"),
            ("!?!", "x___y"),
            ("hunter2", "x{a=\"f52fbd32b2b3b86ff88ef6c490628285f482af15ddcb29541f94bcf526a3f6c7\"} 1"),
        ] {
            assert!(!finds(canary, text), "{canary:?} in {text:?}");
        }
    }

    #[test]
    fn the_longest_spelling_is_one_place() {
        let found = Canaries::new(&["ab ab".to_owned(), "zz".to_owned()]).find(b"xx ab ab zz");
        assert_eq!(found.len(), 2);
        assert_eq!(found[0], Spotted { canary: 0, start: 3, end: 8 });
    }
}
