//! Functions, closures and async blocks: their heads and parameters.

use syn::{Block, FnArg, Pat, ReceiverKind, Signature, Type};

use super::attributes;
use super::body::Head;
use super::control::Want;
use super::lowering::Lowering;
use super::names::{Edge, ident, join};
use super::spans;
use crate::program::{FuncId, FunctionKind, OpKind, Param, ParamKind, Reg, TypeRef, name};
use crate::source::Span;

/// A function or method as the source defines it.
pub(super) struct FunctionItem<'i> {
    pub(super) attrs: &'i [syn::Attribute],
    pub(super) is_public: bool,
    /// Where the definition starts.
    pub(super) start: u32,
    pub(super) sig: &'i Signature,
}

/// Functions that nest deeper are not looked into.
const MAX_DEPTH: usize = 64;

/// The first token of a signature.
pub(super) fn signature_start(sig: &Signature) -> proc_macro2::Span {
    let after_async = match (&sig.safety, &sig.abi) {
        (syn::Safety::Safe(token), _) => token.span,
        (syn::Safety::Unsafe(token), _) => token.span,
        (syn::Safety::Default, Some(abi)) => abi.extern_token.span,
        (syn::Safety::Default, None) => sig.fn_token.span,
    };
    let after_const = sig.asyncness.map_or(after_async, |token| token.span);
    sig.constness.map_or(after_const, |token| token.span)
}

impl Lowering<'_> {
    /// A function item or method; `prefix` is the path of what it belongs to.
    pub(super) fn function(&mut self, item: &FunctionItem<'_>, block: &Block, prefix: &str) -> FuncId {
        let was_test = self.in_test;
        self.in_test |= attributes::is_test(item.attrs);
        let sig = item.sig;
        let open = self.at(block.brace_token.span.open());
        let end = self.at(block.brace_token.span.close()).end;
        self.statement(Span::new(item.start, open.start));
        let attributes = self.function_attributes(item.attrs);
        let head = Head {
            kind: FunctionKind::Function,
            name: ident(&sig.ident),
            path: join(prefix, &ident(&sig.ident)),
            span: Span::new(item.start, end),
            name_span: self.at(sig.ident.span()),
        };
        self.begin(head, Edge::Function);
        self.declare_generics(&sig.generics);
        let returns = self.returned(&sig.output);
        let function = &mut self.body.function;
        function.attributes = attributes;
        function.returns = returns;
        function.is_async = sig.asyncness.is_some();
        function.is_public = item.is_public;
        let mut patterns = Vec::new();
        for input in &sig.inputs {
            match input {
                FnArg::Receiver(receiver) => self.receiver(receiver),
                FnArg::Typed(typed) => {
                    let ty = self.ty(&typed.ty);
                    self.parameter(&typed.pat, Some(ty), is_mut_ref(&typed.ty), &mut patterns);
                }
            }
        }
        self.take_apart(&patterns);
        self.block(block, Want::Return);
        let id = self.end_function();
        self.in_test = was_test;
        id
    }

    fn receiver(&mut self, receiver: &syn::Receiver) {
        let own = self.self_types.last().cloned();
        let (is_mut_ref, ty) = match &receiver.kind {
            ReceiverKind::Reference(_, _, mutability) => (mutability.is_some(), own),
            ReceiverKind::Typed(_, ty) => (is_mut_ref(ty), own),
            _ => (false, own),
        };
        let reg = self.bind(name("self"), ty.clone());
        let span = self.at(receiver.self_token.span);
        self.body.function.params.push(Param {
            name: name("self"),
            reg,
            kind: ParamKind::Receiver,
            ty,
            has_default: false,
            is_mut_ref,
            span,
        });
    }

    /// A parameter; patterns are kept to be taken apart once all parameters are there.
    fn parameter<'p>(&mut self, pat: &'p Pat, ty: Option<TypeRef>, is_mut_ref: bool, later: &mut Vec<(&'p Pat, Reg)>) {
        let span = self.at(syn::spanned::Spanned::span(pat));
        let (label, reg) = match pat {
            Pat::Ident(binding) if binding.subpat.is_none() => {
                let label = ident(&binding.ident);
                (label, self.bind(label, ty.clone()))
            }
            Pat::Wild(_) => (name("_"), self.body.temp()),
            _ => {
                let reg = self.body.temp();
                later.push((pat, reg));
                (name(""), reg)
            }
        };
        if let Some(info) = self.body.info(reg) {
            info.ty.clone_from(&ty);
        }
        self.body.function.params.push(Param {
            name: label,
            reg,
            kind: ParamKind::Normal,
            ty,
            has_default: false,
            is_mut_ref,
            span,
        });
    }

    fn take_apart(&mut self, patterns: &[(&Pat, Reg)]) {
        for &(pat, reg) in patterns {
            self.bind_irrefutable(pat, reg);
        }
    }

    /// A closure: its function, and the value.
    pub(super) fn closure(&mut self, closure: &syn::ExprClosure) -> Reg {
        let whole = self.at(super::spans::between(closure.inputs_begin.spans[0], spans::expr(&closure.body)));
        let span = closure.capture.map_or(whole, |token| self.at(token.span).cover(whole));
        if self.outer.len() >= MAX_DEPTH {
            return self.unit_value(span);
        }
        let body_span = self.at(spans::expr(&closure.body));
        self.begin(self.inner_head(FunctionKind::Lambda, "<lambda>", span, body_span), Edge::Open);
        self.body.function.is_async = closure.asyncness.is_some();
        self.body.function.returns = self.returned(&closure.output);
        let mut patterns = Vec::new();
        for input in &closure.inputs {
            match input {
                Pat::Type(typed) => {
                    let ty = self.ty(&typed.ty);
                    self.parameter(&typed.pat, Some(ty), is_mut_ref(&typed.ty), &mut patterns);
                }
                pat => self.parameter(pat, None, false, &mut patterns),
            }
        }
        self.take_apart(&patterns);
        self.returned_value(&closure.body);
        let function = self.end_function();
        self.op(OpKind::Closure { function, defaults: Vec::new() }, span)
    }

    /// An `async` block: a function that runs when the value is awaited.
    pub(super) fn async_block(&mut self, block: &syn::ExprAsync) -> Reg {
        let span = self.at(super::spans::between(block.async_token.span, block.block.brace_token.span.close()));
        let name_span = self.at(block.block.brace_token.span.open());
        if self.outer.len() >= MAX_DEPTH {
            return self.unit_value(span);
        }
        self.begin(self.inner_head(FunctionKind::AsyncBlock, "<async>", span, name_span), Edge::Open);
        self.body.function.is_async = true;
        self.block(&block.block, Want::Return);
        let function = self.end_function();
        self.op(OpKind::Closure { function, defaults: Vec::new() }, span)
    }

    fn inner_head(&self, kind: FunctionKind, label: &str, span: Span, body: Span) -> Head {
        let name_span = self.first_char(body);
        Head { kind, name: name(label), path: join(&self.locals_prefix(), label), span, name_span }
    }

    /// The path in front of what is defined inside the current function.
    pub(super) fn locals_prefix(&self) -> String {
        format!("{}.<locals>", self.body.function.path)
    }

    /// An expression whose value the function returns.
    pub(super) fn returned_value(&mut self, value: &syn::Expr) {
        self.flow(value, Want::Return);
    }
}

fn is_mut_ref(ty: &Type) -> bool {
    matches!(ty, Type::Reference(inner) if inner.mutability.is_some())
}
