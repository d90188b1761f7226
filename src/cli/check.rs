//! `overexposed check`.

use super::args::{CheckOptions, Suppressed};
use super::gather::Run;
use super::{mending, output};
use crate::engine::{Audit, Totals};
use crate::error::Failure;
use crate::finding::{Finding, Tier};
use crate::fix::Mended;
use crate::report::{Extras, Report, Summary, folder_uri};

/// Audits, mends, prints the report, and says whether something was found.
pub(super) fn run(options: &CheckOptions) -> Result<bool, Failure> {
    // Said before the work, not after it.
    output::wanted(&options.shown)?;
    let mut run = Run::new(&options.scope)?;
    let mended = mending::audit(options, &mut run)?;
    let failure = run.failure(&mended.audit);
    let found = if options.diff {
        output::print(&mending::diff(&run, &mended))?;
        exceeds(options, &mended.audit.findings)
    } else {
        apply_and_print(options, &run, mended)?
    };
    match failure {
        Some(failure) => Err(failure),
        None => Ok(found),
    }
}

fn apply_and_print(options: &CheckOptions, run: &Run, mended: Mended) -> Result<bool, Failure> {
    if (options.fix || options.unsafe_fixes) && mending::is_standard_input(options) {
        // Editors pipe a buffer through: what comes out is the buffer.
        output::print(mending::mended_input(run))?;
        return Ok(exceeds(options, &mended.audit.findings));
    }
    mending::write(run, &mended, &options.scope.paths)?;
    if !options.shown.quiet {
        output::error(&mending::note(&mended));
    }
    print(options, run, mended.audit)
}

fn print(options: &CheckOptions, run: &Run, mut audit: Audit) -> Result<bool, Failure> {
    audit.findings.retain(|finding| options.pedantic || finding.tier == Tier::Default);
    let links = output::has_links().then(|| folder_uri(&run.working));
    let extras = Extras {
        show_allowed: options.shown.sarif_suppressed == Suppressed::Mark,
        links: links.as_deref(),
        ..Extras::default()
    };
    let report = Report {
        sources: &run.sources,
        findings: &audit.findings,
        errors: &audit.errors,
        limits: &audit.limits,
        summary: summary(audit.totals).with_findings(&audit.findings),
        extras,
    };
    output::deliver(&options.shown, &report)?;
    Ok(exceeds(options, &audit.findings))
}

/// Whether a finding that is reported and not allowed makes the exit code 1.
fn exceeds(options: &CheckOptions, findings: &[Finding]) -> bool {
    let reported = |finding: &&Finding| options.pedantic || finding.tier == Tier::Default;
    let counted = findings.iter().filter(reported).filter(|finding| finding.allowed.is_none());
    counted.into_iter().any(|finding| options.fail_on.is_met_by(finding.severity))
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
