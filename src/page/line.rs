//! What does one line of a page say? The Prometheus text format 0.0.4 and 1.0 and OpenMetrics 1.0, in one grammar.

use memchr::memchr2;

use crate::source::Span;

/// A line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Line {
    /// Nothing.
    Blank,
    /// A comment that means nothing.
    Comment,
    /// `# HELP name text`.
    Help {
        /// The family.
        name: Span,
        /// The text.
        text: Span,
    },
    /// `# TYPE name kind`.
    Type {
        /// The family.
        name: Span,
        /// The kind.
        kind: Span,
    },
    /// `# UNIT name unit`.
    Unit {
        /// The family.
        name: Span,
    },
    /// `# EOF`.
    End,
    /// A sample; its labels are in the [`Parser`].
    Sample {
        /// Its name.
        name: Span,
        /// Its value.
        value: f64,
    },
}

/// A label of a sample: places of its name and its value, without quotes, with escapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    /// The name.
    pub(super) name: Span,
    /// The value.
    pub(super) value: Span,
}

/// Reads lines one by one; keeps what is of variable length.
#[derive(Debug, Default)]
pub(super) struct Parser {
    /// Labels of the last sample.
    pub(super) labels: Vec<Pair>,
    /// Labels of its exemplar.
    pub(super) exemplar: Vec<Pair>,
}

/// What is wrong with a line, in words, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed {
    /// What.
    pub(super) message: &'static str,
    /// The offset in the line.
    pub(super) at: usize,
}

type Parsed<T> = Result<T, Malformed>;

impl Parser {
    /// Reads a line without its end.
    pub(super) fn parse(&mut self, line: &[u8]) -> Parsed<Line> {
        self.labels.clear();
        self.exemplar.clear();
        let mut at = Cursor { line, at: 0 };
        at.space();
        match at.peek() {
            None => Ok(Line::Blank),
            Some(b'#') => comment(at),
            Some(_) => self.sample(at),
        }
    }

    fn sample(&mut self, mut at: Cursor<'_>) -> Parsed<Line> {
        let name = if at.peek() == Some(b'{') { None } else { Some(at.name(true)?) };
        at.space();
        let mut quoted = None;
        if at.peek() == Some(b'{') {
            quoted = at.labels(&mut self.labels)?;
        }
        let name = match (name, quoted) {
            (Some(_), Some(_)) => return at.wrong("two names for one sample"),
            (Some(name), None) | (None, Some(name)) => name,
            (None, None) => return at.wrong("no name in front of the value"),
        };
        at.space();
        let value = at.number("no value behind the name", "the value is no number")?;
        at.space();
        if at.peek().is_some_and(|byte| byte != b'#') {
            at.number("", "the timestamp is no number")?;
            at.space();
        }
        if at.peek() == Some(b'#') {
            self.exemplar(&mut at)?;
        }
        match at.peek() {
            None => Ok(Line::Sample { name, value }),
            Some(_) => at.wrong("more behind the sample"),
        }
    }

    fn exemplar(&mut self, at: &mut Cursor<'_>) -> Parsed<()> {
        at.at += 1;
        at.space();
        if at.peek() != Some(b'{') {
            return at.wrong("an exemplar without labels");
        }
        if at.labels(&mut self.exemplar)?.is_some() {
            return at.wrong("an exemplar with a name");
        }
        at.space();
        at.number("no value behind the exemplar", "the exemplar's value is no number")?;
        at.space();
        if at.peek().is_some() {
            at.number("", "the exemplar's timestamp is no number")?;
            at.space();
        }
        Ok(())
    }
}

fn comment(mut at: Cursor<'_>) -> Parsed<Line> {
    at.at += 1;
    if at.space() == 0 {
        return Ok(Line::Comment);
    }
    match at.word() {
        b"HELP" => {
            at.space();
            let name = at.any_name()?;
            at.space();
            Ok(Line::Help { name, text: at.rest() })
        }
        b"TYPE" => {
            at.space();
            let name = at.any_name()?;
            at.space();
            let start = at.at;
            if at.word().is_empty() {
                return at.wrong("a TYPE without a type");
            }
            let kind = at.since(start);
            at.space();
            if at.peek().is_some() {
                return at.wrong("more behind the type");
            }
            Ok(Line::Type { name, kind })
        }
        b"UNIT" => {
            at.space();
            Ok(Line::Unit { name: at.any_name()? })
        }
        b"EOF" if at.at == at.line.len() => Ok(Line::End),
        _ => Ok(Line::Comment),
    }
}

