//! Keeps names and numbers of students out of every report.

use serde_json::Value;

use super::intake::Found;
use super::marks::{Graded, Place};

/// Words of file and folder names that say nothing about who somebody is.
const COMMON: &[&str] = &[
    "submission",
    "submissions",
    "assignment",
    "assignments",
    "homework",
    "project",
    "appsec",
    "student",
    "group",
    "team",
    "final",
    "part",
    "site",
    "giftcard",
    "views",
    "django",
    "prometheus",
    "deployment",
    "security",
    "application",
    "the",
    "gone",
    "wrong",
    "secure",
    "kubernetes",
    "monitoring",
    "participant",
    "file",
    "anon",
];

/// What identifies the people of one submission.
#[derive(Debug, Default)]
pub(super) struct Veil {
    words: Vec<String>,
}

impl Veil {
    /// For those who handed this in.
    pub(super) fn new(found: &Found) -> Self {
        let mut words = Vec::new();
        for student in &found.students {
            for text in [&student.name, &student.id, &student.email] {
                words.push(text.to_lowercase());
                words.extend(text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase));
            }
        }
        words.extend(found.key.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase));
        words.retain(|word| {
            let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
            word.chars().count() >= if is_number { 4 } else { 3 } && !COMMON.contains(&word.as_str())
        });
        words.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        words.dedup();
        Self { words }
    }

    /// The text without any of it.
    pub(super) fn over(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for word in &self.words {
            out = without(&out, word);
        }
        out
    }

    fn over_value(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.over(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.over_value(item)),
            Value::Object(fields) => fields.values_mut().for_each(|field| self.over_value(field)),
            _ => {}
        }
    }

    /// Everything that reports show of a submission; `prefix` is what its paths start with, `name` what stands instead.
    pub(super) fn over_all(&self, graded: &mut Graded, prefix: &str, name: &str) {
        let path = |path: &mut String| {
            let inside = path.strip_prefix(prefix).unwrap_or(path);
            *path = format!("{name}/{}", self.over(inside));
        };
        graded.submission = name.to_owned();
        graded.students.clear();
        graded.earlier.iter_mut().for_each(|one| *one = self.over(one));
        graded.flags.iter_mut().for_each(|one| *one = self.over(one));
        graded.adjustments.iter_mut().for_each(|one| one.reason = self.over(&one.reason));
        graded.changes.iter_mut().for_each(|one| one.path = self.over(&one.path));
        for copy in &mut graded.copies {
            path(&mut copy.path);
            copy.run_by.iter_mut().for_each(path);
        }
        for problem in &mut graded.problems {
            path(&mut problem.path);
            problem.message = self.over(&problem.message);
        }
        for reason in graded.marks.iter_mut().flat_map(|mark| &mut mark.reasons) {
            reason.text = self.over(&reason.text);
            for Place { path: at, text, .. } in &mut reason.places {
                path(at);
                *text = self.over(text);
            }
        }
        for code in &mut graded.code {
            path(&mut code.path);
            code.text = self.over(&code.text);
        }
        for value in graded.findings.iter_mut().chain(&mut graded.limits) {
            paths_of(value, prefix, name);
            self.over_value(value);
            value["submission"] = Value::from(name);
        }
    }
}

fn paths_of(value: &mut Value, prefix: &str, name: &str) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields.iter_mut() {
                match field {
                    Value::String(path) if key == "path" => {
                        *path = format!("{name}/{}", path.strip_prefix(prefix).unwrap_or(path));
                    }
                    other => paths_of(other, prefix, name),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| paths_of(item, prefix, name)),
        _ => {}
    }
}

/// Replaces a word that stands alone, in any case, by marks.
fn without(text: &str, word: &str) -> String {
    // Lower case may have other lengths: then offsets would not fit.
    let lower = text.to_lowercase();
    if lower.len() != text.len() || !lower.contains(word) {
        return text.to_owned();
    }
    let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (at, _) in lower.match_indices(word) {
        let end = at + word.len();
        let alone = !is_part(lower[..at].chars().next_back()) && !is_part(lower[end..].chars().next());
        if at < from || !alone || !text.is_char_boundary(at) || !text.is_char_boundary(end) {
            continue;
        }
        out.push_str(&text[from..at]);
        out.push_str("███");
        from = end;
    }
    out.push_str(&text[from..]);
    out
}

/// Numbers that have nothing to do with names: from what was handed in.
pub(super) fn digest(found: &Found, files: impl Iterator<Item = (String, u64)>) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut add = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    for (path, content) in files {
        add(path.as_bytes());
        add(&content.to_le_bytes());
    }
    // Equal submissions are told apart by a hash of who they are from.
    add(found.key.as_bytes());
    // Neighbouring names must not stay neighbours.
    hash ^= hash >> 33;
    hash.wrapping_mul(0xff51_afd7_ed55_8ccd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_stand_alone_are_hidden() {
        assert_eq!(without("Ada's file by ada_lane, adamant", "ada"), "███'s file by ███_lane, adamant");
        assert_eq!(without("İx ada", "ada"), "İx ada");
    }
}
