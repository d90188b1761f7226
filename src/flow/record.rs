//! Recording: label values, amounts, exemplars, and the count of an approved counter.

use crate::finding::{Category, Channel};
use crate::knowledge::Sense;
use crate::knowledge::effect::{Records, Writes};
use crate::program::{Const, Name, name};
use crate::source::Span;

use super::apply::Bound;
use super::heap::Kind;
use super::log::Leak;
use super::machine::Machine;
use super::state::Carry;
use super::value::{Alt, MetricRef, Taint, Value};

impl Machine<'_> {
    /// Whether a method of this name records into metrics of some library.
    pub(super) fn knowledge_records(&self, method: Name) -> bool {
        self.tables().records(method)
    }

    /// Records; the result is the metric for calls that choose labels.
    pub(super) fn record(
        &mut self,
        carry: &mut Carry,
        records: &Records,
        (value, created): (&Value, bool),
        bound: &Bound<'_>,
        (span, called): (Span, Name),
    ) -> Option<Value> {
        if let Some(path) = &records.requires
            && !self.uses(path)
        {
            return None;
        }
        self.current_heap = carry.heap.clone();
        let target = if created { value.clone() } else { bound.get("self").unwrap_or_else(Value::nothing) };
        let metrics: Vec<MetricRef> = target.metrics().collect();
        let binds = records.operation == "bind";
        let method = called.as_str().rsplit('.').next().unwrap_or_default().to_owned();
        let at = self.at(span);
        let function = self.frame().function;
        if !metrics.is_empty() {
            let entry = self.log.records.entry(at).or_default();
            entry.metrics.extend(metrics.iter().copied());
            entry.function = Some(function);
            entry.method = method;
            entry.binds_only = binds;
            for metric in &metrics {
                self.metrics.get_mut(*metric).recorded |= !binds;
            }
        }
        let via = self.supplying_via(&target, &metrics);
        let metric = metrics.first().copied();
        self.record_labels(carry, records, bound, metric, (via, span));
        self.record_numbers(carry, records, bound, metric, (via, span));
        self.record_callback(carry, records, bound, metric, (via, span));
        if !binds && records.operation == "add" {
            self.count(carry, records, bound, &metrics, span);
        }
        if created || metrics.is_empty() && (!binds || target.is_nothing()) {
            return None;
        }
        (binds || records.wraps).then(|| self.down(target.clone()))
    }

    /// The helper's call is meant where the metric, or its name, is a parameter of the helper.
    fn supplying_via(&self, target: &Value, metrics: &[MetricRef]) -> u8 {
        if metrics.is_empty() { target.via & 0x80 | target.via } else { target.via }
    }

    fn record_labels(
        &mut self,
        carry: &mut Carry,
        records: &Records,
        bound: &Bound<'_>,
        metric: Option<MetricRef>,
        (via, span): (u8, Span),
    ) {
        let declared = metric.and_then(|metric| self.metrics.get(metric).labels.clone()).unwrap_or_default();
        let fixed_label = bound.of(records.label_name.as_ref()).and_then(|value| value.single_text());
        for param in &records.label_values {
            match param.as_str() {
                "*" => {
                    for (position, value) in bound.rest.iter().enumerate() {
                        let label = declared.get(position).copied();
                        self.leak_value(value, (Channel::LabelValue, label), metric, (via, span));
                    }
                    if let Some(more) = &bound.args().more {
                        let more = more.clone();
                        self.leak_value(&more, (Channel::LabelValue, None), metric, (via, span));
                    }
                }
                "**" => {
                    for (key, value) in &bound.rest_keywords {
                        self.leak_value(value, (Channel::LabelValue, Some(*key)), metric, (via, span));
                    }
                    if let Some(more) = &bound.args().more_keywords {
                        let more = more.clone();
                        self.leak_value(&more, (Channel::LabelValue, None), metric, (via, span));
                    }
                }
                "=>" => {
                    for (key, value) in &bound.args().pairs {
                        let label = key.single_text();
                        let (key, value) = (key.clone(), value.clone());
                        self.leak_value(&value, (Channel::LabelValue, label), metric, (via, span));
                        self.leak_key(&key, false, metric, (via, span));
                    }
                }
                other => {
                    if let Some(value) = bound.get(other) {
                        self.leak_value(&value, (Channel::LabelValue, fixed_label), metric, (via, span));
                    }
                }
            }
        }
        if let Some(labels) = bound.of(records.labels.as_ref()) {
            self.leak_label_list(carry, &labels, &declared, metric, (via, span));
        }
        let channels = [
            (&records.attributes, if records.operation == "info" { Channel::Info } else { Channel::LabelValue }),
            (&records.exemplar, Channel::Exemplar),
            (&records.grouping_key, Channel::GroupingKey),
        ];
        for (param, channel) in channels {
            if let Some(map) = bound.of(param.as_ref()) {
                let map = self.settled_map(carry, records, &map, span);
                self.leak_map(carry, &map, channel, metric, (via, span));
            }
        }
        if let Some(tags) = bound.of(records.tags.as_ref()) {
            self.leak_tags(carry, &tags, metric, (via, span));
        }
        if let Some(state) = bound.of(records.state.as_ref()) {
            self.leak_value(&state, (Channel::State, None), metric, (via, span));
        }
    }

    fn record_numbers(
        &mut self,
        _carry: &Carry,
        records: &Records,
        bound: &Bound<'_>,
        metric: Option<MetricRef>,
        (via, span): (u8, Span),
    ) {
        if let Some(amount) = bound.of(records.amount.as_ref()) {
            self.leak_value(&amount, (Channel::Value, None), metric, (via, span));
        }
    }

    /// A list of label values in the order of their declaration, a map, or a struct whose fields are labels.
    fn leak_label_list(
        &mut self,
        carry: &Carry,
        labels: &Value,
        declared: &[Name],
        metric: Option<MetricRef>,
        place: (u8, Span),
    ) {
        if let Some(pieces) = self.pieces(carry, labels, Writes::Labels, self.at(place.1)) {
            for piece in pieces {
                if !self.leak_pair(carry, &piece, metric, place) {
                    self.leak_value(&piece, (Channel::LabelValue, None), metric, place);
                }
            }
            return;
        }
        for id in labels.objects().collect::<Vec<_>>() {
            let Some(object) = self.object(&carry.heap, id) else { continue };
            if let Some(class) = object.class {
                self.leak_label_fields(class, metric);
            }
            for (key, value) in &object.entries {
                let label = match (key, &object.kind) {
                    (Const::Int(position), Kind::List | Kind::Tuple | Kind::Set) => {
                        usize::try_from(*position).ok().and_then(|at| declared.get(at).copied())
                    }
                    (Const::Str(key), _) => Some(*key),
                    _ => None,
                };
                if matches!(object.kind, Kind::List | Kind::Tuple) && self.leak_pair(carry, value, metric, place) {
                    continue;
                }
                let written = self.label_text(carry, value, place.1);
                self.leak_value(written.as_ref().unwrap_or(value), (Channel::LabelValue, label), metric, place);
            }
            if let Some(rest) = object.rest.clone()
                && !self.leak_pair(carry, &rest, metric, place)
            {
                self.leak_value(&rest, (Channel::LabelValue, None), metric, place);
            }
        }
        if labels.unknown {
            let part = labels.with(|data| data.alts.clear());
            if let Some(class) = part.ty.as_ref().and_then(|ty| self.program.class_at(ty.path)) {
                self.leak_label_fields(class, metric);
                let fields: Vec<Name> = self.program.class(class).fields.iter().map(|field| field.name).collect();
                let at = self.at(place.1);
                for field in fields {
                    if let Some(value) = self.declared_field(class, field, at) {
                        self.leak_value(&value, (Channel::LabelValue, Some(field)), metric, place);
                    }
                }
            }
            self.leak_value(&part, (Channel::LabelValue, None), metric, place);
        }
    }

    /// The fields of a struct that derives a set of labels are where the labels are declared.
    fn leak_label_fields(&mut self, class: crate::program::ClassId, metric: Option<MetricRef>) {
        let program = self.program;
        let class = program.class(class);
        let derives = |path: Name| self.tables().type_entry(path).is_some_and(|entry| entry.label_set);
        if !class.attributes.iter().any(|attribute| derives(attribute.path)) {
            return;
        }
        for field in &class.fields {
            let at = crate::source::Location::new(class.file, field.span);
            let supplied = super::create::Supplied { at, function: self.frame().function, provisional: false };
            self.leak_label_name(field.name, &Value::unknown(), &supplied, metric);
        }
    }

    /// A pair of label and value among labels (`("user", email)`, `KeyValue`).
    fn leak_pair(&mut self, carry: &Carry, pair: &Value, metric: Option<MetricRef>, place: (u8, Span)) -> bool {
        let mut found = false;
        for id in pair.objects().collect::<Vec<_>>() {
            let Some(object) = self.object(&carry.heap, id) else { continue };
            let (Some(key), Some(value)) = (object.get(Const::Int(0)), object.get(Const::Int(1))) else { continue };
            if !matches!(object.kind, Kind::Tuple | Kind::Opaque | Kind::Instance) {
                continue;
            }
            found = true;
            self.leak_value(&value, (Channel::LabelValue, key.single_text()), metric, place);
            let declared = self.is_rust();
            self.leak_key(&key, declared, metric, place);
        }
        found
    }

    /// A label name that is chosen where the value is recorded.
    fn leak_key(&mut self, key: &Value, declared: bool, metric: Option<MetricRef>, (via, span): (u8, Span)) {
        let supplied = self.supplied(via, span);
        // A telling key says what its value is (see `leak_value`), unless a call of its own declares it
        // (`KeyValue::new`); a key that is data itself leaks as a name.
        if declared {
            for text in key.texts().collect::<Vec<_>>() {
                self.leak_label_name(text, &Value::nothing(), &supplied, metric);
            }
        }
        if !key.taints.is_empty() {
            let text = key.texts().next().unwrap_or_else(|| name("…"));
            self.leak_data_as_name(text, key, &supplied, metric);
        }
    }

    /// A map whose keys are label names of their own.
    fn leak_map(&mut self, carry: &Carry, map: &Value, channel: Channel, metric: Option<MetricRef>, place: (u8, Span)) {
        self.leak_entries_at(carry, map, channel, metric, place);
        let keys_are_declared_here = channel == Channel::LabelValue;
        if !keys_are_declared_here {
            return;
        }
        for id in map.objects().collect::<Vec<_>>() {
            let Some(object) = self.object(&carry.heap, id) else { continue };
            if object.kind == Kind::Dict {
                for key in object.entries.keys().copied().collect::<Vec<_>>() {
                    self.leak_key(&Value::constant(key), false, metric, place);
                }
                if let Some(keys) = object.rest_keys.clone() {
                    self.leak_key(&keys, false, metric, place);
                }
            }
        }
    }

    pub(super) fn leak_entries(
        &mut self,
        carry: &Carry,
        map: &Value,
        channel: Channel,
        metric: Option<MetricRef>,
        span: Span,
    ) {
        self.leak_entries_at(carry, map, channel, metric, (0, span));
    }

    fn leak_entries_at(
        &mut self,
        carry: &Carry,
        map: &Value,
        channel: Channel,
        metric: Option<MetricRef>,
        place: (u8, Span),
    ) {
        for id in map.objects().collect::<Vec<_>>() {
            let Some(object) = self.object(&carry.heap, id) else { continue };
            for (key, value) in &object.entries {
                if self.leak_pair(carry, value, metric, place) {
                    continue;
                }
                let label = match key {
                    Const::Str(key) => Some(*key),
                    _ => None,
                };
                self.leak_value(value, (channel, label), metric, place);
            }
            if let Some(rest) = object.rest.clone()
                && !self.leak_pair(carry, &rest, metric, place)
            {
                self.leak_value(&rest, (channel, None), metric, place);
            }
        }
        if map.unknown {
            let part = map.with(|data| data.alts.clear());
            self.leak_value(&part, (channel, None), metric, place);
        }
    }

    /// DogStatsD tags: `key:value` texts.
    fn leak_tags(&mut self, carry: &Carry, tags: &Value, metric: Option<MetricRef>, place: (u8, Span)) {
        let mut values: Vec<Value> = Vec::new();
        for id in tags.objects() {
            let Some(object) = self.object(&carry.heap, id) else { continue };
            if object.kind == Kind::Dict {
                self.leak_map(carry, tags, Channel::LabelValue, metric, place);
                return;
            }
            values.extend(object.entries.values().cloned().chain(object.rest.clone()));
        }
        if tags.unknown {
            values.push(tags.with(|data| data.alts.clear()));
        }
        for value in values {
            let key = value.alts.iter().find_map(|alt| match alt {
                Alt::Template(text) => text.as_str().split_once(':').map(|(key, _)| name(key)),
                _ => None,
            });
            let key = key.filter(|key| !key.as_str().contains('{'));
            self.leak_value(&value, (Channel::LabelValue, key), metric, place);
        }
    }

    /// Reports what a value carries, and what the label that it is given to says of it.
    pub(super) fn leak_value(
        &mut self,
        value: &Value,
        (channel, label): (Channel, Option<Name>),
        metric: Option<MetricRef>,
        (via, span): (u8, Span),
    ) {
        let supplied = self.supplied(via, span);
        let heap = self.current_heap.clone();
        let mut taints = self.shown(&heap, value, supplied.at);
        if self.is_bounded(value) || value.number && channel == Channel::LabelValue && value.few {
            taints.clear();
        }
        if channel == Channel::Value {
            taints.retain(|taint| taint.category.is_some_and(|category| category != Category::Content) && !taint.whole);
        } else if let Some(label) = label
            && value.is_open()
            && !self.is_bounded(value)
            && !value.is_nothing()
            && let Sense::Telling { category, what } = self.knowledge.lexicon().sense(label.as_str())
            && !taints.iter().any(|taint| taint.category == Some(category))
        {
            taints.push(Taint::new(Some(category), what, supplied.at, format!("given to the label `{label}`")));
        }
        let sensitive = taints.iter().any(|taint| taint.category.is_some());
        for taint in taints {
            if taint.category.is_none() && sensitive {
                continue;
            }
            let category = taint.category;
            self.leak(
                &supplied,
                channel,
                category,
                Leak { taint, category, label, metric, function: supplied.function },
            );
        }
    }

    /// An increment: counts on this path if the metric is an approved counter.
    fn count(&mut self, carry: &mut Carry, records: &Records, bound: &Bound<'_>, metrics: &[MetricRef], span: Span) {
        let counting = metrics.iter().filter(|metric| self.metrics.get(**metric).counts).count();
        if counting == 0 || counting < metrics.len() {
            return;
        }
        let given = bound.of(records.amount.as_ref()).filter(|amount| !amount.is_nothing());
        let by = match given {
            None => records.default,
            Some(amount) => match amount.single() {
                Some(Const::Int(by)) => by,
                Some(Const::Float(bits)) => f64::from_bits(bits) as i64,
                _ => 1,
            },
        };
        let at = self.at(span);
        let counters: std::collections::BTreeSet<u8> =
            metrics.iter().map(|metric| self.metrics.get(*metric).counter).collect();
        for counter in counters {
            carry.count_up(counter, u8::try_from(by.clamp(0, 2)).unwrap_or(2), at);
        }
    }
}
