//! A text on a page that must not be there.

use super::metadata::rule;
use super::pages::PageContext;
use crate::finding::Finding;

rule! {
    /// ## What
    /// Finds a text given with `--canary` on a scraped page: as it is, URL-encoded, escaped, in another case, or inside
    /// of a name, where characters that are not allowed became `_`.
    ///
    /// ## Why
    /// A password that was typed in a test and shows up on the page is a proof that needs no judgement.
    ///
    /// ## Bad
    /// ```text
    /// counter_hunter2_total 1
    /// ```
    ///
    /// ## Good
    /// ```text
    /// registrations_total 1
    /// ```
    ///
    /// ## Limits
    /// Hashes of the text are not looked for. One finding for each family and label, at its first line.
    ///
    /// ## Fix safety
    /// There is no fix on the page: `overexposed check` finds the code that shows it.
    "canary-on-page", Error, Default, None,
    "a text that must not be on the page is there", "7.5", "CWE-200"
}

/// Adds the findings of a page.
pub(super) fn check(context: &PageContext<'_>, findings: &mut Vec<Finding>) {
    for sighting in &context.page.canaries {
        let numbers: Vec<&str> = sighting.also.iter().chain([&sighting.what]).map(String::as_str).collect();
        let mut finding = context.finding(&RULE, sighting, "a canary");
        let which = if numbers.len() == 1 { "canary number" } else { "canaries number" };
        finding.label = format!("{which} {}; {}", numbers.join(", "), finding.label);
        finding.help = "find out with `overexposed check` which code shows it".to_owned();
        findings.push(finding);
    }
}
