//! SARIF 2.1.0, for code scanning: one run, rules with help, flows, fixes.
//!
//! GitHub takes a suppressed result for an open alert, so allowed findings are left out unless asked for; it takes 5,000
//! results, so the gravest come first and the rest is counted. Nothing in it depends on the machine: URIs are relative to
//! `%SRCROOT%`, which each consumer resolves by itself.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::view::{Item, View, name, word};
use super::{Report, escape, json as public, plain::plain};
use crate::finding::{Confidence, Edit, Finding, Fix};
use crate::rules::{self, Rule};
use crate::source::{FileId, Location};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
const ROOT: &str = "%SRCROOT%";
/// What GitHub shows of one upload.
const MOST_RESULTS: usize = 5000;

pub(super) fn render(report: &Report<'_>) -> String {
    let view = View::new(report);
    let chosen: Vec<&Item<'_>> =
        if report.extras.show_allowed { view.gravest(view.all()) } else { view.gravest(view.shown()) };
    let left_out = chosen.len().saturating_sub(MOST_RESULTS);
    let results: Vec<Value> = chosen.into_iter().take(MOST_RESULTS).map(|item| result(&view, item)).collect();
    let rules: Vec<Value> = rules::ALL.iter().map(|rule| descriptor(rule)).collect();
    public::pretty(&json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": env!("CARGO_PKG_NAME"),
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "shortDescription": {"text": env!("CARGO_PKG_DESCRIPTION")},
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {
                ROOT: {"description": {"text": "The folder in which the tool was started."}},
            },
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": notifications(&view, left_out),
            }],
            "results": results,
        }],
    }))
}

// ---------------------------------------------------------------- rules

fn descriptor(rule: &Rule) -> Value {
    let level = word(rule.severity);
    let mut tags = vec!["metrics".to_owned()];
    let mut properties = Map::from_iter([("precision".to_owned(), json!("high"))]);
    if let Some(security) = rule.security {
        tags.insert(0, "security".to_owned());
        tags.push(format!("external/cwe/{}", security.cwe.to_lowercase()));
        properties.insert("security-severity".to_owned(), json!(security.score));
    } else {
        let problem = if level == "note" { "recommendation" } else { level };
        properties.insert("problem.severity".to_owned(), json!(problem));
    }
    properties.insert("tags".to_owned(), json!(tags));
    let markdown = rule.markdown();
    json!({
        "id": rule.name,
        "name": pascal(rule.name),
        "shortDescription": {"text": sentence(rule.summary)},
        "fullDescription": {"text": rule.section("What").replace('\n', " ")},
        "help": {"text": markdown, "markdown": markdown},
        "defaultConfiguration": {"level": level},
        "properties": properties,
    })
}

/// `UncountedFourOhFour` style names are for machines that want an identifier: `uncounted-404` gives `Uncounted404`.
fn pascal(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    });
    words.collect()
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

// ---------------------------------------------------------------- results

fn result(view: &View<'_>, item: &Item<'_>) -> Value {
    let finding = item.finding;
    let mut result = json!({
        "ruleId": finding.rule,
        "level": word(finding.severity),
        "message": {"text": message(finding)},
        "locations": [primary(view, finding)],
        "partialFingerprints": {"overexposed/v1": item.fingerprint},
        "rank": rank(finding),
        "properties": properties(finding),
    });
    let Some(fields) = result.as_object_mut() else { return result };
    let mut put = |key: &str, value: Value| drop(fields.insert(key.to_owned(), value));
    if let Some(index) = rules::ALL.iter().position(|rule| rule.name == finding.rule) {
        put("ruleIndex", json!(index));
    }
    if !finding.flow.is_empty() {
        put("codeFlows", json!([flow(view, finding)]));
    }
    let fixes: Vec<Value> = finding
        .fix
        .iter()
        .flat_map(|fix| std::iter::once(fix).chain(&fix.alternatives))
        .map(|fix| mend(view, fix))
        .collect();
    if !fixes.is_empty() {
        put("fixes", json!(fixes));
    }
    if let Some(reason) = &finding.allowed {
        put("suppressions", json!([{"kind": "inSource", "justification": plain(reason)}]));
    }
    result
}

fn message(finding: &Finding) -> String {
    let help = if finding.help.is_empty() { String::new() } else { format!(" ({})", finding.help) };
    plain(&format!("{}{help}", finding.message)).into_owned()
}

/// From 0 to 100, what is surest and gravest highest.
fn rank(finding: &Finding) -> f64 {
    let severity = match word(finding.severity) {
        "error" => 70.0,
        "warning" => 40.0,
        _ => 10.0,
    };
    let confidence = match finding.confidence {
        Confidence::High => 30.0,
        Confidence::Medium => 15.0,
        Confidence::Low => 0.0,
    };
    severity + confidence
}

