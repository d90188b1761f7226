//! What students do to the gift card site: one project and many edits, each with what must be found.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::support::{files, root, run};

/// A text and what stands for it.
type Edit = (String, String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    solve: Edits,
    pub(crate) variant: Vec<Variant>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edits {
    edits: Vec<Edit>,
    all: Vec<Edit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Variant {
    pub(crate) name: String,
    from: String,
    /// Wherever they are, before the others.
    #[serde(default, rename = "all-first")]
    all_first: Vec<Edit>,
    /// Each exactly once.
    #[serde(default)]
    edits: Vec<Edit>,
    /// Wherever they are.
    #[serde(default)]
    all: Vec<Edit>,
    #[serde(default)]
    files: Vec<(String, String)>,
    #[serde(default)]
    expect: Vec<String>,
    counted: Option<String>,
}

impl Table {
    pub(crate) fn read() -> Self {
        let text = fs::read_to_string(root().join("tests/submissions/variants.toml")).expect("the table");
        toml::from_str(&text).expect("a table of variants")
    }

    /// The text of `views.py` in a variant.
    pub(crate) fn text(&self, variant: &Variant) -> String {
        let handed = fs::read_to_string(root().join("fixtures/giftcard/shop/views.py")).expect("the fixture");
        let text = match variant.from.as_str() {
            "handed" => handed,
            "solved" => everywhere(once(handed, &self.solve.edits, "solve"), &self.solve.all, "solve"),
            other => panic!("{}: from {other}", variant.name),
        };
        let text = everywhere(text, &variant.all_first, &variant.name);
        everywhere(once(text, &variant.edits, &variant.name), &variant.all, &variant.name)
    }

    /// Writes the project of a variant into a folder.
    pub(crate) fn write(&self, variant: &Variant, folder: &Path) {
        let fixture = root().join("fixtures/giftcard");
        for file in files(&fixture, &["py", "html", "txt"]) {
            let target = folder.join(file.strip_prefix(&fixture).expect("inside"));
            fs::create_dir_all(target.parent().expect("a folder")).expect("a folder");
            fs::copy(&file, target).expect("a copy");
        }
        fs::write(folder.join("shop/views.py"), self.text(variant)).expect("a file");
        for (path, text) in &variant.files {
            fs::write(folder.join(path), text).expect("a file");
        }
    }
}

fn once(mut text: String, edits: &[Edit], name: &str) -> String {
    for (old, new) in edits {
        assert_eq!(text.matches(old.as_str()).count(), 1, "{name}: {old}");
        text = text.replace(old.as_str(), new);
    }
    text
}

fn everywhere(mut text: String, edits: &[Edit], name: &str) -> String {
    for (old, new) in edits {
        assert!(text.contains(old.as_str()), "{name}: {old}");
        text = text.replace(old.as_str(), new);
    }
    text
}

/// Rule and line.
type Place = (String, u64);

fn expected(variant: &Variant, text: &str) -> BTreeSet<Place> {
    let place = |expected: &String| -> Place {
        let (rule, wanted) = expected.split_once(" @ ").expect("rule @ text");
        let (wanted, nth) =
            wanted.rsplit_once(" #").map_or((wanted, 1), |(wanted, nth)| (wanted, nth.parse().expect("a number")));
        let mut lines = text.lines().enumerate().filter(|(_, line)| line.contains(wanted));
        let line = lines.nth(nth - 1).unwrap_or_else(|| panic!("{}: no line has {wanted}", variant.name)).0;
        (rule.to_owned(), line as u64 + 1)
    };
    variant.expect.iter().map(place).collect()
}

fn counts(text: &str) -> Vec<String> {
    let each = |part: &str| match part.split_once('*') {
        Some((times, word)) => vec![word.to_owned(); times.parse().expect("a number")],
        None => vec![part.to_owned()],
    };
    text.split_whitespace().flat_map(each).collect()
}

/// What is wrong with one variant; empty if nothing.
fn differences(variant: &Variant, text: &str, found: &BTreeSet<Place>, counted: &[String]) -> String {
    let expected = expected(variant, text);
    let line = |sign: &str, (rule, line): &Place| {
        format!("  {sign} {rule} in {line}: {}\n", text.lines().nth(*line as usize - 1).unwrap_or_default().trim())
    };
    let mut out: String = expected.difference(found).map(|place| line("missed", place)).collect();
    out.extend(found.difference(&expected).map(|place| line("wrong ", place)));
    if let Some(wanted) = variant.counted.as_deref().map(counts)
        && wanted != counted
    {
        out.push_str(&format!("  counted {counted:?}, not {wanted:?}\n"));
    }
    if out.is_empty() { out } else { format!("{}\n{out}", variant.name) }
}

#[test]
fn each_submission_gives_exactly_what_it_should() {
    let table = Table::read();
    let folder = tempfile::tempdir().expect("a folder");
    let names: Vec<String> = (0..table.variant.len()).map(|at| format!("v{at:02}")).collect();
    for (variant, name) in table.variant.iter().zip(&names) {
        table.write(variant, &folder.path().join(name));
    }
    let run_all = |command: &str, more: &[&str]| -> Value {
        let mut arguments = vec![command, "--output-format", "json"];
        arguments.extend_from_slice(more);
        arguments.extend(names.iter().map(String::as_str));
        serde_json::from_slice(&run(folder.path(), &arguments).stdout).expect("JSON")
    };
    let (check, inventory) = (run_all("check", &["--fail-on", "never"]), run_all("inventory", &[]));
    let mut all = String::new();
    for (variant, name) in table.variant.iter().zip(&names) {
        let inside = |value: &&Value| PathBuf::from(value["path"].as_str().unwrap_or_default()).starts_with(name);
        let findings = check["findings"].as_array().expect("a list").iter().filter(inside);
        let place = |value: &Value| {
            (value["rule"].as_str().unwrap_or_default().to_owned(), value["start"]["line"].as_u64().unwrap_or(0))
        };
        let paths = inventory["not_found_paths"].as_array().expect("a list").iter().filter(inside);
        let counted: Vec<String> = paths
            .filter(|path| path["kind"] != "framework")
            .map(|path| path["counted"].as_str().unwrap_or_default().to_owned())
            .collect();
        all.push_str(&differences(variant, &table.text(variant), &findings.map(place).collect(), &counted));
    }
    assert!(all.is_empty(), "\n{all}");
}
