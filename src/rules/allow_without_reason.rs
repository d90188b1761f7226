//! Allow comments without a reason.

use super::metadata::rule;
use crate::finding::Finding;
use crate::source::Location;

rule! {
    /// ## What
    /// Finds comments that allow a finding without saying why. They allow nothing.
    ///
    /// ## Why
    /// Whoever reads the code next year must be able to tell whether the reason still holds.
    ///
    /// ## Bad
    /// ```python
    /// LOGINS.labels(user=name).inc()  # overexposed: allow(sensitive-label-value)
    /// ```
    ///
    /// ## Good
    /// ```python
    /// LOGINS.labels(user=name).inc()  # overexposed: allow(sensitive-label-value) -- three service accounts
    /// ```
    ///
    /// ## Limits
    /// None.
    ///
    /// ## Fix safety
    /// There is no fix: only a person knows the reason.
    "allow-without-reason", Warning, Default, None,
    "an allow comment gives no reason"
}

/// The finding for one comment.
pub(super) fn finding(at: Location) -> Finding {
    let mut finding = RULE.finding(at, "this allow comment gives no reason, so it allows nothing");
    finding.label = "no reason".to_owned();
    finding.help = "add ` -- ` and the reason".to_owned();
    finding
}
