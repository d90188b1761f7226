//! The JSON of `check`, with keys of its own beside it.

use serde_json::{Value, json};

use super::statistics::Statistics;
use crate::grade::batch::Batch;
use crate::grade::rubric::Rubric;
use crate::report::{self, Summary};

pub(super) fn render(batch: &Batch, rubric: &Rubric) -> String {
    let statistics = Statistics::new(batch, rubric);
    let mut findings: Vec<&Value> = batch.submissions.iter().flat_map(|one| &one.findings).collect();
    findings.sort_by_key(|value| {
        let text = |key: &str| value[key].as_str().unwrap_or_default();
        (text("path"), value["start"]["offset"].as_u64(), text("rule"))
    });
    let limits: Vec<&Value> = batch.submissions.iter().flat_map(|one| &one.limits).collect();
    let errors: Vec<Value> = batch
        .submissions
        .iter()
        .flat_map(|one| one.problems.iter().map(|problem| (Some(one.submission.as_str()), problem)))
        .chain(batch.left_out.iter().map(|problem| (None, problem)))
        .map(|(who, problem)| json!({"path": problem.path, "message": problem.message, "submission": who}))
        .collect();
    let mut whole = report::envelope(json!(findings), json!(errors), json!(limits), &summary(batch));
    whole["rubric"] = rubric_value(rubric);
    whole["submissions"] = json!(batch.submissions);
    whole["statistics"] = json!({
        "submissions": batch.submissions.len(), "flagged": statistics.flagged, "mean": statistics.mean,
        "median": statistics.median, "least": statistics.least, "most": statistics.most, "tenths": statistics.tenths,
    });
    whole["notes"] = json!(batch.notes);
    if let Some(changed) = &batch.changed {
        whole["changed"] = json!(changed);
    }
    let mut text = serde_json::to_string_pretty(&whole).unwrap_or_default();
    text.push('\n');
    text
}

fn summary(batch: &Batch) -> Summary {
    let mut all = Summary::default();
    for one in &batch.submissions {
        all.add(&one.summary);
    }
    all
}

/// The rubric, as far as reports need it.
pub(super) fn rubric_value(rubric: &Rubric) -> Value {
    let criteria: Vec<Value> = rubric
        .criteria
        .iter()
        .map(|one| json!({"id": one.id.get_ref(), "section": one.section, "title": one.title, "points": one.points}))
        .collect();
    json!({"name": rubric.name, "title": rubric.title, "out_of": rubric.out_of(), "criteria": criteria})
}
