//! Text of students, made harmless for each kind of document.

use std::collections::BTreeSet;

use crate::report::plain;

pub(super) use crate::report::html_text as html;

/// One line for a terminal.
pub(super) fn line(text: &str) -> String {
    plain(text).replace(['\n', '\r', '\t'], " ")
}

/// For one line of Markdown: a student's words are text, whatever they look like. What stands in backticks in texts of
/// ours stays code.
pub(super) fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut code = false;
    let text = line(text);
    let balanced = text.matches('`').count().is_multiple_of(2);
    for c in text.chars() {
        match c {
            '`' if balanced => {
                code = !code;
                out.push(c);
            }
            '|' => out.push_str("\\|"),
            _ if code => out.push(c),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '~' | '!' => {
                out.push('\\');
                out.push(c);
            }
            '@' => out.push_str("@<!-- -->"),
            ':' => out.push_str(":<!-- -->"),
            other => out.push(other),
        }
    }
    out.replace(":<!-- --> ", ": ").trim_end_matches("<!-- -->").to_owned()
}

/// A code span for any text on one line.
pub(super) fn code(text: &str) -> String {
    let text = line(text).replace('|', "\\|");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    if longest > 0 { format!("{fence} {text} {fence}") } else { format!("{fence}{text}{fence}") }
}

/// Names of files and folders, one for each key, all different.
pub(super) fn file_names<'k>(keys: impl Iterator<Item = &'k str>) -> Vec<String> {
    let mut taken = BTreeSet::new();
    keys.map(|key| {
        let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
        let mut name: String = key.chars().take(100).map(|c| if is_plain(c) { c } else { '_' }).collect();
        if name.trim_matches(['.', ' ']).is_empty() || name.starts_with(['.', ' ', '-']) {
            name.insert(0, '_');
        }
        let first = name.clone();
        let mut times = 1;
        while !taken.insert(name.to_lowercase()) {
            times += 1;
            name = format!("{first}-{times}");
        }
        name
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_stay_inside() {
        let names = file_names(["../../x", "..", "a/b", "a:b", "-rf", "Ada", "ada"].into_iter());
        assert_eq!(names, ["_.._.._x", "_..", "a_b", "a_b-2", "_-rf", "Ada", "ada-2"]);
    }

    #[test]
    fn markdown_stays_text() {
        assert_eq!(markdown("`a` [x](javascript:y) <b>"), "`a` \\[x\\](javascript:<!-- -->y) &lt;b&gt;");
        assert_eq!(markdown("one ` |"), "one \\` \\|");
        assert_eq!(code("a`b"), "`` a`b ``");
    }
}
