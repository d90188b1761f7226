//! The project's own `macro_rules!`: reading rules, matching calls, writing out their expansion.

use std::collections::HashMap;
use std::rc::Rc;

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::discouraged::Speculative as _;
use syn::parse::{ParseStream, Parser as _};

use crate::program::{Name, name};

/// The rules of one macro.
#[derive(Clone)]
pub(super) struct Rules {
    arms: Vec<(Vec<Matcher>, TokenStream)>,
}

/// A part of a rule's pattern.
#[derive(Clone)]
enum Matcher {
    /// `$name:kind`.
    Fragment(Name, String),
    /// `$( … ) separator op`.
    Repeat { inner: Vec<Matcher>, separator: Option<String>, op: char },
    /// A group that must be there.
    Group(Delimiter, Vec<Matcher>),
    /// A token that must be there.
    Token(String),
}

/// What the fragments of a rule matched.
#[derive(Clone)]
enum Bound {
    One(TokenStream),
    Many(Rc<Vec<Bindings>>),
}

type Bindings = HashMap<Name, Bound>;

/// Expansions stop growing here.
const MAX_TOKENS: usize = 20_000;

impl Rules {
    /// Reads the inside of `macro_rules! name { … }`.
    pub(super) fn parse(tokens: &TokenStream) -> Self {
        let mut arms = Vec::new();
        let mut trees = tokens.clone().into_iter();
        while let Some(tree) = trees.next() {
            let TokenTree::Group(pattern) = tree else { continue };
            let body = trees.find_map(|tree| match tree {
                TokenTree::Group(body) => Some(body.stream()),
                _ => None,
            });
            if let Some(body) = body {
                arms.push((matchers(pattern.stream()), body));
            }
        }
        Self { arms }
    }

    /// What a call expands to, if a rule fits.
    /// `$crate` is the crate called `home`, or else the calling one.
    pub(super) fn expand(&self, call: &TokenStream, home: Option<&str>) -> Option<TokenStream> {
        self.arms.iter().find_map(|(pattern, body)| {
            let matched = |input: ParseStream| {
                let mut bindings = Bindings::new();
                matches(pattern, input, &mut bindings)?;
                if let Some(home) = home.and_then(|home| format!("::{home}").parse().ok()) {
                    bindings.insert(name("crate"), Bound::One(home));
                }
                if input.is_empty() { Ok(bindings) } else { Err(input.error("more")) }
            };
            let bindings = matched.parse2(call.clone()).ok()?;
            let mut budget = MAX_TOKENS;
            transcribe(body.clone(), &bindings, &mut budget)
        })
    }
}

fn matchers(tokens: TokenStream) -> Vec<Matcher> {
    let mut out = Vec::new();
    let mut trees = tokens.into_iter().peekable();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Punct(dollar) if dollar.as_char() == '$' => match trees.next() {
                Some(TokenTree::Group(group)) => {
                    let (separator, op) = repetition(&mut trees);
                    out.push(Matcher::Repeat { inner: matchers(group.stream()), separator, op });
                }
                Some(TokenTree::Ident(bound)) => {
                    trees.next_if(|tree| matches!(tree, TokenTree::Punct(colon) if colon.as_char() == ':'));
                    let kind = trees.next().map(|kind| kind.to_string()).unwrap_or_default();
                    out.push(Matcher::Fragment(name(&bound.to_string()), kind));
                }
                _ => {}
            },
            TokenTree::Group(group) => out.push(Matcher::Group(group.delimiter(), matchers(group.stream()))),
            other => out.push(Matcher::Token(other.to_string())),
        }
    }
    out
}

/// The separator and operator behind `$( … )`.
fn repetition(trees: &mut std::iter::Peekable<proc_macro2::token_stream::IntoIter>) -> (Option<String>, char) {
    let mut separator = String::new();
    for tree in trees.by_ref() {
        match &tree {
            TokenTree::Punct(op) if matches!(op.as_char(), '*' | '+' | '?') => {
                return ((!separator.is_empty()).then_some(separator), op.as_char());
            }
            other => separator.push_str(&other.to_string()),
        }
    }
    (None, '*')
}

fn matches(pattern: &[Matcher], input: ParseStream, bindings: &mut Bindings) -> syn::Result<()> {
    for matcher in pattern {
        match matcher {
            Matcher::Fragment(bound, kind) => {
                bindings.insert(*bound, Bound::One(fragment(kind, input)?));
            }
            Matcher::Token(wanted) => token(wanted, input)?,
            Matcher::Group(delimiter, inner) => {
                let group: Group = input.parse()?;
                if group.delimiter() != *delimiter {
                    return Err(input.error("other delimiter"));
                }
                let inside = |input: ParseStream| {
                    let mut found = Bindings::new();
                    matches(inner, input, &mut found)?;
                    if input.is_empty() { Ok(found) } else { Err(input.error("more")) }
                };
                bindings.extend(inside.parse2(group.stream())?);
            }
            Matcher::Repeat { inner, separator, op } => {
                repeat(inner, separator.as_deref(), *op, (input, bindings))?;
            }
        }
    }
    Ok(())
}

fn repeat(inner: &[Matcher], separator: Option<&str>, op: char, into: (ParseStream, &mut Bindings)) -> syn::Result<()> {
    let (input, bindings) = into;
    let mut rounds = Vec::new();
    while !(input.is_empty() || op == '?' && rounds.len() == 1) {
        let ahead = input.fork();
        if !rounds.is_empty()
            && let Some(separator) = separator
            && separator_at(separator, &ahead).is_err()
        {
            break;
        }
        let mut round = Bindings::new();
        if matches(inner, &ahead, &mut round).is_err() {
            break;
        }
        let same = ahead.cursor() == input.cursor();
        input.advance_to(&ahead);
        rounds.push(round);
        if same {
            break;
        }
    }
    if op == '+' && rounds.is_empty() {
        return Err(input.error("nothing to repeat"));
    }
    let rounds = Rc::new(rounds);
    for bound in names(inner) {
        bindings.insert(bound, Bound::Many(Rc::clone(&rounds)));
    }
    Ok(())
}

