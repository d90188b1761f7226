//! Does anything that stays still ask for what went: a name, an entry of a container, a field, the number that a
//! metric holds?

use std::collections::BTreeSet;

use super::effects::{Effects, Names, Origins};
use super::prepare::{Entry, Ready, container};
use crate::program::{
    ArgKind, Call, Callee, CompareOp, Const, Function, Name, Op, OpKind, Program, Reg, Terminator, name,
};
use crate::source::{FileId, Location};

/// Methods of containers that tell what is in them, and functions that do.
const ASKS: &[&str] =
    &["get", "pop", "setdefault", "__contains__", "__len__", "len", "contains_key", "is_empty", "bool"];
/// Views of a container.
const VIEWS: &[&str] = &["keys", "values", "items", "copy", "list", "sorted", "tuple", "set", "iter"];
/// Functions that reach fields by name.
const REFLECTS: &[&str] = &["builtins.getattr", "builtins.hasattr", "builtins.setattr", "builtins.delattr"];

/// Something that the erased operations defined and that the other program uses without defining it. What held a metric
/// on both sides is there.
pub(super) fn still_used(erased: &Ready<'_>, there: &Ready<'_>) -> Option<String> {
    let gone = Gone {
        paths: erased.paths.difference(&there.paths).copied().collect(),
        entries: erased.entries.difference(&there.entries).cloned().collect(),
        held: erased.held.difference(&there.held).copied().collect(),
        places: &erased.erased,
    };
    if gone.paths.is_empty() && gone.entries.is_empty() && gone.held.is_empty() {
        return None;
    }
    let other = there.prepared.program;
    let names = Names::new(other);
    other.functions.iter().find_map(|function| {
        let uses = Uses { erased: &gone, other, names: &names, function, origins: Origins::new(&names, function) };
        uses.first()
    })
}

/// What held metrics on one side only.
struct Gone<'a> {
    paths: BTreeSet<Name>,
    entries: BTreeSet<Entry>,
    held: BTreeSet<Name>,
    places: &'a BTreeSet<Location>,
}

struct Uses<'a> {
    erased: &'a Gone<'a>,
    other: &'a Program,
    names: &'a Names<'a>,
    function: &'a Function,
    origins: Origins<'a>,
}

impl Uses<'_> {
    fn first(&self) -> Option<String> {
        for block in &self.function.blocks {
            for op in &block.ops {
                let found = self.path(&op.kind).or_else(|| self.entry(&op.kind)).or_else(|| self.field(&op.kind));
                if found.is_some() {
                    return found;
                }
            }
            if let Terminator::Branch(cond, ..) = block.end
                && let Some(container) = self.asked(cond, None)
            {
                return Some(container);
            }
        }
        None
    }

    fn path(&self, kind: &OpKind) -> Option<String> {
        let path = match kind {
            OpKind::LoadGlobal(global) => {
                let path = self.names.own(self.function.module, *global);
                (!self.names.stores(self.function.module, *global)).then_some(path)
            }
            OpKind::ImportFrom(module, item) => Some(name(&format!("{module}.{item}"))),
            OpKind::Path(path) => Some(self.other.canonical(*path)),
            _ => None,
        };
        path.filter(|path| self.erased.paths.contains(path)).map(|path| path.to_string())
    }

    fn entry(&self, kind: &OpKind) -> Option<String> {
        match kind {
            OpKind::Index(object, key) => {
                let container = container(self.function, &self.origins, *object)?;
                let used = self.is_entry(&container, self.origins.constant(*key)) && !self.is_item(*key);
                used.then(|| format!("{container}[…]"))
            }
            OpKind::Compare(CompareOp::In | CompareOp::NotIn, key, object) => self.asked(*object, Some(*key)),
            OpKind::Call(call) => {
                let (object, method) = match call.callee {
                    Callee::Method(object, method) => (object, method),
                    Callee::Value(callee) => {
                        let path = self.origins.path(callee)?;
                        (call.args.first()?.reg, name(path.rsplit('.').next()?))
                    }
                };
                let key = call.args.first().map(|arg| arg.reg).filter(|reg| *reg != object);
                ASKS.contains(&method.as_str()).then(|| self.asked(object, key)).flatten()
            }
            _ => None,
        }
    }

    /// The value is a container that held a metric, or a view of one; under this key, if one is given.
    fn asked(&self, object: Reg, key: Option<Reg>) -> Option<String> {
        let mut at = object;
        for _ in 0..4 {
            if let Some(container) = container(self.function, &self.origins, at) {
                let constant = key.and_then(|key| self.origins.constant(key));
                let any = key.is_none() || constant.is_none();
                let held = self.erased.entries.iter().any(|entry| entry.container == container);
                if held && (any || self.is_entry(&container, constant) || self.is_open(&container)) {
                    return Some(container);
                }
            }
            let Some(OpKind::Call(call)) = self.origins.writer(at).map(|op| &op.kind) else { return None };
            at = self.viewed(call)?;
        }
        None
    }

    /// What the call gives a view of.
    fn viewed(&self, call: &Call) -> Option<Reg> {
        let (method, object) = match call.callee {
            Callee::Method(object, method) => (method.to_string(), object),
            Callee::Value(callee) => {
                let path = self.origins.path(callee)?;
                (path.rsplit('.').next()?.to_owned(), call.args.first()?.reg)
            }
        };
        VIEWS.contains(&method.as_str()).then_some(object)
    }

    /// The container held metrics under keys that are no constants.
    fn is_open(&self, container: &str) -> bool {
        self.erased.entries.iter().any(|entry| entry.container == container && entry.key.is_none())
    }

    /// The container held a metric under this key, or held one under a key of the same unknown kind.
    fn is_entry(&self, container: &str, key: Option<Const>) -> bool {
        let key = key.map(|key| format!("{key:?}"));
        self.erased.entries.iter().any(|entry| entry.container == container && entry.key == key)
    }

    /// The key comes from walking the container itself, or another list: it is there.
    fn is_item(&self, key: Reg) -> bool {
        let blocks = &self.function.blocks;
        blocks.iter().any(|block| matches!(block.end, Terminator::ForEach { item, .. } if item == key))
    }

    /// A field that is asked for by its name.
    fn field(&self, kind: &OpKind) -> Option<String> {
        let OpKind::Call(call) = kind else { return None };
        let Callee::Value(callee) = call.callee else { return None };
        let path = self.origins.path(callee)?;
        if !REFLECTS.contains(&path.as_str()) {
            return None;
        }
        let key = call.args.get(1).filter(|arg| arg.kind == ArgKind::Positional)?;
        let is_held = |text: Name| {
            let global = |path: &Name| path.rsplit('.').next() == Some(text.as_str());
            self.erased.held.contains(&text) || self.erased.paths.iter().any(global)
        };
        match self.origins.constant(key.reg) {
            Some(Const::Str(text)) => is_held(text).then(|| text.to_string()),
            // Any field may be meant, in the file that has such objects.
            _ => {
                let here = self.erased.places.iter().any(|place| place.file == self.function.file);
                (here && !self.erased.held.is_empty()).then(|| "getattr(…)".to_owned())
            }
        }
    }
}

