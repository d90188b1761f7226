//! From a program to findings.

use super::pool::deeply;
use super::widen::Work;
use super::{Audit, Demand, Options, Project, Stats, Step};
use crate::config::defaults;
use crate::deploy::{Deployment, Facts};
use crate::flow::{self, Analysis, Counted};
use crate::knowledge::Knowledge;
use crate::program::{Program, Unit};
use crate::rules;
use crate::source::{FileError, FileId, Sources};

/// What every project of a run is judged by.
pub(super) struct Judge<'a> {
    pub(super) sources: &'a Sources,
    pub(super) knowledge: &'a Knowledge,
    pub(super) options: &'a Options,
    pub(super) work: &'a Work,
}

impl Judge<'_> {
    /// Links, interprets and judges one project, and adds what came of it.
    pub(super) fn project(&self, units: Vec<Unit>, facts: Vec<Facts>, audit: &mut Audit) {
        let first = units.first().map(|unit| unit.file);
        let result = deeply(|| {
            let mut stats = Stats::default();
            let (program, analysis) = stats.time(Step::Interpret, || {
                let program = Program::link(units);
                let analysis = self.analyze(&program);
                (program, analysis)
            });
            let (deployment, findings) = stats.time(Step::Judge, || {
                let pages = super::deploying::pages(self.sources, &analysis, (&program, self.knowledge), &facts);
                let deployment = Deployment::new(facts, pages);
                let findings = self.findings(&program, &analysis, &deployment);
                (deployment, findings)
            });
            (Project { program, analysis, deployment }, findings, stats)
        });
        match result {
            Ok((project, findings, stats)) => {
                audit.stats.functions += project.program.functions.len();
                audit.stats.operations += project.program.size();
                stats.times.into_iter().for_each(|(step, took)| audit.stats.add(step, took));
                count(&project.analysis, audit);
                let limits = project.analysis.limits.iter().chain(&project.deployment.facts.limits);
                audit.limits.extend(limits.cloned());
                audit.findings.extend(findings);
                audit.projects.push(project);
            }
            Err(message) => {
                let path = first.map_or(".", |file| self.sources.path(file)).to_owned();
                audit.errors.push(FileError { path, message });
                audit.projects.push(Project::default());
            }
        }
    }

    fn analyze(&self, program: &Program) -> Analysis {
        let options = flow::Options {
            approved: self.options.approved.clone(),
            rules: self.options.counts.iter().map(|demand| self.rule(demand)).collect(),
            soft: soft_words(),
            count_soft_404: self.options.count_soft_404,
            ..flow::Options::default()
        };
        flow::analyze(program, self.knowledge, &options)
    }

    fn rule(&self, demand: &Demand) -> flow::CountRule {
        let counter = self.options.approved.iter().position(|known| *known == demand.counter);
        let files = demand.files.as_ref().map(|files| {
            let inside = self.sources.ids().filter(|id| files.holds(self.sources.path(*id)));
            inside.collect()
        });
        flow::CountRule {
            counters: counter.and_then(|at| u8::try_from(at).ok()).into_iter().collect(),
            status: demand.status,
            files,
            exception: demand.exception.clone(),
        }
    }

    fn findings(
        &self,
        program: &Program,
        analysis: &Analysis,
        deployment: &Deployment,
    ) -> Vec<crate::finding::Finding> {
        rules::check(&rules::Context {
            program,
            analysis,
            deployment,
            scrape: &self.options.scrape,
            sources: self.sources,
            levels: &self.options.levels,
            count_soft_404: self.options.count_soft_404,
            count_framework_404: self.options.count_framework_404,
            approved: &self.options.approved,
            is_judged: &|file: FileId| self.options.parse_all || self.work.is_candidate(file),
        })
    }
}

/// How bodies say that something was not found.
fn soft_words() -> flow::SoftWords {
    let soft = &defaults().count.soft;
    let words = |phrase: &String| phrase.split_whitespace().map(str::to_owned).collect();
    flow::SoftWords {
        number: soft.number.clone(),
        beside: soft.beside.clone(),
        phrases: soft.phrases.iter().map(words).collect(),
        keys: soft.keys.clone(),
    }
}

fn count(analysis: &Analysis, audit: &mut Audit) {
    audit.totals.metrics += analysis.metrics.len();
    audit.totals.not_found_paths += analysis.not_found.len();
    audit.totals.counted_once += analysis.not_found.iter().filter(|path| path.counted == Counted::Once).count();
}
