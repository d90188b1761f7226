//! What a rule says about itself, as a page: for the terminal, for the documentation.

use std::fmt::Write;

use super::view::word;
use crate::finding::Tier;
use crate::rules::Rule;

/// The page in Markdown.
#[must_use]
pub fn rule_page(rule: &Rule) -> String {
    let mut out = format!("# {}\n\n", rule.name);
    let tier = if rule.tier == Tier::Pedantic { ", reported with `--pedantic` only" } else { "" };
    let security =
        rule.security.map_or(String::new(), |one| format!("; security severity {} ({})", one.score, one.cwe));
    // Writing to a string can't fail.
    let _ = write!(out, "Severity: {}{tier}{security}. Finds: {}.\n\n", word(rule.severity), rule.summary);
    out.push_str(rule.markdown().trim());
    let name = rule.name;
    let _ = write!(
        out,
        "\n\n## Allow\n\
         On any line of the statement, or alone on the line above it (`//` in Rust); the reason is required, a date is not:\n\n\
         ```python\n# overexposed: allow({name}) until 2027-03-01 -- why this is right here\n```\n\n\
         ## Configure\n\
         In `overexposed.toml`, or below `tool.overexposed` in `pyproject.toml`:\n\n\
         ```toml\n[rules]\n{name} = \"off\"  # or note, warning, error\n\n\
         [[overrides]]\npaths = [\"/scripts/\"]\nrules = {{ {name} = \"note\" }}\n```\n"
    );
    out
}
