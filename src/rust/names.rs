//! Which dotted path does a name of the source mean?

use std::collections::HashMap;

use syn::ext::IdentExt as _;

use super::lowering::Lowering;
use super::prelude::{STD_MACROS, prelude};
use crate::program::{Name, Reg, TypeRef, name};

/// How far a lookup goes when it meets a scope's edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    /// Everything outside is visible too.
    Open,
    /// A function item: variables outside are not visible.
    Function,
    /// A module: nothing outside is visible.
    Module,
}

/// A type alias of this file.
#[derive(Clone)]
pub(super) struct Alias {
    pub(super) params: Vec<Name>,
    pub(super) ty: TypeRef,
}

/// The names that a block, function or module brings into scope.
pub(super) struct Scope {
    pub(super) edge: Edge,
    /// The module's path, for a module.
    pub(super) module: Option<Name>,
    /// How many functions enclose the one that this scope belongs to.
    pub(super) depth: usize,
    pub(super) locals: HashMap<Name, Reg>,
    /// Types, modules and imports: what a path may begin with.
    pub(super) items: HashMap<Name, Name>,
    /// Functions, statics and constants.
    pub(super) values: HashMap<Name, Name>,
    pub(super) globs: Vec<Name>,
    /// Type parameters with their first bound.
    pub(super) types: HashMap<Name, TypeRef>,
    pub(super) aliases: HashMap<Name, Alias>,
}

impl Scope {
    pub(super) fn new(edge: Edge, depth: usize) -> Self {
        Self {
            edge,
            module: None,
            depth,
            locals: HashMap::new(),
            items: HashMap::new(),
            values: HashMap::new(),
            globs: Vec::new(),
            types: HashMap::new(),
            aliases: HashMap::new(),
        }
    }
}

/// The text of an identifier without `r#`.
pub(super) fn ident(ident: &syn::Ident) -> Name {
    name(&ident.unraw().to_string())
}

/// `base.item`.
pub(super) fn join(base: &str, item: &str) -> Name {
    if base.is_empty() { name(item) } else { name(&format!("{base}.{item}")) }
}

/// The last part of a dotted path.
pub(super) fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// Whether a name is written like a constant.
pub(super) fn is_screaming(item: &str) -> bool {
    item.chars().filter(|c| c.is_alphabetic()).count() > 1 && !item.chars().any(char::is_lowercase)
}

