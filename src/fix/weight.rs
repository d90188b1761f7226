//! What would be missing if an operation no longer ran, though its result is not needed?

use super::effects::{Effects, Origins};
use crate::program::{BinaryOp, Callee, Const, Op, OpKind, Reg, Syntax};

/// What an operation that changes nothing weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Weight {
    /// On some inputs it fails, and what stands behind it does not run.
    pub(super) fails: bool,
    /// It looks at containers or takes input: it goes with a metric only where its text goes.
    pub(super) input: bool,
}

/// The weight of an operation; `None` for what changes something or is not known.
pub(super) fn weight(op: &Op, origins: &Origins<'_>, effects: &dyn Effects) -> Option<Weight> {
    let light = Weight::default();
    match &op.kind {
        OpKind::Index(..) => Some(Weight { fails: true, input: true }),
        OpKind::Slice(_) => Some(Weight { fails: origins.syntax() == Syntax::Rust, input: true }),
        OpKind::Iter(_) => {
            op.dst.is_some_and(|dst| is_plain(origins, dst, effects)).then_some(Weight { input: true, ..light })
        }
        OpKind::Unary(..) | OpKind::Compare(..) => Some(light),
        OpKind::Binary { op, left, right, augmented: false } => {
            Some(Weight { fails: divides(*op, *left, *right, origins), ..light })
        }
        OpKind::Call(call) => {
            let claims = origins.claims(call.callee, effects);
            claims.reads.then_some(Weight { fails: claims.fails, input: claims.input })
        }
        _ => None,
    }
}

/// Division by something that may be nothing, and not the formatting of a text.
fn divides(op: BinaryOp, left: Reg, right: Reg, origins: &Origins<'_>) -> bool {
    let text = matches!(origins.constant(left), Some(Const::Str(_) | Const::Bytes(_)));
    let sure = match origins.constant(right) {
        Some(Const::Int(number)) => number != 0,
        Some(Const::Float(bits)) => f64::from_bits(bits) != 0.0,
        _ => false,
    };
    match op {
        BinaryOp::Div => !sure,
        BinaryOp::Mod => !sure && !text,
        _ => false,
    }
}

/// The iterator walks over something that can be walked over again: a list that is made there, or what a call gives
/// that does nothing else. A parameter may be a generator, which the loop uses up.
pub(super) fn is_plain(origins: &Origins<'_>, iter: Reg, effects: &dyn Effects) -> bool {
    let mut at = iter;
    // Chains of calls are short.
    for _ in 0..16 {
        match origins.writer(at).map(|op| &op.kind) {
            Some(OpKind::Iter(from) | OpKind::Copy(from)) => at = *from,
            Some(OpKind::Collection(..) | OpKind::Const(_)) => return true,
            Some(OpKind::Call(call)) => {
                let claims = origins.claims(call.callee, effects);
                // `enumerate(rows)` walks over its argument, `graphs.items()` makes a view.
                return claims.reads && !claims.fails && matches!(call.callee, Callee::Method(..));
            }
            _ => return false,
        }
    }
    false
}
