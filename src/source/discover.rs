//! Which files belong to the paths that were given?

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use ignore::{DirEntry, WalkBuilder, WalkState};

use super::{Encoding, FileError, Language, SourceFile, Sources, clean, display_path, matches_pattern};

/// What is taken and what is left out.
#[derive(Debug, Clone, Default)]
pub struct DiscoverOptions {
    /// The working directory, which reported paths are relative to.
    pub working: PathBuf,
    /// Also code that only tests run.
    pub include_tests: bool,
    /// Names of folders that are never entered.
    pub skip_folders: Vec<String>,
    /// Folders that hold a file of one of these names are never entered.
    pub skip_folders_with: Vec<String>,
    /// Folders of test code.
    pub test_folders: Vec<String>,
    /// Patterns for names of files with test code.
    pub test_files: Vec<String>,
    /// What the configuration is about, as lines of a .gitignore; everything where there are none.
    pub include: Vec<String>,
    /// What the configuration leaves out, as lines of a .gitignore.
    pub exclude: Vec<String>,
    /// The folder that those lines are relative to.
    pub exclude_root: PathBuf,
    /// Threads that walk.
    pub threads: usize,
    /// Whether a file of another kind may be a deployment file, by its name.
    pub is_deploy: Option<fn(&str) -> bool>,
    /// Whether a hidden folder or file may hold deployment files.
    pub is_known_hidden: Option<fn(&str) -> bool>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Discovered {
    /// Source files, in path order, without text.
    pub sources: Sources,
    /// `Cargo.toml` files, in path order.
    pub manifests: Vec<PathBuf>,
    /// What could not be entered.
    pub errors: Vec<FileError>,
    /// Whether one of the paths given is not there or can't be read.
    pub missing: Vec<FileError>,
}

/// Walks all roots. A root that is a file is taken whatever its name says about tests.
#[must_use]
pub fn discover(roots: &[PathBuf], options: &DiscoverOptions) -> Discovered {
    let mut found = Discovered::default();
    for (project, root) in roots.iter().enumerate() {
        match fs::metadata(root) {
            Err(error) => found.missing.push(refused(root, options, &error.to_string())),
            Ok(meta) if meta.is_dir() => walk(project, root, options, &mut found),
            Ok(meta) if meta.is_file() => explicit(project, root, options, &mut found),
            Ok(_) => found.missing.push(refused(root, options, "neither a file nor a folder")),
        }
    }
    let files = &mut found.sources.files;
    files.sort_by(|a, b| (&a.path, a.project).cmp(&(&b.path, b.project)));
    files.dedup_by(|later, earlier| later.path == earlier.path);
    found.manifests.sort();
    found.manifests.dedup();
    found.errors.sort();
    found
}

fn refused(path: &Path, options: &DiscoverOptions, message: &str) -> FileError {
    FileError { path: display_path(path, &options.working), message: message.to_owned() }
}

fn explicit(project: usize, path: &Path, options: &DiscoverOptions, found: &mut Discovered) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match language_of(&name, options) {
        Some(language) => found.sources.files.push(source(project, path, language, options)),
        None => found.missing.push(refused(
            path,
            options,
            "not a kind of file that is audited (*.py, *.ipynb, *.rs, deployment files)",
        )),
    }
}

fn language_of(name: &str, options: &DiscoverOptions) -> Option<Language> {
    let is_deploy = || options.is_deploy.is_some_and(|is_deploy| is_deploy(name));
    Language::of(name).or_else(|| is_deploy().then_some(Language::Deploy))
}

fn source(project: usize, path: &Path, language: Language, options: &DiscoverOptions) -> SourceFile {
    SourceFile {
        path: display_path(path, &options.working),
        disk: Some(path.to_owned()),
        language,
        project,
        is_test: false,
        text: None,
        encoding: Encoding::default(),
        starts: None,
    }
}

enum Seen {
    File(SourceFile),
    Manifest(PathBuf),
    Error(FileError),
}

fn walk(project: usize, root: &Path, options: &DiscoverOptions, found: &mut Discovered) {
    let seen = Mutex::new(Vec::new());
    let wanted = Wanted::new(root, options);
    let wanted = &wanted;
    builder(root, options).build_parallel().run(|| {
        // One lock per folder's worth of files would do; entries are few beside the reading of them.
        Box::new(|entry| {
            if let Some(item) = look(project, root, options, entry)
                && wanted.holds(&item)
                && let Ok(mut seen) = seen.lock()
            {
                seen.push(item);
            }
            WalkState::Continue
        })
    });
    for item in seen.into_inner().unwrap_or_default() {
        match item {
            Seen::File(file) => found.sources.files.push(file),
            Seen::Manifest(path) => found.manifests.push(path),
            Seen::Error(error) => found.errors.push(error),
        }
    }
}

/// What `include` means below one root.
struct Wanted {
    lines: Option<Gitignore>,
    given: PathBuf,
    full: PathBuf,
}

