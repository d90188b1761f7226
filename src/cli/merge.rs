//! `overexposed merge`: JSON reports of several runs as one, equal to that of one run over all of it.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::args::MergeOptions;
use super::output;
use crate::config::FailOn;
use crate::error::Failure;
use crate::finding::Severity;

const SCHEMA: &str = "overexposed/1";

/// Joins the reports and prints the result; says whether something was found.
pub(super) fn run(options: &MergeOptions) -> Result<bool, Failure> {
    let mut merged = Map::new();
    let mut sources = Vec::new();
    for file in &options.files {
        let report = read(file)?;
        let summary = report.get("summary").cloned().unwrap_or_default();
        sources.push(json!({"file": file.display().to_string(), "summary": summary}));
        join(&mut merged, report);
    }
    let fail_on = options.fail_on.unwrap_or(FailOn::Warning);
    if let Some(Value::Array(findings)) = merged.get_mut("findings") {
        in_order(findings);
        number(findings);
    }
    for key in ["errors", "limits", "not_found_paths"] {
        if let Some(Value::Array(list)) = merged.get_mut(key) {
            in_order(list);
        }
    }
    recount(&mut merged);
    let found = findings(&merged).any(|finding| severity(finding).is_some_and(|severity| fail_on.is_met_by(severity)));
    merged.insert("merged".to_owned(), Value::from(sources));
    output::print(&format!("{:#}\n", Value::Object(merged)))?;
    Ok(found)
}

fn read(file: &Path) -> Result<Map<String, Value>, Failure> {
    let shown = file.display().to_string();
    let cannot = |cause| Failure::Io { what: format!("cannot read the report `{shown}`"), cause };
    let mut text = String::new();
    if file.as_os_str() == "-" {
        std::io::stdin().lock().read_to_string(&mut text).map_err(cannot)?;
    } else {
        text = std::fs::read_to_string(file).map_err(cannot)?;
    }
    let refuse = |message: String| Failure::Report { path: shown.clone(), message };
    let value: Value = serde_json::from_str(&text).map_err(|error| refuse(format!("not JSON: {error}")))?;
    let Value::Object(report) = value else { return Err(refuse("not a report: no object".to_owned())) };
    match report.get("schema").and_then(Value::as_str) {
        Some(SCHEMA) => {}
        Some(other) => return Err(refuse(format!("its schema is `{other}`, not `{SCHEMA}`"))),
        None => return Err(refuse("not a report: it names no schema".to_owned())),
    }
    for key in ["findings", "errors", "limits", "metrics", "endpoints", "not_found_paths"] {
        if report.get(key).is_some_and(|value| !value.is_array()) {
            return Err(refuse(format!("not a report: `{key}` is no list")));
        }
    }
    Ok(report)
}

/// Adds one report: lists are joined, numbers of the summary added up; of anything else the first holds.
fn join(merged: &mut Map<String, Value>, mut report: Map<String, Value>) {
    // Metrics name their endpoints by index.
    let before = merged.get("endpoints").and_then(Value::as_array).map_or(0, Vec::len) as u64;
    if let Some(Value::Array(metrics)) = report.get_mut("metrics") {
        for index in metrics.iter_mut().filter_map(|metric| metric.get_mut("endpoints")?.as_array_mut()).flatten() {
            if let Some(old) = index.as_u64() {
                *index = Value::from(old + before);
            }
        }
    }
    for (key, value) in report {
        match (merged.get_mut(&key), value) {
            (None, value) => drop(merged.insert(key, value)),
            (Some(Value::Array(all)), Value::Array(more)) => all.extend(more),
            (Some(Value::Object(all)), Value::Object(more)) if key == "summary" || key == "baseline" => add(all, more),
            (Some(_), _) => {}
        }
    }
}

fn add(all: &mut Map<String, Value>, more: Map<String, Value>) {
    for (key, value) in more {
        match (all.get_mut(&key), value) {
            (Some(Value::Array(all)), Value::Array(more)) => all.extend(more),
            (Some(old), value) => {
                if let (Some(a), Some(b)) = (old.as_u64(), value.as_u64()) {
                    *old = Value::from(a.saturating_add(b));
                }
            }
            (None, value) => drop(all.insert(key, value)),
        }
    }
}

/// By path, offset and rule, what is there twice once.
fn in_order(list: &mut Vec<Value>) {
    let key = |value: &Value| {
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let offset = |place: &str| value[place]["offset"].as_u64();
        (text("path"), offset("start"), text("rule"), offset("end"))
    };
    list.sort_by_cached_key(key);
    list.dedup();
}

/// Numbers findings with one fingerprint as one run would.
fn number(findings: &mut [Value]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for finding in findings {
        let Some(print) = finding["fingerprint"].as_str() else { continue };
        let content = print.split('-').next().unwrap_or(print).to_owned();
        let ordinal = seen.entry(content.clone()).or_insert(0);
        finding["fingerprint"] = Value::from(crate::report::numbered(&content, *ordinal));
        *ordinal += 1;
    }
}

/// What the summary says about findings is counted anew: some may have been in two reports.
fn recount(merged: &mut Map<String, Value>) {
    let found = findings(merged).count();
    let fixable = findings(merged).filter(|finding| finding["fix"]["applicability"] == "safe").count();
    if let Some(Value::Object(summary)) = merged.get_mut("summary") {
        summary.insert("findings".to_owned(), Value::from(found));
        summary.insert("fixable".to_owned(), Value::from(fixable));
    }
}

/// The findings that no comment allows.
fn findings(merged: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    let all = merged.get("findings").and_then(Value::as_array).into_iter().flatten();
    all.filter(|finding| finding["allowed"].is_null())
}

fn severity(finding: &Value) -> Option<Severity> {
    match finding["severity"].as_str()? {
        "error" => Some(Severity::Error),
        "warning" => Some(Severity::Warning),
        "note" => Some(Severity::Note),
        _ => None,
    }
}
