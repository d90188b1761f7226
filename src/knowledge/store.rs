//! All knowledge together: the embedded files, and those a user adds.

use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::effect::Library;
use super::error::KnowledgeError;
use super::lexicon::Lexicon;
use super::load::{self, KnowledgeFile};
use super::tables::Tables;
use crate::program::{Syntax, TypeRef};

mod generated {
    include!(concat!(env!("OUT_DIR"), "/rules.rs"));
}

/// Path below `rules/` and text of every embedded file, sorted by path.
#[must_use]
pub fn embedded() -> &'static [(&'static str, &'static str)] {
    generated::FILES
}

/// What is known about libraries and names.
#[derive(Debug, Clone, Default)]
pub struct Knowledge {
    python: Tables,
    rust: Tables,
    lexicon: Lexicon,
    /// Paths that two embedded entries of one language claim: always a mistake in `rules/`.
    duplicates: Vec<String>,
    /// Embedded files that cannot be read: always a mistake in `rules/`.
    errors: Vec<KnowledgeError>,
}

impl Knowledge {
    /// The embedded knowledge, read once.
    #[must_use]
    pub fn builtin() -> &'static Self {
        static BUILTIN: OnceLock<Knowledge> = OnceLock::new();
        BUILTIN.get_or_init(Self::read_embedded)
    }

    fn read_embedded() -> Self {
        let files: Vec<_> = embedded().iter().filter(|(path, _)| is_knowledge(path)).collect();
        let read: Vec<_> = files.par_iter().map(|(path, text)| load::read(path, text)).collect();
        let mut all = Self::default();
        for file in read {
            match file {
                Ok(file) => {
                    let taken = all.add(file);
                    all.duplicates.extend(taken);
                }
                Err(error) => all.errors.push(error),
            }
        }
        all
    }

    /// This knowledge and more: files as (path, text), later ones win over earlier ones.
    ///
    /// # Errors
    /// Fails on the first file with a malformed entry; says where and what.
    pub fn with_extra(&self, files: Vec<(String, String)>) -> Result<Self, KnowledgeError> {
        let mut all = self.clone();
        for (path, text) in files {
            let _replaced = all.add(load::read_checked(&path, &text)?);
        }
        Ok(all)
    }

    /// What is known about the libraries of a language.
    #[must_use]
    pub fn tables(&self, syntax: Syntax) -> &Tables {
        match syntax {
            Syntax::Python => &self.python,
            Syntax::Rust => &self.rust,
        }
    }

    /// What names say about their values.
    #[must_use]
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// Byte strings one of which a file must hold to be worth parsing, of all languages, sorted, each once.
    #[must_use]
    pub fn triggers(&self) -> Vec<&[u8]> {
        let mut all: Vec<&[u8]> =
            [&self.python, &self.rust].into_iter().flat_map(|tables| tables.triggers()).map(String::as_bytes).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Everything that is wrong with the embedded files: unreadable or malformed ones, paths that two entries of one
    /// language claim, types that nothing declares. For tests; it is empty in a release.
    #[must_use]
    pub fn embedded_problems() -> Vec<String> {
        let all = Self::builtin();
        let mut problems: Vec<String> = all.errors.iter().map(ToString::to_string).collect();
        problems.extend(all.duplicates.iter().map(|path| format!("two entries for {path}")));
        for (path, text) in embedded().iter().filter(|(path, _)| is_knowledge(path)) {
            match load::read_checked(path, text) {
                Ok(KnowledgeFile::Library(library)) => problems.extend(undeclared(all, path, &library)),
                Ok(KnowledgeFile::Lexicon(_)) => {}
                Err(error) => problems.push(error.to_string()),
            }
        }
        problems.sort();
        problems.dedup();
        problems
    }

    /// Adds a file; returns the paths that had an entry already.
    fn add(&mut self, file: KnowledgeFile) -> Vec<String> {
        match file {
            KnowledgeFile::Lexicon(words) => {
                self.lexicon.extend(*words);
                Vec::new()
            }
            KnowledgeFile::Library(library) => {
                let mut taken = Vec::new();
                for language in &library.languages {
                    let tables = if language == "rust" { &mut self.rust } else { &mut self.python };
                    taken.extend(fill(tables, &library).into_iter().map(|path| format!("{language}: {path}")));
                }
                taken
            }
        }
    }
}

/// Whether a type and its arguments are declared; tuples, lists and `_` are the language's own.
fn is_declared(tables: &Tables, ty: &TypeRef) -> bool {
    let known = matches!(ty.path.as_str(), "tuple" | "list" | "_") || tables.type_entry(ty.path).is_some();
    known && ty.args.iter().all(|arg| is_declared(tables, arg))
}

/// Types that a library mentions and no library of the language declares.
fn undeclared(all: &Knowledge, file: &str, library: &Library) -> Vec<String> {
    let calls = library.call.iter().filter_map(|entry| entry.returns.as_ref());
    let attributes = library.attribute.iter().filter_map(|entry| entry.returns.as_ref());
    let constants = library.constant.iter().filter_map(|entry| entry.returns.as_ref());
    let types = library.r#type.iter().flat_map(|entry| &entry.extends);
    let requests = library.handler.iter().filter_map(|entry| entry.request.as_ref());
    let views = library.r#type.iter().filter_map(|entry| entry.view.as_ref()?.request.as_ref());
    let classes = library.attribute.iter().filter_map(|entry| entry.class.as_ref());
    let parameters = library.parameter.iter().map(|entry| &entry.r#type);
    let mentioned: Vec<&String> = calls
        .chain(attributes)
        .chain(constants)
        .chain(types)
        .chain(requests)
        .chain(views)
        .chain(classes)
        .chain(parameters)
        .collect();
    let mut missing = Vec::new();
    for language in &library.languages {
        let tables = if language == "rust" { &all.rust } else { &all.python };
        for path in &mentioned {
            let plain = *path == "self" || path.starts_with("arg:");
            if !plain && !is_declared(tables, &TypeRef::parse(path)) {
                missing.push(format!("{file}: type `{path}` is declared nowhere ({language})"));
            }
        }
    }
    missing
}

fn is_knowledge(path: &str) -> bool {
    path.starts_with("libraries/") || path == "lexicon.toml"
}

fn fill(tables: &mut Tables, library: &Library) -> Vec<String> {
    let mut taken = Vec::new();
    for (from, to) in &library.aliases {
        tables.add_alias(from, to);
    }
    for entry in &library.call {
        taken.extend(tables.add_call(&Arc::new(entry.clone())));
    }
    for entry in &library.attribute {
        taken.extend(tables.add_attribute(&Arc::new(entry.clone())));
    }
    for entry in &library.r#type {
        taken.extend(tables.add_type(&Arc::new(entry.clone())));
    }
    for entry in &library.constant {
        taken.extend(tables.add_constant(&Arc::new(entry.clone())));
    }
    for entry in &library.handler {
        taken.extend(tables.add_handler(&Arc::new(entry.clone())));
    }
    for entry in &library.variable {
        taken.extend(tables.add_variable(&Arc::new(entry.clone())));
    }
    for entry in &library.parameter {
        tables.add_parameter(entry);
    }
    tables.add_triggers(&library.triggers);
    taken
}
