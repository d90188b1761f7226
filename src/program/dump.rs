//! A readable text of a function's graph, for tests and for debugging a front end.

use std::fmt::Write as _;

use super::{Arg, ArgKind, BlockId, Call, Callee, Const, Function, Item, OpKind, Piece, Reg, Terminator};

/// Prints the blocks, operations and edges of one function, a line each. Registers of variables show their names.
#[must_use]
pub fn dump_function(function: &Function) -> String {
    let mut out = String::new();
    let params: Vec<String> = function.params.iter().map(|param| show(function, param.reg)).collect();
    let _ = writeln!(out, "{:?} {}({})", function.kind, function.path, params.join(", "));
    if !function.cells.is_empty() {
        let _ = writeln!(out, "  cells: {}", function.cells.iter().map(|c| c.as_str()).collect::<Vec<_>>().join(", "));
    }
    for (at, block) in function.blocks.iter().enumerate() {
        let handler = block.handler.map_or(String::new(), |to| format!("  (raises to {})", label(to)));
        let _ = writeln!(out, "b{at}:{handler}");
        for op in &block.ops {
            let dst = op.dst.map_or(String::new(), |reg| format!("{} = ", show(function, reg)));
            let _ = writeln!(out, "  {dst}{}", operation(function, &op.kind));
        }
        let _ = writeln!(out, "  {}", terminator(function, &block.end));
    }
    out
}

fn label(block: BlockId) -> String {
    format!("b{}", block.0)
}

fn show(function: &Function, reg: Reg) -> String {
    match function.regs.get(reg.index()).and_then(|info| info.name) {
        Some(known) => known.to_string(),
        None => format!("%{}", reg.0),
    }
}

fn terminator(function: &Function, end: &Terminator) -> String {
    let reg = |reg: Reg| show(function, reg);
    match *end {
        Terminator::Goto(to) => format!("goto {}", label(to)),
        Terminator::Branch(cond, then, otherwise) => {
            format!("if {} goto {} else {}", reg(cond), label(then), label(otherwise))
        }
        Terminator::ForEach { iter, item, body, exit } => {
            format!("for {} in {} goto {} else {}", reg(item), reg(iter), label(body), label(exit))
        }
        Terminator::Return(value) => format!("return {}", reg(value)),
        Terminator::Raise(Some(value)) => format!("raise {}", reg(value)),
        Terminator::Raise(None) => "raise again".to_owned(),
        Terminator::Unreachable => "unreachable".to_owned(),
    }
}

fn constant(value: &Const) -> String {
    match value {
        Const::None => "None".to_owned(),
        Const::Unit => "()".to_owned(),
        Const::Ellipsis => "...".to_owned(),
        Const::Bool(value) => value.to_string(),
        Const::Int(value) => value.to_string(),
        Const::Float(bits) => format!("{:?}", f64::from_bits(*bits)),
        Const::Str(text) => format!("{:?}", text.as_str()),
        Const::Bytes(text) => format!("b{:?}", text.as_str()),
    }
}

fn call(function: &Function, call: &Call) -> String {
    let args: Vec<String> = call.args.iter().map(|arg| argument(function, arg)).collect();
    let callee = match call.callee {
        Callee::Value(callee) => show(function, callee),
        Callee::Method(receiver, method) => format!("{}.{method}", show(function, receiver)),
    };
    format!("call {callee}({})", args.join(", "))
}

fn argument(function: &Function, arg: &Arg) -> String {
    let value = show(function, arg.reg);
    match arg.kind {
        ArgKind::Positional => value,
        ArgKind::Keyword(key) => format!("{key}={value}"),
        ArgKind::Spread => format!("*{value}"),
        ArgKind::SpreadKeywords => format!("**{value}"),
        ArgKind::Pair(key) => format!("{} => {value}", show(function, key)),
    }
}

fn item(function: &Function, item: &Item) -> String {
    match *item {
        Item::Value(value) => show(function, value),
        Item::Entry(key, value) => format!("{}: {}", show(function, key), show(function, value)),
        Item::Spread(value) => format!("*{}", show(function, value)),
        Item::Repeat(value) => format!("{}; n", show(function, value)),
    }
}

fn piece(function: &Function, piece: &Piece) -> String {
    match *piece {
        Piece::Text(text) => format!("{:?}", text.as_str()),
        Piece::Value { reg, debug } => format!("{}{}", show(function, reg), if debug { "!r" } else { "" }),
    }
}

