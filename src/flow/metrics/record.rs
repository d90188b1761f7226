//! Recording: label values, amounts, exemplars, and the count of an approved counter.

use crate::finding::{Category, Channel};
use crate::knowledge::Sense;
use crate::knowledge::effect::Records;
use crate::program::{Const, Name};
use crate::source::Span;

use crate::flow::calls::bound::Bound;
use crate::flow::rounds::log::{Leak, RecordCall};
use crate::flow::run::machine::Machine;
use crate::flow::values::state::Carry;
use crate::flow::values::value::{Alt, MetricRef, Taint, Value};

impl Machine<'_> {
    /// Whether a method of this name records into metrics of some library.
    pub(crate) fn knowledge_records(&self, method: Name) -> bool {
        self.tables().records(method)
    }

    /// Records; the result is the metric for calls that choose labels.
    pub(crate) fn record(
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
        let at_once = self.at_once(records, bound);
        let records = at_once.as_ref().unwrap_or(records);
        self.current_heap = carry.heap.clone();
        let target = if created { value.clone() } else { bound.get("self").unwrap_or_else(Value::nothing) };
        let metrics: Vec<MetricRef> = target.metrics().collect();
        let binds = records.operation == "bind";
        let method = called.last_part().to_owned();
        let at = self.at(span);
        let function = self.frame().function;
        if !metrics.is_empty() {
            let of = metrics.iter().copied().collect();
            self.log.record(at, RecordCall { metrics: of, function: Some(function), method, binds_only: binds });
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

    /// The recording that a call is which hands a number over where others hand labels over.
    fn at_once(&self, records: &Records, bound: &Bound<'_>) -> Option<Records> {
        let operation = records.number_operation.clone()?;
        let number = bound.of(records.attributes.as_ref())?;
        // Labels are either a list or pairs.
        let is_number = self.is_number(&number) || !bound.args().pairs.is_empty();
        is_number.then(|| Records {
            operation,
            amount: records.attributes.clone(),
            attributes: None,
            ..records.clone()
        })
    }

    fn is_number(&self, value: &Value) -> bool {
        let numeric = |alt: &Alt| matches!(alt, Alt::Const(Const::Int(_) | Const::Float(_)));
        let typed =
            value.ty.as_ref().and_then(|ty| self.tables().type_entry(ty.path)).is_some_and(|entry| entry.number);
        value.alts.iter().all(numeric) && (!value.unknown && !value.alts.is_empty() || value.number || typed)
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

    /// Reports what a value carries, and what the label that it is given to says of it.
    pub(crate) fn leak_value(
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
