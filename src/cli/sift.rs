//! Which of the findings are reported? Those that are new, where somebody looks, and sure enough.

use std::fs;
use std::path::{Path, PathBuf};

use super::args::{CheckOptions, PastOptions};
use super::changes::Changes;
use super::gather::Run;
use crate::baseline::Baseline;
use crate::config::FailOn;
use crate::error::Failure;
use crate::finding::{Confidence, Finding, Tier};
use crate::report::{Known, Places};
use crate::source::Sources;

/// The baseline that is written where none is named.
const USUAL: &str = "overexposed-baseline.json";

/// What decides, read before the work begins.
pub(super) struct Sieve {
    pedantic: bool,
    least: Confidence,
    fail_on: FailOn,
    baseline: Option<Baseline>,
    changes: Option<Changes>,
}

impl Sieve {
    pub(super) fn new(options: &CheckOptions, run: &Run) -> Result<Self, Failure> {
        let past = &options.past;
        let file = baseline_file(past, run);
        Ok(Self {
            pedantic: options.pedantic || run.config.pedantic.unwrap_or(false),
            least: options.confidence.or(run.config.confidence).unwrap_or(Confidence::Low),
            fail_on: options.fail_on.or(run.config.fail_on).unwrap_or(FailOn::Warning),
            baseline: file.filter(|_| !past.write_baseline).map(|file| read(&file)).transpose()?,
            changes: match &past.diff_base {
                Some(revision) => Some(Changes::since(revision, &run.working)?),
                None if past.changed_only => Some(Changes::uncommitted(&run.working)?),
                None => None,
            },
        })
    }

    /// Leaves the findings that are reported; says what the baseline did.
    pub(super) fn sift(&self, run: &Run, findings: &mut Vec<Finding>) -> Option<Known> {
        findings.retain(|finding| (self.pedantic || finding.tier == Tier::Default) && finding.confidence >= self.least);
        let known = self
            .baseline
            .as_ref()
            .map(|baseline| baseline.apply(findings, &run.sources, &|rule, path| self.ran(run, rule, path)));
        if let Some(changes) = &self.changes {
            let files = findings
                .iter()
                .flat_map(|finding| finding.flow.iter().map(|step| step.at.file).chain([finding.at.file]));
            let places = Places::new(&run.sources, files);
            findings.retain(|finding| changes.touch(finding, &run.sources, &places));
        }
        known
    }

    /// Whether a finding of this rule in this file would have been seen. A file that is gone has none.
    fn ran(&self, run: &Run, rule: &str, path: &str) -> bool {
        let wanted = crate::rules::by_name(rule).is_none_or(|rule| self.pedantic || rule.tier == Tier::Default);
        let seen = is_audited(&run.sources, path) || !run.working.join(path).exists();
        wanted && seen && run.options.levels.runs_in(rule, path)
    }

    /// Whether a finding that is reported and not allowed makes the exit code 1.
    pub(super) fn exceeds(&self, findings: &[Finding]) -> bool {
        let counted = findings.iter().filter(|finding| finding.allowed.is_none());
        counted.into_iter().any(|finding| self.fail_on.is_met_by(finding.severity))
    }
}

fn is_audited(sources: &Sources, path: &str) -> bool {
    sources.files.binary_search_by(|file| file.path.as_str().cmp(path)).is_ok()
}

fn baseline_file(past: &PastOptions, run: &Run) -> Option<PathBuf> {
    let configured = run.config.baseline.as_ref().map(|file| run.folder.join(file));
    past.baseline.clone().or(configured)
}

fn read(file: &Path) -> Result<Baseline, Failure> {
    let wrong = |message: String, help: &str| Failure::Baseline {
        path: file.display().to_string(),
        message,
        help: help.to_owned(),
    };
    let write = "write it with --write-baseline";
    let text = fs::read_to_string(file).map_err(|cause| wrong(format!("cannot read this baseline: {cause}"), write))?;
    Baseline::read(&text).map_err(|message| wrong(message, write))
}

/// Writes what was found; says so.
pub(super) fn write(past: &PastOptions, run: &Run, findings: &[Finding]) -> Result<String, Failure> {
    let file = baseline_file(past, run).unwrap_or_else(|| PathBuf::from(USUAL));
    let baseline = Baseline::of(findings, &run.sources);
    let cannot = |cause| Failure::Io { what: format!("cannot write `{}`", file.display()), cause };
    fs::write(&file, baseline.to_text()).map_err(cannot)?;
    let count = if baseline.len() == 1 { "1 finding".to_owned() } else { format!("{} findings", baseline.len()) };
    Ok(format!("Wrote {count} to {}\n", file.display()))
}
