//! The outline of a Rust file.

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Block, Expr, ExprStruct, ImplItem, Item, Stmt, TraitItem, UseTree};

use super::outline::{Group, List, Node};
use crate::source::Span;

/// The outline of a file whose items were parsed from the text behind `base`.
pub(super) fn outline(file: &syn::File, base: u32) -> Group {
    Outliner { base }.items(&file.items)
}

/// The bytes of a piece of syntax.
pub(super) fn span(base: u32, span: proc_macro2::Span) -> Span {
    let range = span.byte_range();
    let at = |offset: usize| base.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
    Span::new(at(range.start), at(range.end))
}

#[derive(Clone, Copy)]
struct Outliner {
    base: u32,
}

impl Outliner {
    fn at(self, syntax: &impl Spanned) -> Span {
        span(self.base, syntax.span())
    }

    fn items(self, items: &[Item]) -> Group {
        Group { nodes: items.iter().map(|item| self.item(item)).collect(), ..Group::default() }
    }

    fn item(self, item: &Item) -> Node {
        let mut node = Node { span: self.at(item), ..Node::default() };
        match item {
            Item::Fn(item) => {
                node.function = true;
                node.groups.push(self.block(&item.block));
            }
            Item::Impl(item) => node.groups.push(self.members(item)),
            Item::Trait(item) => {
                let defaults = item.items.iter().filter_map(|item| match item {
                    TraitItem::Fn(item) => item.default.as_ref(),
                    _ => None,
                });
                node.groups.extend(defaults.map(|block| self.block(block)));
            }
            Item::Mod(item) => node.groups.extend(item.content.as_ref().map(|(_, items)| self.items(items))),
            Item::Struct(item) => {
                node.declares = true;
                let fields: Vec<Span> = item.fields.iter().map(|field| self.at(field)).collect();
                node.lists.push(List::commas(fields));
            }
            Item::Use(item) => {
                node.import = true;
                self.leaves(&item.tree, &mut node);
            }
            Item::Macro(item) => node.groups.extend(self.macro_items(item.mac.tokens.clone())),
            Item::Static(_) | Item::Const(_) => node.simple = true,
            _ => {}
        }
        node
    }

    fn members(self, item: &syn::ItemImpl) -> Group {
        let nodes = item
            .items
            .iter()
            .map(|item| {
                let mut node = Node { span: self.at(item), ..Node::default() };
                if let ImplItem::Fn(function) = item {
                    node.function = true;
                    node.groups.push(self.block(&function.block));
                }
                node
            })
            .collect();
        Group { nodes, ..Group::default() }
    }

    /// The names that a `use` brings in, and the lists in braces that hold them.
    fn leaves(self, tree: &UseTree, node: &mut Node) {
        match tree {
            UseTree::Path(path) => self.leaves(&path.tree, node),
            UseTree::Group(group) => {
                node.lists.push(List::commas(group.items.iter().map(|tree| self.at(tree)).collect()));
                group.items.iter().for_each(|tree| self.leaves(tree, node));
            }
            leaf => node.names.push(self.at(leaf)),
        }
    }

    /// `lazy_static! { static ref A: T = x; static ref B: T = y; }`: statements between semicolons.
    fn macro_items(self, tokens: TokenStream) -> Option<Group> {
        let mut nodes = Vec::new();
        let mut start = None;
        for token in tokens {
            let place = span(self.base, token.span());
            let from: u32 = *start.get_or_insert(place.start);
            if matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ';') {
                nodes.push(Node { span: Span::new(from, place.end), ..Node::default() });
                start = None;
            }
        }
        // What does not end in a semicolon is no list of statements.
        (start.is_none() && !nodes.is_empty()).then_some(Group { nodes, ..Group::default() })
    }

    fn block(self, block: &Block) -> Group {
        let (open, close) = (self.at(&block.brace_token.span.open()), self.at(&block.brace_token.span.close()));
        Group {
            nodes: block.stmts.iter().map(|stmt| self.stmt(stmt)).collect(),
            braces: Some(Span::new(open.end, close.start)),
            ..Group::default()
        }
    }

    fn stmt(self, stmt: &Stmt) -> Node {
        let mut node = Node { span: self.at(stmt), ..Node::default() };
        match stmt {
            Stmt::Item(item) => return self.item(item),
            Stmt::Local(local) => {
                if let Some(init) = &local.init {
                    node.value = Some(self.bare(&init.expr));
                    self.inside(&init.expr, &mut node);
                    init.diverge.iter().for_each(|(_, expr)| self.inside(expr, &mut node));
                }
            }
            Stmt::Expr(expr, _) => {
                node.value = Some(self.bare(expr));
                self.inside(expr, &mut node);
            }
            Stmt::Macro(_) => {}
        }
        node.simple = node.groups.is_empty();
        node.steers = true;
        node.tail = matches!(stmt, Stmt::Expr(_, None));
        node
    }

    fn bare(self, expr: &Expr) -> Span {
        match expr {
            Expr::Await(expr) => self.at(&expr.base),
            other => self.at(other),
        }
    }

    /// Blocks and struct literals in an expression.
    fn inside(self, expr: &Expr, node: &mut Node) {
        let mut finder = Finder { outliner: self, groups: Vec::new(), lists: Vec::new() };
        finder.visit_expr(expr);
        node.groups.extend(finder.groups);
        node.lists.extend(finder.lists);
    }
}

/// Values of match arms and closures that are no blocks, outer ones first.
pub(super) fn arms(file: &syn::File, base: u32) -> Vec<Span> {
    let mut arms = Arms { outliner: Outliner { base }, found: Vec::new() };
    arms.visit_file(file);
    arms.found
}

struct Arms {
    outliner: Outliner,
    found: Vec<Span>,
}

impl Arms {
    fn add(&mut self, body: &Expr) {
        if !matches!(body, Expr::Block(_)) {
            self.found.push(self.outliner.at(body));
        }
    }
}

impl<'ast> Visit<'ast> for Arms {
    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        self.add(&arm.body);
        visit::visit_arm(self, arm);
    }

    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        self.add(&closure.body);
        visit::visit_expr_closure(self, closure);
    }
}

struct Finder {
    outliner: Outliner,
    groups: Vec<Group>,
    lists: Vec<List>,
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_block(&mut self, block: &'ast Block) {
        // The statements look into themselves.
        self.groups.push(self.outliner.block(block));
    }

    fn visit_expr_struct(&mut self, literal: &'ast ExprStruct) {
        let items = literal.fields.iter().map(|field| self.outliner.at(field)).collect();
        let mut list = List::commas(items);
        list.fields = literal
            .fields
            .iter()
            .map(|field| match &field.member {
                syn::Member::Named(name) => name.to_string(),
                syn::Member::Unnamed(index) => index.index.to_string(),
            })
            .collect();
        list.owner = Some(self.outliner.at(literal));
        self.lists.push(list);
        visit::visit_expr_struct(self, literal);
    }
}
