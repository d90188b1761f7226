//! Reads `submission_metadata.yml` of a Gradescope export: which folder is whose.
//!
//! The file is written by Gradescope in one fixed layout; only the lines that matter are read, whatever else is in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::grade::marks::Student;

/// Larger files are not what Gradescope writes.
const MAX_BYTES: u64 = 64 << 20;

/// Students by folder.
pub(super) fn read(folder: &Path) -> BTreeMap<String, Vec<Student>> {
    let path = folder.join("submission_metadata.yml");
    let fits = fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_file() && meta.len() <= MAX_BYTES);
    if !fits {
        return BTreeMap::new();
    }
    fs::read(&path).map(|bytes| parse(&String::from_utf8_lossy(&bytes))).unwrap_or_default()
}

fn parse(text: &str) -> BTreeMap<String, Vec<Student>> {
    let mut all: BTreeMap<String, Vec<Student>> = BTreeMap::new();
    let mut folder = String::new();
    let mut inside = false;
    for line in text.lines() {
        let trimmed = line.trim_start();
        let depth = line.len() - trimmed.len();
        let (item, trimmed) = trimmed.strip_prefix("- ").map_or((false, trimmed), |rest| (true, rest.trim_start()));
        let Some((key, value)) = trimmed.split_once(':').filter(|(key, _)| !key.is_empty()).or_else(|| {
            // Keys are symbols: `:name: Ada`.
            trimmed.strip_prefix(':').and_then(|rest| rest.split_once(':'))
        }) else {
            continue;
        };
        if depth == 0 && !item {
            folder = unquoted(key);
            inside = false;
        } else if key == "submitters" {
            inside = true;
        } else if depth <= 2 && !item {
            inside = false;
        } else if inside && !folder.is_empty() {
            let students = all.entry(folder.clone()).or_default();
            if item || students.is_empty() {
                students.push(Student::default());
            }
            if let Some(student) = students.last_mut() {
                match key {
                    "name" => student.name = unquoted(value),
                    "sid" => student.id = unquoted(value),
                    "email" => student.email = unquoted(value),
                    _ => {}
                }
            }
        }
    }
    all
}

fn unquoted(value: &str) -> String {
    let value = value.trim();
    let inner = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    let value = inner.unwrap_or(value);
    if value == "null" || value == "~" { String::new() } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn submitters_are_found() {
        let text = "---\nsubmission_11:\n  :submitters:\n  - :name: Ada Lane\n    :sid: '0042'\n    :email: al@uni.example\n  - :name: \"Bo\"\n    :sid:\n  :created_at: 2026-01-01 10:00:00\n  :history:\n  - :name: nobody\nsubmission_12:\n  :submitters:\n  - :name: Cy\n";
        let all = parse(text);
        let one = &all["submission_11"];
        assert_eq!(one.len(), 2, "{all:?}");
        assert_eq!(
            (one[0].name.as_str(), one[0].id.as_str(), one[0].email.as_str()),
            ("Ada Lane", "0042", "al@uni.example")
        );
        assert_eq!((one[1].name.as_str(), one[1].id.as_str()), ("Bo", ""));
        assert_eq!(all["submission_12"][0].name, "Cy");
    }
}
