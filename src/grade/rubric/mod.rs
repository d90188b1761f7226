//! What earns points, and what costs how many? Rubrics are TOML files; `read` takes one, `check` says what is wrong.

mod check;

use serde::Deserialize;
use toml::Spanned;

use crate::error::Failure;
use crate::finding::Category;
use crate::knowledge;

/// The schema of rubrics, for editors.
pub const SCHEMA: &str = include_str!("../../../rules/rubrics/rubric.schema.json");

/// Rubrics that come with the program: name and text.
fn builtin() -> impl Iterator<Item = (&'static str, &'static str)> {
    let files = knowledge::embedded().iter();
    files.filter_map(|(path, text)| Some((path.strip_prefix("rubrics/")?.strip_suffix(".toml")?, *text)))
}

/// A rubric, as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rubric {
    /// A short name.
    pub name: String,
    /// What is graded, for people.
    #[serde(default)]
    pub title: String,
    /// Full names of the counters that count 404s.
    #[serde(default)]
    pub counters: Vec<String>,
    /// Whether a body that says 404 with another status must be counted.
    #[serde(default = "yes")]
    pub count_soft_404: bool,
    /// The file that students work on; of several copies the one that the project runs is graded.
    #[serde(default)]
    pub file: Option<String>,
    /// The file that says which copy is run: it imports it.
    #[serde(default)]
    pub run_by: Option<String>,
    /// The file that marks the top of a project.
    #[serde(default)]
    pub top: Option<String>,
    /// Patterns for files of the hand-out: what they say is nobody's work.
    #[serde(default)]
    pub handout: Vec<String>,
    /// Deductions for lateness.
    #[serde(default)]
    pub late: Late,
    /// What is graded, in order.
    #[serde(rename = "criterion")]
    pub criteria: Vec<Criterion>,
}

fn yes() -> bool {
    true
}

/// What a day costs.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Late {
    /// Percent of what was earned, for each day that has begun.
    pub percent_per_day: f64,
    /// Percent at most.
    pub cap: Option<f64>,
    /// Days that cost nothing.
    pub grace_days: f64,
}

/// How a criterion is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// No finding of the rules and categories that it names.
    Removed,
    /// The counter is created, under its own name.
    CounterNamed,
    /// A metrics endpoint shows the counter.
    CounterOnPage,
    /// The share of 404s that are counted exactly once.
    CountedShare,
    /// There is a Prometheus configuration that scrapes something.
    ScrapeConfig,
    /// It scrapes one of `targets`.
    ScrapeTarget,
    /// No retired chart or chart repository is used.
    NoRetiredChart,
    /// There is a file that follows one of `files`.
    FilePresent,
    /// A file that follows one of `files` mentions `words`.
    Mentions,
    /// The metrics in `metrics` are still there.
    MetricsKept,
}

/// One thing that is graded.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Criterion {
    /// A short name, for machines.
    pub id: Spanned<String>,
    /// For people.
    pub title: String,
    /// The part of the assignment.
    #[serde(default)]
    pub section: String,
    /// Points for all of it.
    pub points: f64,
    /// How it is judged.
    pub kind: Kind,
    /// Categories of exposure that must be gone (`removed`); all of them where none is named.
    #[serde(default)]
    pub categories: Vec<Category>,
    /// Rules that must find nothing (`removed`); those of exposures where none is named.
    #[serde(default)]
    pub rules: Vec<String>,
    /// What each finding costs (`removed`), and each missing metric (`metrics-kept`), instead of all points.
    #[serde(default)]
    pub each: Option<f64>,
    /// So many 404s are there in the assignment (`counted-share`): what is missing is not counted.
    #[serde(default)]
    pub expect: Option<usize>,
    /// The share for the right thing in the wrong form: a counter under another name, YAML that does not parse.
    #[serde(default)]
    pub broken_share: Option<f64>,
    /// The share for a target that is only written about.
    #[serde(default)]
    pub mentioned_share: Option<f64>,
    /// Targets, each as `host:port` (`scrape-target`).
    #[serde(default)]
    pub targets: Vec<String>,
    /// Patterns for names of files, with at most one `*` each (`file-present`, `mentions`).
    #[serde(default)]
    pub files: Vec<String>,
    /// Smaller files are not it (`file-present`).
    #[serde(default)]
    pub min_bytes: u64,
    /// All of these must be mentioned (`mentions`).
    #[serde(default)]
    pub words: Vec<String>,
    /// Names of metrics (`metrics-kept`).
    #[serde(default)]
    pub metrics: Vec<String>,
    /// Earns nothing unless one of these criteria does.
    #[serde(default)]
    pub needs: Vec<String>,
    /// The least and the most that it can come to.
    #[serde(default)]
    pub cap: Option<f64>,
    /// What findings cost beside that.
    #[serde(default, rename = "cost")]
    pub costs: Vec<Cost>,
    /// What the student is told.
    #[serde(default)]
    pub notes: Notes,
    /// Why a person has to look, whenever points were earned.
    #[serde(default)]
    pub review: Option<String>,
}

