//! Does a call that runs closures (`option.map(|x| …)`) do anything, once the metric is out of them?

use super::effects::Origins;
use super::erase::{Verdict, View};
use super::prepare::Body;
use super::simplify::is_pure;
use super::weight::{Weight, is_plain, weight};
use crate::program::{Arg, ArgKind, Call, Callee, FuncId, OpKind, Terminator};

impl Body<'_, '_> {
    /// What such a call weighs, if the closures only compute something, or nothing at all.
    pub(super) fn combined(&self, call: &Call, origins: &Origins<'_>) -> Option<Weight> {
        let effects = self.erasing.effects;
        let claims = origins.claims(call.callee, effects);
        let Callee::Method(receiver, _) = call.callee else { return None };
        // An iterator that is used up runs what was hung onto it before.
        if !(claims.runs || claims.consumes && is_plain(origins, receiver, effects)) {
            return None;
        }
        let mut all = Weight { input: claims.consumes, fails: false };
        for arg in &call.args {
            let own = self.handed(arg, origins)?;
            all = Weight { fails: all.fails || own.fails, input: all.input || own.input };
        }
        Some(all)
    }

    fn handed(&self, arg: &Arg, origins: &Origins<'_>) -> Option<Weight> {
        let effects = self.erasing.effects;
        if arg.kind != ArgKind::Positional {
            return None;
        }
        if let Some(path) = origins.path(arg.reg) {
            let claims = effects.of(origins.syntax(), path.as_str()).filter(|claims| claims.reads)?;
            return Some(Weight { fails: claims.fails, input: claims.input });
        }
        match origins.writer(arg.reg).map(|op| &op.kind)? {
            OpKind::Closure { function, .. } => self.idle_body(*function),
            OpKind::Const(_) | OpKind::Collection(..) | OpKind::Format(_) => Some(Weight::default()),
            _ => None,
        }
    }

    /// What a closure's body weighs without the metric; `None` where it does something.
    fn idle_body(&self, id: FuncId) -> Option<Weight> {
        let names = &self.erasing.names;
        let function = names.program.functions.get(id.index())?;
        if function.is_async || function.is_generator {
            return None;
        }
        let origins = Origins::new(names, function);
        let view = View { erasing: self.erasing, id, function, origins: &origins };
        let mut all = Weight::default();
        for block in &function.blocks {
            if matches!(block.end, Terminator::Raise(_) | Terminator::ForEach { .. }) {
                return None;
            }
            for op in &block.ops {
                let gone = matches!(view.verdict(op, self.kept), Verdict::Erase | Verdict::Replace(_));
                if gone || is_pure(&op.kind) {
                    continue;
                }
                let own = weight(op, &origins, self.erasing.effects)?;
                all = Weight { fails: all.fails || own.fails, input: all.input || own.input };
            }
        }
        Some(all)
    }
}
