//! What the exposure rules share: one finding per call and rule, by the gravest thing that reaches it.

use std::collections::BTreeMap;

use super::{Context, Rule};
use crate::finding::{Category, Channel, Finding};
use crate::flow::{Exposure, Hit};
use crate::source::Location;

/// What an exposure rule is about.
pub(super) struct About {
    /// The channels that it watches.
    pub channels: &'static [Channel],
    /// What of an exposure it is about: its category, or `None` where it is not.
    pub category: fn(Hit) -> Option<Option<Category>>,
    /// What the data becomes: `a label value`.
    pub becomes: fn(&Exposure) -> &'static str,
    /// What to do.
    pub help: fn(&Exposure) -> &'static str,
}

/// Sensitive data only.
pub(super) fn sensitive(hit: Hit) -> Option<Option<Category>> {
    match hit {
        Hit::Sensitive(category) => Some(Some(category)),
        Hit::Unbounded => None,
    }
}

/// Sensitive data, and text of clients whatever it is.
pub(super) fn any_text(hit: Hit) -> Option<Option<Category>> {
    match hit {
        Hit::Sensitive(category) => Some(Some(category)),
        Hit::Unbounded => Some(Some(Category::Content)),
    }
}

/// Adds the findings of one exposure rule.
pub(super) fn check(rule: &Rule, about: &About, context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut calls: BTreeMap<Location, Vec<(Option<Category>, &Exposure)>> = BTreeMap::new();
    for exposure in &context.analysis.exposures {
        if about.channels.contains(&exposure.channel)
            && let Some(category) = (about.category)(exposure.hit)
        {
            calls.entry(exposure.at).or_default().push((category, exposure));
        }
    }
    for (at, mut exposures) in calls {
        // The gravest first, the surer of equals before; the rest stays in the interpreter's order.
        exposures.sort_by_key(|(category, exposure)| (*category, std::cmp::Reverse(exposure.confidence)));
        findings.extend(finding(rule, about, context, at, &exposures));
    }
}

fn finding(
    rule: &Rule,
    about: &About,
    context: &Context<'_>,
    at: Location,
    exposures: &[(Option<Category>, &Exposure)],
) -> Option<Finding> {
    let &(category, gravest) = exposures.first()?;
    let becomes = (about.becomes)(gravest);
    let mut finding = rule.finding(at, format!("{} becomes {becomes}{}", gravest.what, others(category, exposures)));
    finding.category = category;
    finding.channel = Some(gravest.channel);
    finding.confidence = gravest.confidence;
    finding.function = Context::function(&gravest.function);
    finding.metric = gravest.metric.and_then(|id| context.metric(id));
    finding.label = match &gravest.label {
        Some(label) => format!("label `{label}` shows it to every reader of the page"),
        None => "shown to every reader of the page".to_owned(),
    };
    finding.help = (about.help)(gravest).to_owned();
    finding.flow.clone_from(&gravest.flow);
    Some(finding)
}

/// The other things that reach the same call, for the end of the headline.
fn others(category: Option<Category>, exposures: &[(Option<Category>, &Exposure)]) -> String {
    let first = exposures.first().map(|(_, exposure)| exposure.what.as_str());
    let mut names: Vec<&str> = Vec::new();
    for (_, exposure) in exposures.iter().skip(1) {
        if Some(exposure.what.as_str()) != first && !names.contains(&exposure.what.as_str()) {
            names.push(&exposure.what);
        }
    }
    if names.is_empty() {
        let also = exposures.iter().flat_map(|(_, exposure)| &exposure.also);
        for other in also.filter(|other| Some(**other) != category) {
            if !names.contains(&words(*other)) {
                names.push(words(*other));
            }
        }
    }
    match names.split_last() {
        None => String::new(),
        Some((last, [])) => format!(", and so does {last}"),
        Some((last, rest)) => format!(", and so do {} and {last}", rest.join(", ")),
    }
}

fn words(category: Category) -> &'static str {
    match category {
        Category::Credential => "a credential",
        Category::Payment => "payment data",
        Category::Personal => "personal data",
        Category::Content => "request content",
    }
}
