//! `results.json`, as Gradescope reads it from an autograder.

use serde_json::{Map, Value, json};

use super::markdown::explanation;
use super::safe::markdown;
use crate::grade::batch::Batch;
use crate::grade::marks::{Graded, Outcome, shown};

/// The object of the only submission, else one per submission under its key.
pub(super) fn render(batch: &Batch) -> String {
    match &batch.submissions[..] {
        [only] => one(only),
        all => {
            pretty(&Value::Object(all.iter().map(|one| (one.submission.clone(), value(one))).collect::<Map<_, _>>()))
        }
    }
}

/// One submission's file.
pub(super) fn one(graded: &Graded) -> String {
    pretty(&value(graded))
}

fn pretty(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

fn value(graded: &Graded) -> Value {
    let mut tests: Vec<Value> = graded
        .marks
        .iter()
        .map(|mark| {
            let status = if mark.outcome == Outcome::Full { "passed" } else { "failed" };
            json!({
                "name": mark.title, "number": mark.section, "score": mark.points, "max_score": mark.out_of,
                "status": status, "output": explanation(mark), "output_format": "md", "visibility": "visible",
            })
        })
        .collect();
    tests.extend(
        graded
            .adjustments
            .iter()
            .map(|one| json!({"name": one.reason, "score": one.points, "max_score": 0, "visibility": "visible"})),
    );
    let mut said = vec![format!("{} of {} points", shown(graded.points), shown(graded.out_of))];
    if graded.unchanged == Some(true) {
        said.push("What you handed in is what was handed out.".to_owned());
    }
    json!({
        // Adjustments may take off more than there is.
        "score": graded.points,
        "output": said.iter().map(|line| markdown(line)).collect::<Vec<_>>().join("\n\n"),
        "output_format": "md",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {"submission": graded.submission, "flags": graded.flags, "copies": graded.copies},
    })
}
