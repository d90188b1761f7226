//! `overexposed grade`: marks, formats, what platforms export, what nobody should hand in.

mod deployed;
mod hostile;
mod intake;
mod reports;

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::submissions::Table;
use crate::support::{complaint, run};

/// A folder with the variants of these names, each as a submission of its own.
fn submissions(names: &[(&str, &str)]) -> tempfile::TempDir {
    let table = Table::read();
    let folder = tempfile::tempdir().expect("a folder");
    for (submission, wanted) in names {
        let variant = table.variant.iter().find(|variant| variant.name == *wanted).expect("a variant of this name");
        table.write(variant, &folder.path().join("all").join(submission));
    }
    folder
}

/// The JSON of a run.
fn grade(folder: &Path, more: &[&str]) -> Value {
    let mut arguments = vec!["grade", "all", "--output-format", "json", "--fail-on", "never"];
    arguments.extend_from_slice(more);
    let output = run(folder, &arguments);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", complaint(&output)))
}

/// A submission of the JSON.
fn of<'v>(value: &'v Value, submission: &str) -> &'v Value {
    let all = value["submissions"].as_array().expect("a list");
    all.iter().find(|one| one["submission"] == submission).unwrap_or_else(|| panic!("no {submission}"))
}

/// Points for a criterion.
fn points(value: &Value, submission: &str, id: &str) -> f64 {
    let marks = of(value, submission)["marks"].as_array().expect("a list");
    marks.iter().find(|mark| mark["id"] == id).and_then(|mark| mark["points"].as_f64()).expect("a mark")
}

#[test]
fn marks_follow_the_rubric() {
    let folder = submissions(&[
        ("ada", "solved"),
        ("bo", "as it was handed out"),
        ("cy", "five of six"),
        ("di", "definition commented out, increment left"),
        ("ed", "the key right, the name another"),
        ("fay", "a variable of its own, not on the page"),
        ("gus", "in a finally, so that success counts too"),
        ("hal", "a helper that counts and answers"),
    ]);
    fs::write(folder.path().join("all/ada/Prometheus.txt"), "x".repeat(200)).expect("a file");
    let value = grade(folder.path(), &[]);
    let expected = [
        // removed, named, on page, counted, write-up
        ("ada", [5.0, 1.0, 1.0, 3.0, 10.0]),
        ("bo", [0.0, 0.0, 0.0, 0.0, 0.0]),
        ("cy", [5.0, 1.0, 1.0, 2.5, 0.0]),
        ("di", [3.0, 1.0, 1.0, 3.0, 0.0]),
        ("ed", [5.0, 0.5, 1.0, 3.0, 0.0]),
        ("fay", [5.0, 1.0, 0.0, 3.0, 0.0]),
        ("gus", [5.0, 1.0, 1.0, 2.5, 0.0]),
        ("hal", [5.0, 1.0, 1.0, 3.0, 0.0]),
    ];
    for (submission, wanted) in expected {
        let ids = ["monitoring-removed", "counter-named", "counter-on-page", "counted", "write-up"];
        assert_eq!(ids.map(|id| points(&value, submission, id)), wanted, "{submission}");
    }
    // Every mark is explained by lines of the student's code.
    let reasons = of(&value, "cy")["marks"][4]["reasons"].as_array().expect("a list");
    let missed = reasons.iter().find(|reason| reason["good"] == false).expect("a reason");
    assert_eq!(missed["places"][0]["text"], "return HttpResponse(\"ERROR 404\")");
    assert_eq!(missed["places"][0]["path"], "all/cy/shop/views.py");
    assert_eq!(of(&value, "ada")["marks"][8]["review"], "the write-up is there; read it");
}

