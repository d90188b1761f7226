//! The outline of a Python file.

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr};
use ruff_python_ast::{Alias, Decorator, ExceptHandler, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::outline::{Group, List, Node, Wrapper};
use crate::source::Span;

/// The outline of the statements of a module.
pub(super) fn outline(text: &str, body: &[Stmt]) -> Group {
    Group { nodes: Outliner { text }.nodes(body), ..Group::default() }
}

pub(super) fn span(range: TextRange) -> Span {
    Span::new(range.start().to_u32(), range.end().to_u32())
}

struct Outliner<'a> {
    text: &'a str,
}

impl Outliner<'_> {
    fn nodes(&self, body: &[Stmt]) -> Vec<Node> {
        body.iter().map(|stmt| self.node(stmt)).collect()
    }

    fn group(&self, body: &[Stmt]) -> Group {
        Group { nodes: self.nodes(body), filler: Some("pass"), ..Group::default() }
    }

    /// A clause that may go altogether. `from` is where the clause before it ended.
    fn clause(&self, keyword: &str, from: u32, body: &[Stmt]) -> Option<Group> {
        let (first, last) = (body.first()?, body.last()?);
        let start = find_keyword(self.text, keyword, from, first.start().to_u32());
        let clause = start.map(|start| Span::new(start, last.end().to_u32()));
        Some(Group { clause, ..self.group(body) })
    }

    fn node(&self, stmt: &Stmt) -> Node {
        let mut node = Node { span: span(stmt.range()), lists: lists(stmt), ..Node::default() };
        node.steers = matches!(stmt, Stmt::If(_) | Stmt::For(_) | Stmt::While(_) | Stmt::Match(_) | Stmt::Try(_));
        match stmt {
            Stmt::FunctionDef(def) => {
                node.function = true;
                node.lists.extend(decorators(&def.decorator_list));
                node.groups.push(self.group(&def.body));
            }
            Stmt::ClassDef(class) => {
                node.lists.extend(decorators(&class.decorator_list));
                node.groups.push(self.group(&class.body));
            }
            Stmt::If(stmt) => {
                node.groups.push(self.group(&stmt.body));
                let mut from = end_of(&stmt.body, stmt.test.end().to_u32());
                for clause in &stmt.elif_else_clauses {
                    match clause.test {
                        Some(_) => node.groups.push(self.group(&clause.body)),
                        None => node.groups.extend(self.clause("else", from, &clause.body)),
                    }
                    from = clause.range.end().to_u32();
                }
            }
            Stmt::For(stmt) => self.looped(&mut node, &stmt.body, &stmt.orelse),
            Stmt::While(stmt) => self.looped(&mut node, &stmt.body, &stmt.orelse),
            Stmt::With(with) => {
                node.groups.push(self.group(&with.body));
                node.wrapper = Some(Wrapper {
                    items: with.items.iter().map(|item| span(item.range())).collect(),
                    body: Span::new(
                        with.body.first().map_or(0, |first| first.start().to_u32()),
                        end_of(&with.body, with.end().to_u32()),
                    ),
                });
            }
            Stmt::Match(stmt) => node.groups.extend(stmt.cases.iter().map(|case| self.group(&case.body))),
            Stmt::Try(stmt) => {
                node.groups.push(self.group(&stmt.body));
                let mut from = end_of(&stmt.body, stmt.start().to_u32());
                for ExceptHandler::ExceptHandler(handler) in &stmt.handlers {
                    node.groups.push(self.group(&handler.body));
                    from = handler.range.end().to_u32();
                }
                node.groups.extend(self.clause("else", from, &stmt.orelse));
                from = end_of(&stmt.orelse, from);
                match (stmt.handlers.is_empty(), self.clause("finally", from, &stmt.finalbody)) {
                    // A `try` needs one of them.
                    (true, Some(group)) => {
                        let body = Span::new(
                            stmt.body.first().map_or(0, |first| first.start().to_u32()),
                            end_of(&stmt.body, node.span.start),
                        );
                        node.shell = group.clause.map(|clause| (body, clause));
                        node.groups.push(Group { clause: None, ..group });
                    }
                    (_, group) => node.groups.extend(group),
                }
            }
            other => simple(other, &mut node),
        }
        node
    }

    fn looped(&self, node: &mut Node, body: &[Stmt], orelse: &[Stmt]) {
        node.groups.push(self.group(body));
        node.groups.extend(self.clause("else", end_of(body, node.span.start), orelse));
    }
}

