//! Expressions that are not control flow, calls or macros.

use syn::{BinOp, Expr, Lit, Member, UnOp};

use super::control::Want;
use super::lowering::Lowering;
use super::names::{ident, join};
use super::spans;
use crate::program::{
    Arg, ArgKind, BinaryOp, Call, Callee, CollectionKind, CompareOp, Const, Item, Name, OpKind, Place, Reg, UnaryOp,
    name,
};
use crate::source::Span;

impl Lowering<'_> {
    /// The register that holds the value of an expression.
    pub(super) fn expr(&mut self, expr: &Expr) -> Reg {
        match expr {
            Expr::Paren(inner) => self.expr(&inner.expr),
            Expr::Group(inner) => self.expr(&inner.expr),
            Expr::Reference(inner) => self.expr(&inner.expr),
            Expr::RawAddr(inner) => self.expr(&inner.expr),
            Expr::Lit(inner) => self.literal(&inner.lit),
            Expr::Path(inner) => self.path_expr(inner),
            Expr::Field(inner) => self.field(inner),
            Expr::Index(inner) => self.index(inner),
            Expr::Call(inner) => self.call(inner),
            Expr::MethodCall(inner) => self.method_call(inner),
            Expr::Macro(inner) => self.macro_value(&inner.mac),
            Expr::Closure(inner) => self.closure(inner),
            Expr::Async(inner) => self.async_block(inner),
            Expr::Try(inner) => self.try_expr(inner),
            Expr::TryBlock(inner) => self.try_block(&inner.block),
            Expr::Await(inner) => {
                let value = self.expr(&inner.base);
                let span = self.at(spans::expr(expr));
                let awaited = self.op(OpKind::Await(value), span);
                self.body.set_place(awaited, Place::Through(value));
                awaited
            }
            Expr::Yield(inner) => {
                let value = inner.expr.as_ref().map(|value| self.expr(value));
                let span = self.at(inner.yield_token.span);
                self.body.function.is_generator = true;
                self.op(OpKind::Yield(value), span)
            }
            _ => self.operation(expr),
        }
    }

    fn operation(&mut self, expr: &Expr) -> Reg {
        let span = self.at(spans::expr(expr));
        match expr {
            Expr::Unary(inner) => self.unary(inner, span),
            Expr::Binary(inner) => self.binary(inner, span),
            Expr::Assign(inner) => {
                self.assign_expr(&inner.left, &inner.right, span);
                self.unit_value(span)
            }
            Expr::Array(inner) => self.list(inner.elems.iter(), span),
            Expr::Tuple(inner) if inner.elems.is_empty() => self.unit_value(span),
            Expr::Tuple(inner) => {
                let elems: Vec<Reg> = inner.elems.iter().map(|elem| self.expr(elem)).collect();
                let items = elems.iter().map(|&elem| Item::Value(elem)).collect();
                let tuple = self.op(OpKind::Collection(CollectionKind::Tuple, items), span);
                self.body.tuples.insert(tuple, elems);
                tuple
            }
            Expr::Repeat(inner) => {
                let value = self.expr(&inner.expr);
                self.op(OpKind::Collection(CollectionKind::List, vec![Item::Repeat(value)]), span)
            }
            Expr::Struct(inner) => self.construct(inner, span),
            Expr::Range(inner) => {
                let ends = [inner.start.as_deref(), inner.end.as_deref()];
                let args = ends.into_iter().flatten().map(|end| self.argument(end)).collect();
                self.call_path(name("std.ops.Range"), args, span)
            }
            Expr::Cast(inner) => {
                let ty = self.ty(&inner.ty);
                let arg = self.argument(&inner.expr);
                self.call_path(join("as", &ty.path), vec![arg], span)
            }
            Expr::Let(inner) => self.truth(&Expr::Let(inner.clone()), span),
            Expr::If(_) | Expr::Match(_) | Expr::Block(_) | Expr::Unsafe(_) | Expr::Const(_) => {
                let result = self.body.temp();
                self.flow(expr, Want::Into(result));
                result
            }
            Expr::Loop(_) | Expr::While(_) | Expr::ForLoop(_) => {
                let value = self.looping(expr);
                value.unwrap_or_else(|| self.unit_value(span))
            }
            Expr::Return(inner) => {
                self.return_expr(inner);
                self.unit_value(span)
            }
            Expr::Break(inner) => {
                self.break_expr(inner);
                self.unit_value(span)
            }
            Expr::Continue(inner) => {
                self.continue_expr(inner);
                self.unit_value(span)
            }
            _ => self.unit_value(span),
        }
    }

    /// A condition as a value.
    pub(super) fn truth(&mut self, cond: &Expr, span: Span) -> Reg {
        let (yes, no, join) = (self.body.block(), self.body.block(), self.body.block());
        let result = self.body.temp();
        self.push_scope();
        self.cond(cond, yes, no);
        self.pop_scope();
        for (block, truth) in [(yes, true), (no, false)] {
            self.body.switch(block);
            let value = self.constant(Const::Bool(truth), span);
            self.body.assign(result, value, span);
            self.body.goto(join, span);
        }
        self.body.switch(join);
        result
    }

    pub(super) fn literal(&mut self, lit: &Lit) -> Reg {
        let span = self.at(lit.span());
        self.constant(constant(lit), span)
    }

    fn path_expr(&mut self, expr: &syn::ExprPath) -> Reg {
        let span = self.at(syn::spanned::Spanned::span(expr));
        if expr.qself.is_none()
            && let Some(only) = expr.path.get_ident()
            && let Some((up, reg)) = self.local(ident(only))
        {
            return self.read(up, reg, span);
        }
        let path = self.qualified(expr.qself.as_ref(), &expr.path);
        self.path_value(path, span)
    }

    fn field(&mut self, expr: &syn::ExprField) -> Reg {
        let object = self.expr(&expr.base);
        let span = self.at(spans::between(spans::expr(&expr.base), member_span(&expr.member)));
        let field = member(&expr.member);
        let value = self.op(OpKind::Attr(object, field), span);
        self.body.set_place(value, Place::Field(object, field));
        value
    }

    fn index(&mut self, expr: &syn::ExprIndex) -> Reg {
        let object = self.expr(&expr.expr);
        let span = self.at(spans::between(spans::expr(&expr.expr), expr.bracket_token.span.close()));
        if let Expr::Range(range) = &*expr.index {
            for end in [range.start.as_deref(), range.end.as_deref()].into_iter().flatten() {
                self.expr(end);
            }
            let part = self.op(OpKind::Slice(object), span);
            self.body.set_place(part, Place::Through(object));
            return part;
        }
        let index = self.expr(&expr.index);
        let value = self.op(OpKind::Index(object, index), span);
        self.body.set_place(value, Place::Index(object, index));
        value
    }

    fn unary(&mut self, expr: &syn::ExprUnary, span: Span) -> Reg {
        match (&expr.op, &*expr.expr) {
            (UnOp::Deref(_), inner) => self.expr(inner),
            (UnOp::Neg(_), Expr::Lit(lit)) => match constant(&lit.lit) {
                Const::Int(value) => self.constant(Const::Int(value.wrapping_neg()), span),
                Const::Float(bits) => self.constant(Const::Float((-f64::from_bits(bits)).to_bits()), span),
                other => self.constant(other, span),
            },
            (op, inner) => {
                let op = if matches!(op, UnOp::Not(_)) { UnaryOp::Not } else { UnaryOp::Number };
                let value = self.expr(inner);
                self.op(OpKind::Unary(op, value), span)
            }
        }
    }

    fn binary(&mut self, expr: &syn::ExprBinary, span: Span) -> Reg {
        if let BinOp::And(_) | BinOp::Or(_) = expr.op {
            return self.short_circuit(expr, span);
        }
        if let Some(op) = augmented(&expr.op) {
            self.augmented(expr, op, span);
            return self.unit_value(span);
        }
        // Long chains lean to the left: they are walked, not recursed into.
        let mut chain = vec![expr];
        while let Some(Expr::Binary(left)) = chain.last().map(|last| &*last.left)
            && !matches!(left.op, BinOp::And(_) | BinOp::Or(_))
            && augmented(&left.op).is_none()
        {
            chain.push(left);
        }
        let Some(first) = chain.last() else { return self.unit_value(span) };
        let start = spans::expr(&first.left);
        let mut value = self.expr(&first.left);
        for part in chain.into_iter().rev() {
            let right = self.expr(&part.right);
            let span = self.at(spans::between(start, spans::expr(&part.right)));
            let kind = match compared(&part.op) {
                Some(op) => OpKind::Compare(op, value, right),
                None => OpKind::Binary { op: arithmetic(&part.op), left: value, right, augmented: false },
            };
            value = self.op(kind, span);
        }
        value
    }

    /// `a && b` and `a || b` as values.
    fn short_circuit(&mut self, expr: &syn::ExprBinary, span: Span) -> Reg {
        let result = self.body.temp();
        let (more, join) = (self.body.block(), self.body.block());
        let left = self.expr(&expr.left);
        self.body.assign(result, left, span);
        if matches!(expr.op, BinOp::And(_)) {
            self.branch(result, more, join, span);
        } else {
            self.branch(result, join, more, span);
        }
        self.body.switch(more);
        let right = self.expr(&expr.right);
        self.body.assign(result, right, span);
        self.body.goto(join, span);
        self.body.switch(join);
        result
    }

    fn list<'e>(&mut self, elems: impl Iterator<Item = &'e Expr>, span: Span) -> Reg {
        let items = elems.map(|elem| Item::Value(self.expr(elem))).collect();
        self.op(OpKind::Collection(CollectionKind::List, items), span)
    }

    fn construct(&mut self, expr: &syn::ExprStruct, span: Span) -> Reg {
        let path = self.struct_path(expr.qself.as_ref(), &expr.path);
        let mut fields = Vec::new();
        for field in &expr.fields {
            fields.push((member(&field.member), self.expr(&field.expr)));
        }
        let base = expr.rest.as_ref().map(|base| self.expr(base));
        self.op(OpKind::Construct { path, fields, base }, span)
    }

    /// The path of a struct or variant, through aliases of this file.
    pub(super) fn struct_path(&self, qself: Option<&syn::QSelf>, path: &syn::Path) -> Name {
        if qself.is_none()
            && let Some(only) = path.get_ident()
            && let Some(alias) = self.alias(ident(only))
        {
            return alias.ty.path;
        }
        self.qualified(qself, path)
    }

    pub(super) fn call_path(&mut self, path: Name, args: Vec<Arg>, span: Span) -> Reg {
        let callee = self.op(OpKind::Path(path), span);
        self.op(OpKind::Call(Call { callee: Callee::Value(callee), args }), span)
    }

    /// A positional argument.
    pub(super) fn argument(&mut self, expr: &Expr) -> Arg {
        let span = self.at(spans::expr(expr));
        Arg { kind: ArgKind::Positional, reg: self.expr(expr), span }
    }
}

