//! Under which dotted paths can a file be imported?

use crate::program::{Name, name};

/// The dotted paths of one Python file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModulePaths {
    /// The path relative to the analysed root.
    pub path: Name,
    /// Shorter paths, longest first, that work where a folder inside the root is on `sys.path`.
    pub aliases: Vec<Name>,
    /// The file is the `__init__` of its folder: relative imports start in the folder itself.
    pub is_package: bool,
}

/// The dotted paths of the file at `rel_path` (`/` separated). `package_dirs` says whether a folder, given relative to
/// the root, holds an `__init__.py`.
///
/// A folder that is a package is not itself on `sys.path`: an alias that leaves only part of a package path would make
/// `shop/redis.py` answer to `import redis`.
#[must_use]
pub fn module_paths(rel_path: &str, package_dirs: &dyn Fn(&str) -> bool) -> ModulePaths {
    let stem =
        [".py", ".pyi", ".ipynb"].into_iter().find_map(|ending| rel_path.strip_suffix(ending)).unwrap_or(rel_path);
    let folders: Vec<&str> = stem.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let mut parts = folders.clone();
    let is_package = parts.len() > 1 && parts.last() == Some(&"__init__");
    if is_package {
        parts.pop();
    }
    let mut aliases = Vec::new();
    for cut in 1..parts.len() {
        let folder = folders[..cut].join("/");
        if !package_dirs(&folder) {
            aliases.push(name(&parts[cut..].join(".")));
        }
    }
    ModulePaths { path: name(&parts.join(".")), aliases, is_package }
}

/// The absolute path that `from {dots}{module} import …` means in the module at `paths`.
pub(super) fn absolute(paths: &ModulePaths, level: u32, module: Option<&str>) -> Name {
    let module = module.unwrap_or("");
    if level == 0 {
        return name(module);
    }
    let up = level as usize - usize::from(paths.is_package);
    let mut base = paths.path.as_str();
    for _ in 0..up {
        base = base.rsplit_once('.').map_or("", |(parent, _)| parent);
    }
    match (base, module) {
        ("", module) => name(module),
        (base, "") => name(base),
        (base, module) => name(&format!("{base}.{module}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(path: &str, packages: &[&str]) -> String {
        let paths = module_paths(path, &|dir| packages.contains(&dir));
        let aliases: Vec<&str> = paths.aliases.iter().map(|alias| alias.as_str()).collect();
        format!("{} [{}] {}", paths.path, aliases.join(", "), paths.is_package)
    }

    #[test]
    fn paths_and_aliases() {
        insta::assert_snapshot!(shown("shop/views.py", &["shop"]), @"shop.views [] false");
        insta::assert_snapshot!(shown("./manage.py", &[]), @"manage [] false");
        insta::assert_snapshot!(shown("Site/Legacy/views.py", &[]), @"Site.Legacy.views [Legacy.views, views] false");
        insta::assert_snapshot!(shown("Site/Legacy/views.py", &["Site/Legacy"]), @"Site.Legacy.views [Legacy.views] false");
        insta::assert_snapshot!(shown("src/shop/__init__.py", &["src/shop"]), @"src.shop [shop] true");
    }

    #[test]
    fn relative_imports() {
        let module = module_paths("a/b/c.py", &|_| true);
        assert_eq!(absolute(&module, 1, Some("x")).as_str(), "a.b.x");
        assert_eq!(absolute(&module, 2, None).as_str(), "a");
        assert_eq!(absolute(&module, 9, Some("x")).as_str(), "x");
        let package = module_paths("a/b/__init__.py", &|_| true);
        assert_eq!(absolute(&package, 1, Some("x")).as_str(), "a.b.x");
        assert_eq!(absolute(&package, 2, Some("x")).as_str(), "a.x");
    }
}
