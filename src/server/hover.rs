//! What is known about the finding under the cursor: the rule and the flow, in words.

use serde_json::{Value, json};

use super::diagnostics::Texts;
use super::session::Project;
use crate::finding::Finding;
use crate::rules;
use crate::source::FileId;

/// The answer for a place of a file; none where nothing was found.
pub(super) fn at(project: &Project, file: FileId, position: &Value) -> Option<Value> {
    let mut texts = Texts::new(project);
    let offset = texts.of(file).offset(position)?;
    let here = |finding: &&Finding| {
        finding.at.file == file && finding.at.span.start <= offset && offset <= finding.at.span.end
    };
    let mut found: Vec<&Finding> = project.findings().filter(here).collect();
    // The narrowest is what the cursor is on.
    found.sort_by_key(|finding| finding.at.span.end - finding.at.span.start);
    let first = found.first()?;
    let range = texts.of(file).range(first.at.span);
    let text: Vec<String> = found.iter().map(|finding| explain(project, finding, &mut texts)).collect();
    Some(json!({"contents": {"kind": "markdown", "value": text.join("\n\n---\n\n")}, "range": range}))
}

fn explain<'a>(project: &'a Project, finding: &Finding, texts: &mut Texts<'a>) -> String {
    let mut text = format!("**{}**: {}\n", finding.rule, escaped(&finding.message));
    if !finding.help.is_empty() {
        text.push_str(&format!("\n*{}*\n", escaped(&finding.help)));
    }
    if !finding.flow.is_empty() {
        text.push('\n');
    }
    for (number, step) in finding.flow.iter().enumerate() {
        let line = texts.of(step.at.file).range(step.at.span)["start"]["line"].as_u64().unwrap_or(0) + 1;
        let place = match project.uri(step.at.file) {
            Some(uri) if step.at.file != finding.at.file => {
                let name = uri.rsplit('/').next().unwrap_or_default().to_owned();
                format!("[{name}:{line}]({uri}#L{line})")
            }
            _ => format!("line {line}"),
        };
        text.push_str(&format!("{}. {place}: {}\n", number + 1, escaped(&step.note)));
    }
    if let Some(rule) = rules::by_name(finding.rule) {
        for section in ["What", "Why", "Limits"] {
            text.push_str(&format!("\n**{section}**: {}\n", rule.section(section)));
        }
    }
    text
}

/// Text of the program that is audited must not become markup; what stands in backquotes stays.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '`' => quoted = !quoted,
            '*' | '_' | '[' | ']' | '<' | '>' | '#' | '\\' if !quoted => out.push('\\'),
            _ => {}
        }
        out.push(c);
    }
    out
}
