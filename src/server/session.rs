//! What does the editor show, and what was found in it?

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Open, Opened, actions, diagnostics, hover, uri};
use crate::engine::{self, Audit};
use crate::error::Failure;
use crate::finding::{Finding, Tier};
use crate::fix::{self, Setup};
use crate::source::FileId;

/// A notification: its method and its parameters.
pub(super) type Said = (&'static str, Value);

/// The state of a conversation.
pub(super) struct Session<'a> {
    open: Open<'a>,
    /// The folders of the editor.
    roots: BTreeSet<PathBuf>,
    /// Texts that are open, by file.
    texts: BTreeMap<PathBuf, String>,
    /// Audited projects by their folder.
    projects: BTreeMap<PathBuf, Project>,
    /// Files that diagnostics were shown for.
    told: BTreeSet<PathBuf>,
    /// What was last said to be wrong, so that it is said once.
    complaint: Option<String>,
    stale: bool,
}

/// A project and what was found in it.
pub(super) struct Project {
    opened: Opened,
    audit: Audit,
    /// Fixes were looked for.
    planned: bool,
}

impl Project {
    /// The file at a path.
    pub(super) fn file(&self, path: &Path) -> Option<FileId> {
        let sources = &self.opened.sources;
        sources
            .ids()
            .find(|id| sources.get(*id).and_then(|file| file.disk.as_deref()).is_some_and(|disk| same(disk, path)))
    }

    /// The address of a file.
    pub(super) fn uri(&self, file: FileId) -> Option<String> {
        let disk = self.opened.sources.get(file)?.disk.as_ref()?;
        Some(uri::of_path(&absolute(disk)))
    }

    /// The text of a file.
    pub(super) fn text(&self, file: FileId) -> &str {
        self.opened.sources.text(file)
    }

    /// What is shown of what was found.
    pub(super) fn findings(&self) -> impl Iterator<Item = &Finding> {
        let Opened { pedantic, confidence, .. } = &self.opened;
        self.audit.findings.iter().filter(move |finding| {
            finding.allowed.is_none()
                && (*pedantic || finding.tier == Tier::Default)
                && finding.confidence >= *confidence
        })
    }

    /// Looks for fixes; they are proved, which takes longer than finding what they mend.
    fn plan(&mut self) {
        if !std::mem::replace(&mut self.planned, true) {
            let Opened { sources, layout, knowledge, options, .. } = &self.opened;
            let setup = Setup { sources, layout, knowledge, options, add_counter: true, alternatives: true };
            fix::plan(&setup, &mut self.audit);
        }
    }
}

impl<'a> Session<'a> {
    /// A conversation that begins with these parameters.
    pub(super) fn new(open: Open<'a>, parameters: &Value) -> Self {
        let folders = parameters.get("workspaceFolders").and_then(Value::as_array).into_iter().flatten();
        let mut roots: BTreeSet<PathBuf> =
            folders.filter_map(|folder| folder.get("uri")?.as_str()).filter_map(uri::to_path).collect();
        if roots.is_empty() {
            let root = parameters.get("rootUri").and_then(Value::as_str).and_then(uri::to_path);
            roots.extend(root.or_else(|| parameters.get("rootPath")?.as_str().map(PathBuf::from)));
        }
        Self {
            open,
            stale: !roots.is_empty(),
            roots,
            texts: BTreeMap::new(),
            projects: BTreeMap::new(),
            told: BTreeSet::new(),
            complaint: None,
        }
    }

    /// Whether something changed since the last audit.
    pub(super) fn is_stale(&self) -> bool {
        self.stale
    }

    /// Takes note of what the editor says.
    pub(super) fn hear(&mut self, method: &str, parameters: &Value) {
        let document = parameters.get("textDocument");
        let path = document.and_then(|it| it.get("uri")?.as_str()).and_then(uri::to_path);
        match (method, path) {
            ("textDocument/didOpen", Some(path)) => {
                let text = document.and_then(|it| it.get("text")?.as_str()).unwrap_or_default();
                self.texts.insert(path, text.to_owned());
            }
            ("textDocument/didChange", Some(path)) => {
                let changes = parameters.get("contentChanges").and_then(Value::as_array);
                let last = changes.and_then(|changes| changes.last()?.get("text")?.as_str());
                self.texts.extend(last.map(|text| (path, text.to_owned())));
            }
            ("textDocument/didClose", Some(path)) => {
                self.texts.remove(&path);
            }
            ("textDocument/didSave" | "workspace/didChangeConfiguration" | "workspace/didChangeWatchedFiles", _) => {}
            ("workspace/didChangeWorkspaceFolders", _) => self.change_folders(parameters),
            _ => return,
        }
        self.stale = true;
    }

