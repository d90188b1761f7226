//! Which files without a trigger matter all the same?
//!
//! Those that a candidate uses (what it imports; the other files of its Rust crate), and those that call what a
//! candidate defines: a view that hands an e-mail address to `record_login` need not hold any trigger itself. Rust crates
//! that use a candidate's crate are found by `dependants`.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::dependants::dependants;
use super::layout::Layout;
use super::leads;
use super::load::{load, load_if};
use super::lower::lower_all;
use crate::knowledge::Knowledge;
use crate::program::{Const, FunctionKind, Name, OpKind, Syntax, Unit};
use crate::source::{FileError, FileId, Language, Selector, Sources};

/// What was looked at and why.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// Files with a trigger, in path order.
    pub candidates: Vec<FileId>,
    /// Files that were lowered or refused.
    done: BTreeSet<FileId>,
    /// Names of functions that lead to a candidate's functions, and of what holds metrics.
    names: BTreeSet<Name>,
    /// Names that files were searched for already.
    searched: BTreeSet<Name>,
}

impl Work {
    pub(super) fn new(candidates: Vec<FileId>) -> Self {
        let done = candidates.iter().copied().collect();
        Self { candidates, done, ..Self::default() }
    }

    /// Whether a file has a trigger of its own, so that what is wrong with its syntax is reported.
    pub(super) fn is_candidate(&self, file: FileId) -> bool {
        self.candidates.binary_search(&file).is_ok()
    }
}

type Units = Vec<(FileId, Unit)>;

/// Lowers more files until nothing new is asked for. `units` stays in file order.
pub(super) fn widen(
    sources: &mut Sources,
    (layout, knowledge): (&Layout, &Knowledge),
    work: &mut Work,
    units: &mut Units,
    errors: &mut Vec<FileError>,
) {
    let mut fresh: Vec<usize> = (0..units.len()).collect();
    for (_, unit) in units.iter() {
        work.names.extend(leads::helpers(unit));
    }
    lead(units, knowledge, work);
    while !fresh.is_empty() {
        let mut wanted = BTreeSet::new();
        for &at in &fresh {
            used_by(sources, (layout, knowledge), &units[at], &mut wanted);
        }
        wanted.retain(|id| !work.done.contains(id));
        let mut added = lower_wanted(sources, layout, work, &wanted, errors);
        added.extend(callers(sources, (layout, knowledge), work, units));
        if added.is_empty() {
            let wanted = dependants(sources, layout, (units, knowledge.tables(Syntax::Rust)), &work.done);
            added = lower_wanted(sources, layout, work, &wanted, errors);
        }
        fresh = (units.len()..units.len() + added.len()).collect();
        let asked = !added.is_empty();
        units.append(&mut added);
        if asked {
            // Also of files that were there before: what they hand on may be named only now.
            lead(units, knowledge, work);
        }
    }
    units.sort_by_key(|(id, _)| *id);
}

/// Adds what leads to metrics in Python files: functions, what holds metrics, and the names of its modules.
fn lead(units: &Units, knowledge: &Knowledge, work: &mut Work) {
    let python = |(_, unit): &&(FileId, Unit)| unit.syntax == Syntax::Python;
    for (_, unit) in units.iter().filter(python) {
        work.names.extend(leads::leading_functions(unit, &work.names));
        work.names.extend(leads::holders(unit, knowledge.tables(Syntax::Python), &work.names));
    }
}

/// Files that a unit uses.
fn used_by(
    sources: &Sources,
    (layout, knowledge): (&Layout, &Knowledge),
    (id, unit): &(FileId, Unit),
    wanted: &mut BTreeSet<FileId>,
) {
    let Some(file) = sources.get(*id) else { return };
    if file.language == Language::Rust {
        wanted.extend(layout.crate_files(file));
        return;
    }
    for path in imports(unit).into_iter().chain(named_in_texts(unit, knowledge)) {
        // `import a.b.c` runs `a`, then `a.b`, then `a.b.c`; what they re-export may be meant.
        let ends = path.match_indices('.').map(|(at, _)| at).chain([path.len()]);
        for end in ends {
            wanted.extend(path.get(..end).and_then(|prefix| layout.python_file(file.project, prefix)));
        }
    }
}

/// Dotted paths that a Python unit imports.
fn imports(unit: &Unit) -> BTreeSet<String> {
    let ops = unit.functions.iter().flat_map(|function| &function.blocks).flat_map(|block| &block.ops);
    ops.filter_map(|op| match &op.kind {
        OpKind::Import { module, .. } | OpKind::ImportStar(module) => Some(module.to_string()),
        OpKind::ImportFrom(module, name) => Some(format!("{module}.{name}")),
        _ => None,
    })
    .collect()
}

