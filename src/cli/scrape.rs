//! `overexposed scrape`.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use serde_json::{Value, json};

use super::fetch::{Address, Client, OPEN_METRICS, TEXT};
use super::gather::Run;
use super::scrape_args::ScrapeOptions;
use super::{comparison, output};
use crate::config::FailOn;
use crate::engine::Audit;
use crate::error::Failure;
use crate::finding::{Finding, Tier};
use crate::flow::Analysis;
use crate::page::{self, Comparison, Page, Request};
use crate::report::{Extras, Own, Report, Summary};
use crate::rules::{self, PageContext};
use crate::source::{Encoding, FileId, Language, Location, SourceFile, Span, display_path};

/// Reads pages, audits them, prints the report, and says whether something was found.
pub(super) fn run(options: &ScrapeOptions) -> Result<bool, Failure> {
    // Said before the work, not after it.
    output::wanted(&options.shown)?;
    let mut run = Run::new(&options.scope()?)?;
    let audit = if options.against.is_some() { Some(run.audit()?) } else { None };
    if let Some(failure) = audit.as_ref().and_then(|audit| run.failure(audit)) {
        return Err(failure);
    }
    let scraped = Scraped::read(options, &run)?;
    let mut shown = scraped.judge(&mut run, audit.as_ref());
    let pedantic = options.pedantic || run.config.pedantic.unwrap_or(false);
    shown.findings.retain(|finding| pedantic || finding.tier == Tier::Default);
    shown.print(options, &run)?;
    let fail_on = options.fail_on.or(run.config.fail_on).unwrap_or(FailOn::Warning);
    Ok(shown.findings.iter().any(|finding| fail_on.is_met_by(finding.severity)))
}

/// Pages by the name that reports give them.
struct Scraped {
    pages: Vec<(String, Page)>,
    comparison: Option<Comparison>,
}

impl Scraped {
    fn read(options: &ScrapeOptions, run: &Run) -> Result<Self, Failure> {
        let canaries = canaries(options)?;
        let request = Request {
            canaries: &canaries,
            limit: Some(options.http.max_bytes),
            keep_families: options.against.is_some(),
            keep_series: options.before.is_some(),
            is_open_metrics: false,
        };
        let read = |name: &str, input: Box<dyn Read>, is_open_metrics: bool| {
            let request = Request { is_open_metrics, ..request.clone() };
            page::audit(input, &request, run.knowledge.lexicon()).map_err(|error| Failure::Page {
                source_name: name.to_owned(),
                message: error.to_string(),
                help: None,
            })
        };
        let mut pages = Vec::new();
        if let Some(address) = Address::of(&options.source) {
            let client = Client::new(&options.http, &address)?;
            let text = client.get(&address, TEXT)?;
            pages.push((address.shown.clone(), read(&address.shown, text.body, text.is_open_metrics)?));
            // Exemplars show in this format only.
            let other = client.get(&address, OPEN_METRICS)?;
            if other.is_open_metrics && !text.is_open_metrics {
                let name = format!("{}#openmetrics", address.shown);
                let page = read(&name, other.body, true)?;
                pages.push((name, page));
            }
        } else if options.source == "-" {
            let name = options.stdin_filename.clone();
            let page = read(&name, Box::new(std::io::stdin()), false)?;
            pages.push((name, page));
        } else {
            let name = shown_path(Path::new(&options.source))?;
            let page = read(&name, open(Path::new(&options.source), &name)?, false)?;
            pages.push((name, page));
        }
        let comparison = match (&options.before, pages.first()) {
            (Some(path), Some((_, after))) => {
                let name = shown_path(path)?;
                Some(page::compare(&read(&name, open(path, &name)?, false)?, after))
            }
            _ => None,
        };
        Ok(Self { pages, comparison })
    }

