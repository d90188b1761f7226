//! Every project under `fixtures/` gives exactly the findings that its `expect:` comments name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{root, run};

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
    let is_project =
        |path: &Path| fs::read_dir(path).expect("a folder").filter_map(Result::ok).any(|e| e.path().is_file());
    // Pages are not checked but scraped, see `pages.rs`.
    let groups = folders(&root().join("fixtures")).into_iter().filter(|group| !group.ends_with("pages"));
    groups.flat_map(|group| if is_project(&group) { vec![group] } else { folders(&group) }).collect()
}

fn expected(project: &Path) -> BTreeSet<Place> {
    let mut places = BTreeSet::new();
    let all = walkdir::WalkDir::new(project).sort_by_file_name().into_iter().filter_map(Result::ok);
    for file in all.map(walkdir::DirEntry::into_path).filter(|path| path.is_file()) {
        let text = String::from_utf8_lossy(&fs::read(&file).expect("a file")).into_owned();
        let path = file.strip_prefix(project).expect("inside").to_string_lossy().replace('\\', "/");
        for (line, text) in text.lines().enumerate() {
            let marks = [" expect: "].iter().find_map(|mark| text.split_once(mark));
            // JSON has no comments: there a mark ends with the text that it stands in.
            let marks = marks.map(|(before, rules)| (before, rules.split('"').next().unwrap_or_default()));
            for rule in marks.map_or("", |(_, rules)| rules).split(',').map(str::trim).filter(|rule| !rule.is_empty()) {
                places.insert((path.clone(), line as u64 + 1, rule.to_owned()));
            }
        }
    }
    places
}

/// What one run over all projects finds, by project.
fn found(projects: &[PathBuf]) -> BTreeMap<PathBuf, BTreeSet<Place>> {
    let mut arguments = vec!["check", "--output-format", "json", "--pedantic", "--fail-on", "never"];
    let names: Vec<String> = projects.iter().map(|project| project.display().to_string()).collect();
    arguments.extend(names.iter().map(String::as_str));
    let output = run(root(), &arguments);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let mut places: BTreeMap<PathBuf, BTreeSet<Place>> = BTreeMap::new();
    for finding in report["findings"].as_array().expect("a list").iter().filter(|f| f["allowed"].is_null()) {
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        let path = root().join(text("path"));
        let project = projects.iter().find(|project| path.starts_with(project)).expect("a project");
        let inside = path.strip_prefix(project).expect("inside").to_string_lossy().replace('\\', "/");
        let line = finding["start"]["line"].as_u64().unwrap_or(0);
        places.entry(project.clone()).or_default().insert((inside, line, text("rule")));
    }
    places
}

/// What one project misses and what it has too much.
fn compare(project: &Path, found: &BTreeSet<Place>) -> String {
    let expected = expected(project);
    let name = project.strip_prefix(root()).expect("inside").display().to_string();
    let line = |sign: &str, (path, line, rule): &Place| format!("  {sign} {path}:{line} {rule}\n");
    let missed: String = expected.difference(found).map(|place| line("missed", place)).collect();
    let wrong: String = found.difference(&expected).map(|place| line("wrong ", place)).collect();
    if missed.is_empty() && wrong.is_empty() { String::new() } else { format!("{name}\n{missed}{wrong}") }
}

#[test]
fn every_project_gives_exactly_what_its_comments_name() {
    let projects = projects();
    assert!(!projects.is_empty());
    let (found, none) = (found(&projects), BTreeSet::new());
    let differences: Vec<String> = projects
        .iter()
        .map(|project| compare(project, found.get(project).unwrap_or(&none)))
        .filter(|difference| !difference.is_empty())
        .collect();
    // A gap that is closed must leave the list, and no new one may come.
    let known = fs::read_to_string(root().join("fixtures/known-gaps.txt")).expect("the list of known gaps");
    assert_eq!(known, differences.concat(), "fixtures/known-gaps.txt is not what differs");
}
