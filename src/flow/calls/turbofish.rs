//! What `parse::<u64>()` and `body_json::<Order>()` say about their results.

use crate::program::{Const, Op, OpKind, TypeRef, name};

use crate::flow::run::machine::Machine;
use crate::flow::values::heap::Kind;
use crate::flow::values::state::State;
use crate::flow::values::value::Value;

impl Machine<'_> {
    /// A call's result with the type that its caller wrote into the call.
    pub(crate) fn told_by_turbofish(&mut self, state: &mut State, op: &Op, value: Value) -> Value {
        let (OpKind::Call(_), Some(dst)) = (&op.kind, op.dst) else { return value };
        let info = self.function().regs.get(dst.index()).and_then(|info| info.ty.as_ref());
        let Some(told) = info.filter(|ty| ty.path.as_str() == "turbofish") else { return value };
        let Some(ty) = told.args.iter().rev().find(|ty| ty.path.as_str() != "_").cloned() else { return value };
        for id in value.objects().collect::<Vec<_>>() {
            let Some(object) = self.object(&state.carry.heap, id) else { continue };
            let wraps = matches!(&object.kind, Kind::Variant(variant) if matches!(variant.as_str(), "Ok" | "Some"));
            let payload = object.entries.get(&Const::Str(name("0"))).cloned();
            if let Some(payload) = payload.filter(|payload| wraps && untold(payload)) {
                let told = self.as_type(&payload, &ty, op);
                self.change(&mut state.carry.heap, id, |object| {
                    object.entries.insert(Const::Str(name("0")), told);
                });
            }
        }
        value
    }

    fn as_type(&mut self, value: &Value, ty: &TypeRef, op: &Op) -> Value {
        let at = self.at(op.span);
        let typed = self.of_type(ty, at).tainted(&value.taints);
        typed.with(|data| {
            data.via = value.via;
            data.few |= value.few && value.taints.is_empty();
        })
    }
}

/// Nothing but what it carries is known of the value.
fn untold(value: &Value) -> bool {
    value.unknown && value.alts.is_empty() && value.ty.is_none()
}
