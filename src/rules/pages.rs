//! What the rules about scraped pages share: what they may look at, and how they name a part of a family.

use super::{Levels, Rule, canary_on_page, level, missing_family, sensitive_sample, syntax_error, unexpected_family};
use crate::finding::{Finding, MetricRef};
use crate::flow::Analysis;
use crate::page::{Page, Part, Sighting};
use crate::source::{FileId, Location, Sources, Span};

/// A page, as rules see it.
pub struct PageContext<'a> {
    /// What it shows.
    pub page: &'a Page,
    /// Its excerpt among the sources.
    pub file: FileId,
    /// What the code does that is behind it, if somebody asks for a comparison.
    pub analyses: Option<&'a [&'a Analysis]>,
    /// The texts of that code.
    pub sources: &'a Sources,
}

/// What all rules find on a page.
#[must_use]
pub fn check_page(context: &PageContext<'_>, levels: &Levels) -> Vec<Finding> {
    let mut findings = Vec::new();
    type Check = fn(&PageContext<'_>, &mut Vec<Finding>);
    let checks: [(&Rule, Check); 5] = [
        (&canary_on_page::RULE, canary_on_page::check),
        (&missing_family::RULE, missing_family::check),
        (&sensitive_sample::RULE, sensitive_sample::check),
        (&syntax_error::RULE, syntax_error::check_page),
        (&unexpected_family::RULE, unexpected_family::check),
    ];
    for (rule, check) in checks {
        if levels.runs(rule.name) {
            check(context, &mut findings);
        }
    }
    level(&mut findings, levels, context.sources);
    findings
}

impl PageContext<'_> {
    /// A place of the page.
    pub(super) fn at(&self, span: Span) -> Location {
        Location::new(self.file, span)
    }

    /// How reports name a family.
    pub(super) fn metric(&self, family: Option<u32>) -> Option<MetricRef> {
        let family = self.page.families.get(family? as usize)?;
        Some(MetricRef { name: family.name.clone(), kind: family.kind.word().to_owned() })
    }

    /// The part of the page that a sighting is in, for a headline.
    pub(super) fn part(&self, sighting: &Sighting) -> String {
        let family = self.metric(sighting.family).map_or(String::new(), |metric| metric.name);
        let label = &sighting.label;
        match sighting.part {
            Part::Name => format!("the name of `{family}`"),
            Part::Help => format!("the help text of `{family}`"),
            Part::LabelName(_) => format!("the name of label `{label}` of `{family}`"),
            Part::Label(_) => format!("label `{label}` of `{family}`"),
            Part::Exemplar(_) => format!("label `{label}` of exemplars of `{family}`"),
            Part::Number => format!("the numbers of `{family}`"),
            Part::Text(_) => "a line that belongs to no metric".to_owned(),
        }
    }

    /// A finding on a sighting.
    pub(super) fn finding(&self, rule: &Rule, sighting: &Sighting, what: &str) -> Finding {
        let mut finding = rule.finding(self.at(sighting.at), format!("{what} in {}", self.part(sighting)));
        finding.category = sighting.category;
        finding.confidence = sighting.confidence;
        finding.channel = sighting.part.channel();
        finding.metric = self.metric(sighting.family);
        finding.label = match sighting.samples {
            0 => "shown to every reader of the page".to_owned(),
            1 => "in one sample; shown to every reader of the page".to_owned(),
            many => format!("in {many} samples; shown to every reader of the page"),
        };
        finding
    }
}
