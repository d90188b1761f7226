//! Calls, attributes and subscripts, which hang on one another to the left.

use ruff_python_ast::{ArgOrKeyword, Arguments, Expr, ExprSubscript};

use super::body::Body;
use super::heads::span;
use crate::program::{Arg, ArgKind, Call, Callee, OpKind, Place, Reg, name};

impl<'a> Body<'_, 'a> {
    /// A chain like `a.b[0].c(d)`; builders make long ones, so it is walked in a loop.
    pub(super) fn postfix(&mut self, expr: &'a Expr) -> Reg {
        let mut spine = Vec::new();
        let mut at = expr;
        loop {
            let inner = match at {
                Expr::Call(node) => &*node.func,
                Expr::Attribute(node) => &*node.value,
                Expr::Subscript(node) => &*node.value,
                _ => break,
            };
            spine.push(at);
            at = inner;
        }
        let mut value = self.expr(at);
        let mut rest = spine.into_iter().rev().peekable();
        while let Some(node) = rest.next() {
            value = match node {
                Expr::Attribute(attribute) => {
                    let field = name(&attribute.attr);
                    if let Some(Expr::Call(call)) = rest.peek() {
                        rest.next();
                        let receiver = self.protect(value, arguments_of(&call.arguments));
                        let args = self.arguments(&call.arguments);
                        let callee = Callee::Method(receiver, field);
                        self.emit(OpKind::Call(Call { callee, args }), span(call))
                    } else {
                        self.emit_read(OpKind::Attr(value, field), Place::Field(value, field), span(attribute))
                    }
                }
                Expr::Call(call) => {
                    let callee = Callee::Value(self.protect(value, arguments_of(&call.arguments)));
                    let args = self.arguments(&call.arguments);
                    self.emit(OpKind::Call(Call { callee, args }), span(call))
                }
                Expr::Subscript(subscript) => self.subscript(value, subscript),
                _ => value,
            };
        }
        value
    }

    fn subscript(&mut self, object: Reg, node: &'a ExprSubscript) -> Reg {
        let object = self.protect(object, [&*node.slice]);
        if let Expr::Slice(slice) = &*node.slice {
            for bound in [&slice.lower, &slice.upper, &slice.step].into_iter().flatten() {
                self.expr(bound);
            }
            return self.emit(OpKind::Slice(object), span(node));
        }
        let index = self.expr(&node.slice);
        self.emit_read(OpKind::Index(object, index), Place::Index(object, index), span(node))
    }

    /// The arguments of a call, in the order written.
    pub(super) fn arguments(&mut self, arguments: &'a Arguments) -> Vec<Arg> {
        let mut args = Vec::with_capacity(arguments.len());
        let mut written = arguments.iter_source_order();
        while let Some(argument) = written.next() {
            let (kind, value, here) = match argument {
                ArgOrKeyword::Arg(value) if value.is_starred_expr() => (ArgKind::Spread, value, span(value)),
                ArgOrKeyword::Arg(value) => (ArgKind::Positional, value, span(value)),
                ArgOrKeyword::Keyword(keyword) => {
                    let kind = match &keyword.arg {
                        Some(key) => ArgKind::Keyword(name(key)),
                        None => ArgKind::SpreadKeywords,
                    };
                    (kind, &keyword.value, span(keyword))
                }
            };
            let reg = self.expr(value);
            let reg = self.protect(reg, written.clone().map(|later| value_of(&later)));
            args.push(Arg { kind, reg, span: here });
        }
        args
    }
}

fn value_of<'a>(argument: &ArgOrKeyword<'a>) -> &'a Expr {
    match argument {
        ArgOrKeyword::Arg(value) => value,
        ArgOrKeyword::Keyword(keyword) => &keyword.value,
    }
}

fn arguments_of(arguments: &Arguments) -> impl Iterator<Item = &Expr> {
    arguments.args.iter().chain(arguments.keywords.iter().map(|keyword| &keyword.value))
}
