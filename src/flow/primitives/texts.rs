//! Primitives that make texts of values.

use crate::program::Const;
use crate::source::Span;

use crate::flow::calls::bound::Bound;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::Kind;
use crate::flow::values::state::{Carry, Exit};
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    pub(crate) fn text_primitive(
        &mut self,
        carry: &Carry,
        primitive: &str,
        bound: &Bound<'_>,
        all: &[Value],
        span: Span,
    ) -> Option<Vec<Exit>> {
        let at = self.at(span);
        let state = crate::flow::values::state::State { carry: carry.clone(), ..Default::default() };
        let mut parts: Vec<(Value, String)> = Vec::new();
        match primitive {
            "format" | "format-map" => Some(vec![self.formatted(carry, bound, all, span)]),
            "join" => {
                // Python's separator is the receiver, Rust's the argument.
                let (between, elements) = if self.is_rust() { (1, 0) } else { (0, 1) };
                let separator = all.get(between).cloned().unwrap_or_else(Value::nothing);
                let joined = all.get(elements).cloned().unwrap_or_else(Value::unknown);
                let mut carry = carry.clone();
                let ready = self.elements_ready(&mut carry, &joined, span);
                let known = match ready.alts.as_slice() {
                    [Alt::Object(id)] if !ready.unknown => self.object(&carry.heap, *id).filter(|object| object.exact),
                    _ => None,
                };
                match known {
                    Some(object) if object.entries.len() <= 32 && object.kind != Kind::Dict => {
                        for (position, element) in object.entries.values().enumerate() {
                            if position > 0 {
                                parts.push((separator.clone(), String::new()));
                            }
                            parts.push((self.printed(&state, element, false, at), "…".to_owned()));
                        }
                        if parts.is_empty() {
                            parts.push((Value::text(""), String::new()));
                        }
                    }
                    _ => {
                        let element = self.element_of(&carry.heap.clone(), &ready, at);
                        let element = self.printed(&state, &element, false, at);
                        let text = element.carried().with(|data| data.few = false);
                        parts.push((text, "…".to_owned()));
                    }
                }
                let text = self.concatenate(&parts, at);
                Some(vec![Exit::returns(text, carry)])
            }
            "concat" => {
                for value in all {
                    parts.push((self.printed(&state, value, false, at), "…".to_owned()));
                }
                Some(vec![Exit::returns(self.concatenate(&parts, at), carry.clone())])
            }
            "print" | "print-on" | "print-into" => Some(vec![self.print(carry, primitive, all, span)]),
            "push-text" | "write" if all.first().is_some_and(|target| self.is_collector(&carry.heap, target)) => {
                Some(vec![self.print_all(carry, all, span)])
            }
            "push-text" | "write" => {
                for value in all {
                    parts.push((self.printed(&state, value, false, at), "…".to_owned()));
                }
                let text = self.concatenate(&parts, at);
                let good = if primitive == "write" {
                    let mut carry = carry.clone();
                    let value = self.wrap(&mut carry, "Ok", Value::constant(Const::Unit), span);
                    Exit { receiver: Some(text), ..Exit::returns(value, carry) }
                } else {
                    Exit { receiver: Some(text), ..Exit::returns(Value::constant(Const::Unit), carry.clone()) }
                };
                Some(vec![good])
            }
            "absorb" => {
                let this = all.first().cloned().unwrap_or_else(Value::unknown);
                let fed =
                    all.iter().skip(1).fold(this, |this, value| this.tainted(&self.shown(&carry.heap, value, at)));
                let changed =
                    Exit { receiver: Some(fed), ..Exit::returns(Value::constant(Const::Unit), carry.clone()) };
                Some(vec![changed])
            }
            "feed" => {
                let (Some(this), Some(into)) = (all.first(), all.get(1)) else { return None };
                let fed = into.tainted(&self.shown(&carry.heap, this, at));
                let changed =
                    Exit { arguments: vec![(0, fed)], ..Exit::returns(Value::constant(Const::Unit), carry.clone()) };
                Some(vec![changed])
            }
            "encode" => Some(vec![Exit::returns(all.first().cloned().unwrap_or_else(Value::unknown), carry.clone())]),
            _ => None,
        }
    }

    /// `"{}".format(…)`.
    fn formatted(&mut self, carry: &Carry, bound: &Bound<'_>, all: &[Value], span: Span) -> Exit {
        let at = self.at(span);
        let state = crate::flow::values::state::State { carry: carry.clone(), ..Default::default() };
        let template = all.first().and_then(Value::single_text).map(|text| text.to_string()).unwrap_or_default();
        let mut parts: Vec<(Value, String)> = Vec::new();
        let mut keyed: Vec<(crate::program::Name, Value)> = bound.args().keywords.clone();
        let mut positional = bound.args().positional.clone();
        for value in bound.args().positional.iter().filter(|_| template.contains('{')) {
            for id in value.objects() {
                let Some(object) = self.object(&carry.heap, id).filter(|object| object.kind == Kind::Dict) else {
                    continue;
                };
                for (key, value) in &object.entries {
                    if let Const::Str(key) = key {
                        keyed.push((*key, value.clone()));
                    }
                }
                positional.retain(|known| known != value);
            }
        }
        let mut rest = template.as_str();
        let mut next = 0;
        while let Some(open) = rest.find('{') {
            parts.push((Value::text(&rest[..open]), String::new()));
            let Some(close) = rest[open..].find('}') else { break };
            let field = &rest[open + 1..open + close];
            let field = field.split([':', '!']).next().unwrap_or_default();
            let base = field.split(['.', '[']).next().unwrap_or_default();
            let value = match base.parse::<usize>() {
                Ok(position) => positional.get(position).cloned(),
                Err(_) if base.is_empty() => {
                    next += 1;
                    positional.get(next - 1).cloned()
                }
                Err(_) => keyed.iter().find(|(key, _)| key.as_str() == base).map(|(_, value)| value.clone()),
            };
            if let Some(value) = value {
                parts.push((
                    self.printed(&state, &value, false, at),
                    if base.is_empty() { "…".to_owned() } else { base.to_owned() },
                ));
            }
            rest = &rest[open + close + 1..];
        }
        parts.push((Value::text(rest), String::new()));
        if template.is_empty() {
            parts.clear();
            for value in all.iter().chain(keyed.iter().map(|(_, value)| value)) {
                parts.push((self.printed(&state, value, false, at), "…".to_owned()));
            }
        }
        if let Some(more) = bound.args().more.iter().chain(bound.args().more_keywords.iter()).next() {
            parts.push((more.carried(), "…".to_owned()));
        }
        Exit::returns(self.concatenate(&parts, at), carry.clone())
    }
}
