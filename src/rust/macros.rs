//! Macro calls: those of the language by their meaning, all others as calls of the macro's path.

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser as _};
use syn::{Expr, Lit, Macro, Pat, Token};

use super::control::Want;
use super::formats::{self, FormatPiece, Which};
use super::lowering::Lowering;
use super::macro_args::{self, MacroArg};
use super::names::last;
use super::spans;
use crate::program::{
    Arg, ArgKind, BlockId, Call, Callee, CollectionKind, Const, Item, Name, OpKind, Piece, Reg, Terminator, name,
};
use crate::source::Span;

/// `matches!`.
pub(super) fn is_matches(path: &str) -> bool {
    path == "std.matches!"
}

/// Macros whose message is a format string, whatever crate they are from.
const MESSAGES: [&str; 22] = [
    "print!",
    "println!",
    "eprint!",
    "eprintln!",
    "write!",
    "writeln!",
    "panic!",
    "unreachable!",
    "todo!",
    "unimplemented!",
    "error!",
    "warn!",
    "info!",
    "debug!",
    "trace!",
    "log!",
    "event!",
    "anyhow!",
    "eyre!",
    "format_err!",
    "bail!",
    "ensure!",
];

impl Lowering<'_> {
    /// A macro call whose value goes where `want` says.
    pub(super) fn macro_flow(&mut self, mac: &Macro, want: Want) {
        if self.expand_flow(mac, want) {
            return;
        }
        let value = self.macro_value(mac);
        if want != Want::Nothing {
            let span = self.at(spans::mac(mac));
            self.deliver(value, want, span);
        }
    }

    /// The value of a macro call.
    pub(super) fn macro_value(&mut self, mac: &Macro) -> Reg {
        if let Some(value) = self.expand_value(mac) {
            return value;
        }
        let path = self.macro_path(&mac.path);
        let span = self.at(spans::mac(mac));
        match path.as_str() {
            "std.format!" | "std.format_args!" => {
                let args = macro_args::parse(&mac.tokens);
                self.format(&args, span)
            }
            "std.vec!" => self.vec_macro(&mac.tokens, span),
            "std.matches!" => self.matches_value(mac, span),
            "std.concat!" => self.concat(&mac.tokens, span),
            "std.stringify!" => self.constant(Const::Str(name(&mac.tokens.to_string())), span),
            "std.panic!" | "std.unreachable!" | "std.todo!" | "std.unimplemented!" => {
                let args = macro_args::parse(&mac.tokens);
                self.format(&args, span);
                let raised = self.path_value(name("builtins.panic"), span);
                self.body.end(Terminator::Raise(Some(raised)), span);
                self.unit_value(span)
            }
            "std.assert!"
            | "std.debug_assert!"
            | "std.assert_eq!"
            | "std.assert_ne!"
            | "std.debug_assert_eq!"
            | "std.debug_assert_ne!" => {
                let args = macro_args::parse(&mac.tokens);
                self.arguments(args);
                self.unit_value(span)
            }
            "std.dbg!" => {
                let args = macro_args::parse(&mac.tokens);
                let args = self.arguments(args);
                args.last().map_or_else(|| self.unit_value(span), |arg| arg.reg)
            }
            "std.compile_error!" => self.unit_value(span),
            "std.cfg!" => self.macro_call(path, Vec::new(), span),
            other => match last(other) {
                "json!" => self.json(&mac.tokens, span),
                "select!" => self.select(mac, path, span),
                "join!" => self.join(mac, false, span),
                "try_join!" => self.join(mac, true, span),
                "bail!" => self.bail(mac, path, span),
                "ensure!" => self.ensure(mac, path, span),
                "quote!" | "quote_spanned!" | "parse_quote!" => self.macro_call(path, Vec::new(), span),
                _ => self.general(mac, path, span),
            },
        }
    }

    /// Any other macro: a call with what can be read of its arguments.
    fn general(&mut self, mac: &Macro, path: Name, span: Span) -> Reg {
        let args = macro_args::parse(&mac.tokens);
        let args = if MESSAGES.contains(&last(&path)) { self.message(args) } else { self.arguments(args) };
        self.macro_call(path, args, span)
    }

    pub(super) fn macro_call(&mut self, path: Name, args: Vec<Arg>, span: Span) -> Reg {
        let callee = self.op(OpKind::Path(path), span);
        self.op(OpKind::Call(Call { callee: Callee::Value(callee), args }), span)
    }

    pub(super) fn arguments(&mut self, args: Vec<MacroArg>) -> Vec<Arg> {
        args.into_iter()
            .map(|arg| match arg {
                MacroArg::Positional(value) => self.argument(&value),
                MacroArg::Keyword(key, value) => Arg { kind: ArgKind::Keyword(key), ..self.argument(&value) },
                MacroArg::Pair(pair) => {
                    let (key, value) = *pair;
                    let key_span = self.at(spans::expr(&key));
                    let key = self.expr(&key);
                    let arg = self.argument(&value);
                    Arg { kind: ArgKind::Pair(key), reg: arg.reg, span: key_span.cover(arg.span) }
                }
            })
            .collect()
    }

    /// Arguments with a format string among them: it and what it uses become one value.
    pub(super) fn message(&mut self, args: Vec<MacroArg>) -> Vec<Arg> {
        let is_text = |arg: &MacroArg| matches!(arg, MacroArg::Positional(value) if literal_text(value).is_some());
        let Some(at) = args.iter().position(is_text) else { return self.arguments(args) };
        let mut before = args;
        let rest = before.split_off(at);
        let mut out = self.arguments(before);
        let span = match rest.first() {
            Some(MacroArg::Positional(value)) => self.at(spans::expr(value)),
            _ => Span::default(),
        };
        let reg = self.format(&rest, span);
        out.push(Arg { kind: ArgKind::Positional, reg, span });
        let used = names_in(rest.first());
        let is_field = |arg: &MacroArg| match arg {
            MacroArg::Positional(_) => false,
            MacroArg::Keyword(key, _) => !used.contains(key),
            MacroArg::Pair(_) => true,
        };
        let fields = rest.into_iter().filter(is_field).collect();
        out.extend(self.arguments(fields));
        out
    }

    /// A format string with its arguments as one value.
    pub(super) fn format(&mut self, args: &[MacroArg], span: Span) -> Reg {
        let Some((MacroArg::Positional(first), rest)) = args.split_first() else {
            return self.constant(Const::Str(name("")), span);
        };
        let Some(text) = literal_text(first) else {
            let mut value = self.expr(first);
            for arg in rest {
                if let MacroArg::Positional(arg) | MacroArg::Keyword(_, arg) = arg {
                    value = self.expr(arg);
                }
            }
            return self.op(OpKind::Format(vec![Piece::Value { reg: value, debug: false }]), span);
        };
        let text_span = self.at(spans::expr(first));
        let mut positional = Vec::new();
        let mut named: Vec<(Name, Reg)> = Vec::new();
        for arg in rest {
            match arg {
                MacroArg::Positional(value) => positional.push(self.expr(value)),
                MacroArg::Keyword(key, value) => {
                    let reg = self.expr(value);
                    positional.push(reg);
                    named.push((*key, reg));
                }
                MacroArg::Pair(..) => {}
            }
        }
        let pieces = formats::parse(&text)
            .into_iter()
            .filter_map(|piece| match piece {
                FormatPiece::Text(text) => Some(Piece::Text(text)),
                FormatPiece::Value { which, debug } => {
                    let reg = match which {
                        Which::Position(at) => positional.get(at).copied()?,
                        Which::Named(key) => match named.iter().find(|(known, _)| *known == key) {
                            Some(&(_, reg)) => reg,
                            None => self.inline(key, text_span),
                        },
                    };
                    Some(Piece::Value { reg, debug })
                }
            })
            .collect();
        self.op(OpKind::Format(pieces), span)
    }

    /// `{name}` in a format string.
    fn inline(&mut self, variable: Name, span: Span) -> Reg {
        match self.local(variable) {
            Some((up, reg)) => self.read(up, reg, span),
            None => {
                let path = self.resolve(&[variable], false);
                self.path_value(path, span)
            }
        }
    }

    fn vec_macro(&mut self, tokens: &TokenStream, span: Span) -> Reg {
        let repeat = |input: ParseStream| {
            let value: Expr = input.parse()?;
            input.parse::<Token![;]>()?;
            let len: Expr = input.parse()?;
            Ok((value, len))
        };
        if let Ok((value, len)) = repeat.parse2(tokens.clone()) {
            self.expr(&len);
            let value = self.expr(&value);
            return self.op(OpKind::Collection(CollectionKind::List, vec![Item::Repeat(value)]), span);
        }
        let args = macro_args::parse(tokens);
        let items = self.arguments(args).into_iter().map(|arg| Item::Value(arg.reg)).collect();
        self.op(OpKind::Collection(CollectionKind::List, items), span)
    }

    fn concat(&mut self, tokens: &TokenStream, span: Span) -> Reg {
        let args = macro_args::parse(tokens);
        let pieces = self.arguments(args).into_iter().map(|arg| Piece::Value { reg: arg.reg, debug: false }).collect();
        self.op(OpKind::Format(pieces), span)
    }

    /// `matches!` as a condition; false where it cannot be read.
    pub(super) fn matches_macro(&mut self, mac: &Macro, yes: BlockId, no: BlockId) -> bool {
        let parse = |input: ParseStream| {
            let value: Expr = input.parse()?;
            input.parse::<Token![,]>()?;
            let pat = Pat::parse_multi_with_leading_vert(input)?;
            let guard = if input.peek(Token![if]) {
                input.parse::<Token![if]>()?;
                Some(input.parse::<Expr>()?)
            } else {
                None
            };
            input.parse::<Option<Token![,]>>()?;
            Ok((value, pat, guard))
        };
        let Ok((value, pat, guard)) = parse.parse2(mac.tokens.clone()) else { return false };
        let value = self.expr(&value);
        self.push_scope();
        self.declare_pattern(&pat);
        self.pattern(&pat, value, no);
        let span = self.at(spans::mac(mac));
        match guard {
            Some(guard) => self.cond(&guard, yes, no),
            None => self.body.goto(yes, span),
        }
        self.pop_scope();
        true
    }

    fn matches_value(&mut self, mac: &Macro, span: Span) -> Reg {
        self.truth(&Expr::Macro(syn::ExprMacro { attrs: Vec::new(), mac: mac.clone() }), span)
    }
}

/// The named placeholders of a format string.
fn names_in(format: Option<&MacroArg>) -> Vec<Name> {
    let Some(MacroArg::Positional(value)) = format else { return Vec::new() };
    let pieces = literal_text(value).map(|text| formats::parse(&text)).unwrap_or_default();
    let named = |piece| match piece {
        FormatPiece::Value { which: Which::Named(key), .. } => Some(key),
        _ => None,
    };
    pieces.into_iter().filter_map(named).collect()
}

/// The text of a string literal.
fn literal_text(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        Expr::Group(inner) => literal_text(&inner.expr),
        Expr::Paren(inner) => literal_text(&inner.expr),
        _ => None,
    }
}
