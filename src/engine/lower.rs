//! From texts to units, each file by itself.

use rayon::prelude::*;

use super::guard::guarded;
use super::layout::Layout;
use crate::program::Unit;
use crate::source::{FileError, FileId, Sources};

/// Lowers one file whose text is loaded.
///
/// # Errors
/// A mistake of ours, in words: front ends take any text.
pub fn lower(sources: &Sources, layout: &Layout, id: FileId) -> Result<Unit, String> {
    lower_text(sources, layout, id, sources.text(id))
}

/// Lowers one file as if it had another text.
///
/// # Errors
/// A mistake of ours, in words: front ends take any text.
pub fn lower_text(sources: &Sources, layout: &Layout, id: FileId, text: &str) -> Result<Unit, String> {
    let Some(file) = sources.get(id) else { return Err("no such file".to_owned()) };
    guarded(|| layout.lower(file, id, text))
}

/// Lowers many; what fails becomes an error and costs nothing else.
pub(super) fn lower_all(
    sources: &Sources,
    layout: &Layout,
    ids: &[FileId],
    errors: &mut Vec<FileError>,
) -> Vec<(FileId, Unit)> {
    let lowered: Vec<_> = ids.par_iter().map(|&id| (id, lower(sources, layout, id))).collect();
    let mut units = Vec::with_capacity(lowered.len());
    for (id, unit) in lowered {
        match unit {
            Ok(unit) => units.push((id, unit)),
            Err(message) => errors.push(FileError { path: sources.path(id).to_owned(), message }),
        }
    }
    units
}
