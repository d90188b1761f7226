//! The tables of one language: entries by path.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::effect::{
    AttributeEntry, CallEntry, ConstantEntry, HandlerEntry, Library, ParameterEntry, TypeEntry, VariableEntry,
};
use super::marks::Marks;
use super::measuring::Measuring;
use crate::program::{Name, NameMap, PathMemo, name};

/// A path taken apart: what stands before the last dot, and what after.
type Member = (Name, Name);

/// What is known about the libraries of one language.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    aliases: HashMap<String, String>,
    /// First words of aliases: most paths start with none of them.
    alias_heads: HashSet<String>,
    canonical: PathMemo,
    calls: Entries<CallEntry>,
    attributes: Entries<AttributeEntry>,
    handlers: Entries<HandlerEntry>,
    types: NameMap<Arc<TypeEntry>>,
    constants: NameMap<Arc<ConstantEntry>>,
    variables: NameMap<Arc<VariableEntry>>,
    parameters: Vec<ParameterEntry>,
    triggers: Vec<String>,
    marks: Marks,
    /// Last words of calls that record.
    acts: HashSet<Name>,
    fails: HashSet<Name>,
    reads: HashSet<Name>,
    reads_back: HashSet<Name>,
    ends: HashSet<Name>,
    pub(super) measuring: Measuring,
}

/// Entries by whole path, by type and member, and by member alone (`*.name`).
#[derive(Debug, Clone)]
struct Entries<T> {
    exact: NameMap<Arc<T>>,
    members: HashMap<Member, Arc<T>>,
    any: NameMap<Arc<T>>,
}

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self { exact: NameMap::default(), members: HashMap::new(), any: NameMap::default() }
    }
}

impl<T> Entries<T> {
    fn insert(&mut self, path: &str, entry: &Arc<T>) -> bool {
        if let Some(member) = path.strip_prefix("*.") {
            return self.any.insert(name(member), Arc::clone(entry)).is_some();
        }
        if let Some((owner, member)) = path.rsplit_once('.') {
            self.members.insert((name(owner), name(member)), Arc::clone(entry));
        }
        self.exact.insert(name(path), Arc::clone(entry)).is_some()
    }
}

impl Tables {
    /// Applies alias prefixes, the longest first, until none applies.
    #[must_use]
    pub fn canonical(&self, path: Name) -> Name {
        self.canonical.get(path, || self.without_aliases(path))
    }

    fn without_aliases(&self, path: Name) -> Name {
        let mut current = path;
        // Chains of aliases are short; the bound ends circles.
        for _ in 0..4 {
            match self.unalias(current.as_str()) {
                Some(next) => current = name(&next),
                None => break,
            }
        }
        current
    }

    fn unalias(&self, path: &str) -> Option<String> {
        let head = path.split('.').next().unwrap_or(path);
        if !self.alias_heads.contains(head) {
            return None;
        }
        let mut prefix = path;
        loop {
            if let Some(target) = self.aliases.get(prefix) {
                let rest = path.get(prefix.len()..).unwrap_or_default();
                return Some(format!("{target}{rest}"));
            }
            prefix = prefix.rsplit_once('.')?.0;
        }
    }

    /// What a call of this path does.
    #[must_use]
    pub fn call(&self, path: Name) -> Option<&CallEntry> {
        self.calls.exact.get(&self.canonical(path)).map(Arc::as_ref)
    }

    /// What a call of this method does: of the type, of the types it extends, or of any type (`*.method`).
    #[must_use]
    pub fn method(&self, ty: Name, method: Name) -> Option<&CallEntry> {
        self.method_of(ty, method).or_else(|| self.wildcard(method))
    }

    /// What a call of this method does, of the type or the types it extends.
    #[must_use]
    pub fn method_of(&self, ty: Name, method: Name) -> Option<&CallEntry> {
        self.inherited(ty, |owner| self.calls.members.get(&(owner, method)).map(Arc::as_ref))
    }

    /// What a call of a method of this name does whatever the type.
    #[must_use]
    pub fn wildcard(&self, method: Name) -> Option<&CallEntry> {
        self.calls.any.get(&method).map(Arc::as_ref)
    }

    /// All methods that some type has, by their names; the order says nothing.
    pub fn methods(&self) -> impl Iterator<Item = (Name, &CallEntry)> {
        self.calls.members.iter().map(|(&(_, method), entry)| (method, entry.as_ref()))
    }

    /// What a module-level object, or an attribute by its whole path, is.
    #[must_use]
    pub fn attribute(&self, path: Name) -> Option<&AttributeEntry> {
        self.attributes.exact.get(&self.canonical(path)).map(Arc::as_ref)
    }

    /// What this attribute is, of the type or the types it extends.
    #[must_use]
    pub fn attribute_of(&self, ty: Name, attribute: Name) -> Option<&AttributeEntry> {
        self.inherited(ty, |owner| self.attributes.members.get(&(owner, attribute)).map(Arc::as_ref))
    }

