//! What do names tell? Hosts, images, folders, and the words in them.

use std::collections::BTreeSet;

use super::data::data;

/// Parts of paths and names that say nothing about which program it is.
const COMMON: &[&str] = &[
    "app",
    "src",
    "main",
    "views",
    "metrics",
    "server",
    "lib",
    "wsgi",
    "asgi",
    "urls",
    "routes",
    "handlers",
    "mod",
    "service",
    "services",
    "deployment",
    "deploy",
    "k8s",
    "svc",
    "site",
    "project",
    "prod",
    "http",
    "backend",
    "python",
    "rust",
    "bin",
    "crates",
    "packages",
    "apps",
    "code",
    "default",
    "cluster",
    "pod",
];

/// Two namespaces that may be the same: what is not written follows the command that applies it.
pub(super) fn together(one: &Option<String>, other: &Option<String>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

/// The last part of an image's name, without its tag.
pub(super) fn image(image: &str) -> &str {
    let name = image.rsplit('/').next().unwrap_or_default();
    name.split([':', '@']).next().unwrap_or_default()
}

/// The first label of a host.
pub(super) fn first_label(host: &str) -> &str {
    host.split('.').next().unwrap_or_default()
}

/// Whether a name says that something is a database, an exporter and the like.
pub(super) fn is_foreign_name(name: &str) -> bool {
    let known = &data().services;
    known.known.iter().any(|whole| whole == name) || words(name).iter().any(|word| known.foreign.contains(word))
}

pub(super) fn words(name: &str) -> Vec<String> {
    name.to_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .map(str::to_owned)
        .filter(|word| !word.is_empty())
        .collect()
}

pub(super) fn is_telling(word: &str) -> bool {
    word.len() > 1 && !COMMON.contains(&word) && !word.chars().all(|c| c.is_ascii_digit())
}

/// Words of the folders and the name of a file.
pub(super) fn parts(path: &str) -> BTreeSet<String> {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    words(stem).into_iter().filter(|word| is_telling(word)).collect()
}
