//! Class definitions, and decorators as written.

use ruff_python_ast::{
    AnyNodeRef, ArgOrKeyword, Decorator, ExceptHandler, Expr, Number, Stmt, StmtClassDef, StmtFunctionDef,
};

use super::body::Body;
use super::functions::{Header, type_params};
use super::heads::{self, span};
use super::names::join;
use super::scope::ScopeId;
use crate::program::{
    Attribute, AttributeArg, Class, ClassId, ClassKind, Field, FuncId, FunctionKind, ModuleId, Name, OpKind, Reg, name,
};

impl<'a> Body<'_, 'a> {
    /// `class`.
    pub(super) fn class(&mut self, def: &'a StmtClassDef) {
        let Some(scope) = self.unit.scopes.of(AnyNodeRef::from(def)) else {
            return;
        };
        let decorators = self.decorators(&def.decorator_list);
        let outer_params = self.type_params.len();
        self.type_params.extend(type_params(def.type_params.as_deref()));
        let (bases, keywords) = self.class_arguments(def);
        let head = heads::header(self.unit.text, span(def), &def.decorator_list, heads::class_end(def));
        let class = self.class_body(def, scope);
        self.type_params.truncate(outer_params);
        let made = self.emit(OpKind::Class { class, bases, keywords }, head);
        let made = self.decorate(made, &decorators);
        self.store(name(&def.name), made, head);
    }

    fn class_arguments(&mut self, def: &'a StmtClassDef) -> (Vec<Reg>, Vec<(Name, Reg)>) {
        let (mut bases, mut keywords) = (Vec::new(), Vec::new());
        let Some(arguments) = &def.arguments else {
            return (bases, keywords);
        };
        for argument in arguments.iter_source_order() {
            match argument {
                ArgOrKeyword::Arg(base) => bases.push(self.expr(base)),
                ArgOrKeyword::Keyword(keyword) => {
                    let value = self.expr(&keyword.value);
                    keywords.push((keyword.arg.as_ref().map_or(name("**"), |key| name(key)), value));
                }
            }
        }
        (bases, keywords)
    }

    fn class_body(&mut self, def: &'a StmtClassDef, scope: ScopeId) -> ClassId {
        if let Some(&known) = self.unit.done_classes.get(&scope) {
            return known;
        }
        let id = self.unit.reserve_class();
        self.unit.done_classes.insert(scope, id);
        let path = join(self.prefix, &def.name);
        let bases = def.bases().iter().filter_map(|base| self.base_path(base)).collect();
        let attributes = self.attributes(&def.decorator_list);
        if self.scope != ScopeId::MODULE {
            self.unit.add_local_class(name(&def.name), path);
        }
        let header = Header {
            kind: FunctionKind::ClassBody,
            name: name(&def.name),
            scope,
            owner: Some(id),
            is_async: false,
            attributes: Vec::new(),
            returns: None,
            type_params: type_params(def.type_params.as_deref()),
            span: span(def),
            name_span: span(&def.name),
        };
        let body = self.nested(header, |body| {
            body.stmts(&def.body);
            body.return_none(span(&def.name));
            Vec::new()
        });
        let mut class = Class {
            name: name(&def.name),
            path,
            kind: ClassKind::Python,
            module: ModuleId(0),
            bases,
            fields: Vec::new(),
            variants: Vec::new(),
            methods: Vec::new(),
            body: Some(body),
            attributes,
            span: span(def),
            file: self.unit.file,
        };
        self.members(&def.body, &mut class);
        self.unit.fill_class(id, class);
        id
    }

    /// `Base`, `module.Base`, `Base[T]`.
    fn base_path(&self, base: &Expr) -> Option<Name> {
        match base {
            Expr::Subscript(node) => self.unit.path_of(&node.value),
            other => self.unit.path_of(other),
        }
    }

    /// Methods and annotated names of a class body, also those under conditions.
    fn members(&self, stmts: &'a [Stmt], class: &mut Class) {
        let mut work: Vec<&'a Stmt> = stmts.iter().rev().collect();
        while let Some(stmt) = work.pop() {
            match stmt {
                Stmt::FunctionDef(def) => {
                    let scope = self.unit.scopes.of(AnyNodeRef::from(def));
                    if let Some(&id) = scope.and_then(|scope| self.unit.done.get(&scope)) {
                        add_method(class, def, id);
                    }
                }
                Stmt::AnnAssign(stmt) => {
                    if let Expr::Name(id) = &*stmt.target {
                        class.fields.push(Field {
                            name: name(&id.id),
                            ty: self.unit.type_ref(&stmt.annotation),
                            attributes: Vec::new(),
                            span: span(stmt),
                        });
                    }
                }
                Stmt::If(stmt) => {
                    work.extend(stmt.elif_else_clauses.iter().rev().flat_map(|clause| clause.body.iter().rev()));
                    work.extend(stmt.body.iter().rev());
                }
                Stmt::With(stmt) => work.extend(stmt.body.iter().rev()),
                Stmt::Try(stmt) => {
                    work.extend(stmt.finalbody.iter().rev());
                    work.extend(stmt.orelse.iter().rev());
                    for ExceptHandler::ExceptHandler(handler) in stmt.handlers.iter().rev() {
                        work.extend(handler.body.iter().rev());
                    }
                    work.extend(stmt.body.iter().rev());
                }
                _ => {}
            }
        }
    }

    /// Decorators as written, for knowledge of frameworks.
    pub(super) fn attributes(&self, decorators: &[Decorator]) -> Vec<Attribute> {
        let written = |decorator: &Decorator| {
            let (function, args) = match &decorator.expression {
                Expr::Call(call) => (&*call.func, call.arguments.iter_source_order().filter_map(constant).collect()),
                other => (other, Vec::new()),
            };
            Some(Attribute { path: self.unit.written_path(function)?, args, span: span(decorator) })
        };
        decorators.iter().filter_map(written).collect()
    }
}

/// A definition replaces an earlier one of the same name, but `@x.setter def x` adds to the property.
fn add_method(class: &mut Class, def: &StmtFunctionDef, id: FuncId) {
    let method = name(&def.name);
    let of_itself = |decorator: &Decorator| {
        matches!(&decorator.expression, Expr::Attribute(node)
            if matches!(&*node.value, Expr::Name(base) if base.id.as_str() == method.as_str()))
    };
    if !def.decorator_list.iter().any(of_itself) {
        class.methods.retain(|(known, _)| *known != method);
    }
    class.methods.push((method, id));
}

/// An argument of a decorator, if it is a constant or a display of constants.
fn constant(argument: ArgOrKeyword<'_>) -> Option<AttributeArg> {
    let (key, value) = match argument {
        ArgOrKeyword::Arg(value) => (None, value),
        ArgOrKeyword::Keyword(keyword) => (keyword.arg.as_ref().map(|key| name(key)), &keyword.value),
    };
    let text = match value {
        Expr::StringLiteral(text) => text.value.to_str().to_owned(),
        Expr::NumberLiteral(literal) => match &literal.value {
            Number::Int(int) => int.to_string(),
            Number::Float(float) => float.to_string(),
            Number::Complex { .. } => return None,
        },
        Expr::BooleanLiteral(literal) => if literal.value { "True" } else { "False" }.to_owned(),
        Expr::NoneLiteral(_) => "None".to_owned(),
        _ => return None,
    };
    Some(AttributeArg { key, value: name(&text) })
}