pub(super) fn member(member: &Member) -> Name {
    match member {
        Member::Named(named) => ident(named),
        Member::Unnamed(index) => name(&index.index.to_string()),
    }
}

fn member_span(member: &Member) -> proc_macro2::Span {
    match member {
        Member::Named(named) => named.span(),
        Member::Unnamed(index) => index.span,
    }
}

/// The value of a literal.
pub(super) fn constant(lit: &Lit) -> Const {
    match lit {
        Lit::Str(text) => Const::Str(name(&text.value())),
        Lit::ByteStr(bytes) => Const::Bytes(name(&String::from_utf8_lossy(&bytes.value()))),
        Lit::CStr(text) => Const::Bytes(name(&text.value().to_string_lossy())),
        Lit::Byte(byte) => Const::Int(i64::from(byte.value())),
        Lit::Char(c) => Const::Str(name(c.value().encode_utf8(&mut [0; 4]))),
        Lit::Int(number) => match number.base10_digits().parse::<i64>() {
            Ok(value) => Const::Int(value),
            Err(_) => Const::Float(number.base10_digits().parse::<f64>().unwrap_or(f64::MAX).to_bits()),
        },
        Lit::Float(number) => Const::Float(number.base10_digits().parse::<f64>().unwrap_or(0.0).to_bits()),
        Lit::Bool(truth) => Const::Bool(truth.value),
        _ => Const::Unit,
    }
}

