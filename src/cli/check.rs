//! `overexposed check`.

use std::time::Instant;

use super::args::{CheckOptions, Format, Suppressed};
use super::gather::Run;
use super::progress::Bar;
use super::sift::{self, Sieve};
use super::stats::table;
use super::{allowing, inventory, mending, output};
use crate::engine::{Audit, Step, Totals};
use crate::error::Failure;
use crate::fix::Mended;
use crate::report::{Extras, Known, Report, Summary, folder_uri};

/// Audits, mends, prints the report, and says whether something was found.
pub(super) fn run(options: &CheckOptions) -> Result<bool, Failure> {
    // Said before the work, not after it.
    output::wanted(&options.shown)?;
    let mut run = Run::new(&options.scope)?;
    let sieve = Sieve::new(options, &run)?;
    let bar = Bar::start(&run.options.progress, options.shown.quiet);
    let mut mended = mending::audit(options, &mut run)?;
    drop(bar);
    let failure = run.failure(&mended.audit);
    let mut stats = mended.audit.stats.clone();
    let (totals, count) = (mended.audit.totals, mended.audit.findings.len());
    let start = Instant::now();
    let known = sieve.sift(&run, &mut mended.audit.findings);
    let found = if options.past.write_baseline {
        tell(options, &sift::write(&options.past, &run, &mended.audit.findings)?);
        false
    } else if options.diff {
        output::print(&mending::diff(&run, &mended))?;
        sieve.exceeds(&mended.audit.findings)
    } else if let Some(reason) = &options.past.add_allows {
        tell(options, &allowing::add(&mut run, &mended.audit, reason, &options.scope.paths)?);
        false
    } else {
        apply_and_print(options, &run, mended, known.as_ref(), &sieve)?
    };
    stats.add(Step::Report, start.elapsed());
    if options.stats {
        output::error(&table(&stats, totals, run.sources.files.len(), count));
    }
    match failure {
        Some(failure) => Err(failure),
        None => Ok(found),
    }
}

/// Says what was done, to those who want to hear it.
fn tell(options: &CheckOptions, note: &str) {
    if !options.shown.quiet {
        output::error(note);
    }
}

fn apply_and_print(
    options: &CheckOptions,
    run: &Run,
    mended: Mended,
    known: Option<&Known>,
    sieve: &Sieve,
) -> Result<bool, Failure> {
    if (options.fix || options.unsafe_fixes) && mending::is_standard_input(options) {
        // Editors pipe a buffer through: what comes out is the buffer.
        output::print(mending::mended_input(run))?;
        return Ok(sieve.exceeds(&mended.audit.findings));
    }
    mending::write(run, &mended, &options.scope.paths)?;
    tell(options, &mending::note(&mended));
    print(options, run, &mended.audit, known)?;
    Ok(sieve.exceeds(&mended.audit.findings))
}

fn print(options: &CheckOptions, run: &Run, audit: &Audit, known: Option<&Known>) -> Result<(), Failure> {
    let links = output::has_links().then(|| folder_uri(&run.working));
    let is_page = output::wanted(&options.shown)?.iter().any(|one| one.format == Format::Html);
    let inventory = is_page.then(|| inventory::collect(audit));
    let report = Report {
        sources: &run.sources,
        findings: &audit.findings,
        errors: &audit.errors,
        limits: &audit.limits,
        summary: summary(audit.totals).with_findings(&audit.findings),
        extras: Extras {
            inventory: inventory.as_ref(),
            show_allowed: options.shown.sarif_suppressed == Suppressed::Mark,
            links: links.as_deref(),
            baseline: known,
            own: None,
        },
    };
    output::deliver(&options.shown, &report)
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
