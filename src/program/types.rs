//! Modules, classes, types, and what a front end makes of one file.

use std::sync::Arc;

use super::{Attribute, FuncId, Function, ModuleId, Name};
use crate::source::{FileId, Span};

/// Which language a unit was written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Syntax {
    /// Python.
    Python,
    /// Rust.
    Rust,
}

/// A type as written, with resolved dotted paths. References, `Box`-like pointers are kept only where they matter:
/// `&T` and `&mut T` are `T`; `dyn T` and `impl T` are the trait. A tuple is `tuple` with arguments, `[T]`, `[T; n]`
/// and `list[T]` are `list`. Python: `Optional[T]` and `T | None` are `Option<T>`, other unions `Union`;
/// `Annotated[T, x]` is `Annotated` with `T` and the dotted path of what `x` calls.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeRef {
    /// Dotted path.
    pub path: Name,
    /// Type arguments.
    pub args: Arc<[TypeRef]>,
}

impl TypeRef {
    /// A type without arguments.
    #[must_use]
    pub fn plain(path: Name) -> Self {
        Self { path, args: Arc::from([]) }
    }

    /// A type with arguments.
    #[must_use]
    pub fn generic(path: Name, args: Vec<TypeRef>) -> Self {
        Self { path, args: args.into() }
    }

    /// Reads a type as library files write it: `tuple<http.RequestParts, list<str>>`. What is not well-formed is a plain
    /// path.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self::parse_at(text, 8)
    }

    fn parse_at(text: &str, depth: u32) -> Self {
        let text = text.trim();
        let inner = text.strip_suffix('>').and_then(|rest| rest.split_once('<'));
        let (Some((path, inner)), 1..) = (inner, depth) else { return Self::plain(super::name(text)) };
        let (mut args, mut nesting, mut start) = (Vec::new(), 0_u32, 0);
        for (at, symbol) in inner.char_indices() {
            match symbol {
                '<' => nesting += 1,
                '>' => nesting = nesting.saturating_sub(1),
                ',' if nesting == 0 => {
                    args.push(Self::parse_at(&inner[start..at], depth - 1));
                    start = at + 1;
                }
                _ => {}
            }
        }
        args.push(Self::parse_at(&inner[start..], depth - 1));
        Self::generic(super::name(path.trim()), args)
    }
}

/// What a front end makes of one file. Ids count from zero within it.
#[derive(Debug, Clone)]
pub struct Unit {
    /// The file.
    pub file: FileId,
    /// Its language.
    pub syntax: Syntax,
    /// Modules: one for Python, one per `mod` for Rust; the first is the file's own.
    pub modules: Vec<Module>,
    /// All bodies of code.
    pub functions: Vec<Function>,
    /// All classes.
    pub classes: Vec<Class>,
    /// Rust: methods and traits given to types by `impl` blocks.
    pub impls: Vec<ImplOf>,
    /// Spans of all simple statements (and heads of compound ones), sorted; nested ones follow their parent.
    pub statements: Vec<Span>,
    /// Where the parser gave up.
    pub problems: Vec<SyntaxProblem>,
}

/// A place where a file does not follow its grammar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxProblem {
    /// Where the parser gave up.
    pub span: Span,
    /// What it says, in one line.
    pub message: String,
}

/// A module.
#[derive(Debug, Clone)]
pub struct Module {
    /// Dotted path.
    pub path: Name,
    /// Other paths under which imports reach it (Python: paths relative to folders that may be on `sys.path`).
    pub aliases: Vec<Name>,
    /// Python: the body to run at import.
    pub body: Option<FuncId>,
    /// Rust: names that `use` (also `pub use`) brings into scope, as written-out paths. Glob imports have the name `*`.
    pub uses: Vec<(Name, Name)>,
    /// Rust: statics and consts with their initialisers.
    pub statics: Vec<(Name, FuncId)>,
    /// Compiled for tests only.
    pub is_test: bool,
}

/// What kind of class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClassKind {
    /// A Python class.
    Python,
    /// A Rust struct or union.
    Struct,
    /// A Rust enum.
    Enum,
    /// A Rust trait.
    Trait,
}

/// A class, struct, enum or trait.
#[derive(Debug, Clone)]
pub struct Class {
    /// The last part of the path.
    pub name: Name,
    /// Dotted path.
    pub path: Name,
    /// What kind.
    pub kind: ClassKind,
    /// Its module.
    pub module: ModuleId,
    /// Base classes (Python) and supertraits (Rust) by dotted path, as far as names resolve without running.
    pub bases: Vec<Name>,
    /// Declared fields: struct fields; annotated names of a Python class body.
    pub fields: Vec<Field>,
    /// Variants of an enum.
    pub variants: Vec<Variant>,
    /// Methods by name. Rust: those of all `impl` blocks, filled in when linking; a trait's own are its defaults.
    pub methods: Vec<(Name, FuncId)>,
    /// Python: the class body.
    pub body: Option<FuncId>,
    /// Derives (`derive.Debug`) and attributes, decorators as written.
    pub attributes: Vec<Attribute>,
    /// Where the class stands.
    pub span: Span,
    /// The file it stands in.
    pub file: FileId,
}

/// A declared field.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name; tuple fields are `0`, `1`….
    pub name: Name,
    /// Its declared type.
    pub ty: Option<TypeRef>,
    /// Its attributes (`#[serde(rename = "x")]`).
    pub attributes: Vec<Attribute>,
    /// Where it stands.
    pub span: Span,
}

/// A variant of an enum.
#[derive(Debug, Clone)]
pub struct Variant {
    /// Its name.
    pub name: Name,
    /// Its fields.
    pub fields: Vec<Field>,
    /// Its attributes.
    pub attributes: Vec<Attribute>,
    /// Where it stands.
    pub span: Span,
}

/// An `impl` block.
#[derive(Debug, Clone)]
pub struct ImplOf {
    /// The type.
    pub ty: TypeRef,
    /// The trait, with its arguments (`From<sqlx.Error>`).
    pub of: Option<TypeRef>,
    /// Its methods.
    pub methods: Vec<(Name, FuncId)>,
    /// Its associated constants.
    pub consts: Vec<(Name, FuncId)>,
    /// Where it stands.
    pub span: Span,
}

#[cfg(test)]
mod tests {
    use super::TypeRef;
    use crate::program::name;

    #[test]
    fn types_of_library_files_nest() {
        let ty = TypeRef::parse("tuple<http.RequestParts, list<str>>");
        assert_eq!(ty.path, name("tuple"));
        assert_eq!(ty.args.len(), 2);
        assert_eq!(ty.args[1], TypeRef::generic(name("list"), vec![TypeRef::plain(name("str"))]));
        assert_eq!(TypeRef::parse("str"), TypeRef::plain(name("str")));
    }
}
