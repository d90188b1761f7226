//! Mending a label instead of the whole metric: it is dropped, from the declaration and all recordings, or its value
//! gives way to a constant.

use std::collections::BTreeSet;

use super::arguments::{Argument, Element, Written, collection, read};
use super::choose::Chooser;
use super::layout::Layout;
use super::outline::List;
use super::relist::joined;
use super::take_out::{Calls, View};
use crate::finding::{Edit, Finding};
use crate::flow::{Analysis, Metric, MetricId};
use crate::program::{Call, Function, OpKind, Syntax};
use crate::source::{FileId, Location, Span};

/// What stands in the place of a value that is bounded, until somebody knows better.
const PLACEHOLDER: &str = "\"bounded\"";

/// Edits that change a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Relabel {
    pub(super) title: String,
    /// Sorted.
    pub(super) edits: Vec<Edit>,
    /// The metric as a whole is meant, not only one recording.
    pub(super) metric: Option<MetricId>,
    /// Other recordings that are handed the same list or map.
    pub(super) also: BTreeSet<Location>,
    pub(super) caveat: Option<String>,
}

/// Looks at the label that a finding is about.
pub(super) struct Labels<'a> {
    pub(super) view: View<'a>,
    pub(super) analysis: &'a Analysis,
    pub(super) chooser: &'a Chooser<'a>,
}

