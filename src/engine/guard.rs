//! A panic costs one file, never the run.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `work`; a panic inside becomes its message.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    // Nothing that `work` changed is used after a panic.
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        let text = text.unwrap_or_else(|| "unknown".to_owned());
        format!("internal error: {}; please report it with this file", text.lines().next().unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_message() {
        assert_eq!(guarded(|| 1), Ok(1));
        let message = guarded(|| -> u8 { panic!("boom {}", 1) }).unwrap_err();
        assert!(message.starts_with("internal error: boom 1;"), "{message}");
    }
}
