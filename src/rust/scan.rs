//! A small lexer that never fails: enough to see delimiters and words outside of comments and literals.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Open,
    Close,
    Punct,
    Word,
    Literal,
}

/// A token of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Its first byte.
    pub(super) first: u8,
}

/// The tokens of a text.
pub(super) struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text: text.as_bytes(), at: 0 }
    }

    fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(0)
    }

    fn rest(&self, at: usize) -> &'t [u8] {
        self.text.get(at..).unwrap_or_default()
    }

    /// Skips white space and comments.
    fn trivia(&mut self) {
        loop {
            match (self.byte(self.at), self.byte(self.at + 1)) {
                (b'/', b'/') => self.at = self.line_end(self.at),
                (b'/', b'*') => self.block_comment(),
                (b' ' | b'\t' | b'\r' | b'\n', _) => self.at += 1,
                _ => return,
            }
        }
    }

    fn line_end(&self, at: usize) -> usize {
        self.rest(at).iter().position(|&b| b == b'\n').map_or(self.text.len(), |behind| at + behind)
    }

    fn block_comment(&mut self) {
        let mut depth = 0_u32;
        while self.at < self.text.len() {
            match (self.byte(self.at), self.byte(self.at + 1)) {
                (b'/', b'*') => {
                    depth += 1;
                    self.at += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return;
                    }
                }
                _ => self.at += 1,
            }
        }
    }

    /// Behind a string that starts with its quote at `at`. One that never ends is taken to end with its line.
    fn string_end(&self, at: usize) -> usize {
        let mut end = at + 1;
        while end < self.text.len() {
            match self.byte(end) {
                b'\\' => end += 2,
                b'"' => return end + 1,
                _ => end += 1,
            }
        }
        self.line_end(at)
    }

    /// Behind a raw string whose `#`s or quote start at `at`; `None` if it is none.
    fn raw_end(&self, at: usize) -> Option<usize> {
        let hashes = self.rest(at).iter().take_while(|&&b| b == b'#').count();
        if self.byte(at + hashes) != b'"' {
            return None;
        }
        let mut end = at + hashes + 1;
        while end < self.text.len() {
            let closes =
                self.byte(end) == b'"' && self.rest(end + 1).iter().take_while(|&&b| b == b'#').count() >= hashes;
            end += 1;
            if closes {
                return Some(end + hashes);
            }
        }
        Some(self.line_end(at))
    }

    /// Behind a character literal or lifetime that starts with its quote at `at`.
    fn quote_end(&self, at: usize) -> usize {
        if self.byte(at + 1) == b'\\' {
            let behind = self.rest(at + 3).iter().take(12).position(|&b| b == b'\'');
            return behind.map_or(at + 2, |behind| at + 3 + behind + 1);
        }
        let width = match self.byte(at + 1) {
            0xF0.. => 4,
            0xE0.. => 3,
            0xC0.. => 2,
            _ => 1,
        };
        if self.byte(at + 1 + width) == b'\'' { at + width + 2 } else { at + 1 }
    }

    fn word_end(&self, at: usize) -> usize {
        let is_word = |b: &&u8| b.is_ascii_alphanumeric() || **b == b'_' || **b >= 0x80;
        at + self.rest(at).iter().take_while(is_word).count().max(1)
    }
}

impl Iterator for Scanner<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        self.trivia();
        let start = self.at;
        if start >= self.text.len() {
            return None;
        }
        let first = self.byte(start);
        let (kind, end) = match first {
            b'(' | b'[' | b'{' => (Kind::Open, start + 1),
            b')' | b']' | b'}' => (Kind::Close, start + 1),
            b'"' => (Kind::Literal, self.string_end(start)),
            b'\'' => (Kind::Literal, self.quote_end(start)),
            b'0'..=b'9' => (Kind::Literal, self.word_end(start)),
            _ if first.is_ascii_alphabetic() || first == b'_' || first >= 0x80 => {
                let end = self.word_end(start);
                let literal = match (self.rest(start).get(..end - start), self.byte(end)) {
                    (Some(b"r" | b"br" | b"cr"), b'"' | b'#') => self.raw_end(end),
                    (Some(b"b" | b"c"), b'"') => Some(self.string_end(end)),
                    (Some(b"b"), b'\'') => Some(self.quote_end(end)),
                    _ => None,
                };
                literal.map_or((Kind::Word, end), |end| (Kind::Literal, end))
            }
            _ => (Kind::Punct, start + 1),
        };
        self.at = end.max(start + 1);
        Some(Token { kind, start, end: self.at, first })
    }
}

