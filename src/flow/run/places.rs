//! Places that registers were read from: what is written to a register goes back there, and what a place is called.

use crate::program::{Reg, name};

use super::machine::Machine;
use super::texts::base_name;
use crate::flow::values::state::State;
use crate::flow::values::value::Value;

impl Machine<'_> {
    /// What a register is called in a hole of a text: its name, field or key.
    pub(crate) fn hole(&self, state: &State, reg: Reg) -> String {
        use crate::program::Place;
        let info = self.function().regs.get(reg.index());
        match info.map(|info| (info.name, info.place)) {
            Some((Some(known), _)) => base_name(known).to_string(),
            Some((None, Some(Place::Field(_, field)))) => field.to_string(),
            Some((None, Some(Place::Global(global) | Place::Cell(_, global)))) => global.to_string(),
            Some((None, Some(Place::Index(_, index)))) => {
                state.get(index).single_text().map_or_else(|| "…".to_owned(), |key| key.to_string())
            }
            _ => "…".to_owned(),
        }
    }

    /// What callees left in `&mut` parameters and receivers goes back to its place.
    pub(crate) fn write_back(
        &mut self,
        state: &mut State,
        op: &crate::program::Op,
        receiver: Option<Value>,
        arguments: &[(usize, Value)],
    ) {
        let crate::program::OpKind::Call(call) = &op.kind else { return };
        let at = self.at(op.span);
        if let (Some(value), crate::program::Callee::Method(reg, _)) = (receiver.clone(), call.callee) {
            self.store_place(state, reg, value, at, 0);
        } else if let (Some(value), Some(first)) = (receiver, call.args.first()) {
            self.store_place(state, first.reg, value, at, 0);
        }
        for (position, value) in arguments {
            if let Some(arg) = call.args.get(*position) {
                let value = value.clone();
                self.store_place(state, arg.reg, value, at, 0);
            }
        }
    }

    /// Writes to a register and to the place that it was read from.
    pub(crate) fn store_place(
        &mut self,
        state: &mut State,
        reg: Reg,
        value: Value,
        at: crate::source::Location,
        depth: u8,
    ) {
        use crate::program::Place;
        let info = self.function().regs.get(reg.index()).cloned().unwrap_or_default();
        state.set(reg, value.clone());
        if depth > 6 {
            return;
        }
        match info.place {
            Some(Place::Reg(base) | Place::Through(base)) => self.store_place(state, base, value, at, depth + 1),
            Some(Place::Cell(up, cell)) => self.store_cell(state, up, cell, value),
            Some(Place::Global(global)) if !self.is_rust() => self.store_global(&mut state.carry, global, value, at),
            Some(Place::Global(path)) => self.store_static(path, &value),
            None => {}
            Some(Place::Field(base, field)) => {
                let object = state.get(base);
                self.set_attribute(&mut state.carry, &object, field, value, at);
            }
            Some(Place::Index(base, index)) => {
                let (object, index) = (state.get(base), state.get(index));
                self.set_index(&mut state.carry, &object, &index, value, at);
            }
        }
    }

    /// `*target = value`.
    pub(crate) fn store_through(&mut self, state: &mut State, target: Reg, value: Value, at: crate::source::Location) {
        use crate::program::{OpKind, Place};
        let place = self.function().regs.get(target.index()).and_then(|info| info.place);
        let through = match place {
            Some(Place::Through(base)) => Some(base),
            _ => None,
        };
        if let Some(base) = through {
            let method = match self.defining(target).map(|op| op.kind.clone()) {
                Some(OpKind::Call(call)) => match call.callee {
                    crate::program::Callee::Method(_, method) => Some(method),
                    crate::program::Callee::Value(_) => None,
                },
                _ => None,
            };
            let object = state.get(base);
            if let Some(method) = method
                && method.as_str().starts_with(crate::flow::values::statuses::STATUS)
            {
                for id in object.objects().collect::<Vec<_>>() {
                    let value = value.clone();
                    self.change(&mut state.carry.heap, id, |object| {
                        object.set_field(name(crate::flow::values::statuses::STATUS), value)
                    });
                }
                return;
            }
        }
        self.store_place(state, target, value, at, 0);
    }
}
