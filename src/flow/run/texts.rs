//! Which text comes out where texts are put together?

use crate::knowledge::Sense;
use crate::program::{Const, Name, Piece, name};
use crate::source::Location;

use super::machine::Machine;
use crate::flow::values::state::State;
use crate::flow::values::value::{Alt, Data, Value};

impl Machine<'_> {
    pub(crate) fn format(&mut self, state: &mut State, pieces: &[Piece], at: Location) -> Value {
        let mut parts: Vec<(Value, String)> = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => parts.push((Value::constant(Const::Str(*text)), String::new())),
                Piece::Value { reg, debug } => {
                    let value = state.get(*reg);
                    let hole = self.hole(state, *reg);
                    let printed = self.printed(state, &value, *debug, at);
                    parts.push((printed, hole));
                }
            }
        }
        self.concatenate(&parts, at)
    }

    /// Joins texts; each part comes with what it is called in a template.
    pub(crate) fn concatenate(&self, parts: &[(Value, String)], at: Location) -> Value {
        let mut texts: Vec<String> = vec![String::new()];
        let mut data = Data::default();
        let (mut open, mut own) = (false, false);
        for (value, hole) in parts {
            value.taints.iter().for_each(|taint| data.taint(taint.clone()));
            data.via = data.via.max(value.via);
            own |= parts.len() > 1 && self.tells_itself(value, hole);
            let mut options: Vec<String> = value.alts.iter().filter_map(text_of).collect();
            let holds_more = value.unknown || options.len() < value.alts.len() || options.is_empty();
            open |= value.is_open() || value.unknown && !value.few;
            if holds_more && !(value.is_nothing()) {
                options.push(format!("{{{hole}}}"));
            }
            texts = texts
                .iter()
                .flat_map(|text| options.iter().map(move |option| format!("{text}{option}")))
                .take(8)
                .collect();
        }
        if own {
            data.via = 0;
        }
        let holes =
            parts.iter().any(|(value, _)| value.unknown || !value.alts.iter().all(|alt| text_of(alt).is_some()));
        for text in texts {
            let text = name(&text);
            data.add(if holes && text.as_str().contains('{') {
                Alt::Template(text)
            } else {
                Alt::Const(Const::Str(text))
            });
        }
        if holes && !open && data.taints.is_empty() {
            // Every hole takes few values: so does the text.
            data.alts.retain(|alt| matches!(alt, Alt::Const(_)));
            data.unknown = true;
            data.few = true;
        }
        let value: Value = data.into();
        value.hop(at, || "put into a text".to_owned())
    }

    /// Whether the name of a hole says that what comes through it is sensitive: the text that shows it is at fault then,
    /// not who supplies it.
    fn tells_itself(&self, value: &Value, hole: &str) -> bool {
        value.via > 0
            && value.taints.iter().any(|taint| taint.category.is_some())
            && matches!(self.knowledge.lexicon().sense(hole), Sense::Telling { .. })
    }
}

/// The name of a variable without the number that tells shadowed ones apart.
pub(crate) fn base_name(known_as: Name) -> Name {
    match known_as.as_str().split_once('#') {
        Some((base, _)) => name(base),
        None => known_as,
    }
}

/// The text of an alternative, where it is constant (templates keep their holes).
pub(crate) fn text_of(alt: &Alt) -> Option<String> {
    match alt {
        Alt::Const(Const::Str(text) | Const::Bytes(text)) | Alt::Template(text) => Some(text.to_string()),
        Alt::Const(Const::Int(number)) => Some(number.to_string()),
        Alt::Const(Const::Bool(flag)) => Some(if *flag { "True" } else { "False" }.to_owned()),
        Alt::Const(Const::None) => Some("None".to_owned()),
        Alt::Status(status) => Some(status.to_string()),
        _ => None,
    }
}

pub(crate) fn looks_textual(value: &Value) -> bool {
    value.alts.iter().any(|alt| matches!(alt, Alt::Const(Const::Str(_) | Const::Bytes(_)) | Alt::Template(_)))
}
