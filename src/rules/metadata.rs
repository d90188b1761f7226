//! What the world is told about a rule.

use super::Context;
use crate::finding::{Finding, Severity, Tier};
use crate::source::Location;

/// A rule: its name, how bad it is, who wants it, and how it works.
#[derive(Debug)]
pub struct Rule {
    /// Kebab-case; says what is wrong.
    pub name: &'static str,
    /// How bad what it finds is.
    pub severity: Severity,
    /// Who wants it.
    pub tier: Tier,
    /// One line.
    pub summary: &'static str,
    /// The doc comment: what, why, bad, good, limits, fix safety. Markdown.
    pub docs: &'static str,
    /// Finds it in one project; `None` for rules about comments, which are checked last.
    pub check: Option<fn(&Context<'_>, &mut Vec<Finding>)>,
}

impl Rule {
    /// A finding of this rule. Confident and bare; the rule adds what it knows.
    #[must_use]
    pub fn finding(&self, at: Location, message: impl Into<String>) -> Finding {
        Finding {
            rule: self.name,
            severity: self.severity,
            confidence: crate::finding::Confidence::High,
            tier: self.tier,
            category: None,
            channel: None,
            message: message.into(),
            label: String::new(),
            help: String::new(),
            at,
            function: None,
            metric: None,
            flow: Vec::new(),
            fix: None,
            allowed: None,
        }
    }
}

/// Makes the `RULE` of a rule's file from its doc comment and a line of metadata.
macro_rules! rule {
    (
        $(#[doc = $doc:literal])*
        $name:literal, $severity:ident, $tier:ident, $check:expr, $summary:literal
    ) => {
        $(#[doc = $doc])*
        pub(super) const RULE: crate::rules::Rule = crate::rules::Rule {
            name: $name,
            severity: crate::finding::Severity::$severity,
            tier: crate::finding::Tier::$tier,
            summary: $summary,
            docs: concat!($($doc, "\n"),*),
            check: $check,
        };
    };
}
pub(super) use rule;
