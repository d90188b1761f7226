//! Which dotted paths do the Python files of a project answer to?

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use crate::program::Name;
use crate::python::{ModulePaths, module_paths};
use crate::source::FileId;

/// The Python modules of one project.
#[derive(Debug, Default)]
pub(super) struct PythonLayout {
    /// What the project's root stands in: `shop/` where the path given is a folder inside of the package `shop`.
    prefix: String,
    /// Folders that are packages, relative to the top of the outermost package.
    packages: BTreeSet<String>,
    files: HashMap<Name, FileId>,
}

impl PythonLayout {
    /// For files with paths relative to the root.
    pub(super) fn new(root: &Path, files: &[(FileId, &str)]) -> Self {
        let (prefix, mut packages) = outer_packages(root);
        packages.extend(files.iter().filter_map(|(_, path)| {
            let folder = path.strip_suffix("__init__.py")?;
            Some(format!("{prefix}{}", folder.trim_end_matches('/')).trim_end_matches('/').to_owned())
        }));
        let mut layout = Self { prefix, packages, files: HashMap::new() };
        let modules: BTreeMap<FileId, ModulePaths> =
            files.iter().map(|(id, path)| (*id, layout.module_paths(path))).collect();
        for (id, paths) in &modules {
            layout.files.entry(paths.path).or_insert(*id);
        }
        // A file's own path goes before other files' shorter ones.
        for (id, paths) in &modules {
            for alias in &paths.aliases {
                layout.files.entry(*alias).or_insert(*id);
            }
        }
        layout
    }

    /// The path of a file with the packages that the root stands in.
    pub(super) fn full_path(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// The dotted paths of a file, given relative to the root.
    pub(super) fn module_paths(&self, path: &str) -> ModulePaths {
        module_paths(&self.full_path(path), &|folder| self.packages.contains(folder))
    }

    /// The file that an import reads.
    pub(super) fn file(&self, path: Name) -> Option<FileId> {
        self.files.get(&path).copied()
    }
}

/// The packages that a folder stands in and is: `("site/shop/", {"site", "site/shop"})`.
fn outer_packages(root: &Path) -> (String, BTreeSet<String>) {
    let Ok(full) = root.canonicalize() else { return Default::default() };
    let folder = if full.is_file() { full.parent() } else { Some(full.as_path()) };
    let is_package = |folder: &&Path| folder.join("__init__.py").is_file();
    let mut names: Vec<String> = folder
        .into_iter()
        .flat_map(Path::ancestors)
        .take_while(is_package)
        .filter_map(|folder| Some(folder.file_name()?.to_string_lossy().into_owned()))
        .collect();
    names.reverse();
    let packages = (1..=names.len()).filter_map(|end| Some(names.get(..end)?.join("/"))).collect();
    let prefix = names.iter().map(|name| format!("{name}/")).collect();
    (prefix, packages)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::name;
    use std::fs;

    #[test]
    fn a_root_inside_a_package_keeps_its_outer_name() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("site/shop");
        fs::create_dir_all(&root).unwrap();
        for path in ["site/__init__.py", "site/shop/__init__.py"] {
            fs::write(folder.path().join(path), "").unwrap();
        }
        let files = [(FileId(0), "__init__.py"), (FileId(1), "tools/clean.py"), (FileId(2), "views.py")];
        let layout = PythonLayout::new(&root, &files);
        assert_eq!(layout.file(name("site.shop.views")), Some(FileId(2)));
        assert_eq!(layout.file(name("site.shop")), Some(FileId(0)));
        assert_eq!(layout.file(name("clean")), Some(FileId(1)));
        assert_eq!(layout.file(name("views")), None);
    }
}