fn compared(op: &BinOp) -> Option<CompareOp> {
    Some(match op {
        BinOp::Eq(_) => CompareOp::Eq,
        BinOp::Ne(_) => CompareOp::NotEq,
        BinOp::Lt(_) => CompareOp::Lt,
        BinOp::Le(_) => CompareOp::LtE,
        BinOp::Gt(_) => CompareOp::Gt,
        BinOp::Ge(_) => CompareOp::GtE,
        _ => return None,
    })
}

fn arithmetic(op: &BinOp) -> BinaryOp {
    match op {
        BinOp::Add(_) => BinaryOp::Add,
        BinOp::Sub(_) => BinaryOp::Sub,
        BinOp::Mul(_) => BinaryOp::Mul,
        BinOp::Div(_) => BinaryOp::Div,
        BinOp::Rem(_) => BinaryOp::Mod,
        BinOp::BitOr(_) => BinaryOp::Or,
        BinOp::BitAnd(_) => BinaryOp::And,
        _ => BinaryOp::Other,
    }
}

/// The operator of `a op= b`.
pub(super) fn augmented(op: &BinOp) -> Option<BinaryOp> {
    Some(match op {
        BinOp::AddAssign(_) => BinaryOp::Add,
        BinOp::SubAssign(_) => BinaryOp::Sub,
        BinOp::MulAssign(_) => BinaryOp::Mul,
        BinOp::DivAssign(_) => BinaryOp::Div,
        BinOp::RemAssign(_) => BinaryOp::Mod,
        BinOp::BitOrAssign(_) => BinaryOp::Or,
        BinOp::BitAndAssign(_) => BinaryOp::And,
        BinOp::BitXorAssign(_) | BinOp::ShlAssign(_) | BinOp::ShrAssign(_) => BinaryOp::Other,
        _ => return None,
    })
}
