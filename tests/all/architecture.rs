//! Data goes one way: who may import whom, and how large things may grow.

use std::collections::BTreeSet;
use std::fs;

use crate::support::{files, root};

/// What each module may import, besides itself.
const MAY: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("nearest", &[]),
    ("error", &["finding"]),
    ("finding", &["source"]),
    ("program", &["source", "finding"]),
    ("python", &["source", "program"]),
    ("rust", &["source", "program"]),
    ("knowledge", &["source", "finding", "program", "nearest"]),
    ("config", &["error", "finding", "source", "nearest"]),
    ("page", &["source", "finding", "knowledge"]),
    ("deploy", &["source", "finding", "config", "nearest"]),
    ("flow", &["source", "finding", "program", "knowledge"]),
    ("rules", &["source", "finding", "program", "flow", "page", "config", "deploy", "nearest"]),
    ("suppress", &["source", "finding", "program", "config", "rules", "nearest"]),
    ("report", &["source", "finding", "rules"]),
    ("baseline", &["source", "finding", "report"]),
    (
        "grade",
        &[
            "source",
            "finding",
            "error",
            "config",
            "program",
            "knowledge",
            "flow",
            "rules",
            "deploy",
            "engine",
            "report",
            "nearest",
        ],
    ),
    (
        "engine",
        &[
            "source",
            "finding",
            "program",
            "python",
            "rust",
            "knowledge",
            "config",
            "deploy",
            "flow",
            "rules",
            "suppress",
        ],
    ),
    (
        "fix",
        &[
            "source",
            "finding",
            "program",
            "python",
            "rust",
            "knowledge",
            "config",
            "deploy",
            "flow",
            "rules",
            "suppress",
            "engine",
        ],
    ),
];

/// Modules that may see everything.
const ABOVE: &[&str] = &["cli", "server"];

#[test]
fn arrows_point_one_way() {
    let mut wrong = Vec::new();
    for file in files(&root().join("src"), &["rs"]) {
        let path = file.strip_prefix(root().join("src")).expect("inside").to_string_lossy().into_owned();
        let module = path.split(['/', '.']).next().unwrap_or_default();
        if ABOVE.contains(&module) || ["lib", "main"].contains(&module) || path.contains("tests") {
            continue;
        }
        let Some((_, may)) = MAY.iter().find(|(name, _)| *name == module) else {
            wrong.push(format!("{path}: the module `{module}` has no line in this test"));
            continue;
        };
        let text = fs::read_to_string(&file).expect("a source file");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for used in imported(code) {
            if used != module && !may.contains(&used.as_str()) {
                wrong.push(format!("{path}: `{module}` may not import `{used}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The first parts of all `crate::` paths outside comments.
fn imported(code: &str) -> BTreeSet<String> {
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut found = BTreeSet::new();
    for line in lines {
        for (at, _) in line.match_indices("crate::") {
            let rest = &line[at + "crate::".len()..];
            found.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    found.remove("");
    found
}

/// How many lines a file may have.
const LONGEST: usize = 400;

#[test]
fn files_stay_small() {
    let long: Vec<String> = files(&root().join("src"), &["rs"])
        .into_iter()
        .map(|path| (fs::read_to_string(&path).expect("a source file").lines().count(), path))
        .filter(|(lines, _)| *lines > LONGEST)
        .map(|(lines, path)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "more than {LONGEST} lines:\n{}", long.join("\n"));
}
