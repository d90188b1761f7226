//! Arguments.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::shard::Shard;
use crate::config::{FailOn, Level};
use crate::finding::Confidence;
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
    /// Grade a folder of submissions against a rubric
    #[command(
        after_help = "Each sub-folder, archive (.zip, .tar.gz) or bare git repository in DIR is one submission; exports of \
                      Gradescope, Moodle, Canvas and GitHub Classroom are understood."
    )]
    Grade(super::grade::GradeOptions),
    /// Audit a metrics page: an address, a file, or `-` for standard input
    #[command(
        after_help = "Exit code: 0 nothing found at or above --fail-on, 1 something found, 2 the tool could not do its job."
    )]
    Scrape(Box<super::scrape_args::ScrapeOptions>),
    /// Serve an editor: a language server on standard input and output
    Server(super::server_args::ServerOptions),
    /// Explain a rule, or list all
    Rule(RuleOptions),
    /// Join JSON reports of several runs into one
    Merge(MergeOptions),
    /// Write a commented overexposed.toml from what is found in the project
    Init(InitOptions),
    /// Print the configuration that holds, with the origin of each value, or its schema
    Config(ConfigOptions),
    /// Print completions for a shell
    Completions(CompletionOptions),
    /// Print the manual page
    Man,
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
    /// How a rule is treated: off, note, warning, error (repeatable)
    #[arg(long = "level", value_name = "RULE=LEVEL", value_parser = level)]
    pub(super) levels: Vec<(String, Level)>,
    /// Audit only this part of the projects, counted from 1; one path is cut where projects begin below it
    #[arg(long, value_name = "K/N")]
    pub(super) shard: Option<Shard>,
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
    #[arg(long, conflicts_with = "shard")]
    pub(super) fix: bool,
    /// Apply all fixes, also those that are not proved
    #[arg(long, conflicts_with = "shard")]
    pub(super) unsafe_fixes: bool,
    /// Print what fixes would change as a unified diff, and write nothing
    #[arg(long)]
    pub(super) diff: bool,
    /// Let fixes insert missing increments and the missing counter
    #[arg(long)]
    pub(super) add_404_counter: bool,
    #[command(flatten)]
    pub(super) shown: OutputOptions,
    /// The severity from which on findings make the exit code 1 [default: warning]
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(super) fail_on: Option<FailOn>,
    /// Report only findings that are at least so sure: low, medium, high [default: low]
    #[arg(long, value_name = "CONFIDENCE", value_parser = confidence)]
    pub(super) confidence: Option<Confidence>,
    /// Also report notes
    #[arg(long)]
    pub(super) pedantic: bool,
    #[command(flatten)]
    pub(super) past: PastOptions,
    /// Say on standard error what each stage took, and how much there was to do
    #[arg(long)]
    pub(super) stats: bool,
}

/// What was there before, and is not reported again.
#[derive(Debug, Args)]
pub(super) struct PastOptions {
    /// Do not report the findings of this file
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Write what is found to the baseline (overexposed-baseline.json where none is named), and report nothing
    #[arg(long, conflicts_with_all = ["fix", "unsafe_fixes", "diff", "diff_base", "changed_only"])]
    pub(super) write_baseline: bool,
    /// Report only what lies, or flows through, lines that changed since this revision
    #[arg(long, value_name = "REV")]
    pub(super) diff_base: Option<String>,
    /// Report only what lies, or flows through, lines that are not committed yet
    #[arg(long, conflicts_with = "diff_base")]
    pub(super) changed_only: bool,
    /// Allow what is found by comments that give this reason
    #[arg(long, value_name = "REASON", conflicts_with_all = ["fix", "unsafe_fixes", "diff", "write_baseline"])]
    pub(super) add_allows: Option<String>,
}

pub(super) fn level(text: &str) -> Result<(String, Level), String> {
    let (rule, level) = text.split_once('=').ok_or("write RULE=LEVEL")?;
    let levels = [Level::Off, Level::Note, Level::Warning, Level::Error];
    let level = levels.into_iter().find(|known| known.word() == level);
    level.map(|level| (rule.to_owned(), level)).ok_or_else(|| "a level is off, note, warning or error".to_owned())
}

fn confidence(text: &str) -> Result<Confidence, String> {
    match text {
        "low" => Ok(Confidence::Low),
        "medium" => Ok(Confidence::Medium),
        "high" => Ok(Confidence::High),
        _ => Err("a confidence is low, medium or high".to_owned()),
    }
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

/// Options of `config`.
#[derive(Debug, Args)]
pub(super) struct ConfigOptions {
    #[command(flatten)]
    pub(super) scope: Scope,
    /// Print the merged result and where each value comes from (the default)
    #[arg(long, conflicts_with = "schema")]
    pub(super) show: bool,
    /// Print the JSON Schema of the configuration
    #[arg(long)]
    pub(super) schema: bool,
    /// How it is printed
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = InventoryFormat::Full)]
    pub(super) output_format: InventoryFormat,
}

/// Options of `merge`.
#[derive(Debug, Args)]
pub(super) struct MergeOptions {
    /// Reports that `check` or `inventory` wrote with `--output-format json`; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
    /// The severity from which on findings make the exit code 1 [default: warning]
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(super) fail_on: Option<FailOn>,
}

/// Options of `init`.
#[derive(Debug, Args)]
pub(super) struct InitOptions {
    #[command(flatten)]
    pub(super) scope: Scope,
    /// Write over a file that is there
    #[arg(long)]
    pub(super) force: bool,
    /// Print it instead of writing it
    #[arg(long)]
    pub(super) print: bool,
}

/// Options of `completions`.
#[derive(Debug, Args)]
pub(super) struct CompletionOptions {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub(super) shell: clap_complete::Shell,
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
    /// A page by itself
    Html,
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
            Format::Html => report::Format::Html,
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn arguments_are_consistent() {
        super::Arguments::command().debug_assert();
    }
}
