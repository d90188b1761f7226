//! Criteria about deployment files and write-ups.

use super::{Verdict, bad, good};
use crate::grade::deployment::Form;
use crate::grade::evidence::{Evidence, matches};
use crate::grade::marks::Place;
use crate::grade::rubric::Criterion;

pub(super) fn scrape_config(criterion: &Criterion, evidence: &Evidence<'_>) -> Verdict {
    let of = |form: Form| -> Vec<Place> {
        let all = evidence.deployment.configs.iter().filter(|(own, _)| *own == form);
        all.map(|(_, place)| place.clone()).collect()
    };
    let (right, broken) = (of(Form::Structured), of(Form::Broken));
    if !right.is_empty() {
        return Verdict::share(criterion, 1.0, vec![good("Scrape jobs are configured here.", right)]);
    }
    if !broken.is_empty() {
        let reason = bad("The configuration does not parse.", broken);
        return Verdict::share(criterion, criterion.broken_share.unwrap_or(0.0), vec![reason])
            .flagged("a Prometheus configuration does not parse");
    }
    Verdict::share(criterion, 0.0, vec![bad("No file configures scrape jobs.", Vec::new())])
}

pub(super) fn scrape_target(criterion: &Criterion, evidence: &Evidence<'_>) -> Verdict {
    let is_meant = |target: &str| criterion.targets.iter().any(|wanted| normal(wanted) == normal(target));
    let of = |form: Form| -> Vec<Place> {
        let all = evidence.deployment.targets.iter().filter(|(target, own, _)| *own == form && is_meant(target));
        all.map(|(.., place)| place.clone()).collect()
    };
    let wanted = criterion.targets.join("` or `");
    let right = of(Form::Structured);
    if !right.is_empty() {
        return Verdict::share(criterion, 1.0, vec![good(format!("`{wanted}` is scraped."), right)]);
    }
    let broken = of(Form::Broken);
    if !broken.is_empty() {
        let reason = bad(format!("`{wanted}` stands in a file that does not parse."), broken);
        return Verdict::share(criterion, criterion.broken_share.unwrap_or(0.0), vec![reason])
            .flagged("the scrape target stands in a file that does not parse");
    }
    let mentions: Vec<Place> = criterion.targets.iter().flat_map(|target| evidence.mentions(target, &[])).collect();
    if !mentions.is_empty() {
        let reason = bad(format!("`{wanted}` is only written about, not configured."), mentions);
        return Verdict::share(criterion, criterion.mentioned_share.unwrap_or(0.0), vec![reason])
            .flagged("the scrape target is only written about");
    }
    let others = evidence.deployment.targets.iter().map(|(.., place)| place.clone()).take(10).collect::<Vec<_>>();
    let text = if others.is_empty() {
        "Nothing is scraped.".to_owned()
    } else {
        format!("Other targets are scraped, not `{wanted}`.")
    };
    Verdict::share(criterion, 0.0, vec![bad(text, others)])
}

/// A target without what does not matter to where it is.
fn normal(target: &str) -> String {
    let target = target.trim().to_lowercase();
    let bare = ["http://", "https://"].iter().find_map(|scheme| target.strip_prefix(*scheme)).unwrap_or(&target);
    let (host, port) = bare.trim_end_matches('/').rsplit_once(':').unwrap_or((bare, ""));
    // `proxy-service.default.svc.cluster.local` is the same service by its long name.
    let host = ["", ".svc", ".svc.cluster.local"]
        .iter()
        .find_map(|end| host.strip_suffix(&format!(".default{end}")))
        .unwrap_or(host);
    format!("{host}:{port}")
}

pub(super) fn no_retired_chart(criterion: &Criterion, evidence: &Evidence<'_>) -> Verdict {
    let used = &evidence.deployment.retired;
    if used.is_empty() {
        return Verdict::share(criterion, 1.0, vec![good("No retired chart is used.", Vec::new())]);
    }
    Verdict::share(criterion, 0.0, vec![bad("A retired chart or chart repository is used.", used.clone())])
}

pub(super) fn file_present(criterion: &Criterion, evidence: &Evidence<'_>) -> Verdict {
    let is_meant = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or_default();
        criterion.files.iter().any(|pattern| matches(pattern, name)) && !(evidence.is_handout)(path)
    };
    let all: Vec<(&String, &u64)> = evidence.contents.listing.iter().filter(|(path, _)| is_meant(path)).collect();
    let place = |path: &str| Place { path: format!("{}{path}", evidence.prefix), ..Place::default() };
    let enough: Vec<Place> =
        all.iter().filter(|(_, size)| **size >= criterion.min_bytes).map(|(path, _)| place(path)).collect();
    if !enough.is_empty() {
        return Verdict::share(criterion, 1.0, vec![good("It is here.", enough)]);
    }
    if all.is_empty() {
        return Verdict::share(criterion, 0.0, vec![bad("No such file is there.", Vec::new())]);
    }
    let small = all.iter().map(|(path, _)| place(path)).collect();
    let text = format!("It has less than {} bytes.", criterion.min_bytes);
    Verdict::share(criterion, 0.0, vec![bad(text, small)]).flagged("a file that was asked for is nearly empty")
}

pub(super) fn mentions(criterion: &Criterion, evidence: &Evidence<'_>) -> Verdict {
    let mut verdict = Verdict::default();
    let mut found = 0;
    for word in &criterion.words {
        let places = evidence.mentions(word, &criterion.files);
        if places.is_empty() {
            verdict.reasons.push(bad(format!("`{word}` is not mentioned."), Vec::new()));
        } else {
            found += 1;
            verdict.reasons.push(good(format!("`{word}` is mentioned."), places));
        }
    }
    verdict.points = criterion.points * f64::from(found) / criterion.words.len().max(1) as f64;
    verdict
}
