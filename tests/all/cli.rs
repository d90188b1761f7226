//! Arguments, exit codes, hostile input.

use std::fs;
use std::path::Path;

use crate::support::{check, complaint, project, run, run_with_input, text};

#[test]
fn exit_codes_say_what_happened() {
    let broken = project(&[("a.py", "import prometheus_client\nx = (\n")]);
    let code = |arguments: &[&str]| run(broken.path(), arguments).status.code();
    assert_eq!(code(&["check"]), Some(1));
    assert_eq!(code(&["check", "--fail-on", "error"]), Some(0));
    assert_eq!(code(&["check", "--fail-on", "never"]), Some(0));
    assert_eq!(code(&["check", "nowhere"]), Some(2));
    assert_eq!(code(&["check", "--no-such-flag"]), Some(2));
    assert_eq!(code(&["rule", "soft-405"]), Some(2));
    assert_eq!(code(&["rule", "soft-404"]), Some(0));
    assert_eq!(code(&["inventory"]), Some(0));
    fs::write(broken.path().join("a.py"), "import prometheus_client\n").expect("a file");
    assert_eq!(code(&["check"]), Some(0));
}

#[test]
fn a_missing_path_does_not_hide_the_others() {
    let broken = project(&[("a.py", "import prometheus_client\nx = (\n")]);
    let output = run(broken.path(), &["check", "nowhere", ".", "--output-format", "concise"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("warning[syntax-error]"), "{}", text(&output));
    assert!(complaint(&output).contains("cannot read `nowhere`"), "{}", complaint(&output));
}

#[test]
fn a_bad_file_costs_one_file() {
    let folder = project(&[("good.py", "import prometheus_client\nx = (\n")]);
    fs::write(folder.path().join("latin.py"), b"import prometheus_client\nx = '\xe9'\n").expect("a file");
    let report = check(folder.path());
    assert_eq!(report["errors"][0]["path"], "latin.py");
    assert_eq!(report["findings"][0]["path"], "good.py");
    fs::remove_file(folder.path().join("good.py")).expect("a file");
    assert_eq!(run(folder.path(), &["check"]).status.code(), Some(2));
}

#[test]
fn a_syntax_error_is_reported_once_and_only_where_there_is_a_trigger() {
    let folder = project(&[
        ("a.py", "import prometheus_client\nx = (\ny = [\ndef\n"),
        ("b.py", "x = (\n"),
        ("src/lib.rs", "use prometheus::Counter;\nfn f( {\n"),
    ]);
    let report = check(folder.path());
    let found: Vec<_> = report["findings"].as_array().expect("a list").iter().map(|f| f["path"].clone()).collect();
    assert_eq!(found, ["a.py", "src/lib.rs"]);
}

#[test]
fn standard_input_has_a_name() {
    let folder = project(&[]);
    let input = Some("import prometheus_client\nx = (\n");
    let arguments = ["check", "-", "--stdin-filename", "shop/views.py", "--output-format", "concise"];
    let output = run_with_input(folder.path(), &arguments, input);
    assert!(text(&output).starts_with("shop/views.py:"), "{}", text(&output));
    assert_eq!(run_with_input(folder.path(), &["check", "-", "."], input).status.code(), Some(2));
}

#[test]
fn tests_and_foreign_code_are_left_out() {
    let bad = "import prometheus_client\nx = (\n";
    let folder = project(&[
        ("app/tests/a.py", bad),
        ("app/test_b.py", bad),
        ("app/conftest.py", bad),
        ("node_modules/c.py", bad),
        ("env/pyvenv.cfg", ""),
        ("env/d.py", bad),
        ("ignored/e.py", bad),
        (".gitignore", "ignored/\n"),
        ("skipped/f.py", bad),
        ("overexposed.toml", "exclude = ['/skipped/']\n"),
    ]);
    assert_eq!(check(folder.path())["findings"], serde_json::json!([]));
    let arguments = ["check", "--include-tests", "--output-format", "concise"];
    assert_eq!(text(&run(folder.path(), &arguments)).matches("syntax-error").count(), 3);
    let explicit = ["check", "app/test_b.py", "--output-format", "concise"];
    assert_eq!(text(&run(folder.path(), &explicit)).matches("syntax-error").count(), 1);
}

#[test]
fn configuration_errors_name_the_place_and_the_neighbour() {
    let folder = project(&[("a.py", "x = 1\n"), ("overexposed.toml", "\ncount-soft-405 = true\n")]);
    let output = run(folder.path(), &["check"]);
    assert_eq!(output.status.code(), Some(2));
    let complaint = complaint(&output);
    assert!(complaint.contains("overexposed.toml:2:") && complaint.contains("`count-soft-404`"), "{complaint}");
}

#[test]
fn rules_can_be_turned_off_and_raised() {
    let folder = project(&[
        ("a.py", "import prometheus_client\nx = (\n"),
        ("overexposed.toml", "rules.syntax-error = 'error'\n"),
    ]);
    assert_eq!(check(folder.path())["findings"][0]["severity"], "error");
    fs::write(folder.path().join("overexposed.toml"), "rules.syntax-error = 'off'\n").expect("a file");
    assert_eq!(check(folder.path())["findings"], serde_json::json!([]));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let fixtures = crate::support::root().join("fixtures");
    let one = |threads: &str| {
        let arguments =
            ["check", "giftcard", "ledger/axum-service", "ledger/actix-service", "exposures/python-unbounded"];
        let more = ["--output-format", "json", "--pedantic", "--threads", threads];
        text(&run(&fixtures, &[arguments.as_slice(), more.as_slice()].concat()))
    };
    assert_eq!(one("1"), one("8"));
}

#[cfg(unix)]
#[test]
fn links_and_pipes_are_not_followed() {
    let outside = project(&[("leak.py", "import prometheus_client\nx = (\n")]);
    let folder = project(&[("a.py", "x = 1\n")]);
    std::os::unix::fs::symlink(outside.path(), folder.path().join("out")).expect("a link");
    std::os::unix::fs::symlink("/dev/zero", folder.path().join("zero.py")).expect("a link");
    std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).expect("a link");
    let made = std::process::Command::new("mkfifo").arg(folder.path().join("pipe.py")).status();
    assert!(made.is_ok_and(|status| status.success()));
    let report = check(folder.path());
    assert_eq!((&report["findings"], &report["summary"]["files"]), (&serde_json::json!([]), &serde_json::json!(1)));
    assert_eq!(run(folder.path(), &["check", "pipe.py"]).status.code(), Some(2));
    assert_eq!(run(Path::new("/"), &["check", "/dev/zero"]).status.code(), Some(2));
}

#[test]
fn comments_allow_with_a_reason_and_only_what_is_there() {
    let folder = project(&[(
        "a.py",
        "# overexposed: allow-file(syntax-error) -- shows what a parser says\n\
         import prometheus_client  # overexposed: allow(soft-404) -- nothing soft here\n\
         y = 1  # overexposed: allow(soft-404)\n\
         z = 1  # overexposed: allow(soft-405) -- no such rule\n\
         s = '# overexposed: allow(soft-404)'\n\
         x = (\n",
    )]);
    let report = check(folder.path());
    let found: Vec<String> = report["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|f| format!("{}:{} {}", f["rule"].as_str().unwrap_or(""), f["start"]["line"], f["allowed"]["reason"]))
        .collect();
    assert_eq!(
        found,
        [
            "unused-allow:2 null",
            "allow-without-reason:3 null",
            "unused-allow:4 null",
            "syntax-error:7 \"shows what a parser says\"",
        ]
    );
    assert_eq!(report["summary"]["findings"], 3);
}
