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
    /// What it means for security; `None` where it is about something else.
    pub security: Option<&'static Security>,
    /// The doc comment: what, why, bad, good, limits, fix safety. Markdown.
    pub docs: &'static str,
    /// Finds it in one project; `None` for rules about comments, which are checked last.
    pub check: Option<fn(&Context<'_>, &mut Vec<Finding>)>,
}

/// How grave a rule is for those who count weaknesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Security {
    /// From `0.0` to `10.0`, as CVSS has it.
    pub score: &'static str,
    /// The kind of weakness: `CWE-200`.
    pub cwe: &'static str,
}

impl Rule {
    /// The doc comment as Markdown, without the indentation of comments.
    #[must_use]
    pub fn markdown(&self) -> String {
        let lines: Vec<&str> = self.docs.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        lines.join("\n")
    }

    /// What stands under a heading of the doc comment.
    #[must_use]
    pub fn section(&self, title: &str) -> String {
        let markdown = self.markdown();
        let body = markdown.split(&format!("## {title}\n")).nth(1).unwrap_or_default();
        body.split("\n## ").next().unwrap_or_default().trim().to_owned()
    }

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
        $(, $score:literal, $cwe:literal)?
    ) => {
        $(#[doc = $doc])*
        pub(super) const RULE: crate::rules::Rule = crate::rules::Rule {
            name: $name,
            severity: crate::finding::Severity::$severity,
            tier: crate::finding::Tier::$tier,
            summary: $summary,
            security: <[crate::rules::Security]>::first(&[$(crate::rules::Security { score: $score, cwe: $cwe })?]),
            docs: concat!($($doc, "\n"),*),
            check: $check,
        };
    };
}
pub(super) use rule;
