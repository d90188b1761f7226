//! Is the program after the fix the program before it, but for the metrics that the fix is about?

use std::collections::BTreeSet;

use super::effects::{Effects, Names};
use super::prepare::{Ready, Side, prepare};
use super::uses::{still_used, watched};
use crate::program::{Name, OpKind, Program};
use crate::source::FileId;

/// What comparing two programs showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// They do the same but for the metrics.
    pub equal: bool,
    /// Why not.
    pub why: Option<String>,
}

impl Proof {
    fn holds() -> Self {
        Self { equal: true, why: None }
    }

    pub(super) fn fails(why: String) -> Self {
        Self { equal: false, why: Some(why) }
    }
}

/// Takes the metrics out of both programs and compares what is left.
#[must_use]
pub fn prove(before: Side<'_>, after: Side<'_>, effects: &dyn Effects) -> Proof {
    let (old, new) = match (prepare(before, effects), prepare(after, effects)) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(why), _) | (_, Err(why)) => return Proof::fails(why),
    };
    for &file in before.files {
        let (left, right) = (old.prepared.texts(file), new.prepared.texts(file));
        for key in left.keys().chain(right.keys()) {
            let (one, other) = (left.get(key), right.get(key));
            let text = |side: Option<&String>| side.map_or(String::new(), String::clone);
            if text(one) != text(other) {
                let path =
                    differing(&old, &new, file).unwrap_or_else(|| key.split(' ').next().unwrap_or(key).to_owned());
                return Proof::fails(format!("`{path}` would do something else"));
            }
        }
    }
    for &file in before.files {
        let (one, other) = (watched(before.program, file), watched(after.program, file));
        if let Some((path, _)) = one.iter().find(|pair| !other.contains(pair)) {
            return Proof::fails(format!("`{path}` asks for all its variables, and one goes"));
        }
    }
    if let Some(name) = unbound(after.program).difference(&unbound(before.program)).next() {
        return Proof::fails(format!("`{}` would be unbound", name.1));
    }
    match still_used(&old, &new).or_else(|| still_used(&new, &old)) {
        Some(what) => Proof::fails(format!("`{what}` is still used")),
        None => Proof::holds(),
    }
}

/// The first body that differs by itself, not only in the bodies that it makes; the inner ones first.
fn differing(old: &Ready<'_>, new: &Ready<'_>, file: FileId) -> Option<String> {
    let (one, other) = (old.prepared.bodies_alone(file), new.prepared.bodies_alone(file));
    let mut paths: Vec<&String> =
        one.keys().chain(other.keys()).filter(|path| one.get(*path) != other.get(*path)).collect();
    paths.sort_by_key(|path| (std::cmp::Reverse(path.matches('.').count()), path.as_str()));
    paths.first().map(|path| (*path).clone())
}

/// Names that bodies of a module read and the module does not bind: builtins, and mistakes.
fn unbound(program: &Program) -> BTreeSet<(Name, Name)> {
    let names = Names::new(program);
    let mut found = BTreeSet::new();
    for function in &program.functions {
        let module = program.modules.get(function.module.index()).map_or_else(Name::default, |module| module.path);
        for op in function.blocks.iter().flat_map(|block| &block.ops) {
            if let OpKind::LoadGlobal(global) = op.kind
                && !names.stores(function.module, global)
            {
                found.insert((module, global));
            }
        }
    }
    found
}
