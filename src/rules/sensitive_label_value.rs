//! Sensitive data as a label value.

use super::Context;
use super::exposure::{self, About};
use super::metadata::rule;
use crate::finding::{Channel, Finding};

rule! {
    /// ## What
    /// Finds calls that hand sensitive data over as a label value, an attribute, a tag, an exemplar, the content of an
    /// info metric, a state, or a grouping key.
    ///
    /// ## Why
    /// Each value becomes a time series of its own, with the value in clear text on the metrics page.
    ///
    /// ## Bad
    /// ```python
    /// LOGINS.labels(user=request.POST["email"]).inc()
    /// ```
    ///
    /// ## Good
    /// ```python
    /// LOGINS.labels(outcome="ok" if valid else "refused").inc()
    /// ```
    ///
    /// ## Limits
    /// A hash of a secret is still found, with medium confidence: whoever guesses the secret can compare.
    ///
    /// ## Fix safety
    /// The fix strips the recording; it is unsafe where the arguments of the call do something themselves.
    "sensitive-label-value", Error, Default, Some(check),
    "sensitive data as the value of a label", "8.6", "CWE-200"
}

const ABOUT: About = About {
    channels: &[Channel::LabelValue, Channel::Exemplar, Channel::Info, Channel::State, Channel::GroupingKey],
    category: exposure::sensitive,
    becomes: |exposure| match exposure.channel {
        Channel::Exemplar => "part of an exemplar",
        Channel::Info => "part of an info metric",
        Channel::State => "the state of a metric",
        Channel::GroupingKey => "a grouping key",
        _ => "a label value",
    },
    help: |exposure| match exposure.channel {
        Channel::LabelValue => "drop the label, or use a bounded value",
        _ => "leave it out, or use a bounded value",
    },
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    exposure::check(&RULE, &ABOUT, context, findings);
}
