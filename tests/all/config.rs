//! The configuration: every key does what it says, and what is wrong is said.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{complaint, project, run, text};

const LEAK: &str = "import hashlib\nfrom prometheus_client import Counter\n\nHITS = Counter('hits', 'Hits', ['x'])\n\n\n\
                    def view(request):\n    HITS.labels(x=request.POST['password']).inc()\n";
const HASH: &str = "import hashlib\nfrom prometheus_client import Counter\n\nHASHES = Counter('hashes', 'Hashes', ['x'])\n\n\n\
                    def view(request):\n    HASHES.labels(x=hashlib.sha256(request.POST['password'].encode()).hexdigest()).inc()\n";

/// Rule, path and severity of what `check` finds under this configuration, and its exit code.
fn found(folder: &Path, config: &str, options: &[&str]) -> (Option<i32>, Vec<String>) {
    fs::write(folder.join("overexposed.toml"), config).expect("a file");
    let output = run(folder, &[&["check", "--output-format", "json"], options].concat());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", complaint(&output)));
    let findings = report["findings"].as_array().expect("a list").iter().filter(|finding| finding["allowed"].is_null());
    let word = |finding: &Value, key: &str| finding[key].as_str().expect("a text").to_owned();
    let shown = |f: &Value| format!("{} {} {}", word(f, "path"), word(f, "severity"), word(f, "rule"));
    (output.status.code(), findings.map(shown).collect())
}

fn refused(folder: &Path, config: &str) -> String {
    fs::write(folder.join("overexposed.toml"), config).expect("a file");
    let output = run(folder, &["check"]);
    assert_eq!(output.status.code(), Some(2), "{config}: {}", text(&output));
    complaint(&output)
}

#[test]
fn files_are_included_and_excluded() {
    let folder = project(&[("a/one.py", LEAK), ("b/two.py", &LEAK.replace("'hits'", "'hits2'")), ("tests/c.py", HASH)]);
    let paths = |config: &str| found(folder.path(), config, &[]).1.len();
    assert_eq!(paths(""), 2);
    assert_eq!(paths("include = ['/a/']"), 1);
    assert_eq!(paths("include = ['*.py']\nexclude = ['one.py']"), 1);
    assert_eq!(paths("include-tests = true"), 3);
}

#[test]
fn levels_hold_everywhere_or_for_some_paths() {
    let folder = project(&[("a/one.py", LEAK), ("b/two.py", &LEAK.replace("'hits'", "'hits2'"))]);
    let check = |config: &str, options: &[&str]| found(folder.path(), config, options);
    let config = "[rules]\nsensitive-label-value = 'warning'\n[[overrides]]\npaths = ['/b/']\nrules = { sensitive-label-value = 'off' }";
    assert_eq!(check(config, &[]), (Some(1), vec!["a/one.py warning sensitive-label-value".to_owned()]));
    assert_eq!(check(config, &["--fail-on", "error"]).0, Some(0));
    assert_eq!(check(config, &["--level", "sensitive-label-value=error"]).1.len(), 2);
    assert_eq!(check(&format!("fail-on = 'error'\n{config}"), &[]).0, Some(0));
    assert_eq!(check(&format!("fail-on = 'error'\n{config}"), &["--fail-on", "note"]).0, Some(1));
    assert_eq!(check(config, &["--isolated"]).1.len(), 2);
}

#[test]
fn unsure_findings_can_be_left_out() {
    let folder = project(&[("a.py", HASH)]);
    assert_eq!(found(folder.path(), "", &[]).1.len(), 1);
    assert_eq!(found(folder.path(), "confidence = 'high'", &[]), (Some(0), Vec::new()));
    assert_eq!(found(folder.path(), "confidence = 'high'", &["--confidence", "low"]).1.len(), 1);
}

