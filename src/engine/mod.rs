//! The pipeline: files to candidates to programs to events to findings, in parallel, the same for any number of threads.
//!
//! Work is handed out per file and collected in file order, so no result depends on which thread was faster.

mod dependants;
mod deploying;
mod gates;
mod guard;
mod judge;
mod layout;
mod leads;
mod load;
mod lower;
mod pool;
mod progress;
mod python_layout;
mod stats;
mod widen;

use crate::config::PathSet;
use crate::deploy::Deployment;
use crate::finding::Finding;
use crate::flow::Analysis;
use crate::knowledge::Knowledge;
use crate::program::{Program, Unit};
use crate::rules;
use crate::source::{FileError, FileId, Location, Sources};
use crate::suppress;

pub use layout::Layout;
pub use lower::{lower, lower_text};
pub use pool::with_threads;
pub use progress::{Progress, Stage};
pub use stats::{Stats, Step};

/// What decides the result besides the files.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Full names of approved counters.
    pub approved: Vec<String>,
    /// What each of them counts; empty: all of them count 404s.
    pub counts: Vec<Demand>,
    /// Bodies that say 404 with another status are 404s for counting.
    pub count_soft_404: bool,
    /// 404s of the framework itself must be counted as well.
    pub count_framework_404: bool,
    /// Parse every file, not only those with a trigger.
    pub parse_all: bool,
    /// Also audit code that only tests run.
    pub include_tests: bool,
    /// Addresses that Prometheus must scrape.
    pub scrape: Vec<String>,
    /// Levels of rules that differ from their own.
    pub levels: rules::Levels,
    /// What holds for allow comments.
    pub allows: suppress::Policy,
    /// Moved as the work goes on.
    pub progress: Progress,
}

/// What a counter counts.
#[derive(Debug, Clone)]
pub struct Demand {
    /// Its name, one of the approved ones.
    pub counter: String,
    /// The status of the answers.
    pub status: u16,
    /// The files in which they are given; none: all.
    pub files: Option<PathSet>,
    /// The class of the exception that leads to them; none: any.
    pub exception: Option<String>,
}

/// One project after the interpreter.
#[derive(Debug, Default)]
pub struct Project {
    /// Its program.
    pub program: Program,
    /// What the interpreter saw.
    pub analysis: Analysis,
    /// What its deployment files come to.
    pub deployment: Deployment,
}

/// What there is to count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Files that were read.
    pub files: usize,
    /// Files that were parsed.
    pub parsed: usize,
    /// Metrics that the program creates.
    pub metrics: usize,
    /// Ways on which a 404 leaves.
    pub not_found_paths: usize,
    /// Those that are counted exactly once.
    pub counted_once: usize,
}

/// The result of a run.
#[derive(Debug, Default)]
pub struct Audit {
    /// One per path that was given.
    pub projects: Vec<Project>,
    /// Findings by path, offset, rule; those that a comment allows are marked.
    pub findings: Vec<Finding>,
    /// Files that could not be audited, by path.
    pub errors: Vec<FileError>,
    /// What the interpreter cut short.
    pub limits: Vec<(Location, String)>,
    /// Counts.
    pub totals: Totals,
    /// What it took.
    pub stats: Stats,
}

/// Audits all files. Those that have a text already are taken as they are, others are read from disk; the texts of all
/// files that were parsed stay in `sources`.
#[must_use]
pub fn audit(sources: &mut Sources, layout: &Layout, knowledge: &Knowledge, options: &Options) -> Audit {
    let mut audit = Audit::default();
    options.progress.begin(Stage::Reading, sources.files.len());
    let mut stats = Stats::default();
    let scan = stats.time(Step::Select, || load::scan(sources, knowledge, options));
    audit.totals.files = scan.read;
    audit.errors = scan.errors;
    let mut work = widen::Work::new(scan.candidates);
    options.progress.begin(Stage::Parsing, work.candidates.len());
    let lower = || lower::lower_all(sources, layout, &work.candidates, &mut audit.errors);
    let mut units = stats.time(Step::Lower, lower);
    if !options.parse_all {
        let widen = || widen::widen(sources, (layout, knowledge), &mut work, &mut units, &mut audit.errors);
        stats.time(Step::Widen, widen);
    }
    audit.totals.parsed = units.len() + scan.deploy.len();
    (stats.selected, stats.widened) = (work.candidates.len(), units.len().saturating_sub(work.candidates.len()));
    stats.bytes = sources.files.iter().filter_map(|file| file.text.as_ref()).map(|text| text.len()).sum();
    let read = || deploying::read_all(sources, &scan.deploy, &options.scrape, &mut audit.errors);
    let facts = stats.time(Step::Deploy, read);
    audit.stats = stats;
    let judge = judge::Judge { sources, knowledge, options, work: &work };
    let parts: Vec<_> = split(sources, units).into_iter().zip(deploying::split(sources, facts)).collect();
    options.progress.begin(Stage::Following, parts.len());
    for (part, facts) in parts {
        judge.project(part, facts, &mut audit);
        options.progress.step();
    }
    // Nothing in a deployment file is a statement of a program: a comment counts for its line and the one below.
    let none = Program::default();
    let programs = audit.projects.iter().map(|project| &project.program);
    let own = programs.flat_map(|program| program.statements.keys().map(move |file| (*file, program)));
    let files: Vec<(FileId, &Program)> = own.chain(scan.deploy.iter().map(|file| (*file, &none))).collect();
    let faults = suppress::apply(sources, &files, &options.levels, options.allows, &mut audit.findings);
    audit.findings.extend(rules::check_allows(faults, &options.levels, sources));
    rules::sort(&mut audit.findings, sources);
    audit.errors.sort();
    audit.errors.dedup();
    audit.stats.limits = audit.limits.len();
    audit
}

/// The units of each path that was given, in file order.
fn split(sources: &Sources, units: Vec<(FileId, Unit)>) -> Vec<Vec<Unit>> {
    let count = sources.files.iter().map(|file| file.project + 1).max().unwrap_or(0);
    let mut parts: Vec<Vec<Unit>> = (0..count).map(|_| Vec::new()).collect();
    for (id, unit) in units {
        if let Some(part) = sources.get(id).and_then(|file| parts.get_mut(file.project)) {
            part.push(unit);
        }
    }
    parts
}
