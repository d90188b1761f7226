//! What does each operation do to a state?

use crate::program::{Call, Callee, Const, Name, Op, OpKind, Reg, UnaryOp};
use crate::source::Location;

use super::arithmetic::truth_value;
use super::exec::Outcome;
use super::machine::Machine;
use super::texts::base_name;
use crate::flow::values::state::{Exit, State};
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// Runs one operation.
    pub(crate) fn step(&mut self, mut state: State, op: &Op, out: &mut Outcome) {
        let value = match &op.kind {
            OpKind::Call(call) => return self.step_call(state, op, call, out),
            OpKind::Attr(object, field) => {
                let value = state.get(*object);
                let mut exits = self.attribute(state.carry.clone(), &value, *field, op.span);
                for exit in exits.iter_mut().filter(|exit| !exit.raised) {
                    let found = std::mem::replace(&mut exit.value, Value::nothing());
                    exit.value = self.named_with_owner(found, *object, *field, self.at(op.span));
                }
                return self.settle(state, op, exits, out);
            }
            OpKind::Index(object, index) => {
                let (object, index) = (state.get(*object), state.get(*index));
                let exits = self.index(state.carry.clone(), &object, &index, op.span);
                return self.settle(state, op, exits, out);
            }
            OpKind::DeleteIndex(object, index) => {
                let (object, index) = (state.get(*object), state.get(*index));
                let exits = self.delete_index(state.carry.clone(), &object, &index, op.span);
                return self.settle(state, op, exits, out);
            }
            OpKind::Yield(_) if self.thrown.as_ref().is_some_and(|(depth, _)| *depth == self.frames.len()) => {
                let raised = self.thrown.as_ref().map_or_else(Value::unknown, |(_, raised)| raised.clone());
                let exits = vec![Exit::raises(raised, state.carry.clone())];
                return self.settle(state, op, exits, out);
            }
            OpKind::Await(value) => {
                let value = state.get(*value);
                let exits = self.force(state.carry.clone(), &value, op.span);
                return self.settle(state, op, exits, out);
            }
            OpKind::Enter(context) => {
                let context = state.get(*context);
                let exits = self.enter_context(state.carry.clone(), &context, op.span);
                return self.settle(state, op, exits, out);
            }
            OpKind::Exit { context, exceptional } => {
                let value = state.get(*context);
                let exits = self.exit_context(&state, &value, *exceptional, op.span);
                return self.settle(state, op, exits, out);
            }
            OpKind::LoadGlobal(global) => {
                let value = self.load_global(&mut state.carry, *global);
                return match value {
                    Ok(value) => self.finish(state, op, value, out),
                    Err(error) => out.raised.push((error, state)),
                };
            }
            OpKind::Class { class, .. } => {
                let exits = self.make_class(state.carry.clone(), *class, op.span);
                return self.settle(state, op, exits, out);
            }
            OpKind::Residual(value) => {
                let value = state.get(*value);
                let exits = self.residual(state.carry.clone(), &value, op.span);
                return self.settle(state, op, exits, out);
            }
            _ => self.plain(&mut state, op),
        };
        self.finish(state, op, value, out);
    }

    fn finish(&mut self, mut state: State, op: &Op, value: Value, out: &mut Outcome) {
        if let Some(dst) = op.dst {
            // A result that goes to a variable at once, without a copy.
            let value =
                if matches!(op.kind, OpKind::Copy(_)) { value } else { self.arrived(value, dst, self.at(op.span)) };
            let value = self.chosen(&mut state.carry, value, dst, op.span);
            state.set(dst, value);
        }
        out.next.push(state);
    }

    /// Goes on behind a call: one state for each way out.
    pub(crate) fn settle(&mut self, state: State, op: &Op, exits: Vec<Exit>, out: &mut Outcome) {
        let mut exits = exits.into_iter().peekable();
        let mut state = Some(state);
        while let Some(exit) = exits.next() {
            // The last way out takes the state itself.
            let taken = if exits.peek().is_some() { state.clone() } else { state.take() };
            let Some(mut next) = taken else { return };
            next.carry = exit.carry;
            if exit.raised {
                out.raised.push((exit.value, next));
                continue;
            }
            self.write_back(&mut next, op, exit.receiver, &exit.arguments);
            let value = self.told_by_turbofish(&mut next, op, exit.value);
            self.finish(next, op, value, out);
        }
    }

    /// Operations that have one result and never raise.
    fn plain(&mut self, state: &mut State, op: &Op) -> Value {
        let at = self.at(op.span);
        match &op.kind {
            OpKind::Const(value) => Value::constant(*value),
            OpKind::Copy(from) => self.copy(state, *from, op.dst, at),
            OpKind::Unbind(reg) => {
                state.regs.remove(*reg);
                Value::nothing()
            }
            OpKind::StoreGlobal(global, value) => {
                let value = self.named(state.get(*value), *global, at);
                self.store_global(&mut state.carry, *global, value, at);
                Value::nothing()
            }
            OpKind::DeleteGlobal(global) => {
                self.delete_global(&mut state.carry, *global);
                Value::nothing()
            }
            OpKind::Path(path) => self.path_value(&mut state.carry, *path),
            OpKind::LoadCell(up, cell) => self.load_cell(state, *up, *cell),
            OpKind::StoreCell(up, cell, value) => {
                let value = self.named(state.get(*value), base_name(*cell), at);
                self.keep(&value, base_name(*cell));
                self.store_cell(state, *up, *cell, value);
                Value::nothing()
            }
            OpKind::Import { module, bind } => self.import(&mut state.carry, *module, *bind),
            OpKind::ImportFrom(module, item) => self.import_from(&mut state.carry, *module, *item),
            OpKind::ImportStar(module) => {
                self.import_star(&mut state.carry, *module);
                Value::nothing()
            }
            OpKind::Format(pieces) => self.format(state, pieces, at),
            OpKind::Unary(UnaryOp::Not, value) => truth_value(state.get(*value).truth(), true),
            OpKind::Unary(UnaryOp::Number, value) => self.negated(&state.get(*value)),
            OpKind::Binary { op: operator, left, right, augmented } => {
                self.binary(state, (*operator, *augmented), (*left, *right), op.span)
            }
            OpKind::Compare(operator, left, right) => self.compare(state, *operator, *left, *right),
            OpKind::SetAttr(object, field, value) => {
                let (object, value) = (state.get(*object), state.get(*value));
                self.set_attribute(&mut state.carry, &object, *field, value, at);
                Value::nothing()
            }
            OpKind::DeleteAttr(object, field) => {
                let object = state.get(*object);
                self.delete_entry(&mut state.carry, &object, Const::Str(*field));
                Value::nothing()
            }
            OpKind::SetIndex(place, index, value) => {
                let (object, index, value) = (state.get(*place), state.get(*index), state.get(*value));
                if object.objects().next().is_none() && !value.taints.is_empty() && self.is_rust() {
                    // An array of which nothing is known carries what any of its elements does.
                    let changed = object.tainted(&value.taints).with(|data| data.few = false);
                    self.store_place(state, *place, changed, at, 0);
                    return Value::nothing();
                }
                self.set_index(&mut state.carry, &object, &index, value, at);
                Value::nothing()
            }
            OpKind::StoreDeref(target, value) => {
                let value = state.get(*value);
                self.store_through(state, *target, value, at);
                Value::nothing()
            }
            _ => self.plain_more(state, op, at),
        }
    }

    fn plain_more(&mut self, state: &mut State, op: &Op, at: Location) -> Value {
        match &op.kind {
            OpKind::Slice(object) => self.slice(state, *object, op.span),
            OpKind::Collection(kind, items) => self.collection(state, *kind, items, op.span),
            OpKind::Construct { path, fields, base } => self.construct(state, *path, fields, *base, op.span),
            OpKind::Closure { function, defaults } => {
                let values: Vec<(Name, Value)> =
                    defaults.iter().map(|(param, reg)| (*param, state.get(*reg))).collect();
                self.keep_defaults(*function, &values);
                let needs_cells = !self.function().cells.is_empty() || self.frame().outer.is_some();
                let cells = needs_cells.then(|| self.frame().cells);
                Value::one(Alt::Function(*function, cells))
            }
            OpKind::ClassField(field, value) => {
                let value = state.get(*value);
                self.class_field(&mut state.carry, *field, value);
                Value::nothing()
            }
            OpKind::Yield(value) => {
                let value = value.map_or_else(Value::none, |value| state.get(value));
                let value = self.yielded(state, value, op.span);
                self.frame_mut().yields.push(value);
                Value::unknown()
            }
            OpKind::YieldFrom(value) => {
                let value = state.get(*value);
                let value = self.elements_ready(&mut state.carry, &value, op.span);
                let element = self.element_of(&state.carry.heap.clone(), &value, at);
                self.frame_mut().yields.push(element);
                Value::unknown()
            }
            OpKind::Iter(value) => {
                let value = state.get(*value);
                self.iterate(state, &value, op.span)
            }
            OpKind::Test(value, test) => self.test(state, *value, test),
            OpKind::Extract(value, part) => self.extract(state, *value, part, at),
            OpKind::Caught => {
                let caught = state.caught.clone().unwrap_or_else(Value::unknown);
                self.caught_text(caught, at)
            }
            OpKind::CaughtMatches(exception, classes) => {
                let (exception, classes) = (state.get(*exception), state.get(*classes));
                truth_value(self.matches(&state.carry.heap, &exception, &classes), false)
            }
            OpKind::IsOk(value) => truth_value(self.is_ok(&state.carry.heap, &state.get(*value)), false),
            OpKind::Unwrap(value) => self.payload(&state.carry.heap, &state.get(*value)),
            _ => Value::unknown(),
        }
    }

    fn copy(&mut self, state: &mut State, from: Reg, to: Option<Reg>, at: Location) -> Value {
        let value = state.get(from);
        let Some(to) = to else { return value };
        self.arrived(value, to, at)
    }

    /// A value that a register receives: a variable's name and type tell of it.
    fn arrived(&mut self, value: Value, to: Reg, at: Location) -> Value {
        let Some(info) = self.function().regs.get(to.index()) else { return value };
        let Some(known_as) = info.name else { return value };
        let declared = info.ty.clone();
        let value = match declared {
            Some(ty) if value.unknown && value.ty.is_none() => value.with(|data| data.ty = Some(ty)),
            _ => value,
        };
        self.keep(&value, base_name(known_as));
        let value = self.named(value, base_name(known_as), at);
        let value = self.extracted(value, base_name(known_as), at);
        value.hop(at, || format!("kept as `{}`", base_name(known_as)))
    }

    /// Remembers under which name metrics are kept.
    pub(crate) fn keep(&mut self, value: &Value, known_as: Name) {
        for metric in value.metrics().collect::<Vec<_>>() {
            self.metrics.get_mut(metric).kept_as.insert(known_as);
        }
    }

    fn step_call(&mut self, mut state: State, op: &Op, call: &Call, out: &mut Outcome) {
        let args = self.arguments(&mut state, call);
        let exits = match call.callee {
            Callee::Value(callee) => {
                let callee = state.get(callee);
                self.call_value(state.carry.clone(), &callee, args, op.span)
            }
            Callee::Method(receiver, method) => {
                let receiver = state.get(receiver);
                self.call_method(state.carry.clone(), &receiver, method, args, op.span)
            }
        };
        self.settle(state, op, exits, out);
    }
}