fn properties(finding: &Finding) -> Value {
    let mut all = Map::new();
    let mut put = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            all.insert(key.to_owned(), Value::from(value));
        }
    };
    put("confidence", Some(name(&finding.confidence)));
    put("tier", Some(name(&finding.tier)));
    put("category", finding.category.map(|category| name(&category)));
    put("channel", finding.channel.map(|channel| name(&channel)));
    put("metric", finding.metric.as_ref().map(|metric| plain(&metric.name).into_owned()));
    put("metricKind", finding.metric.as_ref().map(|metric| metric.kind.clone()));
    Value::Object(all)
}

fn primary(view: &View<'_>, finding: &Finding) -> Value {
    let mut location = json!({"physicalLocation": physical(view, finding.at)});
    if let (Some(function), Some(fields)) = (&finding.function, location.as_object_mut()) {
        let place = json!([{"name": plain(function), "kind": "function"}]);
        fields.insert("logicalLocations".to_owned(), place);
    }
    location
}

fn physical(view: &View<'_>, at: Location) -> Value {
    let mut region = region(view, at);
    let snippet = view.report.sources.snippet(at.file, at.span);
    if let (false, Some(fields)) = (snippet.is_empty(), region.as_object_mut()) {
        fields.insert("snippet".to_owned(), json!({"text": plain(snippet)}));
    }
    json!({"artifactLocation": artifact(view, at.file), "region": region})
}

fn region(view: &View<'_>, at: Location) -> Value {
    let (start, end) = (view.places.start(at), view.places.position(at.file, at.span.end));
    let (from, to) = (view.stored(at.file, at.span.start), view.stored(at.file, at.span.end));
    json!({
        "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column,
        "byteOffset": from, "byteLength": to.saturating_sub(from),
    })
}

fn artifact(view: &View<'_>, file: FileId) -> Value {
    let path = view.path(file);
    let uri = escape::uri(path);
    if path.starts_with('/') { json!({"uri": uri}) } else { json!({"uri": uri, "uriBaseId": ROOT}) }
}

fn flow(view: &View<'_>, finding: &Finding) -> Value {
    let steps = finding.flow.iter().map(|step| (step.at, step.note.as_str()));
    let last = finding.flow.last().map(|step| step.at);
    let label = if finding.label.is_empty() { &finding.message } else { &finding.label };
    // The flow ends where the finding is; a flow whose last step is that place says so already.
    let end = (last != Some(finding.at)).then_some((finding.at, label.as_str()));
    let locations: Vec<Value> = steps
        .chain(end)
        .enumerate()
        .map(|(at, (place, note))| {
            let location = json!({"physicalLocation": physical(view, place), "message": {"text": plain(note)}});
            json!({"location": location, "executionOrder": at + 1, "importance": "essential"})
        })
        .collect();
    json!({"threadFlows": [{"locations": locations}]})
}

fn mend(view: &View<'_>, fix: &Fix) -> Value {
    let mut files: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    for edit in &fix.edits {
        files.entry(edit.at.file).or_default().push(edit);
    }
    let changes = files.into_iter().map(|(file, edits)| {
        let replacements: Vec<Value> = edits
            .into_iter()
            .map(|edit| json!({"deletedRegion": region(view, edit.at), "insertedContent": {"text": edit.text}}))
            .collect();
        json!({"artifactLocation": artifact(view, file), "replacements": replacements})
    });
    let caveat = fix.caveat.as_ref().map_or(String::new(), |why| format!(" (look at the result: {why})"));
    json!({
        "description": {"text": plain(&format!("{}{caveat}", fix.title))},
        "artifactChanges": changes.collect::<Vec<_>>(),
        "properties": {"applicability": name(&fix.applicability)},
    })
}

// ---------------------------------------------------------------- what went wrong

fn notifications(view: &View<'_>, left_out: usize) -> Vec<Value> {
    let errors = view.report.errors.iter().map(|error| {
        let place = json!({"physicalLocation": {"artifactLocation": {"uri": escape::uri(&error.path)}}});
        json!({"level": "error", "message": {"text": plain(&error.message)}, "locations": [place]})
    });
    let limits = view.report.limits.iter().map(|(at, message)| {
        let place = json!({"physicalLocation": physical(view, *at)});
        json!({"level": "note", "message": {"text": plain(message)}, "locations": [place]})
    });
    let more = (left_out > 0).then(|| {
        let text = format!("{left_out} findings more are left out; the gravest {MOST_RESULTS} are here");
        json!({"level": "warning", "message": {"text": text}})
    });
    errors.chain(limits).chain(more).collect()
}
