//! Metrics in a container under a key that is only known when the program runs: which recordings are theirs?

use std::collections::BTreeSet;

use super::effects::{Names, Origins};
use super::prepare::container;
use crate::flow::{Analysis, MetricId};
use crate::program::{Callee, Function, Name, OpKind, Program, Reg};
use crate::source::Location;

/// A metric kept under a key that is no constant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Dynamic {
    container: String,
    /// The function that puts it there, and the variable that is the key.
    function: Name,
    key: Option<Name>,
}

/// Recordings that may be of several metrics as far as the interpreter can tell, but are of this one: through the same
/// key as it is kept under, or through a container that keeps no other metric under a key of that kind.
pub(super) fn recordings(program: &Program, analysis: &Analysis, id: MetricId) -> Vec<(Location, bool)> {
    let names = Names::new(program);
    let creations: BTreeSet<Location> = analysis.metrics.iter().map(|metric| metric.at).collect();
    let Some(own) = analysis.metrics.get(id.0 as usize).map(|metric| metric.at) else { return Vec::new() };
    let mut stores: Vec<(Location, Dynamic)> = Vec::new();
    for function in &program.functions {
        stores.extend(dynamic_stores(&names, function, &creations));
    }
    let mine: Vec<&Dynamic> = stores.iter().filter(|(at, _)| *at == own).map(|(_, store)| store).collect();
    if mine.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for recording in analysis.recordings.iter().filter(|one| one.metrics.len() > 1 && one.metrics.contains(&id)) {
        let access = program
            .functions
            .iter()
            .filter(|function| function.file == recording.at.file)
            .find_map(|function| access(&names, function, recording.at));
        let Some(access) = access else { continue };
        let alone = |container: &str| stores.iter().all(|(at, store)| *at == own || store.container != container);
        let is_own = mine.iter().any(|store| {
            let same_key = store.function == access.function && store.key.is_some() && store.key == access.key;
            store.container == access.container && (same_key || alone(&store.container))
        });
        if is_own {
            found.push((recording.at, recording.binds_only));
        }
    }
    found
}

/// Creations that a function puts into containers under keys that are no constants.
fn dynamic_stores(names: &Names<'_>, function: &Function, creations: &BTreeSet<Location>) -> Vec<(Location, Dynamic)> {
    let origins = Origins::new(names, function);
    let mut found = Vec::new();
    for op in function.blocks.iter().flat_map(|block| &block.ops) {
        let OpKind::SetIndex(object, key, value) = op.kind else { continue };
        let Some(creation) = maker(&origins, value, function, creations) else { continue };
        if let (Some(container), false) = (container(function, &origins, object), is_constant(&origins, key)) {
            found.push((
                creation,
                Dynamic { container, function: function.path, key: variable(function, &origins, key) },
            ));
        }
    }
    found
}

/// The creating call whose value this is.
fn maker(origins: &Origins<'_>, value: Reg, function: &Function, creations: &BTreeSet<Location>) -> Option<Location> {
    let mut at = value;
    for _ in 0..8 {
        let op = origins.writer(at)?;
        let place = Location::new(function.file, op.span);
        match op.kind {
            OpKind::Call(_) => return creations.contains(&place).then_some(place),
            OpKind::Copy(from) => at = from,
            _ => return None,
        }
    }
    None
}

fn is_constant(origins: &Origins<'_>, key: Reg) -> bool {
    matches!(origins.writer(key).map(|op| &op.kind), Some(OpKind::Const(_)))
}

fn variable(function: &Function, origins: &Origins<'_>, key: Reg) -> Option<Name> {
    function.regs.get(key.index()).and_then(|info| info.name).or_else(|| match origins.writer(key).map(|op| &op.kind) {
        Some(OpKind::LoadCell(_, cell)) => Some(*cell),
        Some(OpKind::LoadGlobal(global)) => Some(*global),
        _ => None,
    })
}

/// The entry whose metric a call records into, if its key is no constant.
fn access(names: &Names<'_>, function: &Function, call: Location) -> Option<Dynamic> {
    let origins = Origins::new(names, function);
    let call = function.blocks.iter().flat_map(|block| &block.ops).find_map(|op| match &op.kind {
        OpKind::Call(inner) if op.span == call.span => Some(inner),
        _ => None,
    })?;
    let Callee::Method(mut at, _) = call.callee else { return None };
    for _ in 0..8 {
        match &origins.writer(at)?.kind {
            OpKind::Index(object, key) => {
                let container = container(function, &origins, *object)?;
                return (!is_constant(&origins, *key)).then(|| Dynamic {
                    container,
                    function: function.path,
                    key: variable(function, &origins, *key),
                });
            }
            OpKind::Copy(from) => at = *from,
            OpKind::Call(inner) => match inner.callee {
                Callee::Method(receiver, _) => at = receiver,
                Callee::Value(_) => return None,
            },
            _ => return None,
        }
    }
    None
}