#[derive(Clone, Copy)]
struct Cursor<'a> {
    line: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> Option<u8> {
        self.line.get(self.at).copied()
    }

    fn tail(&self) -> &'a [u8] {
        self.line.get(self.at..).unwrap_or_default()
    }

    fn since(&self, start: usize) -> Span {
        Span::new(start as u32, self.at as u32)
    }

    fn rest(&self) -> Span {
        Span::new(self.at as u32, self.line.len() as u32)
    }

    fn wrong<T>(&self, message: &'static str) -> Parsed<T> {
        Err(Malformed { message, at: self.at })
    }

    fn skip(&mut self, wanted: impl Fn(u8) -> bool) -> usize {
        let tail = self.tail();
        let length = tail.iter().position(|&byte| !wanted(byte)).unwrap_or(tail.len());
        self.at += length;
        length
    }

    fn space(&mut self) -> usize {
        self.skip(|byte| byte == b' ' || byte == b'\t')
    }

    fn word(&mut self) -> &'a [u8] {
        let tail = self.tail();
        let length = self.skip(|byte| byte != b' ' && byte != b'\t');
        tail.get(..length).unwrap_or_default()
    }

    /// A bare name: of a metric (with colons) or a label.
    fn name(&mut self, colons: bool) -> Parsed<Span> {
        let start = self.at;
        if self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return self.wrong("a name cannot start with a digit");
        }
        self.skip(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || (colons && byte == b':'));
        if self.at == start {
            return self.wrong("a character that cannot be part of a name");
        }
        Ok(self.since(start))
    }

    /// The name in a comment, bare or quoted.
    fn any_name(&mut self) -> Parsed<Span> {
        if self.peek() == Some(b'"') { self.quoted("a name without its closing quote") } else { self.name(true) }
    }

    /// What stands between quotes.
    fn quoted(&mut self, open: &'static str) -> Parsed<Span> {
        self.at += 1;
        let start = self.at;
        loop {
            let Some(length) = memchr2(b'"', b'\\', self.tail()) else {
                self.at = start.saturating_sub(1);
                return self.wrong(open);
            };
            self.at += length;
            if self.peek() == Some(b'"') {
                let span = self.since(start);
                self.at += 1;
                return Ok(span);
            }
            self.at = (self.at + 2).min(self.line.len());
        }
    }

    /// Labels in braces; gives the metric's name if it is among them.
    fn labels(&mut self, out: &mut Vec<Pair>) -> Parsed<Option<Span>> {
        self.at += 1;
        let mut metric = None;
        loop {
            self.space();
            match self.peek() {
                None => return self.wrong("labels without their closing brace"),
                Some(b'}') => {
                    self.at += 1;
                    return Ok(metric);
                }
                Some(_) => {}
            }
            let is_quoted = self.peek() == Some(b'"');
            let name = if is_quoted { self.quoted("a name without its closing quote")? } else { self.name(false)? };
            self.space();
            if self.peek() == Some(b'=') {
                self.at += 1;
                self.space();
                if self.peek() != Some(b'"') {
                    return self.wrong("a label's value without quotes");
                }
                out.push(Pair { name, value: self.quoted("a label's value without its closing quote")? });
            } else if is_quoted && metric.is_none() {
                metric = Some(name);
            } else {
                return self.wrong("a label without a value");
            }
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {}
                _ => return self.wrong("no comma behind a label"),
            }
        }
    }

    fn number(&mut self, missing: &'static str, wrong: &'static str) -> Parsed<f64> {
        let start = self.at;
        let word = self.word();
        if word.is_empty() {
            return self.wrong(missing);
        }
        match number(word) {
            Some(number) => Ok(number),
            None => Err(Malformed { message: wrong, at: start }),
        }
    }
}

