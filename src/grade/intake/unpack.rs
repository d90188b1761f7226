//! Reads everything of one submission, whatever it is packed in.

use std::fs::{self, File};
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use super::contents::{Contents, Wanted, is_archive, is_foreign_archive};
use super::find::{Found, Part};
use super::{folder, git, tar, zip};

/// What archives are read from.
pub(super) trait Input: Read + Seek {}
impl<T: Read + Seek> Input for T {}

/// Reads a submission. What cannot be read is a problem of the result, never an error.
pub(in crate::grade) fn read(found: &Found) -> Contents {
    let mut contents = Contents::default();
    for part in &found.parts {
        read_part(part, &mut contents);
    }
    contents.finish();
    contents
}

fn read_part(part: &Part, contents: &mut Contents) {
    let name = part.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let Ok(meta) = fs::symlink_metadata(&part.path) else {
        contents.problem(&name, "is not there any more");
        return;
    };
    if meta.is_symlink() {
        contents.problem(&name, "is a link: not followed");
    } else if meta.is_dir() {
        if git::is_bare(&part.path) {
            git::read(&part.path, contents);
        } else {
            folder::read(&part.path, contents);
        }
    } else if !meta.is_file() {
        contents.problem(&name, "is neither a file nor a folder: not read");
    } else if is_foreign_archive(&name) {
        contents.listing.insert(name.clone(), meta.len());
        contents.problem(&name, "is a kind of archive that is not opened: unpack it, or ask for a .zip");
    } else {
        loose(&part.path, &part.name, meta.len(), contents);
    }
}

/// A file that is a submission, or a part of one.
fn loose(path: &Path, name: &str, size: u64, contents: &mut Contents) {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) => return contents.problem(name, format!("cannot be read: {error}")),
    };
    if is_archive(name) {
        open(file, "", name, 0, contents);
        return;
    }
    take(name, file, size, contents);
}

/// One file out of a folder: kept, or opened if it is an archive.
pub(super) fn take(name: &str, file: impl Read, size: u64, contents: &mut Contents) {
    if let Some(path) = contents.admit("", name) {
        take_admitted(&path, file, size, 0, contents);
    }
}

/// The same for something that has its path already.
pub(super) fn take_admitted(path: &str, mut file: impl Read, size: u64, depth: usize, contents: &mut Contents) {
    match contents.wanted(path, size, depth) {
        Wanted::No if is_foreign_archive(path) => {
            contents.problem(path, "is a kind of archive that is not opened: unpack it, or ask for a .zip");
        }
        Wanted::No => {}
        Wanted::Bytes(limit) => contents.keep(path, &mut file, limit),
        Wanted::Archive(limit) => {
            let mut bytes = Vec::new();
            match file.take(limit + 1).read_to_end(&mut bytes) {
                Ok(_) if bytes.len() as u64 <= limit => {
                    open(Cursor::new(bytes), &format!("{path}/"), path, depth + 1, contents);
                }
                Ok(_) => contents.problem(path, "an archive that is larger than it says: not opened"),
                Err(error) => contents.problem(path, format!("cannot be read: {error}")),
            }
        }
    }
}

/// Looks into an archive; its kind is told by its first bytes, not by its name.
fn open(mut file: impl Input, prefix: &str, name: &str, depth: usize, contents: &mut Contents) {
    let mut magic = [0; 4];
    let read = file.read(&mut magic).unwrap_or(0);
    if file.seek(SeekFrom::Start(0)).is_err() {
        return contents.problem(name, "cannot be read");
    }
    let result = match &magic[..read] {
        [0x50, 0x4b, ..] => zip::read(&mut file, prefix, depth, contents),
        [0x1f, 0x8b, ..] => tar::read_gz(&mut file, prefix, depth, contents),
        [] => Err("is empty".to_owned()),
        _ => tar::read(&mut file, prefix, depth, contents),
    };
    if let Err(message) = result {
        contents.problem(name, message);
    }
}
