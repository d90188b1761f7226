//! What frameworks hand to functions of the project, as far as only the place tells where they are handed over.

use std::collections::{BTreeMap, BTreeSet};

use crate::knowledge::Sense;
use crate::knowledge::effect::{CallEntry, Source};
use crate::program::{FuncId, Name, OpKind, Param, Syntax, TypeRef, name};
use crate::source::Location;

use crate::flow::run::machine::Machine;
use crate::flow::values::heap::ObjId;
use crate::flow::values::naming::OPTION;
use crate::flow::values::value::{Alt, Taint, Value};

/// What is known of functions that were handed to a framework, beyond their attributes.
#[derive(Debug, Default)]
pub(crate) struct Handed {
    /// Their parameters are what clients send.
    clients: BTreeSet<FuncId>,
    /// The types of their parameters, in order.
    given: BTreeMap<FuncId, Vec<Name>>,
    /// Paths that are used somewhere in the program; filled in when first asked for.
    used: Option<BTreeSet<Name>>,
}

impl Machine<'_> {
    /// Notes what a call hands to the functions that it is given.
    pub(crate) fn hand_over(&mut self, entry: &CallEntry, handler: &Value) {
        for alt in &handler.alts {
            let Alt::Function(function, _) = alt else { continue };
            let mut news = entry.clients && self.handed.clients.insert(*function);
            if !entry.gives.is_empty() {
                let types = entry.gives.iter().map(|ty| name(ty)).collect();
                news |= self.handed.given.insert(*function, types).is_none();
            }
            if news {
                self.base.touch(ObjId::handed(*function));
            }
        }
    }

    /// The type of a parameter by what the function was handed to.
    pub(crate) fn given_type(&self, param: &Param) -> Option<TypeRef> {
        let types = self.handed.given.get(&self.frame().function)?;
        let position = self.function().params.iter().position(|known| known.reg == param.reg)?;
        types.get(position).map(|ty| TypeRef::plain(*ty))
    }

    /// Whether the function that runs is handed what clients send.
    pub(crate) fn takes_clients(&self) -> bool {
        self.handed.clients.contains(&self.frame().function)
    }

    /// What a client's value of this type is whatever its name (an address).
    pub(crate) fn clients_own(&self, ty: &TypeRef) -> Option<Source> {
        let inner = if ty.path.as_str().ends_with(OPTION) { ty.args.first()? } else { ty };
        self.tables().type_entry(inner.path)?.from_client.clone()
    }

    /// Types of a framework that are no values of a client: its state, its configuration.
    pub(crate) fn is_frameworks_own(&self, ty: &TypeRef) -> bool {
        let path = self.tables().canonical(ty.path);
        let root = path.as_str().split('.').next().unwrap_or_default();
        let standard = matches!(root, "std" | "tuple" | "list" | "Option") || !path.as_str().contains('.');
        !standard
            && self.tables().type_entry(path).is_some_and(|entry| entry.source.is_none() && entry.from_client.is_none())
    }

    /// A part of the request that a handler's parameter pattern names (`Path(name)`): the name is that of the part.
    pub(crate) fn extracted(&self, value: Value, known_as: Name, at: Location) -> Value {
        let neutral = |taint: &Taint| taint.category.is_none() && !taint.trusted;
        if !self.is_rust() || self.frame().call.is_some() || !value.taints.iter().any(neutral) {
            return value;
        }
        if !self.function().params.iter().any(|param| param.span.contains(at.span)) {
            return value;
        }
        let Sense::WithSource { category, what, .. } = self.knowledge.lexicon().sense(known_as.as_str()) else {
            return value;
        };
        value.with(|data| {
            data.taints.retain(|taint| !neutral(taint));
            data.taint(Taint::new(Some(category), what, at, format!("`{known_as}` is read from the request")));
        })
    }

    /// Methods by which types of the project are made from requests.
    pub(crate) fn extracting(&self) -> Vec<FuncId> {
        let extracts = |path: Name| {
            self.knowledge
                .tables(Syntax::Rust)
                .type_entry(self.program.canonical(path))
                .is_some_and(|entry| entry.extracts)
        };
        let blocks = self.program.impls.iter().filter(|block| block.of.as_ref().is_some_and(|of| extracts(of.path)));
        blocks.flat_map(|block| block.methods.iter().map(|(_, function)| *function)).collect()
    }

    /// Whether the program uses this path somewhere.
    pub(crate) fn uses(&mut self, path: &str) -> bool {
        if self.handed.used.is_none() {
            let ops = self.program.functions.iter().flat_map(|function| &function.blocks).flat_map(|block| &block.ops);
            let paths = ops.filter_map(|op| if let OpKind::Path(path) = op.kind { Some(path) } else { None });
            let tables = self.knowledge.tables(Syntax::Rust);
            let used = paths.map(|path| tables.canonical(self.program.canonical(path))).collect();
            self.handed.used = Some(used);
        }
        self.handed.used.as_ref().is_some_and(|used| used.contains(&name(path)))
    }
}
