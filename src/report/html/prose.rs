//! The little Markdown of rule documentation as HTML: headings, paragraphs, lists, fenced code, code spans.

use crate::report::escape::html;

pub(super) fn prose(markdown: &str) -> String {
    let mut out = String::new();
    let mut paragraph: Vec<&str> = Vec::new();
    let mut lines = markdown.lines();
    while let Some(line) = lines.next() {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            close(&mut paragraph, &mut out);
        } else if let Some(title) = trimmed.strip_prefix("## ") {
            close(&mut paragraph, &mut out);
            out.push_str(&format!("<h5>{}</h5>\n", spans(title)));
        } else if trimmed.starts_with("```") {
            close(&mut paragraph, &mut out);
            let code: Vec<&str> = lines.by_ref().take_while(|line| !line.trim().starts_with("```")).collect();
            out.push_str(&format!("<pre>{}</pre>\n", html(&code.join("\n"))));
        } else {
            if trimmed.starts_with("- ") {
                close(&mut paragraph, &mut out);
            }
            paragraph.push(trimmed);
        }
    }
    close(&mut paragraph, &mut out);
    out
}

fn close(paragraph: &mut Vec<&str>, out: &mut String) {
    if paragraph.is_empty() {
        return;
    }
    let text = paragraph.join(" ");
    paragraph.clear();
    out.push_str(&match text.strip_prefix("- ") {
        Some(item) => format!("<p class=\"item\">{}</p>\n", spans(item)),
        None => format!("<p>{}</p>\n", spans(&text)),
    });
}

/// What stands between backticks as code.
pub(super) fn spans(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return html(text);
    }
    let part = |(at, part): (usize, &&str)| {
        if at % 2 == 1 { format!("<code>{}</code>", html(part)) } else { html(part) }
    };
    parts.iter().enumerate().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_markdown_of_rules() {
        let shown = prose("## What\nFinds `a<b`,\nand more.\n\n```python\nx < 1\n```\n- one\n- two\n");
        let wanted = "<h5>What</h5>\n<p>Finds <code>a&lt;b</code>, and more.</p>\n<pre>x &lt; 1</pre>\n\
                      <p class=\"item\">one</p>\n<p class=\"item\">two</p>\n";
        assert_eq!(shown, wanted);
        assert_eq!(spans("one ` <b>"), "one ` &lt;b&gt;");
    }
}