impl Lowering<'_> {
    /// The variable with this name: how many functions out, and its register there.
    pub(super) fn local(&self, wanted: Name) -> Option<(usize, Reg)> {
        for scope in self.scopes.iter().rev() {
            if let Some(&reg) = scope.locals.get(&wanted) {
                return Some((self.outer.len().saturating_sub(scope.depth), reg));
            }
            // An item or `use` of an inner block hides variables further out.
            if scope.edge != Edge::Open || scope.items.contains_key(&wanted) || scope.values.contains_key(&wanted) {
                return None;
            }
        }
        None
    }

    /// The path that an item, import or type parameter in scope has.
    pub(super) fn in_scope(&self, wanted: Name) -> Option<Name> {
        self.find(wanted, |scope| scope.values.get(&wanted).or_else(|| scope.items.get(&wanted)))
    }

    /// As [`Lowering::in_scope`], for the first part of a longer path, a macro or an attribute: functions and
    /// constants may have the same name.
    pub(super) fn prefix_in_scope(&self, wanted: Name) -> Option<Name> {
        self.find(wanted, |scope| scope.items.get(&wanted))
    }

    fn find<'s>(&'s self, wanted: Name, get: impl Fn(&'s Scope) -> Option<&'s Name>) -> Option<Name> {
        for scope in self.scopes.iter().rev() {
            if let Some(&path) = get(scope) {
                return Some(path);
            }
            if let Some(ty) = scope.types.get(&wanted) {
                return Some(ty.path);
            }
            if scope.edge == Edge::Module {
                break;
            }
        }
        self.through_globs(get)
    }

    /// What `use super::*` brings in from a module around this one in the same file, and what that module has so.
    fn through_globs<'s>(&'s self, get: impl Fn(&'s Scope) -> Option<&'s Name>) -> Option<Name> {
        let mut globs = self.globs();
        let mut at = 0;
        while let Some(&glob) = globs.get(at) {
            at += 1;
            let Some(scope) = self.scopes.iter().find(|scope| scope.module == Some(glob)) else { continue };
            if let Some(&path) = get(scope) {
                return Some(path);
            }
            for &further in &scope.globs {
                if !globs.contains(&further) {
                    globs.push(further);
                }
            }
        }
        None
    }

    /// The alias that a single name means here.
    pub(super) fn alias(&self, wanted: Name) -> Option<&Alias> {
        for scope in self.scopes.iter().rev() {
            if let Some(alias) = scope.aliases.get(&wanted) {
                return Some(alias);
            }
            if scope.items.contains_key(&wanted) || scope.edge == Edge::Module {
                return None;
            }
        }
        None
    }

    fn globs(&self) -> Vec<Name> {
        let mut found = Vec::new();
        for scope in self.scopes.iter().rev() {
            found.extend(scope.globs.iter().copied());
            if scope.edge == Edge::Module {
                break;
            }
        }
        found
    }

    /// Whether a glob import may bring unknown names into scope.
    pub(super) fn has_globs(&self) -> bool {
        !self.globs().is_empty()
    }

    /// The dotted path of a path in source, without its generic arguments.
    pub(super) fn path(&self, path: &syn::Path) -> Name {
        let parts: Vec<Name> = path.segments.iter().map(|segment| ident(&segment.ident)).collect();
        self.resolve(&parts, path.leading_colon.is_some())
    }

    /// As [`Lowering::path`], with `<T as Trait>::…`.
    pub(super) fn qualified(&self, qself: Option<&syn::QSelf>, path: &syn::Path) -> Name {
        let Some(qself) = qself else { return self.path(path) };
        let ty = self.ty(&qself.ty).path;
        let rest: Vec<String> =
            path.segments.iter().skip(qself.position).map(|segment| ident(&segment.ident).to_string()).collect();
        join(&ty, &rest.join("."))
    }

    /// Resolves the parts of a path.
    pub(super) fn resolve(&self, parts: &[Name], absolute: bool) -> Name {
        let Some((&first, rest)) = parts.split_first() else { return name("") };
        let mut rest = rest;
        let mut base = match first.as_str() {
            _ if absolute => self.external(first.as_str()),
            "crate" | "$crate" => self.module.crate_name.clone(),
            "self" => self.here().to_owned(),
            "super" => {
                let mut base = self.above(self.here());
                while let Some((next, tail)) = rest.split_first()
                    && next.as_str() == "super"
                {
                    base = self.above(&base);
                    rest = tail;
                }
                base
            }
            "Self" => self.self_types.last().map_or_else(|| "Self".to_owned(), |ty| ty.path.to_string()),
            _ => self.first_part(first, rest.is_empty()),
        };
        for part in rest {
            if part.as_str() != "self" {
                base.push('.');
                base.push_str(part);
            }
        }
        name(&base)
    }

    fn above(&self, module: &str) -> String {
        if module == self.module.crate_name {
            return module.to_owned();
        }
        module.rsplit_once('.').map_or(module, |(parent, _)| parent).to_owned()
    }

    fn external(&self, item: &str) -> String {
        match item {
            "core" | "alloc" => "std".to_owned(),
            _ => self.module.externs.get(item).cloned().unwrap_or_else(|| item.to_owned()),
        }
    }

    fn first_part(&self, first: Name, alone: bool) -> String {
        let found = if alone { self.in_scope(first) } else { self.prefix_in_scope(first) };
        if let Some(path) = found {
            return path.to_string();
        }
        let text = first.as_str();
        if let Some(known) = prelude(text) {
            return known.to_owned();
        }
        // The glob import of an enum brings in variants only.
        let capital = text.starts_with(char::is_uppercase);
        let mut globs = self.globs();
        if let Some(path) = self.known_among(&globs, text) {
            return path.to_string();
        }
        globs.retain(|glob| capital || !last(glob).starts_with(char::is_uppercase));
        if alone {
            return match globs.as_slice() {
                [only] => format!("{only}.{text}"),
                _ => format!("{}.{text}", self.here()),
            };
        }
        if matches!(text, "std" | "core" | "alloc") || self.module.externs.contains_key(text) {
            return self.external(text);
        }
        let own: Vec<_> = globs.iter().filter(|glob| self.is_own(glob)).collect();
        match own.as_slice() {
            [only] => format!("{only}.{text}"),
            _ if capital => match globs.as_slice() {
                // A type, so not a crate: it comes from a glob or from this module.
                [only] => format!("{only}.{text}"),
                _ => format!("{}.{text}", self.here()),
            },
            _ => self.external(text),
        }
    }

    pub(super) fn is_own(&self, path: &str) -> bool {
        path.strip_prefix(self.module.crate_name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    /// The dotted path of a macro, with its `!`.
    pub(super) fn macro_path(&self, path: &syn::Path) -> Name {
        let parts: Vec<Name> = path.segments.iter().map(|segment| ident(&segment.ident)).collect();
        if let [only] = parts.as_slice()
            && path.leading_colon.is_none()
        {
            return name(&format!("{}!", self.bare_macro(*only)));
        }
        name(&format!("{}!", self.resolve(&parts, path.leading_colon.is_some())))
    }

    fn bare_macro(&self, item: Name) -> Name {
        // An import of another crate's `assert_eq!` means the same; one of its module `format` means something else.
        if !STD_MACROS.contains(&item.as_str())
            && let Some(path) = self.prefix_in_scope(item)
            && path != join(self.here(), &item)
        {
            return path;
        }
        if self.defines_macro(item) {
            return join(&self.module.crate_name, &item);
        }
        if STD_MACROS.contains(&item.as_str()) {
            return join("std", &item);
        }
        if let Some(path) = self.macro_crate_item(&format!("{item}!")) {
            return name(path.trim_end_matches('!'));
        }
        if let Some(path) = self.known_glob(&format!("{item}!")) {
            return name(path.trim_end_matches('!'));
        }
        let base = self.foreign_glob().unwrap_or_else(|| name(&self.module.crate_name));
        join(&base, &item)
    }

    /// The path below one of these that a library is known to have.
    fn known_among(&self, bases: &[Name], item: &str) -> Option<Name> {
        bases.iter().map(|base| join(base, item)).find(|path| self.module.known.contains(*path))
    }

    /// The path below a glob import that a library is known to have.
    pub(super) fn known_glob(&self, item: &str) -> Option<Name> {
        self.known_among(&self.globs(), item)
    }

    /// A macro or attribute of the crates whose macros are imported with `#[macro_use]`: the one known to have it, the
    /// one called like it, or the only one.
    pub(super) fn macro_crate_item(&self, item: &str) -> Option<Name> {
        let crates: Vec<Name> = self.macro_crates.iter().map(|krate| name(krate)).collect();
        self.known_among(&crates, item).or_else(|| match crates.as_slice() {
            [only] => Some(join(only, item)),
            several => {
                several.iter().find(|krate| krate.as_str() == item.trim_end_matches('!')).map(|krate| join(krate, item))
            }
        })
    }

    /// The only glob import from another crate.
    pub(super) fn foreign_glob(&self) -> Option<Name> {
        let globs = self.globs();
        let foreign: Vec<Name> = globs.into_iter().filter(|glob| !self.is_own(glob)).collect();
        match foreign.as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }
}
