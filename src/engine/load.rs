//! Which files hold a trigger? Every byte is read once; only texts of candidates are kept.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use super::Options;
use crate::config::defaults;
use crate::knowledge::Knowledge;
use crate::program::Syntax;
use crate::source::{
    Encoding, FileError, FileId, Language, Selector, SourceFile, Sources, code_of, decode, is_notebook,
};

/// The result of the scan.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// Files that could be read.
    pub read: usize,
    /// Those that hold a trigger, in path order; their texts are loaded.
    pub candidates: Vec<FileId>,
    /// Deployment files that hold a trigger, in path order; their texts are loaded.
    pub deploy: Vec<FileId>,
    /// Those that could not be read.
    pub errors: Vec<FileError>,
}

/// Text of a file, and how its bytes gave it.
pub(super) type Loaded = (Arc<str>, Encoding);

/// Reads all files and keeps the texts of those with a trigger.
pub(super) fn scan(sources: &mut Sources, knowledge: &Knowledge, options: &Options) -> Scan {
    let python = selector(knowledge, Syntax::Python, options);
    let rust = selector(knowledge, Syntax::Rust, options);
    let addresses = options.scrape.iter().map(String::as_str);
    let words: Vec<&str> = crate::deploy::triggers().collect();
    let deploy = Selector::new(words.into_iter().chain(addresses));
    let seen: Vec<Result<Option<Loaded>, String>> = sources
        .files
        .par_iter()
        .map(|file| {
            options.progress.step();
            let selector = match file.language {
                Language::Python => &python,
                Language::Rust => &rust,
                Language::Deploy => return look_at_deploy(file, &deploy),
                Language::Page => return Ok(None),
            };
            look(file, selector, options.parse_all)
        })
        .collect();
    let mut scan = Scan::default();
    for ((id, file), seen) in sources.ids().zip(&mut sources.files).zip(seen) {
        match seen {
            Err(message) => scan.errors.push(FileError { path: file.path.clone(), message }),
            Ok(loaded) => {
                scan.read += 1;
                if let Some((text, encoding)) = loaded {
                    (file.text, file.encoding) = (Some(text), encoding);
                    let list = if file.language == Language::Deploy { &mut scan.deploy } else { &mut scan.candidates };
                    list.push(id);
                }
            }
        }
    }
    scan
}

fn selector(knowledge: &Knowledge, syntax: Syntax, options: &Options) -> Selector {
    let select = &defaults().select;
    let libraries = knowledge.triggers_of(syntax).into_iter();
    let statuses: Vec<String> = options.counts.iter().map(|demand| demand.status.to_string()).collect();
    let own = select.triggers.iter().chain(&options.approved).chain(&statuses).map(String::as_str);
    let words = libraries.chain(own).chain([select.allow_marker.as_str()]);
    Selector::without(words, select.harmless.iter().map(String::as_str))
}

fn look(file: &SourceFile, selector: &Selector, parse_all: bool) -> Result<Option<Loaded>, String> {
    if let Some(text) = &file.text {
        let wanted = parse_all || selector.matches(text.as_bytes());
        return Ok(wanted.then(|| (Arc::clone(text), file.encoding)));
    }
    let bytes = read(file)?;
    if !parse_all && !selector.matches(&bytes) {
        return Ok(None);
    }
    into_text(bytes, file).map(Some)
}

/// The same for a file that is only perhaps of interest: what is too large or no text is none of ours.
fn look_at_deploy(file: &SourceFile, selector: &Selector) -> Result<Option<Loaded>, String> {
    if file.text.is_some() {
        return look(file, selector, false);
    }
    let Some(path) = &file.disk else { return Ok(None) };
    let size = path.metadata().map_err(|error| error.to_string())?.len();
    if size > crate::deploy::max_bytes() {
        return Ok(None);
    }
    let bytes = read(file)?;
    if crate::deploy::skips(&bytes) || !selector.matches(&bytes) {
        return Ok(None);
    }
    match into_text(bytes, file) {
        // Prose in another encoding says nothing of weight.
        Err(_) if !crate::deploy::must_be_text(&file.path) => Ok(None),
        read => read.map(Some),
    }
}

/// Reads a file whose text somebody asks for.
pub(super) fn load(file: &SourceFile) -> Result<Loaded, String> {
    match &file.text {
        Some(text) => Ok((Arc::clone(text), file.encoding)),
        None => into_text(read(file)?, file),
    }
}

/// Reads a file if it holds one of the words as a word of its own.
pub(super) fn load_if(file: &SourceFile, words: &Selector) -> Result<Option<Loaded>, String> {
    // What an editor or a fix says is newer than the disk.
    if let Some(text) = &file.text {
        return Ok(words.matches_word(text.as_bytes()).then(|| (Arc::clone(text), file.encoding)));
    }
    let bytes = read(file)?;
    if words.matches_word(&bytes) { into_text(bytes, file).map(Some) } else { Ok(None) }
}

fn into_text(bytes: Vec<u8>, file: &SourceFile) -> Result<Loaded, String> {
    let (text, encoding) = decode(bytes, file.language == Language::Python).map_err(|error| error.to_string())?;
    if is_notebook(&file.path) {
        return Ok((code_of(&text)?.into(), Encoding::default()));
    }
    Ok((text.into(), encoding))
}

fn read(file: &SourceFile) -> Result<Vec<u8>, String> {
    match &file.disk {
        Some(path) => read_path(path).map_err(|error| error.to_string()),
        None => Ok(Vec::new()),
    }
}

fn read_path(path: &Path) -> std::io::Result<Vec<u8>> {
    let limit = defaults().discover.max_bytes;
    // Checked before opening: opening a pipe would wait for somebody to write.
    let meta = path.metadata()?;
    if !meta.is_file() {
        return Err(std::io::Error::other("not a regular file"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len().min(limit) + 1).unwrap_or(0));
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(std::io::Error::other(format!("larger than {} MiB, not read", limit >> 20)));
    }
    Ok(bytes)
}
