//! `overexposed grade`.

use std::fs;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{knowledge, output};
use crate::config::{Config, FailOn};
use crate::error::Failure;
use crate::finding::Severity;
use crate::grade::{self, Adjustments, Base, Batch, Earlier, Request, Rubric};
use crate::report::Style;

/// Options of `grade`.
#[derive(Debug, Args)]
pub(super) struct GradeOptions {
    /// The folder with the submissions
    #[arg(value_name = "DIR", required_unless_present = "rubric_schema")]
    pub(super) folder: Option<PathBuf>,
    /// A rubric file, or one that is built in
    #[arg(long, value_name = "FILE|NAME", default_value = "giftcard")]
    pub(super) rubric: String,
    /// What was handed out (folder, archive or repository): tells what students changed
    #[arg(long, value_name = "PATH")]
    pub(super) base: Option<PathBuf>,
    /// Points by hand and days late, as CSV: `submission`, `points`, `percent`, `days-late`, `reason`
    #[arg(long, value_name = "FILE")]
    pub(super) adjustments: Option<PathBuf>,
    /// The JSON of an earlier run: lists what changed
    #[arg(long, value_name = "OLD.json")]
    pub(super) regrade: Option<PathBuf>,
    /// Keep names and numbers of students out of every output
    #[arg(long)]
    pub(super) anonymous: bool,
    /// How the marks look
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = GradeFormat::Full)]
    pub(super) output_format: GradeFormat,
    /// Write to this file; with `markdown` and `gradescope` into this folder, a file per submission
    #[arg(short, long, value_name = "PATH")]
    pub(super) output: Option<PathBuf>,
    /// A folder with more knowledge about libraries and names, in the form of the files under `rules/`
    #[arg(long, value_name = "DIR")]
    pub(super) rules: Option<PathBuf>,
    /// The severity from which on findings make the exit code 1
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = FailOn::Warning)]
    pub(super) fail_on: FailOn,
    /// Threads; 0 is one per processor. The output does not depend on it
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) threads: usize,
    /// Print the JSON schema of rubrics
    #[arg(long)]
    pub(super) rubric_schema: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum GradeFormat {
    /// A table for people
    Full,
    /// One JSON object: that of `check`, with marks beside it
    Json,
    /// A row per submission, safe in spreadsheets
    Csv,
    /// A section per submission
    Markdown,
    /// One page for a browser
    Html,
    /// What Gradescope reads from an autograder
    Gradescope,
}

impl From<GradeFormat> for grade::Format {
    fn from(format: GradeFormat) -> Self {
        match format {
            GradeFormat::Full => grade::Format::Full,
            GradeFormat::Json => grade::Format::Json,
            GradeFormat::Csv => grade::Format::Csv,
            GradeFormat::Markdown => grade::Format::Markdown,
            GradeFormat::Html => grade::Format::Html,
            GradeFormat::Gradescope => grade::Format::Gradescope,
        }
    }
}

/// Grades, prints the marks, and says whether something was found.
pub(super) fn run(options: &GradeOptions) -> Result<bool, Failure> {
    if options.rubric_schema {
        output::print(grade::SCHEMA)?;
        return Ok(false);
    }
    let Some(folder) = &options.folder else {
        return Err(Failure::Arguments("give the folder with the submissions".to_owned()));
    };
    let rubric = Rubric::find(&options.rubric)?;
    let knowledge = knowledge::read(options.rules.as_deref(), &Config::default(), None, "")?;
    let base = options.base.as_deref().map(Base::read).transpose()?;
    let adjustments = options.adjustments.as_deref().map(Adjustments::read).transpose()?;
    let earlier = options.regrade.as_deref().map(Earlier::read).transpose()?;
    let request = Request {
        folder,
        rubric: &rubric,
        knowledge: &knowledge,
        approved: Config::default().approved(),
        base: base.as_ref(),
        adjustments: adjustments.as_ref(),
        earlier: earlier.as_ref(),
        anonymous: options.anonymous,
        threads: options.threads,
    };
    let shows = options.output_format == GradeFormat::Full && std::io::stderr().is_terminal();
    let batch = grade::grade(&request, &|done, all| {
        if shows {
            progress(done, all);
        }
    })?;
    write(options, &batch, &rubric)?;
    Ok(batch.submissions.iter().flat_map(|one| &one.findings).any(|finding| counts(options, finding)))
}

/// A bar that draws over itself, on the terminal's own line.
fn progress(done: usize, all: usize) {
    const WIDTH: usize = 30;
    let filled = done * WIDTH / all.max(1);
    let end = if done == all { "\r\u{1b}[K" } else { "" };
    let bar = format!("\r[{}{}] {done} of {all}{end}", "#".repeat(filled), " ".repeat(WIDTH - filled));
    let _ = std::io::stderr().lock().write_all(bar.as_bytes());
}

fn counts(options: &GradeOptions, finding: &serde_json::Value) -> bool {
    let severity = match finding["severity"].as_str() {
        Some("error") => Severity::Error,
        Some("warning") => Severity::Warning,
        _ => Severity::Note,
    };
    finding["tier"] == "default" && options.fail_on.is_met_by(severity)
}

fn write(options: &GradeOptions, batch: &Batch, rubric: &Rubric) -> Result<(), Failure> {
    let format = options.output_format.into();
    let Some(path) = &options.output else {
        return output::print(&grade::render(batch, rubric, format, output::style()));
    };
    let failed = |path: &Path| {
        let what = format!("cannot write `{}`", path.display());
        move |cause| Failure::Io { what, cause }
    };
    let Some(files) = grade::files(batch, rubric, format) else {
        let text = grade::render(batch, rubric, format, Style { color: false, ..output::style() });
        return fs::write(path, text).map_err(failed(path));
    };
    for file in files {
        let target = path.join(&file.path);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder).map_err(failed(folder))?;
        }
        fs::write(&target, file.text).map_err(failed(&target))?;
    }
    Ok(())
}
