//! Text of audited programs, made harmless for each kind of document.
//!
//! Names, messages and source come from whoever wrote the audited program. None of it may become markup, a workflow
//! command, or something that a terminal obeys. Control characters are spelt out first, by [`plain`].

use std::fmt::Write;

use super::plain::{one_line, plain};

/// For the text and the quoted attributes of HTML.
#[must_use]
pub fn html(text: &str) -> String {
    markup(&plain(text))
}

/// For the text and the quoted attributes of XML: what no XML document may hold is spelt out, too.
pub(super) fn xml(text: &str) -> String {
    let text = plain(text);
    if !text.contains(['\u{fffe}', '\u{ffff}']) {
        return markup(&text);
    }
    let spelt: String =
        text.chars().map(|c| if is_no_xml(c) { c.escape_unicode().to_string() } else { c.into() }).collect();
    markup(&spelt)
}

fn is_no_xml(c: char) -> bool {
    matches!(c, '\u{fffe}' | '\u{ffff}')
}

fn markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// For one line of Markdown. What stands between backticks stays code; anything else is text only, without links,
/// mentions or references.
pub(super) fn markdown(text: &str) -> String {
    let text = one_line(text);
    let parts: Vec<&str> = text.split('`').collect();
    // An odd backtick closes nothing: then none of them means anything.
    if parts.len().is_multiple_of(2) {
        return markdown_text(&text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for (at, part) in parts.iter().enumerate() {
        if at % 2 == 0 {
            out.push_str(&markdown_text(part));
        } else {
            out.push_str(&markdown_code(part));
        }
    }
    out
}

fn markdown_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            // Mentions and references are found in the rendered text: an empty comment parts them.
            '@' | '#' => {
                out.push(c);
                out.push_str("<!-- -->");
            }
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // Nothing may look like an address.
            ':' => out.push_str(":<!-- -->"),
            '.' | ',' | ';' | '\'' | '"' | '/' | '-' | '?' | '=' | '%' | '^' | '$' => out.push(c),
            c if c.is_ascii_punctuation() => {
                out.push('\\');
                out.push(c);
            }
            other => out.push(other),
        }
    }
    // `www.` becomes a link by itself.
    out.replace("www.", "www<!-- -->.").replace(":<!-- --> ", ": ")
}

/// A code span for any text on one line.
pub(super) fn markdown_code(text: &str) -> String {
    let text = one_line(text).replace('|', "\\|");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    if text.is_empty() {
        String::new()
    } else if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) {
        format!("{fence} {text} {fence}")
    } else {
        format!("{fence}{text}{fence}")
    }
}

/// A fenced block for any text; the fence is longer than any in it.
pub(super) fn markdown_block(language: &str, text: &str) -> String {
    let text = plain(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

/// For the message of a workflow command.
pub(super) fn github_message(text: &str) -> String {
    plain(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// For a property of a workflow command.
pub(super) fn github_property(text: &str) -> String {
    github_message(text).replace(':', "%3A").replace(',', "%2C")
}

/// A path as a relative reference, or as a `file` URI where it is absolute.
pub(super) fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    if path.starts_with('/') {
        out.push_str("file://");
    }
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => out.push(byte as char),
            // Writing to a string can't fail.
            other => {
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
    out
}

/// A folder as a `file` URI.
#[must_use]
pub fn folder_uri(folder: &std::path::Path) -> String {
    uri(&folder.to_string_lossy()).trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_stays_text() {
        assert_eq!(html("<a href='x'>\u{1b}&"), "&lt;a href=&#39;x&#39;&gt;\\u{1b}&amp;");
        assert_eq!(xml("\u{0}\u{ffff}]]>"), "\\u{0}\\u{ffff}]]&gt;");
    }

    #[test]
    fn markdown_stays_text() {
        assert_eq!(markdown("`a|b` is *x* | <b>"), "`a\\|b` is \\*x\\* \\| &lt;b&gt;");
        assert_eq!(markdown("one ` [x](http://y) @me"), "one \\` \\[x\\]\\(http:<!-- -->//y\\) @<!-- -->me");
        assert_eq!(markdown_code("a``b`"), "``` a``b` ```");
        assert!(markdown_block("python", "x\n````\n").starts_with("`````python\n"));
    }

    #[test]
    fn workflow_commands_end_where_they_should() {
        assert_eq!(github_message("a\n::error::b%0A"), "a%0A::error::b%250A");
        assert_eq!(github_property("a,b:c"), "a%2Cb%3Ac");
    }

    #[test]
    fn paths_become_references() {
        assert_eq!(uri("a b/ü#1.py"), "a%20b/%C3%BC%231.py");
        assert_eq!(uri("/srv/x:y.py"), "file:///srv/x%3Ay.py");
    }
}
