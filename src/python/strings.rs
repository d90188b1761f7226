//! f-strings and t-strings.

use ruff_python_ast::{ConversionFlag, Expr, FStringPart, InterpolatedElement, InterpolatedStringElement as Element};

use super::body::Body;
use super::heads::span;
use crate::program::{Arg, ArgKind, Call, Callee, OpKind, Piece, Reg, name};
use crate::source::Span;

/// Pieces as they come; neighbouring texts are one.
#[derive(Default)]
struct Pieces {
    pieces: Vec<Piece>,
    text: String,
}

impl Pieces {
    fn value(&mut self, reg: Reg, debug: bool) {
        self.flush();
        self.pieces.push(Piece::Value { reg, debug });
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.pieces.push(Piece::Text(name(&self.text)));
            self.text.clear();
        }
    }

    fn finish(mut self) -> Vec<Piece> {
        self.flush();
        self.pieces
    }
}

impl<'a> Body<'_, 'a> {
    /// An f-string or t-string, with what is implicitly joined to it.
    pub(super) fn format(&mut self, expr: &'a Expr) -> Reg {
        let mut pieces = Pieces::default();
        match expr {
            Expr::FString(node) => {
                for part in &node.value {
                    match part {
                        FStringPart::Literal(literal) => pieces.text.push_str(literal.as_str()),
                        FStringPart::FString(part) => self.elements(&part.elements, &mut pieces),
                    }
                }
            }
            Expr::TString(node) => {
                node.value.iter().for_each(|part| self.elements(&part.elements, &mut pieces));
            }
            _ => {}
        }
        self.emit(OpKind::Format(pieces.finish()), span(expr))
    }

    fn elements(&mut self, elements: &'a [Element], pieces: &mut Pieces) {
        for element in elements {
            match element {
                Element::Literal(literal) => pieces.text.push_str(&literal.value),
                Element::Interpolation(element) => self.interpolation(element, pieces),
            }
        }
    }

    fn interpolation(&mut self, element: &'a InterpolatedElement, pieces: &mut Pieces) {
        let mut debug = matches!(element.conversion, ConversionFlag::Repr | ConversionFlag::Ascii);
        if let Some(text) = &element.debug_text {
            pieces.text.push_str(text.as_str());
            debug |= element.conversion == ConversionFlag::None && element.format_spec.is_none();
        }
        let value = self.expr(&element.expression);
        let value = match &element.format_spec {
            Some(spec) if spec.elements.interpolations().next().is_some() => {
                let mut inner = Pieces::default();
                self.elements(&spec.elements, &mut inner);
                let spec_span = span(&**spec);
                let text = self.emit(OpKind::Format(inner.finish()), spec_span);
                self.format_call(value, text, span(element), spec_span)
            }
            // A constant format changes how a value looks, not what it is.
            _ => value,
        };
        pieces.value(value, debug);
    }

    fn format_call(&mut self, value: Reg, spec: Reg, here: Span, spec_span: Span) -> Reg {
        let callee = Callee::Value(self.emit(OpKind::Path(name("builtins.format")), here));
        let args = vec![
            Arg { kind: ArgKind::Positional, reg: value, span: here },
            Arg { kind: ArgKind::Positional, reg: spec, span: spec_span },
        ];
        self.emit(OpKind::Call(Call { callee, args }), here)
    }
}
