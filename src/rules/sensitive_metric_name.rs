//! Sensitive data in the name of a metric.

use super::Context;
use super::exposure::{self, About};
use super::metadata::rule;
use crate::finding::{Channel, Finding};

rule! {
    /// ## What
    /// Finds metrics whose name, namespace, subsystem, unit or help text carries sensitive data, or any text that a client sends.
    ///
    /// ## Why
    /// Names and help texts stand on the metrics page for everybody who can open it, and in the database of whoever
    /// scrapes it, for as long as it keeps data. Nothing on that way treats them as secret.
    ///
    /// ## Bad
    /// ```python
    /// password = request.POST["password"]
    /// graphs[password] = Counter(f"registrations_{password}", "Registrations")
    /// ```
    ///
    /// ## Good
    /// ```python
    /// REGISTRATIONS = Counter("registrations", "Registrations")
    /// ```
    ///
    /// ## Limits
    /// A name that comes from a place that cannot be read (a database, another service) is judged by the names of the
    /// variables that it went through.
    ///
    /// ## Fix safety
    /// The fix strips the metric: its creation, its recordings, and what nothing uses any more. It is safe where the
    /// program without its metrics is proved to be the same as before.
    "sensitive-metric-name", Error, Default, Some(check),
    "sensitive data in the name or help text of a metric", "8.6", "CWE-200"
}

const ABOUT: About = About {
    channels: &[Channel::Name, Channel::Help],
    category: exposure::any_text,
    becomes: |exposure| match exposure.channel {
        Channel::Help => "part of a metric's help text",
        _ => "part of a metric's name",
    },
    help: |exposure| match exposure.channel {
        Channel::Help => "use a constant help text",
        _ => "strip the metric, or give it a constant name",
    },
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    exposure::check(&RULE, &ABOUT, context, findings);
}
