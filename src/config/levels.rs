//! How is a rule treated here? Levels for all files, and others for some paths.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use serde::Deserialize;

use crate::finding::Severity;
use crate::source::clean;

/// How a rule is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Not run.
    Off,
    /// As a note.
    Note,
    /// As a warning.
    Warning,
    /// As an error.
    Error,
}

impl Level {
    /// The severity that it gives; `None` for a rule that is off.
    #[must_use]
    pub fn severity(self) -> Option<Severity> {
        match self {
            Level::Off => None,
            Level::Note => Some(Severity::Note),
            Level::Warning => Some(Severity::Warning),
            Level::Error => Some(Severity::Error),
        }
    }

    /// As the configuration spells it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Level::Off => "off",
            Level::Note => "note",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

/// Levels for some paths.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Override {
    /// Which files, as lines of a .gitignore.
    pub paths: Vec<String>,
    /// Their levels, by rule.
    pub rules: BTreeMap<String, Level>,
}

/// Levels that differ from the rules' own.
#[derive(Debug, Clone, Default)]
pub struct Levels {
    everywhere: BTreeMap<String, Level>,
    somewhere: Vec<(PathSet, BTreeMap<String, Level>)>,
}

impl Levels {
    /// Levels for all files, and overrides with paths relative to a folder; later ones win. Paths of files are relative
    /// to `working`.
    #[must_use]
    pub fn new(everywhere: BTreeMap<String, Level>, overrides: &[Override], folder: &Path, working: &Path) -> Self {
        let set = |one: &Override| (PathSet::new(&one.paths, folder, working), one.rules.clone());
        Self { everywhere, somewhere: overrides.iter().map(set).collect() }
    }

    /// The level of a rule in a file; `None` where it is the rule's own.
    #[must_use]
    pub fn of(&self, rule: &str, path: &str) -> Option<Level> {
        let here = self.somewhere.iter().rev().filter_map(|(paths, levels)| {
            let level = levels.get(rule)?;
            paths.holds(path).then_some(*level)
        });
        here.into_iter().next().or_else(|| self.everywhere.get(rule).copied())
    }

    /// Whether a rule runs in any file at all.
    #[must_use]
    pub fn runs(&self, rule: &str) -> bool {
        let on = |levels: &BTreeMap<String, Level>| levels.get(rule).is_some_and(|level| *level != Level::Off);
        self.everywhere.get(rule) != Some(&Level::Off) || self.somewhere.iter().any(|(_, levels)| on(levels))
    }

    /// Whether a rule runs in a file.
    #[must_use]
    pub fn runs_in(&self, rule: &str, path: &str) -> bool {
        self.of(rule, path) != Some(Level::Off)
    }

    /// Rules whose level is set anywhere.
    #[must_use]
    pub fn rules(&self) -> BTreeSet<&str> {
        let some = self.somewhere.iter().flat_map(|(_, levels)| levels.keys());
        self.everywhere.keys().chain(some).map(String::as_str).collect()
    }
}

impl From<BTreeMap<String, Level>> for Levels {
    fn from(everywhere: BTreeMap<String, Level>) -> Self {
        Self { everywhere, somewhere: Vec::new() }
    }
}

/// Files that lines of a .gitignore mean.
#[derive(Debug, Clone)]
pub struct PathSet {
    lines: Gitignore,
    folder: PathBuf,
    working: PathBuf,
}

impl PathSet {
    /// Lines relative to a folder. Those that are no pattern mean nothing: they were refused when they were read.
    #[must_use]
    pub fn new(lines: &[String], folder: &Path, working: &Path) -> Self {
        let mut builder = GitignoreBuilder::new(folder);
        for line in lines {
            let _ = builder.add_line(None, line);
        }
        let lines = builder.build().unwrap_or_else(|_| Gitignore::empty());
        Self { lines, folder: folder.to_owned(), working: working.to_owned() }
    }

    /// Whether a file is one of them, by a path relative to the working directory.
    #[must_use]
    pub fn holds(&self, path: &str) -> bool {
        let full = clean(&self.working.join(path));
        // The matcher refuses paths of other trees.
        full.starts_with(&self.folder) && self.lines.matched_path_or_any_parents(&full, false).is_ignore()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_override_that_fits_wins() {
        let one = |path: &str, level| Override {
            paths: vec![path.to_owned()],
            rules: BTreeMap::from([("soft-404".to_owned(), level)]),
        };
        let overrides = [one("/legacy/", Level::Off), one("legacy/new*.py", Level::Error)];
        let everywhere = BTreeMap::from([("soft-404".to_owned(), Level::Warning)]);
        let levels = Levels::new(everywhere, &overrides, Path::new("/repo"), Path::new("/repo/app"));
        assert_eq!(levels.of("soft-404", "a.py"), Some(Level::Warning));
        assert_eq!(levels.of("soft-404", "/repo/legacy/a.py"), Some(Level::Off));
        assert_eq!(levels.of("soft-404", "/repo/legacy/new1.py"), Some(Level::Error));
        assert_eq!(levels.of("soft-404", "../legacy/a.py"), Some(Level::Off));
        assert_eq!(levels.of("soft-404", "/elsewhere/legacy/a.py"), Some(Level::Warning));
        assert_eq!(levels.of("uncounted-404", "a.py"), None);
        assert!(levels.runs("soft-404") && levels.runs("uncounted-404"));
    }
}
