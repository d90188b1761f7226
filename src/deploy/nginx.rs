//! What does an nginx configuration say, and where? Directives and blocks, whatever they mean.

use super::templates::mask;
use super::text::Text;
use crate::source::Location;

/// Deeper nesting is not read.
const MAX_DEPTH: usize = 40;

/// A configuration, or a part of one.
#[derive(Debug, Clone, Default)]
pub struct Conf {
    /// Its directives.
    pub top: Vec<Directive>,
    /// The path of its file, for includes.
    pub path: String,
    /// The ConfigMap that it is kept in.
    pub map: String,
    /// The first line that cannot be read, and why.
    pub problem: Option<(Location, String)>,
}

/// A directive.
#[derive(Debug, Clone)]
pub struct Directive {
    /// Its name.
    pub name: String,
    /// Its arguments, without quotes.
    pub args: Vec<String>,
    /// Its first line.
    pub at: Location,
    /// What stands in its braces.
    pub block: Option<Vec<Directive>>,
}

impl Directive {
    /// The directives of its block.
    #[must_use]
    pub fn inner(&self) -> &[Directive] {
        self.block.as_deref().unwrap_or_default()
    }

    /// Its first argument.
    #[must_use]
    pub fn first(&self) -> &str {
        self.args.first().map_or("", String::as_str)
    }
}

/// Whether a text looks like an nginx configuration: a block and a directive that only nginx has.
pub(super) fn is_conf(text: &str) -> bool {
    let mut blocks = 0;
    let mut sure = 0;
    for line in text.lines().map(str::trim_start) {
        let word = line.split([' ', '\t', '{', ';']).next().unwrap_or_default();
        match word {
            "server" | "http" | "upstream" | "location" | "events" if line.trim_end().ends_with('{') => blocks += 1,
            "location" | "server" if line.contains('{') && (line.contains('}') || line.contains(';')) => blocks += 2,
            "proxy_pass" | "uwsgi_pass" | "listen" | "server_name" | "fastcgi_pass" | "deny" | "proxy_set_header"
            | "grpc_pass" | "include" | "auth_basic" | "return" | "scgi_pass" | "root" | "alias" | "stub_status"
            | "allow" | "try_files" | "internal" | "worker_connections"
                if line.contains(';') =>
            {
                sure += 1;
            }
            _ => {}
        }
    }
    blocks > 0 && (sure > 0 || blocks > 1)
}

/// Reads a configuration as far as it goes.
pub(super) fn parse(text: &Text) -> Conf {
    let masked = mask(&text.content).map(|masked| masked.text);
    let source = masked.as_deref().unwrap_or(&text.content);
    let mut reader = Reader { text, source, at: 0, problem: None };
    let top = reader.block(0);
    if reader.problem.is_none() && reader.at < source.len() {
        let blank = source.get(reader.at..).map_or(0, |rest| rest.len() - rest.trim_start().len());
        reader.fails(reader.at + blank, "a brace is closed that was never opened");
    }
    Conf { top, problem: reader.problem, ..Conf::default() }
}

struct Reader<'a> {
    text: &'a Text,
    source: &'a str,
    at: usize,
    problem: Option<(Location, String)>,
}

enum Token {
    Word(usize, String),
    Open,
    Close,
    End,
}

