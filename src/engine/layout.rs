//! What is each file called as a module? Decided once per run, from paths and manifests.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::python_layout::PythonLayout;
use crate::knowledge::Knowledge;
use crate::program::{Syntax, Unit, name};
use crate::python::{self, PythonInput};
use crate::rust::{self, CrateLayout, KnownPaths, RustInput, RustModule};
use crate::source::{FileId, Language, SourceFile, Sources, display_path};

/// Modules of all files of a run.
#[derive(Debug, Default)]
pub struct Layout {
    /// How reports name each root, with a `/` at the end; files are named relative to it.
    roots: Vec<String>,
    python: Vec<PythonLayout>,
    rust: Vec<CrateLayout>,
    /// Files of each Rust crate, by project and name of the crate.
    crates: BTreeMap<(usize, String), Vec<FileId>>,
}

impl Layout {
    /// For these files below these roots; `manifests` are the `Cargo.toml` files among them, `working` is what paths are
    /// relative to.
    #[must_use]
    pub fn new(sources: &Sources, roots: &[PathBuf], manifests: &[PathBuf], working: &Path) -> Self {
        let count = sources.files.iter().map(|file| file.project + 1).max().unwrap_or(0);
        let manifests: Vec<String> = manifests.iter().map(|path| display_path(path, working)).collect();
        let mut layout = Self::default();
        for project in 0..count {
            let root = roots.get(project).map_or(Path::new("."), PathBuf::as_path);
            layout.roots.push(root_prefix(root, working));
            let part: Vec<(FileId, &SourceFile)> =
                sources.ids().zip(&sources.files).filter(|(_, file)| file.project == project).collect();
            layout.add_python(root, &part);
            layout.add_rust(project, &part, &manifests, working);
        }
        layout
    }

    /// Tells the front ends which paths libraries are known to have.
    pub fn know(&mut self, knowledge: &Knowledge) {
        let knowledge = knowledge.clone();
        let paths = KnownPaths::new(move || knowledge.tables(Syntax::Rust).paths());
        self.rust.iter_mut().for_each(|layout| layout.know(&paths));
    }

    fn add_python(&mut self, root: &Path, part: &[(FileId, &SourceFile)]) {
        let python = part.iter().filter(|(_, file)| file.language == Language::Python);
        let files: Vec<(FileId, &str)> = python.map(|(id, file)| (*id, self.relative(file))).collect();
        let layout = PythonLayout::new(root, &files);
        self.python.push(layout);
    }

    /// The path of a file relative to its root.
    fn relative<'f>(&self, file: &'f SourceFile) -> &'f str {
        let prefix = self.roots.get(file.project).map_or("", String::as_str);
        file.path.strip_prefix(prefix).unwrap_or(&file.path)
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
    pub fn python_file(&self, project: usize, path: &str) -> Option<FileId> {
        self.python.get(project)?.file(name(path))
    }

    /// Lowers one file.
    #[must_use]
    pub(super) fn lower(&self, file: &SourceFile, id: FileId, text: &str) -> Unit {
        match file.language {
            // A page is no program: there is nothing in it to lower.
            Language::Page => self.lower_python(file, id, ""),
            Language::Python => self.lower_python(file, id, text),
            Language::Rust => {
                let loose = RustModule::default();
                let module = self.rust_module(file).unwrap_or(&loose);
                rust::lower(&RustInput { file: id, text, module })
            }
            // Not a program; whoever asks gets an empty one.
            Language::Deploy => self.lower_python(file, id, ""),
        }
    }

    fn lower_python(&self, file: &SourceFile, id: FileId, text: &str) -> Unit {
        let loose = PythonLayout::default();
        let layout = self.python.get(file.project).unwrap_or(&loose);
        let relative = self.relative(file);
        let path = layout.full_path(relative);
        python::lower(&PythonInput { file: id, path: &path, text, module_paths: layout.module_paths(relative) })
    }
}

/// How reports name what lies in a root: the part that is the same for all its files.
fn root_prefix(root: &Path, working: &Path) -> String {
    let folder = if root.is_file() { root.parent().unwrap_or(root) } else { root };
    match display_path(folder, working).as_str() {
        "." => String::new(),
        shown => format!("{shown}/"),
    }
}
