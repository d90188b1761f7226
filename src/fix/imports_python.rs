//! Which names does a Python file import for nothing, once some of its text is gone?

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr, walk_stmt};
use ruff_python_ast::{Alias, Expr, Stmt};
use ruff_text_size::Ranged;

use super::outline_python::span;
use crate::source::Span;

/// Names in imports, by their places, that have uses and all of them in `gone`.
/// `wanted` says whether other files take the name from this one.
pub(super) fn unused(body: &[Stmt], gone: &[Span], wanted: &dyn Fn(&str) -> bool) -> Vec<Span> {
    let mut uses = Uses::default();
    body.iter().for_each(|stmt| uses.visit_stmt(stmt));
    let is_gone = |place: &Span| gone.iter().any(|gone| gone.contains(*place));
    uses.imported
        .iter()
        .filter(|(name, _)| {
            let mut served = false;
            let mut serves = false;
            for (_, place) in uses.names.iter().filter(|(known, _)| known == name) {
                served |= is_gone(place);
                serves |= !is_gone(place);
            }
            serves |= uses.words.iter().any(|(known, place)| known == name && !is_gone(place));
            served && !serves && !wanted(name)
        })
        .map(|&(_, place)| place)
        .collect()
}

#[derive(Default)]
struct Uses {
    /// Bound name and place of each imported name.
    imported: Vec<(String, Span)>,
    /// Names read.
    names: Vec<(String, Span)>,
    /// Words of short texts, which may be names (`__all__`, quoted annotations).
    words: Vec<(String, Span)>,
}

impl Uses {
    fn import(&mut self, alias: &Alias) {
        let bound = match &alias.asname {
            Some(name) => name.as_str(),
            None => alias.name.as_str().split('.').next().unwrap_or_default(),
        };
        self.imported.push((bound.to_owned(), span(alias.range())));
    }

    fn words(&mut self, text: &str, place: Span) {
        // A text with a blank is prose, unless it is a union in quotes.
        if text.len() > 80 || (text.contains(' ') && !text.contains(['|', '['])) {
            return;
        }
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
        self.words.extend(words.map(|word| (word.to_owned(), place)));
    }
}

impl<'a> SourceOrderVisitor<'a> for Uses {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Import(import) => import.names.iter().for_each(|alias| self.import(alias)),
            Stmt::ImportFrom(import) => import.names.iter().for_each(|alias| self.import(alias)),
            _ => {}
        }
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => self.names.push((name.id.to_string(), span(name.range()))),
            Expr::StringLiteral(text) => self.words(text.value.to_str(), span(text.range())),
            _ => {}
        }
        walk_expr(self, expr);
    }
}
