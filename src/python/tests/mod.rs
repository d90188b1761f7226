//! Snapshots of graphs, positions, and hostile files.

mod control;
mod definitions;
mod expressions;
mod patterns;
mod positions;
mod robust;
mod scopes;
mod tries;

use super::*;
use crate::program::dump_function;

fn unit(text: &str) -> Unit {
    let module_paths = module_paths("shop/m.py", &|dir| dir == "shop");
    lower(&PythonInput { file: FileId(0), path: "shop/m.py", text, module_paths })
}

/// The graphs of all functions of a module but its own body.
fn functions(text: &str) -> String {
    unit(text).functions.iter().skip(1).map(dump_function).collect()
}

/// The graph of the statements of a module.
fn module(text: &str) -> String {
    unit(text).functions.first().map(dump_function).unwrap_or_default()
}
