//! Which lines changed since a revision? Asked of `git`, which is kept from running anything that the repository's
//! configuration names: no hooks, monitors, external diffs, text conversions, filters or fetches.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::Failure;
use crate::finding::Finding;
use crate::report::Places;
use crate::source::{Location, Sources, clean};

/// Lines (from 1, both ends included) that changed, by full path; `None` is the whole file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    /// What paths of reports are relative to.
    working: PathBuf,
    files: BTreeMap<PathBuf, Option<Vec<(u32, u32)>>>,
}

impl Changes {
    /// What changed since the common ancestor of `revision` and now, files that git does not know among them.
    pub(super) fn since(revision: &str, working: &Path) -> Result<Self, Failure> {
        let git = Git::new(working)?;
        let named =
            git.run(&["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{revision}^{{commit}}")]);
        let Ok(commit) = named else {
            return Err(failure(
                format!("git knows no commit `{revision}`"),
                "a shallow clone may lack it: fetch it first",
            ));
        };
        let base = git.run(&["merge-base", commit.trim(), "HEAD"]).unwrap_or_else(|_| commit.clone());
        git.changes(base.trim())
    }

    /// What changed since the last commit; everything where there is none.
    pub(super) fn uncommitted(working: &Path) -> Result<Self, Failure> {
        let git = Git::new(working)?;
        match git.run(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]) {
            Ok(commit) => git.changes(commit.trim()),
            Err(_) => git.changes(git.run(&["hash-object", "-t", "tree", "--stdin"])?.trim()),
        }
    }

    /// Whether the place of a finding, or a step of its flow, lies on a line that changed.
    pub(super) fn touch(&self, finding: &Finding, sources: &Sources, places: &Places<'_>) -> bool {
        let steps = finding.flow.iter().map(|step| step.at);
        steps.chain([finding.at]).any(|at| self.hold(at, sources, places))
    }

    fn hold(&self, at: Location, sources: &Sources, places: &Places<'_>) -> bool {
        match self.files.get(&clean(&self.working.join(sources.path(at.file)))) {
            None => false,
            Some(None) => true,
            Some(Some(lines)) => {
                let (first, last) = (places.start(at).line, places.position(at.file, at.span.end).line);
                lines.iter().any(|&(from, to)| from <= last && first <= to)
            }
        }
    }
}

fn failure(message: String, help: &str) -> Failure {
    Failure::Git { message, help: help.to_owned() }
}

struct Git {
    working: PathBuf,
    /// The root of the repository.
    root: PathBuf,
    /// Keys and values that keep filters from being run.
    disarmed: Vec<(String, &'static str)>,
}

impl Git {
    fn new(working: &Path) -> Result<Self, Failure> {
        let mut git = Self { working: working.to_owned(), root: working.to_owned(), disarmed: Vec::new() };
        git.root = PathBuf::from(git.run(&["rev-parse", "--show-toplevel"])?.trim_end_matches('\n'));
        let filters = git.run(&["config", "--null", "--name-only", "--get-regexp", r"^filter\."]).unwrap_or_default();
        for key in filters.split('\0').filter(|key| !key.is_empty()) {
            git.disarmed.push((key.to_owned(), if key.ends_with(".required") { "false" } else { "" }));
        }
        Ok(git)
    }

    fn run(&self, arguments: &[&str]) -> Result<String, Failure> {
        const FIXED: [&str; 8] = [
            "core.fsmonitor=false",
            "core.hooksPath=/dev/null",
            "core.attributesFile=/dev/null",
            "core.quotePath=false",
            "core.pager=cat",
            "diff.external=",
            "protocol.allow=never",
            "submodule.recurse=false",
        ];
        let mut command = Command::new("git");
        command.arg("--no-pager").arg("--no-optional-locks").current_dir(&self.working);
        for setting in FIXED {
            command.args(["-c", setting]);
        }
        // Not as `-c`: a name may hold a `=`.
        command.env("GIT_CONFIG_COUNT", self.disarmed.len().to_string());
        for (at, (key, value)) in self.disarmed.iter().enumerate() {
            command.env(format!("GIT_CONFIG_KEY_{at}"), key).env(format!("GIT_CONFIG_VALUE_{at}"), value);
        }
        for variable in ["GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS", "GIT_TRACE", "GIT_CONFIG_PARAMETERS", "GIT_ASKPASS"] {
            command.env_remove(variable);
        }
        command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
        let run = command.args(arguments).stdin(Stdio::null()).output();
        let run =
            run.map_err(|cause| failure(format!("cannot run git: {cause}"), "install it, or leave the option out"))?;
        if !run.status.success() {
            let said = String::from_utf8_lossy(&run.stderr);
            let said = said.lines().next().unwrap_or("it says nothing").trim_start_matches("fatal: ").to_owned();
            return Err(failure(
                format!("git {}: {said}", arguments.first().unwrap_or(&"")),
                "run it inside a repository",
            ));
        }
        Ok(String::from_utf8_lossy(&run.stdout).into_owned())
    }

