//! Which bytes are audited, and how is a place in them named?
//!
//! Everything below this module speaks of [`Span`]s (byte offsets into one file); lines and columns
//! exist in reports only.

mod span;

pub use span::{FileId, Location, Span};