impl Labels<'_> {
    /// Without the label. `calls` are those of the metric.
    pub(super) fn dropped(&self, finding: &Finding, id: Option<MetricId>, calls: &Calls) -> Option<Relabel> {
        let label = self.label(finding, id)?;
        let title = format!("drop the label `{label}`");
        let metric = id.and_then(|id| self.analysis.metrics.get(id.0 as usize));
        let declared = metric.filter(|metric| metric.labels.contains(&label));
        let mut also = BTreeSet::new();
        let mut edits = match (declared, id) {
            (Some(metric), Some(id)) => self.declared(metric, id, &label, calls)?,
            _ => match self.entry(finding.at, &label) {
                Some(edits) => self.rejoined(finding.at, edits),
                None => {
                    let handed = self.handed(finding.at, &label)?;
                    also = handed.1;
                    handed.0
                }
            },
        };
        edits.sort();
        edits.dedup();
        Some(Relabel { title, edits, metric: declared.and(id), also, caveat: None })
    }

    /// With a constant in the place of the value.
    pub(super) fn bounded(&self, finding: &Finding, id: Option<MetricId>) -> Option<Relabel> {
        let label = self.label(finding, id)?;
        let metric = id.and_then(|id| self.analysis.metrics.get(id.0 as usize));
        let written = self.written(finding.at)?;
        let entry = || entries(&written).into_iter().find(|(key, ..)| *key == label);
        let declared = metric.and_then(|metric| value(&written, &metric.labels, &label)).map(|value| (value, false));
        let (value, tag) = declared.or_else(|| entry().map(|(_, value, tag)| (value, tag)))?;
        let text = if tag { format!("\"{label}:{}", &PLACEHOLDER[1..]) } else { PLACEHOLDER.to_owned() };
        Some(Relabel {
            title: format!("bound the value of `{label}`"),
            edits: vec![Edit { at: Location::new(finding.at.file, value), text }],
            metric: None,
            also: BTreeSet::new(),
            caveat: Some(format!("{PLACEHOLDER} stands for a constant, or an entry of a table, that you choose")),
        })
    }

    /// Rust: the whole call on one line, where that is how it would be written now.
    fn rejoined(&self, at: Location, edits: Vec<Edit>) -> Vec<Edit> {
        let own: Vec<&Edit> = edits.iter().collect();
        let joined = self.view.files.get(&at.file).filter(|file| file.syntax == Syntax::Rust).and_then(|file| {
            let old = file.text.get(at.span.range())?;
            let after = super::apply::edited(file.text, &own)?;
            let end = after.len().checked_sub(file.text.len() - at.span.end as usize)?;
            joined(old, after.get(at.span.start as usize..end)?)
        });
        joined.map_or(edits, |text| vec![Edit { at, text }])
    }

    fn label(&self, finding: &Finding, id: Option<MetricId>) -> Option<String> {
        let exposures = self.analysis.exposures.iter().filter(|exposure| exposure.at == finding.at);
        let mut own = exposures.filter(|exposure| Some(exposure.channel) == finding.channel);
        own.find_map(|exposure| exposure.label.clone()).or_else(|| {
            // The declaration of a label: its name is what stands there.
            let text = self.view.files.get(&finding.at.file)?.text.get(finding.at.span.range())?;
            let text = text.trim_matches(['"', '\'']);
            let metric = self.analysis.metrics.get(id?.0 as usize)?;
            metric.labels.iter().find(|label| *label == text).cloned()
        })
    }

    fn written(&self, at: Location) -> Option<Written> {
        let file = self.view.files.get(&at.file)?;
        read(file.text, at.span, file.syntax)
    }

    /// The entry of a map, or the pair, in this call only.
    fn entry(&self, at: Location, label: &str) -> Option<Vec<Edit>> {
        let written = self.written(at)?;
        if let ([name, _], Some(receiver)) = (written.arguments.as_slice(), written.receiver)
            && name.text.as_deref() == Some(label)
        {
            // `.const_label("user", user)`: a link of a chain.
            let gone = Location::new(at.file, Span::new(receiver, at.span.end));
            return Some(vec![Edit { at: gone, text: String::new() }]);
        }
        for argument in &written.arguments {
            let find = |element: &Element| element.entry.as_ref().is_some_and(|(key, _)| key == label);
            if let ([only], Some(_)) = (argument.elements.as_slice(), &argument.key)
                && find(only)
                && self.view.files.get(&at.file).is_some_and(|file| file.syntax == Syntax::Python)
                && argument.key.as_deref() == Some("exemplar")
            {
                let spans: Vec<Span> = written.arguments.iter().map(|argument| argument.span).collect();
                let index = spans.iter().position(|span| *span == argument.span)?;
                return self.without(at.file, &spans, index);
            }
            if let Some(index) = argument.elements.iter().position(find) {
                let spans: Vec<Span> = argument.elements.iter().map(|element| element.span).collect();
                return self.without(at.file, &spans, index);
            }
        }
        let index = written.arguments.iter().position(|argument| argument.key.as_deref() == Some(label))?;
        let spans: Vec<Span> = written.arguments.iter().map(|argument| argument.span).collect();
        self.without(at.file, &spans, index)
    }

    /// The entry of a list or map that a variable holds, with the recordings that are handed the variable.
    fn handed(&self, at: Location, label: &str) -> Option<(Vec<Edit>, BTreeSet<Location>)> {
        let functions = self.view.program.functions.iter().filter(|function| function.file == at.file);
        let (function, call) = functions.filter_map(|function| Some((function, call_at(function, at.span)?))).next()?;
        let origins = self.chooser.origins(function);
        let made = |call: &Call| -> Vec<Span> {
            let ops = call.args.iter().filter_map(|arg| origins.maker(arg.reg));
            ops.filter(|op| matches!(op.kind, OpKind::Collection(..))).map(|op| op.span).collect()
        };
        let file = self.view.files.get(&at.file)?;
        let holds = |element: &Element| element.entry.as_ref().is_some_and(|(key, _)| key == label);
        let (place, elements, index) = made(call).into_iter().find_map(|place| {
            let elements = collection(file.text, place, file.syntax);
            let index = elements.iter().position(holds)?;
            Some((place, elements, index))
        })?;
        let spans: Vec<Span> = elements.iter().map(|element| element.span).collect();
        let edits = self.without(at.file, &spans, index)?;
        let ops = function.blocks.iter().flat_map(|block| &block.ops);
        let sharing = ops.filter(|op| matches!(&op.kind, OpKind::Call(call) if made(call).contains(&place)));
        let recorded = |at: &Location| self.analysis.recordings.iter().any(|recording| recording.at == *at);
        let also = sharing.map(|op| Location::new(at.file, op.span)).filter(recorded).collect();
        Some((edits, also))
    }

    /// From the declaration and from all calls that choose labels.
    fn declared(&self, metric: &Metric, id: MetricId, label: &str, calls: &Calls) -> Option<Vec<Edit>> {
        let shared =
            |recording: &crate::flow::Recording| recording.metrics.len() > 1 && recording.metrics.contains(&id);
        if self.analysis.recordings.iter().any(shared) {
            return None;
        }
        let only = metric.labels.len() == 1;
        let mut edits = self.declaration(metric, label, only)?;
        let mut places: BTreeSet<Location> = calls.all.clone();
        places.remove(&metric.at);
        for at in places {
            if self.binds(at)? {
                edits.extend(self.binding(at, metric, label, only)?);
            }
        }
        Some(edits)
    }

    fn declaration(&self, metric: &Metric, label: &str, only: bool) -> Option<Vec<Edit>> {
        let written = self.written(metric.at)?;
        let names = |argument: &Argument| -> Vec<String> {
            argument.elements.iter().filter_map(|element| element.text.clone()).collect()
        };
        let at = written.arguments.iter().position(|argument| names(argument) == metric.labels)?;
        let argument = written.arguments.get(at)?;
        let syntax = self.view.files.get(&metric.at.file)?.syntax;
        if only {
            let spans: Vec<Span> = written.arguments.iter().map(|argument| argument.span).collect();
            // Rust's vectors of metrics have a type of their own, and a positional argument behind it would move.
            let last = at + 1 == spans.len() || argument.key.is_some();
            return (syntax == Syntax::Python && last).then(|| self.without(metric.at.file, &spans, at)).flatten();
        }
        let index = metric.labels.iter().position(|known| known == label)?;
        let spans: Vec<Span> = argument.elements.iter().map(|element| element.span).collect();
        self.without(metric.at.file, &spans, index)
    }

    /// The call chooses label values; `None` where no call is found.
    fn binds(&self, at: Location) -> Option<bool> {
        let functions = self.view.program.functions.iter().filter(|function| function.file == at.file);
        let found = functions.filter_map(|function| Some((function, call_at(function, at.span)?))).next();
        found.map(|(function, call)| self.chooser.binds(function, call))
    }

    fn binding(&self, at: Location, metric: &Metric, label: &str, only: bool) -> Option<Vec<Edit>> {
        let written = self.written(at)?;
        if only {
            let receiver = written.receiver?;
            value(&written, &metric.labels, label)?;
            let gone = Location::new(at.file, Span::new(receiver, at.span.end));
            return Some(vec![Edit { at: gone, text: String::new() }]);
        }
        if let Some(index) = written.arguments.iter().position(|argument| argument.key.as_deref() == Some(label)) {
            let spans: Vec<Span> = written.arguments.iter().map(|argument| argument.span).collect();
            return self.without(at.file, &spans, index);
        }
        let index = metric.labels.iter().position(|known| known == label)?;
        let spans = positional(&written, metric.labels.len())?;
        self.without(at.file, &spans, index)
    }

    /// A list without one of its elements.
    fn without(&self, file: FileId, spans: &[Span], index: usize) -> Option<Vec<Edit>> {
        let text = self.view.files.get(&file)?;
        let mut layout = Layout::new(text.text, text.syntax);
        let gone: Vec<bool> = (0..spans.len()).map(|at| at == index).collect();
        layout.remove_items(&List::commas(spans.to_vec()), &gone);
        let edits = layout.finish().into_iter();
        Some(edits.map(|(span, text)| Edit { at: Location::new(file, span), text }).collect())
    }
}

