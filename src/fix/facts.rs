//! What is asked of a whole program again and again while fixes are planned: what the names of its modules stand for, and
//! who mentions which names.

use std::collections::{BTreeMap, BTreeSet};

use crate::program::{Callee, FuncId, Function, ModuleId, Name, NameMap, Op, OpKind, Program, Reg, name};
use crate::source::FileId;

/// Facts about one program.
#[derive(Default)]
pub(super) struct Facts {
    pub(super) imported: BTreeMap<(ModuleId, Name), Name>,
    pub(super) modules: BTreeSet<(ModuleId, Name)>,
    pub(super) stored: BTreeSet<(ModuleId, Name)>,
    pub(super) methods: BTreeSet<Name>,
    pub(super) properties: BTreeMap<Name, Vec<FuncId>>,
    /// The methods of all classes, by name.
    pub(super) methods_named: NameMap<Vec<FuncId>>,
    /// The files that mention a word.
    pub(super) mentions: NameMap<BTreeSet<FileId>>,
    pub(super) by_file: BTreeMap<FileId, Vec<FuncId>>,
}

impl Facts {
    pub(super) fn of(program: &Program) -> Self {
        let mut facts = Self {
            methods: program.classes.iter().flat_map(|class| &class.methods).map(|&(method, _)| method).collect(),
            ..Self::default()
        };
        for &(method, function) in program.classes.iter().flat_map(|class| &class.methods) {
            facts.methods_named.entry(method).or_default().push(function);
        }
        for (at, function) in program.functions.iter().enumerate() {
            let id = FuncId(at as u32);
            facts.add(function);
            facts.by_file.entry(function.file).or_default().push(id);
            if function.attributes.iter().any(|attribute| attribute.path.as_str().ends_with("property")) {
                facts.properties.entry(function.name).or_default().push(id);
            }
            for op in function.blocks.iter().flat_map(|block| &block.ops) {
                mentioned(program, op, &mut |word| {
                    facts.mentions.entry(word).or_default().insert(function.file);
                });
            }
        }
        facts
    }

    fn add(&mut self, function: &Function) {
        let ops = || function.blocks.iter().flat_map(|block| &block.ops);
        let mut imports: BTreeMap<Reg, Name> = BTreeMap::new();
        let mut modules: BTreeSet<Reg> = BTreeSet::new();
        for op in ops() {
            let path = match &op.kind {
                OpKind::ImportFrom(module, item) => name(&format!("{module}.{item}")),
                OpKind::Import { bind, .. } => *bind,
                _ => continue,
            };
            if let Some(dst) = op.dst {
                imports.insert(dst, path);
                if matches!(op.kind, OpKind::Import { .. }) {
                    modules.insert(dst);
                }
            }
        }
        for op in ops() {
            if let OpKind::StoreGlobal(global, value) = op.kind {
                self.stored.insert((function.module, global));
                if let Some(path) = imports.get(&value) {
                    self.imported.insert((function.module, global), *path);
                    if modules.contains(&value) {
                        self.modules.insert((function.module, global));
                    }
                }
            }
        }
    }
}

/// The last word of a dotted path.
pub(super) fn last_word(path: Name) -> Name {
    name(path.last_part())
}

/// The names that an operation mentions.
fn mentioned(program: &Program, op: &Op, visit: &mut dyn FnMut(Name)) {
    match &op.kind {
        OpKind::Path(path) => {
            visit(last_word(*path));
            visit(last_word(program.canonical(*path)));
        }
        OpKind::ImportFrom(_, item) => visit(*item),
        OpKind::LoadGlobal(word)
        | OpKind::StoreGlobal(word, _)
        | OpKind::DeleteGlobal(word)
        | OpKind::LoadCell(_, word)
        | OpKind::StoreCell(_, word, _)
        | OpKind::Attr(_, word)
        | OpKind::SetAttr(_, word, _)
        | OpKind::ClassField(word, _) => visit(*word),
        OpKind::Construct { path, fields, .. } => {
            visit(last_word(*path));
            fields.iter().for_each(|(word, _)| visit(*word));
        }
        OpKind::Call(call) => {
            if let Callee::Method(_, word) = call.callee {
                visit(word);
            }
        }
        _ => {}
    }
}
