//! Criteria about the program.

use super::{Verdict, bad, good};
use crate::finding::Finding;
use crate::flow::{Analysis, Counted, Metric, NotFoundKind, NotFoundPath};
use crate::grade::evidence::Evidence;
use crate::grade::marks::Place;
use crate::grade::rubric::Criterion;

/// Rules about exposed data.
const EXPOSURES: &[&str] =
    &["sensitive-metric-name", "sensitive-label-name", "sensitive-label-value", "sensitive-observation"];

fn nothing_to_judge() -> Verdict {
    Verdict::unjudged("no code was found that could be graded")
}

pub(super) fn removed(criterion: &Criterion, evidence: &Evidence<'_>) -> Verdict {
    if evidence.analysis.is_none() {
        return nothing_to_judge();
    }
    let is_meant = |finding: &&&Finding| {
        let rules = if criterion.rules.is_empty() {
            EXPOSURES.contains(&finding.rule)
        } else {
            criterion.rules.iter().any(|rule| rule == finding.rule)
        };
        let categories =
            criterion.categories.is_empty() || finding.category.is_some_and(|one| criterion.categories.contains(&one));
        rules && categories
    };
    let left: Vec<&&Finding> = evidence.findings.iter().filter(is_meant).collect();
    if left.is_empty() {
        return Verdict::share(criterion, 1.0, vec![good("No such finding is left.", Vec::new())]);
    }
    let points = criterion.each.map_or(0.0, |each| (criterion.points - each * left.len() as f64).max(0.0));
    let mut verdict = Verdict { points, ..Verdict::default() };
    for finding in left {
        let mut places: Vec<Place> = vec![evidence.place(finding.at)];
        places.extend(finding.flow.iter().map(|step| evidence.place(step.at)));
        dedup(&mut places);
        verdict.reasons.push(bad(format!("{} (`{}`).", sentence(&finding.message), finding.rule), places));
        if finding.allowed.is_some() {
            verdict.flags.push("a comment tries to allow a finding; it has no say in grading".to_owned());
        }
    }
    verdict
}

/// Metrics that are, or stand in for, the counter that was asked for.
fn counters(analysis: &Analysis) -> (Vec<&Metric>, Vec<&Metric>) {
    let right = analysis.metrics.iter().filter(|metric| metric.approved).collect();
    let wrong = analysis.metrics.iter().filter(|metric| !metric.approved && metric.misnamed.is_some()).collect();
    (right, wrong)
}

pub(super) fn counter_named(criterion: &Criterion, evidence: &Evidence<'_>) -> Verdict {
    let Some(analysis) = evidence.analysis else { return nothing_to_judge() };
    let (right, wrong) = counters(analysis);
    let name = evidence.rubric.counters.first().map_or("the counter", String::as_str);
    if !right.is_empty() {
        let places = right.iter().map(|metric| evidence.place(metric.at)).collect();
        return Verdict::share(criterion, 1.0, vec![good(format!("`{}` is created here.", right[0].name), places)]);
    }
    if !wrong.is_empty() {
        let places = wrong.iter().map(|metric| evidence.place(metric.at)).collect();
        let text = format!("It is registered as `{}`, not as `{name}`.", wrong[0].name);
        return Verdict::share(criterion, criterion.broken_share.unwrap_or(0.0), vec![bad(text, places)]);
    }
    let uses = analysis.undefined.iter().filter(|one| one.approved.is_some());
    let places: Vec<Place> = uses.map(|one| evidence.place(one.at)).collect();
    let text = if places.is_empty() {
        format!("Nothing creates a counter called `{name}`.")
    } else {
        format!("`{name}` is incremented, but nothing creates it.")
    };
    Verdict::share(criterion, 0.0, vec![bad(text, places)])
}

pub(super) fn counter_on_page(criterion: &Criterion, evidence: &Evidence<'_>) -> Verdict {
    let Some(analysis) = evidence.analysis else { return nothing_to_judge() };
    let (right, wrong) = counters(analysis);
    let any: Vec<&Metric> = right.into_iter().chain(wrong).collect();
    let shown = any.iter().find(|metric| !metric.shown_on.is_empty());
    if let Some(metric) = shown {
        let pages = metric.shown_on.iter().filter_map(|at| analysis.endpoints.get(*at));
        let places = pages.map(|page| evidence.place(page.at)).collect();
        return Verdict::share(criterion, 1.0, vec![good(format!("The page shows `{}`.", metric.name), places)]);
    }
    let text = match (any.first(), analysis.endpoints.is_empty()) {
        (None, _) => "There is no counter that it could show.".to_owned(),
        (Some(_), true) => "The project has no metrics page.".to_owned(),
        (Some(metric), false) => format!("The page does not show `{}`.", metric.name),
    };
    let places = any.iter().map(|metric| evidence.place(metric.at));
    let pages = analysis.endpoints.iter().map(|page| evidence.place(page.at));
    let mut places: Vec<Place> = places.chain(pages.filter(|_| !any.is_empty())).collect();
    dedup(&mut places);
    Verdict::share(criterion, 0.0, vec![bad(text, places)])
}

