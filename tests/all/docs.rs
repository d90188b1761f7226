//! The documentation says what the program does: generated pages are fresh, and every command line in it works.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use overexposed::{report, rules};

use crate::reviewer::git;
use crate::support::{files, project, root, run, text};

/// Writes what the tests would only compare: `UPDATE_DOCS=1 cargo test --test all docs`.
fn is_update() -> bool {
    std::env::var_os("UPDATE_DOCS").is_some()
}

fn holds(path: &str, wanted: &str) -> bool {
    let path = root().join("docs").join(path);
    if is_update() {
        fs::write(&path, wanted).expect("a file");
    }
    fs::read_to_string(path).is_ok_and(|found| found == wanted)
}

#[test]
fn pages_of_rules_are_fresh() {
    let stale: Vec<&str> = rules::ALL
        .iter()
        .filter(|rule| !holds(&format!("rules/{}.md", rule.name), &report::rule_page(rule)))
        .map(|rule| rule.name)
        .collect();
    assert!(stale.is_empty(), "stale pages, run the tests with UPDATE_DOCS=1: {stale:?}");
    let known: BTreeSet<String> = rules::names().into_iter().map(str::to_owned).collect();
    for page in files(&root().join("docs/rules"), &["md"]) {
        let name = page.file_stem().expect("a name").to_string_lossy().into_owned();
        assert!(known.contains(&name), "a page of a rule that is gone: {name}");
    }
}

#[test]
fn the_summary_lists_every_page() {
    let path = root().join("docs/SUMMARY.md");
    let summary = fs::read_to_string(path).expect("the summary");
    let (head, rest) = summary.split_once("<!-- rules: written by the tests -->\n").expect("a mark");
    let (_, tail) = rest.split_once("<!-- end -->").expect("a mark");
    let list: String = rules::names().iter().map(|name| format!("- [{name}](rules/{name}.md)\n")).collect();
    let fresh = format!("{head}<!-- rules: written by the tests -->\n{list}<!-- end -->{tail}");
    assert!(holds("SUMMARY.md", &fresh), "docs/SUMMARY.md is stale, run the tests with UPDATE_DOCS=1");
    for page in files(&root().join("docs"), &["md"]) {
        let name = page.strip_prefix(root().join("docs")).expect("inside").to_string_lossy().replace('\\', "/");
        assert!(name == "SUMMARY.md" || fresh.contains(&format!("({name})")), "{name} is not in the summary");
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    for page in files(&root().join("docs"), &["md"]) {
        let text = fs::read_to_string(&page).expect("a page");
        let prose: String = text.split("```").step_by(2).collect();
        for link in prose.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap_or_default();
            let outside = target.is_empty() || target.contains("://");
            assert!(outside || page.with_file_name("").join(target).exists(), "{}: {link}", page.display());
        }
    }
}

#[test]
fn the_list_of_commands_is_fresh() {
    let help = |arguments: &[&str]| {
        let text = text(&run(root(), arguments));
        text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    };
    let mut page = String::from("# Commands\n\nWhat `--help` says.\n");
    let main = help(&["--help"]);
    let commands = main.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names: Vec<&str> = commands
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(names.contains(&"check") && names.contains(&"merge"), "{names:?}");
    page.push_str(&format!("\n```text\n{}\n```\n", main.trim_end()));
    for name in names {
        page.push_str(&format!("\n## {name}\n\n```text\n{}\n```\n", help(&[name, "--help"]).trim_end()));
    }
    assert!(holds("commands.md", &page), "docs/commands.md is stale, run the tests with UPDATE_DOCS=1");
}

/// The lines of the `sh` blocks of a page.
fn commands(page: &str) -> Vec<String> {
    let blocks = page.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("sh\n"));
    blocks.flat_map(str::lines).filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()
}

/// The files that pages speak about.
fn example() -> tempfile::TempDir {
    let shop = |name: &str| fs::read_to_string(root().join("fixtures/giftcard/shop").join(name)).expect("a fixture");
    let (views, urls) = (shop("views.py"), shop("urls.py"));
    let rules = root().join("docs/library-files.md");
    let guide = fs::read_to_string(rules).expect("a page");
    let library = guide.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let folder = project(&[
        ("shop/__init__.py", ""),
        ("shop/views.py", &views),
        ("shop/urls.py", &urls),
        ("exports/ada/shop/views.py", &views),
        ("exports/ben/shop/views.py", &views),
        ("handout/shop/views.py", &views),
        ("services/a/app.py", "x = 1\n"),
        ("services/b/app.py", "x = 1\n"),
        ("src/lib.rs", "pub fn nothing() {}\n"),
        ("audit/ourmetrics.toml", library),
        ("page.txt", "# HELP hits Hits\n# TYPE hits counter\nhits_total 1\n"),
        ("old.txt", "# HELP hits Hits\n# TYPE hits counter\nhits_total 0\n"),
    ]);
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-q", "-m", "History"]);
    folder
}

#[test]
fn every_command_line_works() {
    let binary = Path::new(env!("CARGO_BIN_EXE_overexposed"));
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", binary.parent().expect("a folder").display());
    let mut pages = files(&root().join("docs"), &["md"]);
    pages.push(root().join("README.md"));
    let mut count = 0;
    for page in pages {
        let lines = commands(&fs::read_to_string(&page).expect("a page"));
        // Other programs are other people's, building the tool is not what a page's test is for, and nobody serves a
        // page here.
        let is_ours = |line: &String| line.contains("overexposed ") && !line.starts_with("cargo ");
        let lines: Vec<String> = lines.into_iter().filter(|line| is_ours(line) && !line.contains("http://")).collect();
        if lines.is_empty() {
            continue;
        }
        let folder = example();
        for line in lines {
            let ran = Command::new("sh").args(["-c", &line]).current_dir(folder.path()).env("PATH", &path).output();
            let ran = ran.expect("a shell");
            let said = String::from_utf8_lossy(&ran.stderr);
            assert!(matches!(ran.status.code(), Some(0 | 1)), "{}: {line}\n{said}", page.display());
            count += 1;
        }
    }
    assert!(count > 30, "only {count} command lines were found");
}