#[test]
fn reasons_and_notes_are_a_matter_of_taste() {
    let bare = LEAK.replace(".inc()\n", ".inc()  # overexposed: allow(sensitive-label-value)\n");
    let folder = project(&[("a.py", &bare)]);
    assert_eq!(found(folder.path(), "", &[]).1.len(), 2);
    assert_eq!(found(folder.path(), "require-reason = false", &[]), (Some(0), Vec::new()));
    let folder = project(&[("b.py", "from prometheus_client import Counter\nUNUSED = Counter('unused', 'x')\n")]);
    assert_eq!(found(folder.path(), "", &[]).1.len(), 0);
    assert_eq!(found(folder.path(), "pedantic = true", &[]).1, ["b.py note unrecorded-metric"]);
}

#[test]
fn allow_comments_expire() {
    let dated =
        |when: &str| LEAK.replace(".inc()\n", &format!(".inc()  # overexposed: allow(sensitive-label-value) {when}\n"));
    for (when, code) in [("until 2999-01-01 -- x1", 0), ("until 2001-01-01 -- x1", 1), ("-- x1 (until 2001-01-01)", 1)]
    {
        let folder = project(&[("a.py", &dated(when))]);
        assert_eq!(found(folder.path(), "", &[]).0, Some(code), "{when}");
    }
    let folder = project(&[("a.py", &dated("until 2001-01-01 -- x1"))]);
    let rules = found(folder.path(), "", &[]).1;
    assert_eq!(rules, ["a.py error sensitive-label-value", "a.py warning unused-allow"]);
    // An allow is called unused only when its rule ran.
    let off = "rules.sensitive-label-value = 'off'";
    let folder = project(&[("a.py", &dated("-- x1"))]);
    assert_eq!(found(folder.path(), off, &[]), (Some(0), Vec::new()));
}

#[test]
fn words_and_libraries_are_added_without_code() {
    let shop = "import ourmetrics\nfrom ourweb import current_member\n\n\ndef view(request):\n    \
                ourmetrics.hit('page', member=request.POST['member_no'])\n    ourmetrics.hit('page', member=current_member())\n    \
                ourmetrics.hit('page', member=ourmetrics.scrub(request.POST['password']))\n";
    let folder = project(&[("a.py", shop)]);
    let config = "[[lexicon.telling]]\ncategory = 'personal'\nwhat = 'a member number'\nwords = ['member no']\n\
                  [[library]]\nlibrary = 'ourmetrics'\nlanguages = ['python']\ntriggers = ['ourmetrics']\n\
                  [[library.call]]\npath = ['ourmetrics.hit']\nparams = ['stat', 'member']\n\
                  creates = { kind = 'counter', name = 'stat', shared = true, anywhere = true }\n\
                  records = { operation = 'add', label-values = ['member'] }\n\
                  [[library.call]]\npath = ['ourmetrics.scrub']\nbounded = true\n\
                  [[library.call]]\npath = ['ourweb.current_member']\nsource = { category = 'personal', shape = 'text', what = 'the member' }\n";
    let (code, all) = found(folder.path(), config, &[]);
    assert_eq!((code, all.len()), (Some(1), 2), "{all:?}");
    let wrong = refused(
        folder.path(),
        "[[library]]\nlibrary = 'x'\nlanguages = ['python']\n[[library.call]]\npath = ['x.y']\nretuns = 'z'\n",
    );
    assert!(wrong.contains("overexposed.toml:6:") && wrong.contains("`returns`"), "{wrong}");
    fs::create_dir(folder.path().join("audit")).expect("a folder");
    fs::write(folder.path().join("audit/words.toml"), "remove = ['password']\n").expect("a file");
    let other = LEAK;
    fs::write(folder.path().join("b.py"), other).expect("a file");
    let rules = found(folder.path(), "library-files = ['audit']", &[]).1;
    assert!(!rules.iter().any(|one| one.contains("sensitive-label-value")), "{rules:?}");
}

