//! Whether a site that was fixed still does what it did, minus the leak.

use std::path::Path;
use std::process::Command;

/// Runs `fixtures/giftcard` with passwords as canaries, before and after `check --fix`.
#[test]
fn the_fixed_site_shows_no_password_and_does_the_rest_as_before() {
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("skipped: there is no python3");
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ran = Command::new("python3")
        .arg(root.join("tests/live/giftcard.py"))
        .arg(env!("CARGO_BIN_EXE_overexposed"))
        // Beside cargo's own directory for tests, so that it is made once per checkout.
        .arg("--venv")
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("live-venv"))
        .output()
        .expect("python3 was there a moment ago");
    let (said, complained) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{said}{complained}");
}
