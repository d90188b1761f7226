//! Annotations as types.

use ruff_python_ast::{Expr, Operator};

use super::names::{dotted, join};
use super::unit::UnitBuilder;
use crate::program::{Name, TypeRef, name};

/// Text in a string annotation is parsed again; nobody writes longer or deeper ones.
const LONGEST_TEXT: usize = 500;

impl UnitBuilder<'_> {
    /// The dotted path of a name or attribute chain.
    pub(super) fn path_of(&self, expr: &Expr) -> Option<Name> {
        let (base, attributes) = dotted(expr)?;
        let base = name(base);
        let start = self.local_class(base).unwrap_or_else(|| self.names.resolve(&self.scopes, base));
        Some(attributes.into_iter().fold(start, join))
    }

    /// The path of a decorator's function: resolved where its base is imported, else as written.
    pub(super) fn written_path(&self, expr: &Expr) -> Option<Name> {
        let (base, attributes) = dotted(expr)?;
        let base = name(base);
        let start = self.names.imported(base).unwrap_or(base);
        Some(attributes.into_iter().fold(start, join))
    }

    /// The type that an annotation declares.
    pub(super) fn type_ref(&self, expr: &Expr) -> Option<TypeRef> {
        match expr {
            Expr::Name(_) | Expr::Attribute(_) => self.path_of(expr).map(|path| TypeRef::plain(canonical(path))),
            Expr::NoneLiteral(_) => Some(TypeRef::plain(name("builtins.None"))),
            Expr::StringLiteral(text) => self.text_type(text.value.to_str()),
            Expr::BinOp(op) if op.op == Operator::BitOr => {
                let mut parts = Vec::new();
                let mut at = op;
                // `A | B | C` nests to the left.
                while let Expr::BinOp(left) = &*at.left {
                    parts.push(&*at.right);
                    at = left;
                }
                parts.extend([&*at.right, &*at.left]);
                Some(union(parts.into_iter().rev().filter_map(|part| self.type_ref(part)).collect()))
            }
            Expr::Subscript(node) => self.generic(&node.value, &node.slice),
            Expr::Starred(node) => self.type_ref(&node.value),
            Expr::List(node) => {
                Some(TypeRef::generic(name("list"), node.elts.iter().filter_map(|item| self.type_ref(item)).collect()))
            }
            Expr::Call(node) => self.path_of(&node.func).map(TypeRef::plain),
            _ => None,
        }
    }

    fn generic(&self, base: &Expr, slice: &Expr) -> Option<TypeRef> {
        let path = canonical(self.path_of(base)?);
        let args: Vec<&Expr> = match slice {
            Expr::Tuple(tuple) => tuple.elts.iter().collect(),
            one => vec![one],
        };
        let typing = path.strip_prefix("typing.").or_else(|| path.strip_prefix("typing_extensions."));
        let types = || args.iter().filter_map(|arg| self.type_ref(arg)).collect::<Vec<_>>();
        Some(match typing {
            Some("Optional") => optional(types()),
            Some("Union") => union(types()),
            Some("Annotated") => self.annotated(&args),
            Some("Literal") => TypeRef::generic(path, args.iter().filter_map(|arg| literal(arg)).collect()),
            Some("ClassVar" | "Final" | "Required" | "NotRequired" | "ReadOnly") => {
                return types().into_iter().next();
            }
            _ => TypeRef::generic(path, types()),
        })
    }

    fn annotated(&self, args: &[&Expr]) -> TypeRef {
        let mut parts = Vec::new();
        if let Some((first, metadata)) = args.split_first() {
            parts.extend(self.type_ref(first));
            for item in metadata {
                let item = if let Expr::Call(call) = item { &call.func } else { *item };
                parts.extend(self.path_of(item).map(TypeRef::plain));
            }
        }
        TypeRef::generic(name("Annotated"), parts)
    }

    fn text_type(&self, text: &str) -> Option<TypeRef> {
        let nesting =
            text.bytes().filter(|byte| matches!(byte, b'[' | b'(' | b'{' | b'-' | b'~' | b'"' | b'\'')).count();
        if text.len() > LONGEST_TEXT || nesting > 30 {
            return None;
        }
        let parsed = ruff_python_parser::parse_expression(text.trim()).ok()?;
        match &*parsed.syntax().body {
            Expr::StringLiteral(_) => None,
            expr => self.type_ref(expr),
        }
    }
}

fn literal(expr: &Expr) -> Option<TypeRef> {
    match expr {
        Expr::StringLiteral(text) => Some(TypeRef::plain(name(text.value.to_str()))),
        _ => None,
    }
}

fn is_none(ty: &TypeRef) -> bool {
    ty.path.as_str() == "builtins.None"
}

fn optional(types: Vec<TypeRef>) -> TypeRef {
    TypeRef::generic(name("Option"), types)
}

/// `T | None` is an option of `T`.
fn union(types: Vec<TypeRef>) -> TypeRef {
    let count = types.len();
    let mut some: Vec<TypeRef> = types.into_iter().filter(|ty| !is_none(ty)).collect();
    let has_none = some.len() < count;
    let inner = match (some.len(), some.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            some.extend(last);
            TypeRef::generic(name("Union"), some)
        }
    };
    if has_none { optional(vec![inner]) } else { inner }
}

/// One path for the spellings of builtin types.
fn canonical(path: Name) -> Name {
    match path.as_str() {
        "builtins.list" | "typing.List" => name("list"),
        "builtins.tuple" | "typing.Tuple" => name("tuple"),
        "typing.Dict" => name("builtins.dict"),
        "typing.Set" => name("builtins.set"),
        "typing.FrozenSet" => name("builtins.frozenset"),
        "typing.Type" => name("builtins.type"),
        "typing.Text" => name("builtins.str"),
        _ => path,
    }
}
