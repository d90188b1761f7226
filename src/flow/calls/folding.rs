//! What do methods of texts give where everything is constant? Names and lists of labels are often written that way
//! (`"method code".split()`, `prefix.lower()`), and so is what a page leaves out (`key.startswith("internal_")`).

use crate::program::Const;
use crate::source::Span;

use super::bound::Bound;
use crate::flow::run::arithmetic::truth_value;
use crate::flow::run::displays::stored;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, Object};
use crate::flow::values::state::Carry;
use crate::flow::values::value::{Alt, Value};
use crate::program::name;

/// Longer texts are left unknown, and so are longer results: what is audited may be written to grow without end.
const MAX_TEXT: usize = 512;

impl Machine<'_> {
    /// The result of a method of a constant text with constant arguments; `None` where one of them is not known.
    pub(crate) fn folded(&mut self, carry: &mut Carry, fold: &str, bound: &Bound<'_>, span: Span) -> Option<Value> {
        let this = bound.receiver()?;
        if this.unknown || this.alts.is_empty() || bound.args().more.is_some() {
            return None;
        }
        let given: Vec<Value> = bound
            .args()
            .positional
            .iter()
            .chain(bound.args().keywords.iter().map(|(_, value)| value))
            .cloned()
            .collect();
        if matches!(fold, "starts-with" | "ends-with") {
            // Where a start or an end is given, only a part of the text is meant.
            let [wanted] = given.as_slice() else { return None };
            return self.tested(carry, fold, this, wanted);
        }
        let texts: Vec<String> =
            given.iter().map(|value| value.single_text().map(|text| text.to_string())).collect::<Option<_>>()?;
        if fold == "split" {
            let text = this.single_text()?.to_string();
            return Some(self.split(carry, &text, &texts, span));
        }
        let mut alts = Vec::new();
        for alt in &this.alts {
            alts.push(match alt {
                Alt::Const(Const::Str(text)) => Alt::Const(Const::Str(name(&changed(fold, text.as_str(), &texts)?))),
                Alt::Template(text) => Alt::Template(name(&outside_holes(fold, text.as_str(), &texts)?)),
                _ => return None,
            });
        }
        let bare = this.with(|data| data.alts.clear());
        Some(bare.with(|data| alts.into_iter().for_each(|alt| data.add(alt))))
    }

    /// Whether all forms of a text start or end with one of the texts given.
    fn tested(&self, carry: &Carry, fold: &str, this: &Value, given: &Value) -> Option<Value> {
        let mut wanted: Vec<String> = Vec::new();
        for alt in &given.alts {
            match alt {
                Alt::Const(Const::Str(text)) if given.alts.len() == 1 => wanted.push(text.to_string()),
                Alt::Object(id) if given.alts.len() == 1 => {
                    let object = self
                        .object(&carry.heap, *id)
                        .filter(|object| object.kind == Kind::Tuple && object.rest.is_none())?;
                    wanted.extend(
                        object
                            .entries
                            .values()
                            .map(|value| value.single_text().map(|text| text.to_string()))
                            .collect::<Option<Vec<_>>>()?,
                    );
                }
                _ => return None,
            }
        }
        if given.unknown {
            return None;
        }
        let (mut yes, mut no) = (false, false);
        for alt in &this.alts {
            let Alt::Const(Const::Str(text)) = alt else { return None };
            let holds = |wanted: &String| {
                if fold == "starts-with" {
                    text.as_str().starts_with(wanted.as_str())
                } else {
                    text.as_str().ends_with(wanted.as_str())
                }
            };
            if wanted.iter().any(holds) { yes = true } else { no = true }
        }
        Some(truth_value((yes, no), false))
    }

    fn split(&mut self, carry: &mut Carry, text: &str, given: &[String], span: Span) -> Value {
        let mut list = Object::new(Kind::List);
        let push = |list: &mut Object, part: &str| list.push(stored(Value::text(part)));
        match given.first().filter(|separator| !separator.is_empty()) {
            Some(separator) => text.split(separator.as_str()).for_each(|part| push(&mut list, part)),
            None => text.split_whitespace().for_each(|part| push(&mut list, part)),
        }
        Value::object(self.make(&mut carry.heap, (span, 51), list))
    }
}

/// The text that a method makes of a text.
fn changed(fold: &str, text: &str, given: &[String]) -> Option<String> {
    // Before anything is put together: `replace` may make a text as long as both multiplied.
    if text.len() > MAX_TEXT || given.iter().any(|given| given.len() > MAX_TEXT) {
        return None;
    }
    let first = given.first();
    let stripped = |c: char| first.map_or(c.is_whitespace(), |set| set.contains(c));
    let result = match (fold, given) {
        ("lower", []) => text.to_lowercase(),
        ("upper", []) => text.to_uppercase(),
        ("strip", [] | [_]) => text.trim_matches(stripped).to_owned(),
        ("strip-left", [] | [_]) => text.trim_start_matches(stripped).to_owned(),
        ("strip-right", [] | [_]) => text.trim_end_matches(stripped).to_owned(),
        ("replace", [old, new]) if !old.is_empty() => text.replace(old.as_str(), new),
        ("remove-prefix", [prefix]) => text.strip_prefix(prefix.as_str()).unwrap_or(text).to_owned(),
        ("remove-suffix", [suffix]) => text.strip_suffix(suffix.as_str()).unwrap_or(text).to_owned(),
        _ => return None,
    };
    (result.len() <= MAX_TEXT).then_some(result)
}

/// The same for a text with holes, which stay as they are; what depends on the ends is not known.
fn outside_holes(fold: &str, text: &str, given: &[String]) -> Option<String> {
    if !matches!(fold, "lower" | "upper" | "replace") {
        return None;
    }
    let mut result = String::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let close = rest[open..].find('}')? + open + 1;
        result.push_str(&changed(fold, &rest[..open], given)?);
        result.push_str(&rest[open..close]);
        rest = &rest[close..];
    }
    result.push_str(&changed(fold, rest, given)?);
    Some(result)
}

#[cfg(test)]
mod tests {
    use super::{changed, outside_holes};

    #[test]
    fn holes_stay_as_they_are() {
        let given = ["-".to_owned(), "_".to_owned()];
        assert_eq!(outside_holes("replace", "a-{x-y}-b", &given).as_deref(), Some("a_{x-y}_b"));
        assert_eq!(outside_holes("lower", "A{X}B", &[]).as_deref(), Some("a{X}b"));
        assert_eq!(outside_holes("strip", " {x}", &[]), None);
    }

    #[test]
    fn long_texts_are_not_multiplied() {
        let long = "a".repeat(1 << 20);
        assert_eq!(changed("replace", &long, &["a".to_owned(), long.clone()]), None);
        assert_eq!(changed("replace", "aaaa", &["a".to_owned(), long]), None);
    }

    #[test]
    fn texts_are_stripped_of_what_is_given() {
        assert_eq!(changed("strip", "__a_", &["_".to_owned()]).as_deref(), Some("a"));
        assert_eq!(changed("strip-left", "  a ", &[]).as_deref(), Some("a "));
        assert_eq!(changed("remove-suffix", "x_total", &["_total".to_owned()]).as_deref(), Some("x"));
    }
}