impl Reader<'_> {
    fn fails(&mut self, offset: usize, message: &str) {
        let at = Location::new(self.text.file, self.text.line_at(offset));
        self.problem.get_or_insert_with(|| (at, message.to_owned()));
    }

    /// Directives up to the brace that closes them.
    fn block(&mut self, depth: usize) -> Vec<Directive> {
        let mut found = Vec::new();
        let mut words: Vec<(usize, String)> = Vec::new();
        loop {
            let start = self.at;
            match self.token() {
                Some(Token::Word(at, word)) => words.push((at, word)),
                Some(Token::End) => found.extend(self.directive(&mut words, None)),
                Some(Token::Open) => {
                    let is_script = words.first().is_some_and(|(_, name)| name.ends_with("_by_lua_block"));
                    if depth >= MAX_DEPTH || is_script {
                        self.skip_block();
                        words.clear();
                    } else {
                        let inner = self.block(depth + 1);
                        found.extend(self.directive(&mut words, Some(inner)));
                    }
                }
                Some(Token::Close) => {
                    if let Some((at, name)) = words.first().cloned() {
                        self.fails(at, &format!("`{name}` does not end in `;`"));
                        found.extend(self.directive(&mut words, None));
                    }
                    if depth == 0 {
                        // Left for the caller to report.
                        self.at = start;
                    }
                    return found;
                }
                None => {
                    if let Some((at, name)) = words.first().cloned() {
                        self.fails(at, &format!("`{name}` does not end in `;`"));
                    } else if depth > 0 {
                        self.fails(self.source.trim_end().len().saturating_sub(1), "a brace is not closed");
                    }
                    found.extend(self.directive(&mut words, None));
                    return found;
                }
            }
        }
    }

    fn directive(&mut self, words: &mut Vec<(usize, String)>, block: Option<Vec<Directive>>) -> Option<Directive> {
        let mut words = std::mem::take(words).into_iter();
        let (start, name) = words.next()?;
        let end = start + name.len();
        let args: Vec<(usize, String)> = words.collect();
        let end = args.last().map_or(end, |(at, word)| at + word.len());
        let at = Location::new(self.text.file, self.text.locate(start, end));
        Some(Directive { name, args: args.into_iter().map(|(_, word)| word).collect(), at, block })
    }

    fn skip_block(&mut self) {
        let mut depth = 1_usize;
        let rest = self.source.get(self.at..).unwrap_or_default();
        for (at, c) in rest.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.at += at + 1;
                return;
            }
        }
        self.at = self.source.len();
    }

    fn token(&mut self) -> Option<Token> {
        loop {
            let rest = self.source.get(self.at..)?;
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            match trimmed.chars().next()? {
                '#' => self.at += trimmed.find('\n').unwrap_or(trimmed.len()),
                ';' => return self.single(Token::End),
                '{' => return self.single(Token::Open),
                '}' => return self.single(Token::Close),
                quote @ ('"' | '\'') => return Some(self.quoted(trimmed, quote)),
                _ => return Some(self.word(trimmed)),
            }
        }
    }

    fn single(&mut self, token: Token) -> Option<Token> {
        self.at += 1;
        Some(token)
    }

    fn quoted(&mut self, text: &str, quote: char) -> Token {
        let start = self.at;
        let mut word = String::new();
        let mut escaped = false;
        for (at, c) in text.char_indices().skip(1) {
            if escaped {
                if c != quote {
                    word.push('\\');
                }
                word.push(c);
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == quote {
                self.at += at + 1;
                return Token::Word(start, word);
            } else {
                word.push(c);
            }
        }
        self.fails(start, "a quote is not closed");
        self.at = self.source.len();
        Token::Word(start, word)
    }

    fn word(&mut self, text: &str) -> Token {
        let start = self.at;
        let mut previous = ' ';
        let mut end = text.len();
        for (at, c) in text.char_indices() {
            // `${name}` and `\d{2}` are parts of a word; a brace after a blank is not.
            let opens = c == '{' && !matches!(previous, '$' | '\\');
            let inside_variable = c == '}' && text.get(..at).is_some_and(|head| head.rfind("${") > head.rfind('}'));
            if c.is_whitespace() || c == ';' || opens || (c == '}' && !inside_variable) {
                end = at;
                break;
            }
            previous = c;
        }
        let end = end.max(text.chars().next().map_or(1, char::len_utf8));
        self.at += end;
        Token::Word(start, text.get(..end).unwrap_or_default().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn read(text: &str) -> Conf {
        parse(&Text::whole(FileId(0), text.to_owned()))
    }

    #[test]
    fn blocks_and_quotes() {
        let conf = read(
            "# all\nserver {\n  listen 80; # a } here\n  location ~ \"^/a{2}\" { return 403 \"no;\"; }\n  set $x ${y}z;\n}\n",
        );
        assert!(conf.problem.is_none());
        let server = &conf.top[0];
        assert_eq!(server.inner().len(), 3);
        assert_eq!(server.inner()[1].args, ["~", "^/a{2}"]);
        assert_eq!(server.inner()[1].inner()[0].args, ["403", "no;"]);
        assert_eq!(server.inner()[2].args, ["$x", "${y}z"]);
    }

    #[test]
    fn what_is_broken_is_named_by_its_line() {
        for (text, line) in [("server {\n listen 80\n}\n", 1), ("server {\n listen 80;\n", 1), ("a;\n}\n", 1)] {
            let conf = read(text);
            let (at, _) = conf.problem.unwrap();
            assert_eq!(text[..at.span.start as usize].matches('\n').count(), line, "{text}");
        }
    }
}
