//! Statements to blocks.

use ruff_python_ast::{Expr, Stmt, StmtAssert, StmtFor, StmtIf, StmtRaise, StmtReturn, StmtWhile};

use super::body::{Body, Exit};
use super::heads::span;
use crate::program::{Arg, ArgKind, Call, Callee, OpKind, Terminator, name};
use crate::source::Span;

impl<'a> Body<'_, 'a> {
    /// Statements in order, as far as a path leads.
    pub(super) fn stmts(&mut self, stmts: &'a [Stmt]) {
        for stmt in stmts {
            if !self.is_live() {
                return;
            }
            if self.copying > 0 {
                self.unit.copies_left = self.unit.copies_left.saturating_sub(1);
            }
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(def) => self.function(def),
            Stmt::ClassDef(def) => self.class(def),
            Stmt::Return(stmt) => self.return_stmt(stmt),
            Stmt::Delete(node) => node.targets.iter().for_each(|target| self.delete(target, span(node))),
            Stmt::TypeAlias(node) => {
                // The value is computed when asked for, so it is not computed here.
                let alias = self.emit(OpKind::Path(name("typing.TypeAliasType")), span(node));
                self.assign(&node.name, alias, span(node));
            }
            Stmt::Assign(node) => {
                let value = self.expr(&node.value);
                let value = self.protect(value, &node.targets);
                node.targets.iter().for_each(|target| self.assign(target, value, span(node)));
            }
            Stmt::AugAssign(node) => self.augmented(node),
            Stmt::AnnAssign(node) => self.annotated(node),
            Stmt::For(node) => self.for_loop(node),
            Stmt::While(node) => self.while_loop(node),
            Stmt::If(node) => self.if_stmt(node),
            Stmt::With(node) => self.with(node),
            Stmt::Match(node) => self.match_stmt(node),
            Stmt::Raise(node) => self.raise(node),
            Stmt::Try(node) => self.try_stmt(node),
            Stmt::Assert(node) => self.assert(node),
            Stmt::Import(node) => self.import(node),
            Stmt::ImportFrom(node) => self.import_from(node),
            Stmt::Expr(node) if is_literal(&node.value) => {}
            Stmt::Expr(node) => {
                self.expr(&node.value);
            }
            Stmt::Break(_) => self.leave_loop(true, span(stmt)),
            Stmt::Continue(_) => self.leave_loop(false, span(stmt)),
            Stmt::Global(_) | Stmt::Nonlocal(_) | Stmt::Pass(_) | Stmt::IpyEscapeCommand(_) => {}
        }
    }

    fn return_stmt(&mut self, stmt: &'a StmtReturn) {
        let here = span(stmt);
        let mut value = match &stmt.value {
            Some(value) => self.expr(value),
            None => self.none(here),
        };
        if self.frames.iter().any(|frame| matches!(frame.exit, Exit::Finally(_))) {
            // A `finally` may assign the variable, which does not change what is returned.
            value = self.unnamed(value, here);
        }
        self.exit_through(0, |body| body.end(Terminator::Return(value), here));
    }

    fn leave_loop(&mut self, is_break: bool, here: Span) {
        let found = self.frames.iter().rposition(|frame| matches!(frame.exit, Exit::Loop(..)));
        let Some(keep) = found else { return };
        let Some(Exit::Loop(behind, head)) = self.frames.get(keep).map(|frame| frame.exit) else {
            return;
        };
        let to = if is_break { behind } else { head };
        self.exit_through(keep + 1, |body| body.goto(to, here));
    }

    fn if_stmt(&mut self, stmt: &'a StmtIf) {
        let end = self.label();
        let mut arm = Some((Some(&*stmt.test), &*stmt.body));
        let mut clauses = stmt.elif_else_clauses.iter().peekable();
        while let Some((test, stmts)) = arm {
            arm = clauses.next().map(|clause| (clause.test.as_ref(), &*clause.body));
            let next = if arm.is_some() { self.label() } else { end };
            if let Some(test) = test {
                let then = self.label();
                self.condition(test, then, next);
                self.place(then);
            }
            self.stmts(stmts);
            self.goto(end, Span::default());
            if next != end {
                self.place(next);
            }
        }
        self.place(end);
    }

    fn while_loop(&mut self, stmt: &'a StmtWhile) {
        let (head, inside, exhausted, behind) = (self.label(), self.label(), self.label(), self.label());
        self.goto(head, span(&*stmt.test));
        self.place(head);
        self.condition(&stmt.test, inside, exhausted);
        self.place(inside);
        self.loop_body(&stmt.body, behind, head, span(&*stmt.test));
        self.place(exhausted);
        self.stmts(&stmt.orelse);
        self.goto(behind, Span::default());
        self.place(behind);
    }

    fn for_loop(&mut self, stmt: &'a StmtFor) {
        let behind = self.label();
        let iterable = self.expr(&stmt.iter);
        let (head, exhausted) = self.begin_loop(iterable, stmt.is_async, &stmt.target, span(&*stmt.iter));
        self.loop_body(&stmt.body, behind, head, span(&*stmt.iter));
        self.place(exhausted);
        self.stmts(&stmt.orelse);
        self.goto(behind, Span::default());
        self.place(behind);
    }

    fn loop_body(
        &mut self,
        stmts: &'a [Stmt],
        behind: crate::program::BlockId,
        head: crate::program::BlockId,
        here: Span,
    ) {
        self.enter(Exit::Loop(behind, head), self.handler);
        self.stmts(stmts);
        self.frames.pop();
        self.goto(head, here);
    }

    fn raise(&mut self, stmt: &'a StmtRaise) {
        let here = span(stmt);
        let value = match &stmt.exc {
            Some(value) => Some(self.expr(value)),
            None => self.current_exception(),
        };
        if let Some(cause) = &stmt.cause {
            self.expr(cause);
        }
        self.end(Terminator::Raise(value), here);
    }

    /// What a bare `raise` raises, if a landing block inside the `except` clause may have hidden it since.
    fn current_exception(&self) -> Option<crate::program::Reg> {
        self.frames
            .iter()
            .rev()
            .find_map(|frame| match frame.exit {
                Exit::Except { exception, landings, .. } => Some((exception, landings)),
                _ => None,
            })
            .filter(|&(_, landings)| landings != self.landings)
            .map(|(exception, _)| exception)
    }

    fn assert(&mut self, stmt: &'a StmtAssert) {
        let here = span(stmt);
        let (holds, fails) = (self.label(), self.label());
        self.condition(&stmt.test, holds, fails);
        self.place(fails);
        let mut args = Vec::new();
        if let Some(message) = &stmt.msg {
            let reg = self.expr(message);
            args.push(Arg { kind: ArgKind::Positional, reg, span: span(&**message) });
        }
        let callee = Callee::Value(self.emit(OpKind::Path(name("builtins.AssertionError")), here));
        let error = self.emit(OpKind::Call(Call { callee, args }), here);
        self.end(Terminator::Raise(Some(error)), here);
        self.place(holds);
    }
}

/// Statements like docstrings, which do nothing.
fn is_literal(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_)
    )
}
