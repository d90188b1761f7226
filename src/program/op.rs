//! Three-address operations.

use super::{ClassId, FuncId, Name, Reg};
use crate::source::Span;

/// One operation. Its result, if it has one, goes to `dst`.
#[derive(Debug, Clone)]
pub struct Op {
    /// Receives the result.
    pub dst: Option<Reg>,
    /// What is done.
    pub kind: OpKind,
    /// The expression or statement that it stands for.
    pub span: Span,
}

/// What an [`Op`] does. Registers are read before `dst` is written.
#[derive(Debug, Clone)]
pub enum OpKind {
    /// A literal.
    Const(Const),
    /// The same value; where `dst` is a named register, an assignment to that variable.
    Copy(Reg),
    /// Unbinds a local variable (`del x`, the end of `except … as x`).
    Unbind(Reg),

    /// Python: the value of a name of the module (or else a builtin).
    LoadGlobal(Name),
    /// Python: binds a name of the module; at module level every assignment is one.
    StoreGlobal(Name, Reg),
    /// Python: `del` of a name of the module.
    DeleteGlobal(Name),
    /// The item with this dotted path: Rust paths, and what the front end resolved itself.
    Path(Name),
    /// A variable of an enclosing function: `up` = 0 is a cell of this function itself.
    LoadCell(u32, Name),
    /// Writes a variable of an enclosing function, or an own cell.
    StoreCell(u32, Name, Reg),

    /// Python `import a.b.c`: runs the modules; the result is `a`, or the whole path for `import a.b.c as x`.
    Import {
        /// Absolute dotted path of the module.
        module: Name,
        /// The path whose object is the result.
        bind: Name,
    },
    /// Python `from module import name`; the path is absolute, relative imports resolved.
    ImportFrom(Name, Name),
    /// Python `from module import *` into the module's names.
    ImportStar(Name),

    /// Joins text and values: f-strings, `format!`.
    Format(Vec<Piece>),
    /// A unary operator.
    Unary(UnaryOp, Reg),
    /// A binary operator; `augmented` for `a += b`.
    Binary {
        /// Which one.
        op: BinaryOp,
        /// Left operand.
        left: Reg,
        /// Right operand.
        right: Reg,
        /// `a op= b`.
        augmented: bool,
    },
    /// A comparison; `and`, `or` and chains are branches. The result is a truth value.
    Compare(CompareOp, Reg, Reg),

    /// `obj.name`.
    Attr(Reg, Name),
    /// `obj.name = value`.
    SetAttr(Reg, Name, Reg),
    /// `del obj.name`.
    DeleteAttr(Reg, Name),
    /// `obj[index]`.
    Index(Reg, Reg),
    /// `obj[index] = value`.
    SetIndex(Reg, Reg, Reg),
    /// `del obj[index]`.
    DeleteIndex(Reg, Reg),
    /// `obj[a:b]`, `&s[a..b]`.
    Slice(Reg),
    /// `*target = value`: Rust; the target's [`super::Place`] says what changes.
    StoreDeref(Reg, Reg),

    /// A call.
    Call(Call),
    /// A list, tuple, set or dict.
    Collection(CollectionKind, Vec<Item>),
    /// A Rust struct literal, tuple struct or enum variant with fields; `base` is `..base`. Tuple fields are `0`, `1`…
    Construct {
        /// Dotted path of the struct or variant.
        path: Name,
        /// Fields in the order written.
        fields: Vec<(Name, Reg)>,
        /// Struct update.
        base: Option<Reg>,
    },
    /// A function value: `def`, lambda, closure, comprehension, async block. Captures cells of this function.
    Closure {
        /// The body.
        function: FuncId,
        /// Values of defaults, by parameter name.
        defaults: Vec<(Name, Reg)>,
    },
    /// A Python class: runs the body, gives the class.
    Class {
        /// Which class.
        class: ClassId,
        /// Base classes.
        bases: Vec<Reg>,
        /// Keywords (`metaclass=…`).
        keywords: Vec<(Name, Reg)>,
    },
    /// Python class bodies: an attribute of the class now has this value.
    ClassField(Name, Reg),

    /// `await x`, `x.await`.
    Await(Reg),
    /// `yield x`; the result is what is sent.
    Yield(Option<Reg>),
    /// `yield from x`.
    YieldFrom(Reg),
    /// An iterator over a value, for [`super::Terminator::ForEach`].
    Iter(Reg),
    /// `with x`: the result is what `__enter__` gives.
    Enter(Reg),
    /// End of `with x`. With `exceptional` (on the landing block), the result is true where the context manager
    /// swallows the exception; else there is none.
    Exit {
        /// The context manager (not what `__enter__` gave).
        context: Reg,
        /// Left through an exception.
        exceptional: bool,
    },

    /// A test of a pattern; the result is a truth value that narrows `value` on both branches.
    Test(Reg, Test),
    /// A part of a value that a pattern took apart; never raises.
    Extract(Reg, Part),

