//! What a `Cargo.toml` says about crates and their names. It is only read, never run.

use std::collections::BTreeMap;

use toml::{Table, Value};

/// One `Cargo.toml`.
#[derive(Debug, Default)]
pub(super) struct Manifest {
    /// The folder it stands in, with a `/` at the end (empty for the root).
    pub(super) dir: String,
    pub(super) package: Option<String>,
    pub(super) lib: Target,
    pub(super) bins: Vec<Target>,
    /// `[[example]]` with a path, and `[[test]]` and `[[bench]]` (true).
    pub(super) others: Vec<(Target, bool)>,
    pub(super) dependencies: BTreeMap<String, Dependency>,
    /// `[workspace.dependencies]`.
    pub(super) shared: BTreeMap<String, Dependency>,
}

/// `[lib]` or `[[bin]]`.
#[derive(Debug, Default, Clone)]
pub(super) struct Target {
    pub(super) name: Option<String>,
    pub(super) path: Option<String>,
}

/// One dependency.
#[derive(Debug, Default, Clone)]
pub(super) struct Dependency {
    /// The package, where the dependency is renamed.
    pub(super) package: Option<String>,
    /// The folder of a path dependency.
    pub(super) path: Option<String>,
    /// Inherited from the workspace.
    pub(super) inherited: bool,
}

impl Manifest {
    /// Reads a manifest; one that is not TOML says nothing.
    pub(super) fn parse(dir: &str, text: &str) -> Self {
        let table: Table = toml::from_str(text).unwrap_or_default();
        let mut manifest = Self { dir: dir.to_owned(), ..Self::default() };
        manifest.package = text_of(table.get("package"), "name");
        manifest.lib = target(table.get("lib"));
        manifest.bins = targets(&table, "bin");
        for (section, is_test) in [("example", false), ("test", true), ("bench", true)] {
            manifest.others.extend(targets(&table, section).into_iter().map(|target| (target, is_test)));
        }
        sections(&table, &mut manifest.dependencies);
        if let Some(Value::Table(targets)) = table.get("target") {
            for target in targets.values().filter_map(Value::as_table) {
                sections(target, &mut manifest.dependencies);
            }
        }
        if let Some(Value::Table(shared)) = table.get("workspace").and_then(|workspace| workspace.get("dependencies")) {
            dependencies(shared, &mut manifest.shared);
        }
        manifest
    }
}

fn sections(table: &Table, out: &mut BTreeMap<String, Dependency>) {
    for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
        if let Some(Value::Table(listed)) = table.get(section) {
            dependencies(listed, out);
        }
    }
}

fn dependencies(listed: &Table, out: &mut BTreeMap<String, Dependency>) {
    for (key, value) in listed {
        let dependency = Dependency {
            package: text_of(Some(value), "package"),
            path: text_of(Some(value), "path"),
            inherited: value.get("workspace").and_then(Value::as_bool).unwrap_or(false),
        };
        out.entry(key.clone()).or_insert(dependency);
    }
}

fn targets(table: &Table, section: &str) -> Vec<Target> {
    match table.get(section) {
        Some(Value::Array(targets)) => targets.iter().map(|value| target(Some(value))).collect(),
        _ => Vec::new(),
    }
}

fn target(value: Option<&Value>) -> Target {
    Target { name: text_of(value, "name"), path: text_of(value, "path") }
}

fn text_of(value: Option<&Value>, key: &str) -> Option<String> {
    value?.get(key)?.as_str().map(str::to_owned)
}

/// The folder that a relative path means, seen from another folder; with a `/` at the end.
pub(super) fn folder(from: &str, path: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    if parts.is_empty() { String::new() } else { format!("{}/", parts.join("/")) }
}

/// A name as `rustc` sees it.
pub(super) fn identifier(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect()
}
