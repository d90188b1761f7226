//! Where are the comments of a file? Found by lexers, so that a `#` in a string is none.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::Ranged;

use super::{Language, Span};

/// The comments of a text, in order.
#[must_use]
pub fn comments(text: &str, language: Language) -> Vec<Span> {
    match language {
        // Pages have no comments of that kind.
        Language::Page => Vec::new(),
        Language::Python => python(text),
        Language::Rust => rust(text),
        Language::Deploy => hashes(text),
    }
}

/// Trees from so many tokens on may be too deep to be dropped on a usual stack.
const MANY_TOKENS: usize = 20_000;

fn python(text: &str) -> Vec<Span> {
    let parsed = parse_unchecked(text, ParseOptions::from(Mode::Module));
    let comments = parsed.tokens().iter().filter(|token| token.kind() == TokenKind::Comment);
    let found = comments.map(|token| Span::new(token.start().to_u32(), token.end().to_u32())).collect();
    if parsed.tokens().len() > MANY_TOKENS {
        // Dropping a hostile tree recurses as deeply as it nests; leaking it costs memory only.
        std::mem::forget(parsed);
    }
    found
}

/// Comments of YAML, nginx and shells: from a `#` at the start of a line or behind a blank, outside of quotes.
fn hashes(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches(['\n', '\r']);
        let (mut quote, mut before) = (None, ' ');
        for (at, c) in body.char_indices() {
            match quote {
                Some(open) if c == open => quote = None,
                Some(_) => {}
                None if matches!(c, '"' | '\'') => quote = Some(c),
                None if c == '#' && before.is_whitespace() => {
                    found.push(Span::new((start + at) as u32, (start + body.len()) as u32));
                    break;
                }
                None => {}
            }
            before = c;
        }
        start += line.len();
    }
    found
}

fn rust(text: &str) -> Vec<Span> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        let length = match rest {
            [b'/', b'/', ..] => line_length(rest),
            [b'/', b'*', ..] => block_length(rest),
            [b'"', ..] => string_length(rest),
            [b'r', b'"' | b'#', ..] if !continues_word(bytes, at) => raw_length(rest),
            [b'\'', ..] => char_length(rest),
            _ => 1,
        };
        if rest.starts_with(b"//") || rest.starts_with(b"/*") {
            found.push(Span::new(at as u32, (at + length).min(bytes.len()) as u32));
        }
        at += length.max(1);
    }
    found
}

/// `br"…"` and `cr"…"` are raw strings, `for"` is not.
fn continues_word(bytes: &[u8], at: usize) -> bool {
    let word = |back: usize| at.checked_sub(back).and_then(|at| bytes.get(at));
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    match word(1) {
        Some(b'b' | b'c') => word(2).is_some_and(is_word),
        before => before.is_some_and(is_word),
    }
}

fn line_length(rest: &[u8]) -> usize {
    rest.iter()
        .position(|&byte| byte == b'\n')
        .map_or(rest.len(), |end| end - usize::from(rest[..end].ends_with(b"\r")))
}

fn block_length(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

fn string_length(rest: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = rest.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

fn raw_length(rest: &[u8]) -> usize {
    let hashes = rest[1..].iter().take_while(|&&byte| byte == b'#').count();
    if rest.get(hashes + 1) != Some(&b'"') {
        return 1;
    }
    let mut close = vec![b'"'];
    close.resize(hashes + 1, b'#');
    let inside = &rest[hashes + 2..];
    let end = inside.windows(close.len()).position(|window| window == close.as_slice());
    end.map_or(rest.len(), |end| hashes + 2 + end + close.len())
}

/// A character literal, or the quote of a lifetime.
fn char_length(rest: &[u8]) -> usize {
    if rest.get(1) == Some(&b'\\') {
        let close = rest.get(3..).and_then(|tail| tail.iter().position(|&byte| byte == b'\''));
        return close.map_or(1, |close| close + 4);
    }
    // At most four bytes of one character stand between the quotes.
    let close = rest.iter().skip(1).take(5).position(|&byte| byte == b'\'');
    match close {
        Some(close) if std::str::from_utf8(&rest[1..=close]).is_ok_and(|text| text.chars().count() == 1) => close + 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str, language: Language) -> Vec<&str> {
        comments(text, language).into_iter().map(|span| &text[span.range()]).collect()
    }

    #[test]
    fn strings_hold_no_comments() {
        let python = "x = '# no'  # one\ny = f\"{d['#']} # no\"\n# two\n";
        assert_eq!(texts(python, Language::Python), ["# one", "# two"]);
        let rust = "let a = \"// no\"; // one\nlet b = r#\"\"// no\"#; /* two /* in */ */ let c: &'a str = '\"'; // three\r\n\
                    let d = b'\\''; let e = '\\u{2f}'; let f = 'é'; for\"// no\"; // four";
        assert_eq!(texts(rust, Language::Rust), ["// one", "/* two /* in */ */", "// three", "// four"]);
    }
}
