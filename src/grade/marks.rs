//! What a submission earned, and why: plain data, as reports need it.

use serde::Serialize;
use serde_json::Value;

/// Somebody who handed something in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Student {
    /// As the platform has it.
    pub name: String,
    /// The platform's or the school's number.
    pub id: String,
    /// E-mail address.
    pub email: String,
}

/// A line of the student's work.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The file.
    pub path: String,
    /// The line, from 1; 0 for the file as a whole.
    pub line: u32,
    /// The text of the line.
    pub text: String,
}

/// Why points were earned or lost.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Reason {
    /// In words.
    pub text: String,
    /// Whether it speaks for the student.
    pub good: bool,
    /// Where.
    pub places: Vec<Place>,
}

/// How a criterion came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// All points.
    Full,
    /// Some.
    Part,
    /// None.
    None,
    /// It cannot be judged; a person has to.
    Unjudged,
}

/// One criterion's mark.
#[derive(Debug, Clone, Serialize)]
pub struct Mark {
    /// The criterion.
    pub id: String,
    /// The part of the assignment.
    pub section: String,
    /// For people.
    pub title: String,
    /// Points earned.
    pub points: f64,
    /// Points for all of it.
    pub out_of: f64,
    /// How it came out.
    pub outcome: Outcome,
    /// What the student is told.
    pub note: String,
    /// Why.
    pub reasons: Vec<Reason>,
    /// What a person has to do before it stands.
    pub review: Option<String>,
}

/// Points added or taken off by staff, or for lateness.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Adjustment {
    /// Added if positive.
    pub points: f64,
    /// Why.
    pub reason: String,
}

/// A copy of the file that students work on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Copy {
    /// The file.
    pub path: String,
    /// The file that imports it, so that the project runs it.
    pub run_by: Option<String>,
    /// It is the one that was graded.
    pub graded: bool,
    /// Findings in it.
    pub findings: usize,
}

/// What differs from the hand-out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Relative to the top of the hand-out.
    pub path: String,
    /// `added`, `changed`, `removed`.
    pub how: &'static str,
    /// Lines added.
    pub added: usize,
    /// Lines removed.
    pub removed: usize,
}

/// A file that is shown with its findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The file.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Lines that are not in the hand-out.
    pub changed: Vec<u32>,
}

/// A file that could not be taken or audited.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// The file.
    pub path: String,
    /// Why.
    pub message: String,
}

/// A submission with its marks.
#[derive(Debug, Clone, Serialize)]
pub struct Graded {
    /// Names it in all reports.
    pub submission: String,
    /// Who handed it in; empty in anonymous reports.
    pub students: Vec<Student>,
    /// Points, adjustments included.
    pub points: f64,
    /// Points for everything.
    pub out_of: f64,
    /// What was earned before adjustments.
    pub earned: f64,
    /// By criterion, in the rubric's order.
    pub marks: Vec<Mark>,
    /// By staff, or for lateness.
    pub adjustments: Vec<Adjustment>,
    /// Why a person has to look.
    pub flags: Vec<String>,
    /// Whether it is the hand-out; `None` without one to compare with.
    pub unchanged: Option<bool>,
    /// What differs from the hand-out.
    pub changes: Vec<Change>,
    /// Copies of the file that students work on.
    pub copies: Vec<Copy>,
    /// Earlier attempts, which were not graded.
    pub earlier: Vec<String>,
    /// The platform marks it as late.
    pub late: bool,
    /// What could not be taken or audited.
    pub problems: Vec<Problem>,
    /// Findings in the form of `check`.
    #[serde(skip)]
    pub findings: Vec<Value>,
    /// What the interpreter cut short, in the form of `check`.
    #[serde(skip)]
    pub limits: Vec<Value>,
    /// Counts, in the form of `check`.
    pub summary: crate::report::Summary,
    /// What is shown with its findings.
    #[serde(skip)]
    pub code: Vec<Code>,
}

/// Points without the dust of adding fractions.
pub(super) fn rounded(points: f64) -> f64 {
    let value = (points * 100.0).round() / 100.0;
    // No minus zero.
    value + 0.0
}

/// As people write points: no needless zeros.
pub(super) fn shown(points: f64) -> String {
    let points = rounded(points);
    format!("{points}")
}
