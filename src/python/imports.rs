//! `import` and `from … import`.

use ruff_python_ast::{StmtImport, StmtImportFrom};

use super::body::Body;
use super::heads::span;
use super::paths;
use crate::program::{OpKind, name};

impl Body<'_, '_> {
    pub(super) fn import(&mut self, stmt: &StmtImport) {
        for alias in &stmt.names {
            let module = name(&alias.name);
            let first = module.as_str().split('.').next().unwrap_or_default();
            let (bind, bound) = match &alias.asname {
                Some(asname) => (module, name(asname)),
                None => (name(first), name(first)),
            };
            let value = self.emit(OpKind::Import { module, bind }, span(alias));
            self.store(bound, value, span(stmt));
        }
    }

    pub(super) fn import_from(&mut self, stmt: &StmtImportFrom) {
        let module = paths::absolute(self.unit.paths, stmt.level, stmt.module.as_deref());
        for alias in &stmt.names {
            if alias.name.as_str() == "*" {
                self.run(OpKind::ImportStar(module), span(stmt));
                continue;
            }
            let value = self.emit(OpKind::ImportFrom(module, name(&alias.name)), span(alias));
            self.store(name(alias.asname.as_ref().unwrap_or(&alias.name)), value, span(stmt));
        }
    }
}
