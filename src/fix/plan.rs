//! Gives each finding its fix, and finds out whether the fix is safe.
//!
//! What a fix would do and whether the programs are equal but for the metrics is found out for each by itself
//! (`planner.rs`). What an audit would say is asked for many together (`joint.rs`): an audit of a large tree is dear.

use std::collections::BTreeMap;

use super::candidate::Candidate;
use super::choose::Choice;
use super::effects::Effects;
use super::joint::{Joint, Part};
use super::known::KnownEffects;
use super::planner::Planner;
use super::trial::{Trial, Tried, keys, texts};
use crate::engine::{Audit, Layout, Options};
use crate::finding::{Applicability, Finding, Fix};
use crate::knowledge::Knowledge;
use crate::program::Program;
use crate::source::{FileId, Sources, is_notebook};

/// Deep trees are walked on a stack of this size.
const STACK: usize = 512 << 20;

/// Operations that may be looked at for all fixes of a program together.
const MAX_WORK: usize = 6_000_000;
/// Programs of more operations get no fixes.
const MAX_PROGRAM: usize = 400_000;

/// What a run was made with, to make it again with other texts.
#[derive(Clone, Copy)]
pub struct Setup<'a> {
    /// The files, with the texts of all that were parsed.
    pub sources: &'a Sources,
    /// What they are called as modules.
    pub layout: &'a Layout,
    /// What is known of libraries.
    pub knowledge: &'a Knowledge,
    /// What decides the result.
    pub options: &'a Options,
    /// Fixes may insert increments and the counter itself.
    pub add_counter: bool,
    /// Other ways to mend a finding are looked for, too.
    pub alternatives: bool,
}

/// Gives the findings of an audit their fixes.
pub fn plan(setup: &Setup<'_>, audit: &mut Audit) {
    drop(plan_some(setup, audit, false));
}

/// The same; where only the `sound` ones are wanted, no others are tried. Gives the last audit that was made of all the
/// changed texts together, for whoever applies the same fixes.
pub(super) fn plan_some(setup: &Setup<'_>, audit: &mut Audit, sound: bool) -> Option<Tried> {
    let wanted = audit.findings.iter().any(|finding| finding.allowed.is_none() && is_mendable(finding, setup));
    if !wanted {
        return None;
    }
    own_up(setup, audit);
    let (fixes, tried) = std::thread::scope(|scope| {
        let audit = &*audit;
        let work = || fixes(setup, audit, sound);
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        // A panic here costs the fixes, not the findings.
        thread.ok().and_then(|thread| thread.join().ok()).unwrap_or_default()
    });
    for (at, fix) in fixes {
        if let Some(finding) = audit.findings.get_mut(at) {
            finding.fix = Some(fix);
        }
    }
    tried
}

/// For how many findings of a program fixes are planned: each takes the program apart and audits it again, and no tree
/// may take for ever. Those behind get theirs when the first are fixed, or when a smaller folder is asked about.
fn at_most(program: &Program) -> usize {
    let size = program.size();
    if size > MAX_PROGRAM { 0 } else { MAX_WORK / size.max(1) + 1 }
}

/// Says where fixes were left out, at the first finding that would have got one.
fn own_up(setup: &Setup<'_>, audit: &mut Audit) {
    let mut left_out = Vec::new();
    for project in audit.projects.iter().filter(|project| project.program.size() > MAX_PROGRAM) {
        let first = audit
            .findings
            .iter()
            .find(|finding| project.program.statements.contains_key(&finding.at.file) && is_mendable(finding, setup));
        let message = "no fixes are planned for programs as large as this one: check a smaller folder to get them";
        left_out.extend(first.map(|finding| (finding.at, message.to_owned())));
    }
    audit.limits.extend(left_out);
}

fn is_mendable(finding: &Finding, setup: &Setup<'_>) -> bool {
    // The text of a notebook is not the file: cells are for their author to edit.
    if is_notebook(setup.sources.path(finding.at.file)) {
        return false;
    }
    match finding.rule {
        "sensitive-metric-name"
        | "sensitive-label-name"
        | "sensitive-label-value"
        | "sensitive-observation"
        | "unbounded-label-value" => true,
        "uncounted-404" | "double-counted-404" | "missing-404-counter" => setup.add_counter,
        _ => false,
    }
}

fn fixes(setup: &Setup<'_>, audit: &Audit, sound: bool) -> (Vec<(usize, Fix)>, Option<Tried>) {
    let effects = KnownEffects::new(setup.knowledge);
    let effects: &dyn Effects = &effects;
    let files: Vec<_> = audit.projects.iter().map(|project| texts(setup, project)).collect();
    let all = files.iter().flatten().map(|(id, text)| (*id, *text)).collect();
    let planners: Vec<Planner<'_>> = audit
        .projects
        .iter()
        .zip(&files)
        .map(|(project, files)| Planner::new(*setup, project, effects, files))
        .collect();
    let mut cases = Vec::new();
    for (planner, project) in planners.iter().zip(&audit.projects) {
        let own = |finding: &Finding| project.program.statements.contains_key(&finding.at.file);
        let mendable = audit
            .findings
            .iter()
            .enumerate()
            .filter(|(_, finding)| own(finding) && finding.allowed.is_none() && is_mendable(finding, setup));
        let first = mendable.take(at_most(&project.program));
        cases.extend(first.map(|(at, finding)| Case::new(at, finding, planner, setup.alternatives)));
    }
    let trial = Trial { setup, files: &all, before: keys(&audit.findings) };
    let mut joint = Joint { trial, first: None };
    let mut known = BTreeMap::new();
    // A case has a handful of steps.
    while cases.iter().any(|case| !case.is_done()) {
        round(&mut cases, &mut joint, &mut known, sound);
    }
    let found = cases.into_iter().filter_map(|case| Some((case.at, case.best()?))).collect();
    (found, joint.first)
}

