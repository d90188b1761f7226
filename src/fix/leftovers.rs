//! What is left out of both programs before they are compared: imports that nothing uses, statics that nobody reads.

use std::collections::BTreeSet;

use super::canonical::Prepared;
use super::simplify::simplify;
use crate::program::{Const, FuncId, Function, FunctionKind, Name, OpKind, Program, Reg, reads};

/// Imports that nothing uses are left out on both sides.
pub(super) fn drop_imports(program: &Program, prepared: &mut Prepared<'_>) {
    let (gone, bodies) = (&prepared.gone, &mut prepared.bodies);
    let mut used: BTreeSet<(Name, Name)> = BTreeSet::new();
    let mut whole: BTreeSet<Name> = BTreeSet::new();
    for (at, original) in program.functions.iter().enumerate() {
        let id = FuncId(at as u32);
        if gone.contains(&id) {
            continue;
        }
        let function = bodies.get(&id).unwrap_or(original);
        let module = program.modules.get(function.module.index()).map_or_else(Name::default, |module| module.path);
        for op in function.blocks.iter().flat_map(|block| &block.ops) {
            match op.kind {
                OpKind::LoadGlobal(global) | OpKind::DeleteGlobal(global) => drop(used.insert((module, global))),
                OpKind::ImportFrom(from, item) => {
                    let from = program.module_at(from).map_or(from, |id| program.modules[id.index()].path);
                    used.insert((from, item));
                }
                OpKind::ImportStar(from) => {
                    let from = program.module_at(from).map_or(from, |id| program.modules[id.index()].path);
                    whole.insert(from);
                }
                // Names in `__all__` and in `getattr`: any text that is the name itself counts as a use.
                OpKind::Const(Const::Str(text)) => drop(used.insert((module, text))),
                _ => {}
            }
        }
    }
    for body in bodies.values_mut() {
        let module = program.modules.get(body.module.index()).map_or_else(Name::default, |module| module.path);
        if whole.contains(&module) {
            continue;
        }
        let imported: BTreeSet<Reg> = body
            .blocks
            .iter()
            .flat_map(|block| &block.ops)
            .filter(|op| matches!(op.kind, OpKind::Import { .. } | OpKind::ImportFrom(..)))
            .filter_map(|op| op.dst)
            .collect();
        for block in &mut body.blocks {
            block.ops.retain(|op| {
                !matches!(op.kind, OpKind::StoreGlobal(global, value)
                    if imported.contains(&value) && !used.contains(&(module, global)))
            });
        }
        simplify(body, &BTreeSet::new());
        let read: BTreeSet<Reg> =
            body.blocks.iter().flat_map(|block| &block.ops).flat_map(|op| reads(&op.kind)).collect();
        for block in &mut body.blocks {
            block.ops.retain(|op| {
                !matches!(op.kind, OpKind::Import { .. } | OpKind::ImportFrom(..))
                    || op.dst.is_some_and(|dst| read.contains(&dst))
            });
        }
        simplify(body, &BTreeSet::new());
    }
}

/// Rust statics run when read: one that nothing names is left out on both sides.
pub(super) fn drop_unread_statics(program: &Program, prepared: &mut Prepared<'_>) {
    let mut named: BTreeSet<Name> = BTreeSet::new();
    for (at, original) in program.functions.iter().enumerate() {
        let id = FuncId(at as u32);
        if prepared.gone.contains(&id) {
            continue;
        }
        let function = prepared.bodies.get(&id).unwrap_or(original);
        for op in function.blocks.iter().flat_map(|block| &block.ops) {
            if let OpKind::Path(path) = op.kind {
                named.insert(program.canonical(path));
            }
        }
    }
    for module in &program.modules {
        for &(item, init) in &module.statics {
            if !named.contains(&crate::program::name(&format!("{}.{item}", module.path))) {
                prepared.gone.push(init);
            }
        }
    }
}

/// Lambdas, comprehensions and inner functions that nobody makes any more.
pub(super) fn drop_unmade(program: &Program, prepared: &mut Prepared<'_>) {
    // Each turn finds those that stood in the ones of the turn before.
    for _ in 0..=prepared.bodies.len() {
        let left = prepared.bodies.iter().filter(|(id, _)| !prepared.gone.contains(id));
        let mut made: BTreeSet<FuncId> = BTreeSet::new();
        for op in left.clone().flat_map(|(_, body)| &body.blocks).flat_map(|block| &block.ops) {
            match op.kind {
                OpKind::Closure { function, .. } => drop(made.insert(function)),
                OpKind::Class { class, .. } => {
                    let class = program.classes.get(class.index());
                    made.extend(class.iter().flat_map(|class| class.body));
                    made.extend(class.iter().flat_map(|class| &class.methods).map(|&(_, function)| function));
                }
                _ => {}
            }
        }
        let inner = |body: &Function| match body.kind {
            FunctionKind::Lambda | FunctionKind::Comprehension | FunctionKind::AsyncBlock => true,
            FunctionKind::Function => {
                let module = program.modules.get(body.module.index());
                body.parent.is_some() && body.owner.is_none() && module.is_some_and(|module| module.body.is_some())
            }
            _ => false,
        };
        let unmade: Vec<FuncId> =
            left.filter(|(id, body)| inner(body) && !made.contains(id)).map(|(&id, _)| id).collect();
        if unmade.is_empty() {
            return;
        }
        prepared.gone.extend(unmade);
    }
}
