//! Expressions to operations.

use ruff_python_ast::{
    CmpOp, DictItem, Expr, ExprBinOp, ExprDict, ExprIf, ExprNamed, ExprSlice, ExprUnaryOp, Number, Operator,
    UnaryOp as Sign,
};

use super::body::Body;
use super::heads::span;
use crate::program::{
    Arg, ArgKind, BinaryOp, Call, Callee, CollectionKind, CompareOp, Const, Item, OpKind, Reg, UnaryOp, name,
};
use crate::source::Span;

impl<'a> Body<'_, 'a> {
    /// Computes an expression. A local variable is its own register, without an operation.
    pub(super) fn expr(&mut self, expr: &'a Expr) -> Reg {
        let here = span(expr);
        match expr {
            Expr::Name(id) => self.load(name(&id.id), here),
            Expr::Call(_) | Expr::Attribute(_) | Expr::Subscript(_) => self.postfix(expr),
            Expr::BinOp(node) => self.binary(node),
            Expr::UnaryOp(node) => self.unary(node),
            Expr::BoolOp(_) | Expr::Compare(_) => self.truth(expr),
            Expr::If(node) => self.conditional(node),
            Expr::Named(node) => self.walrus(node),
            Expr::Lambda(node) => self.lambda(node),
            Expr::StringLiteral(node) => self.constant(Const::Str(name(node.value.to_str())), here),
            Expr::BytesLiteral(node) => {
                let bytes: Vec<u8> = node.value.bytes().collect();
                self.constant(Const::Bytes(name(&String::from_utf8_lossy(&bytes))), here)
            }
            Expr::NumberLiteral(node) => self.constant(number(&node.value), here),
            Expr::BooleanLiteral(node) => self.constant(Const::Bool(node.value), here),
            Expr::NoneLiteral(_) | Expr::IpyEscapeCommand(_) => self.none(here),
            Expr::EllipsisLiteral(_) => self.constant(Const::Ellipsis, here),
            Expr::FString(_) | Expr::TString(_) => self.format(expr),
            Expr::List(node) => self.display(CollectionKind::List, &node.elts, here),
            Expr::Tuple(node) => self.display(CollectionKind::Tuple, &node.elts, here),
            Expr::Set(node) => self.display(CollectionKind::Set, &node.elts, here),
            Expr::Dict(node) => self.dict(node),
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => self.comprehension(expr),
            Expr::Await(node) => {
                let value = self.expr(&node.value);
                self.emit(OpKind::Await(value), here)
            }
            Expr::Yield(node) => {
                let value = node.value.as_ref().map(|value| self.expr(value));
                self.emit(OpKind::Yield(value), here)
            }
            Expr::YieldFrom(node) => {
                let value = self.expr(&node.value);
                self.emit(OpKind::YieldFrom(value), here)
            }
            Expr::Starred(node) => self.expr(&node.value),
            Expr::Slice(node) => self.slice_object(node),
        }
    }

    fn constant(&mut self, value: Const, here: Span) -> Reg {
        self.emit(OpKind::Const(value), here)
    }

    /// Chains of one operator nest to the left, thousands deep: they are taken apart in a loop.
    fn binary(&mut self, node: &'a ExprBinOp) -> Reg {
        let mut spine = vec![node];
        let mut innermost = &*node.left;
        while let Expr::BinOp(left) = innermost {
            spine.push(left);
            innermost = &left.left;
        }
        let mut left = self.expr(innermost);
        for node in spine.into_iter().rev() {
            left = self.protect(left, [&*node.right]);
            let right = self.expr(&node.right);
            let kind = OpKind::Binary { op: binary_op(node.op), left, right, augmented: false };
            left = self.emit(kind, span(node));
        }
        left
    }

    fn unary(&mut self, node: &'a ExprUnaryOp) -> Reg {
        let here = span(node);
        if let (Sign::USub, Expr::NumberLiteral(literal)) = (node.op, &*node.operand) {
            let value = match number(&literal.value) {
                Const::Int(value) => Const::Int(value.wrapping_neg()),
                Const::Float(bits) => Const::Float((-f64::from_bits(bits)).to_bits()),
                other => other,
            };
            return self.constant(value, here);
        }
        let value = self.expr(&node.operand);
        let op = if node.op == Sign::Not { UnaryOp::Not } else { UnaryOp::Number };
        self.emit(OpKind::Unary(op, value), here)
    }

    /// `a if test else b`; what stands in the last `else` may be another one.
    fn conditional(&mut self, node: &'a ExprIf) -> Reg {
        let result = self.temp();
        let end = self.label();
        let (yes, no) = (self.label(), self.label());
        self.condition(&node.test, yes, no);
        self.place(yes);
        self.result_of(&node.body, result);
        self.goto(end, span(node));
        self.place(no);
        self.result_of(&node.orelse, result);
        self.goto(end, span(node));
        self.place(end);
        result
    }

    /// Computes an expression and copies it to a temporary that other paths write too.
    pub(super) fn result_of(&mut self, expr: &'a Expr, result: Reg) {
        let value = self.expr(expr);
        self.push(Some(result), OpKind::Copy(value), span(expr));
    }

    pub(super) fn walrus(&mut self, node: &'a ExprNamed) -> Reg {
        let value = self.expr(&node.value);
        let here = span(node);
        self.assign(&node.target, value, here);
        match &*node.target {
            Expr::Name(id) => {
                let id = name(&id.id);
                // Where the variable is a register, what follows narrows the variable.
                self.locals.get(&id).copied().unwrap_or(value)
            }
            _ => value,
        }
    }

    /// The elements of a display or an argument list, each safe from what the later ones assign.
    pub(super) fn items(&mut self, elements: &'a [Expr]) -> Vec<Item> {
        let mut items = Vec::with_capacity(elements.len());
        for (at, element) in elements.iter().enumerate() {
            let value = self.expr(element);
            let value = self.protect(value, elements.get(at + 1..).unwrap_or_default());
            items.push(if element.is_starred_expr() { Item::Spread(value) } else { Item::Value(value) });
        }
        items
    }

    fn display(&mut self, kind: CollectionKind, elements: &'a [Expr], here: Span) -> Reg {
        let items = self.items(elements);
        self.emit(OpKind::Collection(kind, items), here)
    }

    fn dict(&mut self, node: &'a ExprDict) -> Reg {
        let mut items = Vec::with_capacity(node.items.len());
        for (at, DictItem { key, value }) in node.items.iter().enumerate() {
            let later = node.items.get(at + 1..).unwrap_or_default();
            let key = key.as_ref().map(|key| {
                let reg = self.expr(key);
                self.protect(reg, std::iter::once(value).chain(later.iter().map(|item| &item.value)))
            });
            let value = self.expr(value);
            let value = self.protect(value, later.iter().map(|item| &item.value));
            items.push(key.map_or(Item::Spread(value), |key| Item::Entry(key, value)));
        }
        self.emit(OpKind::Collection(CollectionKind::Dict, items), span(node))
    }

    /// A slice that is not by itself between the brackets: `a[1:2, 3]`, `a[1:2] = b`.
    fn slice_object(&mut self, node: &'a ExprSlice) -> Reg {
        let here = span(node);
        let mut args = Vec::new();
        for bound in [&node.lower, &node.upper, &node.step] {
            let reg = match bound {
                Some(bound) => self.expr(bound),
                None => self.none(here),
            };
            args.push(Arg { kind: ArgKind::Positional, reg, span: here });
        }
        let callee = Callee::Value(self.emit(OpKind::Path(name("builtins.slice")), here));
        self.emit(OpKind::Call(Call { callee, args }), here)
    }
}

