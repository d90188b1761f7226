//! For people: source, flow, help and fix of each finding.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode, ThemeCharacters,
    ThemeStyles,
};

use super::plain::{linked, masked, one_line};
use super::view::word;
use super::{Places, Report, Style, diff, summary};
use crate::finding::{Applicability, Finding, FlowStep, Severity};
use crate::source::{FileId, Span};

/// Steps of one flow that are drawn; the others are counted.
const MOST_STEPS: usize = 12;

pub(super) fn render(report: &Report<'_>, style: Style) -> String {
    let painter = Painter::new(report, style);
    let mut out = report.extras.own.map(|own| own.text.clone()).unwrap_or_default();
    for finding in report.findings.iter().filter(|finding| finding.allowed.is_none()) {
        painter.finding(finding, &mut out);
        out.push('\n');
    }
    for error in report.errors {
        // Writing to a string can't fail.
        let _ =
            writeln!(out, "{}: {}: {}\n", painter.bold("error", RED), one_line(&error.path), one_line(&error.message));
    }
    out.push_str(&summary::foot(report, style));
    out
}

const RED: u8 = 31;
const GREEN: u8 = 32;
const YELLOW: u8 = 33;
const CYAN: u8 = 36;

struct Painter<'a> {
    report: &'a Report<'a>,
    places: Places<'a>,
    style: Style,
    handler: GraphicalReportHandler,
    texts: BTreeMap<FileId, NamedSource<String>>,
}

impl<'a> Painter<'a> {
    fn new(report: &'a Report<'a>, style: Style) -> Self {
        let shown = report.findings.iter().filter(|finding| finding.allowed.is_none());
        let files = shown.clone().flat_map(|f| f.flow.iter().map(|step| step.at.file).chain([f.at.file]));
        let texts = shown.map(|finding| finding.at.file).map(|file| {
            let text = masked(report.sources.text(file)).into_owned();
            let path = report.sources.path(file);
            (file, NamedSource::new(linked(report.extras.links, path, &one_line(path)), text))
        });
        Self {
            places: Places::new(report.sources, files),
            texts: texts.collect(),
            handler: handler(style),
            report,
            style,
        }
    }

