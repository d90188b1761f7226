//! From notes to what a page shows: in order, with everything secret covered.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashSet};

use super::audit::{Auditor, Format};
use super::excerpt::{covered, place};
use super::note::{NO_FAMILY, Notes, Part, Sighting};
use super::{Page, ShownFamily};

/// Sums up what was seen.
pub(super) fn finish(mut auditor: Auditor<'_>) -> Page {
    settle_numbers(&mut auditor);
    let mut wanted: HashSet<u32> = auditor.malformed.iter().map(|(line, ..)| *line).collect();
    for notes in [&auditor.notes, &auditor.canary_notes] {
        wanted.extend(notes.all.values().map(|note| note.line));
    }
    if auditor.request.keep_families {
        wanted.extend(auditor.families.all.iter().map(|family| family.line));
    }
    let (excerpt, starts) = std::mem::take(&mut auditor.kept).excerpt(|line| wanted.contains(&line));
    let labels: Vec<String> = auditor.labels.all.iter().map(|label| shown(&auditor, &label.name)).collect();
    let (notes, canary_notes) = (std::mem::take(&mut auditor.notes), std::mem::take(&mut auditor.canary_notes));
    let families = families(&auditor, &labels, &starts);
    let malformed = auditor.malformed.iter();
    Page {
        format: if auditor.is_open { Format::OpenMetrics } else { Format::Text },
        lines: u64::from(auditor.line),
        samples: auditor.samples,
        sensitive: sightings(notes, &auditor, &labels, &starts),
        canaries: sightings(canary_notes, &auditor, &labels, &starts),
        malformed: malformed.map(|(line, part, why)| (place(&starts, *line, *part), (*why).to_owned())).collect(),
        malformed_more: auditor.malformed_more,
        excerpt,
        series: std::mem::take(&mut auditor.series),
        families,
    }
}

/// Where hardly any of many long numbers pass for a card number, those that do so pass by chance.
fn settle_numbers(auditor: &mut Auditor<'_>) {
    for (key, (all, cards)) in std::mem::take(&mut auditor.numbers) {
        let Some(note) = cards.filter(|note| note.samples * 2 >= all) else { continue };
        match auditor.notes.all.entry(key) {
            Entry::Occupied(mut known) => known.get_mut().join(&note),
            Entry::Vacant(free) => {
                free.insert(note);
            }
        }
    }
}

/// A name with what is secret covered.
fn shown(auditor: &Auditor<'_>, name: &[u8]) -> String {
    let mut hits = Vec::new();
    auditor.labels.judge_name(name, &mut hits);
    let mut secret: Vec<(usize, usize)> = hits.iter().map(|hit| (hit.start, hit.end)).collect();
    secret.extend(auditor.canaries.find(name).iter().map(|spotted| (spotted.start, spotted.end)));
    covered(name, &secret)
}

fn families(auditor: &Auditor<'_>, labels: &[String], starts: &BTreeMap<u32, u32>) -> Vec<ShownFamily> {
    let all = auditor.families.all.iter();
    all.map(|family| ShownFamily {
        name: shown(auditor, &family.name),
        raw: family.name.clone(),
        kind: family.kind,
        at: place(starts, family.line, (0, 0)),
        labels: family.labels.iter().filter_map(|label| labels.get(*label as usize).cloned()).collect(),
        samples: family.samples,
    })
    .collect()
}

fn sightings(notes: Notes, auditor: &Auditor<'_>, labels: &[String], starts: &BTreeMap<u32, u32>) -> Vec<Sighting> {
    let mut all: Vec<Sighting> = Vec::with_capacity(notes.all.len());
    for ((family, part), note) in notes.all {
        let label = match part {
            Part::LabelName(label) | Part::Label(label) | Part::Exemplar(label) => {
                labels.get(label as usize).cloned().unwrap_or_default()
            }
            _ => String::new(),
        };
        let of_family = auditor.families.get(family).map_or(0, |family| family.samples);
        let samples = match part {
            Part::Name | Part::Help => of_family,
            _ => note.samples,
        };
        all.push(Sighting {
            family: (family != NO_FAMILY).then_some(family),
            part,
            label,
            at: place(starts, note.line, note.part),
            what: note.what,
            also: note.also,
            category: note.category,
            confidence: note.confidence,
            samples,
        });
    }
    all.sort_by_key(|sighting| (sighting.at, sighting.part));
    all
}
