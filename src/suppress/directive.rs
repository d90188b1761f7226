//! Reading allow comments.

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
    /// Why it cannot allow anything.
    pub(super) problem: Option<&'static str>,
}

/// The allow comments among the comments of a text.
pub(super) fn directives(text: &str, lines: &LineIndex, comments: &[Span], language: Language) -> Vec<Allow> {
    let code = code_start(text, comments, language);
    let read = |span: &Span| {
        let body = text.get(span.range())?;
        let (scope, rules, reason, problem) = parse(body, language)?;
        let line = lines.line_of(span.start);
        let before = text.get(lines.line_span(line).start as usize..span.start as usize).unwrap_or("");
        let misplaced = scope == Scope::File && span.start >= code;
        Some(Allow {
            span: *span,
            line,
            alone: before.trim().is_empty(),
            scope: if misplaced { Scope::Misplaced } else { scope },
            rules,
            reason,
            problem: if misplaced {
                Some("an allow for the file must stand in its first comment block")
            } else {
                problem
            },
        })
    };
    comments.iter().filter_map(read).collect()
}

type Parsed = (Scope, Vec<String>, Option<String>, Option<&'static str>);

fn parse(comment: &str, language: Language) -> Option<Parsed> {
    let marker = defaults().select.allow_marker.as_str();
    let at = comment.find(marker)?;
    // Prose that mentions the tool is no directive: the marker opens the comment, or a comment within it.
    let opens = if language == Language::Python { "#" } else { "/" };
    let before = comment.get(..at)?.trim_end_matches([' ', '\t', '*']);
    if !before.ends_with(opens) {
        return None;
    }
    let rest = comment.get(at + marker.len()..)?.trim_start();
    let word: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
    let rest = rest.get(word.len()..)?.trim_start();
    let scope = match word.as_str() {
        "allow" => Scope::Statement,
        "allow-file" => Scope::File,
        _ if rest.starts_with('(') => {
            return Some((
                Scope::Statement,
                Vec::new(),
                None,
                Some("this comment cannot be read, so it allows nothing"),
            ));
        }
        _ => return None,
    };
    let list = rest.strip_prefix('(').and_then(|rest| rest.split_once(')'));
    let Some((list, tail)) = list else {
        return Some((scope, Vec::new(), None, Some("this allow comment names no rule, so it allows nothing")));
    };
    let rules: Vec<String> =
        list.split(',').map(|rule| rule.trim().to_owned()).filter(|rule| !rule.is_empty()).collect();
    let problem = rules.is_empty().then_some("this allow comment names no rule, so it allows nothing");
    Some((scope, rules, reason(tail), problem))
}

fn reason(tail: &str) -> Option<String> {
    let reason = tail.trim_start().strip_prefix("--")?.trim().trim_end_matches("*/").trim_end();
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
            Language::Rust => None,
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
    fn a_file_is_allowed_in_its_first_comment_block() {
        let scope = |text: &str| read(text)[0].scope;
        assert_eq!(scope("#!/bin/python\n# hi\n# overexposed: allow-file(soft-404) -- x\nimport a\n"), Scope::File);
        assert_eq!(scope("\"\"\"Doc.\"\"\"\n\n# overexposed: allow-file(soft-404) -- x\n"), Scope::File);
        assert_eq!(scope("import a\n# overexposed: allow-file(soft-404) -- x\n"), Scope::Misplaced);
    }
}
