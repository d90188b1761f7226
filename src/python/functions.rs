//! Definitions of functions, lambdas and comprehensions.

use ruff_python_ast::{
    AnyNodeRef, Comprehension, Decorator, Expr, ExprLambda, ParameterWithDefault, Parameters, StmtFunctionDef,
    TypeParams,
};

use super::body::{Body, Exit, Frame};
use super::heads::{self, span};
use super::names::join;
use super::scope::{Binding, ScopeId};
use crate::program::{
    Arg, ArgKind, Attribute, BlockId, Call, Callee, ClassId, CollectionKind, FuncId, Function, FunctionKind, Item,
    ModuleId, Name, OpKind, Param, ParamKind, Reg, RegInfo, Terminator, TypeRef, name,
};
use crate::source::Span;

/// What is known of a function before its body is lowered.
pub(super) struct Header {
    pub(super) kind: FunctionKind,
    pub(super) name: Name,
    pub(super) scope: ScopeId,
    pub(super) owner: Option<ClassId>,
    pub(super) is_async: bool,
    pub(super) attributes: Vec<Attribute>,
    pub(super) returns: Option<TypeRef>,
    pub(super) type_params: Vec<Name>,
    pub(super) span: Span,
    pub(super) name_span: Span,
}

impl Header {
    /// The header of a function without a name.
    fn anonymous(kind: FunctionKind, shown: &str, scope: ScopeId, here: Span) -> Self {
        Self {
            kind,
            name: name(shown),
            scope,
            owner: None,
            is_async: false,
            attributes: Vec::new(),
            returns: None,
            type_params: Vec::new(),
            span: here,
            name_span: Span::new(here.start, here.start + 1),
        }
    }
}

/// The names of type parameters.
pub(super) fn type_params(params: Option<&TypeParams>) -> Vec<Name> {
    params.into_iter().flat_map(|params| params.iter()).map(|param| name(param.name())).collect()
}

