//! Metrics that rules and dashboards name and that nobody creates.

use std::collections::BTreeSet;

use super::Context;
use super::metadata::rule;
use crate::deploy;
use crate::finding::{Channel, Finding};
use crate::flow::Metric;

rule! {
    /// ## What
    /// Finds alert rules, recording rules and dashboards that name a metric which no code creates, or which stripping a
    /// leak would take away.
    ///
    /// ## Why
    /// An alert on a metric that is not there never fires.
    ///
    /// ## Bad
    /// ```yaml
    /// - alert: ManyNotFound
    ///   expr: rate(shop_404_total[5m]) > 1   # the code counts shop_not_found_total
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// - alert: ManyNotFound
    ///   expr: rate(shop_not_found_total[5m]) > 1
    /// ```
    ///
    /// ## Limits
    /// Only names that share their first word with a metric of the project are judged: others may come from anywhere.
    /// Names that recording rules create, and families of client libraries and exporters, are known.
    ///
    /// ## Fix safety
    /// There is no fix.
    "unknown-metric-reference", Warning, Default, Some(check),
    "a rule or dashboard names a metric nobody creates"
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let facts = &context.deployment.facts;
    if facts.expressions.is_empty() || context.analysis.metrics.is_empty() {
        return;
    }
    let known = Known::new(context);
    for expression in &facts.expressions {
        for name in deploy::metrics_in(&expression.text) {
            let Some(why) = known.wrong(&name, &facts.recorded) else { continue };
            let mut finding = RULE.finding(expression.at, format!("`{name}` {why}"));
            finding.label = match expression.title.as_str() {
                "" => format!("this {} asks for it", expression.kind),
                title => format!("the {} `{title}` asks for it", expression.kind),
            };
            finding.help = match known.near(&name) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name a metric that the code creates".to_owned(),
            };
            findings.push(finding);
        }
    }
}

/// The metrics of the code.
struct Known<'a> {
    metrics: &'a [Metric],
    /// Whose names carry what must go.
    stripped: BTreeSet<usize>,
    first_words: BTreeSet<String>,
}

impl<'a> Known<'a> {
    fn new(context: &Context<'a>) -> Self {
        let metrics = context.analysis.metrics.as_slice();
        let in_name = context.analysis.exposures.iter().filter(|leak| leak.channel == Channel::Name);
        let stripped = in_name.filter_map(|leak| leak.metric).map(|id| id.0 as usize).collect();
        let names = metrics.iter().flat_map(|metric| &metric.names);
        let first_words =
            names.map(|name| first_word(&exposed(name)).to_owned()).filter(|word| !word.contains('{')).collect();
        Self { metrics, stripped, first_words }
    }

    /// What is wrong with naming a metric; `None` where nothing is.
    fn wrong(&self, name: &str, recorded: &[String]) -> Option<&'static str> {
        if recorded.iter().any(|known| known == name) || name.contains(':') {
            return None;
        }
        let creators: Vec<usize> = (0..self.metrics.len()).filter(|at| self.creates(*at, name)).collect();
        if creators.is_empty() {
            let judged = self.first_words.contains(first_word(name)) && !deploy::is_brought_along(name);
            return judged.then_some("is created by no code");
        }
        let all_go = creators.iter().all(|at| self.stripped.contains(at));
        all_go.then_some("goes with the leak in its name")
    }

    fn creates(&self, at: usize, name: &str) -> bool {
        self.metrics.get(at).is_some_and(|metric| metric.names.iter().any(|own| is_series(&metric.kind, own, name)))
    }

    fn near(&self, name: &str) -> Option<String> {
        let names: Vec<String> = self
            .metrics
            .iter()
            .flat_map(|metric| metric.names.iter().map(|own| series_of(&metric.kind, own)))
            .collect();
        crate::nearest::nearest(name, names.iter().map(String::as_str)).map(str::to_owned)
    }
}

/// How the page shows a metric by default.
fn series_of(kind: &str, name: &str) -> String {
    let name = exposed(name);
    match kind {
        "counter" if !name.ends_with("_total") => format!("{name}_total"),
        "info" if !name.ends_with("_info") => format!("{name}_info"),
        _ => name,
    }
}

/// Names as pages show them: what may not stand in one becomes `_`; holes stay.
fn exposed(name: &str) -> String {
    let mut inside = 0_usize;
    name.chars()
        .map(|c| {
            inside = match c {
                '{' => inside + 1,
                '}' => inside.saturating_sub(1),
                _ => inside,
            };
            if inside > 0 || c == '}' || c.is_ascii_alphanumeric() || c == ':' { c } else { '_' }
        })
        .collect()
}

fn first_word(name: &str) -> &str {
    name.trim_start_matches('_').split(['_', ':']).next().unwrap_or_default()
}

/// Whether a series of this name belongs to a metric.
fn is_series(kind: &str, metric: &str, name: &str) -> bool {
    let own = exposed(metric);
    let endings: &[&str] = match kind {
        "counter" => &["", "_total", "_created"],
        "histogram" => &["", "_bucket", "_sum", "_count", "_created", "_max", "_min"],
        "summary" => &["", "_sum", "_count", "_created"],
        "info" => &["", "_info"],
        "gauge" | "enum" => &[""],
        _ => &["", "_total", "_created", "_bucket", "_sum", "_count", "_info"],
    };
    if metric.contains('.') {
        // OpenTelemetry puts the unit into the name, and the kind behind it.
        return name.starts_with(&own);
    }
    let bare = own.strip_suffix("_total").filter(|_| kind == "counter").unwrap_or(&own);
    endings.iter().any(|ending| {
        let whole = format!("{bare}{ending}");
        if whole.contains('{') { fits(&whole, name) } else { whole == name }
    })
}

/// Whether a name fills the holes of a pattern, each with something.
fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split(['{', '}']).step_by(2);
    let Some(mut rest) = parts.next().and_then(|head| name.strip_prefix(head)) else { return false };
    let parts: Vec<&str> = parts.collect();
    for (at, part) in parts.iter().enumerate() {
        let Some(after) = rest.get(1..) else { return false };
        let found = if at + 1 == parts.len() {
            after.ends_with(part).then(|| after.len() - part.len())
        } else {
            after.find(part)
        };
        let Some(found) = found else { return false };
        rest = after.get(found + part.len()..).unwrap_or_default();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_of_a_family() {
        assert!(
            is_series("counter", "orders", "orders_total") && is_series("counter", "orders_total", "orders_created")
        );
        assert!(is_series("histogram", "seconds", "seconds_bucket") && !is_series("gauge", "online", "online_bucket"));
        assert!(is_series("counter", "counter_{pword}", "counter_hunter2_total"));
        assert!(!is_series("counter", "counter_{pword}", "counter_"));
        assert!(is_series("histogram", "http.server.duration", "http_server_duration_milliseconds_bucket"));
    }
}
