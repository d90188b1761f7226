//! Metrics pages that the outside can reach.

use super::Context;
use super::metadata::rule;
use crate::finding::Finding;

rule! {
    /// ## What
    /// Finds doors through which the outside reaches a metrics page: an Ingress or gateway route, a NodePort or
    /// LoadBalancer Service, a published port of a compose file, a location of nginx. The request is followed through
    /// proxies to the route; the outermost door is reported, with the way in.
    ///
    /// ## Why
    /// A metrics page is written for Prometheus. What is on it, who visits how often and what fails, is nobody else's.
    ///
    /// ## Bad
    /// ```nginx
    /// location / { proxy_pass http://web:8000; }
    /// ```
    ///
    /// ## Good
    /// ```nginx
    /// location /metrics { deny all; }
    /// location / { proxy_pass http://web:8000; }
    /// ```
    ///
    /// ## Limits
    /// Pages that ask for a login, ports of their own that no door leads to, and ports of the machine itself are
    /// silent. What is set up outside of the audited files, such as firewalls, is not known.
    ///
    /// ## Fix safety
    /// There is no fix.
    "public-metrics-endpoint", Warning, Default, Some(check),
    "the outside can reach a metrics page", "5.3", "CWE-200"
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for door in &context.deployment.doors {
        let mut finding = RULE.finding(door.at, format!("{} leads to the metrics page", door.what));
        finding.label = format!("a request for {} gets through", door.path);
        finding.help = "refuse the path here, or serve the page on a port of its own that nothing publishes".to_owned();
        finding.flow.clone_from(&door.flow);
        findings.push(finding);
    }
}
