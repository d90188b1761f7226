//! The Rust front end: syntax trees of `syn` become the language-neutral program.
//!
//! Lowering a file never fails: what cannot be parsed costs only the item it stands in, and is reported as a problem
//! of the unit. Nothing in here knows a metric or a rule.

mod attributes;
mod body;
mod calls;
mod control;
mod crates;
mod declarations;
mod expand;
mod expressions;
mod formats;
mod functions;
mod items;
mod known;
mod layout;
mod lowering;
mod macro_args;
mod macros;
mod manifest;
mod matching;
mod names;
mod prelude;
mod recover;
mod rules;
mod scan;
mod spans;
mod special_macros;
mod spill;
mod statements;
mod types;
mod uses;

pub use known::KnownPaths;
pub use layout::{CrateLayout, Reader, layout};
pub(crate) use recover::body;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::program::Unit;
use crate::source::FileId;

/// One file to lower.
pub struct RustInput<'a> {
    /// The file.
    pub file: FileId,
    /// Its text.
    pub text: &'a str,
    /// What it is a module of.
    pub module: &'a RustModule,
}

/// The place of a file in its crate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RustModule {
    /// Dotted path of the file's module; the crate's name for a crate root.
    pub path: String,
    /// What `crate` means: the first part (or parts) of `path`.
    pub crate_name: String,
    /// The crates that `Cargo.toml` names, with the dotted paths that their items have.
    pub externs: Arc<BTreeMap<String, String>>,
    /// Crates whose macros are imported with `#[macro_use]` in the crate's root.
    pub macro_crates: Vec<String>,
    /// `macro_rules!` of other files, also of other crates of the project: dotted paths (`crate.name`) and the text inside.
    pub macros: Arc<BTreeMap<String, String>>,
    /// Paths that other crates are known to have. They decide between several glob imports, or several crates whose
    /// macros are imported.
    pub known: KnownPaths,
    /// Compiled for tests only.
    pub is_test: bool,
}

/// Lowers one file.
#[must_use]
pub fn lower(input: &RustInput<'_>) -> Unit {
    recover::lower(input)
}

#[cfg(test)]
mod tests;
