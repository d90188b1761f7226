//! Which label values and label names does a recording give away, however they are handed over?

use crate::finding::Channel;
use crate::knowledge::effect::Writes;
use crate::program::{Const, Name, name};
use crate::source::Span;

use crate::flow::run::machine::Machine;
use crate::flow::values::heap::Kind;
use crate::flow::values::state::Carry;
use crate::flow::values::value::{Alt, MetricRef, Value};

impl Machine<'_> {
    /// A list of label values in the order of their declaration, a map, or a struct whose fields are labels.
    pub(crate) fn leak_label_list(
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
    pub(crate) fn leak_key(&mut self, key: &Value, declared: bool, metric: Option<MetricRef>, (via, span): (u8, Span)) {
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
    pub(crate) fn leak_map(
        &mut self,
        carry: &Carry,
        map: &Value,
        channel: Channel,
        metric: Option<MetricRef>,
        place: (u8, Span),
    ) {
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

    pub(crate) fn leak_entries(
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
    pub(crate) fn leak_tags(&mut self, carry: &Carry, tags: &Value, metric: Option<MetricRef>, place: (u8, Span)) {
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
}
