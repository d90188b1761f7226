//! `try` and `with`.

use ruff_python_ast::{ExceptHandler, StmtTry, StmtWith};

use super::body::{Body, Exit};
use super::heads::{self, span};
use crate::program::{BlockId, OpKind, Reg, Terminator, name};
use crate::source::Span;

impl<'a> Body<'_, 'a> {
    pub(super) fn try_stmt(&mut self, stmt: &'a StmtTry) {
        let start = span(stmt).start;
        let here = Span::new(start, start + 3);
        let after = self.label();
        if stmt.finalbody.is_empty() {
            self.guarded(stmt, after, here);
            self.place(after);
            return;
        }
        let landing = self.label();
        let done = self.label();
        let outside = self.guard_with(landing);
        self.enter(Exit::Finally(&stmt.finalbody), outside);
        self.guarded(stmt, done, here);
        self.frames.pop();
        self.handler = outside;
        self.place(done);
        self.stmts(&stmt.finalbody);
        self.goto(after, here);
        self.place(landing);
        if self.is_live() {
            let exception = self.land(here);
            let landings = self.landings;
            if self.unit.copies_left > 0 {
                self.copying += 1;
                self.stmts(&stmt.finalbody);
                self.copying -= 1;
            }
            let raised = (self.landings != landings).then_some(exception);
            self.end(Terminator::Raise(raised), here);
        }
        self.place(after);
    }

    /// The first op of a landing block.
    fn land(&mut self, here: Span) -> Reg {
        self.landings += 1;
        self.emit(OpKind::Caught, here)
    }

    /// `try` … `except` … `else`, without the `finally`.
    fn guarded(&mut self, stmt: &'a StmtTry, after: BlockId, here: Span) {
        if stmt.handlers.is_empty() {
            self.stmts(&stmt.body);
            self.stmts(&stmt.orelse);
            self.goto(after, here);
            return;
        }
        let landing = self.label();
        let outside = self.guard_with(landing);
        // `return` in the body leaves the handlers as well.
        self.stmts(&stmt.body);
        self.handler = outside;
        self.stmts(&stmt.orelse);
        self.goto(after, here);
        self.place(landing);
        if self.is_live() {
            self.handlers(&stmt.handlers, after, here);
        }
    }

    fn handlers(&mut self, handlers: &'a [ExceptHandler], after: BlockId, here: Span) {
        let exception = self.land(here);
        for handler in handlers {
            let ExceptHandler::ExceptHandler(clause) = handler;
            let head = heads::except(self.unit.text, handler);
            let next = self.label();
            if let Some(classes) = &clause.type_ {
                let inside = self.label();
                let classes_span = span(&**classes);
                let classes = self.expr(classes);
                let matches = self.emit(OpKind::CaughtMatches(exception, classes), classes_span);
                self.branch(matches, inside, next, head);
                self.place(inside);
            }
            let bound = clause.name.as_ref().map(|id| name(id));
            if let Some(bound) = bound {
                self.store(bound, exception, head);
            }
            let exit = Exit::Except { exception, landings: self.landings, name: bound, span: head };
            self.enter(exit, self.handler);
            self.stmts(&clause.body);
            self.frames.pop();
            if let Some(bound) = bound.filter(|_| self.is_live()) {
                self.unbind(bound, head);
            }
            self.goto(after, head);
            self.place(next);
        }
        self.end(Terminator::Raise(None), here);
    }

    /// `with a as x, b:` is `with a as x:` around `with b:`.
    pub(super) fn with(&mut self, stmt: &'a StmtWith) {
        let after = self.label();
        let mut open: Vec<(Reg, BlockId, Option<BlockId>, Span)> = Vec::with_capacity(stmt.items.len());
        for item in &stmt.items {
            let here = span(&item.context_expr);
            // A copy: the body may bind the variable anew (`with lock as lock`).
            let value = self.expr(&item.context_expr);
            let context = self.unnamed(value, here);
            let mut entered = self.emit(OpKind::Enter(context), here);
            if stmt.is_async {
                entered = self.emit(OpKind::Await(entered), here);
            }
            let landing = self.label();
            let outside = self.guard_with(landing);
            self.enter(Exit::With { context, span: here }, outside);
            if let Some(target) = &item.optional_vars {
                self.assign(target, entered, span(item));
            }
            open.push((context, landing, outside, here));
        }
        self.stmts(&stmt.body);
        while let Some((context, landing, outside, here)) = open.pop() {
            self.frames.pop();
            self.handler = outside;
            self.run(OpKind::Exit { context, exceptional: false }, here);
            // Where an inner context manager swallows the exception, the outer ones are still left as usual.
            let behind = if open.is_empty() { after } else { self.label() };
            self.goto(behind, here);
            self.place(landing);
            if self.is_live() {
                self.land(here);
                let swallows = self.emit(OpKind::Exit { context, exceptional: true }, here);
                let again = self.label();
                self.branch(swallows, behind, again, here);
                self.place(again);
                self.end(Terminator::Raise(None), here);
            }
            self.place(behind);
        }
        if stmt.items.is_empty() {
            self.goto(after, span(stmt));
            self.place(after);
        }
    }
}