/// The fragments that a pattern binds.
fn names(pattern: &[Matcher]) -> Vec<Name> {
    pattern
        .iter()
        .flat_map(|matcher| match matcher {
            Matcher::Fragment(bound, _) => vec![*bound],
            Matcher::Repeat { inner, .. } | Matcher::Group(_, inner) => names(inner),
            Matcher::Token(_) => Vec::new(),
        })
        .collect()
}

fn token(wanted: &str, input: ParseStream) -> syn::Result<()> {
    let found: TokenTree = input.parse()?;
    if found.to_string() == wanted { Ok(()) } else { Err(input.error("other token")) }
}

/// A separator may be of several punctuation tokens (`=>`).
fn separator_at(wanted: &str, input: ParseStream) -> syn::Result<()> {
    let mut found = String::new();
    while found.len() < wanted.len() {
        found.push_str(&input.parse::<TokenTree>()?.to_string());
    }
    if found == wanted { Ok(()) } else { Err(input.error("other separator")) }
}

fn fragment(kind: &str, input: ParseStream) -> syn::Result<TokenStream> {
    Ok(match kind {
        "expr" | "expr_2021" => grouped(input.parse::<syn::Expr>()?.into_token_stream()),
        "ident" => input.call(<Ident as syn::ext::IdentExt>::parse_any)?.into_token_stream(),
        "literal" => input.parse::<syn::Lit>()?.into_token_stream(),
        "ty" => input.parse::<syn::Type>()?.into_token_stream(),
        "path" => input.parse::<syn::Path>()?.into_token_stream(),
        "pat" => grouped(syn::Pat::parse_multi_with_leading_vert(input)?.into_token_stream()),
        "pat_param" => syn::Pat::parse_single(input)?.into_token_stream(),
        "block" => input.parse::<syn::Block>()?.into_token_stream(),
        "stmt" => input.parse::<syn::Stmt>()?.into_token_stream(),
        "item" => input.parse::<syn::Item>()?.into_token_stream(),
        "vis" => input.parse::<syn::Visibility>()?.into_token_stream(),
        "meta" => input.parse::<syn::Meta>()?.into_token_stream(),
        "lifetime" => input.parse::<syn::Lifetime>()?.into_token_stream(),
        _ => input.parse::<TokenTree>()?.into_token_stream(),
    })
}

/// Keeps an expression together without visible parentheses.
fn grouped(tokens: TokenStream) -> TokenStream {
    if tokens.clone().into_iter().nth(1).is_none() {
        return tokens;
    }
    TokenTree::Group(Group::new(Delimiter::None, tokens)).into()
}

/// The body of a rule with its fragments filled in; `None` where it grows without bound.
fn transcribe(body: TokenStream, bindings: &Bindings, budget: &mut usize) -> Option<TokenStream> {
    let mut out: Vec<TokenTree> = Vec::new();
    let mut trees = body.into_iter().peekable();
    while let Some(tree) = trees.next() {
        *budget = budget.checked_sub(1)?;
        match tree {
            TokenTree::Punct(dollar) if dollar.as_char() == '$' => match trees.next() {
                Some(TokenTree::Ident(bound)) => match bindings.get(&name(&bound.to_string())) {
                    Some(Bound::One(tokens)) => out.extend(tokens.clone()),
                    _ => out.push(TokenTree::Ident(bound)),
                },
                Some(TokenTree::Group(group)) => {
                    let (separator, _) = repetition(&mut trees);
                    rounds(&group.stream(), separator.as_deref(), bindings, (&mut out, budget))?;
                }
                _ => {}
            },
            TokenTree::Group(group) => {
                let inside = transcribe(group.stream(), bindings, budget)?;
                let mut copy = Group::new(group.delimiter(), inside);
                copy.set_span(group.span());
                out.push(TokenTree::Group(copy));
            }
            other => out.push(other),
        }
    }
    Some(out.into_iter().collect())
}

/// One copy of a repetition for each round of the fragments that it names.
fn rounds(
    inner: &TokenStream,
    separator: Option<&str>,
    bindings: &Bindings,
    into: (&mut Vec<TokenTree>, &mut usize),
) -> Option<()> {
    let (out, budget) = into;
    let mut used = Vec::new();
    idents(inner.clone(), &mut used);
    let many: Vec<&Rc<Vec<Bindings>>> = used
        .iter()
        .filter_map(|bound| match bindings.get(bound) {
            Some(Bound::Many(rounds)) => Some(rounds),
            _ => None,
        })
        .collect();
    let count = many.iter().map(|rounds| rounds.len()).max().unwrap_or(0);
    let separator: Option<TokenStream> = separator.and_then(|separator| separator.parse().ok());
    for at in 0..count {
        if at > 0
            && let Some(separator) = &separator
        {
            out.extend(separator.clone());
        }
        let mut round = bindings.clone();
        for rounds in &many {
            if let Some(found) = rounds.get(at) {
                round.extend(found.iter().map(|(bound, value)| (*bound, value.clone())));
            }
        }
        out.extend(transcribe(inner.clone(), &round, budget)?);
    }
    Some(())
}

fn idents(tokens: TokenStream, out: &mut Vec<Name>) {
    for tree in tokens {
        match tree {
            TokenTree::Ident(found) => out.push(name(&found.to_string())),
            TokenTree::Group(group) => idents(group.stream(), out),
            _ => {}
        }
    }
}