/// The one call of a body that stands there.
pub(super) fn call_at(function: &Function, span: Span) -> Option<&Call> {
    function.blocks.iter().flat_map(|block| &block.ops).find_map(|op| match &op.kind {
        OpKind::Call(call) if op.span == span => Some(call),
        _ => None,
    })
}

/// As many positional arguments as there are labels, or a list of as many elements.
fn positional(written: &Written, count: usize) -> Option<Vec<Span>> {
    let plain = written.arguments.iter().all(|argument| argument.key.is_none());
    match written.arguments.as_slice() {
        [list] if !list.elements.is_empty() => {
            (list.elements.len() == count).then(|| list.elements.iter().map(|element| element.span).collect())
        }
        list if plain && list.len() == count => Some(list.iter().map(|argument| argument.span).collect()),
        _ => None,
    }
}

/// Where the value of a declared label stands.
fn value(written: &Written, labels: &[String], label: &str) -> Option<Span> {
    let named = written.arguments.iter().find(|argument| argument.key.as_deref() == Some(label));
    if let Some(argument) = named {
        return Some(argument.value);
    }
    let index = labels.iter().position(|known| known == label)?;
    positional(written, labels.len())?.get(index).copied()
}

/// The entries of maps and the pairs of a call, with their values; and whether the value is a tag as a whole.
fn entries(written: &Written) -> Vec<(String, Span, bool)> {
    let mut found = Vec::new();
    for argument in &written.arguments {
        found.extend(argument.key.clone().map(|key| (key, argument.value, false)));
        for element in &argument.elements {
            found.extend(element.entry.clone().map(|(key, value)| (key, value, element.tag)));
        }
    }
    found
}