    /// What an attribute of this name is whatever the type.
    #[must_use]
    pub fn any_attribute(&self, attribute: Name) -> Option<&AttributeEntry> {
        self.attributes.any.get(&attribute).map(Arc::as_ref)
    }

    /// What a type means.
    #[must_use]
    pub fn type_entry(&self, path: Name) -> Option<&TypeEntry> {
        self.types.get(&self.canonical(path)).map(Arc::as_ref)
    }

    /// What a constant stands for.
    #[must_use]
    pub fn constant(&self, path: Name) -> Option<&ConstantEntry> {
        self.constants.get(&self.canonical(path)).map(Arc::as_ref)
    }

    /// What a decorator or attribute macro makes of a function.
    #[must_use]
    pub fn handler(&self, path: Name) -> Option<&HandlerEntry> {
        self.handlers.exact.get(&self.canonical(path)).map(Arc::as_ref)
    }

    /// What a method used as decorator (`app.get("/x")`) makes of a function, by the receiver's type.
    #[must_use]
    pub fn handler_of(&self, ty: Name, method: Name) -> Option<&HandlerEntry> {
        self.inherited(ty, |owner| self.handlers.members.get(&(owner, method)).map(Arc::as_ref))
    }

    /// What a framework makes of a module variable of this name.
    #[must_use]
    pub fn variable(&self, name: Name) -> Option<&VariableEntry> {
        self.variables.get(&name).map(Arc::as_ref)
    }

    /// What frameworks' users call their objects.
    #[must_use]
    pub fn parameters(&self) -> &[ParameterEntry] {
        &self.parameters
    }

    /// The class that stands for one status among those that extend an exception class.
    #[must_use]
    pub fn exception_for(&self, class: Name, status: u16) -> Option<Name> {
        let own = self.canonical(class);
        self.marks.of_status(status).iter().find(|path| **path != own && self.is_subtype(**path, own)).copied()
    }

    /// The traits of frameworks that give an error of this type a status, and which.
    #[must_use]
    pub fn implied_status(&self, ty: Name) -> &[(Name, u16)] {
        self.marks.implied(self.canonical(ty))
    }

    /// What single names mean.
    #[must_use]
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Whether a library type is another one or extends it.
    #[must_use]
    pub fn is_subtype(&self, path: Name, of: Name) -> bool {
        let of = self.canonical(of);
        self.inherited(path, |owner| (owner == of).then_some(())).is_some()
    }

    /// The type and all that it extends, nearest first, each once.
    #[must_use]
    pub fn ancestors(&self, ty: Name) -> Vec<Name> {
        let mut all = Vec::new();
        self.inherited::<()>(ty, |owner| {
            all.push(owner);
            None
        });
        all
    }

    /// Texts one of which a file must hold to be worth parsing.
    #[must_use]
    pub fn triggers(&self) -> &[String] {
        &self.triggers
    }

    /// All paths that entries or aliases name, with the paths above them: what libraries are known to have.
    #[must_use]
    pub fn paths(&self) -> HashSet<Name> {
        let entries = self.calls.exact.keys().chain(self.attributes.exact.keys()).chain(self.handlers.exact.keys());
        let all = entries.chain(self.types.keys()).chain(self.constants.keys()).map(|path| path.as_str());
        let mut found = HashSet::new();
        for path in all.chain(self.aliases.keys().map(String::as_str)) {
            let mut path = path;
            while found.insert(name(path)) {
                match path.rsplit_once('.') {
                    Some((above, _)) => path = above,
                    None => break,
                }
            }
        }
        found
    }

    /// Walks the type and what it extends, breadth first, until something is found.
    fn inherited<T>(&self, ty: Name, mut look: impl FnMut(Name) -> Option<T>) -> Option<T> {
        let first = self.canonical(ty);
        if let Some(found) = look(first) {
            return Some(found);
        }
        let mut queue: VecDeque<Name> = self.parents(first).collect();
        let mut seen = HashSet::from([first]);
        while let Some(next) = queue.pop_front() {
            if !seen.insert(next) {
                continue;
            }
            if let Some(found) = look(next) {
                return Some(found);
            }
            queue.extend(self.parents(next));
        }
        None
    }

