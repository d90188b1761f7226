//! What paths lead to, remembered: programs are asked for the same few paths again and again.

use std::sync::{PoisonError, RwLock};

use super::{Name, NameMap};

/// Answers by path. A copy knows nothing yet.
#[derive(Debug, Default)]
pub(crate) struct PathMemo(RwLock<NameMap<Name>>);

impl PathMemo {
    /// The answer for a path, which is worked out only once.
    pub(crate) fn get(&self, path: Name, work_out: impl FnOnce() -> Name) -> Name {
        // Answers are put in whole, so what a panic elsewhere left behind is still true.
        if let Some(&known) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&path) {
            return known;
        }
        let found = work_out();
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(path, found);
        found
    }
}

impl Clone for PathMemo {
    fn clone(&self) -> Self {
        Self::default()
    }
}
