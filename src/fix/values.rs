//! What stands where an erased call gave a value, and where an erased name stood in a text?

use super::erase::{Verdict, View};
use super::tally::Kept;
use crate::program::{Arg, ArgKind, Call, Callee, Const, FunctionKind, Op, OpKind, Reg, Syntax, end_reads, reads};
use crate::source::{Location, Span};

impl View<'_, '_> {
    /// The operation makes the list of names that a module exports.
    pub(super) fn exports(&self, op: &Op) -> bool {
        let ops = self.function.blocks.iter().flat_map(|block| &block.ops);
        self.function.kind == FunctionKind::Module
            && ops.into_iter().any(|other| match &other.kind {
                OpKind::StoreGlobal(global, value) => global.as_str() == "__all__" && op.dst == Some(*value),
                _ => false,
            })
    }

    /// `dict(leak=Counter(…), ok=1)` without the entries that hold a metric.
    pub(super) fn map_without(&self, call: &Call, kept: &Kept) -> Verdict {
        let fills = match call.callee {
            Callee::Value(callee) => self.origins.path(callee).is_some_and(|path| path.as_str() == "builtins.dict"),
            Callee::Method(..) => self.origins.claims(call.callee, self.erasing.effects).merges,
        };
        if !fills || self.origins.syntax() != Syntax::Python {
            return Verdict::Keep;
        }
        let holds = |arg: &Arg| matches!(arg.kind, ArgKind::Keyword(_)) && self.has(kept, arg.reg);
        let args: Vec<Arg> = call.args.iter().filter(|arg| !holds(arg)).cloned().collect();
        if args.len() == call.args.len() {
            return Verdict::Keep;
        }
        if args.is_empty() && matches!(call.callee, Callee::Method(..)) {
            return Verdict::Erase;
        }
        Verdict::Replace(OpKind::Call(Call { callee: call.callee, args }))
    }

    pub(super) fn names_metric(&self, reg: Reg, kept: &Kept) -> bool {
        let Some(Const::Str(text)) = self.origins.constant(reg) else { return false };
        kept.paths.contains(&self.own_path(text))
    }

    /// `histogram.observe_closure_duration(f)` is `f()` without the histogram.
    pub(super) fn runs(&self, call: &Call) -> Option<Call> {
        let [arg] = call.args.as_slice() else { return None };
        let calls = self.origins.claims(call.callee, self.erasing.effects).calls;
        calls.then(|| Call { callee: Callee::Value(arg.reg), args: Vec::new() })
    }

    /// Where the function stands that the call of a metric runs.
    pub(super) fn run_at(&self, op: &Op) -> Option<Span> {
        let OpKind::Call(call) = &op.kind else { return None };
        self.runs(call)?;
        Some(self.origins.writer(call.args.first()?.reg)?.span)
    }

    /// What a recording call gives where its result is used as a value, not as a metric or timer.
    pub(super) fn nothing(&self, op: &Op) -> Option<Const> {
        let dst = op.dst?;
        if !self.erasing.calls.records.contains(&Location::new(self.function.file, op.span)) {
            return None;
        }
        let mut value = false;
        for block in &self.function.blocks {
            for other in block.ops.iter().filter(|other| reads(&other.kind).contains(&dst)) {
                if self.uses_metric(other, dst)? {
                    return None;
                }
                value = true;
            }
            value |= end_reads(&block.end) == Some(dst);
        }
        (value && self.is_temporary(dst)).then_some(match self.origins.syntax() {
            Syntax::Python => Const::None,
            Syntax::Rust => Const::Unit,
        })
    }

    /// The operation treats the result of a recording as a metric or timer; `None` where it keeps it in a variable.
    fn uses_metric(&self, op: &Op, dst: Reg) -> Option<bool> {
        match &op.kind {
            OpKind::Copy(_) => op.dst.is_none_or(|to| self.is_temporary(to)).then_some(false),
            OpKind::Call(call) => {
                let (Callee::Value(callee) | Callee::Method(callee, _)) = call.callee;
                Some(callee == dst)
            }
            OpKind::Yield(_) | OpKind::Format(_) | OpKind::Compare(..) | OpKind::Collection(..) => Some(false),
            _ => Some(true),
        }
    }

    fn is_temporary(&self, reg: Reg) -> bool {
        self.function.regs.get(reg.index()).is_none_or(|info| info.name.is_none())
    }
}