/// What findings of a rule cost.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Cost {
    /// The rule.
    pub rule: String,
    /// Points, once, however many there are.
    #[serde(default)]
    pub once: f64,
    /// Points for each.
    #[serde(default)]
    pub each: f64,
    /// At most so many in all.
    #[serde(default)]
    pub cap: Option<f64>,
    /// What the student is told.
    #[serde(default)]
    pub note: String,
}

/// A text for each outcome.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Notes {
    /// All points.
    pub full: String,
    /// Some.
    pub part: String,
    /// None.
    pub none: String,
}

impl Rubric {
    /// The rubric of this name, or in this file.
    ///
    /// # Errors
    /// With the line of what is wrong, and the nearest name.
    pub fn find(name: &str) -> Result<Self, Failure> {
        if let Some((_, text)) = builtin().find(|(known, _)| *known == name) {
            return Self::read(&format!("rules/rubrics/{name}.toml"), text);
        }
        match std::fs::read_to_string(name) {
            Ok(text) => Self::read(name, &text),
            Err(_) if !name.contains(['/', '.', '\\']) => {
                let known: Vec<&str> = builtin().map(|(known, _)| known).collect();
                Err(Failure::Arguments(format!(
                    "there is no rubric `{name}`: give a file, or one of those built in ({})",
                    known.join(", ")
                )))
            }
            Err(cause) => Err(Failure::Io { what: format!("cannot read the rubric `{name}`"), cause }),
        }
    }

    /// Reads a rubric.
    ///
    /// # Errors
    /// With the line of what is wrong, and the nearest name.
    pub fn read(path: &str, text: &str) -> Result<Self, Failure> {
        let rubric: Rubric = toml::from_str(text).map_err(|error| check::from_toml(path, text, &error))?;
        check::check(&rubric, path, text)?;
        Ok(rubric)
    }

    /// Points for everything.
    #[must_use]
    pub fn out_of(&self) -> f64 {
        self.criteria.iter().map(|criterion| criterion.points).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> (usize, String, String) {
        match Rubric::read("r.toml", text) {
            Err(Failure::Config { line, message, help, .. }) => (line, message, help.unwrap_or_default()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_built_in_rubric_gives_the_points_of_the_assignment() {
        let rubric = Rubric::find("giftcard").unwrap();
        let of = |section: &str| -> f64 {
            rubric.criteria.iter().filter(|one| one.section == section).map(|one| one.points).sum()
        };
        assert_eq!((of("3.1"), of("3.2"), of("3.3"), of("write-up")), (5.0, 5.0, 10.0, 10.0));
        assert_eq!(rubric.out_of(), 30.0);
    }

    #[test]
    fn errors_have_their_line_and_a_neighbour() {
        let (line, message, help) =
            error("name = 'x'\n[[criterion]]\nid = 'a'\ntitle = 'A'\npoints = 1\nkind = 'removd'\n");
        assert_eq!((line, help.as_str()), (6, "did you mean `removed`?"), "{message}");
        let (line, message, _) = error(
            "name = 'x'\n[[criterion]]\nid = 'a'\ntitle = 'A'\npoints = 1\nkind = 'removed'\nrules = ['syntax-eror']\n",
        );
        assert_eq!((line, message.as_str()), (7, "there is no rule `syntax-eror`"));
        let (line, message, _) =
            error("name = 'x'\n[[criterion]]\nid = 'a'\ntitle = 'A'\npoints = -1\nkind = 'removed'\n");
        assert_eq!(line, 5, "{message}");
        let (line, message, _) = error(
            "name = 'x'\n[[criterion]]\nid = 'a'\ntitle = 'A'\npoints = 1\nkind = 'removed'\n[[criterion]]\nid = 'a'\ntitle = 'B'\npoints = 1\nkind = 'removed'\n",
        );
        assert_eq!(line, 8, "{message}");
        let (line, message, _) =
            error("name = 'x'\n[[criterion]]\nid = 'a'\ntitle = 'A'\npoints = 1\nkind = 'scrape-target'\n");
        assert_eq!(line, 3, "{message}");
        let (line, message, _) =
            error("name = 'x'\n[[criterion]]\nid = 'a'\ntitle = 'A'\npoints = 1\nkind = 'removed'\nwords = ['b']\n");
        assert_eq!(line, 7, "{message}");
        assert_eq!(error("name = 'x'\ncriteria = 1\n").0, 2);
    }

    /// The schema has the keys that are read, no more and no fewer.
    #[test]
    fn the_schema_has_all_keys() {
        let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
        let keys = |value: &serde_json::Value| -> Vec<String> {
            value["properties"].as_object().unwrap().keys().cloned().collect()
        };
        let probe = |text: &str| -> Vec<String> {
            let error = toml::from_str::<Rubric>(text).unwrap_err();
            let mut quoted: Vec<String> =
                error.message().split('`').skip(1).step_by(2).skip(1).map(str::to_owned).collect();
            quoted.sort();
            quoted
        };
        let sorted = |mut list: Vec<String>| {
            list.sort();
            list
        };
        assert_eq!(sorted(keys(&schema)), probe("zzz = 1"));
        assert_eq!(sorted(keys(&schema["$defs"]["criterion"])), probe("[[criterion]]\nzzz = 1"));
        assert_eq!(sorted(keys(&schema["$defs"]["cost"])), probe("[[criterion]]\n[[criterion.cost]]\nzzz = 1"));
    }
}
