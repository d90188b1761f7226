//! All knowledge together: the embedded files, and those a user adds.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

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

/// What is known about libraries and names. Embedded files are read when somebody first asks for their language: a
/// tree without metrics needs the triggers only, and those are found when the tool is built. Copies share what is read.
#[derive(Debug, Clone, Default)]
pub struct Knowledge {
    python: Arc<OnceLock<Tables>>,
    rust: Arc<OnceLock<Tables>>,
    lexicon: Arc<OnceLock<Lexicon>>,
    /// Holds the embedded files.
    embedded: bool,
    /// Holds files that a user added.
    extended: bool,
}

impl Knowledge {
    /// The embedded knowledge, read once.
    #[must_use]
    pub fn builtin() -> &'static Self {
        static BUILTIN: OnceLock<Knowledge> = OnceLock::new();
        BUILTIN.get_or_init(|| Self { embedded: true, ..Self::default() })
    }

    /// This knowledge and more: files as (path, text), later ones win over earlier ones.
    ///
    /// # Errors
    /// Fails on the first file with a malformed entry; says where and what.
    pub fn with_extra(&self, files: Vec<(String, String)>) -> Result<Self, KnowledgeError> {
        let mut python = self.tables(Syntax::Python).clone();
        let mut rust = self.tables(Syntax::Rust).clone();
        let mut lexicon = self.lexicon().clone();
        for (path, text) in files {
            match load::read_checked(&path, &text)? {
                KnowledgeFile::Lexicon(words) => lexicon.extend(*words),
                KnowledgeFile::Library(library) => {
                    for language in &library.languages {
                        let tables = if language == "rust" { &mut rust } else { &mut python };
                        let _replaced = tables.add(&library);
                    }
                }
            }
        }
        let ready = |tables: Tables| Arc::new(OnceLock::from(tables));
        let lexicon = Arc::new(OnceLock::from(lexicon));
        Ok(Self { python: ready(python), rust: ready(rust), lexicon, embedded: self.embedded, extended: true })
    }

    /// What is known about the libraries of a language.
    #[must_use]
    pub fn tables(&self, syntax: Syntax) -> &Tables {
        let (tables, language) = match syntax {
            Syntax::Python => (&self.python, "python"),
            Syntax::Rust => (&self.rust, "rust"),
        };
        tables.get_or_init(|| if self.embedded { read_tables(language).0 } else { Tables::default() })
    }

    /// What names say about their values.
    #[must_use]
    pub fn lexicon(&self) -> &Lexicon {
        self.lexicon.get_or_init(|| if self.embedded { read_lexicon() } else { Lexicon::default() })
    }

    /// Texts one of which a file of this language must hold to be worth parsing, sorted, each once.
    #[must_use]
    pub fn triggers_of(&self, syntax: Syntax) -> Vec<&str> {
        if self.embedded && !self.extended {
            return match syntax {
                Syntax::Python => generated::PYTHON_TRIGGERS.to_vec(),
                Syntax::Rust => generated::RUST_TRIGGERS.to_vec(),
            };
        }
        self.tables(syntax).triggers().iter().map(String::as_str).collect()
    }

    /// The triggers of all languages.
    #[must_use]
    pub fn triggers(&self) -> Vec<&[u8]> {
        let both = [Syntax::Python, Syntax::Rust].into_iter().flat_map(|syntax| self.triggers_of(syntax));
        let mut all: Vec<&[u8]> = both.map(str::as_bytes).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Everything that is wrong with the embedded files: unreadable or malformed ones, paths that two entries of one
    /// language claim, types that nothing declares. For tests; it is empty in a release.
    #[must_use]
    pub fn embedded_problems() -> Vec<String> {
        let all = Self::builtin();
        let mut problems = Vec::new();
        for syntax in [Syntax::Python, Syntax::Rust] {
            let language = if syntax == Syntax::Rust { "rust" } else { "python" };
            problems
                .extend(read_tables(language).1.into_iter().map(|path| format!("two entries for {path} ({language})")));
            if all.triggers_of(syntax) != all.tables(syntax).triggers() {
                problems.push(format!("the triggers found when building are not those of the files ({language})"));
            }
        }
        for (path, text) in embedded().iter().filter(|(path, _)| is_knowledge(path)) {
            match load::read_checked(path, text) {
                Ok(KnowledgeFile::Library(library)) => {
                    problems.extend(undeclared(all, path, &library));
                    if library.languages.iter().any(|language| !is_for(path, language)) {
                        problems.push(format!("{path}: lies in the folder of another language"));
                    }
                }
                Ok(KnowledgeFile::Lexicon(_)) => {}
                Err(error) => problems.push(error.to_string()),
            }
        }
        problems.sort();
        problems.dedup();
        problems
    }
}

fn is_knowledge(path: &str) -> bool {
    path.starts_with("libraries/") || path == "lexicon.toml"
}

/// Whether an embedded library may speak about a language: those in a language's folder speak about that one only.
fn is_for(path: &str, language: &str) -> bool {
    match path.strip_prefix("libraries/").and_then(|rest| rest.split_once('/')) {
        Some((folder, _)) => folder == language,
        None => path.starts_with("libraries/"),
    }
}

fn read_lexicon() -> Lexicon {
    let mut lexicon = Lexicon::default();
    for (path, text) in embedded().iter().filter(|(path, _)| *path == "lexicon.toml") {
        if let Ok(KnowledgeFile::Lexicon(words)) = load::read(path, text) {
            lexicon.extend(*words);
        }
    }
    lexicon
}

/// The embedded libraries of a language, and the paths that two of their entries claim. A file that cannot be read is
/// left out: [`Knowledge::embedded_problems`] names it.
fn read_tables(language: &str) -> (Tables, Vec<String>) {
    let mut tables = Tables::default();
    let mut taken = Vec::new();
    for library in read_libraries(language) {
        if library.languages.iter().any(|known| known == language) {
            taken.extend(tables.add(&library));
        }
    }
    (tables, taken)
}

/// Reads files on threads of their own: on those of a pool, waiting for the tables while filling them could lock up.
fn read_libraries(language: &str) -> Vec<Library> {
    let files: Vec<_> = embedded().iter().filter(|(path, _)| is_for(path, language)).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut read = Vec::new();
        while let at = next.fetch_add(1, Ordering::Relaxed)
            && let Some((path, text)) = files.get(at)
        {
            if let Ok(KnowledgeFile::Library(library)) = load::read(path, text) {
                read.push((at, *library));
            }
        }
        read
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(4);
    let mut read: Vec<(usize, Library)> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut read = work();
        read.extend(others.into_iter().filter_map(|other| other.join().ok()).flatten());
        read
    });
    read.sort_by_key(|(at, _)| *at);
    read.into_iter().map(|(_, library)| library).collect()
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
        let tables = all.tables(if language == "rust" { Syntax::Rust } else { Syntax::Python });
        for path in &mentioned {
            // `<default>` and the like are the interpreter's own.
            let plain = *path == "self" || path.starts_with("arg:") || path.starts_with('<');
            if !plain && !is_declared(tables, &TypeRef::parse(path)) {
                missing.push(format!("{file}: type `{path}` is declared nowhere ({language})"));
            }
        }
    }
    missing
}
