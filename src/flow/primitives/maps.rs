//! What does iterating over a map of Rust give: pairs of keys and values, where Python gives keys.

use crate::program::TypeRef;
use crate::source::Span;

use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, Object};
use crate::flow::values::state::Carry;
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// The value with maps as lists of pairs, in Rust.
    pub(crate) fn by_pairs(&mut self, carry: &mut Carry, value: &Value, span: Span) -> Value {
        if !self.is_rust() {
            return value.clone();
        }
        let is_map = |machine: &Self, alt: &Alt| match alt {
            Alt::Object(id) => machine.object(&carry.heap, *id).is_some_and(|object| object.kind == Kind::Dict),
            _ => false,
        };
        let (maps, others): (Vec<Alt>, Vec<Alt>) = value.alts.iter().cloned().partition(|alt| is_map(self, alt));
        let declared = if value.unknown { self.map_type(value) } else { None };
        if maps.is_empty() && declared.is_none() {
            return value.clone();
        }
        let mut made = Object::new(Kind::List);
        for map in maps {
            self.fill_view(carry, &mut made, "items", &Value::one(map).tainted(&value.taints), span);
        }
        if let Some(ty) = &declared {
            let pair = self.declared_pair(carry, value, ty, span);
            made.set_any(&Value::count(), &pair);
        }
        let id = self.make(&mut carry.heap, (span, 61), made);
        let rest = value.with(|data| {
            data.alts = others;
            data.unknown &= declared.is_none();
        });
        if rest.alts.is_empty() && !rest.unknown { Value::object(id) } else { rest.join(&Value::object(id)) }
    }

    /// The type of a map, behind what holds it.
    fn map_type(&self, value: &Value) -> Option<TypeRef> {
        let ty = value.ty.as_ref().and_then(|ty| self.held_type(ty))?;
        (ty.args.len() > 1 && self.tables().type_entry(ty.path).is_some_and(|entry| entry.pairs)).then_some(ty)
    }

    /// An entry of a map of which only the type is known. What the map's name says of its entries is said of texts.
    fn declared_pair(&mut self, carry: &mut Carry, value: &Value, ty: &TypeRef, span: Span) -> Value {
        let at = self.at(span);
        let taints = self.part_taints(value, None, at);
        let mut parts = Vec::new();
        for ty in &ty.args[..2] {
            let number = self.tables().type_entry(ty.path).is_some_and(|entry| entry.number);
            let part = self.of_type(ty, at);
            parts.push(if number || self.is_bounded(&part) { part } else { part.tainted(&taints) });
        }
        self.tuple_of(carry, &parts, (span, 62))
    }
}
