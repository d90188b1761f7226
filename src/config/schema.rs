//! The JSON Schema of the configuration, for editors. A test holds that it knows the keys that the reader knows.

use serde_json::{Map, Value, json};

/// The schema; `rules` are names and summaries of all rules.
#[must_use]
pub fn schema(rules: &[(&str, &str)]) -> Value {
    let level = |summary: &str| json!({"enum": ["off", "note", "warning", "error"], "description": summary});
    let levels: Map<String, Value> = rules.iter().map(|(name, summary)| ((*name).to_owned(), level(summary))).collect();
    let levels = json!({
        "type": "object",
        "description": "How rules are treated: off, or the severity that they give.",
        "additionalProperties": false,
        "properties": levels,
    });
    let mut properties = scalars();
    properties.extend(files());
    properties.insert("count".to_owned(), count());
    properties.insert("deploy".to_owned(), deploy());
    properties.insert("rules".to_owned(), levels.clone());
    properties.insert("overrides".to_owned(), overrides(levels));
    properties.extend(knowledge());
    properties.sort_keys();
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Configuration of overexposed",
        "description": "overexposed.toml, [tool.overexposed] in pyproject.toml, or [package.metadata.overexposed] or \
                        [workspace.metadata.overexposed] in Cargo.toml.",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

fn scalars() -> Map<String, Value> {
    let flag = |what: &str, default: bool| json!({"type": "boolean", "description": what, "default": default});
    let all = json!({
        "fail-on": {"enum": ["error", "warning", "note", "never"], "default": "warning",
            "description": "The severity from which on findings make the exit code 1."},
        "confidence": {"enum": ["low", "medium", "high"], "default": "low",
            "description": "Findings that are less sure are not reported."},
        "pedantic": flag("Whether notes are reported.", false),
        "require-reason": flag("Whether an allow comment must say why.", true),
        "include-tests": flag("Whether code that only tests run is audited.", false),
        "count-soft-404": flag("Whether a body that says 404 with another status must be counted.", true),
        "count-framework-404": flag("Whether 404s for unknown routes must be counted, too.", false),
        "baseline": {"type": "string", "description": "The file of known findings, relative to this file."},
    });
    all.as_object().cloned().unwrap_or_default()
}

fn texts(what: &str) -> Value {
    json!({"type": "array", "items": {"type": "string"}, "description": what})
}

fn files() -> Map<String, Value> {
    Map::from_iter([
        ("include".to_owned(), texts("What is audited, as lines of a .gitignore; everything where there are none.")),
        ("exclude".to_owned(), texts("What is left out, as lines of a .gitignore.")),
    ])
}

fn count() -> Value {
    let text = |what: &str| json!({"type": "string", "description": what});
    let all = json!({
        "type": "object",
        "description": "Which counters count 404s.",
        "additionalProperties": false,
        "properties": {"approved": texts("Full names, with or without `_total`.")},
    });
    let each = json!({
        "type": "array",
        "description": "Counters, each for some answers.",
        "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["counter"],
            "properties": {
                "counter": text("Its full name, with or without `_total`."),
                "status": {"type": "integer", "default": 404, "description": "The status that it counts."},
                "where": text("The files in which the answers are given, as a line of a .gitignore."),
                "exception": text("The class of the exception that leads to the answer."),
            },
        },
    });
    json!({"anyOf": [all, each]})
}

fn deploy() -> Value {
    json!({
        "type": "object",
        "description": "What is asked of the deployment.",
        "additionalProperties": false,
        "properties": {"scrape": texts("Targets that some Prometheus configuration must scrape: `host:port`.")},
    })
}

fn overrides(levels: Value) -> Value {
    json!({
        "type": "array",
        "description": "Other levels for some paths; later ones win.",
        "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["paths", "rules"],
            "properties": {"paths": texts("Which files, as lines of a .gitignore."), "rules": levels},
        },
    })
}

fn knowledge() -> Map<String, Value> {
    let lexicon = json!({"type": "object", "description": "What names say, in the form of rules/lexicon.toml."});
    let library = json!({
        "type": "array", "items": {"type": "object", "required": ["library", "languages"]},
        "description": "What libraries mean: sources, sinks, sanitizers, each in the form of a file under rules/libraries.",
    });
    let files = texts("Files and folders with more of the same, relative to this file.");
    Map::from_iter([
        ("lexicon".to_owned(), lexicon),
        ("library".to_owned(), library),
        ("library-files".to_owned(), files),
    ])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::Config;

    #[test]
    fn the_schema_knows_what_the_reader_knows() {
        let refused = toml::from_str::<Config>("no-such-key = 1").unwrap_err();
        let message = refused.message().to_owned();
        let known: BTreeSet<&str> = message.split('`').skip(3).step_by(2).collect();
        let schema = schema(&[]);
        let listed: BTreeSet<&str> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(listed, known);
    }
}