    /// What rules find on the pages; their excerpts join the sources of the code.
    fn judge(self, run: &mut Run, audit: Option<&Audit>) -> Shown {
        let mut shown = Shown { comparison: self.comparison, ..Shown::default() };
        let analyses: Option<Vec<&Analysis>> =
            audit.map(|audit| audit.projects.iter().map(|project| &project.analysis).collect());
        for (at, (name, page)) in self.pages.into_iter().enumerate() {
            let file = FileId(u32::try_from(run.sources.files.len()).unwrap_or(u32::MAX));
            run.sources.files.push(excerpt(name.clone(), &page));
            let analyses = if at == 0 { analyses.as_deref() } else { None };
            let context = PageContext { page: &page, file, analyses, sources: &run.sources };
            let found = rules::check_page(&context, &run.options.levels);
            // The second format shows what the first does, and more.
            let known: Vec<_> = shown.findings.iter().map(key).collect();
            let new = found.into_iter().filter(|finding| !known.contains(&key(finding)));
            shown.findings.extend(new.collect::<Vec<_>>());
            if page.malformed_more > 0 {
                let message = format!("{} more lines cannot be read", page.malformed_more);
                shown.limits.push((Location::new(file, Span::default()), message));
            }
            shown.pages.push((name, page));
        }
        rules::sort(&mut shown.findings, &run.sources);
        shown
    }
}

/// What a finding is about, whatever the format calls the family.
fn key(finding: &Finding) -> (&'static str, String) {
    (finding.rule, finding.message.replace("_total`", "`"))
}

fn canaries(options: &ScrapeOptions) -> Result<Vec<String>, Failure> {
    let mut all = options.canaries.clone();
    if let Some(path) = &options.canary_file {
        let cannot = |cause| Failure::Io { what: format!("cannot read `{}`", path.display()), cause };
        all.extend(fs::read_to_string(path).map_err(cannot)?.lines().map(str::to_owned));
    }
    all.retain(|canary| !canary.trim().is_empty());
    Ok(all)
}

fn shown_path(path: &Path) -> Result<String, Failure> {
    let working = std::env::current_dir()
        .map_err(|cause| Failure::Io { what: "cannot tell the working directory".to_owned(), cause })?;
    Ok(display_path(path, &working))
}

fn open(path: &Path, name: &str) -> Result<Box<dyn Read>, Failure> {
    let failure = |message: String| Failure::Page {
        source_name: name.to_owned(),
        message,
        help: Some("give an http or https address, a file, or `-` for standard input".to_owned()),
    };
    if path.is_dir() {
        return Err(failure("it is a folder".to_owned()));
    }
    File::open(path).map(|file| Box::new(file) as Box<dyn Read>).map_err(|cause| failure(cause.to_string()))
}

fn excerpt(path: String, page: &Page) -> SourceFile {
    SourceFile {
        path,
        disk: None,
        language: Language::Page,
        project: 0,
        is_test: false,
        text: Some(page.excerpt.text.as_str().into()),
        encoding: Encoding::Utf8,
        starts: Some(page.excerpt.starts.as_slice().into()),
    }
}

/// What is reported.
#[derive(Default)]
struct Shown {
    pages: Vec<(String, Page)>,
    findings: Vec<Finding>,
    limits: Vec<(Location, String)>,
    comparison: Option<Comparison>,
}

impl Shown {
    fn print(&self, options: &ScrapeOptions, run: &Run) -> Result<(), Failure> {
        let count = |of: fn(&Page) -> usize| self.pages.iter().map(|(_, page)| of(page)).max().unwrap_or(0);
        let summary = Summary {
            files: self.pages.len(),
            parsed: self.pages.len(),
            metrics: count(|page| page.families.len()),
            ..Summary::default()
        };
        let own = Own { fields: self.own(), text: self.comparison.as_ref().map(comparison::table).unwrap_or_default() };
        let report = Report {
            sources: &run.sources,
            findings: &self.findings,
            errors: &[],
            limits: &self.limits,
            summary: summary.with_findings(&self.findings),
            extras: Extras { own: Some(&own), ..Extras::default() },
        };
        output::deliver(&options.shown, &report)
    }

    fn own(&self) -> serde_json::Map<String, Value> {
        let pages = self.pages.iter().map(|(source, page)| {
            let format = match page.format {
                page::Format::Text => "text",
                page::Format::OpenMetrics => "openmetrics",
            };
            json!({"source": source, "format": format, "lines": page.lines, "families": page.families.len(),
                "samples": page.samples})
        });
        let mut own = serde_json::Map::from_iter([("pages".to_owned(), Value::Array(pages.collect()))]);
        if let Some(comparison) = &self.comparison {
            own.insert("comparison".to_owned(), comparison::value(comparison));
        }
        own
    }
}