impl<'a> Body<'_, 'a> {
    /// Lowers a body nested in this one. A copied `finally` block may ask for the same one again.
    pub(super) fn nested(&mut self, header: Header, fill: impl FnOnce(&mut Body<'_, 'a>) -> Vec<Param>) -> FuncId {
        if let Some(&known) = self.unit.done.get(&header.scope) {
            return known;
        }
        let id = self.unit.reserve_function();
        self.unit.done.insert(header.scope, id);
        let path = join(self.prefix, header.name.as_str());
        let inner_prefix = match header.kind {
            FunctionKind::ClassBody => path,
            _ => join(path, "<locals>"),
        };
        let type_params = [self.type_params.as_slice(), header.type_params.as_slice()].concat();
        self.unit.enter_classes();
        let mut inner = Body::new(self.unit, id, header.scope, inner_prefix);
        inner.owner = header.owner.filter(|_| header.kind == FunctionKind::ClassBody);
        inner.type_params = type_params;
        let params = fill(&mut inner);
        let (blocks, regs) = inner.finish();
        self.unit.leave_classes();
        let parent = (self.scope != ScopeId::MODULE).then_some(self.id);
        let function = Function {
            name: header.name,
            path,
            kind: header.kind,
            file: self.unit.file,
            module: ModuleId(0),
            owner: header.owner,
            parent,
            params,
            regs,
            cells: self.unit.scopes.cells(header.scope),
            blocks,
            is_async: header.is_async,
            is_generator: self.unit.scopes.is_generator(header.scope),
            attributes: header.attributes,
            returns: header.returns,
            span: header.span,
            name_span: header.name_span,
            is_public: true,
            is_test: false,
        };
        self.unit.fill_function(id, function);
        id
    }

    /// `def`.
    pub(super) fn function(&mut self, def: &'a StmtFunctionDef) {
        let Some(scope) = self.unit.scopes.of(AnyNodeRef::from(def)) else {
            return;
        };
        let decorators = self.decorators(&def.decorator_list);
        let defaults = self.defaults(&def.parameters);
        let owner = self.owner;
        let is_static =
            def.decorator_list.iter().any(|d| matches!(&d.expression, Expr::Name(id) if id.id == "staticmethod"));
        let head = heads::header(self.unit.text, span(def), &def.decorator_list, heads::function_end(def));
        let header = Header {
            kind: FunctionKind::Function,
            name: name(&def.name),
            scope,
            owner,
            is_async: def.is_async,
            attributes: self.attributes(&def.decorator_list),
            returns: def.returns.as_ref().and_then(|ty| self.unit.type_ref(ty)),
            type_params: type_params(def.type_params.as_deref()),
            span: span(def),
            name_span: span(&def.name),
        };
        let id = self.nested(header, |body| {
            let params = body.parameters(&def.parameters, owner.is_some() && !is_static);
            body.stmts(&def.body);
            body.return_none(span(&def.name));
            params
        });
        let made = self.emit(OpKind::Closure { function: id, defaults }, head);
        let made = self.decorate(made, &decorators);
        self.store(name(&def.name), made, head);
    }

    /// The end of a body without `return`.
    pub(super) fn return_none(&mut self, here: Span) {
        if self.is_live() {
            let none = self.none(here);
            self.end(Terminator::Return(none), here);
        }
    }

    /// `lambda`.
    pub(super) fn lambda(&mut self, node: &'a ExprLambda) -> Reg {
        let here = span(node);
        let Some(scope) = self.unit.scopes.of(AnyNodeRef::from(node)) else {
            return self.none(here);
        };
        let defaults = node.parameters.as_ref().map_or_else(Vec::new, |params| self.defaults(params));
        let header = Header::anonymous(FunctionKind::Lambda, "<lambda>", scope, here);
        let function = self.nested(header, |body| {
            let params = node.parameters.as_ref().map_or_else(Vec::new, |params| body.parameters(params, false));
            let value = body.expr(&node.body);
            body.end(Terminator::Return(value), span(&*node.body));
            params
        });
        self.emit(OpKind::Closure { function, defaults }, here)
    }

    fn defaults(&mut self, parameters: &'a Parameters) -> Vec<(Name, Reg)> {
        let with_default = |param: &'a ParameterWithDefault| Some((name(param.name()), param.default.as_deref()?));
        let defaults: Vec<_> = parameters.iter_non_variadic_params().filter_map(with_default).collect();
        defaults.into_iter().map(|(param, default)| (param, self.expr(default))).collect()
    }

    /// Parameters arrive in registers; those that inner functions use move to their cells first.
    fn parameters(&mut self, parameters: &Parameters, is_method: bool) -> Vec<Param> {
        let mut params = Vec::with_capacity(parameters.len());
        let mut receiver = is_method;
        for param in &parameters.posonlyargs {
            let kind = if receiver { ParamKind::Receiver } else { ParamKind::PositionalOnly };
            params.push(self.parameter(&param.parameter, kind, param.default.is_some()));
            receiver = false;
        }
        for param in &parameters.args {
            let kind = if receiver { ParamKind::Receiver } else { ParamKind::Normal };
            params.push(self.parameter(&param.parameter, kind, param.default.is_some()));
            receiver = false;
        }
        params.extend(parameters.vararg.as_ref().map(|param| self.parameter(param, ParamKind::VarArgs, false)));
        for param in &parameters.kwonlyargs {
            params.push(self.parameter(&param.parameter, ParamKind::KeywordOnly, param.default.is_some()));
        }
        params.extend(parameters.kwarg.as_ref().map(|param| self.parameter(param, ParamKind::VarKeywords, false)));
        params
    }

    fn parameter(&mut self, param: &ruff_python_ast::Parameter, kind: ParamKind, has_default: bool) -> Param {
        let id = name(&param.name);
        let ty = param.annotation.as_ref().and_then(|ty| self.unit.type_ref(ty));
        let here = span(param);
        let reg = self.parameter_reg(id, ty.clone(), here);
        Param { name: id, reg, kind, ty, has_default, is_mut_ref: false, span: here }
    }

    fn parameter_reg(&mut self, id: Name, ty: Option<TypeRef>, here: Span) -> Reg {
        let reg = self.add_reg(RegInfo { name: Some(id), ty, place: None });
        match self.unit.scopes.resolve(self.scope, id) {
            Binding::Cell(0) => self.run(OpKind::StoreCell(0, id, reg), here),
            _ => {
                self.locals.insert(id, reg);
            }
        }
        reg
    }

    /// The values of decorators, with where they stand.
    pub(super) fn decorators(&mut self, decorators: &'a [Decorator]) -> Vec<(Reg, Span)> {
        decorators.iter().map(|decorator| (self.expr(&decorator.expression), span(&decorator.expression))).collect()
    }

    /// Applies decorators, the one next to the definition first.
    pub(super) fn decorate(&mut self, made: Reg, decorators: &[(Reg, Span)]) -> Reg {
        decorators.iter().rev().fold(made, |value, &(decorator, here)| {
            let args = vec![Arg { kind: ArgKind::Positional, reg: value, span: here }];
            self.emit(OpKind::Call(Call { callee: Callee::Value(decorator), args }), here)
        })
    }

    /// A comprehension is a generator function, called at once with the outermost iterable.
    pub(super) fn comprehension(&mut self, expr: &'a Expr) -> Reg {
        let here = span(expr);
        let (kind, key, element, loops) = match expr {
            Expr::ListComp(node) => (Some(CollectionKind::List), None, &*node.elt, &node.generators),
            Expr::SetComp(node) => (Some(CollectionKind::Set), None, &*node.elt, &node.generators),
            Expr::DictComp(node) => (Some(CollectionKind::Dict), node.key.as_deref(), &*node.value, &node.generators),
            Expr::Generator(node) => (None, None, &*node.elt, &node.generators),
            _ => return self.none(here),
        };
        let (Some(scope), Some(first)) = (self.unit.scopes.of(AnyNodeRef::from(expr)), loops.first()) else {
            return self.none(here);
        };
        let iterable = self.expr(&first.iter);
        let header = Header::anonymous(FunctionKind::Comprehension, "<comprehension>", scope, here);
        let function = self.nested(header, |body| body.comprehension_body(loops, key, element, here));
        let made = self.emit(OpKind::Closure { function, defaults: Vec::new() }, here);
        let args = vec![Arg { kind: ArgKind::Positional, reg: iterable, span: span(&first.iter) }];
        let result = self.emit(OpKind::Call(Call { callee: Callee::Value(made), args }), here);
        match kind {
            Some(kind) => self.emit(OpKind::Collection(kind, vec![Item::Spread(result)]), here),
            None => result,
        }
    }

    fn comprehension_body(
        &mut self,
        loops: &'a [Comprehension],
        key: Option<&'a Expr>,
        element: &'a Expr,
        here: Span,
    ) -> Vec<Param> {
        let id = name(".0");
        let reg = self.add_reg(RegInfo { name: Some(id), ..RegInfo::default() });
        let param_span = loops.first().map_or(here, |first| span(&first.iter));
        // Innermost last: the head of each loop, its exit, and its place.
        let mut open: Vec<(BlockId, BlockId, Span)> = Vec::new();
        for (depth, one) in loops.iter().enumerate() {
            let iterable = if depth == 0 { reg } else { self.expr(&one.iter) };
            let (head, exit) = self.begin_loop(iterable, one.is_async, &one.target, span(&one.iter));
            for test in &one.ifs {
                let pass = self.label();
                self.condition(test, pass, head);
                self.place(pass);
            }
            open.push((head, exit, span(one)));
        }
        self.element(key, element);
        while let Some((head, exit, place)) = open.pop() {
            self.goto(head, place);
            self.place(exit);
        }
        self.return_none(Span::new(here.start, here.start + 1));
        vec![Param {
            name: id,
            reg,
            kind: ParamKind::PositionalOnly,
            ty: None,
            has_default: false,
            is_mut_ref: false,
            span: param_span,
        }]
    }

    fn element(&mut self, key: Option<&'a Expr>, element: &'a Expr) {
        let here = key.map_or(span(element), |key| span(key).cover(span(element)));
        let Some(key) = key else {
            let value = self.expr(element);
            let spread = element.is_starred_expr();
            self.emit(if spread { OpKind::YieldFrom(value) } else { OpKind::Yield(Some(value)) }, here);
            return;
        };
        let key = self.expr(key);
        let key = self.protect(key, [element]);
        let value = self.expr(element);
        let pair =
            self.emit(OpKind::Collection(CollectionKind::Tuple, vec![Item::Value(key), Item::Value(value)]), here);
        self.emit(OpKind::Yield(Some(pair)), here);
    }

    /// The head of a `for` loop, up to the assignment of its target. Gives the head and the exit.
    pub(super) fn begin_loop(
        &mut self,
        iterable: Reg,
        is_async: bool,
        target: &'a Expr,
        iter_span: Span,
    ) -> (BlockId, BlockId) {
        let iter = self.emit(OpKind::Iter(iterable), iter_span);
        let (head, inside, exit) = (self.label(), self.label(), self.label());
        self.goto(head, iter_span);
        self.place(head);
        let item = self.temp();
        self.end(Terminator::ForEach { iter, item, body: inside, exit }, iter_span);
        self.place(inside);
        let whole = span(target).cover(iter_span);
        let item = if is_async { self.emit(OpKind::Await(item), span(target)) } else { item };
        self.assign(target, item, whole);
        (head, exit)
    }

    /// Enters a frame.
    pub(super) fn enter(&mut self, exit: Exit<'a>, handler: Option<BlockId>) {
        self.frames.push(Frame { exit, handler });
    }
}
