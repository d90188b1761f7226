//! Which finding is the same one after the file was edited, formatted, moved or renamed?

use std::collections::{BTreeMap, HashMap};

use crate::finding::Finding;
use crate::source::{FileId, LineIndex, Sources, Span, comments};

/// One fingerprint per finding. Equal ones are numbered in order, so that each is there once.
#[must_use]
pub fn fingerprints(findings: &[Finding], sources: &Sources) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut prints = Vec::with_capacity(findings.len());
    for print in contents(findings, sources) {
        let ordinal = seen.entry(print.clone()).or_insert(0);
        prints.push(numbered(&print, *ordinal));
        *ordinal += 1;
    }
    prints
}

/// The fingerprint of the one with this ordinal among findings alike, from 0.
#[must_use]
pub fn numbered(content: &str, ordinal: usize) -> String {
    if ordinal == 0 { content.to_owned() } else { format!("{content}-{ordinal}") }
}

/// What a finding is about, whatever its line and file are called: the rule, the function and the text of its place
/// without what formatters change. Findings alike have the same.
#[must_use]
pub fn contents(findings: &[Finding], sources: &Sources) -> Vec<String> {
    let mut commented: HashMap<FileId, Vec<Span>> = HashMap::new();
    let print = |finding: &Finding| {
        let file = finding.at.file;
        let text = sources.text(file);
        let mut snippet = sources.snippet(file, finding.at.span).to_owned();
        if finding.at.span.start == 0 && is_first_line(text, finding.at.span) {
            // It speaks about the file or the project, not about what stands on its first line.
            snippet.clear();
        }
        if snippet.contains(['#', '/'])
            && let Some(source) = sources.get(file)
        {
            let spans = commented.entry(file).or_insert_with(|| comments(text, source.language));
            snippet = without(text, finding.at.span, spans);
        }
        let function = finding.function.as_deref().unwrap_or("");
        hash([finding.rule, function, &normal(&snippet)])
    };
    findings.iter().map(print).collect()
}

fn is_first_line(text: &str, span: Span) -> bool {
    let line = LineIndex::new(text).line_span(0);
    text.get(line.range()).is_some_and(|line| line.trim_end().len() == span.end as usize)
}

/// The text of a span without the comments in it.
fn without(text: &str, span: Span, comments: &[Span]) -> String {
    let mut out = String::new();
    let mut at = span.start;
    for comment in comments.iter().filter(|comment| span.start <= comment.start && comment.end <= span.end) {
        out.push_str(text.get(at as usize..comment.start as usize).unwrap_or(""));
        at = comment.end;
    }
    out.push_str(text.get(at as usize..span.end as usize).unwrap_or(""));
    out
}

/// The text without what formatters change: white space, the kind of quotes, commas before closing brackets.
fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_whitespace() => {}
            '\'' => out.push('"'),
            ')' | ']' | '}' => {
                if out.ends_with(',') {
                    out.pop();
                }
                out.push(c);
            }
            other => out.push(other),
        }
    }
    out
}

/// A short name for some texts: FNV-1a of 64 bits, the same on every machine and in every version.
#[must_use]
pub fn hash<'a>(parts: impl IntoIterator<Item = &'a (impl AsRef<str> + ?Sized + 'a)>) -> String {
    let mut state: u64 = 0xcbf2_9ce4_8422_2325;
    for part in parts {
        for &byte in part.as_ref().as_bytes().iter().chain([&0xff]) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format!("{state:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formatters_change_nothing() {
        let one = normal("LOGINS.labels(user=name, kind='a').inc()");
        assert_eq!(one, normal("LOGINS.labels(\n    user=name,\n    kind=\"a\",\n).inc()"));
        assert_ne!(one, normal("LOGINS.labels(user=names, kind='a').inc()"));
    }

    #[test]
    fn comments_are_no_part_of_it() {
        let text = "f(a,  # one\n  b)";
        assert_eq!(without(text, Span::new(0, 16), &[Span::new(6, 11)]), "f(a,  \n  b)");
    }

    #[test]
    fn parts_are_kept_apart() {
        assert_ne!(hash(["ab", "c"]), hash(["a", "bc"]));
    }
}
