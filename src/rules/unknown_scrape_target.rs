//! Scrape targets that are not there.

use super::Context;
use super::metadata::rule;
use crate::deploy::Aim;
use crate::finding::Finding;

rule! {
    /// ## What
    /// Finds scrape targets that name no service and port in the project's manifests: a wrong name, port, port name or
    /// namespace, a path that no route serves, a selector that selects nothing.
    ///
    /// ## Why
    /// Prometheus starts all the same, and the target is down for ever.
    ///
    /// ## Bad
    /// ```yaml
    /// - targets: ["proxy-service:80"]   # the Service listens on 8080
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// - targets: ["proxy-service:8080"]
    /// ```
    ///
    /// ## Limits
    /// `localhost`, addresses, names outside of the cluster, well-known exporters and services of a compose file are
    /// silent, and so is everything where a template fills in names.
    ///
    /// ## Fix safety
    /// There is no fix.
    "unknown-scrape-target", Warning, Default, Some(check),
    "a scrape target is not in the manifests"
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut seen = std::collections::BTreeSet::new();
    for target in &context.deployment.targets {
        let Aim::Unknown(why, at) = &target.aim else { continue };
        if !seen.insert(*at) {
            continue;
        }
        let mut finding = RULE.finding(*at, format!("this target is not there: {why}"));
        finding.label = "Prometheus will find nothing here".to_owned();
        finding.help = "name a service, a port and a path that the project has".to_owned();
        findings.push(finding);
    }
}
