//! What only a run of the real thing shows: a fixed site does what it did, minus the leak; packages install.

use std::path::Path;
use std::process::{Command, Output};

/// Runs one of the scripts under `tests/live` with the program and the virtual environment that they share; `None`
/// where there is no Python.
fn script(name: &str) -> Option<Output> {
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("skipped: there is no python3");
        return None;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ran = Command::new("python3")
        .arg(root.join("tests/live").join(name))
        .arg(env!("CARGO_BIN_EXE_overexposed"))
        // Beside cargo's own directory for tests, so that it is made once per checkout.
        .arg("--venv")
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("live-venv"))
        .output();
    Some(ran.expect("python3 was there a moment ago"))
}

/// One after the other: both make the virtual environment where there is none yet.
///
/// First `fixtures/giftcard` runs with passwords as canaries, before and after `check --fix`; then it is served, and a
/// real Prometheus scrapes it with the fixture's configuration. The apps of `fixtures/leaky` are driven with canaries, too. Between them the apps of `fixtures/live` are asked for
/// each of their 404s: the counter must move as the inventory says.
#[test]
fn the_fixed_site_does_what_it_did_and_prometheus_sees_its_404s() {
    for name in ["giftcard.py", "frameworks.py", "leaks.py", "prometheus.py"] {
        let Some(ran) = script(name) else { return };
        if ran.status.code() == Some(77) {
            eprintln!("skipped {name}: there is no prometheus (apt-get install prometheus)");
            continue;
        }
        let (said, complained) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success(), "{name}: {said}{complained}");
    }
}

/// The wheel in a fresh environment, hooks in pre-commit, completions in shells, the manual page, the page in a browser.
#[test]
fn packages_work_where_they_are_used() {
    let Some(ran) = script("packages.py") else { return };
    let (said, complained) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{said}{complained}");
}
