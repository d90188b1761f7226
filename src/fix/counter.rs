//! How is the counter of 404s called in a file, and what would it look like if there were one?

use super::count::newline;
use super::effects::{Names, Origins};
use super::layout::Layout;
use super::outline::{Group, Node};
use super::take_out::{FileText, Parsed, View};
use crate::finding::Finding;
use crate::flow::{Analysis, Metric};
use crate::program::{Callee, Function, OpKind, Reg, Syntax};
use crate::source::{FileId, Location, Span};

/// A counter, as seen from one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Counter {
    /// The expression that counts one.
    pub(super) increment: String,
    /// Its creation, where it does not exist yet.
    pub(super) definition: Option<Place>,
}

/// A text to insert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) at: u32,
    pub(super) text: String,
}

impl Counter {
    /// The approved counter that the project has, by an expression that works where the finding stands.
    pub(super) fn find(view: View<'_>, analysis: &Analysis, finding: &Finding) -> Option<Self> {
        let file = finding.at.file;
        let counts = |metric: &Metric| metric.labels.is_empty() && (metric.approved || metric.misnamed.is_some());
        let known: Vec<(usize, &Metric)> = analysis.metrics.iter().enumerate().filter(|(_, m)| counts(m)).collect();
        let recorded = known.iter().find_map(|(id, _)| recorded(view, analysis, *id, finding));
        let increment = recorded.or_else(|| known.iter().find_map(|(_, metric)| kept(view, metric, file)))?;
        Some(Self { increment, definition: None })
    }

    /// A new counter, made as the last counter of the file is made and standing behind it.
    pub(super) fn make(view: View<'_>, analysis: &Analysis, file: FileId, name: &str) -> Option<Self> {
        let text = view.files.get(&file)?;
        let parsed = Parsed::new(text)?;
        let mut models: Vec<&Metric> = analysis
            .metrics
            .iter()
            .filter(|metric| metric.at.file == file && metric.kind == "counter" && metric.labels.is_empty())
            .collect();
        models.sort_by_key(|metric| metric.at.span);
        models.iter().rev().find_map(|metric| match text.syntax {
            Syntax::Python => like_python(text, &parsed.outline, metric, name),
            Syntax::Rust => like_rust(text, &parsed.outline, metric, name),
        })
    }
}

/// An increment that stands in the file already and names nothing local, or only parameters of the same function.
fn recorded(view: View<'_>, analysis: &Analysis, id: usize, finding: &Finding) -> Option<String> {
    let text = view.files.get(&finding.at.file)?.text;
    let names = Names::new(view.program);
    analysis
        .recordings
        .iter()
        .filter(|recording| recording.at.file == finding.at.file && !recording.binds_only)
        .filter(|recording| recording.metrics.iter().map(|metric| metric.0 as usize).eq([id]))
        .find_map(|recording| {
            let source = text.get(recording.at.span.range())?;
            let once = ["()", "(1)"].iter().any(|end| source.ends_with(end)) && !source.contains(['\n', '\r']);
            let here = finding.function.as_ref() == Some(&recording.function);
            (once && is_reachable(view, &names, recording.at, here)).then(|| source.to_owned())
        })
}

/// The call's receiver is reached from a name of the module or, `here`, from a parameter.
fn is_reachable(view: View<'_>, names: &Names<'_>, call: Location, here: bool) -> bool {
    let mut functions = view.program.functions.iter().filter(|function| function.file == call.file);
    functions.any(|function| {
        let found = function.blocks.iter().flat_map(|block| &block.ops).find_map(|op| match &op.kind {
            OpKind::Call(inner) if op.span == call.span => Some(inner.callee),
            _ => None,
        });
        matches!(found, Some(Callee::Method(receiver, _)) if is_rooted(names, function, receiver, here))
    })
}

fn is_rooted(names: &Names<'_>, function: &Function, receiver: Reg, here: bool) -> bool {
    let origins = Origins::new(names, function);
    let mut at = receiver;
    // Chains are short; the bound keeps a ring of copies from looping.
    for _ in 0..16 {
        if function.params.iter().any(|param| param.reg == at) {
            return here;
        }
        at = match origins.writer(at).map(|op| &op.kind) {
            Some(OpKind::LoadGlobal(_) | OpKind::Path(_)) => return true,
            Some(OpKind::Attr(object, _) | OpKind::Index(object, _) | OpKind::Extract(object, _)) => *object,
            Some(OpKind::Call(call)) => match call.callee {
                Callee::Value(callee) if call.args.iter().all(|arg| origins.constant(arg.reg).is_some()) => callee,
                _ => return false,
            },
            _ => return false,
        };
    }
    false
}

/// An increment through the name that the creation gives the counter.
fn kept(view: View<'_>, metric: &Metric, file: FileId) -> Option<String> {
    let text = view.files.get(&metric.at.file)?;
    let parsed = Parsed::new(text)?;
    let node = top(&parsed.outline, metric.at.span)?;
    match text.syntax {
        Syntax::Python if metric.at.file == file => {
            let target = python_target(text.text, node, metric.at.span)?;
            Some(format!("{target}.inc()"))
        }
        Syntax::Python => None,
        Syntax::Rust => {
            let name = rust_static(text.text.get(node.span.range())?)?;
            let path = if metric.at.file == file { name.to_owned() } else { crate_path(view, metric, name)? };
            Some(format!("{path}.inc()"))
        }
    }
}

