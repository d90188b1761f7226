//! Things that hold a value which may be replaced: locks, cells that are filled once, statics of Rust.

use std::rc::Rc;

use crate::program::{Const, Name, name};
use crate::source::Span;

use crate::flow::run::displays::stored;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::Kind;
use crate::flow::values::state::Carry;
use crate::flow::values::value::Value;

impl Machine<'_> {
    /// What locking gives. Some locks give `Ok` of it: where that makes a difference, both are meant.
    pub(crate) fn locked(&mut self, carry: &mut Carry, inner: &Value, span: Span) -> Value {
        let sides = self.sides(&carry.heap.clone(), inner);
        if !sides.known {
            return inner.clone();
        }
        self.wrap(carry, "Ok", inner.clone(), span).join(inner)
    }

    /// Puts a value into a cell that is filled once.
    pub(crate) fn fill(&mut self, carry: &mut Carry, cell: &Value, value: &Value) {
        for id in cell.objects().collect::<Vec<_>>() {
            let value = stored(value.clone());
            self.change(&mut carry.heap, id, |object| object.set_field(name("0"), value));
        }
    }

    /// A static whose inside was replaced (`*LAST.lock().unwrap() = value`): from now on it may be that as well.
    pub(crate) fn store_static(&mut self, path: Name, value: &Value) {
        let Some(init) = self.program.static_at(path) else { return };
        let Some(Some(known)) = self.statics.get(&init).cloned() else { return };
        // A cell that is filled once keeps what is put into the thing that it holds.
        for id in known.objects() {
            let Some(cell) = self.base.get(id).filter(|object| object.kind == Kind::Opaque).cloned() else { continue };
            let held = cell.field(name("0")).map_or_else(|| value.clone(), |held| held.join(value));
            if cell.field(name("0")) != Some(&held) {
                let mut cell = (*cell).clone();
                cell.entries.insert(Const::Str(name("0")), stored(held));
                self.outlive(value);
                self.base.insert(id, Rc::new(cell));
            }
            return;
        }
        let next = known.join(&stored(value.clone()));
        if next != known {
            self.outlive(&next);
            self.statics.insert(init, Some(next));
            self.base.touch(crate::flow::values::heap::ObjId::fixed(init));
        }
    }
}
