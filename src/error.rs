//! What can keep the tool from doing its job, each with its help.

use miette::Diagnostic;
use thiserror::Error;

/// A reason for exit code 2.
#[derive(Debug, Error, Diagnostic)]
pub enum Failure {
    /// A path that was given cannot be read.
    #[error("cannot read `{path}`: {message}")]
    #[diagnostic(help("give a folder, or a file that ends in .py or .rs"))]
    Unreadable {
        /// The path.
        path: String,
        /// What the system says.
        message: String,
    },
    /// A metrics page cannot be had.
    #[error("cannot read the page `{source_name}`: {message}")]
    Page {
        /// Where it was to come from, without what is secret in it.
        source_name: String,
        /// What went wrong.
        message: String,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// Not one file could be read.
    #[error("none of the {0} files could be read")]
    #[diagnostic(help("the reports above say why, file by file"))]
    NothingRead(usize),
    /// A configuration file is wrong.
    #[error("{path}:{line}: {message}")]
    Config {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// A knowledge file given with `--rules` is wrong.
    #[error("{path}:{line}: {message}")]
    Knowledge {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// No rule has this name.
    #[error("there is no rule `{name}`")]
    UnknownRule {
        /// The name given.
        name: String,
        /// The nearest known one.
        #[help]
        help: Option<String>,
    },
    /// Git cannot say what changed.
    #[error("{message}")]
    Git {
        /// What git says.
        message: String,
        /// What to do.
        #[help]
        help: String,
    },
    /// A baseline that cannot be used.
    #[error("{path}: {message}")]
    Baseline {
        /// The file.
        path: String,
        /// What is wrong.
        message: String,
        /// What to do.
        #[help]
        help: String,
    },
    /// A report that cannot be merged.
    #[error("{path}: {message}")]
    #[diagnostic(help("`overexposed check --output-format json` writes reports"))]
    Report {
        /// The file.
        path: String,
        /// What is wrong.
        message: String,
    },
    /// Arguments that do not go together.
    #[error("{0}")]
    Arguments(String),
    /// Something that can't be written or run.
    #[error("{what}: {cause}")]
    Io {
        /// What was tried.
        what: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// Mended files that could not be written.
    #[error("{0}")]
    Write(String),
    /// A mistake of ours.
    #[error("internal error: {0}")]
    #[diagnostic(help("please report it with the input that causes it"))]
    Internal(String),
}
