//! Which module of which crate is each file? Read from `Cargo.toml` files and the names of folders.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::crates::{Macros, Package, Root, module_in};
use super::declarations;
use super::manifest::{Manifest, Target, folder, identifier};
use super::{KnownPaths, RustModule};

/// Reads a file of the project by its relative path.
pub type Reader<'r> = &'r dyn Fn(&str) -> Option<String>;

/// The modules of all Rust files of a project.
#[derive(Debug, Default)]
pub struct CrateLayout {
    modules: BTreeMap<String, RustModule>,
}

impl CrateLayout {
    /// What the file with this relative path is.
    #[must_use]
    pub fn module(&self, path: &str) -> Option<&RustModule> {
        self.modules.get(path)
    }

    /// Tells all files which paths other crates are known to have.
    pub fn know(&mut self, paths: &KnownPaths) {
        for module in self.modules.values_mut() {
            module.known = paths.clone();
        }
    }

    /// All files with their modules, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RustModule)> {
        self.modules.iter().map(|(path, module)| (path.as_str(), module))
    }
}

/// Finds the module of every `.rs` file. `files` are relative paths with `/`, the `Cargo.toml` files among them; `read`
/// gives the text of a file, and is asked for manifests, crate roots and few others.
#[must_use]
pub fn layout(files: &[String], read: Reader<'_>) -> CrateLayout {
    let sources: BTreeSet<&str> = files.iter().map(String::as_str).filter(|path| path.ends_with(".rs")).collect();
    if sources.is_empty() {
        return CrateLayout::default();
    }
    let mut dirs: BTreeSet<&str> = files.iter().filter_map(|path| path.strip_suffix("Cargo.toml")).collect();
    dirs.retain(|dir| dir.is_empty() || dir.ends_with('/'));
    // Where only a part of a package is looked at (`src/`), its manifest is not among the files.
    for path in &sources {
        if let Some(dir) = path.strip_suffix("src/lib.rs").or_else(|| path.strip_suffix("src/main.rs")) {
            dirs.insert(dir);
        }
    }
    let manifests: Vec<Manifest> =
        dirs.into_iter().filter_map(|dir| Some(Manifest::parse(dir, &read(&format!("{dir}Cargo.toml"))?))).collect();
    let mut finder = Finder { sources, read, taken: BTreeSet::new(), packages: Vec::new() };
    finder.packages(&manifests);
    finder.loose();
    let libraries: BTreeMap<String, Macros> = finder
        .packages
        .iter()
        .filter_map(|package| {
            let lib = package.lib.as_ref()?;
            let root = package.roots.iter().find(|root| root.name == *lib)?;
            Some((lib.clone(), Arc::clone(&root.macros)))
        })
        .collect();
    for package in &mut finder.packages {
        package.share(&libraries);
    }
    finder.modules()
}

struct Finder<'f> {
    sources: BTreeSet<&'f str>,
    read: Reader<'f>,
    /// Crate paths that are given away already.
    taken: BTreeSet<String>,
    packages: Vec<Package>,
}

