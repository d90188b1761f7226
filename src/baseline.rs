//! Findings that were there before: written to a file once, and not reported again.
//!
//! An entry is found again by what it is about (see `report::contents`), not by its line: moved lines, renamed files and
//! reformatting change nothing. Entries are counted: a second finding like a known one is new.

use serde::{Deserialize, Serialize};

use crate::finding::Finding;
use crate::report::{Known, contents};
use crate::source::Sources;

const SCHEMA: &str = "overexposed-baseline/1";

/// Known findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    schema: String,
    findings: Vec<Entry>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    path: String,
    rule: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    function: Option<String>,
    message: String,
    content: String,
}

impl Baseline {
    /// What was found, but for what comments allow.
    #[must_use]
    pub fn of(findings: &[Finding], sources: &Sources) -> Self {
        let known = findings.iter().zip(contents(findings, sources)).filter(|(finding, _)| finding.allowed.is_none());
        let mut findings: Vec<Entry> = known
            .map(|(finding, content)| Entry {
                path: sources.path(finding.at.file).to_owned(),
                rule: finding.rule.to_owned(),
                function: finding.function.clone(),
                message: finding.message.clone(),
                content,
            })
            .collect();
        findings.sort();
        Self { schema: SCHEMA.to_owned(), findings }
    }

    /// Reads what [`Baseline::to_text`] wrote.
    ///
    /// # Errors
    /// In words, when it is none.
    pub fn read(text: &str) -> Result<Self, String> {
        let read: Self = serde_json::from_str(text).map_err(|error| format!("not a baseline: {error}"))?;
        if read.schema == SCHEMA {
            Ok(read)
        } else {
            Err(format!("not a baseline of this version: its schema is `{}`, not `{SCHEMA}`", read.schema))
        }
    }

    /// As JSON; it changes as little as the findings do.
    #[must_use]
    pub fn to_text(&self) -> String {
        // It has string keys only, so it can always be written.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// How many findings it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// Takes the known findings out. Entries that nothing matches are stale, if `ran` says that their rule ran on their
    /// path.
    pub fn apply(&self, findings: &mut Vec<Finding>, sources: &Sources, ran: &dyn Fn(&str, &str) -> bool) -> Known {
        let prints = contents(findings, sources);
        let mut free: Vec<&Entry> = self.findings.iter().collect();
        let mut known = vec![false; findings.len()];
        // What stayed in its file goes first: what is left then has moved.
        for same_path in [true, false] {
            for ((finding, content), known) in findings.iter().zip(&prints).zip(&mut known) {
                let is_it = |entry: &&Entry| {
                    entry.rule == finding.rule
                        && entry.content == *content
                        && (!same_path || entry.path == sources.path(finding.at.file))
                };
                if !*known && let Some(at) = free.iter().position(is_it) {
                    free.remove(at);
                    *known = true;
                }
            }
        }
        let hidden =
            findings.iter().zip(&known).filter(|(finding, known)| **known && finding.allowed.is_none()).count();
        let mut marks = known.into_iter();
        // A finding that a comment allows stays: it is in the report as such.
        findings.retain(|finding| !marks.next().unwrap_or(false) || finding.allowed.is_some());
        let stale = free.into_iter().filter(|entry| ran(&entry.rule, &entry.path));
        Known {
            hidden,
            stale: stale.map(|entry| [&entry.rule, &entry.path, &entry.message].map(String::clone)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules;
    use crate::source::{Encoding, FileId, Language, Location, SourceFile, Span};

    fn sources(files: &[(&str, &str)]) -> Sources {
        let file = |(path, text): &(&str, &str)| SourceFile {
            path: (*path).to_owned(),
            disk: None,
            language: Language::Python,
            project: 0,
            is_test: false,
            text: Some((*text).into()),
            encoding: Encoding::default(),
            starts: None,
        };
        Sources { files: files.iter().map(file).collect() }
    }

    /// A finding on every `C.labels(…)` of the files.
    fn found(sources: &Sources) -> Vec<Finding> {
        let rule = rules::by_name("sensitive-label-value").unwrap();
        let places = sources.ids().flat_map(|id| {
            let text = sources.text(id);
            let spans = text.match_indices("C.labels(").map(|(at, _)| {
                let end = at + text[at..].find(')').unwrap() + 1;
                Location::new(FileId(id.0), Span::new(at as u32, end as u32))
            });
            spans.collect::<Vec<_>>()
        });
        places.map(|at| rule.finding(at, "a password becomes a label value")).collect()
    }

    fn new_ones(baseline: &Baseline, files: &[(&str, &str)]) -> (Vec<String>, Known) {
        let sources = sources(files);
        let mut findings = found(&sources);
        let known = baseline.apply(&mut findings, &sources, &|_, _| true);
        let at = |finding: &Finding| format!("{}:{}", sources.path(finding.at.file), finding.at.span.start);
        (findings.iter().map(at).collect(), known)
    }

    #[test]
    fn moving_renaming_and_formatting_make_nothing_new() {
        let before =
            sources(&[("a.py", "#\nC.labels(user=name)\nC.labels(user=name)\n"), ("b.py", "#\nC.labels(x='y')\n")]);
        let written = Baseline::of(&found(&before), &before);
        let baseline = Baseline::read(&written.to_text()).unwrap();
        assert_eq!(baseline, written);
        let moved = [
            ("lib/a.py", "\n\nC.labels(user=name)\nC.labels(\n    user=name,  # who\n)\n"),
            ("b.py", "#\nC.labels(x=\"y\")\n"),
        ];
        assert_eq!(new_ones(&baseline, &moved), (Vec::new(), Known { hidden: 3, stale: Vec::new() }));
        let more =
            [("0.py", "#\nC.labels(user=name)"), moved[1], ("a.py", "#\nC.labels(user=name)\nC.labels(user=name)\n")];
        assert_eq!(new_ones(&baseline, &more).0, ["0.py:2"]);
        let (new, known) = new_ones(&baseline, &[("b.py", "#\nC.labels(x='z')\n")]);
        assert_eq!((new.len(), known.hidden, known.stale.len()), (1, 0, 3));
    }

    #[test]
    fn what_is_no_baseline_is_refused() {
        assert!(Baseline::read("{}").is_err() && Baseline::read("[]").is_err());
        assert!(Baseline::read("{\"schema\": \"x\", \"findings\": []}").unwrap_err().contains("version"));
    }
}
