//! Grades one submission, whatever it is.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;

use super::base::{Base, Comparison};
use super::criteria;
use super::deployment::Deployment;
use super::evidence::{Evidence, matches};
use super::intake::{self, Contents, Found};
use super::marks::{Code, Graded, Mark, Outcome, Problem, rounded};
use super::project::{Candidate, Project};
use super::rubric::Rubric;
use crate::engine::{self, Audit, Layout, Options, Totals};
use crate::finding::Finding;
use crate::knowledge::Knowledge;
use crate::report::{self, Extras, Report, Summary};
use crate::source::FileId;

/// Longer files are not shown.
const MAX_SHOWN: usize = 256 << 10;
/// Files of one submission that are shown.
const MAX_FILES: usize = 12;

/// What all submissions are judged by.
pub(super) struct Judge<'a> {
    pub(super) rubric: &'a Rubric,
    pub(super) knowledge: &'a Knowledge,
    pub(super) options: &'a Options,
    pub(super) base: Option<&'a Base>,
    pub(super) working: &'a std::path::Path,
}

/// A submission with its marks, and a number that tells it from others without its name.
pub(super) struct Result {
    pub(super) graded: Graded,
    pub(super) digest: u64,
}

impl Judge<'_> {
    /// Grades; whatever goes wrong is a flag of the result.
    pub(super) fn grade(&self, found: &Found) -> Result {
        // Nothing that was changed inside is used after a panic.
        catch_unwind(AssertUnwindSafe(|| self.guarded(found))).unwrap_or_else(|_| self.failed(found))
    }

    /// A mistake of ours: nothing is judged, everything is flagged.
    fn failed(&self, found: &Found) -> Result {
        let marks = self.rubric.criteria.iter().map(|criterion| Mark {
            id: criterion.id.get_ref().clone(),
            section: criterion.section.clone(),
            title: criterion.title.clone(),
            points: 0.0,
            out_of: criterion.points,
            outcome: Outcome::Unjudged,
            note: String::new(),
            reasons: Vec::new(),
            review: None,
        });
        let mut graded = self.empty(found);
        graded.marks = marks.collect();
        graded.flags.push("internal error: nothing could be judged; please report it with this submission".to_owned());
        Result { graded, digest: 0 }
    }

    fn empty(&self, found: &Found) -> Graded {
        Graded {
            submission: found.key.clone(),
            students: found.students.clone(),
            points: 0.0,
            out_of: self.rubric.out_of(),
            earned: 0.0,
            marks: Vec::new(),
            adjustments: Vec::new(),
            flags: Vec::new(),
            unchanged: None,
            changes: Vec::new(),
            copies: Vec::new(),
            earlier: found.earlier.clone(),
            late: found.late,
            problems: Vec::new(),
            findings: Vec::new(),
            limits: Vec::new(),
            summary: Summary::default(),
            code: Vec::new(),
        }
    }

    fn guarded(&self, found: &Found) -> Result {
        let mut contents = intake::read(found);
        let mut project = Project::new(&mut contents, &found.prefix, self.rubric);
        let mut layout = Layout::new(&project.sources, &project.roots, &[], self.working);
        layout.know(self.knowledge);
        let candidates = project.candidates(&layout, self.rubric);
        project.deploy_into(candidates.first().map_or(0, |best| best.project));
        let audit = engine::audit(&mut project.sources, &layout, self.knowledge, self.options);
        let anchor = candidates.first().and_then(|one| project.sources.path(one.file).strip_prefix(&found.prefix));
        let comparison = self.base.map(|base| base.compare(&contents, anchor));
        let one =
            One { judge: self, found, contents: &contents, project: &project, audit: &audit, candidates: &candidates };
        let (marks, flags) = one.marks();
        let mut graded = self.empty(found);
        graded.flags = one.flags(comparison.as_ref());
        graded.flags.extend(flags);
        graded.earned = rounded(marks.iter().map(|mark| mark.points).sum());
        graded.points = graded.earned;
        graded.code = one.code(&marks, comparison.as_ref());
        graded.marks = marks;
        graded.copies = project.copies(&candidates, &audit.findings);
        graded.problems = one.problems();
        one.add_report(&mut graded);
        if let Some(comparison) = comparison {
            graded.unchanged = Some(comparison.is_unchanged());
            graded.changes = comparison.changes;
        }
        Result { graded, digest: digest(found, &contents) }
    }
}

