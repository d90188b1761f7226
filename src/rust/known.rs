//! Which paths are other crates known to have?

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, LazyLock};

use crate::program::Name;

type Find = Box<dyn FnOnce() -> HashSet<Name> + Send>;

/// Paths of other crates, found when somebody first asks: few files do, and finding them means reading all knowledge
/// about Rust.
#[derive(Clone, Default)]
pub struct KnownPaths(Option<Arc<LazyLock<HashSet<Name>, Find>>>);

impl KnownPaths {
    /// Those that `find` will give.
    #[must_use]
    pub fn new(find: impl FnOnce() -> HashSet<Name> + Send + 'static) -> Self {
        let find: Find = Box::new(find);
        Self(Some(Arc::new(LazyLock::new(find))))
    }

    /// Whether this is one of them.
    #[must_use]
    pub fn contains(&self, path: Name) -> bool {
        self.0.as_ref().is_some_and(|paths| paths.contains(&path))
    }
}

impl fmt::Debug for KnownPaths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "KnownPaths(..)" } else { "KnownPaths" })
    }
}

/// The same paths, not only equal ones.
impl PartialEq for KnownPaths {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        }
    }
}

impl Eq for KnownPaths {}
