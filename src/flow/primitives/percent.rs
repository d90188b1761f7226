//! `"…%s…" % values`.

use crate::program::Const;
use crate::source::Location;

use crate::flow::run::machine::Machine;
use crate::flow::values::heap::Kind;
use crate::flow::values::state::State;
use crate::flow::values::value::Value;

impl Machine<'_> {
    /// `"…%s…" % values`.
    pub(crate) fn percent(&mut self, state: &mut State, left: &Value, right: &Value, at: Location) -> Value {
        let mut inputs: Vec<Value> = Vec::new();
        let text = left.texts().next().map_or(String::new(), |text| text.to_string());
        let mut named = false;
        for id in right.objects().collect::<Vec<_>>() {
            let Some(object) = self.object(&state.carry.heap, id) else { continue };
            match object.kind {
                Kind::Tuple => inputs.extend(object.entries.values().cloned().chain(object.rest.clone())),
                Kind::Dict => {
                    named = true;
                    for (key, value) in &object.entries {
                        if let Const::Str(key) = key
                            && text.contains(&format!("%({key})"))
                        {
                            inputs.push(value.clone());
                        }
                    }
                    inputs.extend(object.rest.clone());
                }
                _ => inputs.push(Value::object(id)),
            }
        }
        if inputs.is_empty() && !named {
            inputs.push(right.clone());
        }
        let mut parts: Vec<(Value, String)> = Vec::new();
        let mut pieces = text.split('%').peekable();
        if let Some(first) = pieces.next() {
            parts.push((Value::text(first), String::new()));
        }
        let mut inputs = inputs.into_iter();
        for piece in pieces {
            let rest = piece.trim_start_matches(|c: char| !c.is_ascii_alphabetic() || c == '(');
            let rest = rest.get(1..).unwrap_or_default();
            if let Some(value) = inputs.next() {
                let value = self.printed(state, &value, false, at);
                parts.push((value, "…".to_owned()));
            }
            parts.push((Value::text(rest), String::new()));
        }
        for value in inputs {
            let value = self.printed(state, &value, false, at);
            parts.push((value, "…".to_owned()));
        }
        if parts.is_empty() {
            parts.push((left.clone(), "…".to_owned()));
        }
        self.concatenate(&parts, at)
    }
}
