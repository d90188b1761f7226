//! Findings for people and machines: a file per format.

mod concise;
mod diff;
mod escape;
mod fingerprint;
mod full;
mod github;
mod gitlab;
mod html;
mod inventory;
mod json;
mod junit;
mod markdown;
mod places;
mod plain;
mod rule_page;
mod sarif;
mod statistics;
mod summary;
mod view;

use crate::finding::Finding;
use crate::source::{FileError, Location, Sources};

pub use diff::{apply, unified};
pub use escape::{folder_uri, html as html_text};
pub use fingerprint::{contents, fingerprints, hash, numbered};
pub use inventory::{EndpointRow, Inventory, MetricRow, NotFoundRow, inventory_json, inventory_text};
pub use json::{envelope, values};
pub use places::Places;
pub use plain::plain;
pub use rule_page::rule_page;
pub use statistics::statistics;
pub use summary::Summary;

/// Everything that a report says.
pub struct Report<'a> {
    /// The texts.
    pub sources: &'a Sources,
    /// Findings in order, allowed ones among them.
    pub findings: &'a [Finding],
    /// Files that could not be audited.
    pub errors: &'a [FileError],
    /// What was cut short.
    pub limits: &'a [(Location, String)],
    /// Counts.
    pub summary: Summary,
    /// What only some formats or runs have.
    pub extras: Extras<'a>,
}

/// What only some formats or runs have.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extras<'a> {
    /// What there is, for `html`.
    pub inventory: Option<&'a Inventory>,
    /// Allowed findings are shown too, as such, for `sarif`.
    pub show_allowed: bool,
    /// The `file` URI of the folder that paths are relative to, where terminals open links.
    pub links: Option<&'a str>,
    /// What a baseline hid and what it holds in vain.
    pub baseline: Option<&'a Known>,
    /// What only one command has to say.
    pub own: Option<&'a Own>,
}

/// What only one command has to say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Own {
    /// Keys of the JSON, beside those of every report.
    pub fields: serde_json::Map<String, serde_json::Value>,
    /// Text in front of the findings, for people.
    pub text: String,
}

/// What a baseline did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Findings that are not reported, since they were there before.
    pub hidden: usize,
    /// Entries of the baseline that nothing matches any more: rule, path, message.
    pub stale: Vec<[String; 3]>,
}

/// How a report looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// With source, flow, help and fix.
    Full,
    /// One line for each finding.
    Concise,
    /// One JSON object.
    Json,
    /// One JSON object per line and finding.
    Jsonl,
    /// For code scanning.
    Sarif,
    /// Annotations of a GitHub workflow.
    Github,
    /// GitLab's code quality.
    Gitlab,
    /// Test results.
    Junit,
    /// A comment on a pull request.
    Markdown,
    /// A page by itself.
    Html,
}

/// How text for people is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// With colours.
    pub color: bool,
    /// With characters beyond ASCII.
    pub unicode: bool,
    /// Columns.
    pub width: usize,
    /// With counts at the end.
    pub summary: bool,
}

/// Renders a report.
#[must_use]
pub fn render(report: &Report<'_>, format: Format, style: Style) -> String {
    match format {
        Format::Full => full::render(report, style),
        Format::Concise => concise::render(report, style),
        Format::Json => json::render(report),
        Format::Jsonl => json::render_lines(report),
        Format::Sarif => sarif::render(report),
        Format::Github => github::render(report),
        Format::Gitlab => gitlab::render(report),
        Format::Junit => junit::render(report),
        Format::Markdown => markdown::render(report),
        Format::Html => html::render(report),
    }
}
