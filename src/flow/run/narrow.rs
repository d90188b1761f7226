//! What does a branch tell? Conditions narrow the values that they look at.

use crate::program::{Callee, CompareOp, Const, OpKind, Place, Reg, Test, UnaryOp, name};

use super::machine::Machine;
use super::patterns::same;
use crate::flow::values::heap::Kind;
use crate::flow::values::state::State;
use crate::flow::values::store::Heap;
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// The state on one side of a branch; `None` if that side is impossible.
    pub(crate) fn narrow(&mut self, state: &State, cond: Reg, taken: bool) -> Option<State> {
        let mut next = state.clone();
        let value = if taken { truthy(&state.get(cond)) } else { self.falsy(&state.carry.heap, &state.get(cond)) };
        next.set(cond, value);
        self.learn(&mut next, cond, taken, 0).then_some(next)
    }

    /// Applies what the definition of a condition says. False if it cannot be.
    fn learn(&mut self, state: &mut State, cond: Reg, taken: bool, depth: u8) -> bool {
        if depth > 4 {
            return true;
        }
        let Some(kind) = self.defining(cond).map(|op| op.kind.clone()) else { return true };
        match kind {
            OpKind::Unary(UnaryOp::Not, inner) => {
                let value = state.get(inner);
                if !value.is_nothing() {
                    let (yes, no) = value.truth();
                    if if taken { !no } else { !yes } {
                        return false;
                    }
                    let value = if taken { self.falsy(&state.carry.heap, &value) } else { truthy(&value) };
                    state.set(inner, value);
                }
                self.learn(state, inner, !taken, depth + 1)
            }
            OpKind::Copy(inner) => self.learn(state, inner, taken, depth + 1),
            OpKind::Compare(op, left, right) => self.learn_comparison(state, op, (left, right), taken),
            OpKind::Test(value, test) => self.learn_test(state, value, &test, taken),
            OpKind::IsOk(value) => {
                self.keep_side(state, value, taken);
                true
            }
            OpKind::CaughtMatches(exception, classes) => {
                let (caught, classes) = (state.get(exception), state.get(classes));
                let narrowed = self.narrow_exception(&state.carry.heap, &caught, &classes, taken);
                state.set(exception, narrowed.clone());
                state.caught = Some(narrowed);
                true
            }
            OpKind::Call(call) => {
                self.learn_call(state, &call, taken);
                true
            }
            _ => true,
        }
    }

    fn learn_call(&mut self, state: &mut State, call: &crate::program::Call, taken: bool) {
        let Callee::Method(receiver, method) = call.callee else { return };
        let types = self.types_of(&state.carry, &state.get(receiver));
        let tables = self.tables();
        let entry = types.iter().find_map(|ty| tables.method_of(*ty, method)).or_else(|| tables.wildcard(method));
        let does = entry.and_then(|entry| entry.does.as_deref());
        match does {
            Some("is-some" | "is-ok") => self.keep_side(state, receiver, taken),
            Some("is-none" | "is-err") => self.keep_side(state, receiver, !taken),
            Some("contains") if taken => {
                if let Some(arg) = call.args.first() {
                    let container = state.get(receiver);
                    self.member(state, arg.reg, &container);
                }
            }
            _ => {}
        }
    }

    /// A value found in a container of constants has few values from here on.
    fn member(&mut self, state: &mut State, reg: Reg, container: &Value) {
        let constant = container.objects().next().is_some()
            && !container.unknown
            && container.objects().all(|id| {
                self.object(&state.carry.heap, id).is_some_and(|object| match object.kind {
                    Kind::Dict | Kind::Names => object.rest.is_none() && !object.many,
                    _ => object.rest.is_none() && object.entries.values().all(|value| !value.is_open()),
                })
            })
            || container.few && container.unknown;
        if constant {
            self.bound_register(state, reg, 0);
        }
    }

    /// Makes a register, and what it was copied or taken from, one of few.
    fn bound_register(&mut self, state: &mut State, reg: Reg, depth: u8) {
        let value = state.get(reg);
        if value.is_open() || !value.taints.is_empty() {
            let bounded = Value::few().with(|data| data.number = value.number);
            state.set(reg, bounded);
        }
        if depth > 4 {
            return;
        }
        match self.defining(reg).map(|op| op.kind.clone()) {
            Some(OpKind::Copy(from)) => self.bound_register(state, from, depth + 1),
            Some(OpKind::LoadCell(up, cell)) => {
                let few = Value::few();
                self.store_cell(state, up, cell, few);
            }
            Some(OpKind::Call(call)) => {
                // `SET.contains(name.as_str())`, `str(x) in SET`: what is looked up is a form of the receiver.
                if let Callee::Method(receiver, _) = call.callee
                    && call.args.is_empty()
                {
                    self.bound_register(state, receiver, depth + 1);
                }
            }
            _ => {}
        }
        if let Some(Place::Reg(base)) = self.function().regs.get(reg.index()).and_then(|info| info.place) {
            self.bound_register(state, base, depth + 1);
        }
    }

    fn learn_comparison(&mut self, state: &mut State, op: CompareOp, (left, right): (Reg, Reg), taken: bool) -> bool {
        let equal = match op {
            CompareOp::Eq | CompareOp::Is => taken,
            CompareOp::NotEq | CompareOp::IsNot => !taken,
            CompareOp::In | CompareOp::NotIn => {
                if (op == CompareOp::In) == taken {
                    let container = state.get(right);
                    self.member(state, left, &container);
                }
                return true;
            }
            _ => return true,
        };
        let (a, b) = (state.get(left), state.get(right));
        for (reg, value, other) in [(left, &a, &b), (right, &b, &a)] {
            if !(other.is_constant() || matches!(other.alts.as_slice(), [Alt::Path(_)]) && !other.unknown) {
                continue;
            }
            let narrowed = if equal { self.only(value, other) } else { without(value, other) };
            if narrowed.is_nothing() && !value.is_nothing() {
                return false;
            }
            state.set(reg, narrowed.clone());
            self.narrow_source(state, reg, &narrowed, 0);
        }
        true
    }

    /// The part of a value that equals a constant.
    fn only(&self, value: &Value, constant: &Value) -> Value {
        if value.unknown {
            return constant.clone();
        }
        value.with(|data| {
            data.alts.retain(|alt| constant.alts.iter().any(|other| same(alt, other) != Some(false)));
            if data.alts.iter().all(|alt| matches!(alt, Alt::Const(_) | Alt::Status(_))) {
                data.taints.clear();
            }
        })
    }

    /// A narrowed field narrows its object to those that have that value; a copy narrows what it was copied from.
    fn narrow_source(&mut self, state: &mut State, reg: Reg, value: &Value, depth: u8) {
        if depth > 3 {
            return;
        }
        let place = self.function().regs.get(reg.index()).and_then(|info| info.place);
        if let Some(Place::Field(base, field)) = place {
            let object = state.get(base);
            let kept: Vec<Alt> = object
                .alts
                .iter()
                .filter(|alt| match alt {
                    Alt::Object(id) => {
                        let Some(known) = self.object(&state.carry.heap, *id) else { return true };
                        let key = if known.field(field).is_some() {
                            field
                        } else {
                            name(crate::flow::values::statuses::STATUS)
                        };
                        known.field(key).is_none_or(|held| {
                            held.unknown
                                || held.alts.iter().any(|a| value.alts.iter().any(|b| same(a, b) != Some(false)))
                        })
                    }
                    _ => true,
                })
                .cloned()
                .collect();
            if kept.len() < object.alts.len() && (!kept.is_empty() || object.unknown) {
                let narrowed = object.with(|data| data.alts = kept);
                state.set(base, narrowed.clone());
                self.narrow_source(state, base, &narrowed, depth + 1);
            }
        }
        match self.defining(reg).map(|op| op.kind.clone()) {
            Some(OpKind::Copy(from)) if state.regs.contains(from) => {
                state.set(from, value.clone());
                self.narrow_source(state, from, value, depth + 1);
            }
            Some(OpKind::LoadCell(up, cell)) => self.store_cell(state, up, cell, value.clone()),
            Some(OpKind::Call(call)) => self.narrow_response(state, &call, value),
            _ => {}
        }
    }

    /// `response.status() == x`: narrows the response by its status.
    fn narrow_response(&mut self, state: &mut State, call: &crate::program::Call, value: &Value) {
        let Callee::Method(receiver, method) = call.callee else { return };
        if !method.as_str().starts_with(crate::flow::values::statuses::STATUS) || !call.args.is_empty() {
            return;
        }
        let object = state.get(receiver);
        let kept: Vec<Alt> = object
            .alts
            .iter()
            .filter(|alt| match alt {
                Alt::Object(id) => self.object(&state.carry.heap, *id).is_none_or(|known| {
                    known.field(name(crate::flow::values::statuses::STATUS)).is_none_or(|held| {
                        held.unknown || held.alts.iter().any(|a| value.alts.iter().any(|b| same(a, b) != Some(false)))
                    })
                }),
                _ => true,
            })
            .cloned()
            .collect();
        if kept.len() < object.alts.len() && (!kept.is_empty() || object.unknown) {
            state.set(receiver, object.with(|data| data.alts = kept));
        }
    }

    fn learn_test(&mut self, state: &mut State, value: Reg, test: &Test, taken: bool) -> bool {
        match test {
            Test::Variant(path) => {
                let narrowed = self.narrow_variant(&state.carry.heap, &state.get(value), *path, taken);
                if narrowed.is_nothing() {
                    return false;
                }
                state.set(value, narrowed.clone());
                self.narrow_source(state, value, &narrowed, 0);
                true
            }
            Test::Equals(constant) => {
                let constant = state.get(*constant);
                let current = state.get(value);
                if !constant.is_constant() {
                    return true;
                }
                let narrowed = if taken { self.only(&current, &constant) } else { without(&current, &constant) };
                if narrowed.is_nothing() && !current.is_nothing() {
                    return false;
                }
                state.set(value, narrowed.clone());
                self.narrow_source(state, value, &narrowed, 0);
                true
            }
            Test::Range if taken => {
                self.bound_register(state, value, 0);
                true
            }
            _ => true,
        }
    }

    /// The part of a value that counts as false: it carries nothing any more.
    fn falsy(&self, heap: &Heap, value: &Value) -> Value {
        let objects: Vec<Alt> = value
            .alts
            .iter()
            .filter(|alt| match alt {
                Alt::Object(id) => self
                    .object(heap, *id)
                    .is_some_and(|object| matches!(object.kind, Kind::List | Kind::Tuple | Kind::Dict | Kind::Set)),
                Alt::Path(path) => path.as_str() == "None",
                Alt::Const(Const::None | Const::Bool(false) | Const::Int(0)) => true,
                Alt::Const(Const::Str(text) | Const::Bytes(text)) => text.is_empty(),
                _ => false,
            })
            .cloned()
            .collect();
        value.with(|data| {
            data.alts = objects;
            data.taints.clear();
            if data.unknown {
                data.unknown = false;
                data.add(Alt::Const(if data.number { Const::Int(0) } else { Const::None }));
            }
        })
    }
}

fn without(value: &Value, constant: &Value) -> Value {
    value.with(|data| {
        if let [other] = constant.alts.as_slice() {
            data.alts.retain(|alt| same(alt, other) != Some(true));
        }
    })
}

fn truthy(value: &Value) -> Value {
    value.with(|data| {
        data.alts.retain(|alt| {
            !matches!(alt, Alt::Const(Const::None | Const::Bool(false) | Const::Int(0)))
                && !matches!(alt, Alt::Const(Const::Str(text) | Const::Bytes(text)) if text.is_empty())
        });
        data.truthy = true;
    })
}
