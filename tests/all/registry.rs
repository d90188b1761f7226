//! The list of rules is complete, and every rule is documented and shown by a fixture.

use std::collections::BTreeSet;
use std::fs;

use overexposed::rules;

use crate::support::{files, root};

#[test]
fn every_file_of_a_rule_is_in_the_list() {
    let listed: BTreeSet<String> = rules::names().iter().map(|name| name.replace('-', "_")).collect();
    let declares = |path: &std::path::PathBuf| fs::read_to_string(path).expect("a source file").contains("\nrule! {");
    let written = files(&root().join("src/rules"), &["rs"]).into_iter().filter(declares);
    let written: BTreeSet<String> =
        written.map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned()).collect();
    assert_eq!(listed, written);
    assert!(rules::names().is_sorted());
}

#[test]
fn every_rule_says_what_it_must() {
    for rule in rules::ALL {
        assert!(rule.summary.len() < 72 && !rule.summary.ends_with('.'), "{}: summary", rule.name);
        for section in ["What", "Why", "Bad", "Good", "Limits", "Fix safety"] {
            let body = rule.docs.split(&format!("## {section}\n")).nth(1);
            let body = body.map_or("", |body| body.split("\n ## ").next().unwrap_or_default());
            assert!(!body.trim().is_empty(), "{}: section `{section}`", rule.name);
        }
    }
}

#[test]
fn every_rule_has_a_fixture() {
    let marks: String = files(
        &root().join("fixtures"),
        &["py", "rs", "prom", "yaml", "yml", "conf", "json", "sh", "md", "txt", "nginx"],
    )
    .iter()
    .map(|path| String::from_utf8_lossy(&fs::read(path).expect("a file")).into_owned())
    .flat_map(|text| text.lines().filter(|line| line.contains("expect: ")).map(str::to_owned).collect::<Vec<_>>())
    .collect::<Vec<_>>()
    .join("\n");
    let without: Vec<&str> = rules::names().into_iter().filter(|name| !marks.contains(name)).collect();
    assert!(without.is_empty(), "rules without a fixture: {without:?}");
}
