//! Which names of a Python file lead to the metrics of a project?
//!
//! Functions that can be handed data, and variables and classes that hold what a metric library made: a file that says
//! `LOGINS.labels(user.email)` of an imported `LOGINS` holds no trigger of its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::flow::reads;
use crate::knowledge::Tables;
use crate::program::{Callee, Function, FunctionKind, Name, OpKind, ParamKind, Reg, Unit, name};

/// Rounds in which names of one file lead to further names of it.
const MAX_ROUNDS: usize = 4;

/// Functions of a file with a trigger that can be handed data.
pub(super) fn helpers(unit: &Unit) -> impl Iterator<Item = Name> + '_ {
    unit.functions.iter().filter(|function| is_helper(function)).map(|function| function.name)
}

fn is_helper(function: &Function) -> bool {
    function.kind == FunctionKind::Function
        && function.name.len() > 2
        && !function.name.starts_with("__")
        && function.params.iter().any(|param| param.kind != ParamKind::Receiver)
}

/// Functions of the unit that mention one of the names, and can be handed data themselves.
pub(super) fn leading_functions(unit: &Unit, names: &BTreeSet<Name>) -> Vec<Name> {
    let leads = |function: &&Function| is_helper(function) && mentions(function, names);
    unit.functions.iter().filter(leads).map(|function| function.name).collect()
}

fn mentions(function: &Function, names: &BTreeSet<Name>) -> bool {
    function.blocks.iter().flat_map(|block| &block.ops).any(|op| mentioned(&op.kind, names))
}

fn mentioned(kind: &OpKind, names: &BTreeSet<Name>) -> bool {
    match kind {
        OpKind::LoadGlobal(name) | OpKind::Attr(_, name) | OpKind::LoadCell(_, name) => names.contains(name),
        OpKind::Call(call) => matches!(call.callee, Callee::Method(_, name) if names.contains(&name)),
        OpKind::Path(path) => {
            let last = path.rsplit('.').next().unwrap_or_default();
            names.contains(&name(last))
        }
        _ => false,
    }
}

/// Variables and classes of a module that hold metrics, or what holds them: those made with a metric library, or with
/// one of the names that lead to one already.
pub(super) fn holders(unit: &Unit, tables: &Tables, names: &BTreeSet<Name>) -> BTreeSet<Name> {
    let (mut leading, renamed) = measuring(unit, tables, names);
    let imported: BTreeSet<Name> = leading.difference(&renamed).copied().collect();
    for _ in 0..MAX_ROUNDS {
        let before = leading.len();
        leading.extend(made(unit, &leading));
        if leading.len() == before {
            break;
        }
    }
    // What the file only imports is found by its own name where it is made.
    leading.retain(|held| !imported.contains(held) && held.len() > 1);
    if !leading.is_empty() || unit.functions.first().is_some_and(|body| spreads(body, names)) {
        // Who imports the module may say `metrics.LOGINS`.
        let path = unit.modules.first().map_or("", |module| module.path.as_str());
        leading.extend(path.rsplit('.').next().filter(|last| !last.is_empty()).map(name));
    }
    leading
}

/// Whether all names of a module that leads to metrics become names of this one.
fn spreads(body: &Function, names: &BTreeSet<Name>) -> bool {
    body.blocks.iter().flat_map(|block| &block.ops).any(|op| match &op.kind {
        OpKind::ImportStar(module) => module.rsplit('.').next().is_some_and(|last| names.contains(&name(last))),
        _ => false,
    })
}

/// Names that imports bind to a metric library, or to what leads to one; and those of them that are new names for a
/// thing of the project.
fn measuring(unit: &Unit, tables: &Tables, names: &BTreeSet<Name>) -> (BTreeSet<Name>, BTreeSet<Name>) {
    let (mut found, mut renamed) = (BTreeSet::new(), BTreeSet::new());
    let Some(body) = unit.functions.first() else { return (found, renamed) };
    let mut items: BTreeMap<Reg, Name> = BTreeMap::new();
    let mut regs: BTreeSet<Reg> = BTreeSet::new();
    for op in body.blocks.iter().flat_map(|block| &block.ops) {
        let tells = match &op.kind {
            OpKind::Import { module, .. } => tables.measures(*module),
            OpKind::ImportFrom(module, item) => {
                names.contains(item) || tables.measures(name(&format!("{module}.{item}")))
            }
            OpKind::StoreGlobal(bound, reg) if regs.contains(reg) => {
                found.insert(*bound);
                if items.get(reg).is_some_and(|item| item != bound) {
                    renamed.insert(*bound);
                }
                false
            }
            _ => false,
        };
        if tells {
            regs.extend(op.dst);
        }
        if let (OpKind::ImportFrom(_, item), Some(dst)) = (&op.kind, op.dst)
            && names.contains(item)
        {
            items.insert(dst, *item);
        }
    }
    (found, renamed)
}

/// Variables of the module that are made with one of the names, and classes that use one.
fn made(unit: &Unit, leading: &BTreeSet<Name>) -> BTreeSet<Name> {
    let mut found = BTreeSet::new();
    let users: BTreeSet<Name> =
        unit.functions.iter().filter(|function| mentions(function, leading)).map(|function| function.path).collect();
    let inside = |path: &str| {
        let mut methods = users.iter().filter_map(|user| user.strip_prefix(path));
        methods.any(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    found.extend(unit.classes.iter().filter(|class| inside(class.path.as_str())).map(|class| class.name));
    let Some(body) = unit.functions.first() else { return found };
    let mut regs: BTreeSet<Reg> = BTreeSet::new();
    for op in body.blocks.iter().flat_map(|block| &block.ops) {
        let from = || reads(body, op).iter().any(|reg| regs.contains(reg));
        let closure = || match &op.kind {
            OpKind::Closure { function, .. } => {
                unit.functions.get(function.index()).is_some_and(|function| users.contains(&function.path))
            }
            _ => false,
        };
        if !mentioned(&op.kind, leading) && !from() && !closure() {
            continue;
        }
        match &op.kind {
            OpKind::StoreGlobal(bound, _) => {
                found.insert(*bound);
            }
            OpKind::SetIndex(holder, ..) | OpKind::SetAttr(holder, ..) => {
                regs.insert(*holder);
            }
            _ => regs.extend(op.dst),
        }
    }
    found
}
