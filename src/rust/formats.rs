//! Format strings: their text, and which argument goes where.

use crate::program::{Name, name};

/// A piece of a format string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FormatPiece {
    Text(Name),
    Value { which: Which, debug: bool },
}

/// Which argument a placeholder means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Position(usize),
    /// A named argument, or else a variable in scope.
    Named(Name),
}

/// Takes a format string apart. Text that is no valid placeholder is kept as text.
pub(super) fn parse(format: &str) -> Vec<FormatPiece> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut next = 0;
    let mut rest = format;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, tail) = rest.split_at(at);
        text.push_str(before);
        let mut chars = tail.chars();
        let brace = chars.next().unwrap_or('{');
        let after = chars.as_str();
        if let Some(after) = after.strip_prefix(brace) {
            text.push(brace);
            rest = after;
            continue;
        }
        match (brace, after.split_once('}')) {
            ('{', Some((inside, after))) => {
                if !text.is_empty() {
                    pieces.push(FormatPiece::Text(name(&std::mem::take(&mut text))));
                }
                pieces.push(placeholder(inside, &mut next));
                rest = after;
            }
            _ => {
                text.push(brace);
                rest = after;
            }
        }
    }
    text.push_str(rest);
    if !text.is_empty() {
        pieces.push(FormatPiece::Text(name(&text)));
    }
    pieces
}

fn placeholder(inside: &str, next: &mut usize) -> FormatPiece {
    let (which, spec) = inside.split_once(':').unwrap_or((inside, ""));
    let which = which.trim();
    if spec.contains(".*") {
        *next += 1;
    }
    let which = if which.is_empty() {
        *next += 1;
        Which::Position(*next - 1)
    } else if let Ok(at) = which.parse() {
        Which::Position(at)
    } else {
        Which::Named(name(which.strip_prefix("r#").unwrap_or(which)))
    };
    FormatPiece::Value { which, debug: spec.trim_end().ends_with('?') }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_placeholders_apart() {
        let text = |text: &str| FormatPiece::Text(name(text));
        let value = |which, debug| FormatPiece::Value { which, debug };
        assert_eq!(
            parse("a{{b}} {} {x:?} {1:>8.2}{:.*}é"),
            vec![
                text("a{b} "),
                value(Which::Position(0), false),
                text(" "),
                value(Which::Named(name("x")), true),
                text(" "),
                value(Which::Position(1), false),
                value(Which::Position(2), false),
                text("é"),
            ]
        );
        assert_eq!(parse("open { only"), vec![text("open { only")]);
    }
}
