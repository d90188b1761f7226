//! What do the items and `use` declarations of a module or block bring into scope?

use std::collections::HashMap;

use syn::{Item, UseTree};

use super::lowering::Lowering;
use super::names::{ident, join};
use crate::program::{Name, name};

/// One imported name (or `*`) with the parts of its path.
struct Import {
    bound: Name,
    parts: Vec<Name>,
    absolute: bool,
}

impl Lowering<'_> {
    /// Declares items under `prefix` and imports in the innermost scope. Gives the imports with their paths.
    pub(super) fn declare<'i>(&mut self, items: impl Iterator<Item = &'i Item>, prefix: &str) -> Vec<(Name, Name)> {
        let mut imports = Vec::new();
        let mut crates = Vec::new();
        let mut own = HashMap::new();
        let mut values = HashMap::new();
        for item in items {
            match item {
                Item::Use(item) => {
                    flatten(&item.tree, &mut Vec::new(), item.leading_colon.is_some(), &mut imports);
                }
                Item::ExternCrate(item) => crates.push(self.extern_crate(item)),
                other => {
                    let Some(bound) = defined(other) else { continue };
                    let space = match other {
                        Item::Const(_) | Item::Fn(_) | Item::Static(_) => &mut values,
                        _ => &mut own,
                    };
                    space.insert(bound, join(prefix, &bound));
                }
            }
        }
        if let Some(scope) = self.scopes.last_mut() {
            scope.items.extend(own);
            scope.values.extend(values);
            scope.items.extend(crates.iter().copied());
        }
        crates.extend(self.import(imports));
        crates
    }

    /// The name that `extern crate` brings into scope, and the crate.
    fn extern_crate(&mut self, item: &syn::ItemExternCrate) -> (Name, Name) {
        let krate = ident(&item.ident);
        let path = match krate.as_str() {
            "self" => name(&self.module.crate_name),
            other => name(self.module.externs.get(other).map_or(other, String::as_str)),
        };
        if item.attrs.iter().any(|attr| attr.path().is_ident("macro_use")) {
            self.macro_crates.push(path.to_string());
        }
        (item.rename.as_ref().map_or(krate, |(_, rename)| ident(rename)), path)
    }

    /// Resolves imports; those that start with another import wait for it.
    fn import(&mut self, imports: Vec<Import>) -> Vec<(Name, Name)> {
        let mut found = Vec::new();
        let mut waiting = imports;
        for round in 0..4 {
            let bound: Vec<Name> = waiting.iter().map(|import| import.bound).collect();
            let (later, now): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|import| {
                let first = import.parts.first();
                round < 3
                    && import.parts.len() > 1
                    && !import.absolute
                    && first.is_some_and(|first| *first != import.bound && bound.contains(first))
            });
            for import in now {
                let path = self.resolve_import(&import);
                found.push((import.bound, path));
                let Some(scope) = self.scopes.last_mut() else { continue };
                match import.bound.as_str() {
                    "*" => scope.globs.push(path),
                    "_" => {}
                    _ => {
                        scope.items.insert(import.bound, path);
                    }
                }
            }
            waiting = later;
        }
        found
    }

    fn resolve_import(&self, import: &Import) -> Name {
        // `use foo;` and `use foo::…` name a crate where nothing in scope is called so.
        if let Some(&first) = import.parts.first()
            && !matches!(first.as_str(), "crate" | "self" | "super" | "Self" | "$crate")
            && self.prefix_in_scope(first).is_none_or(|path| path == first)
            && first.starts_with(char::is_lowercase)
        {
            return self.resolve(&import.parts, true);
        }
        self.resolve(&import.parts, import.absolute)
    }
}

/// The name that an item defines.
fn defined(item: &Item) -> Option<Name> {
    Some(ident(match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Mod(item) => &item.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::TraitAlias(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    }))
}

fn flatten(tree: &UseTree, parts: &mut Vec<Name>, absolute: bool, out: &mut Vec<Import>) {
    let push = |bound: Name, parts: Vec<Name>, out: &mut Vec<Import>| out.push(Import { bound, parts, absolute });
    match tree {
        UseTree::Path(path) => {
            parts.push(ident(&path.ident));
            flatten(&path.tree, parts, absolute, out);
            parts.pop();
        }
        UseTree::Name(leaf) if leaf.ident == "self" => {
            if let Some(&bound) = parts.last() {
                push(bound, parts.clone(), out);
            }
        }
        UseTree::Name(leaf) => {
            let bound = ident(&leaf.ident);
            let mut parts = parts.clone();
            parts.push(bound);
            push(bound, parts, out);
        }
        UseTree::Rename(leaf) => {
            let mut parts = parts.clone();
            if leaf.ident != "self" {
                parts.push(ident(&leaf.ident));
            }
            push(ident(&leaf.rename), parts, out);
        }
        UseTree::Glob(_) => push(name("*"), parts.clone(), out),
        UseTree::Group(group) => {
            for tree in &group.items {
                flatten(tree, parts, absolute, out);
            }
        }
    }
}
