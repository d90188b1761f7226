//! Creation of metrics, their registries and their pages.

use std::collections::BTreeSet;

use crate::finding::{Category, Channel};
use crate::knowledge::Sense;
use crate::knowledge::effect::{CallEntry, Creates, Exposes};
use crate::program::{Const, FuncId, Name, TypeRef, name};
use crate::source::{Location, Span};

use super::apply::Bound;
use super::heap::{Kind, Object};
use super::log::{Leak, Page};
use super::machine::Machine;
use super::metrics::{MetricInfo, RegistryOf};
use super::state::Carry;
use super::value::{Alt, MetricRef, Taint, Value};

/// Where something is reported: at the call itself, or at the call that supplies what a helper was given.
pub(super) struct Supplied {
    pub(super) at: Location,
    pub(super) function: FuncId,
    /// It came in through a root's parameter: whoever calls that function supplies it.
    pub(super) provisional: bool,
}

/// Parts of options and metrics by which they are described.
const PARTS: [&str; 7] = ["name", "help", "labels", "namespace", "subsystem", "unit", "const-labels"];

/// Marks a registry that shows what the default registry holds as well.
pub(super) const ALSO_DEFAULT: &str = "<default>";

impl Machine<'_> {
    /// Goes up as many calls as a value came down through parameters.
    pub(super) fn supplied(&self, via: u8, span: Span) -> Supplied {
        let mut depth = usize::from(via & 0x7f);
        let mut at = self.at(span);
        let mut frame = self.frames.len() - 1;
        while depth > 0 && frame > 0 {
            let Some(call) = self.frames[frame].call else { break };
            at = call;
            frame -= 1;
            depth -= 1;
        }
        let provisional = via & super::bind::ROOT != 0 && frame == 0;
        Supplied { at, function: self.frames[frame].function, provisional }
    }

    /// Makes a metric, or options for one.
    pub(super) fn create(
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
        let names: BTreeSet<Name> = full.alts.iter().filter_map(super::ops::text_of).map(|text| name(&text)).collect();
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
    pub(super) fn down(&self, value: Value) -> Value {
        match value.via & 0x7f {
            0 | 0x7f => value,
            depth => value.with(|data| data.via = (data.via & 0x80) | (depth + 1)),
        }
    }

    /// A metric looked up by a name that came down through parameters is as if it was made under it here.
    pub(super) fn looked_up(&self, found: Value, key: &Value) -> Value {
        let helper = |metric| self.metrics.get(metric).at != self.metrics.get(metric).made_at;
        let named =
            key.via & 0x7f > found.via & 0x7f && found.metrics().next().is_some() && found.metrics().all(helper);
        if named { found.with(|data| data.via = key.via) } else { found }
    }

    /// A metric made without a name gets one when it is registered.
    fn name_metric(
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
            let names: Vec<Name> = full.alts.iter().filter_map(super::ops::text_of).map(|text| name(&text)).collect();
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
    fn parts(&mut self, carry: &Carry, creates: &Creates, bound: &Bound<'_>) -> Vec<(&'static str, Value)> {
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

    fn options(
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
    fn full_name(
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

    /// Reports sensitive or client-chosen data in the name or the help.
    fn leak_name(&mut self, full: &Value, parts: &[(&'static str, Value)], supplied: &Supplied, _span: Span) {
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

    pub(super) fn leak(&mut self, supplied: &Supplied, channel: Channel, category: Option<Category>, leak: Leak) {
        if supplied.provisional {
            self.log.provisional.insert((supplied.at, supplied.function));
        } else {
            self.log.provisional.retain(|(at, _)| *at != supplied.at);
        }
        let key = (supplied.at, channel, category);
        match self.log.leaks.get_mut(&key) {
            Some(old) => {
                if old.metric.is_none() {
                    old.metric = leak.metric;
                }
                let length = |leak: &Leak| leak.taint.hops.as_ref().map_or(0, |hop| hop.length);
                if old.taint.hashed && !leak.taint.hashed || length(&leak) > length(old) {
                    *old = leak;
                }
            }
            None => {
                self.log.leaks.insert(key, leak);
            }
        }
    }

    /// The names in a list of label names, in order, where all are constant.
    pub(super) fn label_names(&self, carry: &Carry, labels: &Value) -> Option<Vec<Name>> {
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

    fn leak_labels(
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
    pub(super) fn leak_label_name(
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
    pub(super) fn leak_data_as_name(
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

    fn registries(&mut self, carry: &Carry, creates: &Creates, bound: &Bound<'_>) -> BTreeSet<RegistryOf> {
        let mut found = BTreeSet::new();
        match bound.of(creates.registry.as_ref()) {
            Some(registry) if registry.single() != Some(Const::None) => {
                found.extend(self.registry_of(carry, &registry));
            }
            _ if creates.registers => {
                found.insert(RegistryOf::Default);
            }
            _ => {}
        }
        if creates.anywhere {
            found.insert(RegistryOf::Unknown);
        }
        found
    }

    /// Which registries a value may be.
    pub(super) fn registry_of(&self, carry: &Carry, registry: &Value) -> Vec<RegistryOf> {
        let mut found: Vec<RegistryOf> = registry
            .alts
            .iter()
            .map(|alt| match alt {
                Alt::Object(id) => match self.object(&carry.heap, *id).map(|object| object.ty) {
                    Some(Some(ty)) if ty.as_str() == DEFAULT_REGISTRY => RegistryOf::Default,
                    _ => RegistryOf::Own(*id),
                },
                _ => RegistryOf::Unknown,
            })
            .collect();
        if registry.unknown {
            found.push(match &registry.ty {
                Some(ty) if ty.path.as_str() == DEFAULT_REGISTRY => RegistryOf::Default,
                _ => RegistryOf::Unknown,
            });
        }
        found
    }

    /// `registry.register(metric)`.
    pub(super) fn register_metric(&mut self, carry: &mut Carry, metric: &Value, registry: Option<&Value>) {
        let registries = match registry {
            Some(registry) => self.registry_of(carry, registry),
            None => vec![RegistryOf::Default],
        };
        for id in metric.metrics().collect::<Vec<_>>() {
            self.metrics.get_mut(id).registries.extend(registries.iter().copied());
            self.note_duplicate(carry, id);
        }
    }

    /// Whether a counter is an approved one, by its full name with or without `_total`.
    pub(super) fn judge_counter(&mut self, id: MetricRef) {
        let info = self.metrics.get(id);
        let Some(counter) = info.names.iter().find_map(|known| self.approved_as(known.as_str())) else { return };
        let info = self.metrics.get_mut(id);
        (info.counts, info.counter) = (true, counter);
    }

    /// Which of the approved ones a full name is.
    pub(super) fn approved_as(&self, known: &str) -> Option<u8> {
        let short = known.strip_suffix("_total").unwrap_or(known);
        let is = |approved: &String| approved == known || approved.strip_suffix("_total").unwrap_or(approved) == short;
        self.options.approved.iter().position(is).map(|at| u8::try_from(at).unwrap_or(u8::MAX))
    }

    /// A page that shows metrics.
    pub(super) fn expose_page(&mut self, carry: &Carry, exposes: &Exposes, bound: &Bound<'_>, span: Span) {
        let at = self.at(span);
        let function = self.frame().function;
        let mut page = Page { function: Some(function), serves: exposes.serves, ..Page::default() };
        let shown = bound
            .of(exposes.registry.as_ref())
            .filter(|value| !value.is_nothing() && value.single() != Some(Const::None));
        match shown {
            None => page.default_registry |= exposes.default_registry,
            Some(shown) => self.shows(carry, &shown, &mut page),
        }
        if exposes.serves {
            page.route = bound.args().positional.first().and_then(Value::single).and_then(|value| match value {
                Const::Int(port) => Some(port.to_string()),
                Const::Str(text) => Some(text.to_string()),
                _ => None,
            });
        }
        let known = self.log.pages.entry(at).or_default();
        known.function = page.function;
        known.serves |= page.serves;
        known.default_registry |= page.default_registry;
        known.open |= page.open;
        known.metrics.extend(page.metrics);
        known.registries.extend(page.registries);
        known.route = known.route.take().or(page.route);
    }

    fn shows(&self, carry: &Carry, shown: &Value, page: &mut Page) {
        for alt in &shown.alts {
            match alt {
                Alt::Metric(metric) => {
                    page.metrics.insert(*metric);
                }
                Alt::Object(id) => {
                    let object = self.object(&carry.heap, *id);
                    page.default_registry |=
                        object.as_ref().is_some_and(|object| object.field(name(ALSO_DEFAULT)).is_some());
                    match object {
                        Some(object) if matches!(object.kind, Kind::List | Kind::Tuple) => {
                            let element = object.element();
                            if element.unknown {
                                page.default_registry = true;
                            }
                            self.shows(carry, &element.with(|data| data.unknown = false), page);
                        }
                        Some(object) if object.ty.is_some_and(|ty| ty.as_str() == DEFAULT_REGISTRY) => {
                            page.default_registry = true;
                        }
                        _ => {
                            page.registries.insert(*id);
                        }
                    }
                }
                _ => page.open = true,
            }
        }
        if shown.unknown {
            match &shown.ty {
                Some(ty) if ty.path.as_str() == DEFAULT_REGISTRY => page.default_registry = true,
                _ => page.open = true,
            }
        }
    }

    pub(super) fn default_registry(&self) -> Value {
        Value::typed(TypeRef::plain(name(DEFAULT_REGISTRY)))
    }
}

/// The type that stands for the default registry of a library.
const DEFAULT_REGISTRY: &str = "<default registry>";
