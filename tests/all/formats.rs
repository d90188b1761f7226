//! Every format of `check`, on real findings: against schemas, against the source, against hostile text.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::schema::violations;
use crate::support::{complaint, project, root, run, text};

/// Projects with findings of many kinds, in both languages.
const PROJECTS: &[&str] =
    &["giftcard", "exposures/python-cross-file", "exposures/rust-middleware", "counting/python-duplicates"];

/// A leak in a file and a function whose names are hostile.
fn hostile() -> tempfile::TempDir {
    let views = "from prometheus_client import Counter\n\nHITS = Counter('hits', 'h', ['<script>alert(1)</script>|`x`'])\n\n\n\
                 def pay(request):\n    # ünï\u{202e} \u{1b}[31m ]]> --> %0A::error::x\n    \
                 password = request.POST['pass\\x1bword']; é = 1; HITS.labels(password).inc()\n    return é\n";
    project(&[("a,b:%0A<i>&'\"`|@me.py", views), ("z.py", "import prometheus_client\nx = (\n")])
}

fn report(folder: &Path, paths: &[&str], format: &str) -> String {
    let fixed = ["check", "--output-format", format, "--fail-on", "never", "--pedantic"];
    let output = run(folder, &[&fixed, paths].concat());
    assert_eq!(output.status.code(), Some(0), "{}", complaint(&output));
    text(&output)
}

