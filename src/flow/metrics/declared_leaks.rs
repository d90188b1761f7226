//! Does what a metric is declared with, its name, help and label names, give something away?

use crate::finding::{Category, Channel};
use crate::knowledge::Sense;
use crate::knowledge::effect::Creates;
use crate::program::{Const, Name, name};
use crate::source::Span;

use super::create::Supplied;
use crate::flow::calls::bound::Bound;
use crate::flow::rounds::log::Leak;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::Kind;
use crate::flow::values::state::Carry;
use crate::flow::values::value::{Alt, MetricRef, Taint, Value};

impl Machine<'_> {
    /// Reports sensitive or client-chosen data in the name or the help.
    pub(crate) fn leak_name(
        &mut self,
        full: &Value,
        parts: &[(&'static str, Value)],
        supplied: &Supplied,
        _span: Span,
    ) {
        let help = parts.iter().find(|(key, _)| *key == "help").map(|(_, value)| value.clone());
        for (value, channel) in [(Some(full.clone()), Channel::Name), (help, Channel::Help)] {
            let Some(value) = value else { continue };
            for taint in value.taints.clone() {
                let category = Some(taint.category.unwrap_or(Category::Content));
                self.leak(
                    supplied,
                    channel,
                    category,
                    Leak { taint, category, label: None, metric: None, function: supplied.function },
                );
            }
        }
    }

    pub(crate) fn leak(&mut self, supplied: &Supplied, channel: Channel, category: Option<Category>, leak: Leak) {
        if supplied.provisional {
            self.log.provisional.insert((supplied.at, supplied.function));
        } else {
            self.log.firm.insert(supplied.at);
        }
        self.log.leak((supplied.at, channel, category), leak);
    }

    /// The names in a list of label names, in order, where all are constant.
    pub(crate) fn label_names(&self, carry: &Carry, labels: &Value) -> Option<Vec<Name>> {
        let [alt] = labels.alts.as_slice() else {
            return labels.is_nothing().then(Vec::new);
        };
        match alt {
            Alt::Object(id) => {
                let object = self.object(&carry.heap, *id)?;
                if object.kind == Kind::Dict {
                    return None;
                }
                if !object.exact || object.rest.is_some() {
                    return None;
                }
                object.entries.values().map(Value::single_text).collect()
            }
            Alt::Const(Const::Str(text)) => Some(text.as_str().split_whitespace().map(name).collect()),
            Alt::Const(Const::None | Const::Unit) => Some(Vec::new()),
            _ => None,
        }
    }

    /// Every label name that a list may hold.
    fn all_label_names(&self, carry: &Carry, labels: &Value) -> Vec<(Name, Value)> {
        let mut found = Vec::new();
        for id in labels.objects() {
            let Some(object) = self.object(&carry.heap, id) else { continue };
            let values: Vec<Value> = if object.kind == Kind::Dict {
                object.entries.keys().map(|key| Value::constant(*key)).chain(object.rest_keys.clone()).collect()
            } else {
                object.entries.values().cloned().chain(object.rest.clone()).collect()
            };
            for value in values {
                found.extend(value.texts().map(|text| (text, value.clone())));
                if value.texts().next().is_none() {
                    found.push((name("…"), value));
                }
            }
        }
        found
    }

    pub(crate) fn leak_labels(
        &mut self,
        carry: &Carry,
        (labels, constant): (&Value, Option<Value>),
        creates: &Creates,
        bound: &Bound<'_>,
        metric: MetricRef,
        span: Span,
    ) {
        let supplied = self.supplied(labels.via, span);
        let mut all = self.all_label_names(carry, labels);
        if let Some(constant) = &constant {
            all.extend(self.all_label_names(carry, constant));
        }
        for (label, value) in all {
            self.leak_label_name(label, &value, &supplied, Some(metric));
        }
        // Options told of theirs where they were given them.
        if let Some(constant) = constant.filter(|_| bound.of(creates.const_labels.as_ref()).is_some()) {
            self.leak_entries(carry, &constant, Channel::LabelValue, Some(metric), span);
        }
        if let Some(states) = bound.of(creates.states.as_ref()) {
            let at = self.at(span);
            let element = self.element_of(&carry.heap.clone(), &states, at);
            self.leak_value(&element, (Channel::State, None), Some(metric), (0, span));
        }
    }

    /// A label whose name says what it holds, or is itself data.
    pub(crate) fn leak_label_name(
        &mut self,
        label: Name,
        value: &Value,
        supplied: &Supplied,
        metric: Option<MetricRef>,
    ) {
        if let Sense::Telling { category, what } = self.knowledge.lexicon().sense(label.as_str()) {
            let taint = Taint::new(Some(category), what, supplied.at, format!("the label `{label}` is declared"));
            self.leak(
                supplied,
                Channel::LabelName,
                Some(category),
                Leak { taint, category: Some(category), label: Some(label), metric, function: supplied.function },
            );
        }
        self.leak_data_as_name(label, value, supplied, metric);
    }

    /// A label name that is data from outside.
    pub(crate) fn leak_data_as_name(
        &mut self,
        label: Name,
        value: &Value,
        supplied: &Supplied,
        metric: Option<MetricRef>,
    ) {
        for taint in value.taints.clone() {
            let category = Some(taint.category.unwrap_or(Category::Content));
            self.leak(
                supplied,
                Channel::LabelName,
                category,
                Leak { taint, category, label: Some(label), metric, function: supplied.function },
            );
        }
    }
}
