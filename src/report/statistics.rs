//! How often each rule found something.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Report, Style, summary};
use crate::finding::Applicability;

/// A line per rule, the most frequent first, and the summary.
#[must_use]
pub fn statistics(report: &Report<'_>, style: Style) -> String {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| finding.allowed.is_none()) {
        let entry = counts.entry(finding.rule).or_default();
        entry.0 += 1;
        entry.1 += usize::from(finding.fix.iter().any(|fix| fix.applicability == Applicability::Safe));
    }
    let mut rows: Vec<(&str, usize, usize)> = counts.into_iter().map(|(rule, (all, safe))| (rule, all, safe)).collect();
    rows.sort_by_key(|(rule, all, _)| (std::cmp::Reverse(*all), *rule));
    let width = rows.iter().map(|(_, all, _)| all.to_string().len()).max().unwrap_or(1);
    let mut out = String::new();
    for (rule, all, safe) in rows {
        let fixable = if safe > 0 { format!("  {safe} fixable") } else { String::new() };
        // Writing to a string can't fail.
        let _ = writeln!(out, "{all:>width$}  {rule}{fixable}");
    }
    out.push_str(&summary::foot(report, style));
    out
}
