//! Keys of registries of metrics: which of them nothing stands under, so that using it fails at run time.

use crate::program::{Const, Name, name};
use crate::source::Span;

use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, ObjId, Object};
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// A key that a client chooses, in a registry of metrics under constant keys only: it is hardly ever there.
    pub(crate) fn clients_key(&mut self, object: &Object, value: &Value, index: &Value, span: Span) -> Option<Value> {
        let registry = object.kind == Kind::Dict
            && object.exact
            && object.rest.is_none()
            && !object.entries.is_empty()
            && object.entries.values().all(|value| value.metrics().next().is_some());
        let chosen = index.unknown && !index.few && !index.taints.is_empty();
        let guarded = self.frames.iter().any(|frame| frame.guarded);
        if !registry || !chosen || guarded || !self.last_round {
            return None;
        }
        let global = value.objects().next().and_then(|id| self.name_of_global(id));
        let registry = global.map_or_else(|| self.written(span), |global| global.to_string());
        Some(Value::one(Alt::Missing(name(&format!("{registry}[…]")))))
    }

    /// A key that is not in a registry of metrics: using what stands there fails at run time.
    pub(crate) fn missing_entry(&mut self, object: &Object, value: &Value, index: &Value, span: Span) -> Value {
        let Some(key) = index.single_text() else { return Value::nothing() };
        let all_metrics = object.entries.values().all(|value| value.metrics().next().is_some());
        let other_keys_fit = object.rest_keys.as_ref().is_some_and(|keys| keys.unknown && keys.taints.is_empty());
        if object.kind != Kind::Dict || !all_metrics || other_keys_fit || !self.last_round {
            return Value::nothing();
        }
        let registry = value
            .objects()
            .next()
            .and_then(|id| self.name_of_global(id))
            .map_or_else(|| self.written(span), |global| global.to_string());
        let registry = registry.split('[').next().unwrap_or_default().to_owned();
        Value::one(Alt::Missing(name(&format!("{registry}['{key}']"))))
    }

    fn name_of_global(&self, id: ObjId) -> Option<Name> {
        let module = self.function().module;
        let object = self.base.get(ObjId::module(module))?;
        object.entries.iter().find_map(|(key, value)| match key {
            Const::Str(key) if value.objects().any(|known| known == id) => Some(*key),
            _ => None,
        })
    }

    fn written(&self, _span: Span) -> String {
        "the registry".to_owned()
    }
}
