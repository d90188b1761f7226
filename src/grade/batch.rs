//! Grades a whole folder, in parallel, the same for any number of threads.

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;

use super::adjust::Adjustments;
use super::anonymous::Veil;
use super::base::Base;
use super::intake::{self, Found};
use super::marks::{Graded, Problem, rounded};
use super::regrade::{Changed, Earlier};
use super::rubric::Rubric;
use super::single::{Judge, Result as Single};
use crate::engine::{self, Options};
use crate::error::Failure;
use crate::knowledge::Knowledge;
use crate::source::display_path;

/// Told after each submission: how many are done, of how many.
pub type Progress<'p> = &'p (dyn Fn(usize, usize) + Sync);

/// What is graded, and by what.
pub struct Request<'a> {
    /// The folder with the submissions.
    pub folder: &'a Path,
    /// What earns points.
    pub rubric: &'a Rubric,
    /// What calls and names mean.
    pub knowledge: &'a Knowledge,
    /// Full names of the counters where the rubric names none.
    pub approved: Vec<String>,
    /// The hand-out.
    pub base: Option<&'a Base>,
    /// Points by hand.
    pub adjustments: Option<&'a Adjustments>,
    /// An earlier run.
    pub earlier: Option<&'a Earlier>,
    /// Keep names and numbers of students out.
    pub anonymous: bool,
    /// Threads; 0 is one per processor.
    pub threads: usize,
}

/// All marks.
#[derive(Debug)]
pub struct Batch {
    /// By key.
    pub submissions: Vec<Graded>,
    /// What in the folder is no submission.
    pub left_out: Vec<Problem>,
    /// What is worth telling beside that.
    pub notes: Vec<String>,
    /// What changed since the earlier run; `None` without one.
    pub changed: Option<Vec<Changed>>,
}

/// Grades everything.
///
/// # Errors
/// When the folder cannot be read, or holds no submission.
pub fn grade(request: &Request<'_>, progress: Progress<'_>) -> Result<Batch, Failure> {
    let unable = |what: String| move |cause| Failure::Io { what, cause };
    let working = std::env::current_dir().map_err(unable("cannot tell the working directory".to_owned()))?;
    let shown = display_path(request.folder, &working);
    let prefix = if shown == "." { String::new() } else { format!("{}/", shown.trim_end_matches('/')) };
    let found = intake::find(request.folder, &prefix)
        .map_err(unable(format!("cannot read the submissions in `{}`", request.folder.display())))?;
    if found.submissions.is_empty() {
        let folder = request.folder.display();
        return Err(Failure::Arguments(format!(
            "`{folder}` holds no submissions: each sub-folder, archive (.zip, .tar.gz) or bare repository in it is one"
        )));
    }
    let rubric = request.rubric;
    let options = Options {
        approved: if rubric.counters.is_empty() { request.approved.clone() } else { rubric.counters.clone() },
        count_soft_404: rubric.count_soft_404,
        scrape: rubric.criteria.iter().flat_map(|criterion| criterion.targets.clone()).collect(),
        ..Options::default()
    };
    let judge =
        Judge { rubric, knowledge: request.knowledge, options: &options, base: request.base, working: &working };
    let done = std::sync::atomic::AtomicUsize::new(0);
    let count = found.submissions.len();
    let work = || -> Vec<Single> {
        let each = found.submissions.par_iter().with_max_len(1);
        each.map(|one| {
            let result = judge.grade(one);
            progress(done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1, count);
            result
        })
        .collect()
    };
    let results = engine::with_threads(request.threads, work).map_err(Failure::Internal)?;
    let left_out =
        found.left_out.into_iter().map(|one| Problem { path: format!("{prefix}{}", one.path), message: one.message });
    Ok(finish(request, &found.submissions, results, left_out.collect()))
}

/// What needs all submissions: adjustments, names, what changed.
fn finish(request: &Request<'_>, found: &[Found], results: Vec<Single>, left_out: Vec<Problem>) -> Batch {
    let order = order(&results);
    let mut submissions = Vec::with_capacity(results.len());
    for (at, (found, Single { mut graded, .. })) in found.iter().zip(results).enumerate() {
        adjust(request, found, &mut graded);
        if request.anonymous {
            let name = format!("submission-{:0width$}", order[&at] + 1, width = order.len().to_string().len());
            Veil::new(found).over_all(&mut graded, &found.prefix, &name);
        }
        submissions.push(graded);
    }
    submissions.sort_by(|a, b| a.submission.cmp(&b.submission));
    let mut batch = Batch {
        changed: request.earlier.map(|earlier| earlier.compare(&submissions)),
        submissions,
        left_out,
        notes: request.adjustments.map(Adjustments::unused).unwrap_or_default(),
    };
    if request.anonymous {
        // Names of files that are nobody's may be somebody's.
        batch.left_out = match batch.left_out.len() {
            0 => Vec::new(),
            many => vec![Problem { path: String::new(), message: format!("{many} entries are no submissions") }],
        };
        let unused = batch.notes.len();
        batch.notes =
            if unused == 0 { Vec::new() } else { vec![format!("{unused} adjustments are about no submission")] };
    }
    batch
}

/// The place of each submission in an order that says nothing about names.
fn order(results: &[Single]) -> BTreeMap<usize, usize> {
    let mut all: Vec<(u64, usize)> = results.iter().enumerate().map(|(at, one)| (one.digest, at)).collect();
    all.sort_unstable();
    all.into_iter().enumerate().map(|(place, (_, at))| (at, place)).collect()
}

fn adjust(request: &Request<'_>, found: &Found, graded: &mut Graded) {
    if let Some(adjustments) = request.adjustments {
        graded.adjustments = adjustments.of(found, graded.earned, &request.rubric.late);
    }
    let sum: f64 = graded.adjustments.iter().map(|one| one.points).sum();
    graded.points = rounded((graded.earned + sum).max(0.0));
    if graded.late {
        graded.flags.push("handed in late".to_owned());
    }
}