#[allow(clippy::too_many_lines, reason = "one line for each kind of operation")]
fn operation(function: &Function, kind: &OpKind) -> String {
    let reg = |reg: &Reg| show(function, *reg);
    match kind {
        OpKind::Const(value) => constant(value),
        OpKind::Copy(value) => reg(value),
        OpKind::Unbind(value) => format!("unbind {}", reg(value)),
        OpKind::LoadGlobal(global) => format!("global {global}"),
        OpKind::StoreGlobal(global, value) => format!("global {global} := {}", reg(value)),
        OpKind::DeleteGlobal(global) => format!("unbind global {global}"),
        OpKind::Path(path) => format!("path {path}"),
        OpKind::LoadCell(up, cell) => format!("cell {cell}^{up}"),
        OpKind::StoreCell(up, cell, value) => format!("cell {cell}^{up} := {}", reg(value)),
        OpKind::Import { module, bind } => format!("import {module} as {bind}"),
        OpKind::ImportFrom(module, item) => format!("from {module} import {item}"),
        OpKind::ImportStar(module) => format!("from {module} import *"),
        OpKind::Format(pieces) => {
            format!("format {}", pieces.iter().map(|p| piece(function, p)).collect::<Vec<_>>().join(" "))
        }
        OpKind::Unary(op, value) => format!("{op:?} {}", reg(value)),
        OpKind::Binary { op, left, right, augmented } => {
            format!("{} {op:?}{} {}", reg(left), if *augmented { "=" } else { "" }, reg(right))
        }
        OpKind::Compare(op, left, right) => format!("{} {op:?} {}", reg(left), reg(right)),
        OpKind::Attr(object, field) => format!("{}.{field}", reg(object)),
        OpKind::SetAttr(object, field, value) => format!("{}.{field} := {}", reg(object), reg(value)),
        OpKind::DeleteAttr(object, field) => format!("delete {}.{field}", reg(object)),
        OpKind::Index(object, index) => format!("{}[{}]", reg(object), reg(index)),
        OpKind::SetIndex(object, index, value) => format!("{}[{}] := {}", reg(object), reg(index), reg(value)),
        OpKind::DeleteIndex(object, index) => format!("delete {}[{}]", reg(object), reg(index)),
        OpKind::Slice(object) => format!("slice {}", reg(object)),
        OpKind::StoreDeref(target, value) => format!("*{} := {}", reg(target), reg(value)),
        OpKind::Call(inner) => call(function, inner),
        OpKind::Collection(kind, items) => {
            format!("{kind:?} [{}]", items.iter().map(|i| item(function, i)).collect::<Vec<_>>().join(", "))
        }
        OpKind::Construct { path, fields, base } => {
            let fields: Vec<String> = fields.iter().map(|(field, value)| format!("{field}: {}", reg(value))).collect();
            let base = base.map_or(String::new(), |base| format!(", ..{}", reg(&base)));
            format!("{path} {{{}{base}}}", fields.join(", "))
        }
        OpKind::Closure { function: inner, defaults } => {
            let defaults: Vec<String> =
                defaults.iter().map(|(param, value)| format!("{param}={}", reg(value))).collect();
            format!("closure f{}({})", inner.0, defaults.join(", "))
        }
        OpKind::Class { class, bases, keywords } => {
            let mut all: Vec<String> = bases.iter().map(&reg).collect();
            all.extend(keywords.iter().map(|(key, value)| format!("{key}={}", reg(value))));
            format!("class c{}({})", class.0, all.join(", "))
        }
        OpKind::ClassField(field, value) => format!("class field {field} := {}", reg(value)),
        OpKind::Await(value) => format!("await {}", reg(value)),
        OpKind::Yield(value) => format!("yield {}", value.as_ref().map_or(String::new(), reg)),
        OpKind::YieldFrom(value) => format!("yield from {}", reg(value)),
        OpKind::Iter(value) => format!("iter {}", reg(value)),
        OpKind::Enter(context) => format!("enter {}", reg(context)),
        OpKind::Exit { context, exceptional } => {
            format!("exit {}{}", reg(context), if *exceptional { " on exception" } else { "" })
        }
        OpKind::Test(value, test) => format!("test {} {test:?}", reg(value)),
        OpKind::Extract(value, part) => format!("extract {} {part:?}", reg(value)),
        OpKind::Caught => "caught".to_owned(),
        OpKind::CaughtMatches(exception, classes) => format!("{} matches {}", reg(exception), reg(classes)),
        OpKind::IsOk(value) => format!("is ok {}", reg(value)),
        OpKind::Unwrap(value) => format!("unwrap {}", reg(value)),
        OpKind::Residual(value) => format!("residual {}", reg(value)),
    }
}
