//! `--shard K/N`: which projects are this machine's? Each one belongs to one shard, whatever else is there.

use std::path::{Path, PathBuf};

use crate::report::hash;
use crate::source::display_path;

/// Files that say: here begins a project.
const BORDERS: [&str; 5] = ["pyproject.toml", "setup.py", "setup.cfg", "manage.py", "Cargo.toml"];

/// One of so many parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shard {
    /// From 1.
    part: u64,
    of: u64,
}

impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((part, of)) if (1..=of).contains(&part) => Ok(Self { part, of }),
            _ => Err("write K/N, with K from 1 to N".to_owned()),
        }
    }
}

impl Shard {
    /// Whether the project at this path is one of this shard. The same on every machine: it depends on the name alone.
    pub(super) fn holds(self, root: &Path, working: &Path) -> bool {
        let print = hash([&display_path(root, working)]);
        u64::from_str_radix(&print, 16).unwrap_or(0) % self.of + 1 == self.part
    }
}

/// The projects among the paths: several paths are a project each; one path is cut where projects begin below it. Inner
/// ones come first, so that a file belongs to the innermost.
pub(super) fn projects(paths: &[PathBuf], is_skipped: &dyn Fn(&Path) -> bool) -> Vec<PathBuf> {
    let [root] = paths else { return paths.to_vec() };
    let mut found = Vec::new();
    if root.is_dir() {
        let walk = walkdir::WalkDir::new(root).sort_by_file_name().min_depth(1);
        let folders = walk.into_iter().filter_entry(|entry| entry.file_type().is_dir() && !is_skipped(entry.path()));
        let begins = |folder: &Path| BORDERS.iter().any(|name| folder.join(name).is_file()) && !is_inner_crate(folder);
        found.extend(folders.filter_map(Result::ok).map(walkdir::DirEntry::into_path).filter(|folder| begins(folder)));
        found.sort_by_key(|folder| std::cmp::Reverse(folder.components().count()));
    }
    found.push(root.clone());
    found
}

/// Crates of one workspace call each other: the workspace is the project.
fn is_inner_crate(folder: &Path) -> bool {
    let is_workspace = |folder: &Path| {
        std::fs::read_to_string(folder.join("Cargo.toml")).is_ok_and(|text| text.contains("[workspace"))
    };
    let only_crate = !BORDERS.iter().filter(|name| **name != "Cargo.toml").any(|name| folder.join(name).is_file());
    only_crate && folder.ancestors().skip(1).take(8).any(is_workspace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_project_has_one_shard() {
        let working = Path::new("/w");
        let shards: Vec<Shard> = (1..=4).map(|part| format!("{part}/4").parse().unwrap()).collect();
        for name in ["a", "b/c", "/w/d", "../e", "."] {
            assert_eq!(shards.iter().filter(|shard| shard.holds(Path::new(name), working)).count(), 1, "{name}");
        }
        for wrong in ["0/2", "3/2", "1", "a/b", "1/0", "-1/2"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn projects_begin_where_they_say_so() {
        let folder = tempfile::tempdir().unwrap();
        for path in
            ["a/pyproject.toml", "a/b/manage.py", "c/Cargo.toml", "c/d/Cargo.toml", "x/pyproject.toml", "e/f.py"]
        {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, if path.ends_with("c/Cargo.toml") { "[workspace]" } else { "" }).unwrap();
        }
        let found = projects(&[folder.path().to_owned()], &|path| path.ends_with("x"));
        let shown: Vec<String> = found.iter().map(|path| display_path(path, folder.path())).collect();
        assert_eq!(shown, ["a/b", "a", "c", "."]);
    }
}
