//! Which metrics are there, and what is shown by them?

pub(super) mod create;
pub(super) mod declared_leaks;
pub(super) mod description;
pub(super) mod duplicates;
pub(super) mod exposure;
pub(super) mod labels;
pub(super) mod record;
pub(super) mod registries;
pub(super) mod table;
