//! Everything that criteria may look at, of the project that is graded.

use super::deployment::Deployment;
use super::intake::Contents;
use super::marks::Place;
use super::rubric::Rubric;
use crate::finding::Finding;
use crate::flow::Analysis;
use crate::program::{FunctionKind, OpKind, Program};
use crate::source::{LineIndex, Location, Sources};

/// One submission, as criteria see it.
pub(super) struct Evidence<'a> {
    pub(super) rubric: &'a Rubric,
    pub(super) sources: &'a Sources,
    /// The graded project; `None` where there is none.
    pub(super) analysis: Option<&'a Analysis>,
    /// Its program.
    pub(super) program: Option<&'a Program>,
    /// Findings in the graded project, also those that a comment allows: students do not allow their own leaks.
    pub(super) findings: Vec<&'a Finding>,
    pub(super) deployment: &'a Deployment,
    pub(super) contents: &'a Contents,
    /// What stands before paths inside.
    pub(super) prefix: &'a str,
    /// Whether a file of the submission is the hand-out's, word for word or by name.
    pub(super) is_handout: &'a dyn Fn(&str) -> bool,
    /// Whether a line is one of the hand-out's.
    pub(super) is_handout_line: &'a dyn Fn(&str) -> bool,
}

impl Evidence<'_> {
    /// The line that something starts on.
    pub(super) fn place(&self, at: Location) -> Place {
        place(self.sources, at)
    }

    /// Findings of a rule.
    pub(super) fn of_rule<'s>(&'s self, rule: &'s str) -> impl Iterator<Item = &'s Finding> {
        self.findings.iter().copied().filter(move |finding| finding.rule == rule)
    }

    /// How many places call the function around a place: a helper that answers for five views stands for five.
    pub(super) fn uses(&self, at: Location) -> usize {
        let Some(program) = self.program else { return 1 };
        let around = program.functions.iter().filter(|function| {
            function.kind == FunctionKind::Function && function.file == at.file && function.span.contains(at.span)
        });
        let Some(helper) = around.min_by_key(|function| function.span.end - function.span.start) else { return 1 };
        let is_meant = |path: &str| path.rsplit('.').next() == Some(helper.name.as_str());
        let callers =
            program.functions.iter().filter(|one| one.kind == FunctionKind::Function && one.span != helper.span);
        let ops = callers.flat_map(|function| &function.blocks).flat_map(|block| &block.ops);
        let uses = ops.filter(|op| match &op.kind {
            OpKind::LoadGlobal(name) => *name == helper.name,
            OpKind::Path(path) => is_meant(path.as_str()),
            _ => false,
        });
        uses.count().max(1)
    }

    /// Lines of texts that are the student's own and hold a word, with how often.
    pub(super) fn mentions(&self, word: &str, files: &[String]) -> Vec<Place> {
        let mut found = Vec::new();
        for entry in &self.contents.files {
            let name = entry.path.rsplit('/').next().unwrap_or_default();
            let is_meant = files.is_empty() || files.iter().any(|pattern| matches(pattern, name));
            if !is_meant || (self.is_handout)(&entry.path) || crate::source::Language::of(name).is_some() {
                continue;
            }
            let text = String::from_utf8_lossy(&entry.bytes);
            for (at, line) in text.lines().enumerate() {
                if found.len() < 20 && holds(line, word) && !(self.is_handout_line)(line) {
                    let line_number = u32::try_from(at + 1).unwrap_or(0);
                    found.push(Place {
                        path: format!("{}{}", self.prefix, entry.path),
                        line: line_number,
                        text: shortened(line),
                    });
                }
            }
        }
        found
    }
}

/// The line that something starts on.
pub(super) fn place(sources: &Sources, at: Location) -> Place {
    let text = sources.text(at.file);
    let lines = LineIndex::new(text);
    let line = lines.line_of(at.span.start);
    let shown = text.get(lines.line_span(line).range()).unwrap_or("");
    let number = lines.position(text, at.span.start).line;
    Place { path: sources.path(at.file).to_owned(), line: number, text: shortened(shown) }
}

/// A line without its ends, and not endless.
pub(super) fn shortened(line: &str) -> String {
    let line = line.trim();
    match line.char_indices().nth(200) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}

/// Whether a word occurs and does not go on to either side.
fn holds(line: &str, word: &str) -> bool {
    let goes_on = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-');
    line.match_indices(word)
        .any(|(at, _)| !goes_on(line[..at].chars().next_back()) && !goes_on(line[at + word.len()..].chars().next()))
}

/// Whether a name follows a pattern, in any case; each `*` stands for anything.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_have_any_number_of_stars() {
        for (pattern, name, fits) in [
            ("prometheus*.txt", "Prometheus.txt", true),
            ("prometheus*.txt", "prometheus-notes.TXT", true),
            ("*hw3*.pdf", "Ada HW3 PDF v2.pdf", true),
            ("*hw3*.pdf", "hw4.pdf", false),
            ("a*a", "a", false),
            ("readme.md", "README.md", true),
            ("readme.md", "README.mdx", false),
            ("*", "", true),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
        }
    }

    #[test]
    fn words_stand_alone() {
        assert!(holds("- targets: ['proxy-service:8080']", "proxy-service:8080"));
        assert!(!holds("my-proxy-service:80801", "proxy-service:8080"));
    }
}
