//! Attributes: framework macros, derives, `serde` options, and what is compiled for tests only.

use proc_macro2::TokenTree;
use syn::parse::{ParseStream, Parser as _};
use syn::spanned::Spanned as _;
use syn::{Expr, Lit, Meta, Token};

use super::lowering::Lowering;
use super::names::{ident, join};
use crate::program::{Attribute, AttributeArg, Name, name};

/// Attributes of the language: they keep their name.
const BUILTIN: [&str; 16] = [
    "allow",
    "automatically_derived",
    "cfg",
    "cfg_attr",
    "cold",
    "default",
    "deny",
    "deprecated",
    "expect",
    "global_allocator",
    "inline",
    "must_use",
    "non_exhaustive",
    "repr",
    "test",
    "warn",
];

/// Whether the attributes say that the item is compiled for tests only.
pub(super) fn is_test(attrs: &[syn::Attribute]) -> bool {
    attrs.iter().any(|attr| match &attr.meta {
        Meta::List(list) if list.path.is_ident("cfg") => mentions_test(list.tokens.clone(), true),
        meta => meta.path().segments.last().is_some_and(|segment| {
            matches!(segment.ident.to_string().as_str(), "test" | "bench" | "rstest" | "test_case")
        }),
    })
}

/// `test` in a `cfg` predicate, under an even number of `not`s.
fn mentions_test(tokens: proc_macro2::TokenStream, positive: bool) -> bool {
    let mut negated = false;
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => {
            negated = word == "not";
            positive && word == "test"
        }
        TokenTree::Group(group) => mentions_test(group.stream(), positive != negated),
        _ => false,
    })
}

impl Lowering<'_> {
    /// The attributes with resolved paths; `derive(X)` becomes `derive.X`, doc comments are left out.
    pub(super) fn attributes(&self, attrs: &[syn::Attribute]) -> Vec<Attribute> {
        self.resolved(attrs, false)
    }

    /// Those of a function: an attribute that nothing names may be a macro of a glob import or `#[macro_use]`; on
    /// types it is more likely a derive's helper (`serde`).
    pub(super) fn function_attributes(&self, attrs: &[syn::Attribute]) -> Vec<Attribute> {
        self.resolved(attrs, true)
    }

    fn resolved(&self, attrs: &[syn::Attribute], on_function: bool) -> Vec<Attribute> {
        let mut found = Vec::new();
        for attr in attrs {
            let path = attr.path();
            if path.is_ident("doc") {
                continue;
            }
            let span = self.at(super::spans::between(attr.pound_token.span(), attr.bracket_token.span.close()));
            if path.is_ident("derive") {
                for derived in derives(attr) {
                    found.push(Attribute { path: join("derive", &derived), args: Vec::new(), span });
                }
                continue;
            }
            found.push(Attribute { path: self.attribute_path(path, on_function), args: arguments(&attr.meta), span });
        }
        found
    }

    fn attribute_path(&self, path: &syn::Path, on_function: bool) -> Name {
        let Some(only) = path.get_ident() else { return self.path(path) };
        let only = ident(only);
        if BUILTIN.contains(&only.as_str()) {
            return only;
        }
        if let Some(path) = self.prefix_in_scope(only) {
            return path;
        }
        if !on_function {
            return only;
        }
        let imported = self.macro_crate_item(&only).or_else(|| self.known_glob(&only));
        imported.unwrap_or_else(|| self.foreign_glob().map_or(only, |glob| join(&glob, &only)))
    }
}

fn derives(attr: &syn::Attribute) -> Vec<Name> {
    let paths =
        attr.parse_args_with(|input: ParseStream| input.parse_terminated(syn::Path::parse_mod_style, Token![,]));
    paths.map_or_else(
        |_| Vec::new(),
        |paths| paths.iter().filter_map(|path| path.segments.last().map(|segment| ident(&segment.ident))).collect(),
    )
}

fn arguments(meta: &Meta) -> Vec<AttributeArg> {
    let mut out = Vec::new();
    match meta {
        Meta::Path(_) => {}
        Meta::NameValue(pair) => {
            if let Some(value) = constant(&pair.value) {
                out.push(AttributeArg { key: None, value });
            }
        }
        Meta::List(list) => arguments_of(list.tokens.clone(), &mut out),
    }
    out
}

/// Arguments are read one by one, so that one that is not understood costs only itself.
fn arguments_of(tokens: proc_macro2::TokenStream, out: &mut Vec<AttributeArg>) {
    let mut part = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Punct(comma) if comma.as_char() == ',' => argument(std::mem::take(&mut part), out),
            other => part.push(other),
        }
    }
    argument(part, out);
}

fn argument(part: Vec<TokenTree>, out: &mut Vec<AttributeArg>) {
    if let [TokenTree::Ident(_), TokenTree::Group(group)] = part.as_slice() {
        arguments_of(group.stream(), out);
        return;
    }
    if let [TokenTree::Ident(flag)] = part.as_slice() {
        out.push(AttributeArg { key: Some(ident(flag)), value: name("") });
        return;
    }
    let parse = |input: ParseStream| {
        let key = if input.peek(syn::Ident) && input.peek2(Token![=]) {
            let key: syn::Ident = input.parse()?;
            input.parse::<Token![=]>()?;
            Some(ident(&key))
        } else {
            None
        };
        let value: Expr = input.parse()?;
        Ok((key, value))
    };
    if let Ok((key, value)) = parse.parse2(part.into_iter().collect())
        && let Some(value) = constant(&value)
    {
        out.push(AttributeArg { key, value });
    }
}

fn constant(value: &Expr) -> Option<Name> {
    match value {
        Expr::Lit(lit) => Some(match &lit.lit {
            Lit::Str(text) => name(&text.value()),
            Lit::Char(c) => name(&c.value().to_string()),
            Lit::Int(number) => name(number.base10_digits()),
            Lit::Float(number) => name(number.base10_digits()),
            Lit::Bool(truth) => name(if truth.value { "true" } else { "false" }),
            _ => return None,
        }),
        Expr::Path(path) => path.path.segments.last().map(|segment| ident(&segment.ident)),
        Expr::Group(inner) => constant(&inner.expr),
        _ => None,
    }
}
