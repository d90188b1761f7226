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
    #[command(flatten)]
    pub(super) shown: OutputOptions,
    /// The severity from which on findings make the exit code 1
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = FailOn::Warning)]
    pub(super) fail_on: FailOn,
    /// Also report notes
    #[arg(long)]
    pub(super) pedantic: bool,
}

/// How a report looks, and where it goes.
#[derive(Debug, Args)]
pub(super) struct OutputOptions {
    /// How the report on standard output looks [default: full]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(super) output_format: Option<Format>,
    /// A report, written to a file if one is named (repeatable: `--output sarif=out.sarif --output full`)
    #[arg(long, value_name = "FORMAT[=FILE]")]
    pub(super) output: Vec<Output>,
    /// Allowed findings in SARIF: left out, since GitHub opens an alert for each, or marked with `suppressions`
    #[arg(long, value_enum, value_name = "HOW", default_value_t = Suppressed::Omit)]
    pub(super) sarif_suppressed: Suppressed,
    /// Count the findings of each rule instead of printing them, in text formats
    #[arg(long)]
    pub(super) statistics: bool,
    /// Print findings only: no summary, no progress, no notes
    #[arg(short, long)]
    pub(super) quiet: bool,
    /// Whether text is coloured; `auto` asks the terminal, NO_COLOR and CLICOLOR_FORCE
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub(super) color: Color,
}

/// One `--output`: a format, and the file it goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Output {
    pub(super) format: Format,
    pub(super) file: Option<PathBuf>,
}

impl std::str::FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = match text.split_once('=') {
            Some((_, "")) => return Err("a file is missing after `=`".to_owned()),
            Some((name, file)) => (name, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let format = Format::from_str(name, false).map_err(|_| {
            let known = Format::value_variants().iter().filter_map(ValueEnum::to_possible_value);
            let names: Vec<String> = known.map(|value| value.get_name().to_owned()).collect();
            format!("there is no format `{name}`; known are {}", names.join(", "))
        })?;
        Ok(Self { format, file })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Suppressed {
    /// Left out
    Omit,
    /// Marked with `suppressions`
    Mark,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// As the terminal wants it
    Auto,
    /// Always
    Always,
    /// Never
    Never,
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
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
    /// GitLab's code quality report
    Gitlab,
    /// JUnit XML
    Junit,
    /// A comment for a pull request
    Markdown,
}

impl From<Format> for report::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Full => report::Format::Full,
            Format::Concise => report::Format::Concise,
            Format::Json => report::Format::Json,
            Format::Jsonl => report::Format::Jsonl,
            Format::Sarif => report::Format::Sarif,
            Format::Github => report::Format::Github,
            Format::Gitlab => report::Format::Gitlab,
            Format::Junit => report::Format::Junit,
            Format::Markdown => report::Format::Markdown,
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
