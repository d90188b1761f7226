//! Which functions stand behind names once decorators are done: closures, with what they captured.
//!
//! `@counted def seed(request)` leaves the closure of `counted` under the name `seed`. It, and not the function as it
//! is written, answers requests; so it is what runs as a root, once for each function that it captured.

use std::collections::{BTreeMap, BTreeSet};

use crate::program::{ClassId, Const, FuncId, FunctionKind, ModuleId};

use crate::flow::run::machine::Machine;
use crate::flow::values::heap::ObjId;
use crate::flow::values::state::Args;
use crate::flow::values::value::{Alt, Value};

/// How a function is run as a root.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entry {
    /// What it captured.
    pub(crate) outer: Option<ObjId>,
    /// The arguments that are known: `self`, for the closure that stands for a method.
    pub(crate) args: Args,
    /// The class of the view for a method of which it stands.
    pub(crate) view: Option<ClassId>,
}

/// The closures that stand behind names.
#[derive(Debug, Default)]
pub(crate) struct Closures {
    entries: BTreeMap<FuncId, Vec<Entry>>,
    /// Methods behind whose names something else stands.
    replaced: BTreeSet<FuncId>,
}

impl Closures {
    /// The ways in which a function is run as a root; none for a method that a closure stands for.
    pub(crate) fn entries(&self, id: FuncId) -> Vec<Entry> {
        match self.entries.get(&id) {
            Some(entries) => entries.clone(),
            None if self.replaced.contains(&id) => Vec::new(),
            None => vec![Entry::default()],
        }
    }
}

impl Machine<'_> {
    /// The closures that names of modules and classes hold, and those that were handed to a framework.
    pub(crate) fn closures(&mut self) -> Closures {
        let mut found: BTreeMap<FuncId, BTreeSet<ObjId>> = BTreeMap::new();
        for at in 0..self.program.modules.len() {
            let Some(names) = self.base.get(ObjId::module(ModuleId(at as u32))) else { continue };
            for (function, cells) in names.entries.values().flat_map(|value| self.captured(value)) {
                found.entry(function).or_default().insert(cells);
            }
        }
        for known in self.log.handlers.iter() {
            if let Some(cells) = known.bound.filter(|_| self.is_nested(known.function)) {
                found.entry(known.function).or_default().insert(cells);
            }
        }
        let mut closures = Closures::default();
        for (function, all) in found {
            let entry = |cells| Entry { outer: Some(cells), ..Entry::default() };
            closures.entries.insert(function, all.into_iter().map(entry).collect());
        }
        for at in 0..self.program.classes.len() {
            self.methods_behind(ClassId(at as u32), &mut closures);
        }
        closures
    }

    /// The closures that stand for methods of a class.
    fn methods_behind(&mut self, class: ClassId, closures: &mut Closures) {
        let Some(names) = self.base.get(ObjId::class(class)).cloned() else { return };
        for (key, value) in &names.entries {
            let Const::Str(key) = key else { continue };
            let written = self.program.class(class).methods.iter().find(|(known, _)| known == key).map(|(_, id)| *id);
            let Some(written) = written else { continue };
            let view = self.is_view_method(written).then_some(class);
            let standing: Vec<_> = self.captured(value).filter(|(function, _)| *function != written).collect();
            for (function, cells) in standing {
                let receiver = Value::object(self.summary(class));
                let entry = Entry { outer: Some(cells), args: Args::of(vec![receiver]), view };
                closures.entries.entry(function).or_default().push(entry);
                // One that neither counts nor answers is not run: the method runs as it is written.
                if self.relevance.contains(function) {
                    closures.replaced.insert(written);
                }
            }
        }
    }

    /// Functions made inside of others that a value may be, with what they captured.
    fn captured<'v>(&self, value: &'v Value) -> impl Iterator<Item = (FuncId, ObjId)> + use<'v, '_> {
        let program = self.program;
        value.alts.iter().filter_map(move |alt| match alt {
            Alt::Function(function, Some(cells)) => {
                let parent = program.function(*function).parent?;
                (program.function(parent).kind == FunctionKind::Function).then_some((*function, *cells))
            }
            _ => None,
        })
    }

    /// Whether a function is made inside of another one.
    pub(crate) fn is_nested(&self, id: FuncId) -> bool {
        let parent = self.program.function(id).parent;
        parent.is_some_and(|parent| self.program.function(parent).kind == FunctionKind::Function)
    }
}
