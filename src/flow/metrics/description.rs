//! What describes a metric: its name, help, labels and unit, from arguments and options objects?

use crate::finding::Channel;
use crate::knowledge::effect::{CallEntry, Creates};
use crate::program::{Const, Name, name};
use crate::source::Span;

use crate::flow::calls::bound::Bound;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, Object};
use crate::flow::values::state::Carry;
use crate::flow::values::value::Value;

/// Parts of options and metrics by which they are described.
const PARTS: [&str; 7] = ["name", "help", "labels", "namespace", "subsystem", "unit", "const-labels"];

impl Machine<'_> {
    /// A metric made without a name gets one when it is registered.
    pub(crate) fn name_metric(
        &mut self,
        carry: &mut Carry,
        creates: &Creates,
        metric: &Value,
        bound: &Bound<'_>,
        span: Span,
    ) -> Value {
        let parts = self.parts(carry, creates, bound);
        let part = |key: &str| parts.iter().find(|(known, _)| *known == key).map(|(_, value)| value.clone());
        let full = self.full_name(&part("namespace"), &part("subsystem"), &part("name"), &part("unit"), span);
        let supplied = self.supplied(part("name").map_or(0, |value| value.via), span);
        self.leak_name(&full, &parts, &supplied, span);
        let registries = self.registries(carry, creates, bound);
        for id in metric.metrics().collect::<Vec<_>>() {
            let names: Vec<Name> =
                full.alts.iter().filter_map(crate::flow::run::texts::text_of).map(|text| name(&text)).collect();
            let info = self.metrics.get_mut(id);
            info.names.retain(|known| known.as_str() != "{…}");
            info.names.extend(names);
            info.registries.extend(registries.iter().copied());
            info.at = supplied.at;
            self.judge_counter(id);
        }
        metric.clone()
    }

    /// What describes a metric, from arguments and from options objects among them.
    pub(crate) fn parts(&mut self, carry: &Carry, creates: &Creates, bound: &Bound<'_>) -> Vec<(&'static str, Value)> {
        let arguments = [
            &creates.name,
            &creates.help,
            &creates.labels,
            &creates.namespace,
            &creates.subsystem,
            &creates.unit,
            &creates.const_labels,
        ];
        let mut parts: Vec<(&'static str, Value)> = Vec::new();
        let mut sources: Vec<Value> = bound.get("self").into_iter().collect();
        for (key, argument) in PARTS.into_iter().zip(arguments) {
            let Some(value) = bound.of(argument.as_ref()) else { continue };
            if key == "name" {
                sources.push(value.clone());
                if self.is_options(carry, &value) {
                    continue;
                }
            }
            parts.push((key, value));
        }
        for value in sources {
            for id in value.objects() {
                let Some(object) = self.object(&carry.heap, id).filter(|object| object.kind == Kind::Options) else {
                    continue;
                };
                for key in PARTS {
                    if let Some(known) = object.field(name(key))
                        && !parts.iter().any(|(other, _)| *other == key)
                    {
                        parts.push((key, known.clone()));
                    }
                }
            }
        }
        parts
    }

    fn is_options(&self, carry: &Carry, value: &Value) -> bool {
        value.objects().any(|id| self.object(&carry.heap, id).is_some_and(|object| object.kind == Kind::Options))
    }

    pub(crate) fn options(
        &mut self,
        carry: &mut Carry,
        (creates, entry): (&Creates, &CallEntry),
        parts: &[(&'static str, Value)],
        bound: &Bound<'_>,
        span: Span,
    ) -> Value {
        let mut object = Object::new(Kind::Options);
        let before =
            bound.get("self").and_then(|value| value.objects().next()).and_then(|id| self.object(&carry.heap, id));
        if let Some(before) = before {
            object.entries = before.entries.clone();
            object.ty = before.ty;
        }
        for (key, value) in parts {
            object.set_field(name(key), value.clone());
        }
        if let [label, value] = creates.const_label.as_slice()
            && let (Some(label), Some(value)) = (bound.get(label), bound.get(value))
        {
            let mut labels = Object::new(Kind::Dict);
            let before = object.field(name("const-labels")).and_then(|known| known.objects().next());
            if let Some(before) = before.and_then(|id| self.object(&carry.heap, id)) {
                labels.entries = before.entries.clone();
            }
            match label.single() {
                Some(key) => labels.set(key, value),
                None => labels.set_any(&label, &value),
            }
            if let Some(known) = creates.const_label.last().and_then(|value| bound.get(value)) {
                self.leak_value(&known, (Channel::LabelValue, label.single_text()), None, (0, span));
            }
            let id = self.make(&mut carry.heap, (span, 32), labels);
            object.set_field(name("const-labels"), Value::object(id));
        }
        if let Some(constant) = bound.of(creates.const_labels.as_ref()) {
            self.leak_entries(carry, &constant, Channel::LabelValue, None, span);
        }
        object.ty = object.ty.or_else(|| {
            let ty = entry.returns.as_deref().filter(|ty| *ty != "self")?;
            Some(self.tables().canonical(name(ty)))
        });
        let id = self.make(&mut carry.heap, (span, 30), object);
        Value::object(id)
    }

    /// Namespace, subsystem, name and unit joined as metric libraries do.
    pub(crate) fn full_name(
        &self,
        namespace: &Option<Value>,
        subsystem: &Option<Value>,
        short: &Option<Value>,
        unit: &Option<Value>,
        span: Span,
    ) -> Value {
        let at = self.at(span);
        let mut parts: Vec<(Value, String)> = Vec::new();
        for part in [namespace, subsystem, short, unit].into_iter().flatten() {
            let absent = part.single_text().is_some_and(|text| text.is_empty()) || part.single() == Some(Const::None);
            if absent || part.is_nothing() {
                continue;
            }
            if !parts.is_empty() {
                parts.push((Value::text("_"), String::new()));
            }
            parts.push((part.clone(), "…".to_owned()));
        }
        match parts.as_slice() {
            [(only, _)] => only.clone(),
            [] => Value::nothing(),
            _ => self.concatenate(&parts, at),
        }
    }
}
