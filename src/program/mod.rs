//! The language-neutral program: what both front ends produce and the interpreter reads.
//!
//! A [`Unit`] is what a front end makes of one file, with ids that count from zero inside it;
//! [`Program::link`] joins units, shifts the ids and indexes the names. A function is a control-flow
//! graph of [`Block`]s of three-address [`Op`]s over registers. Nothing in here knows a library, a
//! metric or a rule.
//!
//! # Names
//! A dotted path names everything: `shop.views.buy_card_view` (Python module and function),
//! `gallery.telemetry.track` (crate, modules, item; `crate::`, `self::`, `super::` and `use` are resolved by the
//! front end, dashes in crate names are underscores). A macro's path ends in `!`: `prometheus.register_counter!`.
//! Python names that nothing binds are `builtins.NAME`.

mod derived;
mod dump;
mod function;
mod link;
mod memo;
mod name;
mod op;
mod operands;
mod types;

pub use dump::dump_function;
pub use function::{
    Attribute, AttributeArg, Block, BlockId, Function, FunctionKind, Param, ParamKind, Place, RegInfo, Terminator,
};
pub use link::Program;
pub(crate) use memo::PathMemo;
pub use name::{Name, NameMap, NameSet, name};
pub use op::{
    Arg, ArgKind, BinaryOp, Call, Callee, CollectionKind, CompareOp, Const, Item, Op, OpKind, Part, Piece, Test,
    UnaryOp,
};
pub use operands::{end_reads, reads, visit_end, visit_reads};
pub use types::{Class, ClassKind, Field, ImplOf, Module, Syntax, SyntaxProblem, TypeRef, Unit, Variant};

macro_rules! ids {
    ($($(#[$meta:meta])* $id:ident;)*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $id(pub u32);

        impl $id {
            /// The index into the arena.
            #[must_use]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}
use ids;

ids! {
    /// A function body: module, class body, function, method, lambda, comprehension or closure.
    FuncId;
    /// A Python class, or a Rust struct, enum, union, trait or type with methods.
    ClassId;
    /// A Python module or a Rust module.
    ModuleId;
    /// A register of one function: a local variable or a temporary.
    Reg;
}
