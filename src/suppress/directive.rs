//! Reading allow comments.

use super::Date;
use crate::config::defaults;
use crate::source::{Language, LineIndex, Span};

/// How a comment has to look.
pub(super) const FORM: &str = "write `overexposed: allow(RULE) -- reason`";

/// What a comment is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// A statement.
    Statement,
    /// The file.
    File,
    /// Meant for the file, but not in the first comment block.
    Misplaced,
}

/// An allow comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Allow {
    pub(super) span: Span,
    /// Its line, from 0.
    pub(super) line: usize,
    /// Nothing else stands on its line.
    pub(super) alone: bool,
    pub(super) scope: Scope,
    pub(super) rules: Vec<String>,
    pub(super) reason: Option<String>,
    /// The last day on which it holds.
    pub(super) until: Option<Date>,
    /// Why it cannot allow anything.
    pub(super) problem: Option<&'static str>,
}

/// The allow comments among the comments of a text.
pub(super) fn directives(text: &str, lines: &LineIndex, comments: &[Span], language: Language) -> Vec<Allow> {
    let code = code_start(text, comments, language);
    let read = |span: &Span| {
        let line = lines.line_of(span.start);
        let before = text.get(lines.line_span(line).start as usize..span.start as usize).unwrap_or("");
        let (alone, in_front) = (before.trim().is_empty(), span.start < code);
        let parsed = chunks(text.get(span.range()).unwrap_or(""), language).into_iter().filter_map(parse);
        parsed.map(move |parsed| parsed.placed(*span, line, alone, in_front)).collect::<Vec<Allow>>()
    };
    comments.iter().flat_map(read).collect()
}

/// What stands in one comment behind each marker: two directives may share a line.
fn chunks(comment: &str, language: Language) -> Vec<&str> {
    let marker = defaults().select.allow_marker.as_str();
    // Prose that mentions the tool is no directive: the marker opens the comment, or a comment within it.
    let opener = if language == Language::Rust { '/' } else { '#' };
    let opens =
        |at: &usize| comment.get(..*at).is_some_and(|head| head.trim_end_matches([' ', '\t', '*']).ends_with(opener));
    let starts: Vec<usize> = comment.match_indices(marker).map(|(at, _)| at).filter(opens).collect();
    let ends = starts.iter().skip(1).copied().chain([comment.len()]);
    let chunk = |(start, end): (&usize, usize)| {
        let chunk = comment.get(start + marker.len()..end)?;
        Some(if end < comment.len() { chunk.trim_end().trim_end_matches(opener) } else { chunk })
    };
    starts.iter().zip(ends).filter_map(chunk).collect()
}

/// A directive without its place.
struct Parsed {
    scope: Scope,
    rules: Vec<String>,
    reason: Option<String>,
    until: Option<Date>,
    problem: Option<&'static str>,
}

impl Parsed {
    fn bad(scope: Scope, problem: &'static str) -> Self {
        Self { scope, rules: Vec::new(), reason: None, until: None, problem: Some(problem) }
    }

    fn placed(self, span: Span, line: usize, alone: bool, in_front: bool) -> Allow {
        let misplaced = self.scope == Scope::File && !in_front;
        let late = "an allow for the file must stand in its first comment block";
        let Self { scope, rules, reason, until, problem } = self;
        Allow {
            span,
            line,
            alone,
            scope: if misplaced { Scope::Misplaced } else { scope },
            rules,
            reason,
            until,
            problem: if misplaced { Some(late) } else { problem },
        }
    }
}

/// Reads what stands behind a marker.
fn parse(text: &str) -> Option<Parsed> {
    let rest = text.trim_start();
    let word: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
    let rest = rest.get(word.len()..)?.trim_start();
    let scope = match word.as_str() {
        "allow" => Scope::Statement,
        "allow-file" => Scope::File,
        _ if rest.starts_with('(') => {
            return Some(Parsed::bad(Scope::Statement, "this comment cannot be read, so it allows nothing"));
        }
        _ => return None,
    };
    let nameless = "this allow comment names no rule, so it allows nothing";
    let Some((list, tail)) = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) else {
        return Some(Parsed::bad(scope, nameless));
    };
    let rules: Vec<String> =
        list.split(',').map(|rule| rule.trim().to_owned()).filter(|rule| !rule.is_empty()).collect();
    let problem = rules.is_empty().then_some(nameless);
    let tail = tail.trim().trim_end_matches("*/").trim_end();
    let (until, tail) = expiry(tail);
    let problem = problem.or((until == Expiry::Unreadable).then_some("this date is none: write `until 2027-03-01`"));
    let until = if let Expiry::Day(day) = until { Some(day) } else { None };
    Some(Parsed { scope, rules, reason: reason(tail), until, problem })
}

#[derive(Debug, PartialEq, Eq)]
enum Expiry {
    Never,
    Day(Date),
    Unreadable,
}

