//! What staff and students get.

use std::fs;

use serde_json::Value;

use super::{grade, of, submissions};
use crate::support::{files, run, text};

fn graded(format: &str, more: &[&str]) -> (tempfile::TempDir, String) {
    let folder = submissions(&[("ada", "solved"), ("=2+5", "as it was handed out"), ("<b>x", "five of six")]);
    let mut arguments = vec!["grade", "all", "--output-format", format, "--fail-on", "never"];
    arguments.extend_from_slice(more);
    let output = text(&run(folder.path(), &arguments));
    (folder, output)
}

#[test]
fn the_json_is_that_of_check() {
    let folder = submissions(&[("ada", "solved"), ("bo", "as it was handed out")]);
    let value = grade(folder.path(), &[]);
    for key in ["schema", "tool", "findings", "errors", "summary", "rubric", "submissions"] {
        assert!(!value[key].is_null(), "{key}");
    }
    assert_eq!(value["schema"], "overexposed/1");
    let findings = value["findings"].as_array().expect("a list");
    let paths: Vec<&str> = findings.iter().map(|finding| finding["path"].as_str().unwrap_or_default()).collect();
    assert!(paths.is_sorted(), "{paths:?}");
    let leak = findings.iter().find(|finding| finding["rule"] == "sensitive-metric-name").expect("the leak");
    assert_eq!((&leak["submission"], &leak["path"]), (&Value::from("bo"), &Value::from("all/bo/shop/views.py")));
    let same = grade(folder.path(), &["--threads", "1"]);
    assert_eq!(value, same);
    assert_eq!(of(&value, "bo")["points"], 0.0);
}

#[test]
fn no_cell_is_a_formula() {
    let (_folder, csv) = graded("csv", &[]);
    assert!(csv.starts_with("submission,name,id,email,points,out_of,"), "{csv}");
    assert_eq!(csv.lines().count(), 4);
    for cell in csv.lines().flat_map(|line| line.split(',')) {
        assert!(!cell.trim_matches('"').starts_with(['=', '+', '-', '@']), "{cell}");
    }
}

#[test]
fn students_get_a_file_each() {
    let (folder, _) = graded("markdown", &["--output", "out"]);
    let written = files(&folder.path().join("out"), &["md"]);
    assert_eq!(written.len(), 3);
    let ada = fs::read_to_string(folder.path().join("out/ada.md")).expect("a file");
    assert!(ada.starts_with("# ada: 10 of 30\n"), "{ada}");
    assert!(ada.contains("all/ada/shop/views.py:"), "{ada}");
    let (folder, _) = graded("gradescope", &["--output", "out"]);
    let ada = fs::read_to_string(folder.path().join("out/ada/results.json")).expect("a file");
    let ada: Value = serde_json::from_str(&ada).expect("JSON");
    assert_eq!(ada["score"], 10.0);
    let sum: f64 = ada["tests"].as_array().expect("a list").iter().filter_map(|test| test["max_score"].as_f64()).sum();
    assert_eq!(sum, 30.0);
}

#[test]
fn one_submission_gives_the_results_of_gradescope() {
    let folder = submissions(&[("ada", "solved")]);
    let output = text(&run(folder.path(), &["grade", "all", "--output-format", "gradescope", "--fail-on", "never"]));
    assert_eq!(serde_json::from_str::<Value>(&output).expect("JSON")["score"], 10.0);
}

#[test]
fn the_page_stands_alone_and_runs_nothing_of_students() {
    let (_folder, page) = graded("html", &[]);
    assert!(page.starts_with("<!doctype html>"));
    assert!(!page.contains("<b>x") && page.contains("&lt;b&gt;x"));
    for part in ["src=\"http", "href=\"http", "@import", "url(http"] {
        assert!(!page.contains(part), "{part}");
    }
    assert_eq!(page.matches("type=\"application/json\"").count(), 3);
}

#[test]
fn nobody_can_be_told_in_anonymous_reports() {
    for format in ["json", "csv", "markdown", "gradescope", "html", "full"] {
        let folder = submissions(&[("lane_4471102", "solved"), ("brook_5589203", "as it was handed out")]);
        let notes = folder.path().join("all/lane_4471102/prometheus-Lane.txt");
        fs::write(notes, "by Lane, 4471102\n".repeat(20)).expect("a file");
        let views = folder.path().join("all/brook_5589203/shop/views.py");
        let code = fs::read_to_string(&views).expect("a file");
        fs::write(&views, format!("{code}\n# written by BROOK (5589203)\n")).expect("a file");
        let output =
            run(folder.path(), &["grade", "all", "--anonymous", "--output-format", format, "--fail-on", "never"]);
        let shown = text(&output).to_lowercase();
        assert!(shown.contains("submission-1") && shown.contains("submission-2"), "{format}");
        for secret in ["lane", "4471102", "brook", "5589203"] {
            assert!(!shown.contains(secret), "{format}: {secret}");
        }
    }
}