/// A number as exporters write it.
fn number(word: &[u8]) -> Option<f64> {
    if let [digit @ b'0'..=b'9'] = word {
        return Some(f64::from(digit - b'0'));
    }
    std::str::from_utf8(word).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<String, &'static str> {
        let mut parser = Parser::default();
        let text = |span: Span| &line[span.range()];
        let pairs = |pairs: &[Pair]| {
            pairs.iter().map(|pair| format!(" {}={}", text(pair.name), text(pair.value))).collect::<String>()
        };
        let parsed = parser.parse(line.as_bytes()).map_err(|malformed| malformed.message)?;
        Ok(match parsed {
            Line::Blank => "blank".to_owned(),
            Line::Comment => "comment".to_owned(),
            Line::Help { name, text: help } => format!("help {}: {}", text(name), text(help)),
            Line::Type { name, kind } => format!("type {}: {}", text(name), text(kind)),
            Line::Unit { name } => format!("unit {}", text(name)),
            Line::End => "end".to_owned(),
            Line::Sample { name, value } => {
                format!("{}{} {value} #{}", text(name), pairs(&parser.labels), pairs(&parser.exemplar))
            }
        })
    }

    #[test]
    fn lines_of_both_formats_are_read() {
        for (line, wanted) in [
            ("", "blank"),
            ("  \t", "blank"),
            ("#", "comment"),
            ("# made by hand", "comment"),
            ("#HELP x y", "comment"),
            ("# HELP x Some \\n text", "help x: Some \\n text"),
            ("# HELP x", "help x: "),
            ("# HELP \"a.b\" text", "help a.b: text"),
            ("# TYPE x counter", "type x: counter"),
            ("# UNIT x_seconds seconds", "unit x_seconds"),
            ("# EOF", "end"),
            ("x 1", "x 1 #"),
            ("x{} 1", "x 1 #"),
            ("\tx\t{ a = \"b\" , } \t 1.5e+03 1700000000000", "x a=b 1500 #"),
            ("a:b{le=\"+Inf\"} +Inf", "a:b le=+Inf inf #"),
            ("x{a=\"q\\\"u\\\\\"} NaN", "x a=q\\\"u\\\\ NaN #"),
            ("x{a=\"}, b=\\\"c\"} -1", "x a=}, b=\\\"c -1 #"),
            ("{\"my.name\",a=\"b\"} 1", "my.name a=b 1 #"),
            ("{\"my.name\", \"my label\"=\"b\"} 1", "my.name my label=b 1 #"),
            ("x_bucket{le=\"1\"} 3 # {trace_id=\"abc\"} 0.7 1.5", "x_bucket le=1 3 # trace_id=abc"),
            ("x_total 3 1.5 # {} 0.7", "x_total 3 #"),
        ] {
            assert_eq!(parse(line).as_deref(), Ok(wanted), "{line}");
        }
    }

    #[test]
    fn malformed_lines_say_what_is_wrong() {
        for (line, wanted) in [
            ("x", "no value behind the name"),
            ("x{a=\"b\"}", "no value behind the name"),
            ("x{a=\"b\" 1", "no comma behind a label"),
            ("x{a=\"b\",", "labels without their closing brace"),
            ("x{a=\"b", "a label's value without its closing quote"),
            ("x{a=\"b\\\"} 1", "a label's value without its closing quote"),
            ("x{a=b} 1", "a label's value without quotes"),
            ("x{a} 1", "a label without a value"),
            ("x twelve", "the value is no number"),
            ("x 1 soon", "the timestamp is no number"),
            ("x 1 2 3", "more behind the sample"),
            ("x 1 # 3", "an exemplar without labels"),
            ("x 1 # {} ", "no value behind the exemplar"),
            ("{} 4", "no name in front of the value"),
            ("x{\"y\"} 4", "two names for one sample"),
            ("9x 1", "a name cannot start with a digit"),
            ("<html>", "a character that cannot be part of a name"),
            ("# TYPE x", "a TYPE without a type"),
            ("# TYPE x counter of things", "more behind the type"),
        ] {
            assert_eq!(parse(line), Err(wanted), "{line}");
        }
    }
}
