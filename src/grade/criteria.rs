//! How does each kind of criterion come out, and which lines say so?

mod code;
mod files;

use super::evidence::Evidence;
use super::marks::{Mark, Outcome, Place, Reason, rounded};
use super::rubric::{Criterion, Kind};

/// What a criterion came to.
#[derive(Debug, Default)]
struct Verdict {
    /// Points before costs.
    points: f64,
    reasons: Vec<Reason>,
    flags: Vec<String>,
    /// It could not be judged.
    unjudged: bool,
}

impl Verdict {
    fn share(criterion: &Criterion, share: f64, reasons: Vec<Reason>) -> Self {
        Self { points: criterion.points * share, reasons, ..Self::default() }
    }

    fn unjudged(flag: &str) -> Self {
        Self { unjudged: true, flags: vec![flag.to_owned()], ..Self::default() }
    }

    fn flagged(mut self, flag: impl Into<String>) -> Self {
        self.flags.push(flag.into());
        self
    }
}

fn good(text: impl Into<String>, places: Vec<Place>) -> Reason {
    Reason { text: text.into(), good: true, places }
}

fn bad(text: impl Into<String>, places: Vec<Place>) -> Reason {
    Reason { text: text.into(), good: false, places }
}

/// Judges all criteria. Flags say why a person has to look.
pub(super) fn judge(evidence: &Evidence<'_>) -> (Vec<Mark>, Vec<String>) {
    let (mut marks, mut flags): (Vec<Mark>, Vec<String>) = (Vec::new(), Vec::new());
    for criterion in &evidence.rubric.criteria {
        let mut verdict = verdict(criterion, evidence);
        if !verdict.unjudged {
            costs(criterion, evidence, &mut verdict);
        }
        flags.append(&mut verdict.flags);
        let mut mark = mark(criterion, verdict);
        mark.review = criterion.review.clone().filter(|_| mark.points > 0.0);
        marks.push(mark);
    }
    withhold(evidence, &mut marks);
    let mut seen = std::collections::BTreeSet::new();
    flags.retain(|flag| seen.insert(flag.clone()));
    (marks, flags)
}

fn verdict(criterion: &Criterion, evidence: &Evidence<'_>) -> Verdict {
    match criterion.kind {
        Kind::Removed => code::removed(criterion, evidence),
        Kind::CounterNamed => code::counter_named(criterion, evidence),
        Kind::CounterOnPage => code::counter_on_page(criterion, evidence),
        Kind::CountedShare => code::counted_share(criterion, evidence),
        Kind::MetricsKept => code::metrics_kept(criterion, evidence),
        Kind::ScrapeConfig => files::scrape_config(criterion, evidence),
        Kind::ScrapeTarget => files::scrape_target(criterion, evidence),
        Kind::NoRetiredChart => files::no_retired_chart(criterion, evidence),
        Kind::FilePresent => files::file_present(criterion, evidence),
        Kind::Mentions => files::mentions(criterion, evidence),
    }
}

/// What findings cost beside that.
fn costs(criterion: &Criterion, evidence: &Evidence<'_>, verdict: &mut Verdict) {
    for cost in &criterion.costs {
        let places: Vec<Place> = evidence.of_rule(&cost.rule).map(|finding| evidence.place(finding.at)).collect();
        if places.is_empty() {
            continue;
        }
        let all = cost.once + cost.each * places.len() as f64;
        let all = cost.cap.map_or(all, |cap| all.min(cap)).min(verdict.points.max(0.0));
        verdict.points -= all;
        let text = if cost.note.is_empty() { format!("`{}`", cost.rule) } else { cost.note.clone() };
        verdict.reasons.push(bad(format!("{text} (−{})", super::marks::shown(all)), places));
    }
}

fn mark(criterion: &Criterion, verdict: Verdict) -> Mark {
    let most = criterion.cap.unwrap_or(criterion.points).min(criterion.points);
    let points = rounded(verdict.points.clamp(0.0, most.max(0.0)));
    let speaks_against = verdict.reasons.iter().any(|reason| !reason.good);
    let speaks_for = verdict.reasons.iter().any(|reason| reason.good);
    let outcome = if verdict.unjudged {
        Outcome::Unjudged
    } else if criterion.points == 0.0 {
        // Worth nothing, but told: by its reasons.
        match (speaks_for, speaks_against) {
            (_, false) => Outcome::Full,
            (true, true) => Outcome::Part,
            (false, true) => Outcome::None,
        }
    } else if points >= criterion.points {
        Outcome::Full
    } else if points > 0.0 {
        Outcome::Part
    } else {
        Outcome::None
    };
    let note = match outcome {
        Outcome::Full => &criterion.notes.full,
        Outcome::Part => &criterion.notes.part,
        Outcome::None => &criterion.notes.none,
        Outcome::Unjudged => "This could not be judged; a person looks at it.",
    };
    Mark {
        id: criterion.id.get_ref().clone(),
        section: criterion.section.clone(),
        title: criterion.title.clone(),
        points,
        out_of: criterion.points,
        outcome,
        note: note.to_owned(),
        reasons: verdict.reasons,
        review: None,
    }
}

/// Takes back what was earned without what it needs.
fn withhold(evidence: &Evidence<'_>, marks: &mut [Mark]) {
    for (at, criterion) in evidence.rubric.criteria.iter().enumerate() {
        let earned = |id: &String| marks.iter().any(|mark| mark.id == *id && mark.points > 0.0);
        if criterion.needs.is_empty() || criterion.needs.iter().any(earned) || marks[at].points == 0.0 {
            continue;
        }
        let titles: Vec<&str> = evidence
            .rubric
            .criteria
            .iter()
            .filter(|other| criterion.needs.contains(other.id.get_ref()))
            .map(|other| other.title.as_str())
            .collect();
        let mark = &mut marks[at];
        mark.points = 0.0;
        mark.outcome = Outcome::None;
        mark.note = String::new();
        mark.reasons = vec![bad(format!("It earns nothing without: {}.", titles.join(", or ")), Vec::new())];
    }
}
