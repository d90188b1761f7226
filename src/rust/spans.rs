//! Where syntax stands. `syn`'s own way renders the whole subtree to tokens for each question; this one follows the
//! first and the last child only.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Block, Expr, MacroDelimiter, Member, RangeLimits, Stmt};

/// The span that covers both ends.
pub(super) fn between(start: Span, end: Span) -> Span {
    start.join(end).unwrap_or(start)
}

/// The whole expression, without its attributes.
pub(super) fn expr(expr: &Expr) -> Span {
    between(start(expr), end(expr))
}

/// The block with its braces.
pub(super) fn block(block: &Block) -> Span {
    block.brace_token.span.join()
}

/// A macro call from its path to the closing delimiter.
pub(super) fn mac(mac: &syn::Macro) -> Span {
    between(path_start(&mac.path), delimiter_end(&mac.delimiter))
}

/// The statement with its semicolon.
pub(super) fn stmt(stmt: &Stmt) -> Span {
    match stmt {
        Stmt::Local(local) => between(local.let_token.span, local.semi_token.span),
        Stmt::Item(item) => item.span(),
        Stmt::Expr(value, None) => expr(value),
        Stmt::Expr(value, Some(semi)) => between(start(value), semi.span),
        Stmt::Macro(call) => {
            let whole = mac(&call.mac);
            call.semi_token.map_or(whole, |semi| between(whole, semi.span))
        }
    }
}

fn path_start(path: &syn::Path) -> Span {
    path.leading_colon
        .map(|colon| colon.spans[0])
        .or_else(|| path.segments.first().map(|segment| segment.ident.span()))
        .unwrap_or_else(Span::call_site)
}

fn delimiter_end(delimiter: &MacroDelimiter) -> Span {
    match delimiter {
        MacroDelimiter::Paren(token) => token.span.close(),
        MacroDelimiter::Brace(token) => token.span.close(),
        MacroDelimiter::Bracket(token) => token.span.close(),
    }
}

fn label_or(label: Option<&syn::Label>, otherwise: Span) -> Span {
    label.map_or(otherwise, |label| label.name.apostrophe)
}

fn start(mut at: &Expr) -> Span {
    loop {
        at = match at {
            Expr::Assign(e) => &e.left,
            Expr::Await(e) => &e.base,
            Expr::Binary(e) => &e.left,
            Expr::Call(e) => &e.func,
            Expr::Cast(e) => &e.expr,
            Expr::Field(e) => &e.base,
            Expr::Group(e) => &e.expr,
            Expr::Index(e) => &e.expr,
            Expr::MethodCall(e) => &e.receiver,
            Expr::Try(e) => &e.expr,
            Expr::Range(e) => match &e.start {
                Some(start) => start,
                None => return limits(&e.limits),
            },
            other => return own_start(other),
        };
    }
}

fn limits(limits: &RangeLimits) -> Span {
    match limits {
        RangeLimits::HalfOpen(token) => token.spans[0],
        RangeLimits::Closed(token) => token.spans[0],
    }
}

fn own_start(at: &Expr) -> Span {
    match at {
        Expr::Array(e) => e.bracket_token.span.open(),
        Expr::Async(e) => e.async_token.span,
        Expr::Block(e) => label_or(e.label.as_ref(), e.block.brace_token.span.open()),
        Expr::Break(e) => e.break_token.span,
        Expr::Closure(e) => {
            let begin = e.capture.map_or(e.inputs_begin.spans[0], |token| token.span);
            e.asyncness.map_or(begin, |token| token.span)
        }
        Expr::Const(e) => e.const_token.span,
        Expr::Continue(e) => e.continue_token.span,
        Expr::ForLoop(e) => label_or(e.label.as_ref(), e.for_token.span),
        Expr::If(e) => e.if_token.span,
        Expr::Infer(e) => e.underscore_token.span,
        Expr::Let(e) => e.let_token.span,
        Expr::Lit(e) => e.lit.span(),
        Expr::Loop(e) => label_or(e.label.as_ref(), e.loop_token.span),
        Expr::Macro(e) => path_start(&e.mac.path),
        Expr::Match(e) => e.match_token.span,
        Expr::Paren(e) => e.paren_token.span.open(),
        Expr::Path(e) => e.qself.as_ref().map_or_else(|| path_start(&e.path), |qself| qself.lt_token.spans[0]),
        Expr::RawAddr(e) => e.and_token.spans[0],
        Expr::Reference(e) => e.and_token.spans[0],
        Expr::Repeat(e) => e.bracket_token.span.open(),
        Expr::Return(e) => e.return_token.span,
        Expr::Struct(e) => path_start(&e.path),
        Expr::TryBlock(e) => e.try_token.span,
        Expr::Tuple(e) => e.paren_token.span.open(),
        Expr::Unary(e) => match e.op {
            syn::UnOp::Deref(token) => token.spans[0],
            syn::UnOp::Not(token) => token.spans[0],
            syn::UnOp::Neg(token) => token.spans[0],
            _ => start(&e.expr),
        },
        Expr::Unsafe(e) => e.unsafe_token.span,
        Expr::While(e) => label_or(e.label.as_ref(), e.while_token.span),
        Expr::Yield(e) => e.yield_token.span,
        other => other.span(),
    }
}

