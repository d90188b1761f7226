//! Whole texts before and after, and the proof's word on each.

mod python;
mod rust;

use std::collections::BTreeMap;

use super::*;
use crate::program::{OpKind, Program, Syntax, Unit};
use crate::rust::{RustInput, RustModule, lower};
use crate::source::{FileId, Location};

/// A few calls that the tests take for granted.
struct Known;

impl Effects for Known {
    fn of(&self, _: Syntax, callee: &str) -> Option<Claims> {
        let last = callee.rsplit('.').next().unwrap_or_default();
        let reads = ["get", "str", "clone", "to_string", "format!", "keys", "as_str", "len", "new", "int", "items"]
            .contains(&last);
        let keeps = ["Box", "new", "clone", "register", "get_or_init", "Ok", "Some", "unwrap"].contains(&last);
        let fails = ["int"].contains(&last);
        (reads || keeps).then(|| Claims { reads, keeps, fails, ..Claims::default() })
    }
}

fn lower_rust(text: &str) -> Unit {
    let module = RustModule {
        path: "shop".to_owned(),
        crate_name: "shop".to_owned(),
        externs: BTreeMap::from([("prometheus".to_owned(), "prometheus".to_owned())]).into(),
        ..RustModule::default()
    };
    lower(&RustInput { file: FileId(0), text, module: &module })
}

fn lower_python(text: &str) -> Unit {
    let module_paths = crate::python::module_paths("shop/views.py", &|_| false);
    crate::python::lower(&crate::python::PythonInput { file: FileId(0), path: "shop/views.py", text, module_paths })
}

fn program(text: &str, syntax: Syntax) -> Program {
    Program::link(vec![match syntax {
        Syntax::Python => lower_python(text),
        Syntax::Rust => lower_rust(text),
    }])
}

/// Calls of the program whose text starts so; those with a recording method record.
fn calls(program: &Program, text: &str, starts: &[&str]) -> Calls {
    let mut calls = Calls::default();
    for function in &program.functions {
        for op in function.blocks.iter().flat_map(|block| &block.ops) {
            let source = text.get(op.span.range()).unwrap_or_default();
            if matches!(op.kind, OpKind::Call(_)) && starts.iter().any(|start| source.starts_with(start)) {
                let place = Location::new(function.file, op.span);
                calls.all.insert(place);
                calls.sound.insert(place);
                if [".inc()", ".observe(1)"].iter().any(|end| source.ends_with(end)) {
                    calls.records.insert(place);
                }
            }
        }
    }
    calls
}

/// The text without the metric, and the proof's word.
fn stripped(text: &str, syntax: Syntax, starts: &[&str]) -> (String, String) {
    let (new, word, _) = cut(text, syntax, starts);
    (new, word)
}

/// The text without the metric, the proof's word, and what went.
fn cut(text: &str, syntax: Syntax, starts: &[&str]) -> (String, String, Vec<Location>) {
    let before = program(text, syntax);
    let calls = calls(&before, text, starts);
    let files = BTreeMap::from([(FileId(0), FileText { text, syntax })]);
    let out = take_out::take_out(View { program: &before, files: &files, effects: &Known }, &calls, true);
    let mut new = text.to_owned();
    for edit in out.edits.iter().rev() {
        new.replace_range(edit.at.span.range(), &edit.text);
    }
    let after = program(&new, syntax);
    let touched: Vec<Location> = out.gone.iter().chain(&out.reduced).copied().collect();
    let proof = judge(&before, &after, &calls, &touched);
    let word = match proof.why {
        None => "equal".to_owned(),
        Some(why) => why,
    };
    (new, word, touched)
}

fn judge(before: &Program, after: &Program, calls: &Calls, gone: &[Location]) -> Proof {
    let none = Calls::default();
    let files = [FileId(0)];
    prove(
        Side { program: before, files: &files, calls, touched: gone },
        Side { program: after, files: &files, calls: &none, touched: &[] },
        &Known,
    )
}
