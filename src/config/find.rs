//! Where is the configuration?

use std::fs;
use std::path::{Path, PathBuf};

use super::Config;
use crate::error::Failure;

/// The nearest configuration at or above a folder, up to the repository's root. The default when there is none.
///
/// # Errors
/// A configuration that is there but wrong.
pub fn find(start: &Path, known_rules: &[&str]) -> Result<(Config, Option<PathBuf>), Failure> {
    let full = start.canonicalize().unwrap_or_else(|_| start.to_owned());
    for folder in full.ancestors() {
        for name in ["overexposed.toml", "pyproject.toml", "Cargo.toml"] {
            let path = folder.join(name);
            if let Some(config) = read_if_meant(&path, name, known_rules)? {
                return Ok((config, Some(path)));
            }
        }
        if folder.join(".git").exists() {
            break;
        }
    }
    Ok((Config::default(), None))
}

/// Reads a file that was named on the command line.
///
/// # Errors
/// When it can't be read or is wrong.
pub fn read_named(path: &Path, known_rules: &[&str]) -> Result<Config, Failure> {
    let text = fs::read_to_string(path)
        .map_err(|cause| Failure::Io { what: format!("cannot read the configuration `{}`", path.display()), cause })?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let shown = path.display().to_string();
    match name.as_str() {
        "pyproject.toml" | "Cargo.toml" => Ok(embedded(&shown, &name, &text, known_rules)?.unwrap_or_default()),
        _ => Config::read(&shown, &text, known_rules),
    }
}

fn read_if_meant(path: &Path, name: &str, known_rules: &[&str]) -> Result<Option<Config>, Failure> {
    if !path.is_file() {
        return Ok(None);
    }
    let own = name == "overexposed.toml";
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        // Somebody else's file is somebody else's problem; our own is not.
        Err(_) if !own => return Ok(None),
        Err(cause) => return Err(Failure::Io { what: format!("cannot read `{}`", path.display()), cause }),
    };
    let shown = path.display().to_string();
    if own { Config::read(&shown, &text, known_rules).map(Some) } else { embedded(&shown, name, &text, known_rules) }
}

/// The table for this tool in a file of another one.
fn embedded(path: &str, name: &str, text: &str, known_rules: &[&str]) -> Result<Option<Config>, Failure> {
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
    let table = places.iter().find_map(|keys| keys.iter().try_fold(&whole, |table, key| table.get(key)));
    table.map(|table| Config::from_table(path, text, table.clone(), known_rules)).transpose()
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
        assert!(!find(&inner, &[]).unwrap().0.counts_soft_404());
        fs::write(folder.path().join("app/pyproject.toml"), "[tool.ruff]\nline-length = 100").unwrap();
        assert!(!find(&inner, &[]).unwrap().0.counts_soft_404());
        fs::write(folder.path().join("app/pyproject.toml"), "[tool.overexposed]\ncount.approved = ['x']").unwrap();
        let (config, path) = find(&inner, &[]).unwrap();
        assert!(config.counts_soft_404() && path.unwrap().ends_with("app/pyproject.toml"));
    }
}
