//! Reads a folder: links are not followed, and nothing but regular files is opened.

use std::fs::File;
use std::path::Path;

use walkdir::{DirEntry, WalkDir};

use super::contents::Contents;
use super::unpack::take;
use crate::config::defaults;

/// Deeper folders are not entered.
const MAX_DEPTH: usize = 64;

pub(super) fn read(root: &Path, contents: &mut Contents) {
    let walk = WalkDir::new(root).follow_links(false).sort_by_file_name().max_depth(MAX_DEPTH);
    for entry in walk.into_iter().filter_entry(is_entered) {
        match entry {
            Ok(entry) if entry.depth() == 0 => {}
            Ok(entry) => {
                if !one(root, &entry, contents) {
                    return;
                }
            }
            Err(error) => {
                let path = error.path().map(|path| relative(root, path)).unwrap_or_default();
                contents.problem(
                    &path,
                    format!(
                        "cannot be entered: {}",
                        error.io_error().map_or_else(|| "it leads back into itself".to_owned(), ToString::to_string,)
                    ),
                );
            }
        }
    }
}

fn is_entered(entry: &DirEntry) -> bool {
    let skip = &defaults().discover.skip_folders;
    entry.depth() == 0 || !entry.file_type().is_dir() || !skip.iter().any(|name| entry.file_name() == name.as_str())
}

/// Takes one entry; false when there are too many.
fn one(root: &Path, entry: &DirEntry, contents: &mut Contents) -> bool {
    let path = relative(root, entry.path());
    if !contents.enter(&path) {
        return false;
    }
    let kind = entry.file_type();
    if kind.is_symlink() {
        contents.problem(&path, "is a link: not followed");
    } else if kind.is_dir() {
        if entry.depth() == MAX_DEPTH {
            contents.problem(&path, format!("more than {MAX_DEPTH} folders deep: not entered"));
        }
    } else if !kind.is_file() {
        contents.problem(&path, "is neither a file nor a folder: not read");
    } else {
        match entry.metadata().map_err(|error| error.to_string()).map(|meta| meta.len()) {
            Ok(size) => match File::open(entry.path()) {
                Ok(file) => take(&path, file, size, contents),
                Err(error) => contents.problem(&path, format!("cannot be read: {error}")),
            },
            Err(error) => contents.problem(&path, format!("cannot be read: {error}")),
        }
    }
    true
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}