/// The static's path from anywhere in its crate.
fn crate_path(view: View<'_>, metric: &Metric, name: &str) -> Option<String> {
    let module = view
        .program
        .modules
        .iter()
        .find(|module| {
            module.statics.iter().any(|(item, init)| {
                let file = view.program.functions.get(init.index()).map(|function| function.file);
                item.as_str() == name && file == Some(metric.at.file)
            })
        })?
        .path;
    let inner = module.as_str().split_once('.').map_or(String::new(), |(_, rest)| rest.replace('.', "::") + "::");
    Some(format!("crate::{inner}{name}"))
}

/// The statement or item at the top of the file, or in a macro at the top, that holds the place.
fn top(outline: &Group, place: Span) -> Option<&Node> {
    let node = outline.nodes.iter().find(|node| node.span.contains(place))?;
    if node.simple {
        return Some(node);
    }
    let inner = node.groups.iter().flat_map(|group| &group.nodes).find(|inner| inner.span.contains(place))?;
    (!node.function && !node.declares && inner.groups.is_empty()).then_some(inner)
}

/// What the statement assigns the metric to: `C`, `graphs['c']`, or `graphs` and the key in its display.
fn python_target(text: &str, node: &Node, metric: Span) -> Option<String> {
    let value = node.value?;
    let head = text.get(node.span.start as usize..value.start as usize)?;
    let targets = head.trim_end().strip_suffix('=')?;
    let target = targets.rsplit('=').next()?.split(':').next()?.trim();
    if target.is_empty() || target.contains([',', '*']) || target.contains('\n') {
        return None;
    }
    if value == metric {
        return Some(target.to_owned());
    }
    let item = node.lists.iter().flat_map(|list| &list.items).find(|item| item.contains(metric))?;
    let key = text.get(item.start as usize..metric.start as usize)?.trim_end().strip_suffix(':')?.trim();
    (metric.end == item.end && !key.contains('\n')).then(|| format!("{target}[{key}]"))
}

/// The name of `static NAME: T = …` and `static ref NAME: T = …`.
fn rust_static(text: &str) -> Option<&str> {
    let (head, _) = text.split_once(':')?;
    head.contains("static").then(|| head.split_whitespace().last()).flatten()
}

/// Short, so that the line needs no break.
const HELP: &str = "404 responses";

fn like_python(file: &FileText<'_>, outline: &Group, metric: &Metric, name: &str) -> Option<Counter> {
    let text = file.text;
    let node = outline.nodes.iter().find(|node| node.simple && node.span.contains(metric.at.span))?;
    let target = python_target(text, node, metric.at.span)?;
    let source = text.get(metric.at.span.range())?;
    let (callee, arguments) = source.split_once('(')?;
    let quote = arguments.chars().find(|c| matches!(c, '"' | '\'')).unwrap_or('"');
    let registry = arguments
        .split_once("registry=")
        .and_then(|(_, rest)| rest.split([',', ')']).next())
        .map_or(String::new(), |registry| format!(", registry={}", registry.trim()));
    let call = format!("{callee}({quote}{name}{quote}, {quote}{HELP}{quote}{registry})");
    let layout = Layout::new(text, Syntax::Python);
    let at = layout.line_end(node.span.end);
    let new = match target.split_once('[') {
        Some((container, _)) => format!("{container}[{quote}{name}{quote}]"),
        None => name.to_uppercase(),
    };
    let (newline, before) =
        (newline(text), if text.as_bytes().get(at as usize - 1) == Some(&b'\n') { "" } else { newline(text) });
    Some(Counter {
        increment: format!("{new}.inc()"),
        definition: Some(Place { at, text: format!("{before}{new} = {call}{newline}") }),
    })
}

/// A copy of the model's static with its name, its registered name and its help changed.
fn like_rust(file: &FileText<'_>, outline: &Group, metric: &Metric, name: &str) -> Option<Counter> {
    let text = file.text;
    let node = top(outline, metric.at.span)?;
    let model = text.get(node.span.range())?;
    // Without attributes and documentation of its own.
    let model = model.get(
        model
            .find("static")
            .map(|at| model.get(..at).and_then(|head| head.rfind('\n')).map_or(0, |line| line + 1))?..,
    )?;
    let old = rust_static(model)?;
    let new = name.to_uppercase();
    let mut copy = model.trim_start().replacen(old, &new, 1);
    for (literal, by) in [(&metric.name, name), (&metric.help, HELP)] {
        let quoted = format!("\"{literal}\"");
        if !copy.contains(&quoted) {
            return None;
        }
        copy = copy.replacen(&quoted, &format!("\"{by}\""), 1);
    }
    let layout = Layout::new(text, Syntax::Rust);
    let indent = text.get(layout.line_start(node.span.start) as usize..node.span.start as usize)?;
    let (at, newline) = (node.span.end, newline(text));
    Some(Counter {
        increment: format!("{new}.inc()"),
        definition: Some(Place { at, text: format!("{newline}{indent}{copy}") }),
    })
}