    fn change_folders(&mut self, parameters: &Value) {
        let of = |key: &str| -> Vec<PathBuf> {
            let folders = parameters.get("event").and_then(|event| event.get(key)?.as_array());
            let uris = folders.into_iter().flatten().filter_map(|folder| folder.get("uri")?.as_str());
            uris.filter_map(uri::to_path).collect()
        };
        for gone in of("removed") {
            self.roots.remove(&gone);
        }
        self.roots.extend(of("added"));
    }

    /// Audits anew if something changed; what there is to say then.
    pub(super) fn refresh(&mut self) -> Vec<Said> {
        if !std::mem::take(&mut self.stale) {
            return Vec::new();
        }
        let mut said = Vec::new();
        self.projects.clear();
        for root in self.folders() {
            match self.audit(&root) {
                Ok(project) => {
                    self.projects.insert(root, project);
                    self.complaint = None;
                }
                Err(failure) => said.extend(self.complain(&failure)),
            }
        }
        let found = diagnostics::by_file(self.projects.values());
        let cleared = self.told.iter().filter(|path| !found.contains_key(*path)).map(|path| (path.clone(), Vec::new()));
        let all: BTreeMap<PathBuf, Vec<Value>> = cleared.chain(found.clone()).collect();
        self.told = found.into_keys().collect();
        said.extend(all.into_iter().map(|(path, diagnostics)| {
            let parameters = json!({"uri": uri::of_path(&path), "diagnostics": diagnostics});
            ("textDocument/publishDiagnostics", parameters)
        }));
        said
    }

    /// The folders of the editor, and those of open files outside of any.
    fn folders(&self) -> BTreeSet<PathBuf> {
        let mut folders = self.roots.clone();
        for path in self.texts.keys() {
            if !self.roots.iter().any(|root| path.starts_with(root))
                && let Some(folder) = path.parent()
            {
                folders.insert(folder.to_owned());
            }
        }
        folders
    }

    fn audit(&self, root: &Path) -> Result<Project, Failure> {
        let mut opened = (self.open)(root)?;
        for file in &mut opened.sources.files {
            let open = file.disk.as_deref().and_then(|disk| self.texts.get(&absolute(disk)));
            if let Some(text) = open {
                file.text = Some(text.as_str().into());
                file.encoding = crate::source::Encoding::Utf8;
            }
        }
        let Opened { sources, layout, knowledge, options, .. } = &mut opened;
        let audit = engine::with_threads(0, || engine::audit(sources, layout, knowledge, options))
            .map_err(Failure::Internal)?;
        Ok(Project { opened, audit, planned: false })
    }

    fn complain(&mut self, failure: &Failure) -> Option<Said> {
        let text = failure.to_string();
        if self.complaint.as_ref() == Some(&text) {
            return None;
        }
        let parameters = json!({"type": 1, "message": format!("overexposed: {text}")});
        self.complaint = Some(text);
        Some(("window/showMessage", parameters))
    }

    /// The project and the file that a request is about.
    fn place(&mut self, parameters: &Value) -> Option<(&mut Project, FileId)> {
        let path = uri::to_path(parameters.get("textDocument")?.get("uri")?.as_str()?)?;
        self.projects.values_mut().find_map(|project| {
            let file = project.file(&path)?;
            Some((project, file))
        })
    }

    /// What is known about a place.
    pub(super) fn hover(&mut self, parameters: &Value) -> Value {
        let Some((project, file)) = self.place(parameters) else { return Value::Null };
        hover::at(project, file, parameters.get("position").unwrap_or(&Value::Null)).unwrap_or(Value::Null)
    }

    /// What can be done about a place.
    pub(super) fn actions(&mut self, parameters: &Value) -> Value {
        let Some((project, file)) = self.place(parameters) else { return json!([]) };
        project.plan();
        Value::Array(actions::at(project, file, parameters))
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).map(|path| crate::source::clean(&path)).unwrap_or_else(|_| path.to_owned())
}

fn same(disk: &Path, path: &Path) -> bool {
    absolute(disk) == path
}

impl Project {
    /// The file of a finding on disk.
    pub(super) fn disk(&self, file: FileId) -> Option<PathBuf> {
        self.opened.sources.get(file)?.disk.as_deref().map(absolute)
    }
}
