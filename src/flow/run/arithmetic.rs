//! What do operators and comparisons give, and what does a number still tell after arithmetic?

use crate::program::{BinaryOp, CompareOp, Const, Reg, name};
use crate::source::Span;

use super::machine::Machine;
use super::texts::looks_textual;
use crate::flow::values::state::State;
use crate::flow::values::value::{Alt, Value};

/// A text that is repeated is known up to so many bytes.
const MAX_REPEATED: usize = 256;

impl Machine<'_> {
    pub(crate) fn negated(&self, value: &Value) -> Value {
        match value.single() {
            Some(Const::Int(number)) => Value::constant(Const::Int(number.wrapping_neg())),
            Some(Const::Bool(flag)) => Value::constant(Const::Bool(!flag)),
            _ => value.with(|data| {
                data.alts.retain(|alt| matches!(alt, Alt::Object(_)));
                data.unknown = true;
            }),
        }
    }

    pub(crate) fn binary(
        &mut self,
        state: &mut State,
        (op, augmented): (BinaryOp, bool),
        regs: (Reg, Reg),
        span: Span,
    ) -> Value {
        let at = self.at(span);
        let (left, right) = (state.get(regs.0), state.get(regs.1));
        if let (Some(Const::Int(a)), Some(Const::Int(b))) = (left.single(), right.single()) {
            return arithmetic(op, a, b);
        }
        match op {
            BinaryOp::Add | BinaryOp::Or if self.is_container(&state.carry.heap, &left) => {
                self.merged(state, (&left, &right), augmented, span)
            }
            BinaryOp::Mod
                if left.texts().next().is_some() || left.alts.iter().any(|a| matches!(a, Alt::Template(_))) =>
            {
                self.percent(state, &left, &right, at)
            }
            BinaryOp::Add if looks_textual(&left) || looks_textual(&right) => {
                let parts = [(left, self.hole(state, regs.0)), (right, self.hole(state, regs.1))];
                let printed: Vec<(Value, String)> =
                    parts.into_iter().map(|(value, hole)| (self.printed(state, &value, false, at), hole)).collect();
                self.concatenate(&printed, at)
            }
            BinaryOp::Mul if left.is_constant() && right.is_constant() => repeated(&left, &right),
            _ => number_of(op, augmented, &left, &right),
        }
    }

    pub(crate) fn compare(&mut self, state: &State, op: CompareOp, left: Reg, right: Reg) -> Value {
        let (left, right) = (state.get(left), state.get(right));
        let verdict = match op {
            CompareOp::Eq | CompareOp::Is => self.equal(&left, &right),
            CompareOp::NotEq | CompareOp::IsNot => self.equal(&left, &right).map(|known| !known),
            CompareOp::In => self.contained(&state.carry.heap, &left, &right),
            CompareOp::NotIn => self.contained(&state.carry.heap, &left, &right).map(|known| !known),
            CompareOp::Lt | CompareOp::LtE | CompareOp::Gt | CompareOp::GtE => ordered(op, &left, &right),
        };
        verdict.map_or_else(Value::boolean, |known| Value::constant(Const::Bool(known)))
    }
}

/// The constants that a key may be; statuses count as numbers.
pub(crate) fn constants_of(key: &Value) -> Vec<Const> {
    key.alts
        .iter()
        .filter_map(|alt| match alt {
            Alt::Const(value) => Some(*value),
            Alt::Status(status) => Some(Const::Int(i64::from(*status))),
            Alt::Path(path) => Some(Const::Str(*path)),
            _ => None,
        })
        .collect()
}

pub(crate) fn truth_value((yes, no): (bool, bool), negate: bool) -> Value {
    match (yes, no) {
        (true, false) => Value::constant(Const::Bool(!negate)),
        (false, true) => Value::constant(Const::Bool(negate)),
        _ => Value::boolean(),
    }
}

fn arithmetic(op: BinaryOp, a: i64, b: i64) -> Value {
    let result = match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Sub => a.checked_sub(b),
        BinaryOp::Mul => a.checked_mul(b),
        BinaryOp::Div => a.checked_div(b),
        BinaryOp::Mod => a.checked_rem(b),
        BinaryOp::Or => Some(a | b),
        BinaryOp::And => Some(a & b),
        BinaryOp::Other => None,
    };
    result.map_or_else(Value::count, |number| Value::constant(Const::Int(number)))
}

/// `"*" * 8`: a text that is known, or one of few things.
fn repeated(left: &Value, right: &Value) -> Value {
    let text = match (left.single(), right.single()) {
        (Some(Const::Str(text)), Some(Const::Int(times))) | (Some(Const::Int(times)), Some(Const::Str(text))) => {
            Some((text, usize::try_from(times).unwrap_or(0)))
        }
        _ => None,
    };
    match text {
        Some((text, times)) if text.len().saturating_mul(times) <= MAX_REPEATED => {
            Value::constant(Const::Str(name(&text.as_str().repeat(times))))
        }
        Some(_) => Value::few(),
        None => Value::few().with(|data| data.number = true),
    }
}

/// Arithmetic: scaling by a constant keeps what a number tells, sums and products of several do not; a remainder has
/// few values.
fn number_of(op: BinaryOp, augmented: bool, left: &Value, right: &Value) -> Value {
    if op == BinaryOp::Mod && right.is_constant() {
        return Value::few().with(|data| data.number = true);
    }
    let scaled = |value: &Value| {
        value.with(|data| {
            data.alts.retain(|alt| matches!(alt, Alt::Template(_)));
            data.unknown = true;
        })
    };
    let both_text = left.is_open() && right.is_open() && !left.number && !right.number;
    if right.is_constant() && !left.is_constant() {
        return scaled(left);
    }
    if left.is_constant() && !right.is_constant() && !augmented {
        return scaled(right);
    }
    if both_text && op == BinaryOp::Add {
        return left.carried().tainted(&right.taints);
    }
    Value::unknown().with(|data| {
        data.number = true;
        data.few = left.few && right.few;
    })
}

fn ordered(op: CompareOp, left: &Value, right: &Value) -> Option<bool> {
    let number = |value: &Value| match (value.single(), value.alts.as_slice(), value.unknown) {
        (Some(Const::Int(number)), ..) => Some(number),
        (_, [Alt::Status(status)], false) => Some(i64::from(*status)),
        _ => None,
    };
    let (a, b) = (number(left)?, number(right)?);
    Some(match op {
        CompareOp::Lt => a < b,
        CompareOp::LtE => a <= b,
        CompareOp::Gt => a > b,
        _ => a >= b,
    })
}
