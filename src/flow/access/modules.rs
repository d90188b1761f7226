//! Modules: running them at import, their names, statics of Rust, paths of both.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::program::{ClassKind, Const, FuncId, FunctionKind, ModuleId, Name, name};
use crate::source::Location;

use crate::flow::run::displays::stored;
use crate::flow::run::exec::Invocation;
use crate::flow::run::machine::{FUEL_PER_IMPORT, Import, Machine, RESERVE_PER_ROOT};
use crate::flow::values::heap::{Kind, ObjId, Object};
use crate::flow::values::state::{Args, Carry};
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// Runs a module's body unless it has run; what it leaves behind becomes part of the base.
    pub(crate) fn ensure_module(&mut self, id: ModuleId) {
        if self.modules[id.index()] != Import::Not {
            return;
        }
        self.modules[id.index()] = Import::Running;
        let names = ObjId::module(id);
        self.base.ensure(names, || Object::new(Kind::Names));
        if let Some(body) = self.program.modules[id.index()].body {
            let frames = std::mem::take(&mut self.frames);
            let fuel = std::mem::replace(&mut self.fuel, FUEL_PER_IMPORT);
            let reserve = std::mem::replace(&mut self.reserve, RESERVE_PER_ROOT);
            let call = Invocation { function: body, outer: None, receiver: None, args: Args::default(), site: None };
            let mut carry = Carry::default();
            if let Some(object) = self.base.get(names) {
                carry.heap.set(names, object.clone());
            }
            let around = self.import_so_far.take();
            let exits = self.run(call, carry);
            // A script that serves for ever (`main()` on its last line) has no way out, but names all the same.
            let so_far = std::mem::replace(&mut self.import_so_far, around);
            let mut normal = exits.iter().filter(|exit| !exit.raised).peekable();
            let kept: Vec<Carry> = if normal.peek().is_some() {
                normal.map(|exit| exit.carry.clone()).collect()
            } else if exits.is_empty() {
                so_far.into_iter().collect()
            } else {
                exits.iter().map(|exit| exit.carry.clone()).collect()
            };
            let mut created = BTreeMap::new();
            for (at, carry) in kept.iter().enumerate() {
                self.commit(carry, at == 0);
                created.extend(carry.created.iter().map(|(key, metric)| (*key, *metric)));
            }
            self.created_by.insert(id, created);
            self.frames = frames;
            (self.fuel, self.reserve) = (fuel, reserve);
        }
        self.modules[id.index()] = Import::Done;
    }

    /// `import module`: runs it and the packages around it.
    pub(crate) fn import(&mut self, carry: &mut Carry, module: Name, bind: Name) -> Value {
        self.ensure_packages(carry, module);
        self.module_value(bind)
    }

    fn ensure_packages(&mut self, carry: &mut Carry, module: Name) {
        let text = module.as_str();
        let ends = text.match_indices('.').map(|(at, _)| at).chain([text.len()]);
        for end in ends {
            if let Some(id) = self.program.module_at(name(&text[..end])) {
                self.import_module(carry, id);
            }
        }
    }

    /// Runs a module; what it registered is registered from here on.
    fn import_module(&mut self, carry: &mut Carry, id: ModuleId) {
        if self.modules[id.index()] == Import::Not {
            // It may import the modules that are under way (`from . import CLOSED`): what they have so far is there.
            self.commit(carry, true);
        }
        self.ensure_module(id);
        if let Some(created) = self.created_by.get(&id).filter(|created| !created.is_empty()).cloned() {
            let mut all = (*carry.created).clone();
            self.merge_created(&mut all, &created);
            carry.created = Rc::new(all);
        }
    }

    fn module_value(&self, path: Name) -> Value {
        match self.program.module_at(path) {
            Some(id) => Value::one(Alt::Module(id)),
            None => Value::path(path),
        }
    }

    /// `from module import item`.
    pub(crate) fn import_from(&mut self, carry: &mut Carry, module: Name, item: Name) -> Value {
        self.ensure_packages(carry, module);
        let path = name(&format!("{module}.{item}"));
        if let Some(id) = self.program.module_at(module) {
            let known = self.object(&carry.heap, ObjId::module(id)).and_then(|object| object.field(item).cloned());
            if let Some(value) = known {
                return value;
            }
            if let Some(inner) = self.program.module_at(path) {
                self.import_module(carry, inner);
                return Value::one(Alt::Module(inner));
            }
            // A circular import, or a name that the module makes in a way that cannot be seen.
            if let Some(class) = self.program.class_at(path) {
                return Value::one(Alt::Class(class));
            }
            if let Some(function) = self.program.function_at(path) {
                return Value::one(Alt::Function(function, None));
            }
            return Value::unknown();
        }
        if let Some(inner) = self.program.module_at(path) {
            self.import_module(carry, inner);
            return Value::one(Alt::Module(inner));
        }
        let at = Location::new(self.function().file, self.function().name_span);
        self.known_path(path, at).unwrap_or_else(|| Value::path(path))
    }

    /// `from module import *`.
    pub(crate) fn import_star(&mut self, carry: &mut Carry, module: Name) {
        self.ensure_packages(carry, module);
        let here = ObjId::module(self.function().module);
        match self.program.module_at(module) {
            Some(id) => {
                let Some(theirs) = self.object(&carry.heap, ObjId::module(id)) else { return };
                self.change(&mut carry.heap, here, |object| {
                    for (key, value) in &theirs.entries {
                        if !matches!(key, Const::Str(key) if key.as_str().starts_with('_')) {
                            object.entries.insert(*key, value.clone());
                        }
                    }
                    if let Some(rest) = &theirs.rest {
                        object.rest = Some(rest.clone());
                    }
                });
            }
            None => {
                let path = Value::path(module);
                self.change(&mut carry.heap, here, |object| {
                    object.rest = Some(object.rest.as_ref().map_or(path.clone(), |rest| rest.join(&path)));
                });
            }
        }
    }

    /// A name of the module, a builtin, or an error.
    pub(crate) fn load_global(&mut self, carry: &mut Carry, global: Name) -> Result<Value, Value> {
        let module = self.function().module;
        let names = self.object(&carry.heap, ObjId::module(module));
        if let Some(value) = names.as_ref().and_then(|names| names.field(global).cloned()) {
            return Ok(value);
        }
        let builtin = name(&format!("builtins.{global}"));
        let tables = self.tables();
        if tables.call(builtin).is_some()
            || tables.type_entry(builtin).is_some()
            || tables.attribute(builtin).is_some()
            || tables.constant(builtin).is_some()
        {
            return Ok(Value::path(builtin));
        }
        let at = self.at(self.function().name_span);
        if let Some(Value { .. }) = names.as_ref().and_then(|names| names.rest.clone()) {
            let rest = names.and_then(|names| names.rest.clone()).unwrap_or_else(Value::unknown);
            let candidates: Vec<Name> = rest
                .alts
                .iter()
                .filter_map(|alt| match alt {
                    Alt::Path(path) => Some(name(&format!("{path}.{global}"))),
                    _ => None,
                })
                .collect();
            let known = candidates.iter().copied().find(|path| {
                let tables = self.tables();
                tables.call(*path).is_some() || tables.type_entry(*path).is_some() || tables.attribute(*path).is_some()
            });
            if let Some(path) = known.or(candidates.first().copied()) {
                return Ok(self.known_path(path, at).unwrap_or_else(|| Value::path(path)));
            }
            return Ok(Value::unknown());
        }
        if self.may_be_bound(global, module) || self.tables().marks().is_bound(global) {
            return Ok(Value::path(builtin));
        }
        if self.last_round { Ok(Value::one(Alt::Missing(global))) } else { Ok(Value::unknown()) }
    }

    /// Whether some code of the module binds the name, be it never reached.
    fn may_be_bound(&self, global: Name, module: ModuleId) -> bool {
        let running = self.modules[module.index()] != Import::Done;
        running
            || self.program.problems.iter().any(|(file, _)| *file == self.function().file)
                && self.program.modules[module.index()].body.is_none()
            || !self.base.contains(ObjId::module(module))
            || global.as_str().starts_with("__")
    }

    pub(crate) fn store_global(&mut self, carry: &mut Carry, global: Name, value: Value, at: Location) {
        self.keep(&value, global);
        let value = stored(value.hop(at, || format!("kept as `{global}`")));
        let names = ObjId::module(self.function().module);
        self.change(&mut carry.heap, names, |object| object.set_field(global, value));
        if self.function().kind == FunctionKind::Module {
            self.import_so_far = Some(carry.clone());
        }
    }

    pub(crate) fn delete_global(&mut self, carry: &mut Carry, global: Name) {
        let names = ObjId::module(self.function().module);
        self.change(&mut carry.heap, names, |object| {
            object.entries.remove(&Const::Str(global));
        });
    }

    /// The item that a Rust path names.
    pub(crate) fn path_value(&mut self, carry: &mut Carry, path: Name) -> Value {
        if let Some(init) = self.program.static_at(path) {
            return self.static_value(carry, init, path);
        }
        if let Some(function) = self.program.function_at(path) {
            return Value::one(Alt::Function(function, None));
        }
        if let Some(class) = self.program.class_at(path) {
            return Value::one(Alt::Class(class));
        }
        let canonical = self.program.canonical(path);
        let at = self.at(self.function().name_span);
        if let Some(value) = self.known_path(canonical, at) {
            return value;
        }
        if let Some((owner, item)) = canonical.as_str().rsplit_once('.')
            && let Some(class) = self.program.class_at(name(owner))
        {
            let kind = self.program.class(class).kind;
            if let Some(function) = self.program.method(class, name(item)) {
                return Value::one(Alt::Function(function, None));
            }
            if kind == ClassKind::Enum {
                return Value::path(name(&format!("{}.{item}", self.program.class(class).path)));
            }
        }
        Value::path(canonical)
    }

    /// The value of a static or const, computed when first read.
    fn static_value(&mut self, carry: &mut Carry, init: FuncId, path: Name) -> Value {
        self.base.note_read(ObjId::fixed(init));
        match self.statics.get(&init) {
            Some(Some(value)) => return value.clone(),
            Some(None) => return Value::unknown(),
            None => {}
        }
        self.statics.insert(init, None);
        let frames = std::mem::take(&mut self.frames);
        let fuel = std::mem::replace(&mut self.fuel, FUEL_PER_IMPORT);
        let reserve = std::mem::replace(&mut self.reserve, RESERVE_PER_ROOT);
        let call = Invocation { function: init, outer: None, receiver: None, args: Args::default(), site: None };
        let exits = self.run(call, Carry::default());
        let mut value = Value::nothing();
        let home = name(path.as_str().split('.').next().unwrap_or_default());
        for exit in exits.iter().filter(|exit| !exit.raised) {
            let mut all = self.created_in.remove(&home).unwrap_or_default();
            self.merge_created(&mut all, &exit.carry.created);
            self.created_in.insert(home, all);
            // Whatever the initialiser made lives as long as the program.
            for (id, object) in exit.carry.heap.iter() {
                self.base.ensure(id, || (**object).clone());
            }
            value = value.join(&exit.value);
        }
        self.frames = frames;
        (self.fuel, self.reserve) = (fuel, reserve);
        let _ = carry;
        let item = name(path.last_part());
        self.keep(&value, item);
        let declared = self.program.function(init).returns.clone();
        let value = match declared {
            _ if value.is_nothing() => Value::unknown(),
            Some(ty) if value.unknown && value.ty.is_none() => value.with(|data| data.ty = Some(ty)),
            _ => value,
        };
        let value = stored(self.place_of_static(init, value));
        self.statics.insert(init, Some(value.clone()));
        value
    }

    /// A static of which only the type is known is an object of its own: what is put into it can be found again.
    fn place_of_static(&mut self, init: FuncId, value: Value) -> Value {
        let Some(ty) = value.ty.as_ref().filter(|_| value.unknown && value.alts.is_empty() && !value.few) else {
            return value;
        };
        let mut object = Object::new(Kind::Opaque);
        object.ty = Some(ty.path);
        let id = ObjId::at(0, ("static", init));
        self.base.insert(id, Rc::new(object));
        value.with(|data| {
            data.unknown = false;
            data.add(Alt::Object(id));
        })
    }
}
