//! Arguments.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::finding::Severity;
use crate::report;

/// Audits metric exposure: which values of a program reach its metrics page, and which 404s it forgets to count.
#[derive(Debug, Parser)]
#[command(name = "overexposed", version, about, max_term_width = 100, arg_required_else_help = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Audit Python and Rust files
    #[command(
        after_help = "Exit code: 0 nothing found at or above --fail-on, 1 something found, 2 the tool could not do its job."
    )]
    Check(CheckOptions),
    /// List every metric, every metrics endpoint, and every 404 path with how often it is counted
    Inventory(InventoryOptions),
    /// Explain a rule, or list all
    Rule(RuleOptions),
}

/// What is audited.
#[derive(Debug, Args)]
pub(super) struct Scope {
    /// Folders and files; `-` reads one file from standard input
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    /// What standard input is called
    #[arg(long, value_name = "NAME", default_value = "stdin.py")]
    pub(super) stdin_filename: String,
    /// Also audit code that only tests run
    #[arg(long)]
    pub(super) include_tests: bool,
    /// Parse every file, not only those that mention metrics or 404s
    #[arg(long)]
    pub(super) parse_all: bool,
    /// The configuration, instead of the nearest one
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    pub(super) config: Option<PathBuf>,
    /// Look for no configuration
    #[arg(long)]
    pub(super) isolated: bool,
    /// A folder with more knowledge about libraries and names, in the form of the files under `rules/`
    #[arg(long, value_name = "DIR")]
    pub(super) rules: Option<PathBuf>,
    /// Full name of an approved 404 counter, instead of the configured ones (repeatable)
    #[arg(long = "counter", value_name = "NAME")]
    pub(super) counters: Vec<String>,
    /// Whether a body that says 404 with another status must be counted
    #[arg(long, value_name = "BOOL")]
    pub(super) count_soft_404: Option<bool>,
    /// Threads; 0 is one per processor. The output does not depend on it
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) threads: usize,
}

/// Options of `check`.
#[derive(Debug, Args)]
pub(super) struct CheckOptions {
    #[command(flatten)]
    pub(super) scope: Scope,
    /// Apply safe fixes
    #[arg(long)]
    pub(super) fix: bool,
    /// Apply all fixes, also those that are not proved
    #[arg(long)]
    pub(super) unsafe_fixes: bool,
    /// Print what fixes would change as a unified diff, and write nothing
    #[arg(long)]
    pub(super) diff: bool,
    /// Let fixes insert missing increments and the missing counter
    #[arg(long)]
    pub(super) add_404_counter: bool,
    /// How the report looks
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Full)]
    pub(super) output_format: Format,
    /// The severity from which on findings make the exit code 1
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = FailOn::Warning)]
    pub(super) fail_on: FailOn,
    /// Also report notes
    #[arg(long)]
    pub(super) pedantic: bool,
}

/// Options of `inventory`.
#[derive(Debug, Args)]
pub(super) struct InventoryOptions {
    #[command(flatten)]
    pub(super) scope: Scope,
    /// How the list looks
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = InventoryFormat::Full)]
    pub(super) output_format: InventoryFormat,
}

/// Options of `rule`.
#[derive(Debug, Args)]
pub(super) struct RuleOptions {
    /// The rule
    #[arg(value_name = "NAME")]
    pub(super) name: Option<String>,
    /// How it is printed
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = InventoryFormat::Full)]
    pub(super) output_format: InventoryFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Source, flow, help and fix
    Full,
    /// One line for each finding
    Concise,
    /// One JSON object
    Json,
    /// One JSON object per line
    Jsonl,
}

impl From<Format> for report::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Full => report::Format::Full,
            Format::Concise => report::Format::Concise,
            Format::Json => report::Format::Json,
            Format::Jsonl => report::Format::Jsonl,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum InventoryFormat {
    /// Text for people
    Full,
    /// One JSON object
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    Error,
    Warning,
    Note,
    Never,
}

impl FailOn {
    /// Whether a finding of this severity makes the exit code 1.
    pub(super) fn is_met_by(self, severity: Severity) -> bool {
        match self {
            FailOn::Error => severity >= Severity::Error,
            FailOn::Warning => severity >= Severity::Warning,
            FailOn::Note => severity >= Severity::Note,
            FailOn::Never => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn arguments_are_consistent() {
        super::Arguments::command().debug_assert();
    }
}
