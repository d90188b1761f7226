//! Packages, their crate roots, and what all files of a crate know.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{KnownPaths, RustModule, declarations};

/// `macro_rules!` by dotted path.
pub(super) type Macros = Arc<BTreeMap<String, String>>;

/// The root file of a crate.
#[derive(Debug)]
pub(super) struct Root {
    pub(super) path: String,
    /// The folder that its modules stand in.
    pub(super) dir: String,
    /// Dotted path of the crate.
    pub(super) name: String,
    pub(super) is_test: bool,
    pub(super) text: String,
    /// Macros that the whole crate sees.
    pub(super) macros: Macros,
    pub(super) externs: Arc<BTreeMap<String, String>>,
    pub(super) macro_crates: Vec<String>,
}

/// A package (or a folder without one) with its roots.
pub(super) struct Package {
    pub(super) dir: String,
    pub(super) roots: Vec<Root>,
    /// Dotted path of its library.
    pub(super) lib: Option<String>,
    pub(super) externs: BTreeMap<String, String>,
}

impl Package {
    /// Every root knows the package's dependencies with their macros, and what it renames itself.
    pub(super) fn share(&mut self, libraries: &BTreeMap<String, Macros>) {
        let shared = Arc::new(self.externs.clone());
        for root in &mut self.roots {
            root.externs = Arc::clone(&shared);
            for (krate, rename) in declarations::renamed_crates(&root.text) {
                let path = shared.get(&krate).cloned().unwrap_or(krate);
                Arc::make_mut(&mut root.externs).insert(rename, path);
            }
            for macros in shared.values().filter_map(|path| libraries.get(path)).filter(|macros| !macros.is_empty()) {
                Arc::make_mut(&mut root.macros).extend(macros.iter().map(|(path, text)| (path.clone(), text.clone())));
            }
        }
    }
}

/// The module at `rest` below a root.
pub(super) fn module_in(root: &Root, rest: &str, is_test: bool) -> RustModule {
    RustModule {
        path: if rest.is_empty() { root.name.clone() } else { format!("{}.{rest}", root.name) },
        crate_name: root.name.clone(),
        externs: Arc::clone(&root.externs),
        macro_crates: root.macro_crates.clone(),
        macros: Arc::clone(&root.macros),
        known: KnownPaths::default(),
        is_test,
    }
}
