//! Retired chart repositories.

use super::Context;
use super::metadata::rule;
use crate::finding::{Applicability, Edit, Finding, Fix};

rule! {
    /// ## What
    /// Finds uses of retired Helm repositories and charts: `stable` and `incubator` at their old addresses, the old
    /// operator and Prometheus charts, in charts, helmfiles, Argo and Flux sources, scripts and write-ups.
    ///
    /// ## Why
    /// The old addresses answer with an error, and the archives get no security fixes.
    ///
    /// ## Bad
    /// ```text
    /// helm repo add stable https://kubernetes-charts.storage.googleapis.com
    /// helm install prometheus stable/prometheus
    /// ```
    ///
    /// ## Good
    /// ```text
    /// helm repo add prometheus-community https://prometheus-community.github.io/helm-charts
    /// helm install prometheus prometheus-community/prometheus
    /// ```
    ///
    /// ## Limits
    /// Prose that warns of a repository is silent, and so is an alias that points elsewhere.
    ///
    /// ## Fix safety
    /// Where the same chart is kept elsewhere under the same name, the fix names its new place. It is unsafe where a
    /// version is pinned, since the new place may not have it.
    "deprecated-helm-repo", Warning, Default, Some(check),
    "a retired chart repository or chart is used"
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for chart in context.deployment.charts.iter().filter(|chart| chart.retired) {
        let mut finding = RULE.finding(chart.at, format!("`{}` is retired", chart.what));
        finding.label = "no longer kept".to_owned();
        finding.help.clone_from(&chart.instead);
        if !chart.edits.is_empty() {
            let edit = |(at, text): &(_, String)| Edit { at: *at, text: text.clone() };
            finding.fix = Some(Fix {
                title: "name the repository of today".to_owned(),
                applicability: if chart.caveat.is_none() { Applicability::Safe } else { Applicability::Unsafe },
                caveat: chart.caveat.clone(),
                edits: chart.edits.iter().map(edit).collect(),
                proof: None,
                references: Vec::new(),
                unused: Vec::new(),
                alternatives: Vec::new(),
            });
        }
        findings.push(finding);
    }
}
