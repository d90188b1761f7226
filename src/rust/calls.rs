//! Calls of functions and methods, and assignments to places.

use syn::{Expr, UnOp};

use super::control::Want;
use super::expressions::member;
use super::lowering::Lowering;
use super::names::ident;
use super::spans;
use crate::program::{BinaryOp, Call, Callee, Name, OpKind, Part, Place, Reg, Terminator, TypeRef, name};
use crate::source::Span;

/// Functions of the language's library that never come back.
const ENDS: [&str; 2] = ["std.process.exit", "std.process.abort"];

impl Lowering<'_> {
    pub(super) fn call(&mut self, expr: &syn::ExprCall) -> Reg {
        let callee = self.expr(&expr.func);
        let args = expr.args.iter().map(|arg| self.argument(arg)).collect();
        let span = self.at(spans::between(spans::expr(&expr.func), expr.paren_token.span.close()));
        let result = self.op(OpKind::Call(Call { callee: Callee::Value(callee), args }), span);
        if let Expr::Path(path) = &*expr.func {
            if let Some(syn::PathArguments::AngleBracketed(turbofish)) = path.path.segments.last().map(|s| &s.arguments)
            {
                let types = self.generic_arguments(turbofish);
                self.note_turbofish(result, types);
            }
            if path.path.segments.len() > 1 && ENDS.contains(&self.qualified(path.qself.as_ref(), &path.path).as_str())
            {
                self.body.end(Terminator::Unreachable, span);
            }
        }
        result
    }

    pub(super) fn method_call(&mut self, expr: &syn::ExprMethodCall) -> Reg {
        // Builder chains are long: they are walked, not recursed into.
        let mut chain = vec![expr];
        while let Some(Expr::MethodCall(inner)) = chain.last().map(|last| &*last.receiver) {
            chain.push(inner);
        }
        let Some(first) = chain.last() else { return self.body.temp() };
        let start = spans::expr(&first.receiver);
        let mut value = self.expr(&first.receiver);
        for part in chain.into_iter().rev() {
            let args = part.args.iter().map(|arg| self.argument(arg)).collect();
            let span = self.at(spans::between(start, part.paren_token.span.close()));
            let receiver = value;
            let call = Call { callee: Callee::Method(receiver, ident(&part.method)), args };
            value = self.op(OpKind::Call(call), span);
            self.body.set_place(value, Place::Through(receiver));
            if let Some(turbofish) = &part.turbofish {
                let types = self.generic_arguments(turbofish);
                self.note_turbofish(value, types);
            }
        }
        value
    }

    /// `parse::<u64>()`, `from_str::<Card>(…)`: what the result is made of is kept as its type, under the name `turbofish`.
    fn note_turbofish(&mut self, value: Reg, types: Vec<TypeRef>) {
        if let Some(info) = self.body.info(value)
            && types.iter().any(|ty| ty.path.as_str() != "_")
        {
            info.ty = Some(TypeRef::generic(name("turbofish"), types));
        }
    }

    /// `left = right`.
    pub(super) fn assign_expr(&mut self, left: &Expr, right: &Expr, span: Span) {
        if let Some((0, reg)) = self.variable(left) {
            self.flow(right, Want::Into(reg));
            return;
        }
        let value = self.expr(right);
        self.store(left, value, span);
    }

    /// The variable that an expression is.
    fn variable(&self, expr: &Expr) -> Option<(usize, Reg)> {
        match expr {
            Expr::Path(path) if path.qself.is_none() => self.local(ident(path.path.get_ident()?)),
            Expr::Paren(inner) => self.variable(&inner.expr),
            Expr::Group(inner) => self.variable(&inner.expr),
            _ => None,
        }
    }

    /// Stores a value at a place.
    fn store(&mut self, place: &Expr, value: Reg, span: Span) {
        if let Some((up, reg)) = self.variable(place) {
            match self.cell(up, reg) {
                Some(cell) => self.body.effect(OpKind::StoreCell(up as u32, cell, value), span),
                None => self.body.copy(reg, value, span),
            }
            return;
        }
        match place {
            Expr::Paren(inner) => self.store(&inner.expr, value, span),
            Expr::Group(inner) => self.store(&inner.expr, value, span),
            Expr::Field(inner) => {
                let object = self.expr(&inner.base);
                self.body.effect(OpKind::SetAttr(object, member(&inner.member), value), span);
            }
            Expr::Index(inner) => {
                let object = self.expr(&inner.expr);
                let index = self.expr(&inner.index);
                self.body.effect(OpKind::SetIndex(object, index, value), span);
            }
            Expr::Unary(syn::ExprUnary { op: UnOp::Deref(_), expr, .. }) => {
                let target = self.expr(expr);
                self.body.effect(OpKind::StoreDeref(target, value), span);
            }
            Expr::Tuple(inner) => {
                let parts = inner.elems.iter().enumerate();
                parts.for_each(|(at, elem)| self.store_part(elem, (value, Part::Item(at as i32)), span));
            }
            Expr::Array(inner) => {
                let parts = inner.elems.iter().enumerate();
                parts.for_each(|(at, elem)| self.store_part(elem, (value, Part::Item(at as i32)), span));
            }
            Expr::Call(inner) => {
                for (at, arg) in inner.args.iter().enumerate() {
                    self.store_part(arg, (value, Part::Field(name(""), name(&at.to_string()))), span);
                }
            }
            Expr::Struct(inner) => {
                for field in &inner.fields {
                    let part = Part::Field(name(""), member(&field.member));
                    self.store_part(&field.expr, (value, part), span);
                }
            }
            Expr::Infer(_) | Expr::Range(_) => {}
            other => {
                let target = self.expr(other);
                self.body.effect(OpKind::StoreDeref(target, value), span);
            }
        }
    }

    fn store_part(&mut self, place: &Expr, part: (Reg, Part), span: Span) {
        if !matches!(place, Expr::Infer(_) | Expr::Range(_)) {
            let value = self.op(OpKind::Extract(part.0, part.1), span);
            self.store(place, value, span);
        }
    }

    /// `left op= right`.
    pub(super) fn augmented(&mut self, expr: &syn::ExprBinary, op: BinaryOp, span: Span) {
        let right = self.expr(&expr.right);
        let binary = |left| OpKind::Binary { op, left, right, augmented: true };
        match strip(&expr.left) {
            Expr::Field(inner) => {
                let object = self.expr(&inner.base);
                let field: Name = member(&inner.member);
                let old = self.op(OpKind::Attr(object, field), span);
                self.body.set_place(old, Place::Field(object, field));
                let new = self.op(binary(old), span);
                self.body.effect(OpKind::SetAttr(object, field, new), span);
            }
            Expr::Index(inner) => {
                let object = self.expr(&inner.expr);
                let index = self.expr(&inner.index);
                let old = self.op(OpKind::Index(object, index), span);
                self.body.set_place(old, Place::Index(object, index));
                let new = self.op(binary(old), span);
                self.body.effect(OpKind::SetIndex(object, index, new), span);
            }
            Expr::Unary(syn::ExprUnary { op: UnOp::Deref(_), expr, .. }) => {
                let target = self.expr(expr);
                let new = self.op(binary(target), span);
                self.body.effect(OpKind::StoreDeref(target, new), span);
            }
            left => {
                let old = self.expr(left);
                let new = self.op(binary(old), span);
                self.store(left, new, span);
            }
        }
    }
}

fn strip(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(inner) => strip(&inner.expr),
        Expr::Group(inner) => strip(&inner.expr),
        other => other,
    }
}
