//! `overexposed init`: a commented configuration, written from what is found in the project.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use super::args::InitOptions;
use super::gather::Run;
use super::output;
use crate::config::Config;
use crate::engine::Audit;
use crate::error::Failure;
use crate::finding::Tier;
use crate::flow::NotFoundKind;
use crate::rules;
use crate::source::Sources;

const NAME: &str = "overexposed.toml";

/// Audits without a configuration, and writes one.
pub(super) fn run(options: &InitOptions) -> Result<bool, Failure> {
    if !options.print && !options.force && Path::new(NAME).exists() {
        return Err(Failure::Arguments(format!("there is an `{NAME}` already; --force writes it anew")));
    }
    let mut run = Run::new(&options.scope)?;
    let audit = run.audit()?;
    let text = compose(&run.sources, &audit, &run.options.approved);
    // It must be read by the next run.
    Config::read(NAME, &text, &rules::names())?;
    if options.print {
        output::print(&text)?;
    } else {
        let cannot = |cause| Failure::Io { what: format!("cannot write `{NAME}`"), cause };
        std::fs::write(NAME, &text).map_err(cannot)?;
        output::error(&format!("Wrote {NAME}; `overexposed config --show` prints what holds\n"));
    }
    match run.failure(&audit) {
        Some(failure) => Err(failure),
        None => Ok(false),
    }
}

fn compose(sources: &Sources, audit: &Audit, approved: &[String]) -> String {
    let totals = audit.totals;
    let endpoints: usize = audit.projects.iter().map(|project| project.analysis.endpoints.len()).sum();
    let mut out = String::new();
    // Writing to a string can't fail.
    let _ = write!(
        out,
        "# Configuration of overexposed, written by `overexposed init`.\n\
         # Found here: files {}, metrics {}, metrics endpoints {endpoints}, ways on which a 404 leaves {}.\n\
         # Every key: `overexposed config --schema`. What holds in the end: `overexposed config --show`.\n\n\
         # The severity from which on findings fail the check: error, warning, note, never.\nfail-on = \"warning\"\n\n\
         # Report only findings that are at least so sure: low, medium, high. Hashes of secrets are medium.\n\
         # confidence = \"medium\"\n\n\
         # An allow comment must say why: `# overexposed: allow(RULE) -- reason`.\nrequire-reason = true\n\n",
        totals.files, totals.metrics, totals.not_found_paths
    );
    left_out(sources, &mut out);
    out.push_str(
        "# Findings that are known and not reported; written by `overexposed check --write-baseline`.\n\
         # baseline = \"overexposed-baseline.json\"\n\n",
    );
    counting(audit, approved, &mut out);
    levels(audit, &mut out);
    out
}

/// Folders that people often leave out, if they are here.
fn left_out(sources: &Sources, out: &mut String) {
    const USUAL: [&str; 8] =
        ["migrations", "vendor", "third_party", "examples", "scripts", "generated", "docs", "notebooks"];
    let mut here: BTreeSet<String> = BTreeSet::new();
    for file in &sources.files {
        let mut above = String::from("/");
        for part in file.path.split('/').rev().skip(1).collect::<Vec<_>>().into_iter().rev() {
            let _ = write!(above, "{part}/");
            if USUAL.contains(&part) {
                here.insert(above.clone());
            }
        }
    }
    out.push_str("# What is left out, as lines of a .gitignore; tests and virtual environments are anyhow.\n");
    let here: Vec<toml::Value> = here.into_iter().map(toml::Value::from).collect();
    let shown = if here.is_empty() { vec![toml::Value::from("/legacy/")] } else { here };
    let _ = write!(out, "# exclude = {}\n\n", toml::Value::from(shown));
}

/// `names` are approved at present.
fn counting(audit: &Audit, names: &[String], out: &mut String) {
    let paths = audit.projects.iter().flat_map(|project| &project.analysis.not_found);
    let soft = paths.filter(|path| path.kind == NotFoundKind::Soft).count();
    let _ = write!(
        out,
        "# A body that says 404 with another status must be counted, too (here: {soft}).\ncount-soft-404 = true\n\n\
         [count]\n# Full names of the counters that count 404s, with or without `_total`.\n"
    );
    let metrics = || audit.projects.iter().flat_map(|project| &project.analysis.metrics);
    let has_approved = metrics().any(|metric| metric.approved);
    let mut likely: BTreeSet<&str> = BTreeSet::new();
    if !has_approved {
        let is_like = |name: &str| name.contains("404") || name.to_lowercase().contains("not_found");
        likely.extend(metrics().filter(|m| m.kind == "counter" && is_like(&m.name)).map(|m| m.name.as_str()));
    }
    let approved: Vec<toml::Value> = if likely.is_empty() {
        let note = if has_approved { "Created here." } else { "No such counter is created here yet." };
        let _ = writeln!(out, "# {note}");
        names.iter().map(|name| toml::Value::from(name.as_str())).collect()
    } else {
        out.push_str("# By their names these count them here: check that they do.\n");
        likely.into_iter().map(toml::Value::from).collect()
    };
    let _ = write!(out, "approved = {}\n\n", toml::Value::from(approved));
}

fn levels(audit: &Audit, out: &mut String) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in audit.findings.iter().filter(|finding| finding.allowed.is_none()) {
        *counts.entry(finding.rule).or_default() += 1;
    }
    out.push_str(
        "# How rules are treated: off, note, warning, error. `overexposed rule NAME` explains one.\n[rules]\n",
    );
    for rule in rules::ALL {
        let own = format!("{:?}", rule.severity).to_lowercase();
        let found = counts.get(rule.name).map_or(String::new(), |count| format!("; found here: {count}"));
        let pedantic = if rule.tier == Tier::Pedantic { " (with --pedantic)" } else { "" };
        let _ = writeln!(out, "# {} = \"{own}\"  # {}{pedantic}{found}", rule.name, rule.summary);
    }
    out.push_str(
        "\n# Other levels for some paths; later ones win.\n# [[overrides]]\n# paths = [\"/scripts/\"]\n\
         # rules = { unbounded-label-value = \"off\" }\n",
    );
}
