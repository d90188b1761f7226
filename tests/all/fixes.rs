//! Fixes from outside: the leak is gone, nothing else is new, and a second run has nothing to do.

mod relabelled;
mod texts;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::support::{check, complaint, files, root, run};

fn copy(from: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for path in files(from, &["py", "rs", "toml", "html"]) {
        let to = folder.path().join(path.strip_prefix(from).expect("below the folder"));
        std::fs::create_dir_all(to.parent().expect("a file has a folder")).expect("a folder");
        std::fs::copy(&path, &to).expect("a copy");
    }
    folder
}

/// How many findings each rule has.
fn counts(report: &Value) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for finding in report["findings"].as_array().expect("findings") {
        *counts.entry(finding["rule"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
    }
    counts
}

fn safe(report: &Value) -> usize {
    let findings = report["findings"].as_array().expect("findings");
    findings.iter().filter(|finding| finding["fix"]["applicability"] == "safe").count()
}

#[test]
fn what_is_mended_stays_mended_and_brings_nothing() {
    for project in [
        "giftcard",
        "giftcard-variants/nothing-changed",
        "exposures/python-cross-file",
        "exposures/python-dict-entries",
        "exposures/python-context-manager",
        "exposures/rust-middleware",
        "ledger/axum-service",
        "ledger/actix-service",
    ] {
        let folder = copy(&root().join("fixtures").join(project));
        let before = check(folder.path());
        let first = run(folder.path(), &["check", ".", "--fix"]);
        assert!(matches!(first.status.code(), Some(0 | 1)), "{project}: {}", complaint(&first));
        let after = check(folder.path());
        assert_eq!(safe(&after), 0, "{project}: a safe fix is left");
        let (old, new) = (counts(&before), counts(&after));
        for (rule, count) in &new {
            let known = old.get(rule).copied().unwrap_or(0);
            assert!(*count <= known || rule == "unrecorded-metric", "{project}: {rule} is new");
        }
        if safe(&before) > 0 {
            assert_ne!(old, new, "{project}: nothing was mended");
        }
        let texts =
            || files(folder.path(), &["py", "rs"]).iter().map(std::fs::read).map(Result::ok).collect::<Vec<_>>();
        let mended = texts();
        run(folder.path(), &["check", ".", "--fix"]);
        assert_eq!(mended, texts(), "{project}: the second run changed something");
    }
}

#[test]
fn the_missing_counter_is_added_where_the_others_are() {
    let folder = copy(&root().join("fixtures/giftcard"));
    run(folder.path(), &["check", ".", "--fix", "--add-404-counter"]);
    let left = counts(&check(folder.path()));
    assert!(left.keys().all(|rule| rule == "soft-404"), "{left:?}");
    let views = std::fs::read_to_string(folder.path().join("shop/views.py")).expect("the views");
    let made = "graphs[\"database_error_return_404\"] = Counter(\"database_error_return_404\", ";
    assert_eq!(views.matches(made).count(), 1);
}
