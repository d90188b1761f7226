//! Which metric does a call make, and at whose call is it reported?

use std::collections::BTreeSet;

use crate::knowledge::effect::{CallEntry, Creates};
use crate::program::{Const, FuncId, Name, name};
use crate::source::{Location, Span};

use super::table::MetricInfo;
use crate::flow::calls::bound::Bound;
use crate::flow::run::machine::Machine;
use crate::flow::values::state::Carry;
use crate::flow::values::value::{Alt, MetricRef, Value};

/// Where something is reported: at the call itself, or at the call that supplies what a helper was given.
pub(crate) struct Supplied {
    pub(crate) at: Location,
    pub(crate) function: FuncId,
    /// It came in through a root's parameter: whoever calls that function supplies it.
    pub(crate) provisional: bool,
}

impl Machine<'_> {
    /// Goes up as many calls as a value came down through parameters.
    pub(crate) fn supplied(&self, via: u8, span: Span) -> Supplied {
        let mut depth = usize::from(via & 0x7f);
        let mut at = self.at(span);
        let mut frame = self.frames.len() - 1;
        while depth > 0 && frame > 0 {
            let Some(call) = self.frames[frame].call else { break };
            at = call;
            frame -= 1;
            depth -= 1;
        }
        let provisional = via & crate::flow::calls::bind::ROOT != 0 && frame == 0;
        Supplied { at, function: self.frames[frame].function, provisional }
    }

    /// Makes a metric, or options for one.
    pub(crate) fn create(
        &mut self,
        carry: &mut Carry,
        creates: &Creates,
        entry: &CallEntry,
        bound: &Bound<'_>,
        (span, called): (Span, Name),
    ) -> Value {
        if let Some(metric) = bound.of(creates.metric.as_ref())
            && metric.metrics().next().is_some()
        {
            return self.name_metric(carry, creates, &metric, bound, span);
        }
        self.current_heap = carry.heap.clone();
        let parts = self.parts(carry, creates, bound);
        if creates.describes {
            let supplied = self.supplied(0, span);
            let name =
                parts.iter().find(|(key, _)| *key == "name").map_or_else(Value::nothing, |(_, name)| name.clone());
            self.leak_name(&name, &parts, &supplied, span);
            return Value::constant(Const::Unit);
        }
        if creates.options {
            return self.options(carry, (creates, entry), &parts, bound, span);
        }
        let part = |key: &str| parts.iter().find(|(known, _)| *known == key).map(|(_, value)| value.clone());
        let full = self.full_name(&part("namespace"), &part("subsystem"), &part("name"), &part("unit"), span);
        let via = part("name").map_or(0, |value| value.via);
        let supplied = self.supplied(via, span);
        self.leak_name(&full, &parts, &supplied, span);
        let labels = part("labels").unwrap_or_else(Value::nothing);
        let label_names = self.label_names(carry, &labels);
        let registries = self.registries(carry, creates, bound);
        let ty = entry.returns.as_deref().map_or(called, name);
        let names: BTreeSet<Name> =
            full.alts.iter().filter_map(crate::flow::run::texts::text_of).map(|text| name(&text)).collect();
        let names = if names.is_empty() { BTreeSet::from([name("{…}")]) } else { names };
        let info = MetricInfo {
            at: supplied.at,
            made_at: self.at(span),
            names,
            kind: creates.kind.clone(),
            ty,
            labels: label_names,
            help: part("help").and_then(|help| help.single_text()),
            function: supplied.function,
            registries,
            kept_as: BTreeSet::new(),
            recorded: false,
            escaped: creates.anywhere,
            shared: creates.shared,
            counts: false,
            counter: 0,
            misnamed: None,
            guessed: false,
        };
        if supplied.provisional {
            self.log.provisional.insert((supplied.at, supplied.function));
        }
        let id = self.metrics.intern(info);
        self.judge_counter(id);
        self.leak_labels(carry, (&labels, part("const-labels")), creates, bound, id, span);
        self.note_duplicate(carry, id);
        self.down(Value::one(Alt::Metric(id)).with(|data| data.via = via))
    }

    /// A metric that came down through parameters, or whose name did, comes as far as before out of a library's call.
    pub(crate) fn down(&self, value: Value) -> Value {
        match value.via & 0x7f {
            0 | 0x7f => value,
            depth => value.with(|data| data.via = (data.via & 0x80) | (depth + 1)),
        }
    }

    /// A metric looked up by a name that came down through parameters is as if it was made under it here.
    pub(crate) fn looked_up(&self, found: Value, key: &Value) -> Value {
        let helper = |metric| self.metrics.get(metric).at != self.metrics.get(metric).made_at;
        let named =
            key.via & 0x7f > found.via & 0x7f && found.metrics().next().is_some() && found.metrics().all(helper);
        if named { found.with(|data| data.via = key.via) } else { found }
    }

    /// Whether a counter is an approved one, by its full name with or without `_total`.
    pub(crate) fn judge_counter(&mut self, id: MetricRef) {
        let info = self.metrics.get(id);
        let Some(counter) = info.names.iter().find_map(|known| self.approved_as(known.as_str())) else { return };
        let info = self.metrics.get_mut(id);
        (info.counts, info.counter) = (true, counter);
    }

    /// Which of the approved ones a full name is.
    pub(crate) fn approved_as(&self, known: &str) -> Option<u8> {
        let short = known.strip_suffix("_total").unwrap_or(known);
        let is = |approved: &String| approved == known || approved.strip_suffix("_total").unwrap_or(approved) == short;
        self.options.approved.iter().position(is).map(|at| u8::try_from(at).unwrap_or(u8::MAX))
    }
}
