//! Which Rust files of other crates call what leads to metrics?
//!
//! A crate of a workspace that hands an API key to `telemetry::observe_call` need not hold any trigger itself: its
//! manifest names the crate that does, and its text the function.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::layout::Layout;
use super::load::load;
use crate::knowledge::Tables;
use crate::program::{Callee, Function, FunctionKind, Name, OpKind, Syntax, Unit, name};
use crate::rust::RustModule;
use crate::source::{FileId, Language, Selector, SourceFile, Sources};

/// Rounds in which functions lead to functions that mention them.
const MAX_ROUNDS: usize = 4;

/// Names that every second type has: they lead nowhere by themselves, the name of their type does.
const COMMON: [&str; 12] =
    ["new", "default", "from", "into", "main", "clone", "build", "init", "drop", "fmt", "call", "poll"];

/// Files that mention a crate with such a function, and one of these, by their text.
pub(super) fn dependants(
    sources: &Sources,
    layout: &Layout,
    (units, tables): (&[(FileId, Unit)], &Tables),
    done: &BTreeSet<FileId>,
) -> BTreeSet<FileId> {
    let rust: Vec<&(FileId, Unit)> = units.iter().filter(|(_, unit)| unit.syntax == Syntax::Rust).collect();
    let rest: Vec<(FileId, BTreeSet<(usize, String)>)> = sources
        .ids()
        .filter(|id| !done.contains(id))
        .filter_map(|id| Some((id, used_crates(layout, sources.get(id)?))))
        .filter(|(_, used)| !used.is_empty())
        .collect();
    if rest.is_empty() {
        return BTreeSet::new();
    }
    let leads = leads(&rust, tables);
    let inside = leads.iter().map(|name| name.as_str()).chain(tables.triggers().iter().map(String::as_str));
    let inside = Selector::new(inside);
    let mut names: BTreeMap<(usize, &str), BTreeSet<&str>> = BTreeMap::new();
    for (id, unit) in rust {
        let place = sources.get(*id).and_then(|file| Some((file.project, layout.rust_module(file)?)));
        let Some((project, module)) = place else { continue };
        let own = unit.functions.iter().filter(|function| is_shared(function) && leads.contains(&function.name));
        let names = names.entry((project, module.crate_name.as_str())).or_default();
        if names.is_empty() {
            names.extend(macros(module, &inside));
        }
        names.extend(own.map(|function| function.name.as_str()));
    }
    let selectors: BTreeMap<(usize, &str), Selector> = names
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(krate, names)| (krate, Selector::new(names)))
        .collect();
    let wanted = |(id, used): &(FileId, BTreeSet<(usize, String)>)| {
        let named: Vec<&Selector> =
            used.iter().filter_map(|(project, krate)| selectors.get(&(*project, krate.as_str()))).collect();
        // Read once, however many crates it may name.
        let (text, _) = load(sources.get(*id).filter(|_| !named.is_empty())?).ok()?;
        named.iter().any(|selector| selector.matches_word(text.as_bytes())).then_some(*id)
    };
    rest.par_iter().filter_map(wanted).collect()
}

/// Crates of the project that the manifest of a file's crate names, beside its own.
fn used_crates(layout: &Layout, file: &SourceFile) -> BTreeSet<(usize, String)> {
    if file.language != Language::Rust {
        return BTreeSet::new();
    }
    let Some(module) = layout.rust_module(file).filter(|module| !module.is_test) else { return BTreeSet::new() };
    let others = module.externs.values().filter(|krate| **krate != module.crate_name);
    others.map(|krate| (file.project, krate.clone())).collect()
}

/// Functions and statics that mention a metric library, or one of these; closures count for what they stand in.
fn leads(units: &[&(FileId, Unit)], tables: &Tables) -> BTreeSet<Name> {
    let mut found = BTreeSet::new();
    for _ in 0..MAX_ROUNDS {
        let before = found.len();
        for (_, unit) in units {
            let leading: Vec<Name> = unit
                .functions
                .iter()
                .filter(|function| mentions(function, tables, &found))
                .map(|function| outermost(unit, function).name)
                .filter(|name| tells(*name))
                .collect();
            found.extend(leading);
        }
        if found.len() == before {
            break;
        }
    }
    found
}

fn tells(name: Name) -> bool {
    name.len() > 3 && !name.starts_with('<') && !COMMON.contains(&name.as_str())
}

fn outermost<'u>(unit: &'u Unit, function: &'u Function) -> &'u Function {
    let mut at = function;
    while let Some(parent) = at.parent.and_then(|parent| unit.functions.get(parent.index())) {
        if parent.kind == FunctionKind::Module {
            break;
        }
        at = parent;
    }
    at
}

fn mentions(function: &Function, tables: &Tables, names: &BTreeSet<Name>) -> bool {
    let last = |path: Name| name(path.last_part());
    function.blocks.iter().flat_map(|block| &block.ops).any(|op| match &op.kind {
        OpKind::Path(path) => tables.measures(*path) || names.contains(&last(*path)),
        OpKind::LoadGlobal(global) => names.contains(global),
        OpKind::Call(call) => match call.callee {
            Callee::Method(_, method) => tables.only_records(method) || names.contains(&method),
            Callee::Value(_) => false,
        },
        _ => false,
    })
}

/// Whether other crates may call it, or may load it.
fn is_shared(function: &Function) -> bool {
    function.is_public || function.owner.is_some() || function.kind == FunctionKind::Initializer
}

/// Macros of a crate that expand to a metric, or to one of the names.
fn macros<'l>(module: &'l RustModule, inside: &Selector) -> impl Iterator<Item = &'l str> {
    let own = format!("{}.", module.crate_name);
    let macros = module.macros.iter().filter(|(_, text)| inside.matches_word(text.as_bytes()));
    macros.filter_map(move |(path, _)| path.strip_prefix(&own))
}
