//! What does the user want? `overexposed.toml`, or a table in `pyproject.toml` or `Cargo.toml`; the nearest one wins whole.

mod count;
mod defaults;
mod find;
mod levels;
mod schema;
mod show;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::error::Failure;
use crate::finding::{Confidence, Severity};
use crate::nearest::nearest;

pub use count::{Count, CountEntry};
pub use defaults::{Defaults, defaults};
pub use find::{Found, find, read_named};
pub use levels::{Level, Levels, Override, PathSet};
pub use schema::schema;
pub use show::{Origin, Shown, flatten};

/// The severity from which on findings make the exit code 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    /// Errors.
    Error,
    /// Warnings and errors.
    Warning,
    /// Anything.
    Note,
    /// Nothing.
    Never,
}

impl FailOn {
    /// Whether a finding of this severity makes the exit code 1.
    #[must_use]
    pub fn is_met_by(self, severity: Severity) -> bool {
        match self {
            FailOn::Error => severity >= Severity::Error,
            FailOn::Warning => severity >= Severity::Warning,
            FailOn::Note => severity >= Severity::Note,
            FailOn::Never => false,
        }
    }

    /// As the configuration spells it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            FailOn::Error => "error",
            FailOn::Warning => "warning",
            FailOn::Note => "note",
            FailOn::Never => "never",
        }
    }
}

/// What is asked of the deployment.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Deploy {
    /// Addresses that Prometheus must scrape: `proxy-service:8080`.
    pub scrape: Vec<String>,
}

/// A configuration, as written. What is not written is `None` or empty.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Config {
    /// Counting.
    pub count: Count,
    /// The deployment.
    pub deploy: Deploy,
    /// Whether a body that says 404 with another status is a 404 for counting.
    pub count_soft_404: Option<bool>,
    /// Whether 404s of the framework itself (no route) must be counted too.
    pub count_framework_404: Option<bool>,
    /// What is audited, as lines of a .gitignore; everything where there are none.
    pub include: Vec<String>,
    /// What is left out, as lines of a .gitignore.
    pub exclude: Vec<String>,
    /// Whether code that only tests run is audited.
    pub include_tests: Option<bool>,
    /// The severity from which on findings make the exit code 1.
    pub fail_on: Option<FailOn>,
    /// Findings that are less sure are not reported.
    pub confidence: Option<Confidence>,
    /// Whether notes are reported.
    pub pedantic: Option<bool>,
    /// Whether an allow comment must say why.
    pub require_reason: Option<bool>,
    /// The baseline, relative to the folder of the configuration.
    pub baseline: Option<PathBuf>,
    /// Rules by name.
    pub rules: BTreeMap<String, Level>,
    /// Other levels for some paths; later ones win.
    pub overrides: Vec<Override>,
    /// Files and folders of knowledge about libraries and names, relative to the folder of the configuration.
    pub library_files: Vec<PathBuf>,
    /// Knowledge about names, in the form of `rules/lexicon.toml`.
    pub lexicon: Option<toml::Table>,
    /// Knowledge about libraries, each in the form of a file under `rules/libraries`.
    pub library: Vec<toml::Table>,
}

impl Config {
    /// Reads a configuration. `known_rules` are the names that may stand under `rules`.
    ///
    /// # Errors
    /// Unknown keys and rules, wrong types, bad patterns: with the line and the nearest name.
    pub fn read(path: &str, text: &str, known_rules: &[&str]) -> Result<Self, Failure> {
        let config: Config = toml::from_str(text).map_err(|error| from_toml(path, text, &error))?;
        config.checked(path, text, known_rules)
    }

    /// The same for a table inside a larger file.
    ///
    /// # Errors
    /// As for [`Config::read`].
    pub fn from_table(path: &str, text: &str, table: toml::Value, known_rules: &[&str]) -> Result<Self, Failure> {
        let config: Config = table.try_into().map_err(|error| from_toml(path, text, &error))?;
        config.checked(path, text, known_rules)
    }

