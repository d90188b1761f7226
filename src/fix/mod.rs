//! How is a finding mended, and is the mended program the same but for its metrics?

mod apply;
mod arguments;
mod candidate;
mod canonical;
mod cells;
mod choose;
mod closures;
mod count;
mod counter;
mod effects;
mod entries;
mod erase;
mod failures;
mod imports_python;
mod imports_rust;
mod joint;
mod known;
mod labels;
mod layout;
mod leftovers;
mod outline;
mod outline_python;
mod outline_rust;
mod plan;
mod planner;
mod prepare;
mod prove;
mod quiet;
mod references;
mod relist;
mod remarks;
mod rounds;
mod simplify;
mod soften;
mod sound;
mod strip;
mod take_out;
mod trial;
mod unused;
mod uses;
mod values;
mod weight;
mod witness;
mod write;

pub use apply::{ROUNDS, Round, apply};
pub use effects::{Claims, Effects};
pub use known::KnownEffects;
pub use plan::{Setup, plan};
pub use prepare::Side;
pub use prove::{Proof, prove};
pub use rounds::{Mended, Wishes, mend};
pub use take_out::{Calls, FileText, View};
pub use write::{Change, WriteError, write_all};

#[cfg(test)]
mod tests;
