//! How is a finding mended, and is the mended program the same but for its metrics?

mod canonical;
mod effects;
mod erase;
mod layout;
mod imports_python;
mod imports_rust;
mod outline;
mod outline_python;
mod outline_rust;
mod prepare;
mod prove;
mod regs;
mod simplify;
mod strip;
mod take_out;

pub use effects::Effects;
pub use prepare::Side;
pub use prove::{Proof, prove};
pub use take_out::{Calls, FileText, View};

#[cfg(test)]
mod tests;
