//! Operations that stay, or go, because of what they weigh: those that only give a result, those that may fail.

use std::collections::BTreeSet;

use super::effects::Origins;
use super::erase::{Verdict, View};
use super::failures;
use super::prepare::{Body, Ready, Softness};
use super::weight::weight;
use crate::program::{Call, Callee, CollectionKind, Item, Op, OpKind, Param, ParamKind, Reg, Syntax, end_reads, reads};
use crate::source::Location;

impl Body<'_, '_> {
    /// Where something catches what goes wrong, a call of the metric that may fail leaves a trace.
    pub(super) fn failure(&self, op: &Op, caught: bool) -> Option<Op> {
        let place = Location::new(self.function.file, op.span);
        let fails = matches!(op.kind, OpKind::Call(_)) && !self.side.calls.sound.contains(&place);
        (caught && fails).then(|| failures::mark(op.span))
    }

    /// Inside the edits, an operation that changes nothing and can't fail counts as one without effect.
    pub(super) fn soften(&self, op: Op, caught: bool, origins: &Origins<'_>, ready: &mut Ready<'_>) -> Op {
        if let OpKind::Attr(object, field) = op.kind {
            let noisy = self.erasing.is_noisy_property(field);
            let fails = caught && self.may_lack(&op, origins);
            if fails && !noisy {
                ready.failing.insert(Location::new(self.function.file, op.span));
            }
            if noisy || fails {
                // A property that does something is a call without brackets.
                let call = Call { callee: Callee::Method(object, field), args: Vec::new() };
                return Op { kind: OpKind::Call(call), ..op };
            }
        }
        let touched = self.is_touched(op.span);
        let anywhere = self.softness == Softness::Everywhere;
        let own = weight(&op, origins, self.erasing.effects).or_else(|| match &op.kind {
            OpKind::Call(call) => self
                .erasing
                .quiet
                .computed(&self.erasing.names, origins, call.callee)
                .or_else(|| self.combined(call, origins).filter(|_| !caught)),
            _ => None,
        });
        let Some(weight) = own else { return op };
        if weight.fails {
            ready.failing.insert(Location::new(self.function.file, op.span));
            return op;
        }
        // Even where it is not said that the text may go, plain arithmetic may.
        let goes = if weight.input { touched } else { touched || anywhere };
        if !goes || op.dst.is_none() {
            return op;
        }
        softened(op)
    }

    /// Results of look-ups and of reads of attributes that lead to the metric, and to nothing else.
    pub(super) fn looked_up(&self, view: &View<'_, '_>) -> BTreeSet<Reg> {
        let mut found: BTreeSet<Reg> = BTreeSet::new();
        // Each turn goes one attribute back; chains are short.
        for _ in 0..8 {
            let (mut used, mut other) = (BTreeSet::new(), BTreeSet::new());
            for block in &self.function.blocks {
                for op in &block.ops {
                    let erased = matches!(view.verdict(op, self.kept), Verdict::Erase | Verdict::Replace(_));
                    let leads = op.dst.is_some_and(|dst| found.contains(&dst));
                    match &op.kind {
                        OpKind::Call(call) if erased => {
                            let (Callee::Method(receiver, _) | Callee::Value(receiver)) = call.callee;
                            used.insert(receiver);
                        }
                        OpKind::Attr(base, _) | OpKind::Index(base, _) if erased || leads => {
                            used.insert(*base);
                        }
                        kind => other.extend(reads(kind)),
                    }
                }
                other.extend(end_reads(&block.end));
            }
            let is_way = |reg: &Reg| {
                let kind = view.origins.writer(*reg).map(|op| &op.kind);
                matches!(kind, Some(OpKind::Index(..) | OpKind::Attr(..)))
            };
            used.retain(|reg| !other.contains(reg) && is_way(reg));
            if used == found {
                break;
            }
            found = used;
        }
        found
    }

    /// Reading an attribute fails where there is none, which matters if somebody catches it. Modules and the object
    /// itself have what is asked of them.
    fn may_lack(&self, op: &Op, origins: &Origins<'_>) -> bool {
        let OpKind::Attr(object, _) = op.kind else { return false };
        let receiver = |param: &Param| param.kind == ParamKind::Receiver && param.reg == object;
        origins.syntax() == Syntax::Python
            && op.dst.is_some_and(|dst| origins.path(dst).is_none())
            && !self.function.params.iter().any(receiver)
    }
}

/// The operation as one that only gives a result.
pub(super) fn softened(op: Op) -> Op {
    let items = reads(&op.kind).into_iter().map(Item::Value).collect();
    Op { kind: OpKind::Collection(CollectionKind::Tuple, items), ..op }
}