    /// The exception that this landing block received.
    Caught,
    /// Whether the caught exception (first) is of one of the classes (second: a class or a tuple of classes).
    CaughtMatches(Reg, Reg),

    /// Rust `?`, in three ops: whether the value is `Ok`/`Some` ([`OpKind::IsOk`], a branch), the payload
    /// ([`OpKind::Unwrap`]), and the value to return early ([`OpKind::Residual`], its error converted).
    IsOk(Reg),
    /// The payload of `Ok`/`Some`.
    Unwrap(Reg),
    /// `Err(From::from(e))` or `None`, to be returned.
    Residual(Reg),
}

/// A literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Const {
    /// Python `None`.
    None,
    /// Rust `()`.
    Unit,
    /// Python `...`.
    Ellipsis,
    /// A truth value.
    Bool(bool),
    /// An integer that fits; larger ones are `Float`.
    Int(i64),
    /// A number with a fraction, as its bits.
    Float(u64),
    /// A string, escapes resolved.
    Str(Name),
    /// A byte string, invalid UTF-8 replaced.
    Bytes(Name),
}

/// A piece of a [`OpKind::Format`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Piece {
    /// Constant text.
    Text(Name),
    /// A value; `debug` for `{:?}` and `!r`.
    Value {
        /// Which.
        reg: Reg,
        /// With its debug form.
        debug: bool,
    },
}

/// Unary operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `not`, and Rust `!` on truth values.
    Not,
    /// `-`, `+`, `~`.
    Number,
}

/// Binary operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `+`.
    Add,
    /// `-`.
    Sub,
    /// `*`.
    Mul,
    /// `/`, `//`.
    Div,
    /// `%` (also Python's string formatting).
    Mod,
    /// `|` (also the union of dicts and sets).
    Or,
    /// `&`.
    And,
    /// Everything else.
    Other,
}

/// Comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// `==`.
    Eq,
    /// `!=`.
    NotEq,
    /// `<`.
    Lt,
    /// `<=`.
    LtE,
    /// `>`.
    Gt,
    /// `>=`.
    GtE,
    /// `is`.
    Is,
    /// `is not`.
    IsNot,
    /// `in`.
    In,
    /// `not in`.
    NotIn,
}

/// A call.
#[derive(Debug, Clone)]
pub struct Call {
    /// What is called.
    pub callee: Callee,
    /// Arguments in the order written.
    pub args: Vec<Arg>,
}

/// What a [`Call`] calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Callee {
    /// A value: a function, class, closure; Rust paths and macros come as [`OpKind::Path`] first.
    Value(Reg),
    /// `recv.name(…)`.
    Method(Reg, Name),
}

/// An argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Arg {
    /// How it is handed over.
    pub kind: ArgKind,
    /// Its value.
    pub reg: Reg,
    /// Where it stands.
    pub span: Span,
}

/// How an [`Arg`] is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ArgKind {
    /// By position.
    Positional,
    /// By keyword: Python `k=v`; macros `k: v` and `k = v`.
    Keyword(Name),
    /// `*args`.
    Spread,
    /// `**kwargs`.
    SpreadKeywords,
    /// Macros: `key => value`; the register is the key.
    Pair(Reg),
}

/// What a [`OpKind::Collection`] makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CollectionKind {
    /// A list, array, vector or slice.
    List,
    /// A tuple.
    Tuple,
    /// A set.
    Set,
    /// A dict or map.
    Dict,
}

/// An element of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Item {
    /// An element.
    Value(Reg),
    /// An entry of a dict.
    Entry(Reg, Reg),
    /// `*xs` or `**d`.
    Spread(Reg),
    /// Rust `[x; n]`: many times the same.
    Repeat(Reg),
}

/// What a pattern asks of a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Test {
    /// Is this enum variant (dotted path; `Some`, `None`, `Ok`, `Err` bare).
    Variant(Name),
    /// Python `case C(...)`: an instance of the class in the register.
    Instance(Reg),
    /// A sequence of exactly (or, if open, at least) so many elements.
    Sequence {
        /// How many.
        len: u32,
        /// Has a `*rest` or `..`.
        open: bool,
    },
    /// A mapping with this constant key.
    HasKey(Reg),
    /// A mapping.
    Mapping,
    /// Equal to the constant in the register (literal patterns).
    Equals(Reg),
    /// In a numeric or character range with constant ends.
    Range,
}

/// A part of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// Field of an enum variant or struct: path and field (`0` for tuple fields). The empty path for plain structs.
    Field(Name, Name),
    /// Element of a sequence, from the start; negative from the end.
    Item(i32),
    /// The `*rest` of a sequence.
    Rest,
    /// The value under the key in the register.
    Key(Reg),
    /// The `**rest` of a mapping.
    RestOfMapping,
    /// Positional sub-pattern of a Python class pattern.
    Positional(u32),
}
