//! Counts at the end of a report.

use serde::Serialize;

use super::{Report, Style};
use crate::finding::{Applicability, Finding, Severity};

/// Counts at the end of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Files that were read.
    pub files: usize,
    /// Files that were parsed.
    pub parsed: usize,
    /// Metrics that the programs create.
    pub metrics: usize,
    /// Ways on which a 404 leaves.
    pub not_found_paths: usize,
    /// Those that are counted exactly once.
    pub counted_once: usize,
    /// Findings that no comment allows.
    pub findings: usize,
    /// Those of them that `--fix` mends.
    pub fixable: usize,
}

impl Summary {
    /// Fills in what depends on the findings.
    #[must_use]
    pub fn with_findings(mut self, findings: &[Finding]) -> Self {
        let counted = || findings.iter().filter(|finding| finding.allowed.is_none());
        self.findings = counted().count();
        self.fixable = counted().filter(|finding| is_safe(finding)).count();
        self
    }

    /// Adds another report's counts.
    pub fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.parsed += other.parsed;
        self.metrics += other.metrics;
        self.not_found_paths += other.not_found_paths;
        self.counted_once += other.counted_once;
        self.findings += other.findings;
        self.fixable += other.fixable;
    }
}

fn is_safe(finding: &Finding) -> bool {
    finding.fix.as_ref().is_some_and(|fix| fix.applicability == Applicability::Safe)
}

/// The last lines for people; nothing where they want none.
pub(super) fn foot(report: &Report<'_>, style: Style) -> String {
    if !style.summary {
        return String::new();
    }
    let mut out = String::new();
    if let Some(known) = report.extras.baseline {
        for [rule, path, message] in &known.stale {
            let gone = format!("{path}: gone since the baseline was written: {rule} ({message})");
            out.push_str(&format!("{}\n", super::plain::one_line(&gone)));
        }
    }
    out.push_str(&line(&report.summary, report.findings));
    if let Some(known) = report.extras.baseline {
        out.push_str(&format!("; {} known from the baseline", known.hidden));
        if !known.stale.is_empty() {
            out.push_str(&format!(", {} gone (write it again with --write-baseline)", known.stale.len()));
        }
    }
    out.push('\n');
    out
}

/// `Found 3 errors, 1 warning in 12 files; 1 fixable with --fix`.
pub(super) fn line(summary: &Summary, findings: &[Finding]) -> String {
    let of = |severity: Severity| findings.iter().filter(|f| f.allowed.is_none() && f.severity == severity).count();
    let kinds = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")];
    let parts: Vec<String> = kinds
        .into_iter()
        .map(|(severity, word)| (of(severity), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| many(count, word))
        .collect();
    let files = many(summary.files, "file");
    let mut text = if parts.is_empty() {
        format!("Found nothing in {files}")
    } else {
        format!("Found {} in {files}", parts.join(", "))
    };
    let unsafe_ones = findings.iter().filter(|f| f.allowed.is_none() && f.fix.is_some() && !is_safe(f)).count();
    match (summary.fixable, unsafe_ones) {
        (0, 0) => {}
        (safe, 0) => text.push_str(&format!("; {safe} fixable with --fix")),
        (0, more) => text.push_str(&format!("; {more} fixable with --unsafe-fixes")),
        (safe, more) => text.push_str(&format!("; {safe} fixable with --fix, {more} more with --unsafe-fixes")),
    }
    let allowed = findings.iter().filter(|finding| finding.allowed.is_some()).count();
    if allowed > 0 {
        text.push_str(&format!("; {allowed} allowed by comments"));
    }
    text
}

fn many(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}