impl Wanted {
    fn new(root: &Path, options: &DiscoverOptions) -> Self {
        let lines = (!options.include.is_empty()).then(|| matcher(&options.include, &options.exclude_root));
        Self { lines, given: root.to_owned(), full: root.canonicalize().unwrap_or_else(|_| root.to_owned()) }
    }

    /// Manifests and errors are always wanted: they are no files to audit.
    fn holds(&self, item: &Seen) -> bool {
        let (Some(lines), Seen::File(SourceFile { disk: Some(path), .. })) = (&self.lines, item) else { return true };
        let full = self.full.join(path.strip_prefix(&self.given).unwrap_or(path));
        full.starts_with(lines.path()) && lines.matched_path_or_any_parents(&full, false).is_ignore()
    }
}

fn builder(root: &Path, options: &DiscoverOptions) -> WalkBuilder {
    let mut builder = WalkBuilder::new(root);
    let versioned = root.canonicalize().is_ok_and(|full| full.ancestors().any(|folder| folder.join(".git").exists()));
    // Outside a repository the ignore files of a project count too, but never those of the folders above it.
    builder.require_git(false).parents(versioned).git_global(false).follow_links(false).threads(options.threads);
    // Hidden things are told by name below: some of them hold scripts that deploy.
    builder.hidden(false);
    let is_known_hidden = options.is_known_hidden;
    let (skip, skip_with) = (options.skip_folders.clone(), options.skip_folders_with.clone());
    let excluded = matcher(&options.exclude, &options.exclude_root);
    let (given, full) = (root.to_owned(), root.canonicalize().unwrap_or_else(|_| root.to_owned()));
    builder.filter_entry(move |entry| {
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        let inside = entry.path().strip_prefix(&given).unwrap_or(entry.path());
        let hidden = is_hidden(entry.file_name()) && {
            let name = entry.file_name().to_string_lossy();
            !is_known_hidden.is_some_and(|is_known| is_known(&name))
        };
        entry.depth() == 0
            || !(hidden
                || (is_folder && is_skipped(entry, &skip, &skip_with))
                || excluded.matched(full.join(inside), is_folder).is_ignore())
    });
    builder
}

fn matcher(lines: &[String], folder: &Path) -> Gitignore {
    let mut builder = GitignoreBuilder::new(folder);
    for line in lines {
        // Lines were checked when the configuration was read.
        let _ = builder.add_line(None, line);
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}

fn is_skipped(entry: &DirEntry, skip: &[String], skip_with: &[String]) -> bool {
    skip.iter().any(|name| entry.file_name() == name.as_str())
        || skip_with.iter().any(|marker| entry.path().join(marker).is_file())
}

fn look(
    project: usize,
    root: &Path,
    options: &DiscoverOptions,
    entry: Result<DirEntry, ignore::Error>,
) -> Option<Seen> {
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => return Some(Seen::Error(walk_error(root, options, &error))),
    };
    let kind = entry.file_type()?;
    let name = entry.file_name().to_string_lossy();
    let language = language_of(&name, options);
    if language.is_none() && name != "Cargo.toml" {
        return None;
    }
    // A link to a file of this very tree is found under its own name; any other leads out of the tree.
    if !kind.is_file() {
        return None;
    }
    let Some(language) = language else { return Some(Seen::Manifest(entry.path().to_owned())) };
    let inside = entry.path().strip_prefix(root).unwrap_or(entry.path());
    // Code in hidden folders belongs to tools, not to the program.
    if language != Language::Deploy && inside.components().any(|part| is_hidden(part.as_os_str())) {
        return None;
    }
    let is_test = is_test(root, entry.path(), &name, options);
    if is_test && !options.include_tests {
        return None;
    }
    Some(Seen::File(SourceFile { is_test, ..source(project, entry.path(), language, options) }))
}

fn is_hidden(name: &std::ffi::OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

fn is_test(root: &Path, path: &Path, name: &str, options: &DiscoverOptions) -> bool {
    if options.test_files.iter().any(|pattern| matches_pattern(pattern, name)) {
        return true;
    }
    let inside = path.strip_prefix(root).unwrap_or(path);
    let folders = inside.parent().into_iter().flat_map(Path::components);
    folders.into_iter().any(|part| options.test_folders.iter().any(|folder| part.as_os_str() == folder.as_str()))
}

fn walk_error(root: &Path, options: &DiscoverOptions, error: &ignore::Error) -> FileError {
    let mut path = None;
    let mut cause = error;
    loop {
        cause = match cause {
            ignore::Error::WithPath { path: at, err } => {
                path = Some(at.clone());
                err
            }
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => err,
            _ => break,
        };
    }
    let path = clean(path.as_deref().unwrap_or(root));
    FileError { path: display_path(&path, &options.working), message: cause.to_string() }
}
