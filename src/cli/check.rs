//! `overexposed check`.

use super::args::CheckOptions;
use super::gather::Run;
use super::output;
use crate::engine::{Audit, Totals};
use crate::error::Failure;
use crate::finding::Tier;
use crate::report::{self, Report, Summary};

/// Audits, prints the report, and says whether something was found.
pub(super) fn run(options: &CheckOptions) -> Result<bool, Failure> {
    let mut run = Run::new(&options.scope)?;
    let audit = run.audit()?;
    let failure = run.failure(&audit);
    let found = print(options, &run, audit)?;
    match failure {
        Some(failure) => Err(failure),
        None => Ok(found),
    }
}

fn print(options: &CheckOptions, run: &Run, mut audit: Audit) -> Result<bool, Failure> {
    audit.findings.retain(|finding| options.pedantic || finding.tier == Tier::Default);
    let report = Report {
        sources: &run.sources,
        findings: &audit.findings,
        errors: &audit.errors,
        limits: &audit.limits,
        summary: summary(audit.totals).with_findings(&audit.findings),
    };
    output::print(&report::render(&report, options.output_format.into(), output::style()))?;
    let counts = |finding: &&crate::finding::Finding| finding.allowed.is_none();
    Ok(audit.findings.iter().filter(counts).any(|finding| options.fail_on.is_met_by(finding.severity)))
}

fn summary(totals: Totals) -> Summary {
    Summary {
        files: totals.files,
        parsed: totals.parsed,
        metrics: totals.metrics,
        not_found_paths: totals.not_found_paths,
        counted_once: totals.counted_once,
        ..Summary::default()
    }
}
