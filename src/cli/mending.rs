//! `--fix` and `--diff`: from mended texts to files and diffs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::args::{CheckOptions, Format};
use super::gather::Run;
use super::output;
use crate::engine::{self, Step};
use crate::error::Failure;
use crate::finding::Fix;
use crate::fix::{self, Change, Mended, Setup, Wishes};
use crate::report::unified;
use crate::source::{FileId, SourceFile, encode};

/// Audits; gives findings their fixes, or mends where that was asked for.
pub(super) fn audit(options: &CheckOptions, run: &mut Run) -> Result<Mended, Failure> {
    let mends = options.fix || options.unsafe_fixes || options.diff;
    let wishes = Wishes { unsafe_too: options.unsafe_fixes, add_counter: options.add_404_counter };
    // Only formats that are read at leisure have a place for them.
    let alternatives = output::wanted(&options.shown)?.iter().any(|wanted| shows_alternatives(wanted.format));
    let Run { sources, layout, knowledge, options: settings, threads, .. } = run;
    let work = || {
        if mends {
            return fix::mend(sources, layout, knowledge, settings, wishes);
        }
        let mut audit = engine::audit(sources, layout, knowledge, settings);
        let start = Instant::now();
        let setup =
            Setup { sources, layout, knowledge, options: settings, add_counter: wishes.add_counter, alternatives };
        fix::plan(&setup, &mut audit);
        audit.stats.add(Step::Fix, start.elapsed());
        Mended { audit, ..Mended::default() }
    };
    let mut mended = engine::with_threads(*threads, work).map_err(Failure::Internal)?;
    mended.audit.stats.add(Step::Discover, run.discovering);
    run.add_errors(&mut mended.audit);
    Ok(mended)
}

fn shows_alternatives(format: Format) -> bool {
    matches!(format, Format::Json | Format::Jsonl | Format::Sarif | Format::Html)
}

/// All changes as one unified diff, after a line for each fix that says what is known about it.
pub(super) fn diff(run: &Run, mended: &Mended) -> String {
    let heads: String = mended.applied.iter().map(head).collect();
    heads + &changes(run, mended)
}

/// What `patch` and `git apply` skip.
fn head(fix: &Fix) -> String {
    let known = match (&fix.caveat, &fix.proof) {
        (None, Some(_)) => "safe: the programs before and after are equal but for the metric".to_owned(),
        (caveat, _) => format!("unsafe: {}", caveat.as_deref().unwrap_or("not proved")),
    };
    let named = fix.references.iter().map(|one| format!("#   still named by a {}: `{}`\n", one.kind, one.name));
    let unused = fix.unused.iter().map(|what| format!("#   no longer used: {what}\n"));
    format!("# {} ({known})\n{}", fix.title, named.chain(unused).collect::<String>())
}

fn changes(run: &Run, mended: &Mended) -> String {
    let changed = mended.before.iter();
    changed.map(|(id, before)| unified(run.sources.path(*id), before, run.sources.text(*id), 3)).collect()
}

/// Writes the mended files, those of each path that was given all or not at all.
pub(super) fn write(run: &Run, mended: &Mended, roots: &[PathBuf]) -> Result<(), Failure> {
    write_texts(run, &mended.before, roots)
}

/// Writes files whose text has changed from what it was before.
pub(super) fn write_texts(run: &Run, texts: &BTreeMap<FileId, Arc<str>>, roots: &[PathBuf]) -> Result<(), Failure> {
    for (project, root) in roots.iter().enumerate() {
        let mut changes = Vec::new();
        for (id, before) in texts {
            match run.sources.get(*id) {
                Some(file) if file.project == project => changes.push(change(file, before)?),
                _ => {}
            }
        }
        if !changes.is_empty() {
            let folder = if root.is_file() { root.parent().unwrap_or(root) } else { root };
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            fix::write_all(&changes, folder).map_err(|error| Failure::Write(error.to_string()))?;
        }
    }
    Ok(())
}

fn change(file: &SourceFile, before: &str) -> Result<Change, Failure> {
    let unable = || Failure::Write(format!("{} cannot be written in its encoding", file.path));
    let after = file.text.as_deref().unwrap_or("");
    Ok(Change {
        path: file.disk.clone().ok_or_else(unable)?,
        before: encode(before, file.encoding).ok_or_else(unable)?,
        after: encode(after, file.encoding).ok_or_else(unable)?,
    })
}

/// Whether the audit was of standard input, which is mended to standard output.
pub(super) fn is_standard_input(options: &CheckOptions) -> bool {
    options.scope.paths.iter().any(|path| path.as_os_str() == "-")
}

/// The mended text of standard input.
pub(super) fn mended_input(run: &Run) -> &str {
    run.sources.files.first().and_then(|file| file.text.as_deref()).unwrap_or("")
}

/// One line about what was done; nothing when nothing was.
pub(super) fn note(mended: &Mended) -> String {
    if mended.applied.is_empty() {
        return String::new();
    }
    let files = mended.before.len();
    let mut text = format!(
        "Applied {} {} in {files} {}\n",
        mended.applied.len(),
        if mended.applied.len() == 1 { "fix" } else { "fixes" },
        if files == 1 { "file" } else { "files" }
    );
    if let Some(rule) = mended.unsettled {
        text.push_str(&format!("Not settled: fixes for `{rule}` were still asked for after the last round\n"));
    }
    text
}
