//! What runs again at the end of a root: functions that a metric calls when the page is read, and tasks that go on in the
//! background, see what was put into shared state after they were handed over; futures that a root returns run then, too.

use std::collections::BTreeSet;

use crate::program::{FuncId, FunctionKind};
use crate::source::Span;

use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{ObjId, Object};
use crate::flow::values::state::{Args, Carry, Exit};
use crate::flow::values::store::Heap;
use crate::flow::values::value::{Alt, Value};

/// So many are run again.
const MAX_LATE: usize = 16;

/// A function that was handed over and what it will be called with.
pub(crate) struct Late {
    function: FuncId,
    callee: Value,
    args: Args,
    span: Span,
    /// What it saw when it was handed over.
    heap: Heap,
}

impl Machine<'_> {
    /// Notes a function that will be called later again, if it captured anything.
    pub(crate) fn call_again(&mut self, carry: &Carry, callee: &Value, args: &Args, span: Span) {
        let captures = |alt: &Alt| matches!(alt, Alt::Function(_, Some(_)) | Alt::Object(_));
        if !callee.alts.iter().any(captures) || self.late.len() >= MAX_LATE || self.running_late {
            return;
        }
        let function = self.frame().function;
        if self.late.iter().any(|known| known.function == function && known.span == span) {
            return;
        }
        let mut waiting: Vec<ObjId> = objects(callee).collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = waiting.pop() {
            if let Some(object) = self.object(&carry.heap, id).filter(|_| seen.insert(id)) {
                inside(&object).for_each(|value| waiting.extend(objects(value)));
            }
        }
        self.lasting.extend(seen);
        let (callee, args, heap) = (callee.clone(), args.clone(), carry.heap.clone());
        self.late.push(Late { function, callee, args, span, heap });
    }

    /// Calls what was noted, with all that this root and others left in what it captured.
    pub(crate) fn run_late(&mut self, exits: &[Exit]) {
        let late = std::mem::take(&mut self.late);
        let ends: Vec<Carry> =
            exits.iter().rev().filter(|exit| !exit.raised).take(2).map(|exit| exit.carry.clone()).collect();
        self.running_late = true;
        for one in late {
            for end in &ends {
                let mut carry = end.clone();
                if self.refresh(&mut carry, &one) {
                    let call = |machine: &mut Self| {
                        machine.by_library = true;
                        for exit in machine.call_value(carry, &one.callee, one.args.clone(), one.span) {
                            machine.force(exit.carry, &exit.value, one.span);
                        }
                    };
                    self.run_as(one.function, call);
                }
            }
        }
        for exit in exits.iter().filter(|exit| !exit.raised) {
            self.await_returned(exit);
        }
        self.running_late = false;
    }

    /// Runs the blocks that a root returns unawaited (`Box::pin(async move { … })`): whoever called it awaits them.
    fn await_returned(&mut self, exit: &Exit) {
        let is_block = |alt: &Alt| match alt {
            Alt::Function(function, _) => self.program.function(*function).kind == FunctionKind::AsyncBlock,
            _ => false,
        };
        let blocks: Vec<Alt> = exit.value.alts.iter().filter(|alt| is_block(alt)).cloned().collect();
        let span = self.program.function(self.root_function).name_span;
        for block in blocks {
            self.run_as(self.root_function, |machine| {
                machine.force(exit.carry.clone(), &Value::one(block), span);
            });
        }
    }

    /// Puts what is known now into the objects that a function captured; whether there is anything that it did not see.
    fn refresh(&self, carry: &mut Carry, late: &Late) -> bool {
        let mut waiting: Vec<ObjId> = Vec::new();
        let mut seen = BTreeSet::new();
        let values = std::iter::once(&late.callee).chain(&late.args.positional);
        values.for_each(|value| waiting.extend(objects(value)));
        let mut news = false;
        while let Some(id) = waiting.pop() {
            if !seen.insert(id) {
                continue;
            }
            let then = self.object(&late.heap, id);
            let known = carry.heap.get(id).or(then.as_ref()).cloned();
            let shared = self.base.get(id);
            let now = match (known, shared) {
                (Some(known), Some(shared)) => std::rc::Rc::new(known.join(shared)),
                (Some(known), None) => known,
                (None, Some(shared)) => shared.clone(),
                (None, None) => continue,
            };
            news |= then.is_none_or(|then| then != now);
            inside(&now).for_each(|value| waiting.extend(objects(value)));
            carry.heap.set(id, now);
        }
        news
    }
}

fn inside(object: &Object) -> impl Iterator<Item = &Value> {
    object.entries.values().chain(&object.rest).chain(&object.rest_keys)
}

fn objects(value: &Value) -> impl Iterator<Item = ObjId> + '_ {
    value.alts.iter().filter_map(|alt| match alt {
        Alt::Object(id) | Alt::Iter(id, _) | Alt::Function(_, Some(id)) => Some(*id),
        _ => None,
    })
}
