//! What the knowledge files say about the effects of calls.

use std::collections::BTreeMap;

use super::effects::Effects;
use crate::knowledge::Knowledge;
use crate::knowledge::Tables;
use crate::knowledge::effect::CallEntry;
use crate::program::{Name, Syntax, name};

/// Primitives that read and give a result, and change nothing.
const READING: &[&str] = &[
    "identity",
    "text",
    "number",
    "sum",
    "min",
    "max",
    "clamp",
    "get",
    "get-item",
    "keys",
    "values",
    "items",
    "iter",
    "enumerate",
    "zip",
    "copy",
    "to-list",
    "to-tuple",
    "to-set",
    "to-dict",
    "pair",
    "sorted",
    "first",
    "element",
    "contains",
    "length",
    "some",
    "ok",
    "err",
    "unwrap",
    "unwrap-or",
    "unwrap-or-default",
    "is-some",
    "is-none",
    "is-ok",
    "is-err",
    "ok-or",
    "to-ok",
    "to-err",
    "or",
    "flatten",
    "transpose",
    "format",
    "format-map",
    "join",
    "concat",
    "encode",
    "getattr",
    "once-get",
];

/// Primitives that give the metric back that they are handed, or keep it for later.
const KEEPING: &[&str] = &[
    "identity",
    "copy",
    "some",
    "ok",
    "unwrap",
    "to-ok",
    "lazy",
    "get-or-init",
    "once-set",
    "lock",
    "first",
    "element",
];

/// The effects of the libraries of both languages.
pub struct KnownEffects<'a> {
    knowledge: &'a Knowledge,
    python: BTreeMap<Name, Claims>,
    rust: BTreeMap<Name, Claims>,
}

/// What all methods of one name have in common.
#[derive(Debug, Clone, Copy)]
struct Claims {
    reads: bool,
    keeps: bool,
    input: bool,
    fills: bool,
}

impl<'a> KnownEffects<'a> {
    /// Reads the knowledge once.
    #[must_use]
    pub fn new(knowledge: &'a Knowledge) -> Self {
        Self { knowledge, python: claims(knowledge, Syntax::Python), rust: claims(knowledge, Syntax::Rust) }
    }

    fn ask(&self, callee: &str) -> Option<Claims> {
        [(Syntax::Python, &self.python), (Syntax::Rust, &self.rust)].into_iter().find_map(|(syntax, methods)| {
            let tables = self.knowledge.tables(syntax);
            let Some(method) = callee.strip_prefix("*.") else { return find(tables, callee).map(Claims::of) };
            match tables.wildcard(name(method)) {
                Some(entry) => Some(Claims::of(entry)),
                None => methods.get(&name(method)).copied(),
            }
        })
    }
}

impl Effects for KnownEffects<'_> {
    fn is_harmless(&self, callee: &str) -> Option<bool> {
        self.ask(callee).map(|claims| claims.reads)
    }

    fn is_still(&self, callee: &str) -> Option<bool> {
        self.ask(callee).map(|claims| claims.reads && !claims.input)
    }

    fn keeps_metric(&self, callee: &str) -> Option<bool> {
        self.ask(callee).map(|claims| claims.keeps)
    }

    fn fills(&self, callee: &str) -> Option<bool> {
        self.ask(callee).map(|claims| claims.fills)
    }

    fn gives(&self, callee: &str) -> Option<Name> {
        [Syntax::Python, Syntax::Rust].into_iter().find_map(|syntax| {
            let returns = find(self.knowledge.tables(syntax), callee)?.returns.as_deref()?;
            let path = returns.split('<').next()?;
            (path.contains('.') && !path.contains(':')).then(|| name(path))
        })
    }
}

/// The entry for a function, or for a method of a type or of those that the type extends.
fn find<'a>(tables: &'a Tables, callee: &str) -> Option<&'a CallEntry> {
    tables.call(name(callee)).or_else(|| {
        let (ty, method) = callee.rsplit_once('.')?;
        tables.method_of(tables.canonical(name(ty)), name(method))
    })
}

fn claims(knowledge: &Knowledge, syntax: Syntax) -> BTreeMap<Name, Claims> {
    let mut all: BTreeMap<Name, Claims> = BTreeMap::new();
    for (method, entry) in knowledge.tables(syntax).methods() {
        let claims = Claims::of(entry);
        all.entry(method)
            .and_modify(|known| {
                known.reads &= claims.reads;
                known.keeps &= claims.keeps;
                known.fills &= claims.fills;
                known.input |= claims.input;
            })
            .or_insert(claims);
    }
    all
}

impl Claims {
    fn of(entry: &CallEntry) -> Self {
        let does = |list: &[&str]| entry.does.as_deref().is_some_and(|does| list.contains(&does));
        let acts = entry.records.is_some()
            || entry.raises.is_some()
            || entry.exposes.is_some()
            || entry.wraps.is_some()
            || entry.next
            || !entry.runs.is_empty()
            || !entry.routes.is_empty()
            || entry.creates.as_ref().is_some_and(|creates| !creates.options);
        let registers = entry.registers.is_some() || entry.unregisters.is_some();
        // Reading a whole body may wait, fail, or leave nothing for the next reader.
        let source = entry.source.as_ref().map(|source| source.shape != "whole");
        let reads = match (&entry.does, source) {
            (Some(_), _) => does(READING),
            (None, Some(partial)) => partial,
            (None, None) => !entry.carries.is_empty() || entry.bounded || entry.hashes || entry.creates.is_some(),
        };
        Self {
            reads: !acts && !registers && reads,
            keeps: !acts && (registers || does(KEEPING)),
            // What is asked for by a key is only looked up.
            input: entry.source.as_ref().is_some_and(|source| source.key.is_none()),
            fills: does(&["once-set"]),
        }
    }
}
