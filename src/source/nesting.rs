//! Is a text nested so deeply that a recursive parser would run out of stack?
//!
//! An over-estimate from characters alone: open brackets, plus operators since the last separator at each open
//! level (a chain of operators is a chain of nested expressions), plus indentation. No person writes thousands.

use super::Language;

/// Whether brackets, operator chains and indentation of `text` may nest deeper than `limit`.
#[must_use]
pub fn nested_deeper_than(limit: u32, text: &str, language: Language) -> bool {
    let mut scan = Scan { bytes: text.as_bytes(), at: 0, language, levels: vec![0], depth: 0 };
    while let Some(&byte) = scan.bytes.get(scan.at) {
        scan.step(byte);
        if scan.depth > limit {
            return true;
        }
    }
    false
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    language: Language,
    /// Operators since the last separator, per open bracket.
    levels: Vec<u32>,
    /// Open brackets plus the sum of `levels`.
    depth: u32,
}

impl Scan<'_> {
    fn step(&mut self, byte: u8) {
        match byte {
            b'(' | b'[' | b'{' => {
                self.levels.push(0);
                self.depth += 1;
                self.at += 1;
            }
            b')' | b']' | b'}' => self.close(byte),
            b',' | b';' => self.separate(),
            b'\n' => self.newline(),
            b'"' | b'\'' => self.quoted(byte),
            b'#' if self.language == Language::Python => self.skip_line(),
            b'/' if self.language == Language::Rust && self.starts(b"//") => self.skip_line(),
            b'/' if self.language == Language::Rust && self.starts(b"/*") => self.skip_past(b"*/"),
            b'A'..=b'Z' | b'a'..=b'z' | b'_' | 0x80.. => self.word(),
            b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'^' | b'~' | b'<' | b'>' | b'=' | b'!' | b'.' | b'?'
            | b'@' => {
                self.operator();
                self.at += 1;
            }
            _ => self.at += 1,
        }
    }

    fn starts(&self, with: &[u8]) -> bool {
        self.bytes[self.at..].starts_with(with)
    }

    fn operator(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            *level += 1;
            self.depth += 1;
        }
    }

    fn separate(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            self.depth -= *level;
            *level = 0;
        }
        self.at += 1;
    }

    fn close(&mut self, byte: u8) {
        if self.levels.len() > 1 {
            self.depth -= self.levels.pop().unwrap_or(0) + 1;
        }
        self.at += 1;
        // A Rust item or statement that ends with its block needs no `;`.
        if byte == b'}' && self.language == Language::Rust {
            let rest = self.bytes[self.at..].trim_ascii_start();
            let goes_on = rest.starts_with(b"else") || rest.first().is_some_and(|next| b".?+-*/%&|^<>=".contains(next));
            if !goes_on {
                self.at = self.at.saturating_sub(1);
                self.separate();
            }
        }
    }

    fn newline(&mut self) {
        self.at += 1;
        if self.language == Language::Python && self.levels.len() == 1 {
            if self.at >= 2 && self.bytes[self.at - 2] == b'\\' {
                return;
            }
            let indent = self.bytes[self.at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count() as u32;
            self.levels = vec![indent];
            self.depth = indent;
        }
    }

    fn word(&mut self) {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(|&byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80) {
            self.at += 1;
        }
        match &self.bytes[start..self.at] {
            b"not" | b"lambda" | b"if" | b"else" | b"await" | b"and" | b"or" | b"in" | b"is" | b"as" | b"move"
            | b"return" | b"break" | b"async" | b"unsafe" | b"mut" | b"dyn" | b"ref" => self.operator(),
            word if self.language == Language::Rust && matches!(word, b"r" | b"br" | b"cr") => self.raw_string(),
            _ => {}
        }
    }

    fn raw_string(&mut self) {
        let hashes = self.bytes[self.at..].iter().take_while(|&&byte| byte == b'#').count();
        if self.bytes.get(self.at + hashes) == Some(&b'"') {
            let mut close = vec![b'"'];
            close.resize(hashes + 1, b'#');
            self.at += hashes + 1;
            self.skip_past(&close);
        }
    }

    fn quoted(&mut self, quote: u8) {
        let triple = [quote; 3];
        if self.language == Language::Python && self.starts(&triple) {
            self.at += 3;
            return self.skip_past(&triple);
        }
        if self.language == Language::Rust && quote == b'\'' {
            let is_char = self.bytes.get(self.at + 1) == Some(&b'\\') || self.bytes.get(self.at + 2) == Some(&b'\'');
            if !is_char {
                self.at += 1;
                return;
            }
        }
        self.at += 1;
        while let Some(&byte) = self.bytes.get(self.at) {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'\n' if self.language == Language::Python => return,
                _ if byte == quote => return,
                _ => {}
            }
        }
    }

    fn skip_line(&mut self) {
        while self.bytes.get(self.at).is_some_and(|&byte| byte != b'\n') {
            self.at += 1;
        }
    }

    fn skip_past(&mut self, end: &[u8]) {
        while self.at < self.bytes.len() {
            if self.starts(end) {
                self.at += end.len();
                return;
            }
            self.at += if self.bytes[self.at] == b'\\' && end[0] != b'*' && end.len() == 3 { 2 } else { 1 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_deep() {
        let deep = [
            "(".repeat(500),
            "x = ".to_owned() + &"not ".repeat(500) + "y",
            "x = 1".to_owned() + &" + 1".repeat(500),
            "x = a".to_owned() + &".b".repeat(500),
        ];
        for text in deep {
            assert!(nested_deeper_than(300, &text, Language::Python), "{}", &text[..20]);
        }
        let chain = "fn f() { ".to_owned() + &"if a { } else ".repeat(500) + "{ } }";
        assert!(nested_deeper_than(300, &chain, Language::Rust));
    }

    #[test]
    fn long_text_is_not_deep() {
        let python = "def f(a, *b):\n    return {'a': -a, \"b((((\": '''((((''' + a}  # ((((\n".repeat(500);
        assert!(!nested_deeper_than(40, &python, Language::Python));
        let rust = "impl<'a> T<'a> { fn f(&self) -> u8 { let c = '('; if x { 1 } else { 2 } } }\n\
                    const S: &str = r#\"((\"((\"#; /* (((( */ // ((((\n"
            .repeat(500);
        assert!(!nested_deeper_than(40, &rust, Language::Rust));
        let table = format!("X = [{}]", "-1, ".repeat(5000));
        assert!(!nested_deeper_than(40, &table, Language::Python));
    }
}