#[test]
fn what_is_wrong_names_the_place_and_the_neighbour() {
    let folder = project(&[("a.py", "x = 1\n")]);
    let wrong = |config: &str, parts: &[&str]| {
        let said = refused(folder.path(), config);
        parts.iter().for_each(|part| assert!(said.contains(part), "{config}: {said}"));
    };
    wrong("\nfail_on = 'error'\n", &["overexposed.toml:2:", "`fail-on`"]);
    wrong("fail-on = 'eror'\n", &["overexposed.toml:1:", "`error`"]);
    wrong("[rules]\n\nuncounted-40 = 'off'\n", &["overexposed.toml:3:", "`uncounted-404`"]);
    wrong("[[overrides]]\npaths = ['x']\nrules = { soft-405 = 'off' }\n", &["overexposed.toml:3:", "`soft-404`"]);
    wrong("rules.soft-404 = 'of'\n", &["overexposed.toml:1:", "`off`"]);
    wrong("exclude = ['a[z-a]']\n", &["overexposed.toml:1:", "`a[z-a]`"]);
    wrong("confidence = 3\n", &["overexposed.toml:1:"]);
    wrong("library-files = ['nowhere']\n", &["nowhere"]);
    fs::remove_file(folder.path().join("overexposed.toml")).expect("a file");
    fs::write(folder.path().join("pyproject.toml"), "[tool.overexposed]\nexlude = []\n").expect("a file");
    let said = complaint(&run(folder.path(), &["check"]));
    assert!(said.contains("pyproject.toml:2:") && said.contains("`exclude`"), "{said}");
    let output = run(folder.path(), &["check", "--isolated", "--level", "soft-40=off"]);
    assert!(output.status.code() == Some(2) && complaint(&output).contains("`soft-404`"), "{}", complaint(&output));
}

#[test]
fn what_holds_is_shown_with_its_origin_and_has_a_schema() {
    let config = "fail-on = 'error'\n[rules]\nsoft-404 = 'warning'\n";
    let folder = project(&[("overexposed.toml", config)]);
    let shown = text(&run(folder.path(), &["config", "--show", "--level", "soft-404=off"]));
    assert!(shown.contains("fail-on = \"error\"  # ") && shown.contains("overexposed.toml:1\n"), "{shown}");
    assert!(shown.contains("rules.soft-404 = \"off\"  # --level\n"), "{shown}");
    assert!(shown.contains("require-reason = true  # default\n"), "{shown}");
    let values: toml::Table = shown.parse().expect("what is shown is TOML");
    let schema: Value = serde_json::from_str(&text(&run(folder.path(), &["config", "--schema"]))).expect("JSON");
    let values = serde_json::to_value(values).expect("JSON");
    let wrong = crate::schema::violations(&schema, &values);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let wrong = crate::schema::violations(&schema, &serde_json::json!({"rules": {"soft-405": "off"}, "fail-on": "x"}));
    assert_eq!(wrong.len(), 2, "{wrong:?}");
}

#[test]
fn the_published_schema_is_that_of_the_program() {
    let path = crate::support::root().join("docs/overexposed.schema.json");
    let schema = text(&run(crate::support::root(), &["config", "--schema"]));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &schema).expect("a file");
    }
    let published = fs::read_to_string(path).unwrap_or_default();
    assert!(published == schema, "docs/overexposed.schema.json is stale: run the tests with UPDATE_DOCS=1");
}

#[test]
fn init_writes_what_the_next_run_reads() {
    let folder = project(&[
        ("shop/views.py", LEAK),
        ("shop/migrations/m.py", "x = 1\n"),
        (
            "shop/count.py",
            "from prometheus_client import Counter\nMISSED = Counter('pages_not_found', 'x')\nMISSED.inc()\n",
        ),
    ]);
    let output = run(folder.path(), &["init"]);
    assert_eq!(output.status.code(), Some(0), "{}", complaint(&output));
    let written = fs::read_to_string(folder.path().join("overexposed.toml")).expect("a file");
    assert!(written.contains("approved = [\"pages_not_found\"]"), "{written}");
    assert!(written.contains("# exclude = [\"/shop/migrations/\"]"), "{written}");
    assert!(written.contains("# sensitive-label-value = \"error\""), "{written}");
    assert_eq!(run(folder.path(), &["init"]).status.code(), Some(2));
    assert_eq!(run(folder.path(), &["init", "--force"]).status.code(), Some(0));
    assert_eq!(run(folder.path(), &["check"]).status.code(), Some(1));
    assert!(text(&run(folder.path(), &["config"])).contains("approved = [\"pages_not_found\"]  # "));
}
