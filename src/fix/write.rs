//! Writing mended files: all of a set or none, each in one step, and never over something that changed meanwhile.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A file that is to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The file.
    pub path: PathBuf,
    /// Its bytes when it was read.
    pub before: Vec<u8>,
    /// Its bytes from now on.
    pub after: Vec<u8>,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file is not what was audited.
    #[error("{0} changed since it was read; nothing was written")]
    Changed(PathBuf),
    /// A symbolic link leads elsewhere.
    #[error("{0} leads out of {1}; nothing was written")]
    Outside(PathBuf, PathBuf),
    /// The operating system refused.
    #[error("{0} cannot be written: {1}")]
    Io(PathBuf, io::Error),
    /// A file could neither be written nor brought back.
    #[error("{0} was written, but {1} was not: {2}")]
    Half(PathBuf, PathBuf, io::Error),
}

/// Writes all changes or none. `root` is the directory that no file may lie outside of.
///
/// # Errors
/// Fails when a file changed, lies outside, or cannot be written; then all files are as before.
pub fn write_all(changes: &[Change], root: &Path) -> Result<(), WriteError> {
    let mut ready = Vec::new();
    for (number, change) in changes.iter().enumerate() {
        match prepare(change, root, number) {
            Ok(pair) => ready.push(pair),
            Err(error) => {
                discard(&ready);
                return Err(error);
            }
        }
    }
    for (at, (temporary, target)) in ready.iter().enumerate() {
        if let Err(error) = fs::rename(temporary, target) {
            discard(ready.get(at..).unwrap_or_default());
            let done = ready.get(..at).unwrap_or_default();
            return Err(undo(done, changes).map_or_else(
                || WriteError::Io(target.clone(), error),
                |(kept, why)| WriteError::Half(kept, target.clone(), why),
            ));
        }
    }
    Ok(())
}

/// Puts the new bytes beside the file, with the file's mode.
fn prepare(change: &Change, root: &Path, number: usize) -> Result<(PathBuf, PathBuf), WriteError> {
    let io = |error| WriteError::Io(change.path.clone(), error);
    let target = fs::canonicalize(&change.path).map_err(io)?;
    let root = fs::canonicalize(root).map_err(|error| WriteError::Io(root.to_path_buf(), error))?;
    if !target.starts_with(&root) {
        return Err(WriteError::Outside(change.path.clone(), root));
    }
    if fs::read(&target).map_err(io)? != change.before {
        return Err(WriteError::Changed(change.path.clone()));
    }
    let mode = fs::metadata(&target).map_err(io)?.permissions();
    if mode.readonly() {
        return Err(io(io::Error::from(io::ErrorKind::PermissionDenied)));
    }
    let file_name = target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let temporary = target.with_file_name(format!(".{file_name}.{}-{number}.tmp", std::process::id()));
    let written = write_new(&temporary, &change.after, mode);
    if let Err(error) = written {
        discard(&[(temporary, target)]);
        return Err(io(error));
    }
    Ok((temporary, target))
}

fn write_new(path: &Path, bytes: &[u8], mode: fs::Permissions) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.set_permissions(mode)?;
    file.sync_all()
}

/// Removes temporary files. One that cannot be removed harms nobody.
fn discard(ready: &[(PathBuf, PathBuf)]) {
    for (temporary, _) in ready {
        let _gone = fs::remove_file(temporary);
    }
}

/// Brings files back; gives the first that could not be.
fn undo(done: &[(PathBuf, PathBuf)], changes: &[Change]) -> Option<(PathBuf, io::Error)> {
    done.iter()
        .zip(changes)
        .filter_map(|((_, target), change)| {
            fs::write(target, &change.before).err().map(|error| (target.clone(), error))
        })
        .next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(path: PathBuf, before: &str, after: &str) -> Change {
        Change { path, before: before.as_bytes().to_vec(), after: after.as_bytes().to_vec() }
    }

    #[test]
    fn one_file_that_changed_keeps_all_as_they_are() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (dir.path().join("one.py"), dir.path().join("two.py"));
        fs::write(&one, "a").unwrap();
        fs::write(&two, "somebody was here").unwrap();
        let result = write_all(&[change(one.clone(), "a", "b"), change(two.clone(), "x", "y")], dir.path());
        assert!(matches!(result, Err(WriteError::Changed(path)) if path == two));
        assert_eq!(fs::read_to_string(&one).unwrap(), "a");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn keeps_the_mode_and_stays_inside() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (inside, outside) = (dir.path().join("run.py"), other.path().join("secret.py"));
        fs::write(&inside, "a").unwrap();
        fs::write(&outside, "a").unwrap();
        fs::set_permissions(&inside, fs::Permissions::from_mode(0o755)).unwrap();
        write_all(&[change(inside.clone(), "a", "b")], dir.path()).unwrap();
        assert_eq!(fs::metadata(&inside).unwrap().permissions().mode() & 0o777, 0o755);
        assert_eq!(fs::read_to_string(&inside).unwrap(), "b");
        let link = dir.path().join("link.py");
        symlink(&outside, &link).unwrap();
        assert!(matches!(write_all(&[change(link, "a", "b")], dir.path()), Err(WriteError::Outside(..))));
        assert_eq!(fs::read_to_string(&outside).unwrap(), "a");
    }
}
