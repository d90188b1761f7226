//! Parts of a whole: shards, and reports joined to one.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{complaint, project, run, text};

const LEAK: &str = "from prometheus_client import Counter, generate_latest\n\nHITS = Counter('hits', 'Hits', ['x'])\n\n\n\
                    def view(request):\n    HITS.labels(x=request.POST['password']).inc()\n\n\n\
                    def metrics(request):\n    return generate_latest()\n";

fn monorepo() -> tempfile::TempDir {
    let names = ["a", "b", "c", "d", "e"];
    let files: Vec<(String, &str)> = names
        .iter()
        .flat_map(|name| [(format!("{name}/pyproject.toml"), ""), (format!("{name}/views.py"), LEAK)])
        .chain([("loose.py".to_owned(), LEAK)])
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    project(&files)
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    let output = run(folder, arguments);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", complaint(&output)))
}

#[test]
fn shards_merge_to_the_whole() {
    let folder = monorepo();
    let check = ["check", "a", "b", "c", "d", "e", "--output-format", "json"];
    let whole = json(folder.path(), &check);
    assert_eq!(whole["summary"]["findings"], 5);
    let mut files = Vec::new();
    for part in 1..=3 {
        let shard = format!("{part}/3");
        let report = json(folder.path(), &[&check[..], &["--shard", &shard]].concat());
        let file = format!("part-{part}.json");
        fs::write(folder.path().join(&file), report.to_string()).expect("a file");
        files.push(file);
    }
    let names: Vec<&str> = files.iter().map(String::as_str).collect();
    let output = run(folder.path(), &[&["merge"], names.as_slice()].concat());
    assert_eq!(output.status.code(), Some(1), "{}", complaint(&output));
    let mut merged: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        merged.as_object_mut().expect("an object").remove("merged").expect("a list").as_array().map(Vec::len),
        Some(3)
    );
    assert_eq!(merged, whole);
    // A report merged with itself says nothing new, but for what was read twice.
    let twice = json(folder.path(), &["merge", "part-1.json", "part-1.json", "--fail-on", "never"]);
    let once: Value =
        serde_json::from_str(&fs::read_to_string(folder.path().join("part-1.json")).expect("a file")).expect("JSON");
    assert_eq!(twice["findings"], once["findings"]);
}

#[test]
fn one_path_is_cut_where_projects_begin() {
    let folder = monorepo();
    let count = |shard: &str| {
        let report = json(folder.path(), &["check", ".", "--output-format", "json", "--shard", shard]);
        (
            report["summary"]["files"].as_u64().expect("a number"),
            report["summary"]["findings"].as_u64().expect("a number"),
        )
    };
    assert_eq!(count("1/1"), (6, 6));
    let parts: Vec<(u64, u64)> = (1..=4).map(|part| count(&format!("{part}/4"))).collect();
    assert_eq!(parts.iter().fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1)), (6, 6));
    assert_eq!(run(folder.path(), &["check", "--shard", "4/3"]).status.code(), Some(2));
}

#[test]
fn inventories_are_joined_with_their_endpoints() {
    let folder = monorepo();
    for name in ["a", "b"] {
        let report = text(&run(folder.path(), &["inventory", name, "--output-format", "json"]));
        fs::write(folder.path().join(format!("{name}.json")), report).expect("a file");
    }
    let merged = json(folder.path(), &["merge", "a.json", "b.json"]);
    assert_eq!(merged["endpoints"].as_array().map(Vec::len), Some(2));
    let pages: Vec<&Value> =
        merged["metrics"].as_array().expect("a list").iter().map(|metric| &metric["endpoints"]).collect();
    assert_eq!(pages, [&serde_json::json!([0]), &serde_json::json!([1])]);
}

#[test]
fn what_is_no_report_is_refused() {
    let folder =
        project(&[("a.json", "{}"), ("b.json", "[1]"), ("c.json", "{\"schema\": \"overexposed/9\"}"), ("d.json", "x")]);
    for file in ["a.json", "b.json", "c.json", "d.json", "e.json"] {
        let output = run(folder.path(), &["merge", file]);
        assert_eq!(output.status.code(), Some(2));
        assert!(complaint(&output).contains(file), "{}", complaint(&output));
    }
    assert_eq!(run(folder.path(), &["merge"]).status.code(), Some(2));
}