#[test]
fn the_base_tells_what_was_changed() {
    let folder = submissions(&[("ada", "solved"), ("bo", "as it was handed out")]);
    let fixture = crate::support::root().join("fixtures/giftcard").display().to_string();
    // A folder more above the project is no change.
    fs::create_dir(folder.path().join("all/cy")).expect("a folder");
    fs::rename(folder.path().join("all/bo"), folder.path().join("all/cy/bo")).expect("a move");
    let value = grade(folder.path(), &["--base", &fixture]);
    assert_eq!(of(&value, "ada")["unchanged"], false);
    assert_eq!(of(&value, "ada")["changes"][0]["path"], "shop/views.py");
    assert_eq!(of(&value, "ada")["changes"].as_array().map(Vec::len), Some(1));
    let cy = of(&value, "cy");
    assert_eq!(cy["unchanged"], true, "{}", cy["changes"]);
    assert!(cy["flags"].to_string().contains("unchanged"), "{}", cy["flags"]);
}

#[test]
fn the_copy_that_is_imported_is_graded() {
    let folder = submissions(&[("ada", "solved"), ("bo", "as it was handed out")]);
    let part = folder.path().join("all/ada/part2");
    fs::create_dir(&part).expect("a folder");
    fs::copy(folder.path().join("all/bo/shop/views.py"), part.join("views.py")).expect("a copy");
    let value = grade(folder.path(), &[]);
    let copies = of(&value, "ada")["copies"].as_array().expect("a list");
    let graded: Vec<(&str, bool)> =
        copies.iter().map(|copy| (copy["path"].as_str().unwrap_or(""), copy["graded"] == true)).collect();
    assert_eq!(graded, [("all/ada/shop/views.py", true), ("all/ada/part2/views.py", false)]);
    assert_eq!(copies[0]["run_by"], "all/ada/shop/urls.py");
    assert_eq!(points(&value, "ada", "monitoring-removed"), 5.0);
}

#[test]
fn adjustments_and_regrades() {
    let folder = submissions(&[("ada", "solved"), ("bo", "five of six")]);
    let old = grade(folder.path(), &[]);
    fs::write(folder.path().join("old.json"), old.to_string()).expect("a file");
    fs::write(folder.path().join("a.csv"), "submission,points,reason\nada,-1.5,no tag\nnobody,1,\n").expect("a file");
    let value = grade(folder.path(), &["--adjustments", "a.csv", "--regrade", "old.json"]);
    assert_eq!(of(&value, "ada")["points"], 8.5);
    assert_eq!(of(&value, "ada")["adjustments"][0]["reason"], "no tag");
    assert_eq!(value["notes"][0], "a.csv:3: no submission is `nobody`");
    assert_eq!(value["changed"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&value["changed"][0]["before"], &value["changed"][0]["after"]),
        (&Value::from(10.0), &Value::from(8.5))
    );
}

#[test]
fn a_rubric_of_ones_own_and_its_mistakes() {
    let folder = submissions(&[("ada", "five of six")]);
    let rubric = "name = 'mine'\ncounters = ['database_error_return_404']\n[[criterion]]\nid = 'c'\ntitle = 'C'\npoints = 12\nkind = 'counted-share'\n";
    fs::write(folder.path().join("mine.toml"), rubric).expect("a file");
    assert_eq!(points(&grade(folder.path(), &["--rubric", "mine.toml"]), "ada", "c"), 10.0);
    fs::write(folder.path().join("mine.toml"), rubric.replace("counted-share", "counted-shar")).expect("a file");
    let output = run(folder.path(), &["grade", "all", "--rubric", "mine.toml"]);
    assert_eq!(output.status.code(), Some(2));
    let said = complaint(&output);
    assert!(said.contains("mine.toml:7:") && said.contains("did you mean `counted-share`?"), "{said}");
    assert!(complaint(&run(folder.path(), &["grade", "all", "--rubric", "nope"])).contains("giftcard"));
    assert_eq!(run(folder.path(), &["grade", "none"]).status.code(), Some(2));
    assert_eq!(run(folder.path(), &["grade", "all"]).status.code(), Some(1));
}