fn number(value: &Number) -> Const {
    match value {
        Number::Int(int) => int
            .as_i64()
            .map_or_else(|| Const::Float(int.to_string().parse().unwrap_or(f64::INFINITY).to_bits()), Const::Int),
        Number::Float(float) => Const::Float(float.to_bits()),
        Number::Complex { imag, .. } => Const::Float(imag.to_bits()),
    }
}

pub(super) fn binary_op(op: Operator) -> BinaryOp {
    match op {
        Operator::Add => BinaryOp::Add,
        Operator::Sub => BinaryOp::Sub,
        Operator::Mult => BinaryOp::Mul,
        Operator::Div | Operator::FloorDiv => BinaryOp::Div,
        Operator::Mod => BinaryOp::Mod,
        Operator::BitOr => BinaryOp::Or,
        Operator::BitAnd => BinaryOp::And,
        Operator::MatMult | Operator::Pow | Operator::LShift | Operator::RShift | Operator::BitXor => BinaryOp::Other,
    }
}

pub(super) fn compare_op(op: CmpOp) -> CompareOp {
    match op {
        CmpOp::Eq => CompareOp::Eq,
        CmpOp::NotEq => CompareOp::NotEq,
        CmpOp::Lt => CompareOp::Lt,
        CmpOp::LtE => CompareOp::LtE,
        CmpOp::Gt => CompareOp::Gt,
        CmpOp::GtE => CompareOp::GtE,
        CmpOp::Is => CompareOp::Is,
        CmpOp::IsNot => CompareOp::IsNot,
        CmpOp::In => CompareOp::In,
        CmpOp::NotIn => CompareOp::NotIn,
    }
}
