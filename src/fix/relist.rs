//! How are lists and blocks of Rust written that have lost a part?
//!
//! What was written as the formatter writes it is written so again; what was not stays as its author had it.

use super::layout::Layout;
use super::outline::List;
use crate::program::Syntax;
use crate::source::Span;

/// The longest line of an import in several lines; one that stands on one line is one shorter.
const WIDTH: usize = 99;
/// The longest struct literal that stays on one line.
const LITERAL: usize = 18;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Import,
    Literal,
}

impl Layout<'_> {
    /// What stands between the braces of a block that lost its statements.
    pub(super) fn emptied(&self, inner: Span) -> String {
        let behind = self.slice(inner.end, self.text.len() as u32).trim_start_matches('}').trim_start();
        let otherwise = behind.strip_prefix("else").is_some_and(|rest| rest.starts_with([' ', '{', '\n', '\r']));
        if self.syntax != Syntax::Rust || !otherwise {
            return String::new();
        }
        let newline = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        format!("{newline}{}", self.indent(self.line_start(inner.end)))
    }

    /// Writes a list in braces anew without some of its elements, if it was written as the formatter does.
    pub(super) fn relist(&mut self, list: &List, gone: &[bool]) -> bool {
        let Some((place, kind)) = self.braces(list) else { return false };
        let items: Vec<&str> = list.items.iter().map(|item| self.slice(item.start, item.end)).collect();
        let kept: Vec<&str> = items.iter().zip(gone).filter(|(_, gone)| !**gone).map(|(item, _)| *item).collect();
        // A nested list may change by itself.
        let plain =
            |item: &&str| !item.contains(['{', '\n', '\r']) || kind == Kind::Literal && !item.contains(['\n', '\r']);
        if kept.is_empty() || !items.iter().all(plain) {
            return false;
        }
        let old = self.slice(place.start, place.end);
        if self.written(place, kind, &items).as_deref() != Some(old) {
            return false;
        }
        let Some(new) = self.written(place, kind, &kept) else { return false };
        self.edits.push((place, new));
        true
    }

    /// The braces around the list, where nothing but the elements stands in them.
    fn braces(&self, list: &List) -> Option<(Span, Kind)> {
        let (first, last) = (list.items.first()?, list.items.last()?);
        if self.syntax != Syntax::Rust || list.lines {
            return None;
        }
        let start = (self.slice(0, first.start).trim_end().len() as u32).checked_sub(1)?;
        let rest = self.slice(last.end, self.text.len() as u32);
        let closed = rest.trim_start().trim_start_matches(',').trim_start();
        let end = last.end + (rest.len() - closed.len()) as u32 + 1;
        let inner = self.slice(start, end);
        if !inner.starts_with('{') || !inner.ends_with('}') || inner.contains("//") || inner.contains("/*") {
            return None;
        }
        let kind = if self.slice(0, start).ends_with("::") { Kind::Import } else { Kind::Literal };
        (kind == Kind::Import || list.owner.is_some()).then_some((Span::new(start, end), kind))
    }

    fn written(&self, place: Span, kind: Kind, items: &[&str]) -> Option<String> {
        let line = self.line_start(place.start);
        let before = self.slice(line, place.start).chars().count();
        let joined = items.join(", ");
        let length = joined.chars().count();
        // A nested import is laid out with what is around it.
        let nested = kind == Kind::Import && self.slice(line, place.start).contains('{');
        let one = match kind {
            Kind::Import => {
                let fits = before + length + "{};".len() < WIDTH;
                if nested && !fits {
                    return None;
                }
                fits.then(|| format!("{{{joined}}}"))
            }
            Kind::Literal => (length <= LITERAL).then(|| format!("{{ {joined} }}")),
        };
        if let Some(one) = one {
            return Some(one);
        }
        let newline = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        let outer = self.indent(line);
        let indent = format!("{outer}    ");
        let body = match kind {
            Kind::Literal => items.iter().map(|item| format!("{indent}{item},{newline}")).collect::<String>(),
            Kind::Import => packed(items, &indent, newline),
        };
        Some(format!("{{{newline}{body}{outer}}}"))
    }
}

/// As many elements to a line as fit.
fn packed(items: &[&str], indent: &str, newline: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for item in items {
        match lines.last_mut() {
            Some(line) if line.chars().count() + item.chars().count() + 2 <= WIDTH => {
                line.push(' ');
                line.push_str(item);
                line.push(',');
            }
            _ => lines.push(format!("{indent}{item},")),
        }
    }
    lines.iter().map(|line| format!("{line}{newline}")).collect()
}

/// The longest call that stands on one line, as a link of a chain.
const CALL: usize = 60;

/// The call on one line, where it was written over several as the formatter does and would not be any more.
pub(super) fn joined(old: &str, new: &str) -> Option<String> {
    let spread = old.contains("(\n") || old.contains("(\r\n");
    let plain = |text: &str| !text.contains("//") && !text.contains("/*") && !text.contains("\\\n");
    if !spread || !plain(old) {
        return None;
    }
    let mut lines: Vec<&str> = new.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut out = String::new();
    for line in lines.drain(..) {
        let closes = line.starts_with([')', ']', '}']);
        let opened = out.ends_with(['(', '[', '{']);
        if closes {
            out.truncate(out.trim_end_matches(',').len());
        } else if !opened && !out.is_empty() && !line.starts_with('.') {
            out.push(' ');
        }
        out.push_str(line);
    }
    (out.chars().count() <= CALL && !out.contains(['{', '}'])).then_some(out)
}
