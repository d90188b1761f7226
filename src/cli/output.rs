//! Writing to people and pipes.

use std::io::{IsTerminal, Write};

use crate::error::Failure;
use crate::report::Style;

/// Writes to standard output. A reader that has gone away is no error.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(cause) if cause.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::Io { what: "cannot write the report".to_owned(), cause })
        }
        _ => Ok(()),
    }
}

/// Writes to standard error, as well as it goes.
pub(super) fn error(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// How text for people is drawn on this standard output.
pub(super) fn style() -> Style {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let width = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    Style {
        color: std::io::stdout().is_terminal() && !set("NO_COLOR") && !dumb,
        unicode: !dumb,
        width: width.unwrap_or(100).clamp(40, 200),
    }
}
