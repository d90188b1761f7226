//! Label values without bound.

use super::Context;
use super::exposure::{self, About};
use super::metadata::rule;
use crate::finding::{Channel, Finding};
use crate::flow::Hit;

rule! {
    /// ## What
    /// Finds label values with no bound on their variety and no sensitive content: raw paths, texts of clients.
    ///
    /// ## Why
    /// Each value is a time series. A client that sends many different ones fills the memory of the program and of
    /// everything that scrapes it, and may write what it likes on the metrics page.
    ///
    /// ## Bad
    /// ```python
    /// REQUESTS.labels(path=request.path).inc()
    /// ```
    ///
    /// ## Good
    /// ```python
    /// REQUESTS.labels(view=request.resolver_match.view_name).inc()
    /// ```
    ///
    /// ## Limits
    /// A regular expression or a check of the length does not bound a value; a look-up in a constant table does.
    ///
    /// ## Fix safety
    /// There is no fix: which table of values is right is not for a tool to say.
    "unbounded-label-value", Warning, Default, Some(check),
    "a label value with no bound on its variety", "5.9", "CWE-770"
}

const ABOUT: About = About {
    channels: &[Channel::LabelValue, Channel::Exemplar, Channel::Info, Channel::State, Channel::GroupingKey],
    category: |hit| matches!(hit, Hit::Unbounded).then_some(None),
    becomes: |_| "a label value without bound",
    help: |_| "map it to one of a few constants first",
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    exposure::check(&RULE, &ABOUT, context, findings);
}
