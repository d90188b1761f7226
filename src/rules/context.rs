//! What a rule may look at.

use super::Levels;
use crate::deploy::Deployment;
use crate::finding::MetricRef;
use crate::flow::{Analysis, MetricId, NotFoundKind, NotFoundPath};
use crate::program::Program;
use crate::source::{FileId, Sources};

/// One project, as rules see it.
pub struct Context<'a> {
    /// Its program.
    pub program: &'a Program,
    /// What the interpreter saw.
    pub analysis: &'a Analysis,
    /// What its deployment files come to.
    pub deployment: &'a Deployment,
    /// Addresses that Prometheus must scrape.
    pub scrape: &'a [String],
    /// The texts.
    pub sources: &'a Sources,
    /// Levels of rules.
    pub levels: &'a Levels,
    /// Whether soft 404s are 404s for counting.
    pub count_soft_404: bool,
    /// Whether 404s of the framework itself are.
    pub count_framework_404: bool,
    /// Names of the approved counters.
    pub approved: &'a [String],
    /// Whether a file is judged by itself, or was read only because another one needs it.
    pub is_judged: &'a dyn Fn(FileId) -> bool,
}

impl Context<'_> {
    /// How reports name a metric.
    #[must_use]
    pub fn metric(&self, id: MetricId) -> Option<MetricRef> {
        let metric = self.analysis.metrics.get(id.0 as usize)?;
        Some(MetricRef { name: metric.name.clone(), kind: metric.kind.clone() })
    }

    /// The ways on which a 404 leaves that must be counted.
    pub fn to_count(&self) -> impl Iterator<Item = &NotFoundPath> {
        self.analysis.not_found.iter().filter(|path| match path.kind {
            NotFoundKind::Soft => self.count_soft_404,
            NotFoundKind::Framework => self.count_framework_404,
            NotFoundKind::Status | NotFoundKind::Exception => true,
        })
    }

    /// The counter that ought to be there, for messages.
    #[must_use]
    pub fn counter_name(&self) -> &str {
        self.approved.first().map_or("404 counter", String::as_str)
    }

    /// The function a report names; none for the body of a module.
    #[must_use]
    pub fn function(name: &str) -> Option<String> {
        (!name.is_empty() && name != "<module>").then(|| name.to_owned())
    }
}
