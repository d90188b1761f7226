//! The outline of a file: the parts of its text that can be taken out one by one, whatever the language.

use crate::source::Span;

/// A statement or an item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Node {
    /// The whole of it, decorators and a Rust semicolon included, without the end of its line.
    pub(super) span: Span,
    /// The expression that it evaluates, where that is all it does (an expression statement, the value of an
    /// assignment).
    pub(super) value: Option<Span>,
    /// It holds no other statement.
    pub(super) simple: bool,
    /// It only steers between the blocks in it, or is a simple statement.
    pub(super) steers: bool,
    /// It is the value of the block that it ends.
    pub(super) tail: bool,
    /// It only brings names into scope; it goes when its names do.
    pub(super) import: bool,
    /// The names that an import brings in.
    pub(super) names: Vec<Span>,
    /// It declares a type: it stays, whatever becomes of its parts.
    pub(super) declares: bool,
    /// It defines a function: it goes only when the function is nothing but a way to the metric.
    pub(super) function: bool,
    /// Lists in it of which single elements can go.
    pub(super) lists: Vec<List>,
    /// The blocks in it.
    pub(super) groups: Vec<Group>,
    /// It is a `with` whose block can stay without it.
    pub(super) wrapper: Option<Wrapper>,
    /// It is a `try` with nothing but a `finally`, whose block can stay without it: the block and the clause.
    pub(super) shell: Option<(Span, Span)>,
}

/// Elements between commas, or one to a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct List {
    /// The elements.
    pub(super) items: Vec<Span>,
    /// Each stands on lines of its own (decorators, attributes).
    pub(super) lines: bool,
    /// The elements may have round brackets of their own, which the syntax tree leaves out.
    pub(super) bracketed: bool,
    /// The names of the fields of a struct literal, one per element; else empty.
    pub(super) fields: Vec<String>,
    /// The struct literal.
    pub(super) owner: Option<Span>,
    /// The elements are names that a module exports (`__all__`), which stand in `fields`.
    pub(super) exports: bool,
}

impl List {
    pub(super) fn commas(items: Vec<Span>) -> Self {
        Self { items, ..Self::default() }
    }
}

/// A block of statements.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Group {
    /// The statements.
    pub(super) nodes: Vec<Node>,
    /// What must stand where a block would be empty.
    pub(super) filler: Option<&'static str>,
    /// From the keyword that opens the block to the block's end, where the whole clause may go with its statements
    /// (`else`, `finally`).
    pub(super) clause: Option<Span>,
    /// What stands between the braces.
    pub(super) braces: Option<Span>,
}

/// `with a, b: block`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrapper {
    /// The context managers.
    pub(super) items: Vec<Span>,
    /// From the first statement of the block to the end of the last.
    pub(super) body: Span,
}

impl Node {
    /// Calls `visit` with this node and all nodes in it.
    pub(super) fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a Node)) {
        visit(self);
        for node in self.groups.iter().flat_map(|group| &group.nodes) {
            node.each(visit);
        }
    }
}
