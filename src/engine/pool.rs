//! Threads that bear deep recursion.

use super::guard::guarded;

/// Front ends and interpreter bound their recursion; this is room for what they allow. Memory that is not touched costs
/// nothing.
const STACK: usize = 64 << 20;

/// Runs `work` on so many threads (0: one per processor).
///
/// # Errors
/// When threads cannot be started, or `work` panics; in words.
pub fn with_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> Result<T, String> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).build();
    let pool = pool.map_err(|error| error.to_string())?;
    guarded(|| pool.install(work))
}