/// Functions of a file whose variables are asked for all at once (`locals()`), each with the variables it writes.
pub(super) fn watched(program: &Program, file: FileId) -> Vec<(String, Vec<Name>)> {
    let names = Names::new(program);
    let mut found = Vec::new();
    for function in program.functions.iter().filter(|function| function.file == file) {
        let origins = Origins::new(&names, function);
        let asks = |callee| {
            let path = origins.path(callee);
            path.is_some_and(|path| {
                ["builtins.locals", "builtins.vars", "builtins.eval", "builtins.exec", "builtins.dir"]
                    .contains(&path.as_str())
            })
        };
        let ops = || function.blocks.iter().flat_map(|block| &block.ops);
        let is_watched = ops().any(|op| match &op.kind {
            OpKind::Call(Call { callee: Callee::Value(callee), .. }) => asks(*callee),
            _ => false,
        });
        if is_watched {
            let written = ops().filter_map(|op| op.dst);
            let mut variables: Vec<Name> =
                written.filter_map(|reg| function.regs.get(reg.index()).and_then(|info| info.name)).collect();
            variables.extend(ops().filter_map(|op| match op.kind {
                OpKind::StoreCell(0, cell, _) | OpKind::StoreGlobal(cell, _) => Some(cell),
                _ => None,
            }));
            variables.sort();
            variables.dedup();
            found.push((function.path.to_string(), variables));
        }
    }
    found.sort();
    found
}

/// Whether a function may read back what some metric holds: a quick look that spares most functions the thorough one.
pub(super) fn may_read_back(names: &Names<'_>, effects: &dyn Effects, function: &Function) -> bool {
    let origins = Origins::new(names, function);
    let syntax = origins.syntax();
    function.blocks.iter().flat_map(|block| &block.ops).any(|op| match &op.kind {
        OpKind::Attr(_, field) => effects.of(syntax, &format!("*.{field}")).is_some_and(|claims| claims.reads_back),
        OpKind::Call(call) => origins.claims(call.callee, effects).reads_back,
        _ => false,
    })
}

/// A question about an operation.
type OfOp<'a> = &'a dyn Fn(&Op) -> bool;

/// A place where the program reads what a metric holds. `held` says which registers hold the metric, `own` which calls
/// make it or record into it.
pub(super) fn read_back(
    names: &Names<'_>,
    effects: &dyn Effects,
    metric: &[String],
    function: &Function,
    (held, own): (&dyn Fn(Reg) -> bool, OfOp<'_>),
) -> bool {
    let origins = Origins::new(names, function);
    let syntax = origins.syntax();
    let ours = |text: Name| metric.iter().any(|name| !name.contains('{') && text.as_str().starts_with(name.as_str()));
    function.blocks.iter().flat_map(|block| &block.ops).filter(|op| !own(op)).any(|op| match &op.kind {
        OpKind::Attr(object, field) => {
            let back = effects.of(syntax, &format!("*.{field}")).is_some_and(|claims| claims.reads_back);
            back && (held(*object) || metric.is_empty())
        }
        OpKind::Call(call) => {
            let claims = origins.claims(call.callee, effects);
            let Callee::Method(object, _) = call.callee else {
                let kept = claims.keeps || claims.measures || claims.reads || claims.ends;
                return !kept && call.args.iter().any(|arg| held(arg.reg)) && !is_project(names, &origins, call.callee);
            };
            let handed =
                call.args.iter().any(|arg| held(arg.reg)) && !claims.keeps && !claims.measures && !claims.reads;
            let named = match call.args.first().map(|arg| origins.constant(arg.reg)) {
                Some(Some(Const::Str(text))) => ours(text),
                Some(_) => true,
                None => held(object),
            };
            (claims.reads_back && (named || metric.is_empty()))
                || (held(object) && !claims.measures && !claims.keeps)
                || (handed && !is_project(names, &origins, call.callee))
        }
        _ => false,
    })
}

fn is_project(names: &Names<'_>, origins: &Origins<'_>, callee: Callee) -> bool {
    !super::quiet::callees(names, origins, callee).is_empty()
}
