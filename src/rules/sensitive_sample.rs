//! Sensitive data on a page.

use super::metadata::rule;
use super::pages::PageContext;
use crate::finding::Finding;
use crate::page::Part;

rule! {
    /// ## What
    /// Finds sensitive data on a scraped metrics page: by what values look like (card numbers, IBANs, e-mail and IP
    /// addresses, phone numbers, tokens, keys, passwords beside their names), and by what labels are called.
    ///
    /// ## Why
    /// The page is public, and whoever scrapes it stores what it shows. What is on it has leaked already.
    ///
    /// ## Bad
    /// ```text
    /// logins_total{email="kate@example.com"} 3
    /// ```
    ///
    /// ## Good
    /// ```text
    /// logins_total{outcome="success"} 3
    /// ```
    ///
    /// ## Limits
    /// One finding for each family and label, at its first line. Numbers are no card numbers, except in labels. A secret
    /// without a shape, under a name that says nothing, is found by `--canary` only. Labels about machines (`instance`,
    /// `pod_ip`) may hold addresses.
    ///
    /// ## Fix safety
    /// There is no fix on the page: `overexposed check` finds the code that shows it.
    "sensitive-sample", Error, Default, None,
    "sensitive data on a metrics page", "7.5", "CWE-200"
}

/// Adds the findings of a page.
pub(super) fn check(context: &PageContext<'_>, findings: &mut Vec<Finding>) {
    for sighting in &context.page.sensitive {
        let mut finding = context.finding(&RULE, sighting, &sighting.what);
        if let Some((last, rest)) = sighting.also.split_last() {
            let all = if rest.is_empty() { last.clone() } else { format!("{} and {last}", rest.join(", ")) };
            finding.label.push_str(&format!("; also {all}"));
        }
        finding.help = match sighting.part {
            Part::Name => "give the metric a constant name",
            Part::Help => "give the metric a constant help text",
            Part::LabelName(_) => "give the label a constant name",
            Part::Label(_) => "drop the label where the program sets it, or use one with few and harmless values",
            Part::Exemplar(_) => "leave it out of the exemplar: a trace id is enough",
            Part::Number => "do not record it; count how often it happens instead",
            Part::Text(_) => "find out who writes it to the page",
        }
        .to_owned();
        findings.push(finding);
    }
}
