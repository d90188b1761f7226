//! What libraries and names mean: what is built in, what the configuration says, and what `--rules` names.

use std::fs;
use std::path::{Path, PathBuf};

use crate::config::{Config, line_with};
use crate::error::Failure;
use crate::knowledge::{Knowledge, KnowledgeError};

/// Reads all of it. `path` and `text` are those of the configuration.
pub(super) fn read(
    folder: Option<&Path>,
    config: &Config,
    path: Option<&Path>,
    text: &str,
) -> Result<Knowledge, Failure> {
    let own = config.own_knowledge();
    if folder.is_none() && own.is_empty() && config.library_files.is_empty() {
        return Ok(Knowledge::builtin().clone());
    }
    let base = path.and_then(Path::parent).unwrap_or(Path::new("."));
    let mut files = Vec::new();
    for named in config.library_files.iter().map(|file| base.join(file)).chain(folder.map(Path::to_owned)) {
        let cannot = |cause| Failure::Io { what: format!("cannot read the knowledge in `{}`", named.display()), cause };
        for file in toml_files(&named).map_err(cannot)? {
            files.push((file.display().to_string(), fs::read_to_string(&file).map_err(cannot)?));
        }
    }
    let shown = path.map_or_else(|| "the configuration".to_owned(), |path| path.display().to_string());
    files.extend(own.into_iter().map(|text| (shown.clone(), text)));
    Knowledge::builtin().with_extra(files).map_err(|error| {
        // Inside of the configuration the entry was written anew, so its line is looked for.
        let line = if error.file == shown { line_of(&error, text) } else { error.line };
        let help = (!error.help.is_empty()).then_some(error.help);
        Failure::Knowledge { path: error.file, line, message: error.message, help }
    })
}

fn line_of(error: &KnowledgeError, text: &str) -> usize {
    // An error without a word of the text points at the first table that it may be about.
    let word = error.message.split('`').nth(1).filter(|word| text.contains(*word));
    word.map_or_else(|| line_with(text, "[library").max(line_with(text, "lexicon")), |word| line_with(text, word))
}

fn toml_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry?;
        if entry.file_type().is_file() && entry.path().extension().is_some_and(|ending| ending == "toml") {
            found.push(entry.into_path());
        }
    }
    Ok(found)
}