fn simple(stmt: &Stmt, node: &mut Node) {
    node.simple = true;
    match stmt {
        Stmt::Expr(stmt) => node.value = Some(bare(&stmt.value)),
        Stmt::Assign(stmt) => node.value = Some(bare(&stmt.value)),
        Stmt::AnnAssign(stmt) => node.value = stmt.value.as_ref().map(|value| bare(value)),
        Stmt::Import(stmt) => import(&stmt.names, node),
        Stmt::ImportFrom(stmt) => import(&stmt.names, node),
        _ => {}
    }
}

fn import(names: &[Alias], node: &mut Node) {
    node.import = true;
    node.names = names.iter().map(|alias| span(alias.range())).collect();
    node.lists.push(List::commas(node.names.clone()));
}

/// The span of an expression, without an `await` before it.
fn bare(expr: &Expr) -> Span {
    match expr {
        Expr::Await(expr) => span(expr.value.range()),
        other => span(other.range()),
    }
}

fn end_of(body: &[Stmt], otherwise: u32) -> u32 {
    body.last().map_or(otherwise, |last| last.end().to_u32())
}

fn decorators(list: &[Decorator]) -> Option<List> {
    (!list.is_empty()).then(|| List {
        items: list.iter().map(|decorator| span(decorator.range())).collect(),
        lines: true,
        ..List::default()
    })
}

/// The last place of a keyword between two offsets that is not in a comment.
fn find_keyword(text: &str, keyword: &str, from: u32, to: u32) -> Option<u32> {
    let mut offset = from as usize;
    let mut found = None;
    for line in text.get(from as usize..to as usize)?.split_inclusive(['\n', '\r']) {
        let code = line.split('#').next().unwrap_or("");
        let indent = code.len() - code.trim_start().len();
        if code.trim_start().starts_with(keyword) {
            found = Some((offset + indent) as u32);
        }
        offset += line.len();
    }
    found
}

/// Dicts and sets in the expressions of a statement, not those in its blocks.
fn lists(stmt: &Stmt) -> Vec<List> {
    let mut finder = Finder { found: Vec::new() };
    match stmt {
        Stmt::Expr(stmt) => finder.visit_expr(&stmt.value),
        Stmt::Assign(stmt) => {
            finder.found.extend(stmt.targets.iter().find_map(|target| exports(target, &stmt.value)));
            finder.visit_expr(&stmt.value);
        }
        Stmt::AugAssign(stmt) => {
            finder.found.extend(exports(&stmt.target, &stmt.value));
            finder.visit_expr(&stmt.value);
        }
        Stmt::AnnAssign(stmt) => stmt.value.iter().for_each(|value| finder.visit_expr(value)),
        Stmt::Return(stmt) => stmt.value.iter().for_each(|value| finder.visit_expr(value)),
        _ => {}
    }
    finder.found
}

/// The names in `__all__`.
fn exports(target: &Expr, value: &Expr) -> Option<List> {
    if !matches!(target, Expr::Name(name) if name.id.as_str() == "__all__") {
        return None;
    }
    let elements = match value {
        Expr::List(list) => &list.elts,
        Expr::Tuple(tuple) if tuple.parenthesized => &tuple.elts,
        _ => return None,
    };
    let text = |element: &Expr| match element {
        Expr::StringLiteral(text) => text.value.to_str().to_owned(),
        _ => String::new(),
    };
    Some(List {
        items: elements.iter().map(|element| span(element.range())).collect(),
        fields: elements.iter().map(text).collect(),
        exports: true,
        bracketed: true,
        ..List::default()
    })
}

struct Finder {
    found: Vec<List>,
}

impl<'a> SourceOrderVisitor<'a> for Finder {
    fn visit_expr(&mut self, expr: &'a Expr) {
        let items: Vec<Span> = match expr {
            Expr::Dict(dict) => dict
                .items
                .iter()
                .map(|item| {
                    let start = item.key.as_ref().map_or(item.value.start(), Ranged::start);
                    span(TextRange::new(start, item.value.end()))
                })
                .collect(),
            Expr::Call(call)
                if matches!(&*call.func, Expr::Name(name) if name.id.as_str() == "dict")
                    || matches!(&*call.func, Expr::Attribute(method) if method.attr.as_str() == "update") =>
            {
                call.arguments.keywords.iter().map(|keyword| span(keyword.range())).collect()
            }
            Expr::Set(set) => set.elts.iter().map(|item| span(item.range())).collect(),
            _ => Vec::new(),
        };
        if !items.is_empty() {
            self.found.push(List { items, bracketed: true, ..List::default() });
        }
        walk_expr(self, expr);
    }
}
