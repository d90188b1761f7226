//! Which arguments stand in the text of a call, and what lists and maps are written down in them?

use proc_macro2::{TokenStream, TokenTree};
use ruff_python_ast::Expr as Python;
use ruff_text_size::Ranged as _;
use syn::Expr as Rust;
use syn::spanned::Spanned as _;

use super::outline_rust;
use crate::program::Syntax;
use crate::source::Span;

/// An argument, as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Argument {
    /// With its keyword or key.
    pub(super) span: Span,
    /// The keyword, or the constant key of a macro's pair.
    pub(super) key: Option<String>,
    /// Without it.
    pub(super) value: Span,
    /// Its text, where it is constant.
    pub(super) text: Option<String>,
    /// The elements of a list, or the entries of a map.
    pub(super) elements: Vec<Element>,
}

/// An element of a list, or an entry of a map.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) span: Span,
    /// The text of a constant element.
    pub(super) text: Option<String>,
    /// The constant key and the place of the value, in a map or a list of pairs.
    pub(super) entry: Option<(String, Span)>,
    /// It is a text `key:value`.
    pub(super) tag: bool,
}

/// A call, as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Written {
    /// Where the receiver ends, for a method.
    pub(super) receiver: Option<u32>,
    pub(super) arguments: Vec<Argument>,
}

/// Reads the call that stands at `span`.
pub(super) fn read(text: &str, span: Span, syntax: Syntax) -> Option<Written> {
    let call = text.get(span.range())?;
    match syntax {
        // In brackets, a call may go over lines as it likes.
        Syntax::Python => python(&format!("({call})"), span.start.checked_sub(1)?),
        Syntax::Rust => rust(call, span.start),
    }
}

fn python(text: &str, base: u32) -> Option<Written> {
    let parsed = ruff_python_parser::parse_expression(text).ok()?;
    let Python::Call(call) = &*parsed.syntax().body else { return None };
    let at = |node: &dyn Fn() -> ruff_text_size::TextRange| {
        let range = node();
        Span::new(base + range.start().to_u32(), base + range.end().to_u32())
    };
    let place = |expr: &Python| at(&|| expr.range());
    let mut arguments = Vec::new();
    for argument in &call.arguments.args {
        let span = place(argument);
        let (text, elements) = (python_text(argument), python_elements(argument, &place));
        arguments.push(Argument { span, key: None, value: span, text, elements });
    }
    for keyword in &call.arguments.keywords {
        arguments.push(Argument {
            span: at(&|| keyword.range()),
            // `**labels` has a key that no label has.
            key: Some(keyword.arg.as_ref().map_or_else(|| "**".to_owned(), ToString::to_string)),
            value: place(&keyword.value),
            text: python_text(&keyword.value),
            elements: python_elements(&keyword.value, &place),
        });
    }
    let receiver = match &*call.func {
        Python::Attribute(attribute) => Some(place(&attribute.value).end),
        _ => None,
    };
    Some(Written { receiver, arguments })
}

fn python_text(expr: &Python) -> Option<String> {
    match expr {
        Python::StringLiteral(text) => Some(text.value.to_str().to_owned()),
        _ => None,
    }
}

/// The key of a tag: of `"user:" + name`, `f"user:{name}"`, `"user:%s" % name`, `"user:{}".format(name)`.
fn python_tag(expr: &Python) -> Option<String> {
    let start = match expr {
        Python::FString(text) => match text.as_single_part_fstring()?.elements.first()? {
            ruff_python_ast::InterpolatedStringElement::Literal(literal) => literal.value.to_string(),
            ruff_python_ast::InterpolatedStringElement::Interpolation(_) => return None,
        },
        Python::BinOp(operation) => python_text(&operation.left).or_else(|| match &*operation.left {
            // `"user:" + name + suffix`
            Python::BinOp(inner) => python_text(&inner.left),
            _ => None,
        })?,
        Python::Call(call) => match &*call.func {
            Python::Attribute(format) => python_text(&format.value)?,
            _ => return None,
        },
        _ => return None,
    };
    start.split_once(':').map(|(key, _)| key.to_owned())
}

