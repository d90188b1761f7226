//! What did the students hand in? From a folder as a course platform exported it, to files in memory.
//!
//! Nothing that is read here is trusted: nothing is followed out of a submission, nothing is written to disk, and every
//! size, number and depth is bounded by [`contents`].

mod contents;
mod find;
mod folder;
mod git;
mod metadata;
mod names;
mod tar;
mod unpack;
mod zip;

pub(super) use contents::{Contents, Entry, is_test};
pub(super) use find::{Found, Part, find};
pub(super) use unpack::read;
