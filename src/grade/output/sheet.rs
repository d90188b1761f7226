//! A row per submission, for spreadsheets.

use crate::grade::batch::Batch;
use crate::grade::csv;
use crate::grade::marks::{Graded, shown};
use crate::grade::rubric::Rubric;

pub(super) fn render(batch: &Batch, rubric: &Rubric) -> String {
    let named = batch.submissions.iter().any(|one| !one.students.is_empty());
    let mut head: Vec<String> = vec!["submission".to_owned()];
    if named {
        head.extend(["name", "id", "email"].map(str::to_owned));
    }
    head.extend(["points", "out_of"].map(str::to_owned));
    head.extend(rubric.criteria.iter().map(|one| one.id.get_ref().clone()));
    head.extend(["added", "taken_off", "adjustments", "findings", "unchanged", "late", "flags"].map(str::to_owned));
    if batch.changed.is_some() {
        head.push("points_before".to_owned());
    }
    let mut out = csv::row(head);
    for one in &batch.submissions {
        out.push_str(&csv::row(cells(one, named, batch)));
    }
    out
}

fn cells(one: &Graded, named: bool, batch: &Batch) -> Vec<String> {
    let mut cells = vec![one.submission.clone()];
    if named {
        let joined = |of: fn(&crate::grade::marks::Student) -> &str| {
            one.students.iter().map(of).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" / ")
        };
        cells.push(joined(|student| &student.name));
        cells.push(joined(|student| &student.id));
        cells.push(joined(|student| &student.email));
    }
    cells.push(shown(one.points));
    cells.push(shown(one.out_of));
    cells.extend(one.marks.iter().map(|mark| shown(mark.points)));
    // Two columns: a minus sign would start a formula.
    let sum = |sign: f64| shown(one.adjustments.iter().map(|one| (one.points * sign).max(0.0)).sum());
    cells.push(sum(1.0));
    cells.push(sum(-1.0));
    cells.push(one.adjustments.iter().map(|one| one.reason.as_str()).collect::<Vec<_>>().join("; "));
    cells.push(one.findings.len().to_string());
    cells.push(one.unchanged.map(|is| if is { "yes" } else { "no" }).unwrap_or_default().to_owned());
    cells.push(if one.late { "yes" } else { "" }.to_owned());
    cells.push(one.flags.join("; "));
    if let Some(changed) = &batch.changed {
        let before = changed.iter().find(|changed| changed.submission == one.submission);
        cells.push(before.map_or(Some(one.points), |changed| changed.before).map(shown).unwrap_or_default());
    }
    cells
}
