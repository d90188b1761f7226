//! Embeds the knowledge: writes a list of every `rules/**/*.toml` with its text, so that a new file needs no code.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("rules");
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=build.rs");
    let mut files = Vec::new();
    collect(&root, &mut files)?;
    files.sort();
    let mut out = String::from("/// Path below `rules/` and text of each embedded file, sorted by path.\n");
    out.push_str("pub(super) static FILES: &[(&str, &str)] = &[\n");
    for file in &files {
        println!("cargo::rerun-if-changed={}", file.display());
        let relative = file.strip_prefix(&root).unwrap_or(file).to_string_lossy().replace('\\', "/");
        let absolute = file.to_string_lossy();
        let _ = writeln!(out, "    ({relative:?}, include_str!({absolute:?})),");
    }
    out.push_str("];\n");
    for (language, list) in [("python", "PYTHON_TRIGGERS"), ("rust", "RUST_TRIGGERS")] {
        let _ = writeln!(out, "/// Words that make a {language} file worth parsing, sorted, each once.");
        let found: Vec<String> = triggers(&files, language)?.into_iter().collect();
        let _ = writeln!(out, "pub(super) static {list}: &[&str] = &{found:?};");
    }
    let target = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("rules.rs");
    fs::write(target, out)
}

/// The `triggers` of all libraries of a language. They are wanted before any file is parsed, so they are picked out of
/// the head of the file here; a test compares them with what the real reader finds.
fn triggers(files: &[PathBuf], language: &str) -> io::Result<BTreeSet<String>> {
    let mut all = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(file)?;
        let head = text.split("\n[").next().unwrap_or_default();
        if array(head, "languages").iter().any(|known| known == language) {
            all.extend(array(head, "triggers"));
        }
    }
    Ok(all)
}

/// The texts in `key = ["a", "b"]`; none has an escape or a bracket in it.
fn array(head: &str, key: &str) -> Vec<String> {
    let start = head.lines().find(|line| line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('=')));
    let Some(after) = start.and_then(|line| head.split(line).nth(1).map(|rest| format!("{line}{rest}"))) else {
        return Vec::new();
    };
    let inside = after.split('[').nth(1).and_then(|rest| rest.split(']').next()).unwrap_or_default();
    inside.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            println!("cargo::rerun-if-changed={}", path.display());
            collect(&path, files)?;
        } else if path.extension().is_some_and(|end| end == "toml") {
            files.push(path);
        }
    }
    Ok(())
}
