//! What is known of deployment files: `rules/deploy.toml`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

const TEXT: &str = include_str!("../../rules/deploy.toml");

/// The file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Data {
    pub(super) files: Files,
    pub(super) charts: Charts,
    pub(super) services: Services,
    pub(super) references: References,
    pub(super) gates: Gates,
}

/// Which files are looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Files {
    pub(super) endings: Vec<String>,
    pub(super) names: Vec<String>,
    pub(super) prefixes: Vec<String>,
    pub(super) skip: Vec<String>,
    pub(super) hidden: Vec<String>,
    pub(super) max_bytes: u64,
    pub(super) triggers: Vec<String>,
}

/// Chart repositories.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Charts {
    pub(super) repository: String,
    pub(super) alias: String,
    pub(super) retired: Vec<String>,
    pub(super) aliases: Vec<String>,
    pub(super) moved: BTreeMap<String, String>,
}

/// What services are told apart by.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Services {
    pub(super) foreign: Vec<String>,
    pub(super) known: Vec<String>,
    pub(super) foreign_ports: Vec<u16>,
    pub(super) proxies: Vec<String>,
    pub(super) own_port: u16,
    pub(super) internal: Vec<String>,
    pub(super) guards: Vec<String>,
}

/// Names of metrics that others create.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct References {
    pub(super) known: Vec<String>,
}

/// What turns strangers away, by names: `rules/deploy.toml` says what each list holds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Gates {
    /// What libraries bring.
    pub names: Vec<String>,
    /// Words of such names.
    pub words: Vec<String>,
    /// Decorators of functions that run before every view.
    pub hooks: Vec<String>,
    /// Methods that install what runs before every view.
    pub installers: Vec<String>,
    /// Calls that make an application.
    pub applications: Vec<String>,
    /// Their arguments that run before every view.
    pub keywords: Vec<String>,
    /// Methods that lay something around routes.
    pub layers: Vec<String>,
    /// Of these, methods that cover what the router holds in the end.
    pub wraps: Vec<String>,
    /// Methods of a view or middleware that run first.
    pub methods: Vec<String>,
    /// Fields of a view's class that name what runs first.
    pub declarations: Vec<String>,
    /// Methods that make a parameter of a request.
    pub extractors: Vec<String>,
    /// By what a view looks who is there.
    pub asks: Vec<String>,
    /// Words of calls that make an answer of a number.
    pub answers: Vec<String>,
    /// Beginnings of words of errors that refuse.
    pub refusals: Vec<String>,
    /// Fields of an error's class that hold its status.
    pub statuses: Vec<String>,
    /// Parts of paths where people say who they are.
    pub logins: Vec<String>,
    /// Arguments by which a gate lets everybody pass, with the value that says so.
    pub lenient: BTreeMap<String, bool>,
}

/// What turns strangers away.
#[must_use]
pub fn gates() -> &'static Gates {
    &data().gates
}

/// The data. A test holds that the file can be read.
pub(super) fn data() -> &'static Data {
    static DATA: OnceLock<Data> = OnceLock::new();
    DATA.get_or_init(|| toml::from_str(TEXT).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_can_be_read() {
        let read: Data = toml::from_str(TEXT).unwrap();
        assert!(read.files.max_bytes > 0 && read.services.own_port == 9090);
        assert!(!read.files.triggers.is_empty() && !read.gates.names.is_empty());
    }
}