/// Tries the next candidate of each case that is still open: the sound ones together, then the others.
fn round(cases: &mut [Case<'_>], joint: &mut Joint<'_>, known: &mut Known, sound: bool) {
    let mut pending: Vec<(usize, Candidate)> = Vec::new();
    for (number, case) in cases.iter_mut().enumerate() {
        pending.extend(case.next(known).map(|candidate| (number, candidate)));
    }
    let (good, other): (Vec<_>, Vec<_>) = pending.into_iter().partition(|(_, candidate)| candidate.is_sound());
    for group in [good, if sound { Vec::new() } else { other }] {
        let parts: Vec<Part<'_>> =
            group.iter().map(|(number, candidate)| Part { finding: cases[*number].finding, candidate }).collect();
        let verdicts = joint.judge(&parts);
        for ((number, candidate), verdict) in group.into_iter().zip(verdicts) {
            if let Some(case) = cases.get_mut(number) {
                case.hear(candidate, verdict);
            }
        }
    }
}

/// What cuts would do: many findings are about one metric.
type Known = BTreeMap<Step, Option<Candidate>>;

/// How a finding may be mended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// Without the calls, and without the statements that only served them.
    Tidy(Choice),
    /// Without the calls.
    Bare(Choice),
    /// Without the label.
    Dropped,
    /// With a constant in the label.
    Bounded,
    /// With the increment, or the counter, that is missing.
    Counted,
}

/// A finding and what was tried to mend it.
struct Case<'a> {
    /// Which of the findings it is.
    at: usize,
    finding: &'a Finding,
    planner: &'a Planner<'a>,
    /// More than one way is wanted.
    all: bool,
    /// What is still to be tried, the last one first.
    steps: Vec<Step>,
    now: Option<Step>,
    /// What was found, the best first.
    fixes: Vec<(Step, Fix)>,
}

fn is_safe(fix: &Fix) -> bool {
    fix.applicability == Applicability::Safe
}

impl<'a> Case<'a> {
    fn new(at: usize, finding: &'a Finding, planner: &'a Planner<'a>, all: bool) -> Self {
        let mut steps = planner.steps(finding);
        steps.reverse();
        Self { at, finding, planner, all, steps, now: None, fixes: Vec::new() }
    }

    fn is_done(&self) -> bool {
        self.steps.is_empty()
    }

    /// The next candidate that is worth an audit; the case is done where there is none. One that is not proved cannot
    /// become safe, so it is audited only where nothing better is known.
    fn next(&mut self, known: &mut Known) -> Option<Candidate> {
        while let Some(step) = self.steps.pop() {
            if !self.is_wanted(&step) {
                continue;
            }
            let Some(candidate) = self.candidate(&step, known) else { continue };
            let is_cut = matches!(step, Step::Tidy(_) | Step::Bare(_));
            if is_cut && !candidate.is_sound() && (!self.fixes.is_empty() || self.is_replaced(&step, known)) {
                continue;
            }
            self.now = Some(step);
            return Some(candidate);
        }
        None
    }

    fn candidate(&self, step: &Step, known: &mut Known) -> Option<Candidate> {
        match step {
            // Many findings are about one metric.
            Step::Tidy(_) | Step::Bare(_) => {
                known.entry(step.clone()).or_insert_with(|| self.planner.candidate(step, self.finding)).clone()
            }
            _ => self.planner.candidate(step, self.finding),
        }
    }

    /// Whether the bare cut, which comes next, stands for a tidy one that is not proved.
    fn is_replaced(&self, step: &Step, known: &mut Known) -> bool {
        let Step::Tidy(choice) = step else { return false };
        let bare = Step::Bare(choice.clone());
        self.steps.last() == Some(&bare) && self.candidate(&bare, known).is_some()
    }

    fn is_wanted(&self, step: &Step) -> bool {
        let safe = self.fixes.iter().any(|(_, fix)| is_safe(fix));
        match step {
            Step::Bare(choice) => {
                let tidy = Step::Tidy(choice.clone());
                let done = self.fixes.iter().any(|(known, fix)| *known == tidy && is_safe(fix));
                !done && (self.all || !safe)
            }
            Step::Bounded => self.all || self.fixes.is_empty(),
            _ => self.all || !safe,
        }
    }

    /// What the audit said.
    fn hear(&mut self, candidate: Candidate, verdict: Option<Option<&'static str>>) {
        let Some(step) = self.now.take() else { return };
        let Some(new) = verdict else { return };
        if candidate.strict && new.is_some() {
            return;
        }
        let fix = candidate.judged(new);
        if let Step::Bare(choice) = &step {
            // The bare cut stands for the tidy one that was not proved.
            let tidy = Step::Tidy(choice.clone());
            if let Some(old) = self.fixes.iter().position(|(known, _)| *known == tidy) {
                self.fixes[old] = (step, fix);
                return;
            }
        }
        self.fixes.push((step, fix));
    }

    /// The first fix that is safe, else the first; with the others as alternatives.
    fn best(self) -> Option<Fix> {
        let mut fixes: Vec<Fix> = self.fixes.into_iter().map(|(_, fix)| fix).collect();
        let best = fixes.iter().position(is_safe).unwrap_or(0);
        if fixes.is_empty() {
            return None;
        }
        let mut fix = fixes.remove(best);
        if self.all {
            for other in fixes {
                if other.edits != fix.edits && !fix.alternatives.iter().any(|known| known.edits == other.edits) {
                    fix.alternatives.push(other);
                }
            }
        }
        Some(fix)
    }
}

/// The files of a project as the fixes see them.
pub(super) type Files<'a> = BTreeMap<FileId, super::take_out::FileText<'a>>;
