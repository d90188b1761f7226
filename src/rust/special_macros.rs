//! Macros that are control flow or data: `select!`, `join!`, `bail!`, `ensure!`, `json!`.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser as _};
use syn::{Expr, Macro, Pat, Token};

use super::control::Want;
use super::lowering::Lowering;
use super::macro_args::{self, MacroArg};
use super::spans;
use crate::program::{CollectionKind, Const, Item, Name, OpKind, Reg, Terminator, name};
use crate::source::Span;

/// An arm of `select!`: `pattern = future, if guard => body`; no pattern for `else`.
struct SelectArm {
    future: Option<(Pat, Expr, Option<Expr>)>,
    body: Expr,
}

impl Lowering<'_> {
    /// `bail!(…)`: returns an error made from the message.
    pub(super) fn bail(&mut self, mac: &Macro, path: Name, span: Span) -> Reg {
        let args = macro_args::parse(&mac.tokens);
        self.return_error(args, path, span);
        self.unit_value(span)
    }

    /// `ensure!(cond, …)`.
    pub(super) fn ensure(&mut self, mac: &Macro, path: Name, span: Span) -> Reg {
        let mut args = macro_args::parse(&mac.tokens);
        if !matches!(args.first(), Some(MacroArg::Positional(_))) {
            return self.unit_value(span);
        }
        let MacroArg::Positional(cond) = args.remove(0) else { return self.unit_value(span) };
        let (good, bad) = (self.body.block(), self.body.block());
        self.cond(&cond, good, bad);
        self.body.switch(bad);
        self.return_error(args, path, span);
        self.body.switch(good);
        self.unit_value(span)
    }

    fn return_error(&mut self, args: Vec<MacroArg>, path: Name, span: Span) {
        let args = self.message(args);
        let error = self.macro_call(path, args, span);
        let value = self.wrap("Err", error, span);
        self.body.end(Terminator::Return(value), span);
    }

    /// `join!` and `try_join!`: awaits all in order.
    pub(super) fn join(&mut self, mac: &Macro, tries: bool, span: Span) -> Reg {
        let args = macro_args::parse(&mac.tokens);
        let futures = self.arguments(args);
        let items = futures
            .into_iter()
            .map(|future| {
                let value = self.op(OpKind::Await(future.reg), future.span);
                Item::Value(if tries { self.op(OpKind::Unwrap(value), future.span) } else { value })
            })
            .collect();
        let all = self.op(OpKind::Collection(CollectionKind::Tuple, items), span);
        if tries { self.wrap("Ok", all, span) } else { all }
    }

    /// `select!`: each arm is possible.
    pub(super) fn select(&mut self, mac: &Macro, path: Name, span: Span) -> Reg {
        let Ok(arms) = select_arms.parse2(mac.tokens.clone()) else {
            return self.macro_call(path, Vec::new(), span);
        };
        let result = self.body.temp();
        let join = self.body.block();
        let last = arms.len().saturating_sub(1);
        for (at, arm) in arms.into_iter().enumerate() {
            let (here, next) = (self.body.block(), self.body.block());
            if at == last {
                self.body.goto(here, span);
            } else {
                // Which arm runs is decided by the world outside.
                let ready = self.macro_call(path, Vec::new(), span);
                self.branch(ready, here, next, span);
            }
            self.body.switch(here);
            self.push_scope();
            if let Some((pat, future, guard)) = &arm.future {
                if let Some(guard) = guard {
                    self.expr(guard);
                }
                let future_span = self.at(spans::expr(future));
                let future = self.expr(future);
                let value = self.op(OpKind::Await(future), future_span);
                self.declare_pattern(pat);
                self.pattern(pat, value, next);
            }
            self.flow(&arm.body, Want::Into(result));
            self.pop_scope();
            self.body.goto(join, span);
            self.body.switch(next);
        }
        self.body.goto(join, span);
        self.body.switch(join);
        result
    }

    /// `json!(…)`: dicts and lists as far as they can be read.
    pub(super) fn json(&mut self, tokens: &TokenStream, span: Span) -> Reg {
        let mut trees = tokens.clone().into_iter();
        if let (Some(TokenTree::Group(group)), None) = (trees.next(), trees.next()) {
            match group.delimiter() {
                Delimiter::Brace => return self.json_dict(&group.stream(), span),
                Delimiter::Bracket => {
                    let items = macro_args::split(&group.stream())
                        .iter()
                        .map(|part| Item::Value(self.json(part, span)))
                        .collect();
                    return self.op(OpKind::Collection(CollectionKind::List, items), span);
                }
                _ => {}
            }
        }
        match syn::parse2::<Expr>(tokens.clone()) {
            Ok(Expr::Path(path)) if path.path.is_ident("null") => self.constant(Const::None, span),
            Ok(value) => self.expr(&value),
            Err(_) => self.constant(Const::None, span),
        }
    }

    fn json_dict(&mut self, tokens: &TokenStream, span: Span) -> Reg {
        let mut items = Vec::new();
        for part in macro_args::split(tokens) {
            let mut key: Vec<TokenTree> = Vec::new();
            let mut value: Vec<TokenTree> = Vec::new();
            let mut in_value = false;
            let mut trees = part.into_iter().peekable();
            while let Some(tree) = trees.next() {
                match &tree {
                    TokenTree::Punct(colon) if !in_value && colon.as_char() == ':' => {
                        if matches!(trees.peek(), Some(TokenTree::Punct(next)) if next.as_char() == ':') {
                            key.push(tree);
                            key.extend(trees.next());
                        } else {
                            in_value = true;
                        }
                    }
                    _ if in_value => value.push(tree),
                    _ => key.push(tree),
                }
            }
            let key = match syn::parse2::<Expr>(key.into_iter().collect()) {
                Ok(key) => self.expr(&key),
                Err(_) => self.constant(Const::Str(name("")), span),
            };
            let value = self.json(&value.into_iter().collect(), span);
            items.push(Item::Entry(key, value));
        }
        self.op(OpKind::Collection(CollectionKind::Dict, items), span)
    }
}

fn select_arms(input: ParseStream) -> syn::Result<Vec<SelectArm>> {
    let mut arms = Vec::new();
    if input.peek(syn::Ident) && input.peek2(Token![;]) {
        // `biased;`
        input.parse::<syn::Ident>()?;
        input.parse::<Token![;]>()?;
    }
    while !input.is_empty() {
        let future = if input.peek(Token![else]) {
            input.parse::<Token![else]>()?;
            None
        } else {
            let pat = Pat::parse_multi_with_leading_vert(input)?;
            input.parse::<Token![=]>()?;
            let future: Expr = input.parse()?;
            let guard = if input.peek(Token![,]) && input.peek2(Token![if]) {
                input.parse::<Token![,]>()?;
                input.parse::<Token![if]>()?;
                Some(input.parse()?)
            } else {
                None
            };
            Some((pat, future, guard))
        };
        input.parse::<Token![=>]>()?;
        let body = if input.peek(syn::token::Brace) {
            Expr::Block(syn::ExprBlock { attrs: Vec::new(), label: None, block: input.parse()? })
        } else {
            input.parse()?
        };
        arms.push(SelectArm { future, body });
        input.parse::<Option<Token![,]>>()?;
    }
    Ok(arms)
}
