//! Functions, their control-flow graphs and their parameters.

use super::{ClassId, FuncId, ModuleId, Name, Op, Reg, TypeRef, ids};
use crate::source::{FileId, Span};

ids! {
    /// A basic block of one function.
    BlockId;
}

/// What kind of body a [`Function`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FunctionKind {
    /// The statements of a Python module; runs once, at import.
    Module,
    /// The statements of a Python class; runs once, where the class is defined.
    ClassBody,
    /// A function or method.
    Function,
    /// A Python lambda or a Rust closure.
    Lambda,
    /// A comprehension or generator expression: one parameter `.0` for the outermost iterable. Yields its elements
    /// (`Yield`; a dict comprehension yields two-element tuples). The collection is built by the op that calls it.
    Comprehension,
    /// The initialiser of a Rust `static` or `const`: runs at most once, when first read, and returns the value.
    Initializer,
    /// A Rust `async` block: runs when awaited.
    AsyncBlock,
}

/// One body of code.
#[derive(Debug, Clone)]
pub struct Function {
    /// The last part of the path, or `<module>`, `<lambda>`, `<comprehension>`.
    pub name: Name,
    /// Dotted path: `shop.views.Card.save`; nested functions add `outer.<locals>.inner` as Python does.
    pub path: Name,
    /// What kind of body it is.
    pub kind: FunctionKind,
    /// The file the body stands in.
    pub file: FileId,
    /// The module the body belongs to.
    pub module: ModuleId,
    /// The class it is a method or the body of.
    pub owner: Option<ClassId>,
    /// The function it is nested in, for [`super::OpKind::LoadCell`].
    pub parent: Option<FuncId>,
    /// Parameters in order. Their values arrive in the registers that they name.
    pub params: Vec<Param>,
    /// Every register; the index is the [`Reg`].
    pub regs: Vec<RegInfo>,
    /// Names of own variables that inner functions read or write: they live in cells, never in registers (a parameter
    /// that is captured is copied to its cell in the entry block).
    pub cells: Vec<Name>,
    /// The blocks; block 0 is the entry.
    pub blocks: Vec<Block>,
    /// Calling it gives a coroutine or future that runs when awaited.
    pub is_async: bool,
    /// It contains `yield`.
    pub is_generator: bool,
    /// Rust attribute macros (`#[get("/x")]`) and Python decorators *as written*, for knowledge of frameworks. Python
    /// decorators are applied by ops in the enclosing body as well.
    pub attributes: Vec<Attribute>,
    /// The declared type of the result.
    pub returns: Option<TypeRef>,
    /// The whole definition.
    pub span: Span,
    /// The name in the definition, or the first character of the body.
    pub name_span: Span,
    /// Visible outside its module (Rust `pub`; Python always).
    pub is_public: bool,
    /// Compiled for tests only (`#[cfg(test)]`, `#[test]`).
    pub is_test: bool,
}

/// A decorator or attribute, as written.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// Resolved dotted path: `rocket.get`, `flask.Flask.route` where known, else as written (`app.get`).
    pub path: Name,
    /// Its arguments that are constants.
    pub args: Vec<AttributeArg>,
    /// Where it stands.
    pub span: Span,
}

/// A constant argument of an [`Attribute`].
#[derive(Debug, Clone)]
pub struct AttributeArg {
    /// The keyword, where there is one.
    pub key: Option<Name>,
    /// The text of the constant (string contents; numbers as written).
    pub value: Name,
}

/// How arguments reach a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParamKind {
    /// By position or keyword.
    Normal,
    /// By position only.
    PositionalOnly,
    /// By keyword only.
    KeywordOnly,
    /// `*args`.
    VarArgs,
    /// `**kwargs`.
    VarKeywords,
    /// `self`, `cls`, `&self`, `&mut self`: the receiver.
    Receiver,
}

/// A parameter.
#[derive(Debug, Clone)]
pub struct Param {
    /// Its name; for a Rust pattern (`Json(body)`) the empty name, and ops in the entry block take it apart.
    pub name: Name,
    /// Where the argument arrives.
    pub reg: Reg,
    /// How arguments reach it.
    pub kind: ParamKind,
    /// Its declared type, references stripped.
    pub ty: Option<TypeRef>,
    /// Has a default (Python), given by the `Closure` op that makes the function.
    pub has_default: bool,
    /// Rust `&mut T`: what the callee leaves in the register is written back to the argument's place.
    pub is_mut_ref: bool,
    /// Where it stands.
    pub span: Span,
}

/// What is known of a register without running anything.
#[derive(Debug, Clone, Default)]
pub struct RegInfo {
    /// The variable's name; `None` for a temporary.
    pub name: Option<Name>,
    /// The declared type (`x: T`), for a variable.
    pub ty: Option<TypeRef>,
    /// For a temporary that was read from a place: that place, so that a mutation through the temporary
    /// (`self.buf.push_str(x)`, `*resp.status_mut() = s`) reaches it.
    pub place: Option<Place>,
}

/// Where a value was read from, for writing back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// A variable (`&mut x`).
    Reg(Reg),
    /// A captured variable, `up` functions out.
    Cell(u32, Name),
    /// A module-level name or a static, by dotted path or bare name.
    Global(Name),
    /// A field of an object.
    Field(Reg, Name),
    /// An element of a container.
    Index(Reg, Reg),
    /// What the result of this method call on the receiver register points into (`status_mut`, `get_mut`, `lock`).
    Through(Reg),
}

/// A straight run of operations.
#[derive(Debug, Clone)]
pub struct Block {
    /// Executed in order.
    pub ops: Vec<Op>,
    /// How the block ends.
    pub end: Terminator,
    /// Where the end stands (the `return` statement, the `raise` statement, the tail expression, the condition).
    pub end_span: Span,
    /// Where control goes when an operation or the end of this block raises: the landing block of the enclosing
    /// `try` or `with`. `None`: the exception leaves the function.
    pub handler: Option<BlockId>,
}

/// How a block ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terminator {
    /// Continue there.
    Goto(BlockId),
    /// Continue at the first block if the register is true, else at the second.
    Branch(Reg, BlockId, BlockId),
    /// Take the next element of `iter` (made by [`super::OpKind::Iter`]) into `item` and go to `body`, or go to
    /// `exit` when there is none.
    ForEach {
        /// The iterator.
        iter: Reg,
        /// Receives the element.
        item: Reg,
        /// The loop's body.
        body: BlockId,
        /// Behind the loop (its `else` first).
        exit: BlockId,
    },
    /// Leave the function with this value (Python bodies without a value return a `None` constant).
    Return(Reg),
    /// Raise this exception; `None` raises the current one again. Rust: `panic!` and the like raise
    /// `builtins.panic`.
    Raise(Option<Reg>),
    /// Never reached (after `std::process::exit`, in an empty match).
    Unreachable,
}

impl Terminator {
    /// The blocks that control can go to without an exception.
    #[must_use]
    pub fn successors(&self) -> Vec<BlockId> {
        match *self {
            Terminator::Goto(to) => vec![to],
            Terminator::Branch(_, then, otherwise) => vec![then, otherwise],
            Terminator::ForEach { body, exit, .. } => vec![body, exit],
            Terminator::Return(_) | Terminator::Raise(_) | Terminator::Unreachable => Vec::new(),
        }
    }
}
