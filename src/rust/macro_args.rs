//! The arguments of a macro call, read from its tokens.

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Expr, Ident, LitStr, Token};

use super::names::ident;
use crate::program::{Name, name};

/// One argument.
pub(super) enum MacroArg {
    /// `expr`.
    Positional(Expr),
    /// `name: expr`, `name = expr`.
    Keyword(Name, Expr),
    /// `key => value`.
    Pair(Box<(Expr, Expr)>),
}

/// The arguments of a macro that can be read; the others are left out.
pub(super) fn parse(tokens: &TokenStream) -> Vec<MacroArg> {
    let all = |input: ParseStream| {
        let mut args = Vec::new();
        while !input.is_empty() {
            args.extend(one(input)?);
            if !input.is_empty() {
                separator(input)?;
            }
        }
        Ok(args)
    };
    all.parse2(tokens.clone()).unwrap_or_else(|_| one_by_one(tokens))
}

fn separator(input: ParseStream) -> syn::Result<()> {
    if input.peek(Token![;]) { input.parse::<Token![;]>().map(|_| ()) } else { input.parse::<Token![,]>().map(|_| ()) }
}

/// Reads what stands between top-level commas, each on its own.
fn one_by_one(tokens: &TokenStream) -> Vec<MacroArg> {
    let whole = |input: ParseStream| {
        let arg = one(input)?;
        if input.is_empty() { Ok(arg) } else { Err(input.error("more")) }
    };
    split(tokens).into_iter().filter_map(|part| whole.parse2(part).ok().flatten()).collect()
}

/// The parts between top-level commas and semicolons.
pub(super) fn split(tokens: &TokenStream) -> Vec<TokenStream> {
    let mut parts = Vec::new();
    let mut part: Vec<TokenTree> = Vec::new();
    for token in tokens.clone() {
        match token {
            TokenTree::Punct(punct) if matches!(punct.as_char(), ',' | ';') => {
                parts.push(part.drain(..).collect());
            }
            other => part.push(other),
        }
    }
    if !part.is_empty() {
        parts.push(part.into_iter().collect());
    }
    parts
}

fn one(input: ParseStream) -> syn::Result<Option<MacroArg>> {
    if let Some(key) = keyword(input)? {
        sigil(input)?;
        return Ok(Some(MacroArg::Keyword(key, input.parse()?)));
    }
    if input.peek(Token![..]) && input.peek2(Token![,]) {
        input.parse::<Token![..]>()?;
        return Ok(None);
    }
    sigil(input)?;
    let value: Expr = input.parse()?;
    if input.peek(Token![=>]) {
        input.parse::<Token![=>]>()?;
        return Ok(Some(MacroArg::Pair(Box::new((value, input.parse()?)))));
    }
    Ok(Some(MacroArg::Positional(value)))
}

/// `%value` and `?value` of `tracing`.
fn sigil(input: ParseStream) -> syn::Result<()> {
    if input.peek(Token![%]) {
        input.parse::<Token![%]>()?;
    } else if input.peek(Token![?]) {
        input.parse::<Token![?]>()?;
    }
    Ok(())
}

/// `name:`, `name =`, `a.b =`, `"name" =`.
fn keyword(input: ParseStream) -> syn::Result<Option<Name>> {
    let ahead = input.fork();
    let key = if ahead.peek(LitStr) {
        name(&ahead.parse::<LitStr>()?.value())
    } else if ahead.peek(Ident::peek_any) {
        let mut key = ident(&ahead.call(Ident::parse_any)?).to_string();
        while ahead.peek(Token![.]) && ahead.peek2(Ident::peek_any) {
            ahead.parse::<Token![.]>()?;
            key = format!("{key}.{}", ident(&ahead.call(Ident::parse_any)?));
        }
        name(&key)
    } else {
        return Ok(None);
    };
    let assigns = ahead.peek(Token![=]) && !ahead.peek(Token![==]) && !ahead.peek(Token![=>]);
    let declares = ahead.peek(Token![:]) && !ahead.peek(Token![::]) && !key.contains('.');
    if !assigns && !declares {
        return Ok(None);
    }
    use syn::parse::discouraged::Speculative as _;
    input.advance_to(&ahead);
    if assigns {
        input.parse::<Token![=]>()?;
    } else {
        input.parse::<Token![:]>()?;
    }
    Ok(Some(key))
}
