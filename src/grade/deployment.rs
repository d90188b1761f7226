//! What the deployment files of a submission say about Prometheus.

use std::collections::BTreeSet;

use super::evidence::place;
use super::marks::Place;
use crate::deploy;
use crate::source::{FileId, Location, Sources};

/// How certain a target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// In a configuration that Prometheus can read.
    Structured,
    /// In one that does not parse.
    Broken,
}

/// Facts, each with its line.
#[derive(Debug, Clone, Default)]
pub(super) struct Deployment {
    /// Configurations with scrape jobs.
    pub(super) configs: Vec<(Form, Place)>,
    /// Targets: `host:port`.
    pub(super) targets: Vec<(String, Form, Place)>,
    /// Retired charts and repositories that are used.
    pub(super) retired: Vec<Place>,
}

impl Deployment {
    /// Of what was read; `wanted` are targets that a rubric asks for. What the hand-out says is left out.
    pub(super) fn new(
        read: &deploy::Deployment,
        sources: &Sources,
        wanted: &[String],
        is_handout: &dyn Fn(&str) -> bool,
    ) -> Self {
        let own = |at: &Location| !is_handout(sources.path(at.file));
        let form = |readable: bool| if readable { Form::Structured } else { Form::Broken };
        let unreadable: BTreeSet<FileId> = read.facts.problems.iter().map(|(at, _)| at.file).collect();
        let scraped: BTreeSet<FileId> = read.targets.iter().filter(|one| one.readable).map(|one| one.at.file).collect();
        let with_jobs = read.facts.configurations.iter().filter(|one| !one.jobs.is_empty() && own(&one.at));
        let mut found = Self::default();
        found.configs.extend(with_jobs.map(|one| {
            // Jobs were guessed from a file that does not parse: what they scrape is not known.
            let broken = unreadable.contains(&one.at.file) && !scraped.contains(&one.at.file);
            (form(one.readable && !broken), place(sources, one.at))
        }));
        let monitors = read.facts.monitors.iter().filter(|one| own(&one.at));
        found.configs.extend(monitors.map(|one| (Form::Structured, place(sources, one.at))));
        let targets = read.targets.iter().filter(|one| own(&one.at));
        found.targets.extend(targets.map(|one| (one.address.clone(), form(one.readable), place(sources, one.at))));
        // What discovery finds may be called otherwise.
        let discovered = read.targets.iter().filter(|one| one.discovered && one.readable && own(&one.at));
        for address in wanted.iter().filter(|address| read.scrapes(address)) {
            found.targets.extend(
                discovered.clone().take(1).map(|one| (address.clone(), Form::Structured, place(sources, one.at))),
            );
        }
        let mentions = read.facts.mentions.iter().filter(|(_, at)| unreadable.contains(&at.file) && own(at));
        found.targets.extend(mentions.map(|(address, at)| (address.clone(), Form::Broken, place(sources, *at))));
        let retired = read.charts.iter().filter(|one| one.retired && own(&one.at));
        found.retired.extend(retired.map(|one| place(sources, one.at)));
        found
    }
}
