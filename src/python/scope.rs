//! Which variable does a name mean?
//!
//! Python decides per function, before running it: a name that a function binds anywhere is local to it all over. The
//! [`Scopes`] of a file are filled by one pass over the tree (`scan`), then asked while lowering.

use std::collections::HashMap;

use ruff_python_ast::AnyNodeRef;

use crate::program::{Name, NameMap, NameSet};

/// A scope: the module, a class body, a function, a lambda, a comprehension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ScopeId(pub(super) u32);

impl ScopeId {
    /// The scope of the module itself.
    pub(super) const MODULE: ScopeId = ScopeId(0);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScopeKind {
    Module,
    Class,
    Function,
    Comprehension,
}

/// What a scope does with one name.
#[derive(Debug, Clone, Copy, Default)]
struct Use {
    bound: bool,
    global: bool,
    nonlocal: bool,
}

#[derive(Debug)]
struct Scope {
    kind: ScopeKind,
    parent: ScopeId,
    names: NameMap<Use>,
    cells: NameSet,
    walrus: NameSet,
    is_generator: bool,
}

/// Where a name lives, seen from one scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binding {
    /// In a register of the scope.
    Local,
    /// In a cell of the function so many levels out; 0 is the scope's own.
    Cell(u32),
    /// In the module, or among the builtins.
    Global,
}

/// All scopes of a file.
#[derive(Debug)]
pub(super) struct Scopes {
    scopes: Vec<Scope>,
    by_node: HashMap<usize, ScopeId>,
}

/// Nodes have no identity but their address; the tree stays where it is while it is lowered.
fn key(node: AnyNodeRef<'_>) -> usize {
    node.as_ptr().as_ptr() as usize
}

impl Scopes {
    pub(super) fn new() -> Self {
        let mut scopes = Self { scopes: Vec::new(), by_node: HashMap::new() };
        scopes.add(ScopeKind::Module, ScopeId::MODULE);
        scopes
    }

    fn add(&mut self, kind: ScopeKind, parent: ScopeId) -> ScopeId {
        let id = ScopeId(self.scopes.len() as u32);
        self.scopes.push(Scope {
            kind,
            parent,
            names: NameMap::default(),
            cells: NameSet::default(),
            walrus: NameSet::default(),
            is_generator: false,
        });
        id
    }

    pub(super) fn open(&mut self, node: AnyNodeRef<'_>, kind: ScopeKind, parent: ScopeId) -> ScopeId {
        let id = self.add(kind, parent);
        self.by_node.insert(key(node), id);
        id
    }

    /// The scope that a node opens.
    pub(super) fn of(&self, node: AnyNodeRef<'_>) -> Option<ScopeId> {
        self.by_node.get(&key(node)).copied()
    }

    fn at(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.0 as usize]
    }

    fn at_mut(&mut self, id: ScopeId) -> &mut Scope {
        &mut self.scopes[id.0 as usize]
    }

    pub(super) fn uses(&mut self, scope: ScopeId, name: Name) {
        self.at_mut(scope).names.entry(name).or_default();
    }

    pub(super) fn binds(&mut self, scope: ScopeId, name: Name) {
        self.at_mut(scope).names.entry(name).or_default().bound = true;
    }

    /// `name := …`: binds in the function around comprehensions.
    pub(super) fn binds_walrus(&mut self, scope: ScopeId, name: Name) {
        self.uses(scope, name);
        let mut scope = scope;
        while self.at(scope).kind == ScopeKind::Comprehension {
            scope = self.at(scope).parent;
        }
        self.binds(scope, name);
        self.at_mut(scope).walrus.insert(name);
    }

    pub(super) fn declares_global(&mut self, scope: ScopeId, name: Name) {
        self.at_mut(scope).names.entry(name).or_default().global = true;
    }

    pub(super) fn declares_nonlocal(&mut self, scope: ScopeId, name: Name) {
        self.at_mut(scope).names.entry(name).or_default().nonlocal = true;
    }

    pub(super) fn yields(&mut self, scope: ScopeId) {
        self.at_mut(scope).is_generator = true;
    }

    pub(super) fn is_generator(&self, scope: ScopeId) -> bool {
        self.at(scope).is_generator
    }

    pub(super) fn is_class(&self, scope: ScopeId) -> bool {
        self.at(scope).kind == ScopeKind::Class
    }

    /// Some expression of the scope assigns the name with `:=`.
    pub(super) fn has_walrus(&self, scope: ScopeId, name: Name) -> bool {
        self.at(scope).walrus.contains(&name)
    }

    /// Finds out which variables inner scopes share. To be called once, when all scopes are filled.
    pub(super) fn close(&mut self) {
        let mut shared = Vec::new();
        for at in 0..self.scopes.len() {
            let id = ScopeId(at as u32);
            for (&name, used) in &self.at(id).names {
                if used.global || (used.bound && !used.nonlocal) {
                    continue;
                }
                shared.extend(self.owner(id, name).map(|(owner, _)| (owner, name)));
            }
        }
        for (owner, name) in shared {
            self.at_mut(owner).cells.insert(name);
        }
    }

    /// The function around `scope` whose local variable the name is, and how many levels out it is.
    fn owner(&self, scope: ScopeId, name: Name) -> Option<(ScopeId, u32)> {
        let mut at = scope;
        let mut up = 0;
        while at != ScopeId::MODULE {
            at = self.at(at).parent;
            up += 1;
            let scope = self.at(at);
            if matches!(scope.kind, ScopeKind::Module) {
                return None;
            }
            let Some(used) = scope.names.get(&name) else {
                continue;
            };
            if scope.kind == ScopeKind::Class {
                continue;
            }
            if used.global {
                return None;
            }
            if used.bound && !used.nonlocal {
                return Some((at, up));
            }
        }
        None
    }

    /// Where the name lives.
    pub(super) fn resolve(&self, scope: ScopeId, name: Name) -> Binding {
        if scope == ScopeId::MODULE {
            return Binding::Global;
        }
        let used = self.at(scope).names.get(&name).copied().unwrap_or_default();
        if used.global {
            return Binding::Global;
        }
        if used.bound && !used.nonlocal {
            return if self.at(scope).cells.contains(&name) { Binding::Cell(0) } else { Binding::Local };
        }
        self.resolve_outside(scope, name)
    }

    /// Where the name lives if the scope itself has not bound it (yet).
    pub(super) fn resolve_outside(&self, scope: ScopeId, name: Name) -> Binding {
        self.owner(scope, name).map_or(Binding::Global, |(_, up)| Binding::Cell(up))
    }

    /// The module binds the name somewhere outside functions.
    pub(super) fn module_binds(&self, name: Name) -> bool {
        self.at(ScopeId::MODULE).names.get(&name).is_some_and(|used| used.bound)
    }

    /// The shared variables of a function, sorted.
    pub(super) fn cells(&self, scope: ScopeId) -> Vec<Name> {
        let mut cells: Vec<Name> = self.at(scope).cells.iter().copied().collect();
        cells.sort_unstable_by_key(|name| name.as_str());
        cells
    }
}
