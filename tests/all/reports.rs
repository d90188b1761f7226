//! What reports look like.

use overexposed::finding::{Applicability, Category, Channel, Edit, Finding, Fix, FlowStep, MetricRef};
use overexposed::report::{Extras, Format, Report, Style, Summary, render};
use overexposed::rules;
use overexposed::source::{Encoding, FileError, FileId, Language, Location, SourceFile, Sources, Span};

const VIEWS: &str = "from .text import clean\n\ndef register(request):\n    pword = request.POST[\"pword\"]\n    name = clean(pword)\n    graphs[name] = Counter(\n        f\"counter_{name}\", \"x\")\n    graphs[name].inc()\n    return \"gr\u{fc}\u{1b}n\"\n";
const TEXT: &str = "def clean(text):\n    return text.strip()\n";

fn file(path: &str, text: &str) -> SourceFile {
    SourceFile {
        path: path.to_owned(),
        disk: None,
        language: Language::Python,
        project: 0,
        is_test: false,
        text: Some(text.into()),
        encoding: Encoding::Utf8,
        starts: None,
    }
}

fn at(file: u32, text: &str, from: &str, to: &str) -> Location {
    let start = text.find(from).expect("the text");
    let end = start + text[start..].find(to).expect("the end") + to.len();
    Location::new(FileId(file), Span::new(start as u32, end as u32))
}

fn leak() -> Finding {
    let rule = rules::by_name("sensitive-metric-name").expect("a rule");
    let mut finding = rule.finding(at(1, VIEWS, "Counter(", "\"x\")"), "a password becomes part of a metric's name");
    finding.category = Some(Category::Credential);
    finding.channel = Some(Channel::Name);
    finding.label = "shown to every reader of the page".to_owned();
    finding.help = "strip the metric, or give it a constant name".to_owned();
    finding.function = Some("register".to_owned());
    finding.metric = Some(MetricRef { name: "counter_{name}".to_owned(), kind: "counter".to_owned() });
    finding.flow = vec![
        FlowStep { at: at(1, VIEWS, "request.POST", "]"), note: "`pword` is read from request.POST".to_owned() },
        FlowStep { at: at(0, TEXT, "text.strip", ")"), note: "passes through `clean`".to_owned() },
        FlowStep { at: at(1, VIEWS, "f\"counter", "}\""), note: "becomes part of a text".to_owned() },
    ];
    let gone = at(1, VIEWS, "    graphs[name] = ", ".inc()\n");
    finding.fix = Some(Fix {
        proof: None,
        alternatives: Vec::new(),
        references: Vec::new(),
        unused: Vec::new(),
        title: "strip the metric".to_owned(),
        applicability: Applicability::Safe,
        caveat: None,
        edits: vec![Edit { at: gone, text: String::new() }],
    });
    finding
}

fn report(format: Format, findings: &[Finding]) -> String {
    let sources = Sources { files: vec![file("shop/text.py", TEXT), file("shop/views.py", VIEWS)] };
    let errors = [FileError { path: "shop/odd\u{1b}.py".to_owned(), message: "not UTF-8".to_owned() }];
    let summary = Summary { files: 2, parsed: 2, metrics: 1, ..Summary::default() }.with_findings(findings);
    let report =
        Report { sources: &sources, findings, errors: &errors, limits: &[], summary, extras: Extras::default() };
    render(&report, format, Style { color: false, unicode: true, width: 100, summary: true })
}

#[test]
fn full() {
    insta::assert_snapshot!(report(Format::Full, &[leak()]));
}

#[test]
fn full_escapes_what_terminals_obey() {
    let rule = rules::by_name("soft-404").expect("a rule");
    let mut finding = rule.finding(at(1, VIEWS, "return \"gr", "n\""), "a response says \u{1b}[31m404");
    finding.label = "\u{202e}here".to_owned();
    let text = report(Format::Full, &[finding]);
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text:?}");
}

#[test]
fn full_lists_the_places_that_a_finding_about_a_file_is_about() {
    let rule = rules::by_name("missing-404-counter").expect("a rule");
    let place = at(1, VIEWS, "return \"gr", "n\"");
    let mut finding =
        rule.finding(Location::new(place.file, Span::new(0, 4)), "no counter for the 404 of this project");
    finding.flow = vec![FlowStep { at: place, note: "returns status 404".to_owned() }];
    let text = report(Format::Full, &[finding]);
    assert!(text.contains("= from: ") && text.contains(" returns status 404"), "{text}");
    assert!(!text.contains("return \"gr"), "{text}");
}

#[test]
fn concise() {
    let mut allowed = leak();
    allowed.allowed = Some("a demonstration".to_owned());
    insta::assert_snapshot!(report(Format::Concise, &[leak(), allowed]));
}

#[test]
fn json() {
    insta::assert_snapshot!(report(Format::Json, &[leak()]));
}

#[test]
fn json_lines_are_objects() {
    let text = report(Format::Jsonl, &[leak(), leak()]);
    let kinds: Vec<String> = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"))
        .map(|value| value["type"].as_str().expect("a type").to_owned())
        .collect();
    assert_eq!(kinds, ["finding", "finding", "error", "summary"]);
}

#[test]
fn equal_findings_have_different_fingerprints_that_lines_do_not_change() {
    let prints = |text: &str| {
        let value: serde_json::Value = serde_json::from_str(text).expect("JSON");
        let all = value["findings"].as_array().expect("a list").iter();
        all.map(|finding| finding["fingerprint"].as_str().expect("a text").to_owned()).collect::<Vec<_>>()
    };
    let two = prints(&report(Format::Json, &[leak(), leak()]));
    assert_ne!(two[0], two[1]);
    assert_eq!(prints(&report(Format::Json, &[leak()]))[0], two[0]);
}