/// `until 2027-03-01`, in front of the reason or at its end; and what is left.
fn expiry(tail: &str) -> (Expiry, &str) {
    if let Some(rest) = tail.strip_prefix("until ") {
        let rest = rest.trim_start();
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (day, rest) = rest.split_at(end);
        return (Date::parse(day).map_or(Expiry::Unreadable, Expiry::Day), rest);
    }
    let inner = tail.trim_end_matches([')', '.']);
    let last = inner.rsplit_once("until ").and_then(|(head, day)| Some((head, Date::parse(day.trim())?)));
    match last {
        Some((head, day)) => (Expiry::Day(day), head.trim_end().trim_end_matches(['(', ',']).trim_end()),
        None => (Expiry::Never, tail),
    }
}

fn reason(tail: &str) -> Option<String> {
    let reason = tail.trim_start().strip_prefix("--")?.trim();
    reason.chars().any(char::is_alphanumeric).then(|| reason.to_owned())
}

/// Where code starts: behind comments, blank lines, a Python docstring and Rust inner attributes.
fn code_start(text: &str, comments: &[Span], language: Language) -> u32 {
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or("");
        at += rest.len() - rest.trim_start().len();
        let rest = rest.trim_start();
        if let Some(comment) = comments.iter().find(|span| span.start as usize == at) {
            at = comment.end as usize;
            continue;
        }
        let skipped = match language {
            Language::Python => docstring_length(rest),
            Language::Rust if rest.starts_with("#![") => rest.find('\n'),
            Language::Rust | Language::Page => None,
            // Manifests start with a mark that is no content.
            Language::Deploy => rest.starts_with("---").then(|| rest.find('\n').unwrap_or(rest.len())),
        };
        match skipped {
            Some(length) if length > 0 => at += length,
            _ => return at as u32,
        }
    }
}

fn docstring_length(rest: &str) -> Option<usize> {
    let quoted = rest.trim_start_matches(['r', 'R', 'u', 'U']);
    let prefix = rest.len() - quoted.len();
    for quote in ["\"\"\"", "'''", "\"", "'"] {
        if let Some(inside) = quoted.strip_prefix(quote) {
            return inside.find(quote).map(|end| prefix + end + 2 * quote.len());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::comments;

    fn read(text: &str) -> Vec<Allow> {
        directives(text, &LineIndex::new(text), &comments(text, Language::Python), Language::Python)
    }

    #[test]
    fn forms() {
        let allows = read("x()  # noqa # overexposed: allow(soft-404, syntax-error) -- it is a joke\n");
        assert_eq!(allows[0].rules, ["soft-404", "syntax-error"]);
        assert_eq!((allows[0].reason.as_deref(), allows[0].alone), (Some("it is a joke"), false));
        assert_eq!(read("# overexposed: allow(soft-404) --  \n")[0].reason, None);
        assert_eq!(read("# overexposed: allow(soft-404) because\n")[0].reason, None);
        assert!(read("# overexposed: ignore(soft-404)\n")[0].problem.is_some());
        assert!(read("# overexposed: allow\n")[0].problem.is_some());
        assert!(read("# see overexposed: allow(soft-404) -- x\n# overexposed: see the manual\n").is_empty());
    }

    #[test]
    fn a_comment_may_expire_and_may_hold_two() {
        let day = |text: &str| read(text)[0].until.map(|day| day.to_string());
        let first = "x()  # overexposed: allow(soft-404) until 2027-03-01 -- the shop moves\n";
        assert_eq!(day(first).as_deref(), Some("2027-03-01"));
        assert_eq!(read(first)[0].reason.as_deref(), Some("the shop moves"));
        let last = "x()  # overexposed: allow(soft-404) -- the shop moves (until 2027-03-01)\n";
        assert_eq!(
            (day(last).as_deref(), read(last)[0].reason.as_deref()),
            (Some("2027-03-01"), Some("the shop moves"))
        );
        assert!(read("# overexposed: allow(soft-404) until 2027-02-30 -- x\n")[0].problem.is_some());
        assert_eq!(day("# overexposed: allow(soft-404) -- until somebody mends it\n"), None);
        let two = read("x()  # overexposed: allow(soft-404) -- a  # overexposed: allow(uncounted-404) -- b\n");
        assert_eq!((two.len(), two[0].reason.as_deref(), two[1].reason.as_deref()), (2, Some("a"), Some("b")));
    }

    #[test]
    fn a_file_is_allowed_in_its_first_comment_block() {
        let scope = |text: &str| read(text)[0].scope;
        assert_eq!(scope("#!/bin/python\n# hi\n# overexposed: allow-file(soft-404) -- x\nimport a\n"), Scope::File);
        assert_eq!(scope("\"\"\"Doc.\"\"\"\n\n# overexposed: allow-file(soft-404) -- x\n"), Scope::File);
        assert_eq!(scope("import a\n# overexposed: allow-file(soft-404) -- x\n"), Scope::Misplaced);
    }
}
