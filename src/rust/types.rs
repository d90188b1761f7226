//! Types of the source as [`TypeRef`]s.

use std::collections::HashMap;

use syn::{GenericArgument, GenericParam, PathArguments, ReturnType, Type, TypeParamBound, WherePredicate};

use super::lowering::Lowering;
use super::names::ident;
use crate::program::{Name, TypeRef, name};

/// Types that nest deeper are not looked into.
const MAX_DEPTH: u32 = 24;

impl Lowering<'_> {
    /// The type, references and owning pointers stripped.
    pub(super) fn ty(&self, ty: &Type) -> TypeRef {
        if self.type_depth.get() >= MAX_DEPTH {
            return TypeRef::plain(name("_"));
        }
        self.type_depth.set(self.type_depth.get() + 1);
        let found = self.any_type(ty);
        self.type_depth.set(self.type_depth.get() - 1);
        found
    }

    fn any_type(&self, ty: &Type) -> TypeRef {
        match ty {
            Type::Array(inner) => TypeRef::generic(name("list"), vec![self.ty(&inner.elem)]),
            Type::Slice(inner) => TypeRef::generic(name("list"), vec![self.ty(&inner.elem)]),
            Type::FnPtr(inner) => {
                TypeRef::generic(name("fn"), inner.inputs.iter().map(|input| self.ty(&input.ty)).collect())
            }
            Type::Group(inner) => self.ty(&inner.elem),
            Type::Paren(inner) => self.ty(&inner.elem),
            Type::Reference(inner) => self.ty(&inner.elem),
            Type::Ptr(inner) => self.ty(&inner.elem),
            Type::ImplTrait(inner) => self.bounds(inner.bounds.iter()),
            Type::TraitObject(inner) => self.bounds(inner.bounds.iter()),
            Type::Never(_) => TypeRef::plain(name("!")),
            Type::Tuple(inner) => TypeRef::generic(name("tuple"), inner.elems.iter().map(|ty| self.ty(ty)).collect()),
            Type::Path(inner) => match &inner.qself {
                Some(_) => TypeRef::plain(self.qualified(inner.qself.as_ref(), &inner.path)),
                None => self.path_type(&inner.path),
            },
            _ => TypeRef::plain(name("_")),
        }
    }

    /// The first trait among bounds.
    pub(super) fn bounds<'b>(&self, mut bounds: impl Iterator<Item = &'b TypeParamBound>) -> TypeRef {
        bounds
            .find_map(|bound| match bound {
                TypeParamBound::Trait(bound) if bound.maybe.is_none() => Some(self.path_type(&bound.path)),
                _ => None,
            })
            .unwrap_or_else(|| TypeRef::plain(name("_")))
    }

    /// A type named by a path.
    pub(super) fn path_type(&self, path: &syn::Path) -> TypeRef {
        let args = self.path_arguments(path);
        if let Some(only) = path.get_ident_or_generic() {
            if only.as_str() == "Self"
                && let Some(ty) = self.self_types.last()
            {
                return ty.clone();
            }
            if let Some(ty) = self.scopes.iter().rev().find_map(|scope| scope.types.get(&only)) {
                return ty.clone();
            }
            if let Some(alias) = self.alias(only) {
                return substitute(&alias.ty, &alias.params.iter().copied().zip(args).collect());
            }
        }
        if let Some(ty) = self.associated(path) {
            return ty;
        }
        let path = self.path(path);
        match (path.as_str(), args.as_slice()) {
            ("std.boxed.Box" | "std.rc.Rc" | "std.sync.Arc", [inner, ..]) => inner.clone(),
            _ => TypeRef::generic(path, args),
        }
    }

    /// `Self::Error` inside the `impl` block that says what it is.
    fn associated(&self, path: &syn::Path) -> Option<TypeRef> {
        let mut parts = path.segments.iter();
        let (first, second) = (parts.next()?, parts.next()?);
        if first.ident != "Self" || parts.next().is_some() {
            return None;
        }
        self.associated_types.last()?.get(&ident(&second.ident)).cloned()
    }

    /// The type arguments of the last segment that has some.
    fn path_arguments(&self, path: &syn::Path) -> Vec<TypeRef> {
        let Some(segment) = path.segments.iter().rev().find(|segment| !segment.arguments.is_none()) else {
            return Vec::new();
        };
        match &segment.arguments {
            PathArguments::None => Vec::new(),
            PathArguments::AngleBracketed(args) => self.generic_arguments(args),
            PathArguments::Parenthesized(args) => args.inputs.iter().map(|input| self.ty(&input.ty)).collect(),
        }
    }

    /// The types among generic arguments.
    pub(super) fn generic_arguments(&self, args: &syn::AngleBracketedGenericArguments) -> Vec<TypeRef> {
        args.args
            .iter()
            .filter_map(|arg| match arg {
                GenericArgument::Type(ty) => Some(self.ty(ty)),
                GenericArgument::AssocType(assoc) => Some(self.ty(&assoc.ty)),
                _ => None,
            })
            .collect()
    }

    /// The result type of a function.
    pub(super) fn returned(&self, output: &ReturnType) -> Option<TypeRef> {
        match output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some(self.ty(ty)),
        }
    }

    /// Declares type parameters in the innermost scope: each stands for its first bound.
    pub(super) fn declare_generics(&mut self, generics: &syn::Generics) {
        for param in &generics.params {
            let GenericParam::Type(param) = param else { continue };
            let mut bound = self.bounds(param.bounds.iter());
            if bound.path.as_str() == "_" {
                bound = self.where_bound(generics, &param.ident).unwrap_or_else(|| TypeRef::plain(ident(&param.ident)));
            }
            if let Some(scope) = self.scopes.last_mut() {
                scope.types.insert(ident(&param.ident), bound);
            }
        }
    }

    fn where_bound(&self, generics: &syn::Generics, param: &syn::Ident) -> Option<TypeRef> {
        generics.where_clause.as_ref()?.predicates.iter().find_map(|predicate| match predicate {
            WherePredicate::Type(predicate) => match &predicate.bounded_ty {
                Type::Path(ty) if ty.path.is_ident(param) => Some(self.bounds(predicate.bounds.iter())),
                _ => None,
            },
            _ => None,
        })
    }
}

trait SingleSegment {
    fn get_ident_or_generic(&self) -> Option<Name>;
}

impl SingleSegment for syn::Path {
    /// The only segment's name, whether or not it has generic arguments.
    fn get_ident_or_generic(&self) -> Option<Name> {
        match (self.leading_colon, self.segments.len()) {
            (None, 1) => self.segments.first().map(|segment| ident(&segment.ident)),
            _ => None,
        }
    }
}

/// Replaces type parameters of an alias.
fn substitute(ty: &TypeRef, with: &HashMap<Name, TypeRef>) -> TypeRef {
    if let Some(known) = with.get(&ty.path) {
        return known.clone();
    }
    TypeRef::generic(ty.path, ty.args.iter().map(|arg| substitute(arg, with)).collect())
}