/// Dotted paths in variables that a framework reads as lists of what to import: middleware in settings.
fn named_in_texts(unit: &Unit, knowledge: &Knowledge) -> Vec<String> {
    let tables = knowledge.tables(Syntax::Python);
    let bodies = unit.functions.iter().filter(|function| function.kind == FunctionKind::Module);
    let mut found = Vec::new();
    for body in bodies {
        let ops = || body.blocks.iter().flat_map(|block| &block.ops);
        let lists = ops().any(|op| match op.kind {
            OpKind::StoreGlobal(stored, _) => tables.variable(stored).is_some_and(|entry| entry.paths),
            _ => false,
        });
        let is_path = |text: &str| {
            text.contains('.') && text.split('.').all(|part| part.chars().all(|c| c.is_alphanumeric() || c == '_'))
        };
        found.extend(ops().filter_map(|op| match op.kind {
            OpKind::Const(Const::Str(text)) if lists && is_path(text.as_str()) => Some(text.to_string()),
            _ => None,
        }));
    }
    found
}

fn lower_wanted(
    sources: &mut Sources,
    layout: &Layout,
    work: &mut Work,
    wanted: &BTreeSet<FileId>,
    errors: &mut Vec<FileError>,
) -> Units {
    work.done.extend(wanted);
    let texts: Vec<_> = wanted.par_iter().map(|&id| (id, sources.get(id).map(load))).collect();
    let mut ids = Vec::new();
    for (id, loaded) in texts {
        let Some(file) = sources.files.get_mut(id.index()) else { continue };
        match loaded {
            Some(Ok((text, encoding))) => {
                (file.text, file.encoding) = (Some(text), encoding);
                ids.push(id);
            }
            Some(Err(message)) => errors.push(FileError { path: file.path.clone(), message }),
            None => {}
        }
    }
    lower_all(sources, layout, &ids, errors)
}

/// Python files that mention a name that leads to a candidate, and import the file that defines it.
fn callers(sources: &mut Sources, (layout, knowledge): (&Layout, &Knowledge), work: &mut Work, units: &Units) -> Units {
    let new: Vec<Name> = work.names.difference(&work.searched).copied().collect();
    if new.is_empty() || !units.iter().any(|(_, unit)| unit.syntax == Syntax::Python) {
        return Units::new();
    }
    work.searched.extend(&new);
    // What a star brings in is mentioned nowhere.
    let selector = Selector::new(new.iter().map(|name| name.as_str()).chain(["import *"]));
    let rest: Vec<FileId> = sources
        .ids()
        .filter(|id| !work.done.contains(id))
        .filter(|id| sources.get(*id).is_some_and(|file| file.language == Language::Python))
        .collect();
    // What cannot be read or parsed here had its say in the scan, or holds no trigger and is not judged.
    let texts: Vec<_> =
        rest.par_iter().filter_map(|&id| Some((id, load_if(sources.get(id)?, &selector).ok()??))).collect();
    let hits: Vec<FileId> = texts.iter().map(|(id, _)| *id).collect();
    for (id, (text, encoding)) in texts {
        if let Some(file) = sources.files.get_mut(id.index()) {
            (file.text, file.encoding) = (Some(text), encoding);
        }
    }
    let units = lower_all(sources, layout, &hits, &mut Vec::new());
    let reached = importers(sources, (layout, knowledge), work, &units);
    units.into_iter().filter(|(id, _)| reached.contains(id)).collect()
}

/// Those of the units that import a file which is part of the work; they become part of it.
fn importers(
    sources: &Sources,
    (layout, knowledge): (&Layout, &Knowledge),
    work: &mut Work,
    units: &Units,
) -> BTreeSet<FileId> {
    let mut uses: BTreeMap<FileId, BTreeSet<FileId>> = BTreeMap::new();
    for unit in units {
        used_by(sources, (layout, knowledge), unit, uses.entry(unit.0).or_default());
    }
    let mut reached = BTreeSet::new();
    loop {
        let more: Vec<FileId> =
            uses.iter().filter(|(_, used)| !used.is_disjoint(&work.done)).map(|(&id, _)| id).collect();
        if more.is_empty() {
            return reached;
        }
        for id in more {
            uses.remove(&id);
            work.done.insert(id);
            reached.insert(id);
        }
    }
}
