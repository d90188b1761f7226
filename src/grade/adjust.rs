//! Points that staff add or take off, and what lateness costs: from a CSV file.
//!
//! Its columns: `submission` (the key in reports, or a student's name, id or e-mail), and any of `points` (added; negative
//! ones are taken off), `percent` (likewise, of what was earned), `days-late`, `reason`.

use std::cell::Cell;
use std::path::Path;

use super::csv;
use super::intake::Found;
use super::marks::{Adjustment, Student, rounded, shown};
use super::rubric::Late;
use crate::error::Failure;
use crate::nearest::nearest;

const COLUMNS: &[&str] = &["submission", "points", "percent", "days-late", "reason"];

#[derive(Debug)]
struct Row {
    line: usize,
    who: String,
    points: f64,
    percent: f64,
    days: f64,
    reason: String,
    used: Cell<bool>,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Adjustments {
    path: String,
    rows: Vec<Row>,
}

impl Adjustments {
    /// Reads the file.
    ///
    /// # Errors
    /// With the line of what is wrong.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|cause| Failure::Io { what: format!("cannot read the adjustments `{shown}`"), cause })?;
        Self::parse(&shown, &text)
    }

    fn parse(path: &str, text: &str) -> Result<Self, Failure> {
        let failure = |line: usize, message: String, help: Option<String>| Failure::Config {
            path: path.to_owned(),
            line,
            message,
            help,
        };
        let mut rows = csv::read(text).map_err(|(line, message)| failure(line, message, None))?.into_iter();
        let Some((line, head)) = rows.next() else { return Ok(Self { path: path.to_owned(), rows: Vec::new() }) };
        let head: Vec<String> = head.iter().map(|name| name.trim().to_lowercase().replace(['_', ' '], "-")).collect();
        if let Some(unknown) = head.iter().find(|name| !COLUMNS.contains(&name.as_str())) {
            let help = nearest(unknown, COLUMNS.iter().copied()).map(|known| format!("did you mean `{known}`?"));
            let known = COLUMNS.join("`, `");
            return Err(failure(line, format!("unknown column `{unknown}`: known are `{known}`"), help));
        }
        if !head.iter().any(|name| name == "submission") {
            return Err(failure(line, "the column `submission` is missing".to_owned(), None));
        }
        let mut read = Vec::new();
        for (line, cells) in rows {
            let cell = |name: &str| {
                let at = head.iter().position(|known| known == name);
                at.and_then(|at| cells.get(at)).map_or("", |cell| cell.trim())
            };
            let number = |name: &str| -> Result<f64, Failure> {
                let text = cell(name).trim_end_matches('%').trim();
                let value: f64 = if text.is_empty() { 0.0 } else { text.parse().unwrap_or(f64::NAN) };
                if value.is_finite() { Ok(value) } else { Err(failure(line, format!("`{text}` is no number"), None)) }
            };
            read.push(Row {
                line,
                who: cell("submission").trim_start_matches('\'').to_owned(),
                points: number("points")?,
                percent: number("percent")?,
                days: number("days-late")?,
                reason: cell("reason").to_owned(),
                used: Cell::new(false),
            });
        }
        Ok(Self { path: path.to_owned(), rows: read })
    }

    /// What applies to a submission that earned so many points.
    pub(super) fn of(&self, found: &Found, earned: f64, late: &Late) -> Vec<Adjustment> {
        let mut all = Vec::new();
        for row in self.rows.iter().filter(|row| is_meant(&row.who, found)) {
            row.used.set(true);
            let reason = |what: String| if row.reason.is_empty() { what } else { row.reason.clone() };
            if row.points != 0.0 {
                all.push(Adjustment { points: rounded(row.points), reason: reason("by hand".to_owned()) });
            }
            if row.percent != 0.0 {
                let points = rounded(earned * row.percent / 100.0);
                all.push(Adjustment { points, reason: reason(format!("{} %", shown(row.percent))) });
            }
            let days = (row.days - late.grace_days).max(0.0).ceil();
            let percent = (days * late.percent_per_day).min(late.cap.unwrap_or(100.0)).min(100.0);
            if percent > 0.0 {
                let what = format!("{} days late, {} %", shown(days), shown(percent));
                all.push(Adjustment { points: rounded(-earned * percent / 100.0), reason: what });
            }
        }
        all
    }

    /// Rows that are about no submission.
    pub(super) fn unused(&self) -> Vec<String> {
        let rows = self.rows.iter().filter(|row| !row.used.get());
        rows.map(|row| format!("{}:{}: no submission is `{}`", self.path, row.line, row.who)).collect()
    }
}

fn is_meant(who: &str, found: &Found) -> bool {
    let is = |known: &str| !known.is_empty() && known.eq_ignore_ascii_case(who);
    let student = |one: &Student| is(&one.name) || is(&one.id) || is(&one.email);
    !who.is_empty() && (found.key == who || found.students.iter().any(student))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(key: &str, id: &str) -> Found {
        let student = Student { id: id.to_owned(), ..Student::default() };
        Found {
            key: key.to_owned(),
            prefix: String::new(),
            students: vec![student],
            late: false,
            parts: Vec::new(),
            earlier: Vec::new(),
        }
    }

    #[test]
    fn rows_apply_by_key_or_student() {
        let text = "submission,points,days late,reason\nada,-2,,\"no tag, again\"\n0042,,2.5,\nnobody,1,,\n";
        let all = Adjustments::parse("a.csv", text).unwrap();
        let late = Late { percent_per_day: 10.0, cap: Some(25.0), grace_days: 0.0 };
        let one = all.of(&found("ada", ""), 20.0, &late);
        assert_eq!(one, [Adjustment { points: -2.0, reason: "no tag, again".to_owned() }]);
        let two = all.of(&found("x", "0042"), 20.0, &late);
        assert_eq!(two, [Adjustment { points: -5.0, reason: "3 days late, 25 %".to_owned() }]);
        assert_eq!(all.unused(), ["a.csv:4: no submission is `nobody`"]);
    }

    #[test]
    fn mistakes_have_their_line() {
        for (text, wanted) in [("submission,pionts\n", 1), ("points\n", 1), ("submission,points\na,1\nb,x\n", 3)] {
            match Adjustments::parse("a.csv", text) {
                Err(Failure::Config { line, .. }) => assert_eq!(line, wanted, "{text}"),
                other => panic!("{other:?}"),
            }
        }
    }
}
