//! A security reviewer turns the tool on in a repository with history, and it stays on.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{complaint, project, run, text};

/// A module with so many leaks, each in a function of its own.
fn leaky(count: usize) -> String {
    let mut text =
        String::from("from prometheus_client import Counter\n\nLOGINS = Counter('logins', 'Logins', ['user'])\n");
    for number in 0..count {
        let _ = write!(text, "\n\ndef view_{number}(request):\n    LOGINS.labels(user=request.POST['email']).inc()\n");
    }
    text
}

/// Runs git so that nothing of the machine's own configuration matters.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    let ran = Command::new("git")
        .args(["-c", "user.name=A Reviewer", "-c", "user.email=reviewer@example.org", "-c", "init.defaultBranch=main"])
        .args(["-c", "commit.gpgsign=false"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .expect("git runs");
    assert!(ran.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

fn commit(folder: &Path, message: &str) {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "-m", message]);
}

/// What `check` finds: exit code, and rule and path of each finding.
fn found(folder: &Path, options: &[&str]) -> (Option<i32>, Vec<(String, String)>) {
    let output = run(folder, &[&["check", "--output-format", "json"], options].concat());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", complaint(&output)));
    let open = report["findings"].as_array().expect("a list").iter().filter(|finding| finding["allowed"].is_null());
    let word = |finding: &Value, key: &str| finding[key].as_str().expect("a text").to_owned();
    (output.status.code(), open.map(|finding| (word(finding, "rule"), word(finding, "path"))).collect())
}

#[test]
fn the_story() {
    let (views, old) = (leaky(12), leaky(8).replace("'logins'", "'sign_ins'"));
    let folder = project(&[("shop/views.py", &views), ("shop/old.py", &old), ("shop/__init__.py", "")]);
    let here = folder.path();
    git(here, &["init", "-q"]);
    commit(here, "History");
    assert_eq!(found(here, &[]).1.len(), 20);

    // Day one: what is there is known.
    let written = run(here, &["check", "--baseline", "known.json", "--write-baseline"]);
    assert_eq!(written.status.code(), Some(0));
    assert!(complaint(&written).contains("20 findings"), "{}", complaint(&written));
    assert_eq!(found(here, &["--baseline", "known.json"]), (Some(0), Vec::new()));
    commit(here, "Know what is there");

    // Day two: one new leak, and a file with old ones moves and is formatted.
    fs::create_dir(here.join("shop/legacy")).expect("a folder");
    fs::remove_file(here.join("shop/old.py")).expect("a file");
    let formatted = old.replace(
        "LOGINS.labels(user=request.POST['email']).inc()",
        "LOGINS.labels(\n        user=request.POST[\"email\"],\n    ).inc()",
    );
    assert_ne!(formatted, old);
    fs::write(here.join("shop/legacy/old.py"), format!("\"\"\"Old.\"\"\"\n{formatted}")).expect("a file");
    let leak = "\n\ndef pay(request):\n    LOGINS.labels(user=request.POST['card_number']).inc()\n";
    fs::write(here.join("shop/views.py"), format!("# moved down\n{views}{leak}")).expect("a file");
    commit(here, "Take payments");
    let new = vec![("sensitive-label-value".to_owned(), "shop/views.py".to_owned())];
    assert_eq!(found(here, &["--baseline", "known.json"]), (Some(1), new.clone()));
    assert_eq!(
        found(here, &["--diff-base", "HEAD~1", "--level", "soft-404=off"])
            .1
            .iter()
            .filter(|one| one.1 == "shop/views.py")
            .count(),
        1
    );

    // Code scanning has exactly that one.
    let output =
        run(here, &["check", "--baseline", "known.json", "--output", "sarif=out.sarif", "--output", "concise"]);
    let sarif: Value =
        serde_json::from_str(&fs::read_to_string(here.join("out.sarif")).expect("a report")).expect("JSON");
    let results = sarif["runs"][0]["results"].as_array().expect("a list");
    assert_eq!((output.status.code(), results.len()), (Some(1), 1));
    assert_eq!(results[0]["properties"]["category"], "payment");
    assert!(text(&output).contains("20 known from the baseline"), "{}", text(&output));

    // Somebody decides that it is right, and says why.
    let reason = "  # overexposed: allow(sensitive-label-value) -- numbers of test cards only\n";
    let allowed = leak.trim_end().to_owned() + reason;
    fs::write(here.join("shop/views.py"), format!("{views}{allowed}")).expect("a file");
    assert_eq!(found(here, &["--baseline", "known.json"]), (Some(0), Vec::new()));

    // Later the leak goes, and the comment says nothing true any more.
    let gone = allowed.replace("user=request.POST['card_number']", "user='card'");
    fs::write(here.join("shop/views.py"), format!("{views}{gone}")).expect("a file");
    let unused = vec![("unused-allow".to_owned(), "shop/views.py".to_owned())];
    assert_eq!(found(here, &["--baseline", "known.json"]), (Some(1), unused));

    // A known leak goes, too: the baseline is said to be stale.
    fs::write(here.join("shop/views.py"), leaky(11)).expect("a file");
    let output = run(here, &["check", "--baseline", "known.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(text(&output).contains("shop/views.py: gone since the baseline was written"), "{}", text(&output));
}

#[test]
fn only_changed_lines_are_reported() {
    let folder = project(&[("a.py", &leaky(3)), ("sub/b.py", "x = 1\n")]);
    let here = folder.path();
    git(here, &["init", "-q"]);
    // Before the first commit everything has changed.
    assert_eq!(found(here, &["--changed-only"]).1.len(), 3);
    commit(here, "History");
    assert_eq!(found(here, &["--changed-only"]), (Some(0), Vec::new()));
    fs::write(here.join("a.py"), leaky(4)).expect("a file");
    fs::write(here.join("sub/ü b.py"), leaky(1).replace("logins", "visits")).expect("a file");
    let changed = found(here, &["--changed-only"]).1;
    assert_eq!(changed.len(), 2, "{changed:?}");
    git(here, &["add", "-A"]);
    assert_eq!(found(here, &["--changed-only"]).1.len(), 2);
    commit(here, "More");
    assert_eq!(found(here, &["--diff-base", "HEAD~1"]).1.len(), 2);
    assert_eq!(found(&here.join("sub"), &["--diff-base", "main~1", ".."]).1.len(), 2);
    let wrong = run(here, &["check", "--diff-base", "--output=x"]);
    assert_eq!(wrong.status.code(), Some(2));
    let wrong = run(here, &["check", "--diff-base", "no-such-branch"]);
    assert!(complaint(&wrong).contains("no commit `no-such-branch`"), "{}", complaint(&wrong));
}

/// A repository is as hostile as the code in it: nothing that its configuration names may run.
#[cfg(unix)]
#[test]
fn git_runs_nothing_that_the_repository_names() {
    let folder = project(&[("a.py", &leaky(1)), (".gitattributes", "*.py filter=evil diff=evil\n")]);
    let here = folder.path();
    git(here, &["init", "-q"]);
    commit(here, "History");
    let trap = here.join("trap.sh");
    fs::write(&trap, format!("#!/bin/sh\ntouch {}\ncat\n", here.join("sprung").display())).expect("a file");
    fs::set_permissions(&trap, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a mode");
    let trap = trap.display().to_string();
    let keys = [
        "core.fsmonitor",
        "diff.external",
        "diff.evil.command",
        "diff.evil.textconv",
        "filter.evil.clean",
        "filter.evil.process",
        "filter.evil.smudge",
        "core.pager",
        "pager.diff",
        "core.sshCommand",
    ];
    for key in keys {
        git(here, &["config", key, &trap]);
    }
    git(here, &["config", "filter.evil.required", "true"]);
    fs::write(here.join("a.py"), leaky(2)).expect("a file");
    assert_eq!(found(here, &["--changed-only"]).1.len(), 1);
    assert!(!here.join("sprung").exists(), "something ran");
}

#[test]
fn a_baseline_that_is_none_is_refused() {
    let folder = project(&[("a.py", &leaky(1)), ("known.json", "[]\n")]);
    for file in ["known.json", "missing.json"] {
        let output = run(folder.path(), &["check", "--baseline", file]);
        assert_eq!(output.status.code(), Some(2));
        assert!(complaint(&output).contains("--write-baseline"), "{}", complaint(&output));
    }
}

#[test]
fn allows_are_added_where_they_hold() {
    let more = "\n\nif True: LOGINS.labels(user=request.POST['phone']).inc()\n\nclass A:\n    def f(self, request):\n        \
                return [\n            LOGINS.labels(user=request.POST['email']),\n        ]\n";
    let rust = "use prometheus::IntCounterVec;\n\npub fn login(c: &IntCounterVec, password: &str) {\n    c.with_label_values(&[password]).inc();\n}\n";
    let folder = project(&[("a.py", &(leaky(2) + more)), ("src/lib.rs", rust)]);
    let here = folder.path();
    let before = found(here, &[]).1.len();
    assert!(before >= 4, "{:?}", found(here, &[]));
    let output = run(here, &["check", "--add-allows", "known since the audit of spring"]);
    assert_eq!(output.status.code(), Some(0), "{}", complaint(&output));
    assert_eq!(found(here, &[]), (Some(0), Vec::new()), "{}", fs::read_to_string(here.join("a.py")).expect("a file"));
    assert_eq!(run(here, &["check", "--add-allows", "  "]).status.code(), Some(2));
}
