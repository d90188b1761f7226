//! Is the program after the fix the program before it, but for the metrics that the fix is about?

use std::collections::BTreeSet;

use super::effects::{Effects, Names, Origins};
use super::prepare::{Ready, Side, container, prepare};
use crate::program::{Const, Function, Name, OpKind, Program, Reg, Terminator};

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
                if std::env::var_os("OE_DBG").is_some() {
                    eprintln!("BEFORE\n{}\nAFTER\n{}", text(one), text(other));
                }
                let path = key.split(' ').next().unwrap_or(key);
                return Proof::fails(format!("`{path}` would do something else"));
            }
        }
    }
    if let Some(name) = unbound(after.program).difference(&unbound(before.program)).next() {
        return Proof::fails(format!("`{}` would be unbound", name.1));
    }
    match still_used(&old, after.program).or_else(|| still_used(&new, before.program)) {
        Some(what) => Proof::fails(format!("`{what}` is still used")),
        None => Proof::holds(),
    }
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

/// Something that the erased operations defined and that the other program uses without defining it.
fn still_used(erased: &Ready<'_>, other: &Program) -> Option<String> {
    if erased.paths.is_empty() && erased.entries.is_empty() {
        return None;
    }
    let names = Names::new(other);
    for function in &other.functions {
        let origins = Origins::new(&names, function);
        for op in function.blocks.iter().flat_map(|block| &block.ops) {
            let path = match &op.kind {
                OpKind::LoadGlobal(global) => {
                    let path = names.own(function.module, *global);
                    (!names.stores(function.module, *global)).then_some(path)
                }
                OpKind::ImportFrom(module, item) => Some(crate::program::name(&format!("{module}.{item}"))),
                OpKind::Path(path) => Some(other.canonical(*path)),
                _ => None,
            };
            if let Some(path) = path.filter(|path| erased.paths.contains(path)) {
                return Some(path.to_string());
            }
            if let OpKind::Index(object, key) = &op.kind
                && let Some(container) = container(function, &origins, *object)
                && is_entry(erased, &container, origins.constant(*key))
                && !is_item(function, *key)
            {
                return Some(format!("{container}[…]"));
            }
        }
    }
    None
}

/// The container held a metric under this key, or held one under a key of the same unknown kind.
fn is_entry(erased: &Ready<'_>, container: &str, key: Option<Const>) -> bool {
    let key = key.map(|key| format!("{key:?}"));
    erased.entries.iter().any(|entry| entry.container == container && entry.key == key)
}

/// The key comes from walking the container itself, or another list: it is there.
fn is_item(function: &Function, key: Reg) -> bool {
    function.blocks.iter().any(|block| matches!(block.end, Terminator::ForEach { item, .. } if item == key))
}
