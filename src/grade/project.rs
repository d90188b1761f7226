//! Where in a submission is the project, and which of several copies of a file does it run?

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::intake::{Contents, Entry, is_test};
use super::marks::Copy;
use super::rubric::Rubric;
use crate::deploy;
use crate::engine::{self, Layout};
use crate::program::OpKind;
use crate::source::{Encoding, FileError, FileId, Language, SourceFile, Sources, decode};

/// The code of a submission, ready for the engine.
pub(super) struct Project {
    pub(super) sources: Sources,
    /// Tops of projects, the submission itself first; `SourceFile::project` is an index into it.
    pub(super) roots: Vec<PathBuf>,
    /// Files that are no text.
    pub(super) errors: Vec<FileError>,
}

/// A copy of the file that students work on, with the number of its project.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) file: FileId,
    pub(super) project: usize,
    pub(super) run_by: Option<String>,
}

impl Project {
    /// Of everything that was handed in; `prefix` stands before the paths inside.
    pub(super) fn new(contents: &mut Contents, prefix: &str, rubric: &Rubric) -> Self {
        let tops = tops(contents, rubric);
        let top = prefix.trim_end_matches('/');
        let mut roots = vec![PathBuf::from(if top.is_empty() { "." } else { top })];
        roots.extend(tops.iter().map(|inside| PathBuf::from(format!("{prefix}{}", inside.trim_end_matches('/')))));
        let (mut files, mut errors) = (Vec::new(), Vec::new());
        for entry in &mut contents.files {
            let path = format!("{prefix}{}", entry.path);
            let Some(language) = Language::of(&entry.path) else {
                files.extend(around(path, entry));
                continue;
            };
            if is_test(&entry.path) {
                continue;
            }
            match decode(entry.bytes.clone(), language == Language::Python) {
                Ok((text, encoding)) => files.push(SourceFile {
                    project: project_of(&entry.path, &tops),
                    path,
                    disk: None,
                    language,
                    is_test: false,
                    text: Some(text.into()),
                    encoding,
                    starts: None,
                }),
                Err(error) => {
                    errors.push(FileError { path: path.clone(), message: error.to_string() });
                    files.push(lossy(path, language, project_of(&entry.path, &tops), &entry.bytes));
                }
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Self { sources: Sources { files }, roots, errors }
    }

    /// Copies of the rubric's file, best first: one that the project runs, one in a whole project, one that lies high.
    pub(super) fn candidates(&self, layout: &Layout, rubric: &Rubric) -> Vec<Candidate> {
        let Some(wanted) = &rubric.file else { return Vec::new() };
        let exact: Vec<FileId> = self.ids_where(|name| name == wanted);
        let found = if exact.is_empty() { self.ids_where(|name| resembles(name, wanted)) } else { exact };
        let runs = self.runs(layout, rubric);
        let mut all: Vec<Candidate> = found
            .into_iter()
            .map(|file| Candidate {
                file,
                project: self.sources.get(file).map_or(0, |file| file.project),
                run_by: runs.iter().find(|(_, run)| *run == file).map(|(by, _)| by.clone()),
            })
            .collect();
        all.sort_by_key(|one| {
            let path = self.sources.path(one.file);
            (one.run_by.is_none(), one.project == 0, path.matches('/').count(), path.to_owned())
        });
        all
    }

    fn ids_where(&self, is: impl Fn(&str) -> bool) -> Vec<FileId> {
        let name = |id: &FileId| self.sources.path(*id).rsplit('/').next().unwrap_or_default().to_owned();
        self.sources.ids().filter(|id| is(&name(id))).collect()
    }

    /// What files called `run-by` import: (who, what).
    fn runs(&self, layout: &Layout, rubric: &Rubric) -> Vec<(String, FileId)> {
        let Some(by) = &rubric.run_by else { return Vec::new() };
        let mut found = Vec::new();
        for id in self.ids_where(|name| name == by) {
            let Some(file) = self.sources.get(id) else { continue };
            let Ok(unit) = engine::lower(&self.sources, layout, id) else { continue };
            let ops = unit.functions.iter().flat_map(|function| &function.blocks).flat_map(|block| &block.ops);
            let paths: BTreeSet<String> = ops
                .filter_map(|op| match &op.kind {
                    OpKind::Import { module, .. } | OpKind::ImportStar(module) => Some(vec![module.to_string()]),
                    OpKind::ImportFrom(module, name) => Some(vec![module.to_string(), format!("{module}.{name}")]),
                    _ => None,
                })
                .flatten()
                .collect();
            let targets = paths.iter().filter_map(|path| layout.python_file(file.project, path));
            found.extend(targets.map(|target| (file.path.clone(), target)));
        }
        found
    }

    /// Deployment files belong to the project that is graded, wherever they lie.
    pub(super) fn deploy_into(&mut self, project: usize) {
        let around = self.sources.files.iter_mut().filter(|file| file.language == Language::Deploy);
        around.for_each(|file| file.project = project);
    }

    /// The copies, for reports.
    pub(super) fn copies(&self, candidates: &[Candidate], findings: &[crate::finding::Finding]) -> Vec<Copy> {
        let copy = |(at, one): (usize, &Candidate)| Copy {
            path: self.sources.path(one.file).to_owned(),
            run_by: one.run_by.clone(),
            graded: at == 0,
            findings: findings.iter().filter(|finding| finding.at.file == one.file).count(),
        };
        candidates.iter().enumerate().map(copy).collect()
    }
}

/// A file that is no code, if it may say something about the deployment.
fn around(path: String, entry: &Entry) -> Option<SourceFile> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let fits = deploy::is_candidate(name) && entry.bytes.len() as u64 <= deploy::max_bytes();
    if !fits || deploy::skips(&entry.bytes) {
        return None;
    }
    let (text, encoding) = decode(entry.bytes.clone(), false).ok()?;
    let text = Some(text.into());
    Some(SourceFile {
        path,
        disk: None,
        language: Language::Deploy,
        project: 0,
        is_test: false,
        text,
        encoding,
        starts: None,
    })
}

/// A file whose bytes are no text is judged as far as it goes.
fn lossy(path: String, language: Language, project: usize, bytes: &[u8]) -> SourceFile {
    let text = String::from_utf8_lossy(bytes).replace('\0', "\u{fffd}");
    SourceFile {
        path,
        disk: None,
        language,
        project,
        is_test: false,
        text: Some(text.into()),
        encoding: Encoding::default(),
        starts: None,
    }
}

/// Folders with the file that marks the top of a project, and those of copies outside of any, each with a `/` at the end.
fn tops(contents: &Contents, rubric: &Rubric) -> Vec<String> {
    let folder = |path: &str| path.rsplit_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default();
    let named = |wanted: &str| -> Vec<String> {
        let is = |path: &&String| path.rsplit('/').next() == Some(wanted);
        contents.listing.keys().filter(is).map(|path| folder(path)).collect()
    };
    let mut tops: BTreeSet<String> = rubric.top.iter().flat_map(|top| named(top)).collect();
    let copies: Vec<String> = rubric.file.iter().flat_map(|file| named(file)).collect();
    let is_whole =
        |copy: &str| rubric.run_by.as_ref().is_some_and(|by| contents.listing.contains_key(&format!("{copy}{by}")));
    let some_whole = copies.iter().any(|copy| is_whole(copy));
    for copy in copies {
        let inside = tops.iter().any(|top| copy.starts_with(top.as_str()));
        if is_whole(&copy) && !inside {
            // A copy beside its urls.py is a package: its imports start one folder above.
            tops.insert(folder(copy.trim_end_matches('/')));
        } else if !is_whole(&copy) && (some_whole || !inside) {
            // Nothing runs it, where others stand beside what runs them.
            tops.insert(copy);
        }
    }
    tops.remove("");
    tops.into_iter().collect()
}

/// The project with the longest folder that holds the path.
fn project_of(path: &str, tops: &[String]) -> usize {
    let holds = tops.iter().enumerate().filter(|(_, top)| path.starts_with(top.as_str()));
    holds.max_by_key(|(_, top)| top.len()).map_or(0, |(at, _)| at + 1)
}

/// `Views.py`, `views (1).py`, `views_final.py` for `views.py`.
fn resembles(name: &str, wanted: &str) -> bool {
    let (name, wanted) = (name.to_lowercase(), wanted.to_lowercase());
    let Some((stem, ending)) = wanted.rsplit_once('.') else { return name == wanted };
    name.rsplit_once('.').is_some_and(|(own, its)| {
        its == ending && own.strip_prefix(stem).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphabetic()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_resemble() {
        for name in ["Views.py", "views (1).py", "views_final.py", "views-2.py"] {
            assert!(resembles(name, "views.py"), "{name}");
        }
        for name in ["viewset.py", "reviews.py", "views.txt", "urls.py"] {
            assert!(!resembles(name, "views.py"), "{name}");
        }
    }
}
