//! What is each file called as a module? Decided once per run, from paths and manifests.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::program::{Syntax, Unit};
use crate::rust::{self, CrateLayout, RustInput, RustModule};
use crate::source::{FileId, Language, SourceFile, Sources, display_path};

/// Modules of all files of a run.
#[derive(Debug, Default)]
pub struct Layout {
    rust: Vec<CrateLayout>,
    /// Files of each Rust crate, by project and name of the crate.
    crates: BTreeMap<(usize, String), Vec<FileId>>,
}

impl Layout {
    /// For these files; `manifests` are the `Cargo.toml` files among them, `working` is what paths are relative to.
    #[must_use]
    pub fn new(sources: &Sources, manifests: &[PathBuf], working: &Path) -> Self {
        let count = sources.files.iter().map(|file| file.project + 1).max().unwrap_or(0);
        let manifests: Vec<String> = manifests.iter().map(|path| display_path(path, working)).collect();
        let mut layout = Self::default();
        for project in 0..count {
            let part: Vec<(FileId, &SourceFile)> =
                sources.ids().zip(&sources.files).filter(|(_, file)| file.project == project).collect();
            layout.add_rust(project, &part, &manifests, working);
        }
        layout
    }

    fn add_rust(&mut self, project: usize, part: &[(FileId, &SourceFile)], manifests: &[String], working: &Path) {
        let mut paths: Vec<String> = part
            .iter()
            .filter(|(_, file)| file.language == Language::Rust)
            .map(|(_, file)| file.path.clone())
            .collect();
        if !paths.is_empty() {
            paths.extend_from_slice(manifests);
        }
        let known: BTreeMap<&str, &SourceFile> = part.iter().map(|(_, file)| (file.path.as_str(), *file)).collect();
        let modules = rust::layout(&paths, &|path| match known.get(path) {
            Some(SourceFile { text: Some(text), .. }) => Some(text.to_string()),
            Some(SourceFile { disk: None, .. }) => None,
            _ => fs::read_to_string(working.join(path)).ok(),
        });
        for (id, file) in part {
            if let Some(module) = modules.module(&file.path) {
                self.crates.entry((project, module.crate_name.clone())).or_default().push(*id);
            }
        }
        self.rust.push(modules);
    }

    /// What a Rust file is a module of.
    #[must_use]
    pub fn rust_module(&self, file: &SourceFile) -> Option<&RustModule> {
        self.rust.get(file.project)?.module(&file.path)
    }

    /// All files of the crate that a file belongs to, in path order.
    #[must_use]
    pub fn crate_files(&self, file: &SourceFile) -> &[FileId] {
        self.rust_module(file)
            .and_then(|module| self.crates.get(&(file.project, module.crate_name.clone())))
            .map_or(&[], Vec::as_slice)
    }

    /// The Python file that an import of a dotted path reads.
    #[must_use]
    pub fn python_file(&self, _project: usize, _path: &str) -> Option<FileId> {
        None
    }

    /// Lowers one file.
    #[must_use]
    pub(super) fn lower(&self, file: &SourceFile, id: FileId, text: &str) -> Unit {
        match file.language {
            Language::Python => empty(id),
            Language::Rust => {
                let loose = RustModule::default();
                let module = self.rust_module(file).unwrap_or(&loose);
                rust::lower(&RustInput { file: id, text, module })
            }
        }
    }
}

fn empty(file: FileId) -> Unit {
    Unit {
        file,
        syntax: Syntax::Python,
        modules: Vec::new(),
        functions: Vec::new(),
        classes: Vec::new(),
        impls: Vec::new(),
        statements: Vec::new(),
        problems: Vec::new(),
    }
}