fn end(mut at: &Expr) -> Span {
    loop {
        at = match at {
            Expr::Assign(e) => &e.right,
            Expr::Binary(e) => &e.right,
            Expr::Closure(e) => &e.body,
            Expr::Group(e) => &e.expr,
            Expr::Let(e) => &e.expr,
            Expr::RawAddr(e) => &e.expr,
            Expr::Reference(e) => &e.expr,
            Expr::Unary(e) => &e.expr,
            Expr::If(e) => match &e.else_branch {
                Some((_, otherwise)) => otherwise,
                None => return e.then_branch.brace_token.span.close(),
            },
            Expr::Break(syn::ExprBreak { expr: Some(value), .. })
            | Expr::Return(syn::ExprReturn { expr: Some(value), .. })
            | Expr::Yield(syn::ExprYield { expr: Some(value), .. })
            | Expr::Range(syn::ExprRange { end: Some(value), .. }) => value,
            other => return own_end(other),
        };
    }
}

fn own_end(at: &Expr) -> Span {
    match at {
        Expr::Array(e) => e.bracket_token.span.close(),
        Expr::Async(e) => e.block.brace_token.span.close(),
        Expr::Await(e) => e.await_token.span,
        Expr::Block(e) => e.block.brace_token.span.close(),
        Expr::Break(e) => e.label.as_ref().map_or(e.break_token.span, |label| label.ident.span()),
        Expr::Call(e) => e.paren_token.span.close(),
        Expr::Cast(e) => e.ty.span(),
        Expr::Const(e) => e.block.brace_token.span.close(),
        Expr::Continue(e) => e.label.as_ref().map_or(e.continue_token.span, |label| label.ident.span()),
        Expr::Field(e) => match &e.member {
            Member::Named(member) => member.span(),
            Member::Unnamed(index) => index.span,
        },
        Expr::ForLoop(e) => e.body.brace_token.span.close(),
        Expr::Index(e) => e.bracket_token.span.close(),
        Expr::Infer(e) => e.underscore_token.span,
        Expr::Lit(e) => e.lit.span(),
        Expr::Loop(e) => e.body.brace_token.span.close(),
        Expr::Macro(e) => delimiter_end(&e.mac.delimiter),
        Expr::Match(e) => e.brace_token.span.close(),
        Expr::MethodCall(e) => e.paren_token.span.close(),
        Expr::Paren(e) => e.paren_token.span.close(),
        Expr::Path(e) => e.path.segments.last().map_or_else(Span::call_site, Spanned::span),
        Expr::Range(e) => limits(&e.limits),
        Expr::Repeat(e) => e.bracket_token.span.close(),
        Expr::Return(e) => e.return_token.span,
        Expr::Struct(e) => e.brace_token.span.close(),
        Expr::Try(e) => e.question_token.spans[0],
        Expr::TryBlock(e) => e.block.brace_token.span.close(),
        Expr::Tuple(e) => e.paren_token.span.close(),
        Expr::Unsafe(e) => e.block.brace_token.span.close(),
        Expr::While(e) => e.body.brace_token.span.close(),
        Expr::Yield(e) => e.yield_token.span,
        other => other.span(),
    }
}
