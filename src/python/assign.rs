//! Reading, binding and unbinding names, and assignment to every kind of target.

use ruff_python_ast::{Expr, StmtAnnAssign, StmtAugAssign};

use super::body::Body;
use super::heads::span;
use super::scope::Binding;
use crate::program::{Name, OpKind, Part, Place, Reg, RegInfo, TypeRef, name};
use crate::source::Span;

impl<'a> Body<'_, 'a> {
    fn binding_to_read(&self, id: Name) -> Binding {
        if self.unit.scopes.is_class(self.scope) && !self.bound.contains(&id) {
            return self.unit.scopes.resolve_outside(self.scope, id);
        }
        self.unit.scopes.resolve(self.scope, id)
    }

    /// The value of a name. A local variable is its own register.
    pub(super) fn load(&mut self, id: Name, span: Span) -> Reg {
        match self.binding_to_read(id) {
            Binding::Local => self.local(id),
            Binding::Cell(up) => self.emit_read(OpKind::LoadCell(up, id), Place::Cell(up, id), span),
            Binding::Global if self.type_params.contains(&id) => self.emit(OpKind::Path(name("typing.TypeVar")), span),
            Binding::Global => self.emit_read(OpKind::LoadGlobal(id), Place::Global(id), span),
        }
    }

    /// Binds a name.
    pub(super) fn store(&mut self, id: Name, value: Reg, span: Span) {
        match self.unit.scopes.resolve(self.scope, id) {
            Binding::Local => {
                let reg = self.local(id);
                self.push(Some(reg), OpKind::Copy(value), span);
                if self.unit.scopes.is_class(self.scope) {
                    self.bound.insert(id);
                    self.run(OpKind::ClassField(id, reg), span);
                }
            }
            Binding::Cell(up) => self.run(OpKind::StoreCell(up, id, value), span),
            Binding::Global => self.run(OpKind::StoreGlobal(id, value), span),
        }
    }

    /// Unbinds a name.
    pub(super) fn unbind(&mut self, id: Name, span: Span) {
        match self.unit.scopes.resolve(self.scope, id) {
            Binding::Local => {
                let reg = self.local(id);
                self.run(OpKind::Unbind(reg), span);
            }
            // A cell is never read after that in a program that works.
            Binding::Cell(_) => {}
            Binding::Global => self.run(OpKind::DeleteGlobal(id), span),
        }
    }

    /// Assigns a value to a target; `span` is the statement that does it.
    pub(super) fn assign(&mut self, target: &'a Expr, value: Reg, whole: Span) {
        match target {
            Expr::Name(id) => self.store(name(&id.id), value, whole),
            Expr::Attribute(node) => {
                let object = self.expr(&node.value);
                self.run(OpKind::SetAttr(object, name(&node.attr), value), whole);
            }
            Expr::Subscript(node) => {
                let object = self.expr(&node.value);
                let object = self.protect(object, [&*node.slice]);
                let index = self.expr(&node.slice);
                self.run(OpKind::SetIndex(object, index, value), whole);
            }
            Expr::Tuple(node) => self.unpack(&node.elts, value, whole),
            Expr::List(node) => self.unpack(&node.elts, value, whole),
            Expr::Starred(node) => self.assign(&node.value, value, whole),
            // Not a target: the parser has said so. What it computes still runs.
            other => {
                self.expr(other);
            }
        }
    }

    /// Takes a sequence apart.
    fn unpack(&mut self, targets: &'a [Expr], value: Reg, whole: Span) {
        let star = targets.iter().position(Expr::is_starred_expr);
        for (at, target) in targets.iter().enumerate() {
            let part = match star {
                Some(star) if at == star => Part::Rest,
                Some(star) if at > star => Part::Item(at as i32 - targets.len() as i32),
                _ => Part::Item(at as i32),
            };
            let item = self.emit(OpKind::Extract(value, part), span(target));
            self.assign(target, item, whole);
        }
    }

    /// The value of a variable at this moment, safe from later assignments.
    pub(super) fn unnamed(&mut self, value: Reg, here: Span) -> Reg {
        match self.regs.get(value.index()) {
            Some(info) if info.name.is_some() => self.emit(OpKind::Copy(value), here),
            _ => value,
        }
    }

    /// `target op= value`.
    pub(super) fn augmented(&mut self, stmt: &'a StmtAugAssign) {
        let whole = span(stmt);
        let op = super::expressions::binary_op(stmt.op);
        let join = |body: &mut Self, left: Reg| {
            let left = body.protect(left, [&*stmt.value]);
            let right = body.expr(&stmt.value);
            body.emit(OpKind::Binary { op, left, right, augmented: true }, whole)
        };
        match &*stmt.target {
            Expr::Name(id) => {
                let id = name(&id.id);
                let left = self.load(id, span(&*stmt.target));
                let value = join(self, left);
                self.store(id, value, whole);
            }
            Expr::Attribute(node) => {
                let object = self.expr(&node.value);
                let object = self.protect(object, [&*stmt.value]);
                let field = name(&node.attr);
                let left = self.emit_read(OpKind::Attr(object, field), Place::Field(object, field), span(node));
                let value = join(self, left);
                self.run(OpKind::SetAttr(object, field, value), whole);
            }
            Expr::Subscript(node) => {
                let object = self.expr(&node.value);
                let object = self.protect(object, [&*node.slice, &*stmt.value]);
                let index = self.expr(&node.slice);
                let index = self.protect(index, [&*stmt.value]);
                let left = self.emit_read(OpKind::Index(object, index), Place::Index(object, index), span(node));
                let value = join(self, left);
                self.run(OpKind::SetIndex(object, index, value), whole);
            }
            other => {
                self.expr(other);
                self.expr(&stmt.value);
            }
        }
    }

    /// `target: T = value`. The type stays with the variable, or with the value on its way to where it is kept.
    pub(super) fn annotated(&mut self, stmt: &'a StmtAnnAssign) {
        let whole = span(stmt);
        let ty = self.unit.type_ref(&stmt.annotation);
        if let Expr::Name(id) = &*stmt.target {
            self.declare(name(&id.id), ty.clone());
        }
        let Some(value) = &stmt.value else { return };
        let value = self.expr(value);
        if matches!(&*stmt.target, Expr::Name(id) if self.unit.scopes.resolve(self.scope, name(&id.id)) == Binding::Local)
        {
            self.assign(&stmt.target, value, whole);
            return;
        }
        let typed = self.add_reg(RegInfo { ty, ..RegInfo::default() });
        self.push(Some(typed), OpKind::Copy(value), whole);
        self.assign(&stmt.target, typed, whole);
    }

    fn declare(&mut self, id: Name, ty: Option<TypeRef>) {
        if self.unit.scopes.resolve(self.scope, id) == Binding::Local {
            let reg = self.local(id);
            if let Some(info) = self.regs.get_mut(reg.index()) {
                info.ty = ty;
            }
        }
    }

    /// `del target`.
    pub(super) fn delete(&mut self, target: &'a Expr, whole: Span) {
        match target {
            Expr::Name(id) => self.unbind(name(&id.id), whole),
            Expr::Attribute(node) => {
                let object = self.expr(&node.value);
                self.run(OpKind::DeleteAttr(object, name(&node.attr)), whole);
            }
            Expr::Subscript(node) => {
                let object = self.expr(&node.value);
                let index = self.expr(&node.slice);
                self.run(OpKind::DeleteIndex(object, index), whole);
            }
            Expr::Tuple(node) => node.elts.iter().for_each(|item| self.delete(item, whole)),
            Expr::List(node) => node.elts.iter().for_each(|item| self.delete(item, whole)),
            other => {
                self.expr(other);
            }
        }
    }

    /// A local variable is read where it is used, not where it is written: if an expression that is evaluated in
    /// between assigns it (`x + (x := 1)`), its value is kept apart.
    pub(super) fn protect<'e>(&mut self, value: Reg, later: impl IntoIterator<Item = &'e Expr>) -> Reg {
        let named = self.regs.get(value.index()).and_then(|info| info.name);
        let here = self.last_span();
        let Some(id) = named else { return value };
        if !self.unit.scopes.has_walrus(self.scope, id) || !later.into_iter().any(|expr| assigns(expr, id)) {
            return value;
        }
        self.emit(OpKind::Copy(value), here)
    }
}

/// Whether evaluating the expression may assign the name.
fn assigns(expr: &Expr, id: Name) -> bool {
    ruff_python_ast::helpers::any_over_expr(
        expr,
        |node| matches!(node, Expr::Named(named) if matches!(&*named.target, Expr::Name(target) if target.id.as_str() == id.as_str())),
    )
}
