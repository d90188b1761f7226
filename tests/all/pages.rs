//! Scraped pages under `fixtures/pages` give exactly the findings that comments on them name.
//!
//! `# expect: RULE[ CATEGORY][, …]` is about the next line that is no such comment, `RULE@N` about line N;
//! `NAME.args` beside `NAME.prom` holds arguments.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{complaint, files, project, root, run, run_with_input, text};

fn pages() -> Vec<PathBuf> {
    files(&root().join("fixtures/pages"), &["prom"])
}

/// Words as a shell splits them: quotes keep spaces.
fn words(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in text.chars() {
        match (quote, c) {
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (Some(open), c) if open == c => quote = None,
            (None, ' ') => all.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    all.extend(word);
    all
}

fn arguments(page: &Path) -> Vec<String> {
    fs::read_to_string(page.with_extension("args")).map(|text| words(text.trim_end())).unwrap_or_default()
}

/// `line rule category`, sorted.
fn expected(page: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut pending: Vec<String> = Vec::new();
    for (at, line) in page.lines().enumerate() {
        let Some(marks) = line.trim_end().strip_prefix("# expect: ") else {
            all.extend(pending.drain(..).map(|mark| format!("{:>3} {mark}", at + 1)));
            continue;
        };
        for mark in marks.split(", ") {
            match mark.split_once('@') {
                Some((rule, line)) => all.push(format!("{line:>3} {rule}")),
                None => pending.push(mark.to_owned()),
            }
        }
    }
    all.sort();
    all
}

fn found(report: &serde_json::Value) -> Vec<String> {
    let findings = report["findings"].as_array().expect("a list").iter();
    let mut all: Vec<String> = findings
        .map(|finding| {
            let (line, rule) = (&finding["start"]["line"], finding["rule"].as_str().expect("a rule"));
            let line = line.as_u64().expect("a line");
            match finding["category"].as_str() {
                Some(category) => format!("{line:>3} {rule} {category}"),
                None => format!("{line:>3} {rule}"),
            }
        })
        .collect();
    all.sort();
    all
}

#[test]
fn every_page_gives_exactly_what_its_comments_name() {
    assert!(pages().len() >= 30);
    let mut wrong = String::new();
    for path in pages() {
        let page = fs::read_to_string(&path).expect("a page");
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let own = arguments(&path);
        let mut arguments = vec!["scrape", &name, "--output-format", "json", "--fail-on", "never", "--isolated"];
        arguments.extend(own.iter().map(String::as_str));
        let output = run(&root().join("fixtures/pages"), &arguments);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{name}: {error}: {}", complaint(&output)));
        let (found, expected) = (found(&report), expected(&page));
        if found != expected {
            let missed = expected.iter().filter(|one| !found.contains(one)).map(|one| format!("  missed {one}\n"));
            let extra = found.iter().filter(|one| !expected.contains(one)).map(|one| format!("  wrong  {one}\n"));
            wrong.push_str(&format!("{name}\n{}{}", missed.collect::<String>(), extra.collect::<String>()));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

const SECRETS: &[&str] = &["winter", "hunter2", "4242424242424242", "ada@example.org", "tr33house", "ghp_Zx81"];

/// A page on which each secret stands twice, some of them on lines that cannot be read.
fn leaky() -> String {
    let mut page = String::from("# TYPE counter_hunter2_total counter\ncounter_hunter2_total 1\n");
    for (at, secret) in SECRETS.iter().enumerate() {
        page.push_str(&format!("a_total{{l{at}=\"x\",password=\"{secret}\"}} 1\n"));
        page.push_str(&format!("b_total{{l{at}=\"{secret}\",broken=\"\n"));
    }
    page
}

#[test]
fn no_output_shows_a_secret() {
    let folder = project(&[("page.txt", &leaky())]);
    for format in ["full", "concise", "json", "jsonl"] {
        let mut arguments = vec!["scrape", "page.txt", "--output-format", format, "--before", "page.txt"];
        for secret in SECRETS {
            arguments.extend(["--canary", secret]);
        }
        let output = run(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(1));
        for secret in SECRETS {
            assert!(!text(&output).contains(secret), "{format} shows {secret}:\n{}", text(&output));
        }
    }
}

#[test]
fn a_page_comes_from_standard_input_too() {
    let folder = project(&[]);
    let page = Some("x_total{a=\"b\"} 1\n\u{fc}\nx_total{email=\"kate\"} 1\n");
    let output = run_with_input(folder.path(), &["scrape", "-", "--output-format", "concise"], page);
    let lines = text(&output);
    assert!(lines.starts_with("-:2:1: warning[syntax-error]") && lines.contains("\n-:3:9: error["), "{lines}");
    let named = ["scrape", "-", "--stdin-filename", "page.prom", "--output-format", "concise"];
    assert!(text(&run_with_input(folder.path(), &named, page)).starts_with("page.prom:2:1"));
}

#[test]
fn exit_codes_say_what_happened() {
    let folder = project(&[("good.txt", "x 1\n"), ("bad.txt", "x{password=\"summer\"} 1\n"), ("odd.txt", "x\n")]);
    let code = |arguments: &[&str]| run(folder.path(), arguments).status.code();
    assert_eq!(code(&["scrape", "good.txt"]), Some(0));
    assert_eq!(code(&["scrape", "bad.txt"]), Some(1));
    assert_eq!(code(&["scrape", "bad.txt", "--fail-on", "never"]), Some(0));
    assert_eq!(code(&["scrape", "odd.txt"]), Some(1));
    assert_eq!(code(&["scrape", "odd.txt", "--fail-on", "error"]), Some(0));
    assert_eq!(code(&["scrape", "nowhere.txt"]), Some(2));
    assert_eq!(code(&["scrape", "."]), Some(2));
    assert_eq!(code(&["scrape"]), Some(2));
    assert_eq!(code(&["scrape", "good.txt", "--against", "nowhere"]), Some(2));
    assert_eq!(code(&["scrape", "bad.txt", "--max-bytes", "10"]), Some(2));
}

#[test]
fn places_are_those_of_the_page() {
    let folder = project(&[("p.txt", "# gr\u{fc}n\n\nx{a=\"\u{fc}\",password=\"s\u{fc}mmer\"} 1\n")]);
    let output = run(folder.path(), &["scrape", "p.txt", "--output-format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let start = &report["findings"][0]["start"];
    assert_eq!(start, &serde_json::json!({"line": 3, "column": 9, "offset": 18}));
    assert_eq!(report["findings"][0]["end"], serde_json::json!({"line": 3, "column": 26, "offset": 36}));
    assert_eq!(report["pages"][0]["samples"], 1);
}

#[test]
fn a_comparison_says_what_went_and_came() {
    let folder = project(&[
        ("old.txt", "# TYPE a_total counter\na_total{x=\"1\",y=\"2\"} 1\na_total{x=\"2\",y=\"2\"} 1\nb 1\nc 1\n"),
        ("new.txt", "# TYPE a_total counter\na_total{x=\"1\"} 1\nc 5\nd{k=\"v\"} 1\n"),
    ]);
    let output = run(folder.path(), &["scrape", "new.txt", "--before", "old.txt"]);
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!(text(&output));
    let output = run(folder.path(), &["scrape", "new.txt", "--before", "old.txt", "--output-format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["comparison"]["families"][0]["samples"]["gone"], 2);
    assert_eq!(report["comparison"]["families"][1]["change"], "gone");
    assert_eq!(report["comparison"]["unchanged"], 1);
}

/// A generator of numbers without meaning, the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn hexadecimal(&mut self, length: usize) -> String {
        (0..length).map(|_| char::from_digit(self.roll(16) as u32, 16).expect("a digit")).collect()
    }

    fn word(&mut self) -> String {
        let length = 3 + self.roll(9);
        (0..length).map(|_| char::from(b'a' + self.roll(26) as u8)).collect()
    }

    /// A value as programs use them for labels.
    fn benign(&mut self) -> String {
        match self.roll(16) {
            0 => self.hexadecimal(32),
            1 => self.hexadecimal(40),
            2 => format!(
                "{}-{}-4{}-a{}-{}",
                self.hexadecimal(8),
                self.hexadecimal(4),
                self.hexadecimal(3),
                self.hexadecimal(3),
                self.hexadecimal(12)
            ),
            3 => format!("/{}/{}/{}", self.word(), self.roll(10_000), self.word()),
            4 => format!("{}.{}.{}", self.roll(20), self.roll(30), self.roll(300)),
            5 => format!("{}.{}", self.roll(100), self.roll(1_000_000)),
            6 => format!("17{:011}", self.roll(100_000_000_000)),
            7 => format!(
                "20{:02}-{:02}-{:02}T{:02}:{:02}:00Z",
                self.roll(30),
                1 + self.roll(12),
                1 + self.roll(28),
                self.roll(24),
                self.roll(60)
            ),
            8 => format!("{}-{}-{}", self.word(), self.hexadecimal(9), self.hexadecimal(5)),
            9 => format!("{}::{}", self.word(), self.word()),
            10 => {
                format!("10.{}.{}.{}:{}", self.roll(256), self.roll(256), 1 + self.roll(254), 1024 + self.roll(60_000))
            }
            11 => format!("{} {}", self.word(), self.word()),
            12 => format!("{}", self.roll(1_000_000_000)),
            13 => format!("{}.{}.svc.cluster.local", self.word(), self.word()),
            14 => format!("HTTP/{}.{} {}", self.roll(3), self.roll(2), 100 + self.roll(500)),
            _ => self.word(),
        }
    }
}

#[test]
fn ten_thousand_benign_labels_are_silent_and_planted_secrets_are_not() {
    let mut dice = Dice(17);
    let names = ["view", "code", "route", "zone", "job", "shard", "stage", "reason", "kind", "instance"];
    let mut page = String::from("# TYPE events_total counter\n");
    for _ in 0..10_000 {
        let name = names[dice.roll(names.len() as u64) as usize];
        page.push_str(&format!("events_total{{{name}=\"{}\"}} {}\n", dice.benign(), dice.roll(1000)));
    }
    let folder = project(&[("clean.txt", &page)]);
    let output = run(folder.path(), &["scrape", "clean.txt", "--output-format", "concise"]);
    assert_eq!(text(&output), "Found nothing in 1 file\n");
    let planted = [
        "4242424242424242",
        "DE89370400440532013000",
        "ada@example.org",
        "203.0.113.44",
        "+12025550143",
        "ghp_Zx81kQpLm27RtWs5vYb3Nc90dEfGhIjKlMnO",
        "password=tr33house",
        "https://ada:tr33house@example.org/",
        "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl",
    ];
    for (at, secret) in planted.iter().enumerate() {
        page.push_str(&format!("events_total{{spot{at}=\"{secret}\"}} 1\n"));
    }
    let folder = project(&[("leaky.txt", &page)]);
    let output = run(folder.path(), &["scrape", "leaky.txt", "--output-format", "concise"]);
    assert_eq!(text(&output).matches("error[sensitive-sample]").count(), planted.len(), "{}", text(&output));
}
