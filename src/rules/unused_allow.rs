//! Allow comments that allow nothing.

use super::metadata::rule;
use crate::finding::Finding;
use crate::source::Location;

rule! {
    /// ## What
    /// Finds comments that allow a rule which found nothing there, or which does not exist.
    ///
    /// ## Why
    /// Such a comment hides the next real finding.
    ///
    /// ## Bad
    /// ```python
    /// LOGINS.inc()  # overexposed: allow(sensitive-label-value) -- it had a label once
    /// ```
    ///
    /// ## Good
    /// ```python
    /// LOGINS.inc()
    /// ```
    ///
    /// ## Limits
    /// A comment is called unused only when its rule ran.
    ///
    /// ## Fix safety
    /// There is no fix yet: remove the comment by hand.
    "unused-allow", Warning, Default, None,
    "an allow comment that allows nothing"
}

/// The finding for one comment: what it is about, and what to do.
pub(super) fn finding(at: Location, what: String, help: String) -> Finding {
    let mut finding = RULE.finding(at, what);
    finding.label = "allows nothing".to_owned();
    finding.help = help;
    finding
}
