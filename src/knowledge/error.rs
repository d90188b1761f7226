//! What can be wrong with a knowledge file, said so that its author finds the place.

use thiserror::Error;

use crate::nearest::nearest;

/// A knowledge file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{file}:{line}: {message}")]
pub struct KnowledgeError {
    /// The file, as it was given.
    pub file: String,
    /// The line that is wrong, from 1.
    pub line: usize,
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it; empty where there is nothing to say.
    pub help: String,
}

impl KnowledgeError {
    /// An error about the first place where the text holds `needle`.
    pub(super) fn about(file: &str, text: &str, needle: &str, message: String) -> Self {
        let line = text.find(needle).map_or(1, |at| line_of(text, at));
        Self { file: file.to_owned(), line, message, help: String::new() }
    }

    /// The same with advice.
    pub(super) fn with_help(mut self, help: String) -> Self {
        self.help = help;
        self
    }

    /// From the TOML reader, with the nearest known key where one was misspelt.
    pub(super) fn from_toml(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        let message = error.message().lines().next().unwrap_or("not valid TOML").to_owned();
        let help = misspelt(&message).unwrap_or_default();
        Self { file: file.to_owned(), line, message, help }
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

/// The advice for serde's "unknown field `x`, expected one of `a`, `b`".
fn misspelt(message: &str) -> Option<String> {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let wrong = quoted.next()?;
    if !message.starts_with("unknown ") {
        return None;
    }
    nearest(wrong, quoted).map(|known| format!("did you mean `{known}`?"))
}
