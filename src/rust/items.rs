//! Items: modules, functions, statics, types, traits and `impl` blocks.

use std::collections::HashMap;

use syn::spanned::Spanned as _;
use syn::{Fields, ImplItem, Item, TraitItem, Visibility};

use super::attributes;
use super::body::Head;
use super::functions::FunctionItem;
use super::lowering::Lowering;
use super::names::{Alias, Edge, ident, join};
use super::spans;
use crate::program::{Class, ClassId, ClassKind, Field, FuncId, FunctionKind, ImplOf, Name, TypeRef, Variant, name};
use crate::source::Span;

/// An item with the offset that its spans count from.
pub(super) struct Placed {
    pub(super) base: u32,
    /// The call that it was expanded from.
    pub(super) fixed: Option<Span>,
    pub(super) item: Item,
}

/// Where items stand: the path in front of their names.
#[derive(Clone, Copy)]
pub(super) struct Within<'p> {
    pub(super) prefix: &'p str,
}

impl Lowering<'_> {
    /// Lowers the items of a module or block, after declaring them all.
    pub(super) fn items(&mut self, items: Vec<Placed>, prefix: &str) {
        let items = self.expand_items(items);
        let uses = self.declare(items.iter().map(|placed| &placed.item), prefix);
        let is_module = prefix == self.here();
        if is_module {
            let module = self.module_id();
            if let Some(module) = self.unit.modules.get_mut(module.index()) {
                module.uses.extend(uses);
            }
        }
        for placed in &items {
            match &placed.item {
                Item::Enum(item) => {
                    self.enums.insert(join(prefix, &ident(&item.ident)));
                }
                Item::Type(item) => self.type_alias(item, is_module),
                _ => {}
            }
        }
        for placed in items {
            let before = (self.base, self.fixed, self.in_test);
            (self.base, self.fixed) = (placed.base, placed.fixed.or(self.fixed));
            self.item(placed.item, Within { prefix });
            (self.base, self.fixed, self.in_test) = before;
        }
    }

    fn item(&mut self, item: Item, within: Within<'_>) {
        match item {
            Item::Fn(item) => {
                let function = FunctionItem {
                    attrs: &item.attrs,
                    is_public: !matches!(item.vis, Visibility::Inherited),
                    start: self.start_of(&item.attrs, &item.vis, super::functions::signature_start(&item.sig)),
                    sig: &item.sig,
                };
                self.function(&function, &item.block, within.prefix);
            }
            Item::Static(item) => {
                self.enter_item(&item.attrs, item.span());
                self.static_item(&item.ident, &item.ty, &item.expr, within.prefix);
            }
            Item::Const(item) => {
                self.enter_item(&item.attrs, item.span());
                self.static_item(&item.ident, &item.ty, &item.expr, within.prefix);
            }
            Item::Struct(item) => {
                let span = self.enter_item(&item.attrs, item.span());
                let mut class = self.class(&item.ident, &item.attrs, ClassKind::Struct, (within.prefix, span));
                self.in_generics(&item.generics, |this| class.fields = this.fields(&item.fields));
                self.unit.classes.push(class);
            }
            Item::Union(item) => {
                let span = self.enter_item(&item.attrs, item.span());
                let mut class = self.class(&item.ident, &item.attrs, ClassKind::Struct, (within.prefix, span));
                self.in_generics(&item.generics, |this| {
                    class.fields = this.fields(&Fields::Named(item.fields.clone()));
                });
                self.unit.classes.push(class);
            }
            Item::Enum(item) => self.enum_item(&item, within),
            Item::Trait(item) => self.trait_item(&item, within),
            Item::Impl(item) => self.impl_item(&item),
            Item::Mod(item) => self.inline_module(item, within),
            Item::Use(item) => {
                let span = self.at(item.span());
                self.statement(span);
            }
            _ => {}
        }
    }

    /// Notes the item's span as a statement and whether it is for tests.
    fn enter_item(&mut self, attrs: &[syn::Attribute], span: proc_macro2::Span) -> Span {
        let span = self.at(span);
        self.statement(span);
        self.in_test |= attributes::is_test(attrs);
        span
    }

    pub(super) fn start_of(&self, attrs: &[syn::Attribute], vis: &Visibility, otherwise: proc_macro2::Span) -> u32 {
        let first = match (attrs.first(), vis) {
            (Some(attr), _) => attr.pound_token.span(),
            (None, Visibility::Inherited) => otherwise,
            (None, Visibility::Public(token)) => token.span,
            (None, Visibility::Restricted(vis)) => vis.pub_token.span,
        };
        self.at(first).start
    }

    fn inline_module(&mut self, item: syn::ItemMod, within: Within<'_>) {
        let Some((_, content)) = item.content else {
            let span = self.at(item.ident.span());
            self.statement(span);
            return;
        };
        self.in_test |= attributes::is_test(&item.attrs);
        let path = join(within.prefix, &ident(&item.ident));
        self.enter_module(&path);
        let (base, fixed) = (self.base, self.fixed);
        self.items(content.into_iter().map(|item| Placed { base, fixed, item }).collect(), &path);
        self.leave_module();
    }

    /// A `static` or `const` of a module or block.
    fn static_item(&mut self, item: &syn::Ident, ty: &syn::Type, value: &syn::Expr, prefix: &str) {
        let init = self.initializer(item, ty, value, prefix);
        let module = self.module_at(prefix);
        if let Some(module) = self.unit.modules.get_mut(module.index()) {
            module.statics.push((ident(item), init));
        }
    }

    fn initializer(&mut self, item: &syn::Ident, ty: &syn::Type, value: &syn::Expr, prefix: &str) -> FuncId {
        let ty = self.ty(ty);
        let name_span = self.at(item.span());
        let span = name_span.cover(self.at(spans::expr(value)));
        let head = Head {
            kind: FunctionKind::Initializer,
            name: ident(item),
            path: join(prefix, &ident(item)),
            span,
            name_span,
        };
        self.begin(head, Edge::Function);
        self.body.function.returns = Some(ty);
        self.returned_value(value);
        self.end_function()
    }

    fn type_alias(&mut self, item: &syn::ItemType, is_module: bool) {
        self.scopes.push(super::names::Scope::new(Edge::Open, self.outer.len()));
        self.declare_generics(&item.generics);
        let params: Vec<Name> = item.generics.type_params().map(|param| ident(&param.ident)).collect();
        // Parameters must stay visible in the alias, whatever their bounds.
        if let Some(scope) = self.scopes.last_mut() {
            scope.types.extend(params.iter().map(|&param| (param, TypeRef::plain(param))));
        }
        let ty = self.ty(&item.ty);
        self.scopes.pop();
        let bound = ident(&item.ident);
        let module = self.module_id();
        if is_module && let Some(module) = self.unit.modules.get_mut(module.index()) {
            module.uses.push((bound, ty.path));
        }
        if let Some(scope) = self.scopes.last_mut() {
            scope.aliases.insert(bound, Alias { params, ty });
        }
    }

    /// Runs `inside` with type parameters in scope.
    fn in_generics(&mut self, generics: &syn::Generics, inside: impl FnOnce(&mut Self)) {
        self.push_scope();
        self.declare_generics(generics);
        inside(self);
        self.pop_scope();
    }

    fn class(&mut self, item: &syn::Ident, attrs: &[syn::Attribute], kind: ClassKind, at: (&str, Span)) -> Class {
        let (prefix, span) = at;
        let item = ident(item);
        Class {
            name: item,
            path: join(prefix, &item),
            kind,
            module: self.module_id(),
            bases: Vec::new(),
            fields: Vec::new(),
            variants: Vec::new(),
            methods: Vec::new(),
            body: None,
            attributes: self.attributes(attrs),
            span,
            file: self.file,
        }
    }

    fn fields(&mut self, fields: &Fields) -> Vec<Field> {
        fields
            .iter()
            .enumerate()
            .map(|(at, field)| Field {
                name: field.ident.as_ref().map_or_else(|| name(&at.to_string()), ident),
                ty: Some(self.ty(&field.ty)),
                attributes: self.attributes(&field.attrs),
                span: self.at(field.span()),
            })
            .collect()
    }

    fn enum_item(&mut self, item: &syn::ItemEnum, within: Within<'_>) {
        let span = self.enter_item(&item.attrs, item.span());
        let mut class = self.class(&item.ident, &item.attrs, ClassKind::Enum, (within.prefix, span));
        self.in_generics(&item.generics, |this| {
            for variant in &item.variants {
                class.variants.push(Variant {
                    name: ident(&variant.ident),
                    fields: this.fields(&variant.fields),
                    attributes: this.attributes(&variant.attrs),
                    span: this.at(variant.span()),
                });
            }
        });
        self.unit.classes.push(class);
    }

    fn trait_item(&mut self, item: &syn::ItemTrait, within: Within<'_>) {
        self.in_test |= attributes::is_test(&item.attrs);
        let span = self.at(spans::between(item.trait_token.span, item.brace_token.span.close()));
        let head = self.at(spans::between(item.trait_token.span, item.ident.span()));
        self.statement(head);
        let mut class = self.class(&item.ident, &item.attrs, ClassKind::Trait, (within.prefix, span));
        let path = class.path;
        let mut consts = Vec::new();
        self.self_types.push(TypeRef::plain(path));
        self.in_generics(&item.generics, |this| {
            class.bases = item
                .supertraits
                .iter()
                .filter(|bound| matches!(bound, syn::TypeParamBound::Trait(_)))
                .map(|bound| this.bounds(std::iter::once(bound)).path)
                .collect();
            for member in &item.items {
                match member {
                    TraitItem::Fn(method) => {
                        let Some(block) = &method.default else { continue };
                        let function = FunctionItem {
                            attrs: &method.attrs,
                            is_public: true,
                            start: this.start_of(
                                &method.attrs,
                                &Visibility::Inherited,
                                super::functions::signature_start(&method.sig),
                            ),
                            sig: &method.sig,
                        };
                        let id = this.function(&function, block, &path);
                        class.methods.push((ident(&method.sig.ident), id));
                    }
                    TraitItem::Const(constant) => {
                        let Some((_, value)) = &constant.default else { continue };
                        let init = this.initializer(&constant.ident, &constant.ty, value, &path);
                        consts.push((ident(&constant.ident), init));
                    }
                    _ => {}
                }
            }
        });
        self.self_types.pop();
        let own = Some(ClassId(self.unit.classes.len() as u32));
        for (_, method) in class.methods.clone() {
            self.set_owner(method, own);
        }
        self.unit.classes.push(class);
        if !consts.is_empty() {
            self.unit.impls.push(ImplOf { ty: TypeRef::plain(path), of: None, methods: Vec::new(), consts, span });
        }
    }

    fn impl_item(&mut self, item: &syn::ItemImpl) {
        self.in_test |= attributes::is_test(&item.attrs);
        let span = self.at(spans::between(item.impl_token.span, item.brace_token.span.close()));
        let head = Span::new(span.start, self.at(item.brace_token.span.open()).start);
        self.statement(head);
        self.push_scope();
        self.declare_generics(&item.generics);
        let ty = self.ty(&item.self_ty);
        self.self_types.push(ty.clone());
        let mut associated = HashMap::new();
        for member in &item.items {
            if let ImplItem::Type(alias) = member {
                associated.insert(ident(&alias.ident), self.ty(&alias.ty));
            }
        }
        self.associated_types.push(associated);
        let of = item.trait_.as_ref().map(|(path, _)| self.path_type(path));
        let mut block = ImplOf { ty: ty.clone(), of, methods: Vec::new(), consts: Vec::new(), span };
        let owner = self.unit.classes.iter().position(|class| class.path == ty.path).map(|at| ClassId(at as u32));
        for member in &item.items {
            match member {
                ImplItem::Fn(method) => {
                    let function = FunctionItem {
                        attrs: &method.attrs,
                        is_public: block.of.is_some() || !matches!(method.vis, Visibility::Inherited),
                        start: self.start_of(
                            &method.attrs,
                            &method.vis,
                            super::functions::signature_start(&method.sig),
                        ),
                        sig: &method.sig,
                    };
                    let id = self.function(&function, &method.block, &ty.path);
                    self.set_owner(id, owner);
                    block.methods.push((ident(&method.sig.ident), id));
                }
                ImplItem::Const(constant) => {
                    let init = self.initializer(&constant.ident, &constant.ty, &constant.expr, &ty.path);
                    block.consts.push((ident(&constant.ident), init));
                }
                _ => {}
            }
        }
        self.associated_types.pop();
        self.self_types.pop();
        self.pop_scope();
        self.unit.impls.push(block);
    }
}
