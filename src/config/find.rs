//! Where is the configuration?

use std::fs;
use std::path::{Path, PathBuf};

use super::Config;
use crate::error::Failure;

/// A configuration, and where it stands.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// What it says.
    pub config: Config,
    /// The file; `None` where there is no configuration.
    pub path: Option<PathBuf>,
    /// The text of the file.
    pub text: String,
    /// The table for this tool, as written.
    pub table: toml::Table,
}

/// The nearest configuration at or above a folder, up to the repository's root. The default when there is none.
///
/// # Errors
/// A configuration that is there but wrong.
pub fn find(start: &Path, known_rules: &[&str]) -> Result<Found, Failure> {
    let full = start.canonicalize().unwrap_or_else(|_| start.to_owned());
    for folder in full.ancestors() {
        for name in ["overexposed.toml", "pyproject.toml", "Cargo.toml"] {
            if let Some(found) = read_if_meant(&folder.join(name), name, known_rules)? {
                return Ok(found);
            }
        }
        if folder.join(".git").exists() {
            break;
        }
    }
    Ok(Found::default())
}

/// Reads a file that was named on the command line.
///
/// # Errors
/// When it can't be read or is wrong.
pub fn read_named(path: &Path, known_rules: &[&str]) -> Result<Found, Failure> {
    let text = fs::read_to_string(path)
        .map_err(|cause| Failure::Io { what: format!("cannot read the configuration `{}`", path.display()), cause })?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let full = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    match name.as_str() {
        "pyproject.toml" | "Cargo.toml" => Ok(embedded(&full, &name, text, known_rules)?.unwrap_or_default()),
        _ => own(&full, text, known_rules),
    }
}

fn read_if_meant(path: &Path, name: &str, known_rules: &[&str]) -> Result<Option<Found>, Failure> {
    if !path.is_file() {
        return Ok(None);
    }
    let is_own = name == "overexposed.toml";
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        // Somebody else's file is somebody else's problem; our own is not.
        Err(_) if !is_own => return Ok(None),
        Err(cause) => return Err(Failure::Io { what: format!("cannot read `{}`", path.display()), cause }),
    };
    if is_own { own(path, text, known_rules).map(Some) } else { embedded(path, name, text, known_rules) }
}

fn own(path: &Path, text: String, known_rules: &[&str]) -> Result<Found, Failure> {
    let config = Config::read(&path.display().to_string(), &text, known_rules)?;
    // It was read a moment ago.
    let table = text.parse().unwrap_or_default();
    Ok(Found { config, path: Some(path.to_owned()), text, table })
}

/// The table for this tool in a file of another one.
fn embedded(path: &Path, name: &str, text: String, known_rules: &[&str]) -> Result<Option<Found>, Failure> {
    if !text.contains("overexposed") {
        return Ok(None);
    }
    let Ok(whole) = text.parse::<toml::Table>() else { return Ok(None) };
    let places: &[&[&str]] = if name == "pyproject.toml" {
        &[&["tool", "overexposed"]]
    } else {
        &[&["package", "metadata", "overexposed"], &["workspace", "metadata", "overexposed"]]
    };
    let whole = toml::Value::Table(whole);
    let Some(value) = places.iter().find_map(|keys| keys.iter().try_fold(&whole, |table, key| table.get(key))) else {
        return Ok(None);
    };
    let config = Config::from_table(&path.display().to_string(), &text, value.clone(), known_rules)?;
    let table = value.as_table().cloned().unwrap_or_default();
    Ok(Some(Found { config, path: Some(path.to_owned()), text, table }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_wins_whole() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("app/web");
        fs::create_dir_all(&inner).unwrap();
        fs::create_dir(folder.path().join(".git")).unwrap();
        fs::write(folder.path().join("overexposed.toml"), "count-soft-404 = false").unwrap();
        assert!(!find(&inner, &[]).unwrap().config.counts_soft_404());
        fs::write(folder.path().join("app/pyproject.toml"), "[tool.ruff]\nline-length = 100").unwrap();
        assert!(!find(&inner, &[]).unwrap().config.counts_soft_404());
        fs::write(folder.path().join("app/pyproject.toml"), "[tool.overexposed]\ncount.approved = ['x']").unwrap();
        let found = find(&inner, &[]).unwrap();
        assert!(found.config.counts_soft_404() && found.path.unwrap().ends_with("app/pyproject.toml"));
        fs::write(folder.path().join("app/web/Cargo.toml"), "[workspace.metadata.overexposed]\npedantic = true")
            .unwrap();
        assert_eq!(find(&inner, &[]).unwrap().config.pedantic, Some(true));
    }
}
