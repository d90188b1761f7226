//! Conditions: `and`, `or`, `not` and comparison chains are branches.

use ruff_python_ast::{BoolOp, CmpOp, Expr, ExprCompare, UnaryOp};

use super::body::Body;
use super::expressions::compare_op;
use super::heads::span;
use crate::program::{BlockId, OpKind, Reg};
use crate::source::Span;

impl<'a> Body<'_, 'a> {
    /// Goes to `yes` or `no`, depending on the truth of the expression.
    pub(super) fn condition(&mut self, expr: &'a Expr, yes: BlockId, no: BlockId) {
        match expr {
            Expr::BoolOp(node) => {
                let Some((last, first)) = node.values.split_last() else {
                    return;
                };
                for value in first {
                    let next = self.label();
                    match node.op {
                        BoolOp::And => self.condition(value, next, no),
                        BoolOp::Or => self.condition(value, yes, next),
                    }
                    self.place(next);
                }
                self.condition(last, yes, no);
            }
            Expr::UnaryOp(node) if node.op == UnaryOp::Not => self.condition(&node.operand, no, yes),
            Expr::Compare(node) if node.ops.len() > 1 => self.chain(node, yes, no),
            _ => {
                let value = self.expr(expr);
                self.branch(value, yes, no, span(expr));
            }
        }
    }

    /// `a < b < c` as a condition.
    fn chain(&mut self, node: &'a ExprCompare, yes: BlockId, no: BlockId) {
        let mut left = self.expr(&node.left);
        let mut start = span(&*node.left).start;
        for (at, (op, right)) in node.ops.iter().zip(&node.comparators).enumerate() {
            let here = Span::new(start, span(right).end);
            let (result, value) = self.comparison(left, *op, right, here);
            let next = if at + 1 == node.ops.len() { yes } else { self.label() };
            self.branch(result, next, no, here);
            if next != yes {
                self.place(next);
            }
            (left, start) = (value, span(right).start);
        }
    }

    /// One comparison; also gives the right operand, which is the left one of the next.
    fn comparison(&mut self, left: Reg, op: CmpOp, right: &'a Expr, here: Span) -> (Reg, Reg) {
        let left = self.protect(left, [right]);
        let right = self.expr(right);
        (self.emit(OpKind::Compare(compare_op(op), left, right), here), right)
    }

    /// `and`, `or` or a comparison as a value.
    pub(super) fn truth(&mut self, expr: &'a Expr) -> Reg {
        match expr {
            Expr::BoolOp(node) => {
                let result = self.temp();
                let end = self.label();
                let Some((last, first)) = node.values.split_last() else {
                    return result;
                };
                for value in first {
                    self.operand(value, node.op, result, end);
                }
                self.result_of(last, result);
                self.goto(end, span(expr));
                self.place(end);
                result
            }
            Expr::Compare(node) => self.compare(node),
            other => self.expr(other),
        }
    }

    /// An operand that ends `and` or `or` if it is false or true. It is copied behind the branch, so that it has been
    /// narrowed by then.
    fn operand(&mut self, value: &'a Expr, op: BoolOp, result: Reg, end: BlockId) {
        let here = span(value);
        let (next, done) = (self.label(), self.label());
        let reg = self.expr(value);
        match op {
            BoolOp::And => self.branch(reg, next, done, here),
            BoolOp::Or => self.branch(reg, done, next, here),
        }
        self.place(done);
        self.push(Some(result), OpKind::Copy(reg), here);
        self.goto(end, here);
        self.place(next);
    }

    fn compare(&mut self, node: &'a ExprCompare) -> Reg {
        let left = self.expr(&node.left);
        if let ([op], [right]) = (&*node.ops, &*node.comparators) {
            return self.comparison(left, *op, right, span(node)).0;
        }
        let result = self.temp();
        let end = self.label();
        let mut left = left;
        let mut start = span(&*node.left).start;
        for (at, (op, right)) in node.ops.iter().zip(&node.comparators).enumerate() {
            let here = Span::new(start, span(right).end);
            let (one, value) = self.comparison(left, *op, right, here);
            self.push(Some(result), OpKind::Copy(one), here);
            if at + 1 == node.ops.len() {
                self.goto(end, here);
            } else {
                let next = self.label();
                self.branch(one, next, end, here);
                self.place(next);
            }
            (left, start) = (value, span(right).start);
        }
        self.place(end);
        result
    }
}
