//! Patterns: tests that branch away when they fail, and parts that are bound to variables.

use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Expr, Pat, Token};

use super::expressions::{constant, member};
use super::lowering::Lowering;
use super::names::{ident, is_screaming, last};
use crate::program::{BlockId, Name, OpKind, Part, Place, Reg, Terminator, Test, name};
use crate::source::Span;

impl Lowering<'_> {
    /// Whether an identifier in a pattern is a new variable, not a constant or unit variant.
    pub(super) fn is_binding(&self, pat: &syn::PatIdent) -> bool {
        if pat.by_ref.is_some() || pat.mutability.is_some() || pat.subpat.is_some() {
            return true;
        }
        let item = ident(&pat.ident);
        if !item.starts_with(char::is_uppercase) {
            return true;
        }
        item.as_str() != "None" && self.in_scope(item).is_none() && !is_screaming(&item) && !self.has_globs()
    }

    /// Makes the variables of a pattern and brings them into the innermost scope.
    pub(super) fn declare_pattern(&mut self, pat: &Pat) {
        match pat {
            Pat::Ident(binding) => {
                if self.is_binding(binding) {
                    let variable = ident(&binding.ident);
                    self.bind(variable, None);
                }
                if let Some((_, inner)) = &binding.subpat {
                    self.declare_pattern(inner);
                }
            }
            Pat::Type(typed) => {
                self.declare_pattern(&typed.pat);
                if let Pat::Ident(binding) = &*typed.pat {
                    let ty = self.ty(&typed.ty);
                    let reg = self.scopes.last().and_then(|scope| scope.locals.get(&ident(&binding.ident)).copied());
                    if let Some(info) = reg.and_then(|reg| self.body.info(reg)) {
                        info.ty = Some(ty);
                    }
                }
            }
            Pat::Guard(inner) => self.declare_pattern(&inner.pat),
            Pat::Paren(inner) => self.declare_pattern(&inner.pat),
            Pat::Reference(inner) => self.declare_pattern(&inner.pat),
            // All alternatives bind the same names.
            Pat::Or(inner) => inner.cases.first().into_iter().for_each(|case| self.declare_pattern(case)),
            Pat::Slice(inner) => inner.elems.iter().for_each(|elem| self.declare_pattern(elem)),
            Pat::Tuple(inner) => inner.elems.iter().for_each(|elem| self.declare_pattern(elem)),
            Pat::TupleStruct(inner) => inner.elems.iter().for_each(|elem| self.declare_pattern(elem)),
            Pat::Struct(inner) => inner.fields.iter().for_each(|field| self.declare_pattern(&field.pat)),
            _ => {}
        }
    }

    /// Declares and binds a pattern that always matches.
    pub(super) fn bind_irrefutable(&mut self, pat: &Pat, value: Reg) {
        let span = self.at(pat.span());
        let (fail, join) = (self.body.block(), self.body.block());
        self.declare_pattern(pat);
        let before = self.body.block_count();
        self.pattern(pat, value, fail);
        // Every test makes a block.
        if self.body.block_count() == before {
            return;
        }
        self.body.goto(join, span);
        self.body.switch(fail);
        self.body.end(Terminator::Unreachable, span);
        self.body.switch(join);
    }

    /// Matches a value: control goes on where the pattern fits, and to `fail` where it does not. The variables are
    /// declared already.
    pub(super) fn pattern(&mut self, pat: &Pat, value: Reg, fail: BlockId) {
        let span = self.at(pat.span());
        match pat {
            Pat::Ident(binding) => self.ident_pattern(binding, value, fail),
            Pat::Type(inner) => self.pattern(&inner.pat, value, fail),
            Pat::Paren(inner) => self.pattern(&inner.pat, value, fail),
            Pat::Reference(inner) => self.pattern(&inner.pat, value, fail),
            Pat::Guard(inner) => {
                self.pattern(&inner.pat, value, fail);
                let next = self.body.block();
                self.cond(&inner.guard, next, fail);
                self.body.switch(next);
            }
            Pat::Or(inner) => self.or_pattern(&inner.cases, value, fail),
            Pat::Lit(lit) => {
                let wanted = self.constant(constant(&lit.lit), span);
                self.test(value, Test::Equals(wanted), fail, span);
            }
            Pat::Range(_) => self.test(value, Test::Range, fail, span),
            Pat::Path(path) => {
                let path = self.qualified(path.qself.as_ref(), &path.path);
                self.path_pattern(path, value, fail, span);
            }
            Pat::TupleStruct(inner) => {
                let path = self.struct_path(inner.qself.as_ref(), &inner.path);
                let owner = self.variant_test(path, value, fail, span);
                self.elements(&inner.elems, value, fail, Some(owner));
            }
            Pat::Tuple(inner) => self.elements(&inner.elems, value, fail, None),
            Pat::Struct(inner) => {
                let path = self.struct_path(inner.qself.as_ref(), &inner.path);
                let owner = self.variant_test(path, value, fail, span);
                for field in &inner.fields {
                    self.part(&field.pat, (value, Part::Field(owner, member(&field.member))), fail);
                }
            }
            Pat::Slice(inner) => {
                let rests = inner.elems.iter().filter(|elem| is_rest(elem)).count();
                let len = (inner.elems.len() - rests) as u32;
                self.test(value, Test::Sequence { len, open: rests > 0 }, fail, span);
                self.elements(&inner.elems, value, fail, None);
            }
            Pat::Verbatim(tokens) => self.negative_literal(tokens, value, fail),
            Pat::Const(inner) => {
                let wanted = self.body.temp();
                self.block(&inner.block, super::control::Want::Into(wanted));
                self.test(value, Test::Equals(wanted), fail, span);
            }
            Pat::Macro(inner) => {
                let path = self.macro_path(&inner.mac.path);
                let wanted = self.path_value(path, span);
                self.test(value, Test::Equals(wanted), fail, span);
            }
            _ => {}
        }
    }

    fn negative_literal(&mut self, tokens: &proc_macro2::TokenStream, value: Reg, fail: BlockId) {
        if let Ok(literal) = syn::parse2::<Expr>(tokens.clone()) {
            let span = self.at(literal.span());
            let wanted = self.expr(&literal);
            self.test(value, Test::Equals(wanted), fail, span);
        }
    }

    fn test(&mut self, value: Reg, test: Test, fail: BlockId, span: Span) {
        let fits = self.op(OpKind::Test(value, test), span);
        let next = self.body.block();
        self.branch(fits, next, fail, span);
        self.body.switch(next);
    }

    fn ident_pattern(&mut self, binding: &syn::PatIdent, value: Reg, fail: BlockId) {
        let item = ident(&binding.ident);
        let span = self.at(binding.ident.span());
        if !self.is_binding(binding) {
            let path = self.resolve(&[item], false);
            self.path_pattern(path, value, fail, span);
            return;
        }
        // The tests come first, so that the variable has what they leave.
        if let Some((_, inner)) = &binding.subpat
            && !is_rest(inner)
        {
            self.pattern(inner, value, fail);
        }
        if let Some(reg) = self.declared(item) {
            self.body.copy(reg, value, span);
            let place = if self.body.is_variable(value) { Some(Place::Reg(value)) } else { self.body.place(value) };
            if let Some(place) = place.filter(|_| binding.mutability.is_none()) {
                self.body.set_place(reg, place);
            }
        }
    }

    /// The variable that [`Lowering::declare_pattern`] made.
    fn declared(&self, variable: Name) -> Option<Reg> {
        self.scopes.last().and_then(|scope| scope.locals.get(&variable).copied())
    }

    fn or_pattern(&mut self, cases: &Punctuated<Pat, Token![|]>, value: Reg, fail: BlockId) {
        let fits = self.body.block();
        for (at, case) in cases.iter().enumerate() {
            let span = self.at(case.span());
            let next = if at + 1 == cases.len() { fail } else { self.body.block() };
            self.pattern(case, value, next);
            self.body.goto(fits, span);
            self.body.switch(next);
        }
        self.body.switch(fits);
    }

    /// A path without fields: a unit variant, a constant, or a unit struct (which always fits).
    fn path_pattern(&mut self, path: Name, value: Reg, fail: BlockId, span: Span) {
        let item = last(&path);
        if self.is_variant(path) && (!is_screaming(item) || self.in_known_enum(path)) {
            self.test(value, Test::Variant(path), fail, span);
        } else if is_screaming(item) {
            let wanted = self.path_value(path, span);
            self.test(value, Test::Equals(wanted), fail, span);
        }
    }

    fn in_known_enum(&self, path: Name) -> bool {
        path.rsplit_once('.').is_some_and(|(owner, _)| self.enums.contains(&name(owner)))
    }

    /// Variants stand below a type (`Shape.Circle`); the prelude's stand alone.
    fn is_variant(&self, path: Name) -> bool {
        match path.rsplit_once('.') {
            None => matches!(path.as_str(), "Some" | "None" | "Ok" | "Err"),
            Some((owner, _)) => last(owner).starts_with(char::is_uppercase),
        }
    }

    /// Tests for a variant with fields; gives the path that its fields are extracted by (none for plain structs).
    fn variant_test(&mut self, path: Name, value: Reg, fail: BlockId, span: Span) -> Name {
        if !self.is_variant(path) {
            return name("");
        }
        self.test(value, Test::Variant(path), fail, span);
        path
    }

    /// The elements of a tuple or slice (no owner), or the fields of a tuple struct or variant.
    fn elements(&mut self, elems: &Punctuated<Pat, Token![,]>, value: Reg, fail: BlockId, owner: Option<Name>) {
        let mut behind = false;
        for (at, elem) in elems.iter().enumerate() {
            if is_rest(elem) {
                behind = true;
                if let Pat::Ident(binding) = elem
                    && let Some(reg) = self.declared(ident(&binding.ident))
                {
                    let span = self.at(binding.ident.span());
                    self.body.op_into(reg, OpKind::Extract(value, Part::Rest), span);
                    self.body.set_place(reg, Place::Through(value));
                }
                continue;
            }
            let from_end = at as i32 - elems.len() as i32;
            let part = match owner {
                Some(owner) if !behind => Part::Field(owner, name(&at.to_string())),
                Some(owner) => Part::Field(owner, name(&from_end.to_string())),
                None if !behind => Part::Item(at as i32),
                None => Part::Item(from_end),
            };
            self.part(elem, (value, part), fail);
        }
    }

    /// Matches a part of a value.
    fn part(&mut self, pat: &Pat, part: (Reg, Part), fail: BlockId) {
        let (value, part) = part;
        let span = self.at(pat.span());
        match pat {
            Pat::Wild(_) | Pat::Rest(_) => {}
            // `match (a, b) { (Some(x), _) => … }` is about `a` itself.
            _ if let Some(element) = self.element(value, part) => self.pattern(pat, element, fail),
            Pat::Ident(binding) if binding.subpat.is_none() && self.is_binding(binding) => {
                if let Some(reg) = self.declared(ident(&binding.ident)) {
                    self.body.op_into(reg, OpKind::Extract(value, part), span);
                    self.body.set_place(reg, Place::Through(value));
                }
            }
            _ => {
                let inner = self.op(OpKind::Extract(value, part), span);
                self.body.set_place(inner, Place::Through(value));
                self.pattern(pat, inner, fail);
            }
        }
    }
}

impl Lowering<'_> {
    /// The element of a tuple that was written down right here.
    fn element(&self, tuple: Reg, part: Part) -> Option<Reg> {
        let Part::Item(at) = part else { return None };
        let elems = self.body.tuples.get(&tuple)?;
        let at = if at < 0 { elems.len().checked_add_signed(at as isize)? } else { at as usize };
        elems.get(at).copied()
    }
}

/// `..` or `rest @ ..`.
fn is_rest(pat: &Pat) -> bool {
    match pat {
        Pat::Rest(_) => true,
        Pat::Ident(binding) => binding.subpat.as_ref().is_some_and(|(_, inner)| matches!(**inner, Pat::Rest(_))),
        _ => false,
    }
}
