//! Where do statements begin and end? A compound statement counts up to the colon of its head.

use ruff_python_ast::{Decorator, ExceptHandler, Stmt, StmtClassDef, StmtFunctionDef};
use ruff_text_size::{Ranged, TextRange};

use crate::source::Span;

/// The span of a syntax node.
pub(super) fn span(node: impl Ranged) -> Span {
    let range: TextRange = node.range();
    Span::new(range.start().to_u32(), range.end().to_u32())
}

/// The offset behind the first colon in `from..limit`, comments skipped; broken code may lack it.
pub(super) fn colon(text: &str, from: u32, limit: u32) -> u32 {
    let Some(part) = text.get(Span::new(from, limit.max(from)).range()) else {
        return from;
    };
    let mut in_comment = false;
    for (at, byte) in part.bytes().enumerate() {
        match byte {
            b'#' => in_comment = true,
            b'\n' => in_comment = false,
            b':' if !in_comment => return from + at as u32 + 1,
            _ => {}
        }
    }
    from
}

/// The span of a simple statement, or of the head of a compound one.
pub(super) fn head(text: &str, stmt: &Stmt) -> Span {
    let whole = span(stmt);
    let behind = match stmt {
        Stmt::FunctionDef(def) => function_end(def),
        Stmt::ClassDef(def) => class_end(def),
        Stmt::For(stmt) => span(&*stmt.iter).end,
        Stmt::While(stmt) => span(&*stmt.test).end,
        Stmt::If(stmt) => span(&*stmt.test).end,
        Stmt::Match(stmt) => span(&*stmt.subject).end,
        Stmt::With(stmt) => stmt.items.last().map_or(whole.start, |item| span(item).end),
        Stmt::Try(_) => whole.start,
        _ => return whole,
    };
    Span::new(whole.start, colon(text, behind, whole.end))
}

/// The head of an `elif` or `case` clause, whose last part is given.
pub(super) fn clause(text: &str, clause: impl Ranged, last: impl Ranged) -> Span {
    let whole = span(clause);
    Span::new(whole.start, colon(text, span(last).end, whole.end))
}

/// The head of an `except`.
pub(super) fn except(text: &str, handler: &ExceptHandler) -> Span {
    let ExceptHandler::ExceptHandler(inner) = handler;
    let whole = span(handler);
    let ty = inner.type_.as_ref().map_or(whole.start, |ty| span(&**ty).end);
    let behind = inner.name.as_ref().map_or(ty, |name| span(name).end);
    Span::new(whole.start, colon(text, behind, whole.end))
}

/// The head of a definition without its decorators.
pub(super) fn header(text: &str, stmt: Span, decorators: &[Decorator], behind: u32) -> Span {
    let mut start = decorators.last().map_or(stmt.start, |last| span(last).end);
    while let Some(rest) = text.get(Span::new(start, stmt.end).range()) {
        let blank = rest.len() - rest.trim_start().len();
        start += blank as u32;
        let Some(comment) = rest.trim_start().strip_prefix('#') else {
            break;
        };
        start += 1 + comment.find('\n').unwrap_or(comment.len()) as u32;
    }
    Span::new(start, colon(text, behind, stmt.end))
}

/// Where the part of a function's head ends that comes before the colon.
pub(super) fn function_end(def: &StmtFunctionDef) -> u32 {
    def.returns.as_ref().map_or(span(&*def.parameters).end, |ty| span(&**ty).end)
}

/// The same for a class.
pub(super) fn class_end(def: &StmtClassDef) -> u32 {
    let name = span(&def.name).end;
    let params = def.type_params.as_ref().map_or(name, |params| span(&**params).end);
    def.arguments.as_ref().map_or(params, |args| span(&**args).end)
}
