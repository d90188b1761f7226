//! Threads that bear deep recursion.

use super::guard::guarded;

/// Front ends bound their recursion; this is room for what they allow. Memory that is not touched costs nothing.
const STACK: usize = 64 << 20;

/// The interpreter follows imports as Python does, module inside module: the chain is as long as the project makes it.
const DEEP_STACK: usize = 1 << 30;

/// Runs `work` on so many threads (0: one per processor).
///
/// # Errors
/// When threads cannot be started, or `work` panics; in words.
pub fn with_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> Result<T, String> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).build();
    let pool = pool.map_err(|error| error.to_string())?;
    guarded(|| pool.install(work))
}

/// Runs `work` on one thread with room for long chains of imports.
///
/// # Errors
/// When the thread cannot be started, or `work` panics; in words.
pub(super) fn deeply<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, String> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(DEEP_STACK).spawn_scoped(scope, || guarded(work));
        match thread.map_err(|error| error.to_string())?.join() {
            Ok(result) => result,
            // `guarded` has caught whatever could be caught.
            Err(_) => Err("internal error".to_owned()),
        }
    })
}