    fn bold(&self, text: &str, color: u8) -> String {
        if self.style.color { format!("\u{1b}[1;{color}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn finding(&self, finding: &Finding, out: &mut String) {
        let color = match finding.severity {
            Severity::Error => RED,
            Severity::Warning => YELLOW,
            Severity::Note => CYAN,
        };
        let head = self.bold(&format!("{}[{}]", word(finding.severity), finding.rule), color);
        let _ = writeln!(out, "{head}: {}", one_line(&finding.message));
        // What is said of a file as a whole has no way to it: its steps are places, and drawing them would print the file.
        let whole_file = finding.at.span.start == 0;
        let is_drawn = |step: &&FlowStep| step.at.file == finding.at.file && !whole_file;
        let (here, elsewhere): (Vec<_>, Vec<_>) = finding.flow.iter().take(MOST_STEPS).partition(is_drawn);
        let shown = Shown { finding, source: self.texts.get(&finding.at.file), labels: self.labels(finding, &here) };
        let mut drawn = String::new();
        if self.handler.render_report(&mut drawn, &shown).is_ok() {
            // The first line holds the message, which stands in the headline already.
            let body = drawn.split_once('\n').map_or("", |(_, body)| body);
            out.push_str(body);
        }
        self.notes(finding, &elsewhere, out);
        self.fix(finding, out);
    }

    fn labels(&self, finding: &Finding, steps: &[&FlowStep]) -> Vec<LabeledSpan> {
        let span = self.short(finding.at.file, finding.at.span);
        let mut labels = vec![LabeledSpan::new_primary_with_span(text_of(&finding.label), to_miette(span))];
        let mut seen = vec![span];
        for step in steps {
            let span = self.short(step.at.file, step.at.span);
            // The step that is the primary place itself has its label already.
            if !seen.contains(&span) {
                seen.push(span);
                labels.push(LabeledSpan::new_with_span(text_of(&step.note), to_miette(span)));
            }
        }
        labels
    }

    /// The first line of a span: labels of several lines that hold others are drawn confusingly.
    fn short(&self, file: FileId, span: Span) -> Span {
        let text = self.report.sources.snippet(file, span);
        let first = text.lines().next().unwrap_or("").trim_end();
        Span::new(span.start, span.start + first.len() as u32)
    }

    fn notes(&self, finding: &Finding, elsewhere: &[&FlowStep], out: &mut String) {
        let name = |text: &str| self.bold(text, CYAN);
        for step in elsewhere {
            let start = self.places.start(step.at);
            let path = self.report.sources.path(step.at.file);
            let place = format!("{}:{}", one_line(path), start.line);
            let place = linked(self.report.extras.links, path, &place);
            let _ = writeln!(out, "  = {}: {place} {}", name("from"), one_line(&step.note));
        }
        if finding.flow.len() > MOST_STEPS {
            let _ = writeln!(out, "  = {}: {} steps more", name("from"), finding.flow.len() - MOST_STEPS);
        }
        if !finding.help.is_empty() {
            let _ = writeln!(out, "  = {}: {}", name("help"), one_line(&finding.help));
        }
    }

    fn fix(&self, finding: &Finding, out: &mut String) {
        let Some(fix) = &finding.fix else { return };
        let kind = match fix.applicability {
            Applicability::Safe => "fix",
            Applicability::Unsafe => "unsafe fix",
        };
        let caveat = fix.caveat.as_ref().map_or(String::new(), |why| format!(" ({})", one_line(why)));
        let _ = writeln!(out, "  = {}: {}{caveat}", self.bold(kind, CYAN), one_line(&fix.title));
        for what in &fix.unused {
            let _ = writeln!(out, "    no longer used then: {}", one_line(what));
        }
        let mut files: Vec<FileId> = fix.edits.iter().map(|edit| edit.at.file).collect();
        files.sort_unstable();
        files.dedup();
        for file in files {
            let before = self.report.sources.text(file);
            let Some(after) = diff::apply(before, file, &fix.edits) else { continue };
            if file != finding.at.file {
                let _ = writeln!(out, "    {}", one_line(self.report.sources.path(file)));
            }
            for line in diff::hunks(before, &after) {
                let line = one_line_keeping_tabs(&line);
                let line = match line.as_bytes().first() {
                    Some(b'-') => self.paint(&line, RED),
                    Some(b'+') => self.paint(&line, GREEN),
                    _ => line,
                };
                let _ = writeln!(out, "    {line}");
            }
        }
    }

    fn paint(&self, text: &str, color: u8) -> String {
        if self.style.color { format!("\u{1b}[{color}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

fn one_line_keeping_tabs(text: &str) -> String {
    super::plain(text).replace(['\n', '\r'], "")
}

fn text_of(label: &str) -> Option<String> {
    (!label.is_empty()).then(|| one_line(label))
}

fn to_miette(span: Span) -> miette::SourceSpan {
    (span.start as usize, (span.end - span.start.min(span.end)) as usize).into()
}

fn handler(style: Style) -> GraphicalReportHandler {
    let characters = if style.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() };
    let styles = if style.color { ThemeStyles::ansi() } else { ThemeStyles::none() };
    GraphicalReportHandler::new_themed(GraphicalTheme { characters, styles })
        .with_width(style.width)
        .with_context_lines(1)
        .without_cause_chain()
        .without_syntax_highlighting()
        .with_links(false)
}

/// A finding as miette wants it.
#[derive(Debug)]
struct Shown<'a> {
    finding: &'a Finding,
    source: Option<&'a NamedSource<String>>,
    labels: Vec<LabeledSpan>,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One word: whatever the width, it takes one line.
        f.write_str(self.finding.rule)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}
