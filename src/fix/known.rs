//! What the knowledge files say about the effects of calls.

use std::collections::BTreeMap;

use super::effects::{Claims, Effects};
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
    "entry",
];

/// Primitives that run what they are handed, and otherwise only give a result.
const RUNNING: &[&str] = &[
    "map",
    "filter",
    "filter-map",
    "flat-map",
    "unwrap-or-else",
    "map-or",
    "map-or-else",
    "map-err",
    "and-then",
    "ok-or-else",
    "or-else",
    "then",
    "then-some",
    "inspect",
];

/// Primitives that do the same for each element of an iterator, which they use up.
const CONSUMING: &[&str] = &["for-each", "fold", "reduce", "any", "find"];

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
    "set-default",
];

/// The effects of the libraries of both languages.
pub struct KnownEffects<'a> {
    knowledge: &'a Knowledge,
    python: BTreeMap<Name, Claims>,
    rust: BTreeMap<Name, Claims>,
}

impl<'a> KnownEffects<'a> {
    /// Reads the knowledge once.
    #[must_use]
    pub fn new(knowledge: &'a Knowledge) -> Self {
        Self { knowledge, python: methods(knowledge, Syntax::Python), rust: methods(knowledge, Syntax::Rust) }
    }

    fn ask(&self, syntax: Syntax, callee: &str) -> Option<Claims> {
        let tables = self.knowledge.tables(syntax);
        let Some(method) = callee.strip_prefix("*.") else { return find(tables, callee).map(claims) };
        match tables.wildcard(name(method)) {
            Some(entry) => Some(claims(entry)),
            None => match syntax {
                Syntax::Python => self.python.get(&name(method)).copied(),
                Syntax::Rust => self.rust.get(&name(method)).copied(),
            },
        }
    }
}

impl Effects for KnownEffects<'_> {
    fn of(&self, syntax: Syntax, callee: &str) -> Option<Claims> {
        let tables = self.knowledge.tables(syntax);
        let method = callee.rsplit('.').next().map(|method| name(&format!("*.{method}")));
        let either = |list: &dyn Fn(Name) -> bool| list(name(callee)) || method.is_some_and(list);
        let acts = either(&|path| tables.acts(path));
        let fails = either(&|path| tables.fails(path));
        let reads_back = either(&|path| tables.reads_back(path));
        let only = either(&|path| tables.reads(path));
        // What any value's method does, that of this type does, too.
        let listed = |method: &Name| {
            let lists: [&dyn Fn(Name) -> bool; 3] =
                [&|path| tables.acts(path), &|path| tables.fails(path), &|path| tables.reads(path)];
            lists.iter().any(|list| list(*method))
        };
        let known = self.ask(syntax, callee).or_else(|| self.ask(syntax, method.filter(listed).as_ref()?.as_str()));
        // Some functions are known by these lists alone.
        let ends = tables.ends(name(callee));
        let claims = known.or_else(|| (acts || fails || reads_back || only || ends).then(Claims::default))?;
        let reads = !acts && (claims.reads || only || known.is_none() && fails);
        Some(Claims { reads, fails, reads_back, ends, ..claims })
    }
}

/// The entry for a function, or for a method of a type or of those that the type extends.
fn find<'a>(tables: &'a Tables, callee: &str) -> Option<&'a CallEntry> {
    tables.call(name(callee)).or_else(|| {
        let (ty, method) = callee.rsplit_once('.')?;
        tables.method_of(tables.canonical(name(ty)), name(method))
    })
}

/// What all methods of one name have in common.
fn methods(knowledge: &Knowledge, syntax: Syntax) -> BTreeMap<Name, Claims> {
    let mut all: BTreeMap<Name, Claims> = BTreeMap::new();
    for (method, entry) in knowledge.tables(syntax).methods() {
        let claims = claims(entry);
        all.entry(method)
            .and_modify(|known| {
                known.reads &= claims.reads;
                known.keeps &= claims.keeps;
                known.fills &= claims.fills;
                known.measures &= claims.measures;
                known.runs &= claims.runs;
                known.consumes &= claims.consumes;
                known.calls &= claims.calls;
                known.puts |= claims.puts;
                known.merges &= claims.merges;
                known.input |= claims.input;
                known.gives = None;
            })
            .or_insert(claims);
    }
    all
}

fn claims(entry: &CallEntry) -> Claims {
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
    Claims {
        reads: !acts && !registers && reads,
        keeps: !acts && (registers || does(KEEPING)),
        // What is asked for by a key is only looked up.
        input: entry.source.as_ref().is_some_and(|source| source.key.is_none()),
        fills: does(&["once-set"]),
        runs: !acts && does(RUNNING),
        consumes: !acts && does(CONSUMING),
        puts: does(&["set-default"]),
        merges: does(&["update"]),
        calls: does(&["call"]),
        ends: false,
        fails: false,
        binds: entry
            .records
            .as_ref()
            .is_some_and(|records| !records.label_values.is_empty() || records.labels.is_some()),
        binds_each: entry.records.as_ref().is_some_and(|records| {
            records.labels.is_none() && records.label_values.iter().any(|name| name.starts_with('*'))
        }),
        reads_back: false,
        measures: entry.records.is_some() || entry.creates.is_some() || registers,
        gives: gives(entry),
    }
}

fn gives(entry: &CallEntry) -> Option<Name> {
    let path = entry.returns.as_deref()?.split('<').next()?;
    (path.contains('.') && !path.contains(':')).then(|| name(path))
}
