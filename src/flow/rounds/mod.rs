//! Which functions are run, in which rounds, and what is reported of all that they did?

pub(super) mod answering;
pub(super) mod conclude;
pub(super) mod demand;
pub(super) mod late;
pub(super) mod log;
pub(super) mod past;
pub(super) mod reach;
pub(super) mod relevance;
pub(super) mod relevant;
pub(super) mod roots;
