//! What does a name, an attribute or an element give?

pub(super) mod attributes;
pub(super) mod cells;
pub(super) mod elements;
pub(super) mod fields;
pub(super) mod known;
pub(super) mod modules;
pub(super) mod outside;
pub(super) mod owners;
