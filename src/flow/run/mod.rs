//! How does code run: operations, branches, patterns, loops, exceptions?

pub(super) mod arithmetic;
pub(super) mod contexts;
pub(super) mod displays;
pub(super) mod exceptions;
pub(super) mod exec;
pub(super) mod graph;
pub(super) mod hasher;
pub(super) mod iterate;
pub(super) mod machine;
pub(super) mod memo;
pub(super) mod narrow;
pub(super) mod ops;
pub(super) mod patterns;
pub(super) mod places;
pub(super) mod texts;
pub(super) mod variants;
pub(super) mod worklist;
