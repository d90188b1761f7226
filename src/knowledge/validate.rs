//! Checks what the TOML reader cannot: that words are of the vocabulary and arguments are declared.

use super::effect::{CallEntry, Creates, Library, Records, Source};
use super::error::KnowledgeError;
use super::primitives;
use crate::nearest::nearest;

const KINDS: &[&str] = &["counter", "gauge", "histogram", "summary", "info", "enum", "untyped"];
const OPERATIONS: &[&str] = &["add", "bind", "set", "observe", "info", "state", "push"];
const SHAPES: &[&str] = &["", "whole", "map", "text", "object", "number"];
const WRAPS: &[&str] = &["middleware", "error-handler", "exception-hook", "after-request", "fallback"];
const FOLDS: &[&str] = &[
    "lower",
    "upper",
    "strip",
    "strip-left",
    "strip-right",
    "replace",
    "split",
    "remove-prefix",
    "remove-suffix",
    "starts-with",
    "ends-with",
];
const COVERS: &[&str] = &["", "before", "holder"];
const PARAMETERS: &[&str] = &["", "client", "typed", "request"];

/// One thing that is wrong: the text to look for, and the message.
struct Wrong {
    needle: String,
    message: String,
    help: String,
}

/// The first thing that is wrong with a library.
pub(super) fn library(file: &str, text: &str, library: &Library) -> Result<(), KnowledgeError> {
    match find(library) {
        None => Ok(()),
        Some(wrong) => {
            let quoted = format!("\"{}\"", wrong.needle);
            Err(KnowledgeError::about(file, text, &quoted, wrong.message).with_help(wrong.help))
        }
    }
}

fn find(library: &Library) -> Option<Wrong> {
    library.call.iter().find_map(call).or_else(|| others(library))
}

fn others(library: &Library) -> Option<Wrong> {
    let attributes = library.attribute.iter().filter_map(|entry| entry.source.as_ref());
    let types = library.r#type.iter().flat_map(|entry| entry.source.iter().chain(&entry.record));
    attributes.chain(types).find_map(source).or_else(|| {
        library.handler.iter().find_map(|entry| {
            let wraps = (!entry.wraps.is_empty()).then(|| word("wraps", &entry.wraps, WRAPS)).flatten();
            wraps
                .or_else(|| word("covers", &entry.covers, COVERS))
                .or_else(|| word("parameters", &entry.parameters, PARAMETERS))
        })
    })
}

fn call(entry: &CallEntry) -> Option<Wrong> {
    entry
        .creates
        .as_ref()
        .and_then(|creates| word("kind", &creates.kind, KINDS))
        .or_else(|| entry.records.as_ref().and_then(|records| word("operation", &records.operation, OPERATIONS)))
        .or_else(|| entry.wraps.as_ref().and_then(|wraps| word("kind", &wraps.kind, WRAPS)))
        .or_else(|| entry.wraps.as_ref().and_then(|wraps| word("covers", &wraps.covers, COVERS)))
        .or_else(|| entry.source.as_ref().and_then(source))
        .or_else(|| entry.does.as_ref().and_then(|does| primitive(does)))
        .or_else(|| entry.folds.as_ref().and_then(|folds| word("folds", folds, FOLDS)))
        .or_else(|| arguments(entry))
}

fn source(source: &Source) -> Option<Wrong> {
    word("shape", &source.shape, SHAPES)
}

fn primitive(does: &str) -> Option<Wrong> {
    word("does", does, &primitives::names())
}

fn word(key: &str, given: &str, known: &[&str]) -> Option<Wrong> {
    if known.contains(&given) {
        return None;
    }
    let help = match nearest(given, known.iter().copied()) {
        Some(near) if !near.is_empty() => format!("did you mean `{near}`?"),
        _ => format!("known are: {}", known.join(", ")),
    };
    Some(Wrong { needle: given.to_owned(), message: format!("unknown {key} `{given}`"), help })
}

/// An argument that is named but not in `params`.
fn arguments(entry: &CallEntry) -> Option<Wrong> {
    let known =
        |name: &&str| matches!(*name, "self" | "*" | "**" | "=>") || entry.params.iter().any(|param| param == name);
    named(entry).into_iter().find(|name| !known(name)).map(|name| Wrong {
        needle: name.to_owned(),
        message: format!("argument `{name}` of `{}` is not in its params", entry.path.join("`, `")),
        help: nearest(name, entry.params.iter().map(String::as_str))
            .map_or_else(String::new, |near| format!("did you mean `{near}`?")),
    })
}

fn named(entry: &CallEntry) -> Vec<&str> {
    let mut all: Vec<&str> = Vec::new();
    for list in [&entry.carries, &entry.runs, &entry.routes, &entry.holds, &entry.bounded_by] {
        all.extend(list.iter().map(String::as_str));
    }
    all.extend(
        [&entry.registers, &entry.unregisters, &entry.includes_default, &entry.constructs]
            .into_iter()
            .filter_map(|x| x.as_deref()),
    );
    all.extend(entry.returns.as_deref().and_then(|returns| returns.strip_prefix("arg:")));
    all.extend(entry.creates.iter().flat_map(creates));
    all.extend(entry.records.iter().flat_map(records));
    all.extend(entry.source.iter().filter_map(|source| source.key.as_deref()));
    if let Some(response) = &entry.response {
        all.extend([&response.status, &response.body, &response.from].into_iter().filter_map(|name| name.as_deref()));
    }
    all.extend(entry.raises.iter().flat_map(|raises| raises.status.iter().chain(&raises.unless)).map(String::as_str));
    let shows = entry.exposes.iter().flat_map(|exposes| [&exposes.registry, &exposes.path]);
    all.extend(shows.flatten().map(String::as_str));
    if let Some(wraps) = &entry.wraps {
        all.extend([&wraps.function, &wraps.catches].into_iter().filter_map(|name| name.as_deref()));
    }
    all
}

fn creates(creates: &Creates) -> impl Iterator<Item = &str> {
    [
        &creates.name,
        &creates.help,
        &creates.labels,
        &creates.namespace,
        &creates.subsystem,
        &creates.unit,
        &creates.const_labels,
        &creates.states,
        &creates.registry,
    ]
    .into_iter()
    .filter_map(|name| name.as_deref())
}

fn records(records: &Records) -> impl Iterator<Item = &str> {
    let single = [
        &records.labels,
        &records.attributes,
        &records.tags,
        &records.amount,
        &records.exemplar,
        &records.state,
        &records.grouping_key,
        &records.callback,
    ];
    single.into_iter().filter_map(|name| name.as_deref()).chain(records.label_values.iter().map(String::as_str))
}