impl Finder<'_> {
    /// Libraries get their names first, so that they keep them.
    fn packages(&mut self, manifests: &[Manifest]) {
        for manifest in manifests {
            let Some(name) = &manifest.package else { continue };
            let mut package =
                Package { dir: manifest.dir.clone(), roots: Vec::new(), lib: None, externs: BTreeMap::new() };
            let path = format!("{}{}", manifest.dir, manifest.lib.path.as_deref().unwrap_or("src/lib.rs"));
            if self.sources.contains(path.as_str()) {
                let known = manifest.lib.name.as_deref().unwrap_or(name);
                let root = self.root(path, &identifier(known), false);
                package.externs.insert(identifier(known), root.name.clone());
                package.lib = Some(root.name.clone());
                package.roots.push(root);
            }
            self.packages.push(package);
        }
        let named = manifests.iter().filter(|manifest| manifest.package.is_some());
        for (at, manifest) in named.enumerate() {
            let roots = self.other_roots(manifest);
            let externs = self.externs(manifest, manifests);
            if let Some(package) = self.packages.get_mut(at) {
                package.roots.extend(roots);
                package.externs.extend(externs);
            }
        }
    }

    fn root(&mut self, path: String, name: &str, is_test: bool) -> Root {
        let mut free = name.to_owned();
        let mut count = 1;
        while !self.taken.insert(free.clone()) {
            count += 1;
            free = if count == 2 { format!("{name}.<main>") } else { format!("{name}.<{count}>") };
        }
        let text = (self.read)(&path).unwrap_or_default();
        let mut dir = path.rfind('/').map_or("", |at| path.get(..=at).unwrap_or_default()).to_owned();
        if path.ends_with("build.rs") {
            // Its folder is the package's: the modules in there are not the build script's.
            dir.push_str("build.rs/");
        }
        let macros = Arc::new(self.macros(&free, &dir, &text));
        let macro_crates = declarations::macro_crates(&text);
        Root { path, dir, name: free, is_test, text, macros, externs: Arc::default(), macro_crates }
    }

    /// `macro_rules!` of the root and of its modules that share theirs.
    fn macros(&self, krate: &str, dir: &str, text: &str) -> BTreeMap<String, String> {
        let mut found = declarations::macro_rules(text);
        for module in declarations::macro_modules(text) {
            let path = [format!("{dir}{module}.rs"), format!("{dir}{module}/mod.rs")]
                .into_iter()
                .find(|path| self.sources.contains(path.as_str()));
            if let Some(text) = path.and_then(|path| (self.read)(&path)) {
                found.extend(declarations::macro_rules(&text));
            }
        }
        found.into_iter().map(|(name, inside)| (format!("{krate}.{name}"), inside)).collect()
    }

    /// Binaries, tests, benches, examples and the build script.
    fn other_roots(&mut self, manifest: &Manifest) -> Vec<Root> {
        let dir = manifest.dir.as_str();
        let package = identifier(manifest.package.as_deref().unwrap_or_default());
        let mut wanted: Vec<(String, String, bool)> = Vec::new();
        for Target { name, path } in &manifest.bins {
            let name = name.as_deref().unwrap_or(&package);
            let path = path.clone().unwrap_or_else(|| format!("src/bin/{name}.rs"));
            let name =
                if path == "src/main.rs" { package.clone() } else { format!("{package}.<{}>", identifier(name)) };
            wanted.push((format!("{dir}{path}"), name, false));
        }
        wanted.push((format!("{dir}src/main.rs"), package.clone(), false));
        for (Target { name, path }, is_test) in &manifest.others {
            if let (Some(name), Some(path)) = (name, path) {
                wanted.push((format!("{dir}{path}"), format!("{package}.<{}>", identifier(name)), *is_test));
            }
        }
        for (kind, is_test) in [("src/bin/", false), ("examples/", false), ("tests/", true), ("benches/", true)] {
            let inside = format!("{dir}{kind}");
            for path in self.sources.range(inside.as_str()..).take_while(|path| path.starts_with(&inside)) {
                let rest = path.get(inside.len()..).unwrap_or_default();
                let name = rest.strip_suffix("/main.rs").or_else(|| rest.strip_suffix(".rs")).unwrap_or(rest);
                if !name.contains('/') {
                    // Not the bare name: `examples/axum.rs` is not the crate `axum`.
                    wanted.push(((*path).to_owned(), format!("{package}.<{}>", identifier(name)), is_test));
                }
            }
        }
        wanted.push((format!("{dir}build.rs"), format!("{package}.<build>"), false));
        let mut seen = BTreeSet::new();
        wanted
            .into_iter()
            .filter(|(path, _, _)| self.sources.contains(path.as_str()) && seen.insert(path.clone()))
            .collect::<Vec<_>>()
            .into_iter()
            .map(|(path, name, is_test)| self.root(path, &name, is_test))
            .collect()
    }

    /// Names of dependencies, renamed and path dependencies resolved.
    fn externs(&self, manifest: &Manifest, all: &[Manifest]) -> BTreeMap<String, String> {
        let workspace = all
            .iter()
            .filter(|other| !other.shared.is_empty() && manifest.dir.starts_with(&other.dir))
            .max_by_key(|other| other.dir.len());
        let mut externs = BTreeMap::new();
        for (key, dependency) in &manifest.dependencies {
            let shared = workspace
                .filter(|_| dependency.inherited)
                .and_then(|found| found.shared.get(key).map(|dependency| (dependency, found.dir.as_str())));
            let (dependency, from) = shared.unwrap_or((dependency, manifest.dir.as_str()));
            let own = dependency.path.as_ref().and_then(|path| {
                let dir = folder(from, path);
                self.packages.iter().find(|package| package.dir == dir)?.lib.clone()
            });
            let path = own.unwrap_or_else(|| identifier(dependency.package.as_deref().unwrap_or(key)));
            externs.insert(identifier(key), path);
        }
        externs
    }

    /// Files that no package holds: every folder with a `lib.rs` or `main.rs` is a crate.
    fn loose(&mut self) {
        let loose: Vec<String> =
            self.sources.iter().filter(|path| self.package_of(path).is_none()).map(|path| (*path).to_owned()).collect();
        let is_root = |path: &str| matches!(path.rsplit('/').next(), Some("lib.rs" | "main.rs"));
        for path in loose.iter().filter(|path| is_root(path)) {
            let dir = path.rfind('/').map_or("", |at| path.get(..=at).unwrap_or_default());
            let mut name = folder_name(dir);
            // A folder called like a crate that it uses is not that crate.
            if (self.read)(path).is_some_and(|text| text.contains(&format!("{name}::"))) {
                name.push_str("_app");
            }
            let root = self.root(path.clone(), &name, false);
            match self.packages.iter_mut().find(|package| package.dir == dir) {
                Some(package) => package.roots.push(root),
                None => self.packages.push(Package {
                    dir: dir.to_owned(),
                    lib: None,
                    externs: BTreeMap::new(),
                    roots: vec![root],
                }),
            }
        }
    }

    /// The innermost package around a file.
    fn package_of(&self, path: &str) -> Option<&Package> {
        self.packages.iter().filter(|package| path.starts_with(&package.dir)).max_by_key(|package| package.dir.len())
    }

    fn modules(&self) -> CrateLayout {
        let mut modules = BTreeMap::new();
        for &path in &self.sources {
            let module = match self.package_of(path) {
                Some(package) => self.module(package, path),
                None => alone(path),
            };
            modules.insert(path.to_owned(), module);
        }
        CrateLayout { modules }
    }

    fn module(&self, package: &Package, path: &str) -> RustModule {
        let in_tests = ["tests/", "benches/"].iter().any(|tests| path.starts_with(&format!("{}{tests}", package.dir)));
        if let Some(root) = package.roots.iter().find(|root| root.path == path) {
            return module_in(root, "", root.is_test);
        }
        if let Some((root, rest)) = self.by_path_attribute(package, path) {
            return module_in(root, &rest, root.is_test || in_tests);
        }
        let mut around: Vec<&Root> = package.roots.iter().filter(|root| path.starts_with(&root.dir)).collect();
        let fallback = around.first().copied();
        // The nearest first; the library before the others.
        around.sort_by_key(|root| std::cmp::Reverse(root.dir.len()));
        let declares = |root: &&&Root| {
            parts(path, &root.dir).first().is_some_and(|first| declarations::declares(&root.text, first))
        };
        if let Some(root) = around.iter().find(declares) {
            let parts = parts(path, &root.dir);
            let is_test = root.is_test || in_tests || self.is_for_tests(root, &parts);
            return module_in(root, &parts.join("."), is_test);
        }
        match fallback {
            Some(root) => module_in(root, &parts(path, &root.dir).join("."), root.is_test || in_tests),
            None => RustModule { is_test: in_tests, externs: Arc::new(package.externs.clone()), ..alone(path) },
        }
    }

    /// `#[path = "x.rs"] mod y;` in a root of the package.
    fn by_path_attribute<'p>(&self, package: &'p Package, path: &str) -> Option<(&'p Root, String)> {
        package.roots.iter().filter(|root| root.text.contains("#[path")).find_map(|root| {
            let (name, _) = declarations::path_attributes(&root.text)
                .into_iter()
                .find(|(_, file)| folder(&root.dir, file).trim_end_matches('/') == path)?;
            Some((root, name))
        })
    }

    /// Whether one of the modules is declared under `#[cfg(test)]`. Only names that sound like it are looked up.
    fn is_for_tests(&self, root: &Root, parts: &[String]) -> bool {
        parts.iter().enumerate().any(|(at, part)| {
            if !["test", "mock", "fixture", "bench"].iter().any(|word| part.contains(word)) {
                return false;
            }
            let parent = parts.get(..at).unwrap_or_default().join("/");
            if parent.is_empty() {
                return declarations::declares_for_tests(&root.text, part);
            }
            let text = [format!("{}{parent}.rs", root.dir), format!("{}{parent}/mod.rs", root.dir)]
                .iter()
                .find(|path| self.sources.contains(path.as_str()))
                .and_then(|path| (self.read)(path));
            text.is_some_and(|text| declarations::declares_for_tests(&text, part))
        })
    }
}

/// The modules that a file's path below the crate's folder means.
fn parts(path: &str, dir: &str) -> Vec<String> {
    let rest = path.strip_prefix(dir).unwrap_or(path);
    let rest = rest.strip_suffix("/mod.rs").or_else(|| rest.strip_suffix(".rs")).unwrap_or(rest);
    rest.split('/').map(identifier).collect()
}

/// A crate without a manifest is called like its folder.
fn folder_name(dir: &str) -> String {
    let mut parts = dir.split('/').filter(|part| !part.is_empty()).rev();
    let name = parts.find(|part| *part != "src").unwrap_or("app");
    identifier(name)
}

/// A file that belongs to no crate root.
fn alone(path: &str) -> RustModule {
    let dir = path.rfind('/').map_or("", |at| path.get(..=at).unwrap_or_default());
    let krate = folder_name(dir);
    let parts = parts(path, dir);
    let rest: Vec<&str> = parts.iter().map(String::as_str).filter(|part| *part != "mod").collect();
    RustModule {
        path: std::iter::once(krate.as_str()).chain(rest).collect::<Vec<_>>().join("."),
        crate_name: krate,
        ..RustModule::default()
    }
}
