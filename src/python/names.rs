//! What does a name mean at module level, as far as that can be told without running anything?

use ruff_python_ast::{Expr, Stmt};

use super::heads::span;
use super::paths::{self, ModulePaths};
use super::scope::Scopes;
use crate::program::{Name, NameMap, name};

/// An import: where it stands, and what it binds.
#[derive(Debug, Clone, Copy)]
struct Import {
    at: u32,
    path: Name,
}

/// Imports of a module by the name that they bind.
#[derive(Debug)]
pub(super) struct Names {
    module: Name,
    /// Imports outside functions and classes, the last of each name.
    imports: NameMap<Import>,
    /// Imports inside functions and classes, for names that the module itself does not bind.
    inner_imports: NameMap<Import>,
    /// Modules imported with a star.
    stars: Vec<Name>,
}

impl Names {
    pub(super) fn collect(paths: &ModulePaths, body: &[Stmt]) -> Self {
        let mut names = Self {
            module: paths.path,
            imports: NameMap::default(),
            inner_imports: NameMap::default(),
            stars: Vec::new(),
        };
        // A work list, as nesting is bounded for indentation only.
        let mut work: Vec<(&[Stmt], bool)> = vec![(body, true)];
        while let Some((stmts, top)) = work.pop() {
            for stmt in stmts {
                names.import(paths, stmt, top);
                blocks(stmt, top, &mut work);
            }
        }
        names
    }

    fn import(&mut self, paths: &ModulePaths, stmt: &Stmt, top: bool) {
        let table = if top { &mut self.imports } else { &mut self.inner_imports };
        let at = span(stmt).start;
        // Blocks are not visited in order; the last import in the file wins.
        let mut add = |bound: &str, path: Name| {
            let slot = table.entry(name(bound)).or_insert(Import { at, path });
            if slot.at <= at {
                *slot = Import { at, path };
            }
        };
        match stmt {
            Stmt::Import(stmt) => {
                for alias in &stmt.names {
                    let path = alias.name.as_str();
                    let bound = match &alias.asname {
                        Some(asname) => (asname.as_str(), path),
                        None => {
                            let first = path.split('.').next().unwrap_or(path);
                            (first, first)
                        }
                    };
                    add(bound.0, name(bound.1));
                }
            }
            Stmt::ImportFrom(stmt) => {
                let module = paths::absolute(paths, stmt.level, stmt.module.as_deref());
                for alias in &stmt.names {
                    if alias.name.as_str() == "*" {
                        self.stars.push(module);
                        continue;
                    }
                    let bound = alias.asname.as_ref().unwrap_or(&alias.name);
                    add(bound, join(module, &alias.name));
                }
            }
            _ => {}
        }
    }

    /// The path that an import gives the name.
    pub(super) fn imported(&self, id: Name) -> Option<Name> {
        self.imports.get(&id).map(|import| import.path)
    }

    /// The dotted path of a name: through imports, else of the module, else a builtin.
    pub(super) fn resolve(&self, scopes: &Scopes, id: Name) -> Name {
        if let Some(path) = self.imported(id) {
            return path;
        }
        if scopes.module_binds(id) {
            return join(self.module, id.as_str());
        }
        self.inner_imports.get(&id).map_or_else(|| name(&format!("builtins.{id}")), |import| import.path)
    }

    /// What imports bind, for following re-exports; star imports under the name `*`.
    pub(super) fn uses(&self) -> Vec<(Name, Name)> {
        let mut uses: Vec<(Name, Name)> = self.imports.iter().map(|(&bound, import)| (bound, import.path)).collect();
        uses.sort_unstable_by_key(|(bound, _)| bound.as_str());
        uses.extend(self.stars.iter().map(|&module| (name("*"), module)));
        uses
    }
}

/// `base.item`.
pub(super) fn join(base: Name, item: &str) -> Name {
    if base.is_empty() { name(item) } else { name(&format!("{base}.{item}")) }
}

/// A chain of attributes from a name: the name, and the attributes in order.
pub(super) fn dotted(expr: &Expr) -> Option<(&str, Vec<&str>)> {
    let mut attributes = Vec::new();
    let mut at = expr;
    loop {
        match at {
            Expr::Attribute(node) => {
                attributes.push(node.attr.as_str());
                at = &node.value;
            }
            Expr::Name(id) => {
                attributes.reverse();
                return Some((id.id.as_str(), attributes));
            }
            _ => return None,
        }
    }
}

/// The blocks inside a statement, and whether their names are the module's.
fn blocks<'a>(stmt: &'a Stmt, top: bool, out: &mut Vec<(&'a [Stmt], bool)>) {
    match stmt {
        Stmt::FunctionDef(def) => out.push((&def.body, false)),
        Stmt::ClassDef(def) => out.push((&def.body, false)),
        Stmt::If(stmt) => {
            out.push((&stmt.body, top));
            out.extend(stmt.elif_else_clauses.iter().map(|clause| (&*clause.body, top)));
        }
        Stmt::For(stmt) => out.extend([(&*stmt.body, top), (&*stmt.orelse, top)]),
        Stmt::While(stmt) => out.extend([(&*stmt.body, top), (&*stmt.orelse, top)]),
        Stmt::With(stmt) => out.push((&stmt.body, top)),
        Stmt::Match(stmt) => out.extend(stmt.cases.iter().map(|case| (&*case.body, top))),
        Stmt::Try(stmt) => {
            out.push((&stmt.body, top));
            for handler in &stmt.handlers {
                let ruff_python_ast::ExceptHandler::ExceptHandler(handler) = handler;
                out.push((&handler.body, top));
            }
            out.extend([(&*stmt.orelse, top), (&*stmt.finalbody, top)]);
        }
        _ => {}
    }
}
