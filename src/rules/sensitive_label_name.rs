//! Sensitive data in the name of a label.

use super::Context;
use super::exposure::{self, About};
use super::metadata::rule;
use crate::finding::{Channel, Finding};

rule! {
    /// ## What
    /// Finds labels whose name says that they hold sensitive data, or whose name is itself text of a client.
    ///
    /// ## Why
    /// A label called `email` is an invitation: if it does not hold e-mail addresses today, the next change will make it.
    ///
    /// ## Bad
    /// ```python
    /// LOGINS = Counter("logins", "Logins", ["email"])
    /// ```
    ///
    /// ## Good
    /// ```python
    /// LOGINS = Counter("logins", "Logins", ["outcome"])
    /// ```
    ///
    /// ## Limits
    /// Names are compared by their words: `email` and `user_email` are found, `email_provider_type` is not.
    ///
    /// ## Fix safety
    /// The fix strips the metric; it is safe where the rest of the program is proved to be unchanged.
    "sensitive-label-name", Warning, Default, Some(check),
    "a label whose name says that it holds sensitive data", "5.3", "CWE-200"
}

const ABOUT: About = About {
    channels: &[Channel::LabelName],
    category: exposure::any_text,
    becomes: |_| "the name of a label",
    help: |_| "drop the label, or use one with few and harmless values",
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    exposure::check(&RULE, &ABOUT, context, findings);
}
