//! What the constructs of the language become.
#![allow(clippy::too_many_lines, reason = "snapshots of graphs are long")]

mod control;
mod hostile;
mod layout;
mod macros;
mod names;
mod patterns;
mod values;

use super::*;
use crate::program::{OpKind, dump_function};

fn unit(text: &str) -> Unit {
    let module = RustModule { path: "app".to_owned(), crate_name: "app".to_owned(), ..RustModule::default() };
    lower(&RustInput { file: FileId(0), text, module: &module })
}

fn dump(text: &str) -> String {
    let unit = unit(text);
    assert_eq!(unit.problems, vec![]);
    unit.functions.iter().map(dump_function).collect::<Vec<_>>().join("\n")
}

/// The text of every call in the unit.
fn called(text: &str, unit: &Unit) -> Vec<String> {
    let ops = unit.functions.iter().flat_map(|function| &function.blocks).flat_map(|block| &block.ops);
    ops.filter(|op| matches!(op.kind, OpKind::Call(_)))
        .map(|op| text.get(op.span.range()).unwrap_or("?").to_owned())
        .collect()
}
