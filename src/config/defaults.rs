//! What holds where nothing is configured: `rules/defaults.toml`.

use std::sync::OnceLock;

use serde::Deserialize;

const TEXT: &str = include_str!("../../rules/defaults.toml");

/// The file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Defaults {
    /// Counting.
    pub count: CountDefaults,
    /// What makes a file worth parsing.
    pub select: SelectDefaults,
    /// Which files are looked at.
    pub discover: DiscoverDefaults,
}

/// Counting.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct CountDefaults {
    /// Full names of the approved counters.
    pub approved: Vec<String>,
    /// The status that counters count where nothing else is said.
    pub status: u16,
    /// Whether soft 404s are 404s for counting.
    pub soft_404: bool,
    /// How a body says that something was not found.
    pub soft: SoftDefaults,
}

/// How a body says that something was not found.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct SoftDefaults {
    /// The number, as a word of its own.
    pub number: String,
    /// Words that stand beside it.
    pub beside: Vec<String>,
    /// Words in a row that do.
    pub phrases: Vec<String>,
    /// Keys of documents under which a status stands.
    pub keys: Vec<String>,
}

/// What makes a file worth parsing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct SelectDefaults {
    /// Words of any language, beside those of libraries.
    pub triggers: Vec<String>,
    /// Words that hold a trigger and mean something else.
    pub harmless: Vec<String>,
    /// What an allow comment starts with.
    pub allow_marker: String,
}

/// Which files are looked at.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct DiscoverDefaults {
    /// Folders that are never entered, by name.
    pub skip_folders: Vec<String>,
    /// Folders that are never entered, by a file in them.
    pub skip_folders_with: Vec<String>,
    /// Folders of test code.
    pub test_folders: Vec<String>,
    /// Patterns for files of test code.
    pub test_files: Vec<String>,
    /// Larger files are not read.
    pub max_bytes: u64,
}

/// The defaults. A test holds that the file can be read.
#[must_use]
pub fn defaults() -> &'static Defaults {
    static DEFAULTS: OnceLock<Defaults> = OnceLock::new();
    DEFAULTS.get_or_init(|| toml::from_str(TEXT).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_can_be_read() {
        let read: Defaults = toml::from_str(TEXT).unwrap();
        assert!(!read.count.approved.is_empty() && read.discover.max_bytes > 0);
        assert!(!read.select.allow_marker.is_empty());
    }
}
