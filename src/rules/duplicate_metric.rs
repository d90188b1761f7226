//! Names that are taken.

use super::Context;
use super::metadata::rule;
use crate::finding::{Finding, FlowStep, MetricRef};

rule! {
    /// ## What
    /// Finds the second creation of one name in one registry, on one path.
    ///
    /// ## Why
    /// The registry refuses it: the program ends, or the second metric silently counts nothing.
    ///
    /// ## Bad
    /// ```python
    /// LOGINS = Counter("logins", "Logins")
    /// FAILED = Counter("logins_total", "Failed logins")
    /// ```
    ///
    /// ## Good
    /// ```python
    /// LOGINS = Counter("logins", "Logins", ["outcome"])
    /// ```
    ///
    /// ## Limits
    /// Creations in two branches, after `unregister`, or under a handler for the error are not meant.
    ///
    /// ## Fix safety
    /// There is no fix.
    "duplicate-metric", Error, Default, Some(check),
    "a name is created twice in one registry"
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let metrics = &context.analysis.metrics;
    for (later, earlier) in &context.analysis.duplicates {
        let (Some(later), Some(earlier)) = (metrics.get(later.0 as usize), metrics.get(earlier.0 as usize)) else {
            continue;
        };
        let mut finding = RULE.finding(later.at, format!("the metric `{}` exists already", later.name));
        finding.label = "the registry refuses the second one".to_owned();
        finding.help = "use the first one, or another name".to_owned();
        finding.function = Context::function(&later.function);
        finding.metric = Some(MetricRef { name: later.name.clone(), kind: later.kind.clone() });
        finding.flow = vec![FlowStep { at: earlier.at, note: "created here first".to_owned() }];
        findings.push(finding);
    }
    findings.dedup_by(|a, b| a.rule == RULE.name && b.rule == RULE.name && a.at == b.at);
}
