//! What can a register, an object and a state hold, and what do names and numbers say of it?

pub(super) mod base;
pub(super) mod contents;
pub(super) mod forget;
pub(super) mod heap;
pub(super) mod naming;
pub(super) mod regs;
pub(super) mod state;
pub(super) mod statuses;
pub(super) mod store;
pub(super) mod value;