fn json(folder: &Path, paths: &[&str], format: &str) -> Value {
    let text = report(folder, paths, format);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn schema(name: &str) -> Value {
    let text = fs::read_to_string(root().join("tests/schemas").join(name)).expect("a schema");
    serde_json::from_str(&text).expect("JSON")
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// Line and column (from 1, in characters) of an offset in bytes.
fn position(text: &str, offset: usize) -> (u64, u64) {
    let before = &text[..offset];
    let line = before.matches('\n').count() as u64 + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (line, before[start..].chars().count() as u64 + 1)
}

fn check_place(folder: &Path, path: &Value, place: &Value) {
    assert_eq!(keys(place), ["line", "column", "offset"]);
    let text = fs::read_to_string(folder.join(path.as_str().expect("a path"))).expect("a file");
    let offset = place["offset"].as_u64().expect("a number") as usize;
    let found = (place["line"].as_u64().expect("a number"), place["column"].as_u64().expect("a number"));
    assert_eq!(position(&text, offset), found, "{path} {offset}");
}

#[test]
fn json_has_the_shape_of_the_contract() {
    let fixtures = root().join("fixtures");
    let strange = hostile();
    for (folder, paths) in [(fixtures.as_path(), PROJECTS), (strange.path(), &["."][..])] {
        let report = json(folder, paths, "json");
        assert_eq!(keys(&report), ["schema", "tool", "findings", "errors", "limits", "summary"]);
        assert_eq!((&report["schema"], &report["tool"]["name"]), (&"overexposed/1".into(), &"overexposed".into()));
        let counts = ["files", "parsed", "metrics", "not_found_paths", "counted_once", "findings", "fixable"];
        assert_eq!(keys(&report["summary"]), counts);
        let findings = report["findings"].as_array().expect("a list");
        assert!(!findings.is_empty());
        findings.iter().for_each(|finding| check_finding(folder, finding));
        let order = |finding: &Value| {
            let text = |key: &str| finding[key].as_str().expect("a text").to_owned();
            (text("path"), finding["start"]["offset"].as_u64(), text("rule"))
        };
        assert!(findings.iter().map(order).is_sorted());
        let prints: BTreeSet<&str> = findings.iter().map(|f| f["fingerprint"].as_str().expect("a text")).collect();
        assert_eq!(prints.len(), findings.len(), "every fingerprint is there once");
        let open = findings.iter().filter(|finding| finding["allowed"].is_null()).count();
        assert_eq!(report["summary"]["findings"], open);
    }
}

fn check_finding(folder: &Path, finding: &Value) {
    let wanted = [
        "rule",
        "severity",
        "confidence",
        "tier",
        "category",
        "channel",
        "message",
        "help",
        "path",
        "start",
        "end",
        "function",
        "metric",
        "flow",
        "fix",
        "fingerprint",
        "allowed",
    ];
    assert_eq!(keys(finding), wanted);
    let one_of = |key: &str, known: &[&str]| {
        let value = &finding[key];
        assert!(known.iter().any(|known| value == known), "{key}: {value}");
    };
    one_of("severity", &["error", "warning", "note"]);
    one_of("confidence", &["high", "medium", "low"]);
    one_of("tier", if finding["severity"] == "note" { &["pedantic"] } else { &["default"] });
    if !finding["category"].is_null() {
        one_of("category", &["credential", "payment", "personal", "content"]);
        let channels =
            ["name", "help", "label_name", "label_value", "value", "exemplar", "info", "state", "grouping_key"];
        one_of("channel", &channels);
    }
    check_place(folder, &finding["path"], &finding["start"]);
    check_place(folder, &finding["path"], &finding["end"]);
    assert!(finding["start"]["offset"].as_u64() <= finding["end"]["offset"].as_u64());
    if !finding["metric"].is_null() {
        assert_eq!(keys(&finding["metric"]), ["name", "kind"]);
    }
    for step in finding["flow"].as_array().expect("a list") {
        assert_eq!(keys(step), ["path", "start", "note"]);
        check_place(folder, &step["path"], &step["start"]);
    }
    let fix = &finding["fix"];
    if !fix.is_null() {
        assert!(["safe", "unsafe"].iter().any(|known| fix["applicability"] == *known) && fix["title"].is_string());
        for edit in fix["edits"].as_array().expect("a list") {
            assert_eq!(keys(edit), ["path", "start", "end", "text"]);
            assert!(edit["start"].as_u64() <= edit["end"].as_u64());
        }
    }
}

#[test]
fn sarif_follows_its_schema_and_points_at_the_source() {
    let schema = schema("sarif-2.1.0.json");
    let fixtures = root().join("fixtures");
    let strange = hostile();
    for (folder, paths) in [(fixtures.as_path(), PROJECTS), (strange.path(), &["."][..])] {
        let sarif = json(folder, paths, "sarif");
        let wrong = violations(&schema, &sarif);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        let runs = sarif["runs"].as_array().expect("a list");
        assert_eq!(runs.len(), 1);
        let results = runs[0]["results"].as_array().expect("a list");
        let report = json(folder, paths, "json");
        assert_eq!(
            results.len(),
            report["findings"].as_array().expect("a list").iter().filter(|f| f["allowed"].is_null()).count()
        );
        let rules = runs[0]["tool"]["driver"]["rules"].as_array().expect("a list");
        for result in results {
            let index = result["ruleIndex"].as_u64().expect("a number") as usize;
            assert_eq!(rules[index]["id"], result["ruleId"]);
            let place = &result["locations"][0]["physicalLocation"];
            assert_eq!(place["artifactLocation"]["uriBaseId"], "%SRCROOT%");
            let uri = place["artifactLocation"]["uri"].as_str().expect("a text");
            let found = report["findings"].as_array().expect("a list").iter().any(|finding| {
                finding["rule"] == result["ruleId"]
                    && finding["start"]["offset"] == place["region"]["byteOffset"]
                    && finding["start"]["column"] == place["region"]["startColumn"]
                    && finding["end"]["line"] == place["region"]["endLine"]
            });
            assert!(found && !uri.contains([' ', '<', '"', '`']), "{uri}");
        }
        let rank = |level: &Value| ["error", "warning", "note"].iter().position(|known| level == known);
        assert!(results.iter().map(|result| rank(&result["level"])).is_sorted(), "the gravest come first");
    }
}

#[test]
fn sarif_explains_its_rules_and_marks_what_is_allowed_only_on_request() {
    let folder = project(&[(
        "a.py",
        "import prometheus_client\nx = (  # overexposed: allow(syntax-error) -- shows what a parser says\n",
    )]);
    let file = folder.path().join("a.py");
    fs::write(&file, "# overexposed: allow-file(syntax-error) -- a demonstration\nimport prometheus_client\nx = (\n")
        .expect("a file");
    let of = |options: &[&str]| json(folder.path(), options, "sarif")["runs"][0].clone();
    assert_eq!(of(&[])["results"], serde_json::json!([]));
    let marked = of(&["--sarif-suppressed", "mark"]);
    assert_eq!(marked["results"][0]["suppressions"][0]["justification"], "a demonstration");
    for rule in marked["tool"]["driver"]["rules"].as_array().expect("a list") {
        assert!(rule["help"]["markdown"].as_str().is_some_and(|text| text.contains("## Why")), "{}", rule["id"]);
        let security = rule["properties"].get("security-severity").is_some();
        assert_eq!(security, rule["properties"]["tags"][0] == "security", "{}", rule["id"]);
    }
}

#[test]
fn gitlab_reads_the_code_quality_report() {
    let schema = schema("gitlab-code-quality.json");
    let (fixtures, strange) = (root().join("fixtures"), hostile());
    for (folder, paths) in [(fixtures.as_path(), PROJECTS), (strange.path(), &["."][..])] {
        let issues = json(folder, paths, "gitlab");
        let wrong = violations(&schema, &issues);
        assert!(wrong.is_empty() && !issues.as_array().expect("a list").is_empty(), "{}", wrong.join("\n"));
    }
}

#[test]
fn junit_follows_its_schema() {
    if Command::new("xmllint").arg("--version").output().is_err() {
        eprintln!("skipped: there is no xmllint");
        return;
    }
    let (fixtures, strange, clean) = (root().join("fixtures"), hostile(), project(&[("a.py", "x = 1\n")]));
    let cases = [(fixtures.as_path(), PROJECTS), (strange.path(), &["."][..]), (clean.path(), &["."][..])];
    for (folder, paths) in cases {
        let place = tempfile::tempdir().expect("a folder");
        let file = place.path().join("report.xml");
        fs::write(&file, report(folder, paths, "junit")).expect("a file");
        let schema = root().join("tests/schemas/junit.xsd");
        let ran = Command::new("xmllint").args(["--noout", "--nonet", "--schema"]).arg(schema).arg(&file).output();
        let ran = ran.expect("it was there a moment ago");
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    }
}

#[test]
fn no_format_lets_untrusted_text_out() {
    let folder = hostile();
    for format in ["full", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "markdown", "html"] {
        let text = report(folder.path(), &["."], format);
        assert!(text.contains("sensitive-label-value"), "{format} shows the finding: {text}");
        let hostile = |c: char| c == '\u{202e}' || (c.is_control() && c != '\n' && c != '\t');
        // JSON escapes control characters by itself, and must give texts back as they are.
        let exact = matches!(format, "json" | "jsonl");
        assert!(exact || !text.contains(hostile), "{format}: {text:?}");
        match format {
            "github" => {
                assert!(text.lines().all(|line| line.starts_with("::")), "{text}");
                assert!(text.contains("file=a%2Cb%3A%250A<i>"), "{text}");
            }
            "html" => assert!(!text.contains("<script>alert") && !text.contains("<i>&'"), "{format}"),
            "markdown" => {
                let outside: Vec<&str> = text.split("```").step_by(2).collect();
                assert!(!outside.concat().contains("<script>"), "{text}");
            }
            _ => {}
        }
    }
}

#[test]
fn several_reports_are_written_at_once() {
    let folder = hostile();
    let output = run(
        folder.path(),
        &["check", "--output", "sarif=out.sarif", "--output", "html=out.html", "--output", "concise"],
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("error[sensitive-label-value]"), "{}", text(&output));
    let sarif = fs::read_to_string(folder.path().join("out.sarif")).expect("a report");
    assert!(sarif.contains("\"2.1.0\"") && folder.path().join("out.html").exists());
    let code = |arguments: &[&str]| run(folder.path(), &[&["check"], arguments].concat()).status.code();
    assert_eq!(code(&["--output", "full", "--output", "json"]), Some(2));
    assert_eq!(code(&["--output", "json=a", "--output", "sarif=a"]), Some(2));
    assert_eq!(code(&["--output", "json=no/such/folder/a"]), Some(2));
    assert_eq!(code(&["--output", "yaml"]), Some(2));
    // A report in a file only: nothing is printed.
    let output = run(folder.path(), &["check", "--output", "json=a.json"]);
    assert_eq!((output.status.code(), text(&output).as_str()), (Some(1), ""));
}

#[test]
fn quiet_and_statistics() {
    let folder = hostile();
    let shown = |arguments: &[&str]| text(&run(folder.path(), &[&["check"], arguments].concat()));
    assert!(!shown(&["-q", "--output-format", "concise"]).contains("Found"));
    let counts = shown(&["--statistics"]);
    assert!(counts.contains("1  sensitive-label-value") && counts.contains("1  syntax-error"), "{counts}");
    assert_eq!(counts.lines().count(), 3, "{counts}");
}

#[test]
fn colours_are_forced_and_refused() {
    let folder = hostile();
    let shown = |variables: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_overexposed"));
        command.args(["check"]).current_dir(folder.path()).env_remove("NO_COLOR").env("TERM", "xterm");
        command.envs(variables.iter().copied());
        String::from_utf8(command.output().expect("it runs").stdout).expect("UTF-8").contains("\u{1b}[")
    };
    assert!(!shown(&[]) && shown(&[("CLICOLOR_FORCE", "1")]));
    assert!(!shown(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
}
