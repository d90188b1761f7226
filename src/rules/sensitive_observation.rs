//! Sensitive numbers.

use super::Context;
use super::exposure::{self, About};
use super::metadata::rule;
use crate::finding::{Channel, Finding};

rule! {
    /// ## What
    /// Finds calls that record a sensitive number: a balance, a PIN, a coordinate.
    ///
    /// ## Why
    /// The value of a gauge stands on the page as it is, and sums of few observations give single ones away.
    ///
    /// ## Bad
    /// ```python
    /// BALANCE.set(card.balance)
    /// ```
    ///
    /// ## Good
    /// ```python
    /// PAYMENTS.inc()
    /// ```
    ///
    /// ## Limits
    /// Lengths, counts, durations, sums and averages over many are not sensitive.
    ///
    /// ## Fix safety
    /// The fix strips the recording; it is unsafe where the arguments of the call do something themselves.
    "sensitive-observation", Error, Default, Some(check),
    "a sensitive number is recorded", "7.5", "CWE-200"
}

const ABOUT: About = About {
    channels: &[Channel::Value],
    category: exposure::sensitive,
    becomes: |_| "the value of a metric",
    help: |_| "count the event instead of recording the number",
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    exposure::check(&RULE, &ABOUT, context, findings);
}
