//! Which bytes are audited, and how is a place in them named?
//!
//! Everything below this module speaks of [`Span`]s (byte offsets into one file); lines and columns
//! exist in reports only.

mod comments;
mod discover;
mod file;
mod notebook;
mod paths;
mod percent;
mod position;
mod select;
mod span;
mod text;

pub use comments::comments;
pub use discover::{DiscoverOptions, Discovered, discover};
pub use file::{FileError, Language, SourceFile, Sources};
pub use notebook::{code_of, is_notebook};
pub use paths::{clean, display_path, matches_pattern};
pub use percent::percent_decoded;
pub use position::{LineIndex, Position};
pub use select::Selector;
pub use span::{FileId, Location, Span};
pub use text::{DecodeError, Encoding, decode, encode};
