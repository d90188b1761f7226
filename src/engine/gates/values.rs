//! Is a value a gate? A function or class of the project that refuses, one of a library that is known to, and whatever is
//! made of such.

use super::{Gates, MAX_DEPTH};
use crate::deploy;
use crate::program::{ArgKind, Call, Callee, ClassId, Const, FuncId, Item, Name, Op, OpKind, Reg, TypeRef, name};

impl Gates<'_> {
    /// Whether what a register holds is a gate, or is made of one.
    pub(super) fn is_gate(&self, (id, reg): (FuncId, Reg), route: &str, depth: u8) -> bool {
        if depth == 0 || !self.spend() {
            return false;
        }
        self.written(id, reg).iter().any(|op| self.makes_gate(id, op, route, depth - 1))
    }

    fn makes_gate(&self, id: FuncId, op: &Op, route: &str, depth: u8) -> bool {
        let inner = |reg: &Reg| self.is_gate((id, *reg), route, depth);
        match &op.kind {
            OpKind::Copy(reg) | OpKind::Index(_, reg) => inner(reg),
            OpKind::Closure { function, .. } => self.refuses(*function, route, depth),
            OpKind::Path(path) => self.is_path_gate(*path, route, depth),
            OpKind::ImportFrom(module, item) => self.is_path_gate(name(&format!("{module}.{item}")), route, depth),
            OpKind::LoadGlobal(global) => {
                let module = self.program.modules.get(self.program.function(id).module.index());
                let body = module.and_then(|module| module.body);
                body.is_some_and(|body| {
                    self.stored(body, *global).into_iter().any(|reg| self.is_gate((body, reg), route, depth))
                })
            }
            OpKind::Attr(object, field) => match self.path_of(id, *object, 3) {
                Some(path) => {
                    let whole = name(&format!("{path}.{field}"));
                    // A method of something that a library made (`auth.login_required`) has only its name to go by.
                    self.is_path_gate(whole, route, depth) || (!self.is_defined(whole) && says_so(field.as_str()))
                }
                None => says_so(field.as_str()),
            },
            OpKind::Call(call) => self.is_call_gate(id, call, route, depth),
            OpKind::Collection(_, items) => items.iter().any(|item| match item {
                Item::Value(reg) | Item::Spread(reg) | Item::Entry(_, reg) | Item::Repeat(reg) => inner(reg),
            }),
            OpKind::Class { class, .. } => self.is_class_gate(*class, route, depth),
            _ => false,
        }
    }

    /// Whether the project itself says what a path is.
    fn is_defined(&self, path: Name) -> bool {
        let path = self.program.canonical(path);
        let owner = path.as_str().rsplit_once('.').map(|(owner, _)| name(owner));
        let by_owner = |owner| self.program.class_at(owner).is_some() || self.program.module_at(owner).is_some();
        self.program.function_at(path).is_some() || self.program.class_at(path).is_some() || owner.is_some_and(by_owner)
    }

    fn is_call_gate(&self, id: FuncId, call: &Call, route: &str, depth: u8) -> bool {
        // One that lets everybody pass and only looks who it is.
        let lenient = &deploy::gates().lenient;
        let is_lenient = call.args.iter().any(|arg| match arg.kind {
            ArgKind::Keyword(key) => lenient.get(key.as_str()).is_some_and(|wanted| {
                let is = |op: &&Op| matches!(op.kind, OpKind::Const(Const::Bool(on)) if on == *wanted);
                self.written(id, arg.reg).iter().any(is)
            }),
            _ => false,
        });
        if is_lenient {
            return false;
        }
        let by_callee = match call.callee {
            Callee::Value(callee) => self.is_gate((id, callee), route, depth),
            Callee::Method(receiver, method) => {
                let known = match self.called(id, call) {
                    Some(called) => self.refuses(called, route, depth),
                    None => says_so(method.as_str()),
                };
                known || self.is_gate((id, receiver), route, depth)
            }
        };
        by_callee || call.args.iter().any(|arg| self.is_gate((id, arg.reg), route, depth))
    }

    /// Whether a dotted path names a gate.
    pub(super) fn is_path_gate(&self, path: Name, route: &str, depth: u8) -> bool {
        let path = self.program.canonical(path);
        if depth == 0 {
            return false;
        }
        if let Some(function) = self.program.function_at(path) {
            return self.refuses(function, route, depth - 1);
        }
        if let Some(class) = self.program.class_at(path) {
            return self.is_class_gate(class, route, depth - 1);
        }
        if let Some((module, item)) = path.as_str().rsplit_once('.') {
            let module = self.program.module_at(name(module)).and_then(|id| self.program.modules.get(id.index()));
            if let Some(body) = module.and_then(|module| module.body) {
                let values = self.stored(body, name(item));
                return values.into_iter().any(|reg| self.is_gate((body, reg), route, depth - 1));
            }
            if let Some(class) =
                self.program.class_at(name(path.as_str().rsplit_once('.').map_or("", |(owner, _)| owner)))
            {
                let method = self.program.method(class, name(item));
                return method.is_some_and(|method| self.refuses(method, route, depth - 1));
            }
        }
        self.is_known_gate(path)
    }

    /// Whether something of a library is known to turn strangers away.
    pub(super) fn is_known_gate(&self, path: Name) -> bool {
        let first = path.as_str().split('.').next().unwrap_or_default();
        let is_ours = self.own.contains(first);
        let mut parts = path.as_str().rsplit('.');
        let last = parts.next().unwrap_or_default();
        // `ValidateRequestHeaderLayer.bearer`: what it is a part of may say so.
        let owner = parts.next().unwrap_or_default();
        !is_ours && (says_so(last) || deploy::gates().names.iter().any(|known| known == owner))
    }

    /// Whether settings name by its path what turns strangers away.
    pub(super) fn is_middleware(&self, path: Name, route: &str) -> bool {
        let own = self.program.function_at(path).is_some() || self.program.class_at(path).is_some();
        let last = path.last_part();
        if own {
            self.is_path_gate(path, route, MAX_DEPTH)
        } else {
            deploy::gates().names.iter().any(|known| known == last)
        }
    }

    /// Whether a class asks: what it extends, what it declares, or one of its methods that runs first.
    pub(super) fn is_class_gate(&self, class: ClassId, route: &str, depth: u8) -> bool {
        if depth == 0 {
            return false;
        }
        let gates = deploy::gates();
        let line = std::iter::once(class).chain(self.program.ancestors(class));
        line.into_iter().any(|class| {
            let info = self.program.class(class);
            let outside = info.bases.iter().filter(|base| self.program.class_at(**base).is_none());
            let first =
                info.methods.iter().filter(|(known, _)| gates.methods.iter().any(|name| name == known.as_str()));
            outside.into_iter().any(|base| self.is_known_gate(*base))
                || first.into_iter().any(|(_, method)| self.refuses(*method, route, depth - 1))
                || info.body.is_some_and(|body| self.declares_gate(body, route, depth - 1))
        })
    }

    /// `permission_classes = [IsAdminUser]`, `decorators = [login_required]`.
    fn declares_gate(&self, body: FuncId, route: &str, depth: u8) -> bool {
        let gates = deploy::gates();
        let ops = self.program.function(body).blocks.iter().flat_map(|block| &block.ops);
        let mut fields = ops.filter_map(|op| match op.kind {
            OpKind::ClassField(field, reg) => Some((field, reg)),
            _ => None,
        });
        fields.any(|(field, reg)| {
            gates.declarations.iter().any(|known| known == field.as_str()) && self.is_gate((body, reg), route, depth)
        })
    }

    /// Whether a parameter of this type is only there for those who say who they are.
    pub(super) fn is_type_gate(&self, ty: &TypeRef, (id, route): (FuncId, &str), depth: u8) -> bool {
        if depth == 0 {
            return false;
        }
        let maybe = ty.path.as_str() == "Option";
        let own = match self.program.class_at(ty.path) {
            Some(class) => {
                let info = self.program.class(class);
                let extractors = &deploy::gates().extractors;
                let mut methods =
                    info.methods.iter().filter(|(known, _)| extractors.iter().any(|one| one == known.as_str()));
                methods.any(|(_, method)| self.refuses(*method, route, depth - 1))
            }
            None => self.is_path_gate(ty.path, route, depth - 1),
        };
        !maybe && (own || ty.args.iter().any(|arg| self.is_type_gate(arg, (id, route), depth - 1)))
    }
}

/// Whether a name says that it asks who is there.
pub(super) fn says_so(name: &str) -> bool {
    let gates = deploy::gates();
    gates.names.iter().any(|known| known == name)
        || crate::knowledge::words(name).iter().any(|word| gates.words.iter().any(|known| known == word))
}
