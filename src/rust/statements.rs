//! Blocks and statements.

use syn::{Block, Expr, Item, Local, Macro, Pat, Stmt};

use super::control::Want;
use super::items::Placed;
use super::lowering::Lowering;
use super::names::ident;
use super::spans;
use crate::program::{Place, Reg, Terminator, TypeRef};
use crate::source::Span;

/// What a block's value is.
enum Last<'b> {
    Expr(&'b Expr),
    Macro(&'b Macro),
    Nothing,
}

impl Lowering<'_> {
    /// A block: its items, statements and value.
    pub(super) fn block(&mut self, block: &Block, want: Want) {
        self.push_scope();
        self.local_items(&block.stmts);
        let last = self.statements(&block.stmts);
        match last {
            Last::Expr(expr) => self.flow(expr, want),
            Last::Macro(call) => self.macro_flow(call, want),
            Last::Nothing if want == Want::Nothing => {}
            Last::Nothing => {
                let span = self.at(block.brace_token.span.close());
                let value = self.unit_value(span);
                self.deliver(value, want, span);
            }
        }
        self.pop_scope();
    }

    /// Items of a block are visible in all of it, so they come first.
    fn local_items(&mut self, stmts: &[Stmt]) {
        let (base, fixed) = (self.base, self.fixed);
        let placed: Vec<Placed> = stmts
            .iter()
            .filter_map(|stmt| match stmt {
                Stmt::Item(item) => Some(item.clone()),
                Stmt::Macro(call) => self.item_macro(&call.mac).then(|| as_item(call)),
                _ => None,
            })
            .map(|item| Placed { base, fixed, item })
            .collect();
        if !placed.is_empty() {
            let prefix = self.locals_prefix();
            self.items(placed, &prefix);
        }
    }

    fn statements<'b>(&mut self, stmts: &'b [Stmt]) -> Last<'b> {
        let mut last = Last::Nothing;
        for (at, stmt) in stmts.iter().enumerate() {
            let is_last = at + 1 == stmts.len();
            if !matches!(stmt, Stmt::Item(_)) {
                let span = self.head(stmt);
                self.statement(span);
            }
            match stmt {
                Stmt::Local(local) => self.local_variable(local),
                Stmt::Item(_) => {}
                Stmt::Expr(expr, None) if is_last => last = Last::Expr(expr),
                Stmt::Expr(expr, _) => self.flow(expr, Want::Nothing),
                Stmt::Macro(call) if self.item_macro(&call.mac) => {}
                Stmt::Macro(call) if is_last && call.semi_token.is_none() => last = Last::Macro(&call.mac),
                Stmt::Macro(call) if self.expand_statement(&call.mac) => {}
                Stmt::Macro(call) => self.macro_flow(&call.mac, Want::Nothing),
            }
        }
        last
    }

    /// Statements that belong to the block around them.
    pub(super) fn loose_statements(&mut self, stmts: &[Stmt]) {
        self.local_items(stmts);
        match self.statements(stmts) {
            Last::Expr(expr) => self.flow(expr, Want::Nothing),
            Last::Macro(call) => self.macro_flow(call, Want::Nothing),
            Last::Nothing => {}
        }
    }

    /// The whole of a simple statement, and a compound one up to its first block.
    fn head(&self, stmt: &Stmt) -> Span {
        let whole = self.at(spans::stmt(stmt));
        let Stmt::Expr(expr, _) = stmt else { return whole };
        let head = match expr {
            Expr::If(inner) => spans::between(inner.if_token.span, spans::expr(&inner.cond)),
            Expr::Match(inner) => spans::between(inner.match_token.span, spans::expr(&inner.expr)),
            Expr::While(inner) => spans::between(inner.while_token.span, spans::expr(&inner.cond)),
            Expr::ForLoop(inner) => spans::between(inner.for_token.span, spans::expr(&inner.expr)),
            Expr::Loop(inner) => inner.loop_token.span,
            Expr::Block(inner) => inner.block.brace_token.span.open(),
            Expr::Unsafe(inner) => inner.unsafe_token.span,
            _ => return whole,
        };
        self.at(head)
    }

    fn local_variable(&mut self, local: &Local) {
        let (pat, ty) = match &local.pat {
            Pat::Type(typed) => (&*typed.pat, Some(self.ty(&typed.ty))),
            pat => (pat, None),
        };
        let Some(init) = &local.init else {
            self.declare_pattern(pat);
            return;
        };
        if let Pat::Ident(binding) = pat
            && self.is_binding(binding)
            && binding.subpat.is_none()
            && init.diverge.is_none()
        {
            let variable = self.body.variable(ident(&binding.ident), ty);
            if let Expr::Reference(reference) = &*init.expr {
                self.borrowed(variable, reference);
            } else {
                self.flow(&init.expr, Want::Into(variable));
            }
            self.bind_to(ident(&binding.ident), variable);
            return;
        }
        let value = self.expr(&init.expr);
        self.typed_temp(value, ty);
        match &init.diverge {
            None => self.bind_irrefutable(pat, value),
            Some((_, otherwise)) => self.let_else(pat, value, otherwise),
        }
    }

    /// `let x = &mut place`: changes through `x` reach the place.
    fn borrowed(&mut self, variable: Reg, reference: &syn::ExprReference) {
        let value = self.expr(&reference.expr);
        let span = self.at(spans::expr(&reference.expr));
        let is_variable = self.body.info(value).is_some_and(|info| info.name.is_some());
        self.body.assign(variable, value, span);
        if reference.mutability.is_some() && is_variable {
            self.body.set_place(variable, Place::Reg(value));
        }
    }

    fn typed_temp(&mut self, value: Reg, ty: Option<TypeRef>) {
        if let (Some(info), Some(ty)) = (self.body.info(value), ty)
            && info.name.is_none()
        {
            info.ty = Some(ty);
        }
    }

    fn let_else(&mut self, pat: &Pat, value: Reg, otherwise: &Expr) {
        let span = self.at(spans::expr(otherwise));
        let (fail, here) = (self.body.block(), self.body.current());
        // The `else` block does not see the variables of the pattern, so it comes first.
        self.body.switch(fail);
        self.flow(otherwise, Want::Nothing);
        self.body.end(Terminator::Unreachable, span);
        self.body.switch(here);
        self.declare_pattern(pat);
        self.pattern(pat, value, fail);
    }
}

fn as_item(call: &syn::StmtMacro) -> Item {
    Item::Macro(syn::ItemMacro {
        attrs: call.attrs.clone(),
        ident: None,
        mac: call.mac.clone(),
        semi_token: call.semi_token,
    })
}
