//! What does a metrics page show? Reads the Prometheus text format and OpenMetrics as a stream.
//!
//! Values are judged by what they look like and by what their labels are called; nothing secret leaves this module: what
//! is kept of the page has it covered.

mod audit;
mod canary;
mod compare;
mod data;
mod detect;
mod excerpt;
mod family;
mod finish;
mod judge;
mod line;
mod names;
mod note;
mod reader;
mod spot;

pub use audit::{Format, Request, audit};
pub use compare::{Comparison, FamilyChange, compare};
pub use excerpt::Excerpt;
pub use family::Kind;
pub use names::Created;
pub use note::{Part, Sighting};

use crate::source::Span;

/// What a page shows.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// In which format it was written.
    pub format: Format,
    /// Lines.
    pub lines: u64,
    /// Samples.
    pub samples: u64,
    /// Families in the order of the page.
    pub families: Vec<ShownFamily>,
    /// Sensitive data, by place.
    pub sensitive: Vec<Sighting>,
    /// Canaries, by place.
    pub canaries: Vec<Sighting>,
    /// Lines that cannot be read, by place: where, and what is wrong.
    pub malformed: Vec<(Span, String)>,
    /// How many more there are.
    pub malformed_more: u64,
    /// The lines that the others name.
    pub excerpt: Excerpt,
    /// Samples by their hash, with the index of their family, if they were asked for.
    pub(in crate::page) series: std::collections::HashMap<u64, u32>,
}

/// A family of a page.
#[derive(Debug, Clone)]
pub struct ShownFamily {
    /// Its name, with what is secret covered.
    pub name: String,
    /// Its name as it is. Never for people's eyes.
    pub(in crate::page) raw: Box<[u8]>,
    /// Its type.
    pub kind: Kind,
    /// Where it is first named; a place of the excerpt only if that was asked for.
    pub at: Span,
    /// Its labels, with what is secret covered.
    pub labels: Vec<String>,
    /// Samples.
    pub samples: u64,
}
