//! Macros that stand for items, and the project's own simple `macro_rules!`.

use proc_macro2::{TokenStream, TokenTree};
use syn::{Item, Macro};

use super::control::Want;
use super::items::Placed;
use super::lowering::Lowering;
use super::names::last;
use crate::program::Reg;

/// The rules of one `macro_rules!`.
pub(super) struct Rules;

impl Lowering<'_> {
    /// Whether a macro call in a block defines items.
    pub(super) fn item_macro(&self, mac: &Macro) -> bool {
        let path = self.macro_path(&mac.path);
        path.as_str() == "std.thread_local!" || last(&path) == "lazy_static!"
    }

    /// Replaces macro calls that stand for items by these items.
    pub(super) fn expand_items(&mut self, items: Vec<Placed>) -> Vec<Placed> {
        let mut out = Vec::with_capacity(items.len());
        for placed in items {
            let Item::Macro(call) = &placed.item else {
                out.push(placed);
                continue;
            };
            let path = self.macro_path(&call.mac.path);
            let tokens = match last(&path) {
                "lazy_static!" => statics(&call.mac.tokens),
                "thread_local!" => call.mac.tokens.clone(),
                "cfg_if!" => branches(&call.mac.tokens),
                _ => continue,
            };
            if let Ok(file) = syn::parse2::<syn::File>(tokens) {
                out.extend(file.items.into_iter().map(|item| Placed { base: placed.base, fixed: placed.fixed, item }));
            }
        }
        out
    }

    /// Expands a call of a macro of the project for the given use.
    pub(super) fn expand_flow(&mut self, _mac: &Macro, _want: Want) -> bool {
        false
    }

    /// Expands a call of a macro of the project as a value.
    pub(super) fn expand_value(&mut self, _mac: &Macro) -> Option<Reg> {
        None
    }
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
