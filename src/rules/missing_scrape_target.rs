//! Prometheus configurations that do not scrape the project.

use super::Context;
use super::metadata::rule;
use crate::finding::{Finding, FlowStep};

rule! {
    /// ## What
    /// Finds Prometheus configurations that scrape none of the project's metrics pages, and targets that the policy
    /// `[deploy] scrape = ["host:port"]` asks for and that nothing scrapes.
    ///
    /// ## Why
    /// What is counted and never scraped is lost at the next restart, and nobody ever sees it.
    ///
    /// ## Bad
    /// ```yaml
    /// scrape_configs:
    ///   - job_name: prometheus
    ///     static_configs:
    ///       - targets: ["localhost:9090"]
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// scrape_configs:
    ///   - job_name: shop
    ///     static_configs:
    ///       - targets: ["proxy-service:8080"]
    /// ```
    ///
    /// ## Limits
    /// Silent where targets come from files or services that are not in the project. Discovery in Kubernetes is
    /// followed through its relabelling rules.
    ///
    /// ## Fix safety
    /// There is no fix.
    "missing-scrape-target", Warning, Default, Some(check),
    "Prometheus scrapes none of the project's pages"
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let deployment = context.deployment;
    let missing: Vec<&str> =
        context.scrape.iter().map(String::as_str).filter(|address| !deployment.scrapes(address)).collect();
    if let (Some(at), false) = (deployment.place_for_targets(), missing.is_empty()) {
        let mut finding = RULE.finding(at, format!("nothing scrapes {}", missing.join(" and ")));
        finding.label = "the configuration asks for it".to_owned();
        finding.help = format!("add {} to the targets of a job", missing.join(" and "));
        findings.push(finding);
        return;
    }
    for configuration in deployment.blind() {
        let mut finding = RULE.finding(configuration.at, "no metrics page of the project is scraped");
        finding.label = "none of these jobs leads to one".to_owned();
        finding.help = "add the service that serves the page to the targets of a job".to_owned();
        let pages = context.analysis.endpoints.iter();
        let note = "this page is scraped by nothing".to_owned();
        finding.flow = pages.map(|page| FlowStep { at: page.at, note: note.clone() }).collect();
        findings.push(finding);
    }
}
