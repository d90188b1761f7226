//! How deeply nested is a file, and how much stack does that need?
//!
//! The parser grows its own stack, but dropping the tree and walking it recurse on the stack of the caller. Nesting is
//! therefore measured on the tokens, where it costs one pass without recursion.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, lexer};

/// How a file has to be treated.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Depth {
    /// Any stack will do.
    #[default]
    Shallow,
    /// Needs a large stack ([`STACK`]).
    Deep,
    /// No program is written like this; CPython refuses it as well.
    TooDeep,
}

/// Bytes of stack for a deep file.
pub(super) const STACK: usize = 256 << 20;

/// Nesting of brackets, and of blocks, beyond which a file is refused (CPython: 200 and 100).
const MAX_BRACKETS: usize = 200;
const MAX_INDENT: usize = 100;
/// Prefix operators, conditional expressions and the like that hang in one another.
const MAX_PREFIX: usize = 1_000;
/// Operators, attributes and calls in one expression; they nest to the left.
const MAX_CHAIN: usize = 100_000;

const EASY_NESTING: usize = 40;
const EASY_INDENT: usize = 25;
const EASY_CHAIN: usize = 200;

/// A file so long or so full of brackets that its tokens are worth counting before it is parsed. Strings are not told
/// from code here, so this errs on both sides; [`Meter`] is exact.
pub(super) fn looks_deep(text: &str) -> bool {
    const LONG_FILE: usize = 256 << 10;
    if text.len() > LONG_FILE {
        return true;
    }
    let mut depth = 0_usize;
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > EASY_NESTING {
            return true;
        }
    }
    false
}

/// Measures the tokens of a text that is not parsed yet.
pub(super) fn measure_text(text: &str) -> Depth {
    let mut lexer = lexer::lex(text, Mode::Module);
    let mut meter = Meter::default();
    loop {
        let kind = lexer.next_token();
        meter.add(kind);
        if kind == TokenKind::EndOfFile || meter.depth == Depth::TooDeep {
            return meter.depth;
        }
    }
}

/// Measures tokens.
pub(super) fn measure(kinds: impl Iterator<Item = TokenKind>) -> Depth {
    let mut meter = Meter::default();
    kinds.for_each(|kind| meter.add(kind));
    meter.depth
}

/// Operators seen since the last comma at one level of brackets.
#[derive(Default, Clone, Copy)]
struct Level {
    /// Prefix operators and `**` that hang in one another.
    run: usize,
    /// `else` and `lambda`, whose right side reaches to the comma.
    held: usize,
    chain: usize,
}

#[derive(Default)]
struct Meter {
    indent: usize,
    /// Levels outside the current one.
    outer: Vec<Level>,
    here: Level,
    /// Sums over `outer` of what nests to the right, and of `chain`.
    prefix: usize,
    chain: usize,
    after_operand: bool,
    depth: Depth,
}

impl Meter {
    fn add(&mut self, kind: TokenKind) {
        use TokenKind as T;
        match kind {
            T::Comment | T::NonLogicalNewline | T::FStringMiddle | T::TStringMiddle => return,
            T::Indent => self.indent += 1,
            T::Dedent => self.indent = self.indent.saturating_sub(1),
            T::Lpar | T::Lsqb | T::Lbrace => self.open(),
            T::Rpar | T::Rsqb | T::Rbrace => self.close(),
            T::Comma => self.here = Level::default(),
            T::Newline => self.statement(),
            T::Semi if self.outer.is_empty() => self.statement(),
            T::None | T::True | T::False => {}
            // `a.b ** c.d` goes on.
            T::Dot => self.here.chain += 1,
            T::Lambda | T::Else => self.here.held += 1,
            T::Await | T::Async | T::DoubleStar => self.here.run += 1,
            // Signs and `not` are prefixes where no operand stands before them.
            T::Not | T::Minus | T::Plus | T::Tilde | T::Star if !self.after_operand => self.here.run += 1,
            kind if kind.is_operator() || kind.is_keyword() => {
                self.here.run = 0;
                self.here.chain += 1;
            }
            _ => {}
        }
        self.after_operand = matches!(
            kind,
            T::Name | T::Int | T::Float | T::Complex | T::String | T::FStringEnd | T::TStringEnd | T::Ellipsis
        ) || matches!(kind, T::None | T::True | T::False | T::Rpar | T::Rsqb | T::Rbrace)
            || kind.is_soft_keyword();
        self.judge();
    }

    fn open(&mut self) {
        self.here.chain += 1;
        self.prefix += self.here.run + self.here.held;
        self.chain += self.here.chain;
        self.outer.push(std::mem::take(&mut self.here));
    }

    fn close(&mut self) {
        if let Some(level) = self.outer.pop() {
            self.prefix -= level.run + level.held;
            self.chain -= level.chain;
            self.here = level;
        }
    }

    fn statement(&mut self) {
        let indent = self.indent;
        let depth = self.depth;
        *self = Meter { indent, depth, ..Meter::default() };
    }

    fn judge(&mut self) {
        let brackets = self.outer.len();
        let prefix = self.prefix + self.here.run + self.here.held;
        let chain = self.chain + self.here.chain;
        let now = if brackets > MAX_BRACKETS || self.indent > MAX_INDENT || prefix > MAX_PREFIX || chain > MAX_CHAIN {
            Depth::TooDeep
        } else if brackets + prefix > EASY_NESTING || self.indent > EASY_INDENT || chain > EASY_CHAIN {
            Depth::Deep
        } else {
            Depth::Shallow
        };
        self.depth = self.depth.max(now);
    }
}
