//! What went and what came between two scrapes, as a table and as JSON.

use serde_json::{Value, json};

use crate::page::{Comparison, FamilyChange};
use crate::report::plain;

/// A row per family that differs.
pub(super) fn table(comparison: &Comparison) -> String {
    let head = ["family", "", "samples", "gone", "come", "labels"].map(str::to_owned);
    let mut rows = vec![head];
    rows.extend(comparison.families.iter().map(row));
    let widths: Vec<usize> = (0..6)
        .map(|at| rows.iter().map(|row| row.get(at).map_or(0, |cell| cell.chars().count())).max().unwrap_or(0))
        .collect();
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    let of = |is: fn(&&FamilyChange) -> bool| comparison.families.iter().filter(is).count();
    let (gone, come) = (of(|change| !change.is), of(|change| !change.was));
    let changed = comparison.families.len() - gone - come;
    text.push_str(&format!("{gone} gone, {come} come, {changed} changed, {} as before\n\n", comparison.unchanged));
    text
}

fn row(change: &FamilyChange) -> [String; 6] {
    let state = match (change.was, change.is) {
        (true, false) => "gone",
        (false, true) => "new",
        _ => "",
    };
    let mut labels: Vec<String> = change.labels_gone.iter().map(|label| format!("-{label}")).collect();
    labels.extend(change.labels_come.iter().map(|label| format!("+{label}")));
    [
        plain(&change.name).replace(['\n', '\t'], " "),
        state.to_owned(),
        format!("{} -> {}", change.samples_before, change.samples_after),
        format!("-{}", change.samples_gone),
        format!("+{}", change.samples_come),
        plain(&labels.join(" ")).replace(['\n', '\t'], " "),
    ]
}

/// The same as JSON.
pub(super) fn value(comparison: &Comparison) -> Value {
    let families: Vec<Value> = comparison
        .families
        .iter()
        .map(|change| {
            let state = match (change.was, change.is) {
                (true, false) => "gone",
                (false, true) => "new",
                _ => "changed",
            };
            json!({"name": change.name, "change": state,
                "labels": {"gone": change.labels_gone, "come": change.labels_come},
                "samples": {"before": change.samples_before, "after": change.samples_after,
                    "gone": change.samples_gone, "come": change.samples_come}})
        })
        .collect();
    json!({"families": families, "unchanged": comparison.unchanged})
}
