//! Every project under `fixtures/` gives exactly the findings that its `expect:` comments name.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;

use crate::support::{check, files, root};

/// Path, line, rule.
type Place = (String, u64, String);

/// The projects: a folder of `fixtures/` that holds files, else the folders in it.
fn projects() -> Vec<PathBuf> {
    let folders = |path: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(path).expect("a folder").filter_map(Result::ok);
        let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
        found.sort();
        found
    };
    let is_project = |path: &Path| fs::read_dir(path).expect("a folder").filter_map(Result::ok).any(|e| e.path().is_file());
    let groups = folders(&root().join("fixtures"));
    groups.iter().flat_map(|group| if is_project(group) { vec![group.clone()] } else { folders(group) }).collect()
}

fn expected(project: &Path) -> BTreeSet<Place> {
    let mut places = BTreeSet::new();
    for file in files(project, &["py", "rs"]) {
        let text = String::from_utf8_lossy(&fs::read(&file).expect("a file")).into_owned();
        let path = file.strip_prefix(project).expect("inside").to_string_lossy().replace('\\', "/");
        for (line, text) in text.lines().enumerate() {
            let marks = ["# expect: ", "// expect: "].iter().find_map(|mark| text.split_once(mark));
            for rule in marks.map_or("", |(_, rules)| rules).split(',').map(str::trim).filter(|rule| !rule.is_empty()) {
                places.insert((path.clone(), line as u64 + 1, rule.to_owned()));
            }
        }
    }
    places
}

fn found(project: &Path) -> BTreeSet<Place> {
    let report = check(project);
    let place = |finding: &serde_json::Value| {
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        (text("path"), finding["start"]["line"].as_u64().unwrap_or(0), text("rule"))
    };
    report["findings"].as_array().expect("a list").iter().filter(|f| f["allowed"].is_null()).map(place).collect()
}

/// What one project misses and what it has too much.
fn compare(project: &Path) -> String {
    let (expected, found) = (expected(project), found(project));
    let name = project.strip_prefix(root()).expect("inside").display().to_string();
    let line = |sign: &str, (path, line, rule): &Place| format!("  {sign} {path}:{line} {rule}\n");
    let missed: String = expected.difference(&found).map(|place| line("missed", place)).collect();
    let wrong: String = found.difference(&expected).map(|place| line("wrong ", place)).collect();
    if missed.is_empty() && wrong.is_empty() { String::new() } else { format!("{name}\n{missed}{wrong}") }
}

#[test]
fn every_project_gives_exactly_what_its_comments_name() {
    let projects = projects();
    assert!(!projects.is_empty());
    let next = AtomicUsize::new(0);
    let differences = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(project) = projects.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let difference = compare(project);
                    if !difference.is_empty() {
                        differences.lock().expect("no panic").push(difference);
                    }
                }
            });
        }
    });
    let mut differences = differences.into_inner().expect("no panic");
    differences.sort();
    let (count, of) = (differences.len(), projects.len());
    assert!(differences.is_empty(), "{count} of {of} projects differ:\n{}", differences.concat());
}