/// The elements of the list or map that stands at `span` by itself.
pub(super) fn collection(text: &str, span: Span, syntax: Syntax) -> Vec<Element> {
    let Some(own) = text.get(span.range()) else { return Vec::new() };
    match syntax {
        Syntax::Python => {
            let Some(base) = span.start.checked_sub(1) else { return Vec::new() };
            let place =
                |expr: &Python| Span::new(base + expr.range().start().to_u32(), base + expr.range().end().to_u32());
            let parsed = ruff_python_parser::parse_expression(&format!("({own})"));
            parsed.map(|parsed| python_elements(&parsed.syntax().body, &place)).unwrap_or_default()
        }
        Syntax::Rust => {
            let place = |expr: &Rust| outline_rust::span(span.start, expr.span());
            syn::parse_str::<Rust>(own).map(|expr| rust_elements(&expr, &place)).unwrap_or_default()
        }
    }
}

fn python_elements(expr: &Python, place: &dyn Fn(&Python) -> Span) -> Vec<Element> {
    let list = |elements: &[Python]| {
        elements
            .iter()
            .map(|element| {
                let (span, key) = (place(element), python_tag(element));
                let tag = key.is_some();
                Element { span, text: python_text(element), entry: key.map(|key| (key, span)), tag }
            })
            .collect()
    };
    match expr {
        Python::List(found) => list(&found.elts),
        Python::Tuple(found) => list(&found.elts),
        Python::Dict(found) => found
            .items
            .iter()
            .map(|item| {
                let value = place(&item.value);
                let start = item.key.as_ref().map_or(value.start, |key| place(key).start);
                let key = item.key.as_ref().and_then(python_text);
                let entry = key.map(|key| (key, value));
                Element { span: Span::new(start, value.end), entry, ..Element::default() }
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn rust(text: &str, base: u32) -> Option<Written> {
    let place = |expr: &Rust| outline_rust::span(base, expr.span());
    let argument = |expr: &Rust| {
        let span = place(expr);
        Argument { span, key: None, value: span, text: rust_text(expr), elements: rust_elements(expr, &place) }
    };
    match syn::parse_str::<Rust>(text).ok()? {
        Rust::MethodCall(call) => Some(Written {
            receiver: Some(place(&call.receiver).end),
            arguments: call.args.iter().map(argument).collect(),
        }),
        Rust::Call(call) => Some(Written { receiver: None, arguments: call.args.iter().map(argument).collect() }),
        Rust::Macro(call) => Some(Written { receiver: None, arguments: pairs(call.mac.tokens, base) }),
        _ => None,
    }
}

fn rust_text(expr: &Rust) -> Option<String> {
    match expr {
        Rust::Lit(literal) => match &literal.lit {
            syn::Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        Rust::Reference(inner) => rust_text(&inner.expr),
        Rust::MethodCall(call) if call.args.is_empty() => rust_text(&call.receiver),
        _ => None,
    }
}

fn rust_elements(expr: &Rust, place: &dyn Fn(&Rust) -> Span) -> Vec<Element> {
    let element = |expr: &Rust| {
        let parts: Vec<&Rust> = match expr {
            Rust::Tuple(tuple) => tuple.elems.iter().collect(),
            Rust::Call(call) => call.args.iter().collect(),
            // `Key::new("user").string(name)`
            Rust::MethodCall(call) => match &*call.receiver {
                Rust::Call(key) => key.args.iter().chain(&call.args).collect(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        let entry = match parts.as_slice() {
            [key, value] => rust_text(key).map(|key| (key, place(value))),
            _ => None,
        };
        Element { span: place(expr), text: rust_text(expr), entry, tag: false }
    };
    match expr {
        Rust::Reference(inner) => rust_elements(&inner.expr, place),
        Rust::Array(array) => array.elems.iter().map(element).collect(),
        Rust::Macro(call) if call.mac.path.is_ident("vec") => call
            .mac
            .parse_body_with(syn::punctuated::Punctuated::<Rust, syn::Token![,]>::parse_terminated)
            .map(|elements| elements.iter().map(element).collect())
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// `name, "key" => value, …`: what stands between the commas.
fn pairs(tokens: TokenStream, base: u32) -> Vec<Argument> {
    let mut arguments = Vec::new();
    let mut part: Vec<TokenTree> = Vec::new();
    let end = TokenTree::Punct(proc_macro2::Punct::new(',', proc_macro2::Spacing::Alone));
    for token in tokens.into_iter().chain([end]) {
        if matches!(&token, TokenTree::Punct(comma) if comma.as_char() == ',') {
            arguments.extend(pair(&part, base));
            part.clear();
        } else {
            part.push(token);
        }
    }
    arguments
}

fn pair(part: &[TokenTree], base: u32) -> Option<Argument> {
    let place = |token: &TokenTree| outline_rust::span(base, token.span());
    let (first, last) = (part.first()?, part.last()?);
    let span = place(first).cover(place(last));
    let arrow = part.iter().position(|token| matches!(token, TokenTree::Punct(sign) if sign.as_char() == '>'));
    let key = match (first, arrow) {
        (TokenTree::Literal(literal), Some(2)) => Some(literal.to_string().trim_matches('"').to_owned()),
        _ => None,
    };
    let value = match arrow {
        Some(at) => place(part.get(at + 1)?).cover(place(last)),
        None => span,
    };
    let expr = syn::parse2::<Rust>(part.iter().cloned().collect()).ok();
    let elements =
        expr.map(|expr| rust_elements(&expr, &|expr| outline_rust::span(base, expr.span()))).unwrap_or_default();
    Some(Argument { span, key, value, text: None, elements })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(text: &str, syntax: Syntax) -> String {
        // A text before it, so that offsets matter.
        let whole = format!("  {text}");
        let found = read(&whole, Span::new(2, whole.len() as u32), syntax).unwrap();
        let at = |span: Span| whole.get(span.range()).unwrap().to_owned();
        let arguments = found.arguments.iter().map(|argument| {
            let elements: Vec<String> = argument
                .elements
                .iter()
                .map(|element| match &element.entry {
                    Some((key, value)) => format!("{key}:{}", at(*value)),
                    None => at(element.span),
                })
                .collect();
            format!("{:?} {} {elements:?}", argument.key, at(argument.span))
        });
        arguments.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn python_calls() {
        assert_eq!(
            spans("C.labels(a, user=x\n  + 1, d={'k': v})", Syntax::Python),
            "None a []\nSome(\"user\") user=x\n  + 1 []\nSome(\"d\") d={'k': v} [\"k:v\"]"
        );
        assert_eq!(
            spans("Counter('c', 'h', ['a', \"b\"])", Syntax::Python),
            "None 'c' []\nNone 'h' []\nNone ['a', \"b\"] [\"'a'\", \"\\\"b\\\"\"]"
        );
    }

    #[test]
    fn rust_calls() {
        assert_eq!(spans("C.with_label_values(&[a, &b.c])", Syntax::Rust), "None &[a, &b.c] [\"a\", \"&b.c\"]");
        assert_eq!(
            spans("counter!(\"c\", \"user\" => x.clone(), \"k\" => \"v\")", Syntax::Rust),
            "None \"c\" []\nSome(\"user\") \"user\" => x.clone() []\nSome(\"k\") \"k\" => \"v\" []"
        );
        assert_eq!(
            spans("c.add(1, &[KeyValue::new(\"user\", mail)])", Syntax::Rust),
            "None 1 []\nNone &[KeyValue::new(\"user\", mail)] [\"user:mail\"]"
        );
        assert_eq!(
            spans("register_int_counter_vec!(\"c\", \"h\", &[\"user\"])", Syntax::Rust),
            "None \"c\" []\nNone \"h\" []\nNone &[\"user\"] [\"\\\"user\\\"\"]"
        );
    }
}
