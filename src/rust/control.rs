//! Control flow: blocks, branches, loops, `?`, early exits.

use syn::{Block, Expr, Pat};

use super::body::Frame;
use super::expressions;
use super::lowering::Lowering;
use super::macros;
use super::names::ident;
use super::spans;
use crate::program::{Arg, ArgKind, BlockId, Call, Callee, Name, OpKind, Place, Reg, Terminator, name};
use crate::source::Span;

/// What becomes of an expression's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    /// It is dropped.
    Nothing,
    /// It goes to the register.
    Into(Reg),
    /// The function returns it. Branches return separately, each from its own tail.
    Return,
}

impl Lowering<'_> {
    /// Lowers an expression for the given use.
    pub(super) fn flow(&mut self, expr: &Expr, want: Want) {
        match expr {
            Expr::Paren(inner) => self.flow(&inner.expr, want),
            Expr::Group(inner) => self.flow(&inner.expr, want),
            Expr::If(inner) => self.if_expr(inner, want),
            Expr::Match(inner) => self.match_expr(inner, want),
            Expr::Unsafe(inner) => self.block(&inner.block, want),
            Expr::Const(inner) => self.block(&inner.block, want),
            Expr::Block(inner) => match &inner.label {
                None => self.block(&inner.block, want),
                Some(label) => {
                    let value = self.labelled_block(ident(&label.name.ident), &inner.block);
                    let span = self.at(spans::expr(expr));
                    self.deliver(value, want, span);
                }
            },
            Expr::Loop(_) | Expr::While(_) | Expr::ForLoop(_) if want == Want::Nothing => {
                self.looping(expr);
            }
            Expr::Assign(inner) if want == Want::Nothing => {
                let span = self.at(spans::expr(expr));
                self.assign_expr(&inner.left, &inner.right, span);
            }
            Expr::Binary(inner) if want == Want::Nothing => {
                let span = self.at(spans::expr(expr));
                match expressions::augmented(&inner.op) {
                    Some(op) => self.augmented(inner, op, span),
                    None => {
                        self.expr(expr);
                    }
                }
            }
            Expr::Macro(inner) => self.macro_flow(&inner.mac, want),
            _ => {
                let value = self.expr(expr);
                if want != Want::Nothing {
                    let span = self.at(spans::expr(expr));
                    self.deliver(value, want, span);
                }
            }
        }
    }

    pub(super) fn deliver(&mut self, value: Reg, want: Want, span: Span) {
        match want {
            Want::Nothing => {}
            Want::Into(dst) => self.body.assign(dst, value, span),
            Want::Return => self.body.end(Terminator::Return(value), span),
        }
    }

    fn deliver_unit(&mut self, want: Want, span: Span) {
        if want != Want::Nothing {
            let value = self.unit_value(span);
            self.deliver(value, want, span);
        }
    }

    fn if_expr(&mut self, expr: &syn::ExprIf, want: Want) {
        let span = self.at(expr.if_token.span);
        let (yes, no, join) = (self.body.block(), self.body.block(), self.body.block());
        self.push_scope();
        self.cond(&expr.cond, yes, no);
        self.body.switch(yes);
        self.block(&expr.then_branch, want);
        self.pop_scope();
        self.body.goto(join, span);
        self.body.switch(no);
        match &expr.else_branch {
            Some((_, otherwise)) => self.flow(otherwise, want),
            None => self.deliver_unit(want, self.at(spans::block(&expr.then_branch))),
        }
        self.body.goto(join, span);
        self.body.switch(join);
    }

    /// Branches on a condition; `let` patterns bind in the innermost scope.
    pub(super) fn cond(&mut self, cond: &Expr, yes: BlockId, no: BlockId) {
        let span = self.at(spans::expr(cond));
        match cond {
            Expr::Paren(inner) => self.cond(&inner.expr, yes, no),
            Expr::Group(inner) => self.cond(&inner.expr, yes, no),
            Expr::Unary(syn::ExprUnary { op: syn::UnOp::Not(_), expr, .. }) => self.cond(expr, no, yes),
            Expr::Binary(syn::ExprBinary { left, op: syn::BinOp::And(_), right, .. }) => {
                let next = self.body.block();
                self.cond(left, next, no);
                self.body.switch(next);
                self.cond(right, yes, no);
            }
            Expr::Binary(syn::ExprBinary { left, op: syn::BinOp::Or(_), right, .. }) => {
                let next = self.body.block();
                self.cond(left, yes, next);
                self.body.switch(next);
                self.cond(right, yes, no);
            }
            Expr::Let(inner) => {
                let value = self.expr(&inner.expr);
                self.declare_pattern(&inner.pat);
                self.pattern(&inner.pat, value, no);
                self.body.goto(yes, span);
            }
            Expr::Lit(syn::ExprLit { lit: syn::Lit::Bool(truth), .. }) => {
                self.body.goto(if truth.value { yes } else { no }, span);
            }
            Expr::Macro(inner) if macros::is_matches(&self.macro_path(&inner.mac.path)) => {
                if !self.matches_macro(&inner.mac, yes, no) {
                    let value = self.unit_value(span);
                    self.branch(value, yes, no, span);
                }
            }
            _ => {
                let value = self.expr(cond);
                self.branch(value, yes, no, span);
            }
        }
    }

    fn match_expr(&mut self, expr: &syn::ExprMatch, want: Want) {
        let span = self.at(expr.match_token.span);
        let value = self.expr(&expr.expr);
        let join = self.body.block();
        for arm in &expr.arms {
            let next = self.body.block();
            self.push_scope();
            let (pat, guard) = match &arm.pat {
                Pat::Guard(guarded) => (&*guarded.pat, Some(&*guarded.guard)),
                pat => (pat, None),
            };
            self.declare_pattern(pat);
            self.pattern(pat, value, next);
            if let Some(guard) = guard {
                let body = self.body.block();
                self.cond(guard, body, next);
                self.body.switch(body);
            }
            self.arm_statement(&arm.body);
            self.flow(&arm.body, want);
            self.pop_scope();
            self.body.goto(join, span);
            self.body.switch(next);
        }
        self.body.end(Terminator::Unreachable, span);
        self.body.switch(join);
    }

    fn arm_statement(&mut self, body: &Expr) {
        if !matches!(body, Expr::Block(_)) {
            let span = self.at(spans::expr(body));
            self.statement(span);
        }
    }

    fn labelled_block(&mut self, label: Name, block: &Block) -> Reg {
        let exit = self.body.block();
        let result = self.body.temp();
        self.body.frames.push(Frame { label: Some(label), exit, again: None, result });
        self.block(block, Want::Into(result));
        self.body.frames.pop();
        let span = self.at(block.brace_token.span.close());
        self.body.goto(exit, span);
        self.body.switch(exit);
        result
    }

    /// A loop; only `loop` has a value.
    pub(super) fn looping(&mut self, expr: &Expr) -> Option<Reg> {
        match expr {
            Expr::Loop(inner) => Some(self.loop_expr(inner)),
            Expr::While(inner) => {
                self.while_expr(inner);
                None
            }
            Expr::ForLoop(inner) => {
                self.for_expr(inner);
                None
            }
            _ => None,
        }
    }

    fn enter_loop(&mut self, label: Option<&syn::Label>, again: BlockId, exit: BlockId) -> Reg {
        let result = self.body.temp();
        let label = label.map(|label| ident(&label.name.ident));
        self.body.frames.push(Frame { label, exit, again: Some(again), result });
        result
    }

    fn loop_expr(&mut self, expr: &syn::ExprLoop) -> Reg {
        let span = self.at(expr.loop_token.span);
        let (again, exit) = (self.body.block(), self.body.block());
        self.body.goto(again, span);
        self.body.switch(again);
        let result = self.enter_loop(expr.label.as_ref(), again, exit);
        self.block(&expr.body, Want::Nothing);
        self.body.frames.pop();
        self.body.goto(again, span);
        self.body.switch(exit);
        result
    }

    fn while_expr(&mut self, expr: &syn::ExprWhile) {
        let span = self.at(expr.while_token.span);
        let (again, body, exit) = (self.body.block(), self.body.block(), self.body.block());
        self.body.goto(again, span);
        self.body.switch(again);
        self.push_scope();
        self.cond(&expr.cond, body, exit);
        self.body.switch(body);
        self.enter_loop(expr.label.as_ref(), again, exit);
        self.block(&expr.body, Want::Nothing);
        self.body.frames.pop();
        self.pop_scope();
        self.body.goto(again, span);
        self.body.switch(exit);
    }

    fn for_expr(&mut self, expr: &syn::ExprForLoop) {
        let span = self.at(expr.for_token.span);
        let over = self.at(spans::expr(&expr.expr));
        let source = self.expr(&expr.expr);
        let iter = self.op(OpKind::Iter(source), over);
        let (again, body, exit) = (self.body.block(), self.body.block(), self.body.block());
        self.body.goto(again, span);
        self.body.switch(again);
        let item = self.body.temp();
        self.body.set_place(item, Place::Through(source));
        self.body.end(Terminator::ForEach { iter, item, body, exit }, over);
        self.body.switch(body);
        self.push_scope();
        self.bind_irrefutable(&expr.pat, item);
        self.enter_loop(expr.label.as_ref(), again, exit);
        self.block(&expr.body, Want::Nothing);
        self.body.frames.pop();
        self.pop_scope();
        self.body.goto(again, span);
        self.body.switch(exit);
    }

    pub(super) fn break_expr(&mut self, expr: &syn::ExprBreak) {
        let span = self.at(expr.break_token.span);
        let label = expr.label.as_ref().map(|label| ident(&label.ident));
        let target = self.frame(label, false).map(|frame| (frame.exit, frame.result));
        if let Some(value) = &expr.expr {
            match target {
                Some((_, result)) => self.flow(value, Want::Into(result)),
                None => self.flow(value, Want::Nothing),
            }
        }
        match target {
            Some((exit, _)) => self.body.goto(exit, span),
            None => self.body.end(Terminator::Unreachable, span),
        }
    }

    pub(super) fn continue_expr(&mut self, expr: &syn::ExprContinue) {
        let span = self.at(expr.continue_token.span);
        let label = expr.label.as_ref().map(|label| ident(&label.ident));
        match self.frame(label, true).and_then(|frame| frame.again) {
            Some(again) => self.body.goto(again, span),
            None => self.body.end(Terminator::Unreachable, span),
        }
    }

    /// The loop or block that a `break` or `continue` means.
    fn frame(&self, label: Option<Name>, continues: bool) -> Option<&Frame> {
        self.body.frames.iter().rev().find(|frame| match label {
            Some(label) => frame.label == Some(label),
            None => frame.again.is_some() || (continues && frame.again.is_some()),
        })
    }

    pub(super) fn return_expr(&mut self, expr: &syn::ExprReturn) {
        let whole = self.at(match &expr.expr {
            Some(value) => spans::between(expr.return_token.span, spans::expr(value)),
            None => expr.return_token.span,
        });
        match expr.expr.as_deref() {
            Some(value) if branches(value) => self.flow(value, Want::Return),
            Some(value) => {
                let value = self.expr(value);
                self.body.end(Terminator::Return(value), whole);
            }
            None => {
                let value = self.unit_value(whole);
                self.body.end(Terminator::Return(value), whole);
            }
        }
    }

    /// `expr?`.
    pub(super) fn try_expr(&mut self, expr: &syn::ExprTry) -> Reg {
        let value = self.expr(&expr.expr);
        let span = self.at(spans::between(spans::expr(&expr.expr), expr.question_token.spans[0]));
        let (good, bad) = (self.body.block(), self.body.block());
        let ok = self.op(OpKind::IsOk(value), span);
        self.branch(ok, good, bad, span);
        self.body.switch(bad);
        let residual = self.op(OpKind::Residual(value), span);
        match self.body.attempts.last().copied() {
            Some((exit, result)) => {
                self.body.assign(result, residual, span);
                self.body.goto(exit, span);
            }
            None => self.body.end(Terminator::Return(residual), span),
        }
        self.body.switch(good);
        let payload = self.op(OpKind::Unwrap(value), span);
        self.body.set_place(payload, Place::Through(value));
        payload
    }

    /// `try { … }`: its value is wrapped in `Ok`, and `?` inside leads behind it.
    pub(super) fn try_block(&mut self, block: &Block) -> Reg {
        let span = self.at(spans::block(block));
        let exit = self.body.block();
        let (inner, result) = (self.body.temp(), self.body.temp());
        self.body.attempts.push((exit, result));
        self.block(block, Want::Into(inner));
        self.body.attempts.pop();
        let wrapped = self.wrap("Ok", inner, span);
        self.body.assign(result, wrapped, span);
        self.body.goto(exit, span);
        self.body.switch(exit);
        result
    }

    /// `Ok(value)`, `Err(value)`, `Some(value)`.
    pub(super) fn wrap(&mut self, variant: &str, value: Reg, span: Span) -> Reg {
        let callee = self.path_value(name(variant), span);
        let args = vec![Arg { kind: ArgKind::Positional, reg: value, span }];
        self.op(OpKind::Call(Call { callee: Callee::Value(callee), args }), span)
    }
}

/// Whether the value of an expression is that of one of its branches.
fn branches(expr: &Expr) -> bool {
    match expr {
        Expr::If(_) | Expr::Match(_) | Expr::Unsafe(_) => true,
        Expr::Block(block) => block.label.is_none(),
        Expr::Paren(inner) => branches(&inner.expr),
        Expr::Group(inner) => branches(&inner.expr),
        _ => false,
    }
}
