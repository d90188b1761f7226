//! A second opinion on syntax, from parsers that the rest of the tool does not use or does not depend on.

use rustpython_parser::{Mode, parse};

use crate::program::Syntax;

/// Where the witness accepted the text before, it accepts it after.
pub(super) fn agrees(before: &str, after: &str, syntax: Syntax) -> bool {
    accepts(after, syntax) || !accepts(before, syntax)
}

fn accepts(text: &str, syntax: Syntax) -> bool {
    match syntax {
        Syntax::Python => parse(text, Mode::Module, "<file>").is_ok(),
        Syntax::Rust => syn::parse_file(text).is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_new_errors_count() {
        assert!(!agrees("if x:\n    y()\n", "if x:\n", Syntax::Python));
        assert!(agrees("if x:\n", "if x:\n    (\n", Syntax::Python));
        assert!(!agrees("fn f() {}", "fn f() {", Syntax::Rust));
    }
}
