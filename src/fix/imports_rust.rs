//! Which names does a Rust file bring into scope for nothing, once some of its text is gone?

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::visit::{self, Visit};
use syn::{ItemUse, UseTree, Visibility};

use super::outline_rust::span;
use crate::source::Span;

/// Names in `use` items, by their places, that have uses and all of them in `gone`.
pub(super) fn unused(file: &syn::File, base: u32, gone: &[Span]) -> Vec<Span> {
    let mut finder = Finder { base, leaves: Vec::new(), items: Vec::new() };
    finder.visit_file(file);
    let mut words = Vec::new();
    idents(file.to_token_stream(), base, &mut words);
    let is_gone = |place: &Span| gone.iter().any(|gone| gone.contains(*place));
    let in_use = |place: &Span| finder.items.iter().any(|item| item.contains(*place));
    words.retain(|(_, place)| !in_use(place));
    finder
        .leaves
        .iter()
        .filter(|(name, _)| {
            let mut places = words.iter().filter(|(word, _)| word == name).map(|(_, place)| place).peekable();
            places.peek().is_some() && places.all(is_gone)
        })
        .map(|&(_, place)| place)
        .collect()
}

struct Finder {
    base: u32,
    leaves: Vec<(String, Span)>,
    items: Vec<Span>,
}

impl Finder {
    fn tree(&mut self, tree: &UseTree) {
        match tree {
            UseTree::Path(path) => self.tree(&path.tree),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(tree)),
            UseTree::Name(name) => self.leaf(name.ident.to_string(), tree),
            UseTree::Rename(name) => self.leaf(name.rename.to_string(), tree),
            UseTree::Glob(_) => {}
        }
    }

    fn leaf(&mut self, name: String, tree: &UseTree) {
        use syn::spanned::Spanned as _;
        self.leaves.push((name, span(self.base, tree.span())));
    }
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        use syn::spanned::Spanned as _;
        self.items.push(span(self.base, item.span()));
        // What is re-exported serves others.
        if matches!(item.vis, Visibility::Inherited) {
            self.tree(&item.tree);
        }
        visit::visit_item_use(self, item);
    }
}

/// All words of the text, also those inside of macros.
fn idents(tokens: TokenStream, base: u32, out: &mut Vec<(String, Span)>) {
    let mut open = vec![tokens];
    while let Some(tokens) = open.pop() {
        for token in tokens {
            match token {
                TokenTree::Group(group) => open.push(group.stream()),
                TokenTree::Ident(ident) => out.push((ident.to_string(), span(base, ident.span()))),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }
}
