//! Reads one knowledge file.

use super::effect::Library;
use super::error::KnowledgeError;
use super::lexicon::LexiconFile;
use super::validate;
use crate::nearest::nearest;

/// What a knowledge file holds.
#[derive(Debug)]
pub(super) enum KnowledgeFile {
    /// A library: the file has the key `library`.
    Library(Box<Library>),
    /// Words: any other file.
    Lexicon(Box<LexiconFile>),
}

/// Reads a file; a library must also make sense (see [`validate`]).
pub(super) fn read(file: &str, text: &str) -> Result<KnowledgeFile, KnowledgeError> {
    if !is_library(text) {
        let lexicon = toml::from_str(text).map_err(|error| KnowledgeError::from_toml(file, text, &error))?;
        return Ok(KnowledgeFile::Lexicon(Box::new(lexicon)));
    }
    let library: Library = toml::from_str(text).map_err(|error| KnowledgeError::from_toml(file, text, &error))?;
    for language in &library.languages {
        if !["python", "rust"].contains(&language.as_str()) {
            let help = nearest(language, ["python", "rust"]).map(|known| format!("did you mean `{known}`?"));
            let message = format!("unknown language `{language}`: known are `python` and `rust`");
            return Err(KnowledgeError::about(file, text, language, message).with_help(help.unwrap_or_default()));
        }
    }
    Ok(KnowledgeFile::Library(Box::new(library)))
}

/// Reads a file that is not our own: everything in it is checked, too.
pub(super) fn read_checked(file: &str, text: &str) -> Result<KnowledgeFile, KnowledgeError> {
    let read = read(file, text)?;
    if let KnowledgeFile::Library(library) = &read {
        validate::library(file, text, library)?;
    }
    Ok(read)
}

fn is_library(text: &str) -> bool {
    text.lines()
        .map(str::trim_start)
        .any(|line| line.strip_prefix("library").is_some_and(|rest| rest.trim_start().starts_with('=')))
}