    fn parents(&self, ty: Name) -> impl Iterator<Item = Name> + '_ {
        let extends = self.types.get(&ty).map(|entry| entry.extends.as_slice()).unwrap_or_default();
        extends.iter().map(|path| self.canonical(name(path)))
    }

    /// Whether the call does more than its entry says: it changes something, or waits.
    #[must_use]
    pub fn acts(&self, path: Name) -> bool {
        self.acts.contains(&self.canonical(path))
    }

    /// Whether the call fails on some inputs.
    #[must_use]
    pub fn fails(&self, path: Name) -> bool {
        self.fails.contains(&self.canonical(path))
    }

    /// Whether the call only gives a result, though its entry does not say so.
    #[must_use]
    pub fn reads(&self, path: Name) -> bool {
        self.reads.contains(&self.canonical(path))
    }

    /// Whether the call or attribute reads back what metrics hold.
    #[must_use]
    pub fn reads_back(&self, path: Name) -> bool {
        self.reads_back.contains(&self.canonical(path))
    }

    /// The function ends the life of what it is handed.
    #[must_use]
    pub fn ends(&self, path: Name) -> bool {
        self.ends.contains(&self.canonical(path))
    }

    /// Adds a library; returns the paths that had an entry already, whose place the new one takes.
    pub(super) fn add(&mut self, library: &Library) -> Vec<String> {
        self.canonical = PathMemo::default();
        for (from, to) in &library.aliases {
            self.alias_heads.insert(from.split('.').next().unwrap_or(from).to_owned());
            self.aliases.insert(from.clone(), to.clone());
        }
        self.acts.extend(library.acts.iter().map(|path| name(path)));
        self.fails.extend(library.fails.iter().map(|path| name(path)));
        self.reads.extend(library.reads.iter().map(|path| name(path)));
        self.ends.extend(library.ends.iter().map(|path| name(path)));
        self.reads_back.extend(library.reads_back.iter().map(|path| name(path)));
        self.measuring.add(library);
        let mut taken = Vec::new();
        let all = &mut taken;
        share(&library.call, |entry| &entry.path, |path, entry| self.calls.insert(path, entry), all);
        share(&library.attribute, |entry| &entry.path, |path, entry| self.attributes.insert(path, entry), all);
        share(&library.handler, |entry| &entry.path, |path, entry| self.handlers.insert(path, entry), all);
        share(&library.r#type, |entry| &entry.path, |path, entry| put(&mut self.types, path, entry), all);
        share(&library.constant, |entry| &entry.path, |path, entry| put(&mut self.constants, path, entry), all);
        share(&library.variable, |entry| &entry.name, |path, entry| put(&mut self.variables, path, entry), all);
        self.parameters.extend(library.parameter.iter().cloned());
        self.marks.add(library);
        self.triggers.extend(library.triggers.iter().cloned());
        self.triggers.sort_unstable();
        self.triggers.dedup();
        taken
    }
}

fn put<T>(table: &mut NameMap<Arc<T>>, path: &str, entry: &Arc<T>) -> bool {
    table.insert(name(path), Arc::clone(entry)).is_some()
}

/// Puts entries under all their paths; notes the paths that were taken.
fn share<T: Clone>(
    entries: &[T],
    paths: impl Fn(&T) -> &Vec<String>,
    mut insert: impl FnMut(&str, &Arc<T>) -> bool,
    taken: &mut Vec<String>,
) {
    for entry in entries {
        let shared = Arc::new(entry.clone());
        taken.extend(paths(entry).iter().filter(|path| insert(path, &shared)).cloned());
    }
}

#[cfg(test)]
mod tests {
    use crate::knowledge::Knowledge;
    use crate::program::{Syntax, name};

    const SHOP: &str = r#"
library = "shop"
languages = ["python"]
triggers = ["shop"]
aliases = { "shop.inner" = "shop", "kiosk" = "shop.inner" }

[[type]]
path = ["shop.Base"]
[[type]]
path = ["shop.Cart"]
extends = ["shop.inner.Base"]

[[call]]
path = ["shop.Base.total"]
does = "number"
[[call]]
path = ["*.strip"]
does = "text"
"#;

    #[test]
    fn entries_are_found_through_aliases_ancestors_and_wildcards() {
        let all = Knowledge::default().with_extra(vec![("shop.toml".into(), SHOP.into())]).unwrap();
        let tables = all.tables(Syntax::Python);
        assert_eq!(tables.canonical(name("kiosk.Cart")), name("shop.Cart"));
        assert_eq!(tables.canonical(name("shopping.Cart")), name("shopping.Cart"));
        let does = |entry: Option<&super::CallEntry>| entry.and_then(|entry| entry.does.clone());
        assert_eq!(does(tables.method(name("kiosk.Cart"), name("total"))).as_deref(), Some("number"));
        assert_eq!(does(tables.method(name("shop.Cart"), name("strip"))).as_deref(), Some("text"));
        assert!(tables.method_of(name("shop.Cart"), name("strip")).is_none());
        assert!(tables.is_subtype(name("shop.Cart"), name("shop.inner.Base")));
        assert!(!tables.is_subtype(name("shop.Base"), name("shop.Cart")));
        assert!(all.tables(Syntax::Rust).call(name("shop.Base.total")).is_none());
        assert_eq!(all.triggers(), [b"shop".as_slice()]);
    }
}