/// An upper bound for how deeply the syntax tree of a text nests: the operators, words and delimiters that are open
/// at one place, summed over the delimiters around it.
pub(super) fn nesting(text: &str) -> usize {
    let mut counts = vec![0_usize];
    let (mut total, mut most) = (0_usize, 0_usize);
    let mut after_brace = false;
    for token in Scanner::new(text) {
        let starts_anew = token.kind == Kind::Word && !matches!(text.get(token.start..token.end), Some("else" | "as"))
            || token.first == b'#'
            || matches!(token.first, b',' | b';');
        if (after_brace && starts_anew || matches!(token.first, b',' | b';'))
            && let Some(count) = counts.last_mut()
        {
            total -= *count;
            *count = 0;
        }
        after_brace = token.first == b'}';
        match token.kind {
            Kind::Open => {
                add(&mut counts, &mut total);
                counts.push(0);
            }
            Kind::Close => {
                if counts.len() > 1 {
                    total -= counts.pop().unwrap_or(0);
                }
            }
            Kind::Punct | Kind::Word => add(&mut counts, &mut total),
            Kind::Literal => {}
        }
        most = most.max(total);
    }
    most
}

fn add(counts: &mut [usize], total: &mut usize) {
    if let Some(count) = counts.last_mut() {
        *count += 1;
        *total += 1;
    }
}

/// The items of a text by their delimiters: byte ranges from one's start to the next.
pub(super) fn items(text: &str, at_margin: bool) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut start = None;
    let mut ended = None;
    let mut attribute_only = true;
    for token in Scanner::new(text) {
        let begins = at_margin && depth > 0 && is_margin(text, token.start) && is_item_word(text, token);
        let follows = ended.is_some() && (token.kind == Kind::Word || token.first == b'#');
        if (begins || follows)
            && let Some(from) = start.take()
        {
            found.push((from, ended.unwrap_or(token.start)));
            depth = 0;
            attribute_only = true;
        }
        ended = None;
        start.get_or_insert(token.start);
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => {
                depth = depth.saturating_sub(1);
                if depth == 0 && token.first == b'}' && !attribute_only {
                    ended = Some(token.end);
                }
            }
            Kind::Word if depth == 0 => attribute_only = false,
            _ => {}
        }
        if depth == 0
            && token.first == b';'
            && let Some(from) = start.take()
        {
            found.push((from, token.end));
            attribute_only = true;
        }
    }
    if let Some(from) = start {
        found.push((from, text.len()));
    }
    found
}

fn is_margin(text: &str, at: usize) -> bool {
    at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n')
}

fn is_item_word(text: &str, token: Token) -> bool {
    const WORDS: [&str; 15] = [
        "async",
        "const",
        "enum",
        "extern",
        "fn",
        "impl",
        "macro_rules",
        "mod",
        "pub",
        "static",
        "struct",
        "trait",
        "type",
        "unsafe",
        "use",
    ];
    token.first == b'#' || text.get(token.start..token.end).is_some_and(|word| WORDS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_and_comments_hide_delimiters() {
        let text = r####"fn a() { "}\"" ; r#"}"}"# ; '}' ; '\'' ; b'{' ; 'x: loop {} /* } /* } */ */ } // }
            struct B;"####;
        let found: Vec<&str> = items(text, false).into_iter().filter_map(|(from, to)| text.get(from..to)).collect();
        assert_eq!(found.len(), 2);
        assert!(found.last().is_some_and(|item| *item == "struct B;"));
    }

    #[test]
    fn nesting_counts_what_is_open() {
        assert!(nesting(&"fn f() { g(1); }\n".repeat(1000)) < 20);
        assert!(nesting(&format!("const X: u8 = {}1;", "-".repeat(500))) > 500);
        assert!(nesting(&format!("const X: u8 = {}1{};", "(".repeat(500), ")".repeat(500))) > 500);
        assert!(nesting(&format!("fn f() {{ if a {{}} {} }}", "else if b {}".repeat(500))) > 500);
    }
}
