//! What was worked out about a program, kept with it: a program does not change, so nobody needs to look twice.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// One thing that was worked out, whatever it is.
#[derive(Default)]
pub(super) struct Derived(OnceLock<Arc<dyn Any + Send + Sync>>);

impl Derived {
    /// The thing, made when it is first asked for. Of another type than the first one, it is made anew each time.
    pub(super) fn get<T: Any + Send + Sync>(&self, make: impl Fn() -> T) -> Arc<T> {
        let known = self.0.get_or_init(|| Arc::new(make()));
        Arc::clone(known).downcast().unwrap_or_else(|_| Arc::new(make()))
    }
}

impl fmt::Debug for Derived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Derived")
    }
}