fn digest(found: &Found, contents: &Contents) -> u64 {
    let files = contents.files.iter().map(|file| {
        let sum = file.bytes.iter().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)));
        (file.path.clone(), sum)
    });
    super::anonymous::digest(found, files)
}

/// One submission after the audit.
struct One<'a> {
    judge: &'a Judge<'a>,
    found: &'a Found,
    contents: &'a Contents,
    project: &'a Project,
    audit: &'a Audit,
    candidates: &'a [Candidate],
}

impl One<'_> {
    /// The project that is graded.
    fn graded(&self) -> Option<usize> {
        match self.candidates.first() {
            Some(best) => Some(best.project),
            None if self.judge.rubric.file.is_none() && !self.project.sources.files.is_empty() => Some(0),
            None => None,
        }
    }

    fn is_graded(&self, finding: &&Finding) -> bool {
        let project = self.project.sources.get(finding.at.file).map(|file| file.project);
        self.graded().is_some() && project == self.graded()
    }

    fn marks(&self) -> (Vec<Mark>, Vec<String>) {
        let rubric = self.judge.rubric;
        let base = self.judge.base;
        let by_name = |path: &str| {
            let name = path.rsplit('/').next().unwrap_or_default();
            rubric.handout.iter().any(|pattern| matches(pattern, name))
        };
        let by_content = |path: &str| {
            let file = self.contents.files.iter().find(|file| file.path == path);
            file.is_some_and(|file| base.is_some_and(|base| base.has_file(&file.bytes)))
        };
        let is_handout = |path: &str| by_name(path) || by_content(path);
        let wanted: Vec<String> = rubric.criteria.iter().flat_map(|criterion| criterion.targets.clone()).collect();
        let read = self.audit.projects.get(self.graded().unwrap_or(0)).map(|project| &project.deployment);
        let inside = |path: &str| is_handout(path.strip_prefix(&self.found.prefix).unwrap_or(path));
        let deployment =
            read.map(|read| Deployment::new(read, &self.project.sources, &wanted, &inside)).unwrap_or_default();
        let evidence = Evidence {
            rubric,
            sources: &self.project.sources,
            analysis: self.graded().and_then(|at| self.audit.projects.get(at)).map(|project| &project.analysis),
            program: self.graded().and_then(|at| self.audit.projects.get(at)).map(|project| &project.program),
            findings: self.audit.findings.iter().filter(|finding| self.is_graded(finding)).collect(),
            deployment: &deployment,
            contents: self.contents,
            prefix: &self.found.prefix,
            is_handout: &is_handout,
            is_handout_line: &|line| base.is_some_and(|base| base.has_line(line)),
        };
        criteria::judge(&evidence)
    }

    /// Why a person has to look, as far as no criterion says so.
    fn flags(&self, comparison: Option<&Comparison>) -> Vec<String> {
        let mut flags = Vec::new();
        if let Some(wanted) = &self.judge.rubric.file
            && self.candidates.is_empty()
        {
            flags.push(format!("no `{wanted}` was found"));
        }
        if comparison.is_some_and(Comparison::is_unchanged) {
            flags.push("unchanged: this is what was handed out".to_owned());
        }
        let syntax = self.audit.findings.iter().filter(|finding| finding.rule == "syntax-error");
        for finding in syntax.filter(|finding| self.is_graded(finding)) {
            let place = super::evidence::place(&self.project.sources, finding.at);
            flags
                .push(format!("{}:{}: a syntax error; the rest was judged as far as possible", place.path, place.line));
        }
        let run = self.candidates.iter().filter(|one| one.run_by.is_some()).count();
        if run > 1 {
            flags.push(format!("{run} copies are run, each by its own project; the first is graded"));
        } else if run == 0 && self.candidates.len() > 1 {
            flags.push(format!("{} copies, and none is imported; the first is graded", self.candidates.len()));
        }
        if !self.contents.problems.is_empty() {
            flags.push(match self.contents.problems.len() {
                1 => "1 file could not be taken".to_owned(),
                many => format!("{many} files could not be taken"),
            });
        }
        if !self.audit.errors.is_empty() || !self.project.errors.is_empty() {
            flags.push("a source file could not be audited".to_owned());
        }
        if !self.audit.limits.is_empty() {
            flags.push("the analysis was cut short".to_owned());
        }
        flags
    }

    fn problems(&self) -> Vec<Problem> {
        let inside = self
            .contents
            .problems
            .iter()
            .map(|one| Problem { path: format!("{}{}", self.found.prefix, one.path), message: one.message.clone() });
        let code = self.project.errors.iter().chain(&self.audit.errors);
        let code = code.map(|one| Problem { path: one.path.clone(), message: one.message.clone() });
        let mut all: Vec<Problem> = inside.chain(code).collect();
        all.sort();
        all.dedup();
        all
    }

    /// Findings, limits and counts, in the form of `check`.
    fn add_report(&self, graded: &mut Graded) {
        let Totals { files, parsed, metrics, not_found_paths, counted_once } = self.audit.totals;
        let summary = Summary { files, parsed, metrics, not_found_paths, counted_once, ..Summary::default() };
        graded.summary = summary.with_findings(&self.audit.findings);
        let report = Report {
            sources: &self.project.sources,
            findings: &self.audit.findings,
            errors: &[],
            limits: &self.audit.limits,
            summary: graded.summary,
            extras: Extras::default(),
        };
        let (findings, limits) = report::values(&report);
        let counted: Vec<bool> = self.audit.findings.iter().map(|finding| self.is_graded(&finding)).collect();
        graded.findings = findings;
        graded.limits = limits;
        for (value, graded_too) in graded.findings.iter_mut().zip(counted) {
            value["submission"] = Value::from(self.found.key.as_str());
            value["graded"] = Value::from(graded_too);
        }
        for value in &mut graded.limits {
            value["submission"] = Value::from(self.found.key.as_str());
        }
    }

    /// Files that are shown: the graded one, and all that marks and findings name.
    fn code(&self, marks: &[Mark], comparison: Option<&Comparison>) -> Vec<Code> {
        let mut paths: Vec<String> = Vec::new();
        let path = |file: FileId| self.project.sources.path(file).to_owned();
        paths.extend(self.candidates.first().map(|best| path(best.file)));
        paths.extend(
            self.audit.findings.iter().filter(|finding| self.is_graded(finding)).map(|finding| path(finding.at.file)),
        );
        paths.extend(
            marks
                .iter()
                .flat_map(|mark| &mark.reasons)
                .flat_map(|reason| &reason.places)
                .map(|place| place.path.clone()),
        );
        let mut seen = BTreeSet::new();
        paths.retain(|path| seen.insert(path.clone()));
        let mut shown = Vec::new();
        for path in paths {
            let Some(inside) = path.strip_prefix(&self.found.prefix) else { continue };
            let Some(file) = self.contents.files.iter().find(|file| file.path == inside) else { continue };
            if shown.len() < MAX_FILES && file.bytes.len() <= MAX_SHOWN {
                let changed =
                    comparison.and_then(|comparison| comparison.lines.get(inside)).cloned().unwrap_or_default();
                let text = self.text(&path).unwrap_or_else(|| String::from_utf8_lossy(&file.bytes).into_owned());
                shown.push(Code { path, text, changed });
            }
        }
        shown
    }

    fn text(&self, path: &str) -> Option<String> {
        let id = self.project.sources.ids().find(|id| self.project.sources.path(*id) == path)?;
        Some(self.project.sources.text(id).to_owned())
    }
}
