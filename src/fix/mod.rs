//! How is a finding mended, and is the mended program the same but for its metrics?

mod canonical;
mod effects;
mod erase;
mod prepare;
mod prove;
mod regs;
mod simplify;

pub use effects::Effects;
pub use prepare::Side;
pub use prove::{Proof, prove};
