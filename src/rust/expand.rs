//! Macros that stand for items, and calls of the project's own `macro_rules!`.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::Parser as _;
use syn::{Block, Item, Macro, MacroDelimiter, Stmt};

use super::control::Want;
use super::items::Placed;
use super::lowering::Lowering;
use super::names::{ident, join, last};
use super::rules::Rules;
use super::{scan, spans};
use crate::program::{Name, Reg, name};

/// How often one macro may expand inside another.
const MAX_DEPTH: u32 = 12;
/// How many calls one file may expand.
const MAX_CALLS: u32 = 2_000;
/// How deeply an expansion may nest.
const MAX_NESTING: usize = 300;

impl Lowering<'_> {
    /// Whether a macro call in a block defines items.
    pub(super) fn item_macro(&self, mac: &Macro) -> bool {
        let path = self.macro_path(&mac.path);
        path.as_str() == "std.thread_local!" || matches!(last(&path), "lazy_static!" | "macro_rules!")
    }

    /// Replaces macro calls that stand for items by these items, and remembers macros that are defined.
    pub(super) fn expand_items(&mut self, items: Vec<Placed>) -> Vec<Placed> {
        let mut out = Vec::with_capacity(items.len());
        for placed in items {
            match &placed.item {
                Item::Macro(call) => {
                    let inner = self.items_of(call, &placed);
                    out.extend(inner);
                }
                _ => out.push(placed),
            }
        }
        out
    }

    fn items_of(&mut self, call: &syn::ItemMacro, placed: &Placed) -> Vec<Placed> {
        if let Some(defined) = &call.ident {
            let path = join(&self.module.crate_name, &ident(defined));
            self.macros.insert(path, Rules::parse(&call.mac.tokens));
            return Vec::new();
        }
        let path = self.macro_path(&call.mac.path);
        let (base, fixed) = (self.base, self.fixed);
        (self.base, self.fixed) = (placed.base, placed.fixed.or(fixed));
        let mut inside = self.fixed;
        let tokens = match last(&path) {
            "lazy_static!" => Some(statics(&call.mac.tokens)),
            "thread_local!" => Some(call.mac.tokens.clone()),
            "cfg_if!" => Some(branches(&call.mac.tokens)),
            _ => match self.expansion(&call.mac) {
                Some(tokens) => {
                    inside = inside.or_else(|| Some(self.at(spans::mac(&call.mac))));
                    Some(tokens)
                }
                // `pin_project! { struct … }`: what reads as items is taken for items.
                None => matches!(call.mac.delimiter, MacroDelimiter::Brace(_)).then(|| call.mac.tokens.clone()),
            },
        };
        let file = tokens.and_then(|tokens| syn::parse2::<syn::File>(tokens).ok());
        let items = file.map(|file| file.items).unwrap_or_default();
        let placed = items.into_iter().map(|item| Placed { base: placed.base, fixed: inside, item }).collect();
        self.expansion_depth += 1;
        let out = self.expand_items(placed);
        self.expansion_depth -= 1;
        (self.base, self.fixed) = (base, fixed);
        out
    }

    /// The tokens that a call of a macro of the project stands for.
    fn expansion(&mut self, mac: &Macro) -> Option<TokenStream> {
        let called = self.own_macro(mac)?;
        if self.expansion_depth >= MAX_DEPTH || self.expansion_calls >= MAX_CALLS {
            return None;
        }
        self.expansion_calls += 1;
        let home = called.rsplit_once('.').map(|(home, _)| home).filter(|home| *home != self.module.crate_name);
        let tokens = self.rules(called)?.expand(&mac.tokens, home)?;
        (scan::nesting(&tokens.to_string()) <= MAX_NESTING).then_some(tokens)
    }

    /// The rules of a macro of this file, or else of another file of the crate (read when first called).
    fn rules(&mut self, called: Name) -> Option<&Rules> {
        if !self.macros.contains_key(&called) {
            let tokens = self.module.macros.get(called.as_str())?.parse::<TokenStream>().ok()?;
            self.macros.insert(called, Rules::parse(&tokens));
        }
        self.macros.get(&called)
    }

    fn knows_macro(&self, path: Name) -> bool {
        self.macros.contains_key(&path) || self.module.macros.contains_key(path.as_str())
    }

    /// Whether the crate defines a macro of this name.
    pub(super) fn defines_macro(&self, item: Name) -> bool {
        self.knows_macro(join(&self.module.crate_name, &item))
    }

    /// The path of the macro of the project that is called. A crate's macros stand at its root, wherever they are
    /// defined or re-exported.
    fn own_macro(&self, mac: &Macro) -> Option<Name> {
        let path = self.macro_path(&mac.path);
        let path = path.strip_suffix('!')?;
        let known = Some(name(path)).filter(|path| self.knows_macro(*path));
        known.or_else(|| {
            let at_root = join(&self.module.crate_name, last(path));
            (self.is_own(path) && self.knows_macro(at_root)).then_some(at_root)
        })
    }

    /// Lowers what a call stands for; every span in it is the call's.
    fn inside<T>(&mut self, mac: &Macro, lower: impl FnOnce(&mut Self) -> T) -> T {
        let fixed = self.fixed;
        self.fixed = Some(self.at(spans::mac(mac)));
        self.expansion_depth += 1;
        let out = lower(self);
        self.expansion_depth -= 1;
        self.fixed = fixed;
        out
    }

    /// Expands a call that is a statement: variables that it defines stay in scope.
    pub(super) fn expand_statement(&mut self, mac: &Macro) -> bool {
        let Some(stmts) = self.expansion(mac).and_then(|tokens| Block::parse_within.parse2(tokens).ok()) else {
            return false;
        };
        self.inside(mac, |this| this.loose_statements(&stmts));
        true
    }

    /// Expands a call of a macro of the project for the given use.
    pub(super) fn expand_flow(&mut self, mac: &Macro, want: Want) -> bool {
        let Some(tokens) = self.expansion(mac) else { return false };
        if let Ok(value) = syn::parse2::<syn::Expr>(tokens.clone()) {
            self.inside(mac, |this| this.flow(&value, want));
            return true;
        }
        let Ok(stmts) = Block::parse_within.parse2(tokens) else { return false };
        self.inside(mac, |this| this.block(&as_block(stmts), want));
        true
    }

    /// Expands a call of a macro of the project as a value.
    pub(super) fn expand_value(&mut self, mac: &Macro) -> Option<Reg> {
        let tokens = self.expansion(mac)?;
        if let Ok(value) = syn::parse2::<syn::Expr>(tokens.clone()) {
            return Some(self.inside(mac, |this| this.expr(&value)));
        }
        let stmts = Block::parse_within.parse2(tokens).ok()?;
        Some(self.inside(mac, |this| {
            let result = this.body.temp();
            this.block(&as_block(stmts), Want::Into(result));
            result
        }))
    }
}

fn as_block(stmts: Vec<Stmt>) -> Block {
    Block { brace_token: syn::token::Brace::default(), stmts }
}

/// `static ref X: T = …;` as `static X: T = …;`.
fn statics(tokens: &TokenStream) -> TokenStream {
    let mut after_static = false;
    tokens
        .clone()
        .into_iter()
        .filter(|token| {
            let is_ref = after_static && matches!(token, TokenTree::Ident(word) if word == "ref");
            after_static = matches!(token, TokenTree::Ident(word) if word == "static");
            !is_ref
        })
        .collect()
}

/// The items of all branches of `cfg_if!`.
fn branches(tokens: &TokenStream) -> TokenStream {
    tokens
        .clone()
        .into_iter()
        .filter_map(|token| match token {
            TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::Brace => Some(group.stream()),
            _ => None,
        })
        .collect()
}
