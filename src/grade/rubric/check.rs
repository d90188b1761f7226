//! What is wrong with a rubric, and in which line?

use std::collections::BTreeSet;

use toml::Spanned;

use super::{Criterion, Kind, Rubric};
use crate::error::Failure;
use crate::nearest::nearest;
use crate::rules;

/// An error of the TOML reader: wrong syntax, unknown keys, wrong types.
pub(super) fn from_toml(path: &str, text: &str, error: &toml::de::Error) -> Failure {
    let message = error.message().lines().next().unwrap_or("not valid TOML").to_owned();
    let mut quoted = message.split('`').skip(1).step_by(2);
    let wrong = quoted.next().unwrap_or_default().to_owned();
    let near = if message.starts_with("unknown ") { nearest(&wrong, quoted) } else { None };
    let help = near.map(|known| format!("did you mean `{known}`?"));
    let line = error.span().map_or(1, |span| line_of(text, span.start));
    failure(path, line, message, help)
}

fn line_of(text: &str, offset: usize) -> usize {
    text.get(..offset).map_or(1, |before| before.matches('\n').count() + 1)
}

fn failure(path: &str, line: usize, message: String, help: Option<String>) -> Failure {
    Failure::Config { path: path.to_owned(), line, message, help }
}

struct Check<'a> {
    path: &'a str,
    text: &'a str,
}

/// Whether everything in it makes sense.
pub(super) fn check(rubric: &Rubric, path: &str, text: &str) -> Result<(), Failure> {
    let check = Check { path, text };
    if rubric.criteria.is_empty() {
        return Err(failure(path, 1, "a rubric needs at least one [[criterion]]".to_owned(), None));
    }
    let mut ids = BTreeSet::new();
    for criterion in &rubric.criteria {
        if !ids.insert(criterion.id.get_ref().as_str()) {
            return Err(check.at(
                criterion,
                "id",
                format!("there are two criteria `{}`", criterion.id.get_ref()),
                None,
            ));
        }
    }
    for criterion in &rubric.criteria {
        check.numbers(criterion)?;
        check.parameters(criterion, rubric)?;
        check.names(criterion, &ids)?;
    }
    Ok(())
}

impl Check<'_> {
    /// A mistake at a key of a criterion: its line, or that of the criterion.
    fn at(&self, criterion: &Criterion, key: &str, message: String, help: Option<String>) -> Failure {
        let id: &Spanned<String> = &criterion.id;
        let own = line_of(self.text, id.span().start);
        let is_head = |line: &str| line.trim_start().starts_with("[[criterion]]");
        let lines: Vec<&str> = self.text.lines().collect();
        let first = (0..own).rev().find(|at| lines.get(*at).is_some_and(|line| is_head(line))).unwrap_or(0);
        let last = (own..lines.len()).find(|at| is_head(lines[*at])).unwrap_or(lines.len());
        let has = |line: &str| {
            line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(['=', '.']))
        };
        let line = (first..last).find(|at| has(lines[*at])).map_or(own, |at| at + 1);
        failure(self.path, line, message, help)
    }

    fn numbers(&self, criterion: &Criterion) -> Result<(), Failure> {
        let numbers = [
            ("points", Some(criterion.points)),
            ("each", criterion.each),
            ("cap", criterion.cap),
            ("broken-share", criterion.broken_share),
            ("mentioned-share", criterion.mentioned_share),
        ];
        for (key, value) in numbers {
            let Some(value) = value else { continue };
            if !value.is_finite() || !(0.0..=1e6).contains(&value) || (key.ends_with("share") && value > 1.0) {
                let range = if key.ends_with("share") { "between 0 and 1" } else { "0 or more" };
                return Err(self.at(criterion, key, format!("`{key}` must be {range}, not {value}"), None));
            }
        }
        let costs = criterion.costs.iter().flat_map(|cost| [cost.once, cost.each, cost.cap.unwrap_or(0.0)]);
        if costs.into_iter().any(|value| !value.is_finite() || value < 0.0) {
            return Err(self.at(criterion, "each", "what a finding costs must be 0 or more".to_owned(), None));
        }
        Ok(())
    }

    /// Each kind has parameters of its own.
    fn parameters(&self, criterion: &Criterion, rubric: &Rubric) -> Result<(), Failure> {
        use Kind::{
            CountedShare, CounterNamed, FilePresent, Mentions, MetricsKept, Removed, ScrapeConfig, ScrapeTarget,
        };
        let given: [(&str, bool, &[Kind]); 10] = [
            ("categories", !criterion.categories.is_empty(), &[Removed]),
            ("rules", !criterion.rules.is_empty(), &[Removed]),
            ("each", criterion.each.is_some(), &[Removed, MetricsKept]),
            ("expect", criterion.expect.is_some(), &[CountedShare]),
            ("broken-share", criterion.broken_share.is_some(), &[CounterNamed, ScrapeConfig, ScrapeTarget]),
            ("mentioned-share", criterion.mentioned_share.is_some(), &[ScrapeTarget]),
            ("targets", !criterion.targets.is_empty(), &[ScrapeTarget]),
            ("files", !criterion.files.is_empty(), &[FilePresent, Mentions]),
            ("words", !criterion.words.is_empty(), &[Mentions]),
            ("metrics", !criterion.metrics.is_empty(), &[MetricsKept]),
        ];
        for (key, is_given, kinds) in given {
            if is_given && !kinds.contains(&criterion.kind) {
                let message = format!("`{key}` means nothing to a criterion of this kind");
                return Err(self.at(criterion, key, message, None));
            }
        }
        let needed: [(&str, &str); 1] = match criterion.kind {
            ScrapeTarget if criterion.targets.is_empty() => [("targets", "scrape-target")],
            FilePresent if criterion.files.is_empty() => [("files", "file-present")],
            Mentions if criterion.words.is_empty() => [("words", "mentions")],
            MetricsKept if criterion.metrics.is_empty() => [("metrics", "metrics-kept")],
            CounterNamed if rubric.counters.is_empty() => [("counters", "counter-named")],
            _ => return Ok(()),
        };
        let message = format!("a criterion of kind `{}` needs `{}`", needed[0].1, needed[0].0);
        Err(self.at(criterion, "id", message, None))
    }

    fn names(&self, criterion: &Criterion, ids: &BTreeSet<&str>) -> Result<(), Failure> {
        let known = rules::names();
        for (key, rule) in criterion
            .rules
            .iter()
            .map(|rule| ("rules", rule))
            .chain(criterion.costs.iter().map(|cost| ("rule", &cost.rule)))
        {
            if !known.contains(&rule.as_str()) {
                let help = nearest(rule, known.iter().copied()).map(|name| format!("did you mean `{name}`?"));
                return Err(self.at(criterion, key, format!("there is no rule `{rule}`"), help));
            }
        }
        for need in &criterion.needs {
            if !ids.contains(need.as_str()) {
                let help = nearest(need, ids.iter().copied()).map(|name| format!("did you mean `{name}`?"));
                return Err(self.at(criterion, "needs", format!("there is no criterion `{need}`"), help));
            }
        }
        Ok(())
    }
}
