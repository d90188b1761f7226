//! What does a field say together with the name of what it is a field of? `card.number` is a card number, `user.id` a
//! user id, though `number` and `id` say nothing alone.

use crate::knowledge::Sense;
use crate::program::{Name, Place, Reg, name};
use crate::source::Location;

use crate::flow::run::machine::Machine;
use crate::flow::run::texts::base_name;
use crate::flow::values::value::Value;

impl Machine<'_> {
    /// The value of a field, named by its owner as well.
    pub(crate) fn named_with_owner(&self, value: Value, owner: Reg, field: Name, at: Location) -> Value {
        if !value.is_open() || value.unknown && value.few {
            return value;
        }
        let lexicon = self.knowledge.lexicon();
        let Some(owner) = self.name_of(owner) else { return value };
        let telling = |known: &str| matches!(lexicon.sense(known), Sense::Telling { .. });
        // An owner that tells alone has told already; a field that says nothing of its own adds nothing.
        if !matches!(lexicon.sense(field.as_str()), Sense::WithSource { .. }) || telling(owner.as_str()) {
            return value;
        }
        self.named(value, name(&format!("{owner}_{field}")), at)
    }

    /// What a register is called: a variable, or the field that it was read from.
    fn name_of(&self, reg: Reg) -> Option<Name> {
        let info = self.function().regs.get(reg.index())?;
        match info.place {
            Some(Place::Field(_, field)) => Some(field),
            _ => info.name.map(base_name),
        }
    }
}
