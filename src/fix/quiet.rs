//! Does a function of the project do nothing but what serves metrics?
//!
//! Helpers that make metrics or record into them are taken as parts of the library, and the calls of them go with the
//! metric. Whatever else they do would go, too.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::effects::{Effects, Names, Origins};
use super::simplify::is_pure;
use super::weight::{Weight, weight};
use crate::program::{Callee, FuncId, Op, OpKind, ParamKind, Reg, Terminator};

/// How deep helpers of helpers are followed.
const DEPTH: usize = 12;

/// What is known so far.
pub(super) struct Quiet<'a> {
    effects: &'a dyn Effects,
    known: RefCell<BTreeMap<FuncId, bool>>,
}

impl<'a> Quiet<'a> {
    pub(super) fn new(effects: &'a dyn Effects) -> Self {
        Self { effects, known: RefCell::new(BTreeMap::new()) }
    }

    /// A function that the call may run and that does more than serve metrics.
    pub(super) fn noisy(&self, names: &Names<'_>, origins: &Origins<'_>, callee: Callee) -> Option<FuncId> {
        // What a library's metric is asked to do is not done by a method of the project that has the same name.
        let library = matches!(callee, Callee::Method(..)) && origins.claims(callee, self.effects).measures;
        let mut inner = if library { Vec::new() } else { callees(names, origins, callee) };
        inner.retain(|&id| !self.is_quiet(names, id, 0));
        inner.into_iter().next()
    }

    /// Does nothing but serve metrics, or read.
    pub(super) fn is_quiet(&self, names: &Names<'_>, id: FuncId, depth: usize) -> bool {
        if let Some(&known) = self.known.borrow().get(&id) {
            return known;
        }
        let Some(function) = names.program.functions.get(id.index()) else { return false };
        if depth > DEPTH {
            return false;
        }
        // A function that calls itself adds nothing by that.
        self.known.borrow_mut().insert(id, true);
        let origins = Origins::new(names, function);
        let quiet = !function.is_generator
            && !function.is_async
            && function.blocks.iter().all(|block| {
                !matches!(block.end, Terminator::Raise(_))
                    && block.ops.iter().all(|op| self.is_quiet_op(names, &origins, op, depth))
            });
        self.known.borrow_mut().insert(id, quiet);
        quiet
    }

    /// What a call of functions of the project weighs that only compute something.
    pub(super) fn computed(&self, names: &Names<'_>, origins: &Origins<'_>, callee: Callee) -> Option<Weight> {
        self.weigh(names, origins, callee, 0)
    }

    fn weigh(&self, names: &Names<'_>, origins: &Origins<'_>, callee: Callee, depth: usize) -> Option<Weight> {
        if depth > DEPTH {
            return None;
        }
        // By its path or the receiver's type only: methods of one name may do anything.
        let method = origins.own_method(callee, self.effects);
        let inner = match callee {
            Callee::Value(_) => callees(names, origins, callee),
            Callee::Method(..) => method.into_iter().collect(),
        };
        let [id] = inner.as_slice() else { return None };
        let function = names.program.functions.get(id.index()).filter(|function| {
            (function.owner.is_none() || method.is_some())
                && !function.is_async
                && !function.is_generator
                && function.attributes.is_empty()
        })?;
        let origins = Origins::new(names, function);
        let mut all = Weight::default();
        for block in &function.blocks {
            // Loops may go on for ever.
            if matches!(block.end, Terminator::Raise(_) | Terminator::ForEach { .. }) {
                return None;
            }
            for op in block.ops.iter().filter(|op| !is_pure(&op.kind)) {
                let own = weight(op, &origins, self.effects).or_else(|| match &op.kind {
                    OpKind::Call(call) => self.weigh(names, &origins, call.callee, depth + 1),
                    _ => None,
                })?;
                all = Weight { fails: all.fails || own.fails, input: all.input || own.input };
            }
        }
        Some(all)
    }

    fn is_quiet_op(&self, names: &Names<'_>, origins: &Origins<'_>, op: &Op, depth: usize) -> bool {
        let is_metric = |reg: Reg| self.measures(origins, reg);
        if is_pure(&op.kind) || weight(op, origins, self.effects).is_some() {
            return true;
        }
        match &op.kind {
            OpKind::Call(call) => {
                let claims = origins.claims(call.callee, self.effects);
                if claims.measures || claims.keeps {
                    return true;
                }
                let inner = callees(names, origins, call.callee);
                // `super().inc()` and `self.counter.inc()`: by name, what is known of all metrics.
                !inner.is_empty() && inner.into_iter().all(|id| self.is_quiet(names, id, depth + 1))
            }
            // What is kept in the object that is being made, or where metrics are kept.
            OpKind::SetAttr(object, _, value) => {
                let function = origins.function();
                let own = function
                    .params
                    .first()
                    .is_some_and(|param| param.kind == ParamKind::Receiver && param.reg == *object);
                (own && function.name.as_str() == "__init__") || is_metric(*value)
            }
            OpKind::SetIndex(_, _, value) | OpKind::StoreGlobal(_, value) | OpKind::StoreCell(_, _, value) => {
                is_metric(*value)
            }
            OpKind::Iter(_) | OpKind::Enter(_) | OpKind::Exit { .. } | OpKind::Unbind(_) => true,
            _ => false,
        }
    }

    /// The value comes from a call that makes a metric.
    fn measures(&self, origins: &Origins<'_>, reg: Reg) -> bool {
        let mut at = reg;
        for _ in 0..8 {
            match origins.writer(at).map(|op| &op.kind) {
                Some(OpKind::Copy(from) | OpKind::Unwrap(from)) => at = *from,
                Some(OpKind::Call(call)) => return origins.claims(call.callee, self.effects).measures,
                _ => return false,
            }
        }
        false
    }
}

/// The project's functions that a call may run: by path, the constructor of a class, or by the name of a method.
pub(super) fn callees(names: &Names<'_>, origins: &Origins<'_>, callee: Callee) -> Vec<FuncId> {
    let program = names.program;
    match callee {
        Callee::Value(reg) => {
            let Some(path) = origins.path(reg).map(|path| program.canonical(path)) else { return Vec::new() };
            if let Some(function) = program.function_at(path) {
                return vec![function];
            }
            let class = program.class_at(path).and_then(|id| program.classes.get(id.index()));
            // A subclass of a library's metric runs its own methods whatever is called on it.
            class.map(|class| class.methods.iter().map(|&(_, function)| function).collect()).unwrap_or_default()
        }
        Callee::Method(receiver, method) => {
            let whole =
                origins.path(receiver).map(|path| program.canonical(crate::program::name(&format!("{path}.{method}"))));
            if let Some(function) = whole.and_then(|path| program.function_at(path)) {
                return vec![function];
            }
            names.methods(method).to_vec()
        }
    }
}
