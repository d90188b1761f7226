//! Marks for staff, students and platforms: a file per format.

mod gradescope;
mod html;
mod json;
mod markdown;
mod safe;
mod sheet;
mod statistics;
mod table;

use super::batch::Batch;
use super::rubric::Rubric;
use crate::report::Style;

/// How marks look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A table for a terminal.
    Full,
    /// One JSON object.
    Json,
    /// A row per submission.
    Csv,
    /// A section per submission.
    Markdown,
    /// One page for a browser.
    Html,
    /// What Gradescope reads from an autograder.
    Gradescope,
}

/// A file of a folder of reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Relative to the folder; made from plain characters only.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// Everything as one text.
#[must_use]
pub fn render(batch: &Batch, rubric: &Rubric, format: Format, style: Style) -> String {
    match format {
        Format::Full => table::render(batch, rubric, style),
        Format::Json => json::render(batch, rubric),
        Format::Csv => sheet::render(batch, rubric),
        Format::Markdown => markdown::render(batch, rubric),
        Format::Html => html::render(batch, rubric),
        Format::Gradescope => gradescope::render(batch),
    }
}

/// A file per submission, for the formats that students get.
#[must_use]
pub fn files(batch: &Batch, rubric: &Rubric, format: Format) -> Option<Vec<File>> {
    let names = safe::file_names(batch.submissions.iter().map(|one| one.submission.as_str()));
    let each = batch.submissions.iter().zip(names);
    match format {
        Format::Markdown => Some(
            each.map(|(one, name)| File { path: format!("{name}.md"), text: markdown::one(one, rubric) }).collect(),
        ),
        Format::Gradescope => Some(
            each.map(|(one, name)| File { path: format!("{name}/results.json"), text: gradescope::one(one) }).collect(),
        ),
        _ => None,
    }
}