    fn changes(&self, base: &str) -> Result<Changes, Failure> {
        let patch = self.run(&[
            "diff",
            "--no-ext-diff",
            "--no-textconv",
            "--no-color",
            "--unified=0",
            "--find-renames",
            "--ignore-submodules=all",
            "--src-prefix=a/",
            "--dst-prefix=b/",
            "--no-relative",
            base,
            "--",
        ])?;
        let unknown = self.run(&["ls-files", "--others", "--exclude-standard", "--full-name", "-z", "--", ":/"])?;
        let working = self.working.canonicalize().unwrap_or_else(|_| self.working.clone());
        let mut changes = Changes { working, files: BTreeMap::new() };
        for (path, lines) in hunks(&patch) {
            changes.files.insert(self.root.join(path), Some(lines));
        }
        for path in unknown.split('\0').filter(|path| !path.is_empty()) {
            changes.files.insert(self.root.join(path), None);
        }
        Ok(changes)
    }
}

/// The changed lines of each file in a patch without context. Where lines only went, both neighbours count as changed.
fn hunks(patch: &str) -> Vec<(String, Vec<(u32, u32)>)> {
    let mut files: Vec<(String, Vec<(u32, u32)>)> = Vec::new();
    // Lines of a hunk still to come: they may look like headers.
    let mut inside = 0;
    for line in patch.lines() {
        if inside > 0 && line.starts_with(['+', '-', '\\']) {
            inside -= usize::from(!line.starts_with('\\'));
        } else if let Some(path) = line.strip_prefix("+++ ") {
            // A file that is gone has no lines: what follows belongs to nothing.
            let path = unquoted(path.trim_end_matches('\t'));
            files.push((path.strip_prefix("b/").unwrap_or("").to_owned(), Vec::new()));
        } else if let Some((old, new)) = line.strip_prefix("@@ -").and_then(|rest| rest.split_once(" +")) {
            let new = new.split(' ').next().unwrap_or("");
            let (Some((_, gone)), Some((start, length))) = (range(old), range(new)) else { continue };
            inside = (gone + length) as usize;
            let lines =
                if length == 0 { (start, start.saturating_add(1)) } else { (start, start.saturating_add(length - 1)) };
            if let Some((_, all)) = files.last_mut() {
                all.push(lines);
            }
        }
    }
    files.retain(|(path, _)| !path.is_empty());
    files
}

fn range(text: &str) -> Option<(u32, u32)> {
    match text.trim().split_once(',') {
        Some((start, length)) => Some((start.parse().ok()?, length.parse().ok()?)),
        None => Some((text.trim().parse().ok()?, 1)),
    }
}

/// A path as git writes it: in quotes with C escapes where it holds quotes or control characters.
fn unquoted(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return text.to_owned() };
    let mut bytes = Vec::new();
    let mut rest = inner.bytes().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next() {
            Some(b'n') => bytes.push(b'\n'),
            Some(b't') => bytes.push(b'\t'),
            Some(digit @ b'0'..=b'3') => {
                let mut value = digit - b'0';
                for _ in 0..2 {
                    value = value.wrapping_mul(8).wrapping_add(rest.next().unwrap_or(b'0').wrapping_sub(b'0'));
                }
                bytes.push(value);
            }
            Some(other) => bytes.push(other),
            None => {}
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_names_the_lines_that_changed() {
        let patch = "diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -3 +3,2 @@ def f():\n-a\n+++ b/trap\n+c\n\
                     @@ -9,2 +10,0 @@\n-x\n-y\ndiff --git a/gone.py b/gone.py\n--- a/gone.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-z\n\
                     diff --git \"a/\\303\\274.py\" \"b/\\303\\274.py\"\n--- /dev/null\n+++ \"b/\\303\\274.py\"\n@@ -0,0 +1,4 @@\n+1\n+2\n+3\n+4\n";
        let found = hunks(patch);
        assert_eq!(found[0], ("x.py".to_owned(), vec![(3, 4), (10, 11)]));
        assert_eq!(found.last().unwrap(), &("ü.py".to_owned(), vec![(1, 4)]));
    }
}
