//! Which text does an attribute of a type give, with the fields of a value in its holes?

use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, ObjId};
use crate::flow::values::state::{Carry, State};
use crate::flow::values::value::{Alt, Data, Taint, Value};
use crate::program::{Attribute, ClassId, Const, Name, name};
use crate::source::Location;

impl Machine<'_> {
    /// The text that an attribute of the class or variant gives (`#[error("no {0}")]`, `#[display("…")]`).
    pub(crate) fn written_by_attribute(
        &mut self,
        state: &State,
        class: ClassId,
        value: &Value,
        at: Location,
    ) -> Option<Value> {
        let program = self.program;
        let info = program.class(class);
        let tables = self.tables();
        let wanted: Vec<&str> = info
            .attributes
            .iter()
            .filter_map(|attribute| tables.type_entry(attribute.path)?.text_attribute.as_deref())
            .collect();
        if wanted.is_empty() {
            return None;
        }
        let text_of = |attributes: &[Attribute]| {
            attributes.iter().find(|known| wanted.contains(&known.path.as_str())).map(|known| {
                let text = known.args.iter().find(|arg| arg.key.is_none() && !arg.value.as_str().is_empty());
                text.map(|arg| arg.value)
            })
        };
        let mut texts: Vec<Value> = Vec::new();
        if info.variants.is_empty() {
            let template = text_of(&info.attributes)?;
            return Some(self.filled(state, (class, None), template, value, at));
        }
        for (position, variant) in info.variants.iter().enumerate() {
            let Some(part) = self.variant_part(&state.carry, value, class, variant.name) else { continue };
            match text_of(&variant.attributes) {
                Some(template) => texts.push(self.filled(state, (class, Some(position)), template, &part, at)),
                None => texts.push(Value::few()),
            }
        }
        texts.into_iter().reduce(|all, text| all.join(&text))
    }

    /// The part of a value that may be this variant.
    pub(crate) fn variant_part(&self, carry: &Carry, value: &Value, class: ClassId, variant: Name) -> Option<Value> {
        let path = name(&format!("{}.{variant}", self.program.class(class).path));
        let same = |known: Name| known == path || self.program.canonical(known) == path;
        let alts: Vec<Alt> = value
            .alts
            .iter()
            .filter(|alt| match alt {
                Alt::Path(known) => same(*known),
                Alt::Object(id) => match self.object(&carry.heap, *id).map(|object| object.kind.clone()) {
                    Some(Kind::Variant(known)) => same(known),
                    _ => false,
                },
                _ => false,
            })
            .cloned()
            .collect();
        let taints: Vec<Taint> = value.taints.iter().filter(|taint| !taint.guessed).cloned().collect();
        (!alts.is_empty() || value.unknown)
            .then(|| Data { alts, unknown: value.unknown, taints, ..Data::default() }.into())
    }

    /// A template with the fields of a value in its holes; without a template the only field.
    pub(crate) fn filled(
        &mut self,
        state: &State,
        (class, variant): (ClassId, Option<usize>),
        template: Option<Name>,
        value: &Value,
        at: Location,
    ) -> Value {
        let holes = template.map_or_else(|| vec![("", "0".to_owned(), false)], |text| split_template(text.as_str()));
        let mut parts: Vec<(Value, String)> = Vec::new();
        for (text, field, debug) in holes {
            if !text.is_empty() {
                parts.push((Value::text(text), String::new()));
            }
            if field.is_empty() {
                continue;
            }
            let inner = self.field_of(&state.carry, (class, variant), name(&field), value, at);
            parts.push((self.printed(state, &inner, debug, at), field));
        }
        if parts.is_empty() { Value::text("") } else { self.concatenate(&parts, at) }
    }

    pub(crate) fn field_of(
        &mut self,
        carry: &Carry,
        (class, variant): (ClassId, Option<usize>),
        field: Name,
        value: &Value,
        at: Location,
    ) -> Value {
        let mut found = Value::nothing();
        for id in value.objects().collect::<Vec<ObjId>>() {
            let Some(object) = self.object(&carry.heap, id) else { continue };
            let key = [Const::Str(field)].into_iter().chain(field.as_str().parse().ok().map(Const::Int));
            if let Some(inner) = key.filter_map(|key| object.entries.get(&key)).next() {
                found = found.join(inner);
            }
        }
        if value.unknown || found.is_nothing() {
            let program = self.program;
            let info = program.class(class);
            let fields = variant.map_or(&info.fields, |position| &info.variants[position].fields);
            let declared = fields.iter().find(|known| known.name == field);
            let only = if fields.len() == 1 { fields.first() } else { None };
            let ty = declared.or(only).and_then(|known| known.ty.clone());
            let inner = ty.map_or_else(Value::unknown, |ty| self.of_type(&ty, at));
            found = found.join(&inner.tainted(&self.part_taints(value, Some(field), at)));
        }
        let named = self.named(found, field, at);
        let open = named.is_open() && !named.number && !self.is_bounded(&named) && named.taints.is_empty();
        // Whatever an error was given to tell: it is made for people, not for labels.
        if open && named.objects().next().is_none() {
            let taint = Taint::new(None, "the text of an error", at, format!("`{field}` is part of its text"));
            return named.tainted(&[taint]);
        }
        named
    }
}

/// The texts of a format string, each with the name of the hole behind it and whether it asks for `Debug`.
fn split_template(template: &str) -> Vec<(&str, String, bool)> {
    let mut found = Vec::new();
    let mut rest = template;
    let mut next = 0;
    while let Some(open) = rest.find('{') {
        if rest[open + 1..].starts_with('{') {
            let (text, behind) = rest.split_at(open + 2);
            found.push((text, String::new(), false));
            rest = behind;
            continue;
        }
        let Some(close) = rest[open..].find('}') else { break };
        let (field, spec) = match rest[open + 1..open + close].split_once(':') {
            Some((field, spec)) => (field.trim(), spec),
            None => (rest[open + 1..open + close].trim(), ""),
        };
        let field = field.trim_start_matches('.');
        let named = if field.is_empty() {
            next += 1;
            (next - 1).to_string()
        } else {
            field.trim_start_matches('_').to_owned()
        };
        found.push((&rest[..open], named, spec.contains('?')));
        rest = &rest[open + close + 1..];
    }
    found.push((rest, String::new(), false));
    found
}
