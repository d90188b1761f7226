//! What the deployment files of a submission say about Prometheus.

use super::marks::Place;

/// How certain a target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// In a configuration that Prometheus can read.
    Structured,
    /// In one that does not parse.
    Broken,
}

/// Facts, each with its line.
#[derive(Debug, Clone, Default)]
pub(super) struct Deployment {
    /// Configurations with scrape jobs.
    pub(super) configs: Vec<(Form, Place)>,
    /// Targets: `host:port`.
    pub(super) targets: Vec<(String, Form, Place)>,
    /// Retired charts and repositories that are used.
    pub(super) retired: Vec<Place>,
}
