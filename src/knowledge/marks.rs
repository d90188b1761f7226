//! What do single names mean by themselves: which are bound everywhere, what does middleware receive, which attributes and
//! classes give a status?

use std::collections::{HashMap, HashSet};

use super::effect::Library;
use crate::program::{Name, name};

/// Names that mean something by themselves.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    next_names: HashSet<String>,
    bound: HashSet<Name>,
    status_attributes: HashSet<String>,
    implied: HashMap<Name, Vec<(Name, u16)>>,
    by_status: HashMap<u16, Vec<Name>>,
}

impl Marks {
    /// Whether middleware receives what it wraps under this name.
    #[must_use]
    pub fn is_next(&self, parameter: Name) -> bool {
        self.next_names.contains(parameter.as_str())
    }

    /// Whether the language binds a name in every module.
    #[must_use]
    pub fn is_bound(&self, global: Name) -> bool {
        self.bound.contains(&global)
    }

    /// Whether an attribute and its keyword give a type or variant its status (`response.status`).
    #[must_use]
    pub fn gives_status(&self, key: &str) -> bool {
        self.status_attributes.contains(key)
    }

    /// The traits of frameworks that give an error of a type a status, and which.
    pub(super) fn implied(&self, ty: Name) -> &[(Name, u16)] {
        self.implied.get(&ty).map_or(&[], Vec::as_slice)
    }

    /// Exception classes that stand for a status.
    pub(super) fn of_status(&self, status: u16) -> &[Name] {
        self.by_status.get(&status).map_or(&[], Vec::as_slice)
    }

    pub(super) fn add(&mut self, library: &Library) {
        self.next_names.extend(library.next_names.iter().cloned());
        self.bound.extend(library.binds.iter().map(|global| name(global)));
        for entry in &library.r#type {
            self.status_attributes.extend(entry.status_attribute.clone());
            if let Some(status) = entry.status {
                self.by_status.entry(status).or_default().extend(entry.path.iter().map(|path| name(path)));
            }
            for (ty, status) in &entry.implied {
                let of = entry.path.iter().map(|of| (name(of), *status));
                self.implied.entry(name(ty)).or_default().extend(of);
            }
        }
    }
}
