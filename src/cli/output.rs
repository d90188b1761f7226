//! Writing to people, files and pipes.

use std::ffi::OsString;
use std::fs;
use std::io::{IsTerminal, Write};
use std::path::Path;

use super::args::{Color, Format, OutputOptions};
use crate::error::Failure;
use crate::report::{self, Report, Style, render, statistics};

/// Writes to standard output. A reader that has gone away is no error.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(cause) if cause.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::Io { what: "cannot write the report".to_owned(), cause })
        }
        _ => Ok(()),
    }
}

/// Writes to standard error, as well as it goes.
pub(super) fn error(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// A report to write: how it looks, and the file; standard output where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted<'a> {
    pub(super) format: Format,
    pub(super) file: Option<&'a Path>,
}

/// The reports that were asked for; at most one goes to standard output, and no two to one file.
pub(super) fn wanted(options: &OutputOptions) -> Result<Vec<Wanted<'_>>, Failure> {
    let named = options.output.iter().map(|one| Wanted { format: one.format, file: one.file.as_deref() });
    let main = options.output_format.map(|format| Wanted { format, file: None });
    let mut all: Vec<Wanted<'_>> = main.into_iter().chain(named).collect();
    if all.is_empty() {
        all.push(Wanted { format: Format::Full, file: None });
    }
    for (at, one) in all.iter().enumerate() {
        if all.iter().skip(at + 1).any(|other| other.file == one.file) {
            let place = one.file.map_or("standard output".to_owned(), |file| format!("`{}`", file.display()));
            return Err(Failure::Arguments(format!("two reports cannot both go to {place}")));
        }
    }
    Ok(all)
}

/// Writes every report that was asked for: those to files first, so that they are there when the reader sees the rest.
pub(super) fn deliver(options: &OutputOptions, report: &Report<'_>) -> Result<(), Failure> {
    let (to_files, to_output): (Vec<_>, Vec<_>) = wanted(options)?.into_iter().partition(|one| one.file.is_some());
    for one in to_files.iter().chain(&to_output) {
        let text = text(options, report, *one);
        match one.file {
            None => print(&text)?,
            Some(file) => fs::write(file, text)
                .map_err(|cause| Failure::Io { what: format!("cannot write `{}`", file.display()), cause })?,
        }
    }
    Ok(())
}

fn text(options: &OutputOptions, report: &Report<'_>, wanted: Wanted<'_>) -> String {
    let style = if wanted.file.is_none() { style_with(options.color) } else { for_file(options.color) };
    let for_people = matches!(wanted.format, Format::Full | Format::Concise);
    let style = Style { summary: !options.quiet, ..style };
    if options.statistics && for_people {
        return statistics(report, style);
    }
    let mut report = Report { ..*report };
    if wanted.file.is_some() {
        report.extras.links = None;
    }
    let format: report::Format = wanted.format.into();
    render(&report, format, style)
}

/// How text for people is drawn on this standard output.
pub(super) fn style() -> Style {
    style_with(Color::Auto)
}

fn style_with(color: Color) -> Style {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let terminal = std::io::stdout().is_terminal();
    let dumb = variable("TERM").is_some_and(|term| term == "dumb");
    let width = variable("COLUMNS").and_then(|columns| columns.to_str()?.parse().ok());
    let width =
        width.or_else(|| terminal.then(terminal_size::terminal_size).flatten().map(|(width, _)| width.0.into()));
    Style {
        color: is_colored(color, terminal && !dumb, variable),
        unicode: !dumb,
        width: width.unwrap_or(100).clamp(40, 200),
        summary: true,
    }
}

fn for_file(color: Color) -> Style {
    Style { color: color == Color::Always, unicode: true, width: 100, summary: true }
}

/// Whether this standard output opens links.
pub(super) fn has_links() -> bool {
    std::io::stdout().is_terminal() && supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout)
}

/// As bixense.com/clicolors has it: NO_COLOR, then CLICOLOR_FORCE, then the terminal.
fn is_colored(color: Color, terminal: bool, variable: impl Fn(&str) -> Option<OsString>) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if variable("NO_COLOR").is_some() => false,
        Color::Auto if variable("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        Color::Auto => terminal && variable("CLICOLOR").is_none_or(|value| value != "0"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_follow_the_environment() {
        let colored = |color, terminal, set: &[(&str, &str)]| {
            is_colored(color, terminal, |name| {
                set.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
            })
        };
        assert!(colored(Color::Auto, true, &[]) && !colored(Color::Auto, false, &[]));
        assert!(!colored(Color::Auto, true, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]));
        assert!(colored(Color::Auto, false, &[("CLICOLOR_FORCE", "1")]));
        assert!(!colored(Color::Auto, false, &[("CLICOLOR_FORCE", "0")]));
        assert!(!colored(Color::Auto, true, &[("CLICOLOR", "0")]));
        assert!(colored(Color::Always, false, &[("NO_COLOR", "1")]) && !colored(Color::Never, true, &[]));
    }
}