    fn checked(self, path: &str, text: &str, known_rules: &[&str]) -> Result<Self, Failure> {
        let wrong = |needle: &str, message: String, help: Option<String>| {
            Err(Failure::Config { path: path.to_owned(), line: line_with(text, needle), message, help })
        };
        let mut named = self.rules.keys().chain(self.overrides.iter().flat_map(|one| one.rules.keys()));
        if let Some(unknown) = named.find(|name| !known_rules.contains(&name.as_str())) {
            let help = nearest(unknown, known_rules.iter().copied()).map(|known| format!("did you mean `{known}`?"));
            return wrong(unknown, format!("there is no rule `{unknown}`"), help);
        }
        let in_overrides = self.overrides.iter().flat_map(|one| &one.paths);
        let counted = self.count.each.iter().filter_map(|entry| entry.r#where.as_ref());
        for glob in self.include.iter().chain(&self.exclude).chain(in_overrides).chain(counted) {
            if let Err(error) = ignore::gitignore::GitignoreBuilder::new(".").add_line(None, glob) {
                return wrong(glob, format!("`{glob}` is not a pattern: {error}"), None);
            }
        }
        Ok(self)
    }

    /// Knowledge that stands in the configuration itself: texts in the form of the files under `rules/`.
    #[must_use]
    pub fn own_knowledge(&self) -> Vec<String> {
        // What was read from TOML can be written as TOML.
        let texts = self.lexicon.iter().chain(&self.library).map(|table| toml::to_string(table).unwrap_or_default());
        texts.collect()
    }

    /// Full names of the approved counters.
    #[must_use]
    pub fn approved(&self) -> Vec<String> {
        self.count.names().unwrap_or_else(|| defaults().count.approved.clone())
    }

    /// Whether soft 404s are counted.
    #[must_use]
    pub fn counts_soft_404(&self) -> bool {
        self.count_soft_404.unwrap_or(defaults().count.soft_404)
    }
}

/// The line that holds a text, from 1.
#[must_use]
pub fn line_with(text: &str, needle: &str) -> usize {
    text.lines().position(|line| line.contains(needle)).map_or(1, |at| at + 1)
}

fn from_toml(path: &str, text: &str, error: &toml::de::Error) -> Failure {
    let message = error.message().lines().next().unwrap_or("not valid TOML").to_owned();
    let mut quoted = message.split('`').skip(1).step_by(2);
    let wrong = quoted.next().unwrap_or_default().to_owned();
    let unknown = message.starts_with("unknown ");
    let help = if unknown { nearest(&wrong, quoted).map(|known| format!("did you mean `{known}`?")) } else { None };
    let line = match error.span() {
        Some(span) => text.get(..span.start).map_or(1, |before| before.matches('\n').count() + 1),
        None if unknown => line_with(text, &wrong),
        None => 1,
    };
    Failure::Config { path: path.to_owned(), line, message, help }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> (usize, String, Option<String>) {
        match Config::read("overexposed.toml", text, &["soft-404", "uncounted-404"]) {
            Err(Failure::Config { line, message, help, .. }) => (line, message, help),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn unknown_keys_and_rules_have_a_neighbour() {
        let (line, _, help) = error("exclude = []\ncount-sof-404 = true\n");
        assert_eq!((line, help.as_deref()), (2, Some("did you mean `count-soft-404`?")));
        let (line, message, help) = error("[rules]\nuncounted-405 = \"off\"\n");
        assert_eq!((line, message.as_str()), (2, "there is no rule `uncounted-405`"));
        assert_eq!(help.as_deref(), Some("did you mean `uncounted-404`?"));
    }

    #[test]
    fn defaults_hold_where_nothing_is_written() {
        let config = Config::read("x", "", &[]).unwrap();
        assert_eq!(config.approved(), ["database_error_return_404"]);
        assert!(config.counts_soft_404());
        let config = Config::read("x", "count.approved = ['not_found']\ncount-soft-404 = false", &[]).unwrap();
        assert_eq!(config.approved(), ["not_found"]);
        assert!(!config.counts_soft_404());
    }
}
