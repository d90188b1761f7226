//! `overexposed rule`.

use serde_json::json;

use super::args::{InventoryFormat, RuleOptions};
use super::output;
use crate::error::Failure;
use crate::nearest::nearest;
use crate::report::rule_page;
use crate::rules::{self, Rule};

/// Prints one rule, or the list of all.
pub(super) fn run(options: &RuleOptions) -> Result<bool, Failure> {
    let chosen: Vec<&Rule> = match &options.name {
        None => rules::ALL.to_vec(),
        Some(name) => vec![rules::by_name(name).ok_or_else(|| unknown(name))?],
    };
    let text = match (options.output_format, options.name.is_some()) {
        (InventoryFormat::Json, _) => as_json(&chosen),
        (InventoryFormat::Full, true) => chosen.iter().map(|rule| rule_page(rule)).collect(),
        (InventoryFormat::Full, false) => list(&chosen),
    };
    output::print(&text)?;
    Ok(false)
}

/// An error about a rule that is not there.
pub(super) fn unknown(name: &str) -> Failure {
    let help = match nearest(name, rules::names()) {
        Some(known) => format!("did you mean `{known}`? `overexposed rule` lists all"),
        None => "`overexposed rule` lists all".to_owned(),
    };
    Failure::UnknownRule { name: name.to_owned(), help: Some(help) }
}

fn severity(rule: &Rule) -> String {
    format!("{:?}", rule.severity).to_lowercase()
}

fn list(chosen: &[&Rule]) -> String {
    let width = chosen.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
    chosen.iter().map(|rule| format!("{:width$}  {:7}  {}\n", rule.name, severity(rule), rule.summary)).collect()
}

fn as_json(chosen: &[&Rule]) -> String {
    let rules: Vec<_> = chosen
        .iter()
        .map(|rule| {
            json!({"name": rule.name, "severity": rule.severity, "tier": rule.tier, "summary": rule.summary,
                "docs": rule.markdown()})
        })
        .collect();
    format!("{:#}\n", serde_json::Value::Array(rules))
}
