//! Arguments of `scrape`.

use std::path::PathBuf;

use clap::{Args, Parser};

use super::args::{OutputOptions, Scope, level};
use crate::config::{FailOn, Level};
use crate::error::Failure;

/// Options of `scrape`.
#[derive(Debug, Args)]
pub(super) struct ScrapeOptions {
    /// The page: an http or https address, a file, or `-` for standard input
    #[arg(value_name = "SOURCE")]
    pub(super) source: String,
    /// What standard input is called
    #[arg(long, value_name = "NAME", default_value = "-")]
    pub(super) stdin_filename: String,
    /// A text that must not be on the page, in any spelling (repeatable)
    #[arg(long = "canary", value_name = "STRING")]
    pub(super) canaries: Vec<String>,
    /// A file with such texts, one a line
    #[arg(long, value_name = "FILE")]
    pub(super) canary_file: Option<PathBuf>,
    /// Compare the families of the page with the metrics of this code
    #[arg(long, value_name = "PATH")]
    pub(super) against: Option<PathBuf>,
    /// An older page: show which families, labels and samples went and came
    #[arg(long, value_name = "FILE")]
    pub(super) before: Option<PathBuf>,
    #[command(flatten)]
    pub(super) http: HttpOptions,
    /// The configuration, instead of the nearest one
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    pub(super) config: Option<PathBuf>,
    /// Look for no configuration
    #[arg(long)]
    pub(super) isolated: bool,
    /// A folder with more knowledge about libraries and names, in the form of the files under `rules/`
    #[arg(long, value_name = "DIR")]
    pub(super) rules: Option<PathBuf>,
    /// How a rule is treated: off, note, warning, error (repeatable)
    #[arg(long = "level", value_name = "RULE=LEVEL", value_parser = level)]
    pub(super) levels: Vec<(String, Level)>,
    #[command(flatten)]
    pub(super) shown: OutputOptions,
    /// The severity from which on findings make the exit code 1 [default: warning]
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(super) fail_on: Option<FailOn>,
    /// Also report notes
    #[arg(long)]
    pub(super) pedantic: bool,
}

/// How a page is fetched.
#[derive(Debug, Args)]
pub(super) struct HttpOptions {
    /// Seconds until an answer must be complete
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(super) timeout: u64,
    /// Larger pages are refused
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 30)]
    pub(super) max_bytes: u64,
    /// Follow redirects to other hosts, too
    #[arg(long)]
    pub(super) follow_redirects: bool,
    /// The environment variable that holds a bearer token
    #[arg(long, value_name = "NAME", conflicts_with = "bearer_token_file")]
    pub(super) bearer_token_env: Option<String>,
    /// The file that holds a bearer token
    #[arg(long, value_name = "FILE")]
    pub(super) bearer_token_file: Option<PathBuf>,
    /// Certificates (PEM) to trust instead of the machine's own
    #[arg(long, value_name = "FILE")]
    pub(super) ca_cert: Option<PathBuf>,
}

/// The scope of `check` alone, with its defaults.
#[derive(Debug, Parser)]
struct Alone {
    #[command(flatten)]
    scope: Scope,
}

/// What `check` would look at for these paths, with its defaults.
pub(super) fn scope_of(paths: Vec<PathBuf>) -> Result<Scope, Failure> {
    let alone = Alone::try_parse_from(["overexposed"]);
    let mut scope = alone.map_err(|error| Failure::Internal(error.to_string()))?.scope;
    scope.paths = paths;
    Ok(scope)
}

impl ScrapeOptions {
    /// What `check` would look at: the code to compare with, or nothing.
    pub(super) fn scope(&self) -> Result<Scope, Failure> {
        let mut scope = scope_of(self.against.iter().cloned().collect())?;
        scope.levels.clone_from(&self.levels);
        scope.config.clone_from(&self.config);
        scope.isolated = self.isolated;
        scope.rules.clone_from(&self.rules);
        Ok(scope)
    }
}
