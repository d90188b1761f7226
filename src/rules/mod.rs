//! The rules: each a small function over what the interpreter saw, and what the world is told about it.
//!
//! To add one: a file with its doc comment, `rule!` and `check`; a `mod` line and a line in [`ALL`].

mod allow_without_reason;
mod canary_on_page;
mod context;
mod deprecated_helm_repo;
mod double_counted_404;
mod duplicate_metric;
mod exposure;
mod metadata;
mod miscounted_404;
mod misnamed_404_counter;
mod missing_404_counter;
mod missing_family;
mod missing_scrape_target;
mod pages;
mod public_metrics_endpoint;
mod sensitive_label_name;
mod sensitive_label_value;
mod sensitive_metric_name;
mod sensitive_observation;
mod sensitive_sample;
mod soft_404;
mod syntax_error;
mod unbounded_label_value;
mod uncounted_404;
mod undefined_metric;
mod unexpected_family;
mod unexposed_404_counter;
mod unknown_metric_reference;
mod unknown_scrape_target;
mod unrecorded_metric;
mod unused_allow;

use crate::finding::{Finding, Tier};
use crate::source::{Location, Sources};

pub use crate::config::Levels;
pub use context::Context;
pub use metadata::{Rule, Security};
pub use pages::{PageContext, check_page};

/// Every rule, by name.
pub const ALL: &[&Rule] = &[
    &allow_without_reason::RULE,
    &canary_on_page::RULE,
    &deprecated_helm_repo::RULE,
    &double_counted_404::RULE,
    &duplicate_metric::RULE,
    &miscounted_404::RULE,
    &misnamed_404_counter::RULE,
    &missing_404_counter::RULE,
    &missing_family::RULE,
    &missing_scrape_target::RULE,
    &public_metrics_endpoint::RULE,
    &sensitive_label_name::RULE,
    &sensitive_label_value::RULE,
    &sensitive_metric_name::RULE,
    &sensitive_observation::RULE,
    &sensitive_sample::RULE,
    &soft_404::RULE,
    &syntax_error::RULE,
    &unbounded_label_value::RULE,
    &uncounted_404::RULE,
    &undefined_metric::RULE,
    &unexpected_family::RULE,
    &unexposed_404_counter::RULE,
    &unknown_metric_reference::RULE,
    &unknown_scrape_target::RULE,
    &unrecorded_metric::RULE,
    &unused_allow::RULE,
];

/// Something wrong with an allow comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowFault {
    /// It gives no reason, so it allows nothing.
    NoReason(Location),
    /// It allows a rule that found nothing there, or nothing any more; with what to do.
    Unused(Location, String, String),
}

/// The rule with this name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.name == name)
}

/// Names of all rules.
#[must_use]
pub fn names() -> Vec<&'static str> {
    ALL.iter().map(|rule| rule.name).collect()
}

/// What all rules find in one project.
#[must_use]
pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in ALL {
        if let Some(check) = rule.check
            && context.levels.runs(rule.name)
        {
            check(context, &mut findings);
        }
    }
    level(&mut findings, context.levels, context.sources);
    findings
}

/// What is wrong with allow comments.
#[must_use]
pub fn check_allows(faults: Vec<AllowFault>, levels: &Levels, sources: &Sources) -> Vec<Finding> {
    let found = faults.into_iter().map(|fault| match fault {
        AllowFault::NoReason(at) => allow_without_reason::finding(at),
        AllowFault::Unused(at, what, help) => unused_allow::finding(at, what, help),
    });
    let mut findings: Vec<Finding> = found.collect();
    level(&mut findings, levels, sources);
    findings
}

/// Gives findings the severity that holds for their file, and takes out those whose rule is off there.
fn level(findings: &mut Vec<Finding>, levels: &Levels, sources: &Sources) {
    findings.retain(|finding| levels.runs_in(finding.rule, sources.path(finding.at.file)));
    for finding in findings {
        let level = levels.of(finding.rule, sources.path(finding.at.file));
        if let Some(severity) = level.and_then(crate::config::Level::severity) {
            finding.severity = severity;
            // Who raises a note wants to see it.
            finding.tier = if severity == crate::finding::Severity::Note { Tier::Pedantic } else { Tier::Default };
        }
    }
}

/// Brings findings into the order of reports.
pub fn sort(findings: &mut [Finding], sources: &Sources) {
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| (finding.at.span.start, finding.rule, finding.at.span.end);
        sources.path(a.at.file).cmp(sources.path(b.at.file)).then_with(|| key(a).cmp(&key(b)))
    });
}