pub(super) fn counted_share(criterion: &Criterion, evidence: &Evidence<'_>) -> Verdict {
    let Some(analysis) = evidence.analysis else { return nothing_to_judge() };
    let is_meant = |path: &&NotFoundPath| match path.kind {
        NotFoundKind::Soft => evidence.rubric.count_soft_404,
        NotFoundKind::Framework => false,
        NotFoundKind::Status | NotFoundKind::Exception => true,
    };
    let paths: Vec<&NotFoundPath> = analysis.not_found.iter().filter(is_meant).collect();
    let expect = criterion.expect.unwrap_or(0);
    let weight = |path: &NotFoundPath| if paths.len() < expect { evidence.uses(path.at) } else { 1 };
    let there: usize = paths.iter().map(|path| weight(path)).sum();
    let once: usize = paths.iter().filter(|path| path.counted == Counted::Once).map(|path| weight(path)).sum();
    let all = there.max(expect);
    if all == 0 {
        return Verdict::share(criterion, 0.0, vec![bad("No 404 was found that could be counted.", Vec::new())]);
    }
    let mut verdict = Verdict::share(criterion, once as f64 / all as f64, Vec::new());
    for (counted, text, is_good) in [
        (Counted::Once, "counted exactly once", true),
        (Counted::Never, "never counted", false),
        (Counted::Sometimes, "counted on some paths only", false),
        (Counted::More, "counted more than once", false),
    ] {
        let such: Vec<&NotFoundPath> = paths.iter().copied().filter(|path| path.counted == counted).collect();
        let places: Vec<Place> = such.iter().map(|path| evidence.place(path.at)).collect();
        if !places.is_empty() {
            let count: usize = such.iter().map(|path| weight(path)).sum();
            let text = format!("{count} of {all} 404s: {text}.");
            verdict.reasons.push(if is_good { good(text, places) } else { bad(text, places) });
        }
    }
    if there < expect {
        let missing = expect - there;
        verdict
            .reasons
            .push(bad(format!("{missing} of the {expect} 404s of the assignment are not there."), Vec::new()));
        return verdict.flagged(format!("only {there} of {expect} 404s were found"));
    }
    verdict
}

pub(super) fn metrics_kept(criterion: &Criterion, evidence: &Evidence<'_>) -> Verdict {
    let Some(analysis) = evidence.analysis else { return nothing_to_judge() };
    let (mut kept, mut gone) = (Vec::new(), Vec::new());
    for wanted in &criterion.metrics {
        let bare = wanted.trim_end_matches("_total");
        match analysis.metrics.iter().find(|metric| metric.name.trim_end_matches("_total") == bare) {
            Some(metric) => kept.push(metric),
            None => gone.push(format!("`{wanted}`")),
        }
    }
    let points = match criterion.each {
        Some(each) => (criterion.points - each * gone.len() as f64).max(0.0),
        None => criterion.points * kept.len() as f64 / criterion.metrics.len().max(1) as f64,
    };
    let mut verdict = Verdict { points, ..Verdict::default() };
    if !kept.is_empty() {
        let places = kept.iter().map(|metric| evidence.place(metric.at)).collect();
        verdict.reasons.push(good(format!("{} of {} are there.", kept.len(), criterion.metrics.len()), places));
    }
    if !gone.is_empty() {
        verdict.reasons.push(bad(format!("Gone: {}.", gone.join(", ")), Vec::new()));
    }
    verdict
}

fn dedup(places: &mut Vec<Place>) {
    let mut seen = std::collections::BTreeSet::new();
    places.retain(|place| seen.insert((place.path.clone(), place.line)));
}

/// A headline as a sentence.
fn sentence(headline: &str) -> String {
    let mut chars = headline.chars();
    chars.next().map(|first| first.to_uppercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}
