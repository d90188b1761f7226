//! What does nothing use any more after a fix, though it stays? Whoever reads the fix may take it out, too.

use std::collections::{BTreeMap, BTreeSet};

use super::effects::{Names, Origins};
use super::take_out::View;
use crate::program::{Call, Callee, FunctionKind, Name, OpKind, Program, Syntax, name};
use crate::source::FileId;

/// Crates and modules that come with the language.
const OWN: &[&str] = &["std", "core", "alloc", "crate", "self", "super", "builtins", "typing", "__future__"];

/// Functions that only the metric called, and dependencies that only it needed, in words.
pub(super) fn unused(view: View<'_>, after: &Program, texts: &BTreeMap<FileId, String>) -> Vec<String> {
    let mut found: Vec<String> = functions(view.program, after).into_iter().map(|path| format!("`{path}`")).collect();
    found.extend(dependencies(view, texts));
    found
}

/// Functions that something named before, and nothing names now.
fn functions(before: &Program, after: &Program) -> Vec<Name> {
    let gone: BTreeSet<Name> = named(before).difference(&named(after)).copied().collect();
    let stays = after.functions.iter().filter(|function| {
        function.kind == FunctionKind::Function && function.owner.is_none() && gone.contains(&function.path)
    });
    stays.map(|function| function.path).collect::<BTreeSet<_>>().into_iter().collect()
}

fn named(program: &Program) -> BTreeSet<Name> {
    let names = Names::new(program);
    let mut found = BTreeSet::new();
    for function in &program.functions {
        for op in function.blocks.iter().flat_map(|block| &block.ops) {
            let path = match op.kind {
                OpKind::LoadGlobal(global) => names.global(function.module, global),
                OpKind::ImportFrom(module, item) => name(&format!("{module}.{item}")),
                OpKind::Path(path) => path,
                _ => continue,
            };
            let path = program.canonical(path);
            // What a function calls of itself keeps it from nothing.
            if path != function.path {
                found.insert(path);
            }
        }
    }
    found
}

/// Packages that the changed files named before and that no file names now.
fn dependencies(view: View<'_>, texts: &BTreeMap<FileId, String>) -> Vec<String> {
    let mut roots: BTreeMap<&str, Syntax> = BTreeMap::new();
    let program = view.program;
    let names = Names::new(program);
    for function in program.functions.iter().filter(|function| texts.contains_key(&function.file)) {
        let Some(file) = view.files.get(&function.file) else { continue };
        let origins = Origins::new(&names, function);
        for op in function.blocks.iter().flat_map(|block| &block.ops) {
            let path = match &op.kind {
                OpKind::Path(path) => *path,
                // Much of what Python imports comes with it: only what makes metrics is sure to be a package.
                OpKind::Call(Call { callee: Callee::Value(callee), .. })
                    if origins.claims(Callee::Value(*callee), view.effects).measures =>
                {
                    let Some(path) = origins.path(*callee) else { continue };
                    path
                }
                _ => continue,
            };
            let root = path.as_str().split('.').next().unwrap_or_default().trim_end_matches('!');
            roots.entry(root).or_insert(file.syntax);
        }
    }
    let is_project = |root: &str| {
        let own = program.modules.iter().map(|module| module.path.as_str().split('.').next().unwrap_or_default());
        own.into_iter().any(|own| own == root)
    };
    let now = |id: &FileId| texts.get(id).map(String::as_str).or_else(|| view.files.get(id).map(|file| file.text));
    roots
        .into_iter()
        .filter(|(root, _)| !root.is_empty() && !OWN.contains(root) && !is_project(root))
        .filter(|(root, _)| texts.keys().filter_map(|id| view.files.get(id)).any(|file| holds(file.text, root)))
        .filter(|(root, _)| !view.files.keys().filter_map(now).any(|text| holds(text, root)))
        .map(|(root, syntax)| match syntax {
            Syntax::Python => format!("the package that gives `{root}`, in requirements.txt or pyproject.toml"),
            Syntax::Rust => format!("the dependency `{root}`, in Cargo.toml"),
        })
        .collect()
}

/// The word stands in the text by itself.
fn holds(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let part = |c: char| c.is_alphanumeric() || c == '_';
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}
