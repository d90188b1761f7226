//! Text of audited programs, made harmless for terminals.

use std::borrow::Cow;

/// The text with control characters, and those that change the direction of writing, spelt out. Tabs and line ends stay.
#[must_use]
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hostile(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// The same for text that must stay on one line.
pub(super) fn one_line(text: &str) -> String {
    plain(text).replace(['\n', '\r', '\t'], " ")
}

/// A text that terminals open as a file of the folder with this URI; the text alone where there is none.
pub(super) fn linked(folder: Option<&str>, path: &str, text: &str) -> String {
    let uri = super::escape::uri(path);
    match folder {
        None => text.to_owned(),
        Some(_) if uri.starts_with("file:") => format!("\u{1b}]8;;{uri}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\"),
        Some(folder) => format!("\u{1b}]8;;{folder}/{uri}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\"),
    }
}

/// Replaces each hostile character by as many spaces or marks as it has bytes, so that offsets stay right.
pub(super) fn masked(text: &str) -> Cow<'_, str> {
    let hostile = |c: char| is_hostile(c) || c == '\r';
    if !text.chars().any(hostile) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '\r' && rest.peek() == Some(&'\n') {
            out.push(' ');
        } else if c == '\r' {
            out.push('\n');
        } else if is_hostile(c) {
            out.extend(std::iter::repeat_n('?', c.len_utf8()));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

fn is_hostile(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal() {
        assert_eq!(plain("a\u{1b}[31m\tb"), "a\\u{1b}[31m\tb");
        assert_eq!(one_line("a\r\nb\u{202e}"), "a  b\\u{202e}");
        assert_eq!(masked("x\u{202e}y\r\nz\rw"), "x???y \nz\nw");
    }
}
