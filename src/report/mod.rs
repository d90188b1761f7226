//! Findings for people and machines: a file per format.

mod concise;
mod diff;
mod fingerprint;
mod full;
mod inventory;
mod json;
mod places;
mod plain;
mod summary;

use crate::finding::Finding;
use crate::source::{FileError, Location, Sources};

pub use diff::{apply, unified};
pub use fingerprint::fingerprints;
pub use inventory::{EndpointRow, Inventory, MetricRow, NotFoundRow, inventory_json, inventory_text};
pub use places::Places;
pub use plain::plain;
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
}

/// Renders a report.
#[must_use]
pub fn render(report: &Report<'_>, format: Format, style: Style) -> String {
    match format {
        Format::Full => full::render(report, style),
        Format::Concise => concise::render(report),
        Format::Json => json::render(report),
        Format::Jsonl => json::render_lines(report),
    }
}
