//! The pass before lowering: fills the scopes, and notes where statements stand.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{
    AnyNodeRef, Comprehension, ElifElseClause, ExceptHandler, Expr, ExprContext, MatchCase, Parameters, Pattern, Stmt,
};

use super::heads;
use super::scope::{ScopeId, ScopeKind, Scopes};
use crate::program::name;
use crate::source::Span;

/// Scopes and statements of a module.
pub(super) fn scan(text: &str, body: &[Stmt]) -> (Scopes, Vec<Span>) {
    let mut scan = Scan { text, scopes: Scopes::new(), scope: ScopeId::MODULE, statements: Vec::new() };
    scan.visit_body(body);
    scan.scopes.close();
    let mut statements = scan.statements;
    statements.sort_unstable_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    (scan.scopes, statements)
}

struct Scan<'t> {
    text: &'t str,
    scopes: Scopes,
    scope: ScopeId,
    statements: Vec<Span>,
}

impl Scan<'_> {
    fn bind(&mut self, id: &str) {
        self.scopes.binds(self.scope, name(id));
    }

    fn inside(&mut self, node: AnyNodeRef<'_>, kind: ScopeKind, fill: impl FnOnce(&mut Self)) {
        let outer = self.scope;
        self.scope = self.scopes.open(node, kind, outer);
        fill(self);
        self.scope = outer;
    }

    fn defaults<'a>(&mut self, parameters: &'a Parameters)
    where
        Self: Visitor<'a>,
    {
        for param in parameters.iter_non_variadic_params() {
            if let Some(default) = &param.default {
                self.visit_expr(default);
            }
        }
    }

    fn bind_parameters(&mut self, parameters: &Parameters) {
        for param in parameters {
            self.bind(param.name().as_str());
        }
    }

    /// The outermost iterable belongs to the scope around the comprehension.
    fn comprehension<'a>(&mut self, node: AnyNodeRef<'a>, elements: [Option<&'a Expr>; 2], loops: &'a [Comprehension])
    where
        Self: Visitor<'a>,
    {
        let Some((first, rest)) = loops.split_first() else {
            return;
        };
        self.visit_expr(&first.iter);
        self.inside(node, ScopeKind::Comprehension, |scan| {
            scan.scopes.yields(scan.scope);
            scan.visit_expr(&first.target);
            first.ifs.iter().for_each(|test| scan.visit_expr(test));
            for inner in rest {
                scan.visit_expr(&inner.iter);
                scan.visit_expr(&inner.target);
                inner.ifs.iter().for_each(|test| scan.visit_expr(test));
            }
            elements.into_iter().flatten().for_each(|element| scan.visit_expr(element));
        });
    }

    fn definition<'a>(&mut self, stmt: &'a Stmt)
    where
        Self: Visitor<'a>,
    {
        match stmt {
            Stmt::FunctionDef(def) => {
                self.bind(&def.name);
                def.decorator_list.iter().for_each(|decorator| self.visit_decorator(decorator));
                self.defaults(&def.parameters);
                self.inside(AnyNodeRef::from(def), ScopeKind::Function, |scan| {
                    scan.bind_parameters(&def.parameters);
                    scan.visit_body(&def.body);
                });
            }
            Stmt::ClassDef(def) => {
                self.bind(&def.name);
                def.decorator_list.iter().for_each(|decorator| self.visit_decorator(decorator));
                if let Some(arguments) = &def.arguments {
                    self.visit_arguments(arguments);
                }
                self.inside(AnyNodeRef::from(def), ScopeKind::Class, |scan| scan.visit_body(&def.body));
            }
            _ => {}
        }
    }
}

impl<'a> Visitor<'a> for Scan<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        self.statements.push(heads::head(self.text, stmt));
        match stmt {
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => self.definition(stmt),
            Stmt::Global(stmt) => {
                for id in &stmt.names {
                    self.scopes.declares_global(self.scope, name(id));
                    self.scopes.binds(ScopeId::MODULE, name(id));
                }
            }
            Stmt::Nonlocal(stmt) => {
                stmt.names.iter().for_each(|id| self.scopes.declares_nonlocal(self.scope, name(id)));
            }
            Stmt::Import(stmt) => {
                for alias in &stmt.names {
                    let bound = alias.asname.as_ref().map_or_else(
                        || alias.name.as_str().split('.').next().unwrap_or_default(),
                        |asname| asname.as_str(),
                    );
                    self.bind(bound);
                }
            }
            Stmt::ImportFrom(stmt) => {
                for alias in stmt.names.iter().filter(|alias| alias.name.as_str() != "*") {
                    self.bind(alias.asname.as_ref().unwrap_or(&alias.name));
                }
            }
            Stmt::TypeAlias(stmt) => self.visit_expr(&stmt.name),
            Stmt::AugAssign(stmt) => {
                self.visit_expr(&stmt.value);
                self.visit_expr(&stmt.target);
            }
            Stmt::AnnAssign(stmt) => {
                if let Some(value) = &stmt.value {
                    self.visit_expr(value);
                }
                self.visit_expr(&stmt.target);
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(id) => match id.ctx {
                ExprContext::Store | ExprContext::Del => self.bind(&id.id),
                ExprContext::Load | ExprContext::Invalid => self.scopes.uses(self.scope, name(&id.id)),
            },
            Expr::Named(named) => {
                self.visit_expr(&named.value);
                if let Expr::Name(id) = &*named.target {
                    self.scopes.binds_walrus(self.scope, name(&id.id));
                }
            }
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.defaults(parameters);
                }
                self.inside(AnyNodeRef::from(lambda), ScopeKind::Function, |scan| {
                    if let Some(parameters) = &lambda.parameters {
                        scan.bind_parameters(parameters);
                    }
                    scan.visit_expr(&lambda.body);
                });
            }
            Expr::ListComp(node) => self.comprehension(node.into(), [Some(&node.elt), None], &node.generators),
            Expr::SetComp(node) => self.comprehension(node.into(), [Some(&node.elt), None], &node.generators),
            Expr::Generator(node) => self.comprehension(node.into(), [Some(&node.elt), None], &node.generators),
            Expr::DictComp(node) => {
                self.comprehension(node.into(), [node.key.as_deref(), Some(&node.value)], &node.generators);
            }
            Expr::Yield(_) | Expr::YieldFrom(_) => {
                self.scopes.yields(self.scope);
                visitor::walk_expr(self, expr);
            }
            _ => visitor::walk_expr(self, expr),
        }
    }

    fn visit_elif_else_clause(&mut self, clause: &'a ElifElseClause) {
        if let Some(test) = &clause.test {
            self.statements.push(heads::clause(self.text, clause, test));
        }
        visitor::walk_elif_else_clause(self, clause);
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        self.statements.push(heads::except(self.text, handler));
        if let Some(id) = &inner.name {
            self.bind(id);
        }
        visitor::walk_except_handler(self, handler);
    }

    fn visit_match_case(&mut self, case: &'a MatchCase) {
        self.statements.push(match &case.guard {
            Some(guard) => heads::clause(self.text, case, &**guard),
            None => heads::clause(self.text, case, &case.pattern),
        });
        visitor::walk_match_case(self, case);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        match pattern {
            Pattern::MatchAs(inner) => inner.name.iter().for_each(|id| self.bind(id)),
            Pattern::MatchStar(inner) => inner.name.iter().for_each(|id| self.bind(id)),
            Pattern::MatchMapping(inner) => inner.rest.iter().for_each(|id| self.bind(id)),
            _ => {}
        }
        visitor::walk_pattern(self, pattern);
    }
}
