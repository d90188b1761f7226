//! May a function answer that somebody is not allowed in, when this path is asked for?

use std::collections::BTreeSet;

use super::Gates;
use crate::deploy;
use crate::program::{
    ArgKind, BlockId, Call, Callee, ClassId, CollectionKind, CompareOp, Const, FuncId, FunctionKind, Item, Name, Op,
    OpKind, Reg, Terminator, Test, UnaryOp, name,
};

/// The statuses of those who are not let in.
const REFUSALS: [i64; 3] = [401, 403, 407];

impl Gates<'_> {
    /// Whether a function, what it calls, or a closure that it makes refuses.
    pub(super) fn refuses(&self, id: FuncId, route: &str, depth: u8) -> bool {
        let key = (id, route.to_owned());
        match self.refusals.borrow().get(&key) {
            Some(Some(known)) => return *known,
            // Whoever calls itself says nothing new; what lies between may.
            Some(None) => {
                self.cut.set(true);
                return false;
            }
            None => {}
        }
        if !self.spend() {
            return false;
        }
        let outermost = self.running.get() == 0;
        self.running.set(self.running.get() + 1);
        self.refusals.borrow_mut().insert(key.clone(), None);
        let cut = self.cut.replace(false);
        let function = self.program.function(id);
        let reached = self.reached(id, route);
        let blocks = function.blocks.iter().enumerate().filter(|(at, _)| reached.contains(&(*at as u32)));
        let mut ops = blocks.flat_map(|(_, block)| &block.ops);
        let found = ops.any(|op| self.is_refusal(id, op, route, depth));
        self.running.set(self.running.get() - 1);
        // A "no" that was not looked at to the end holds for this caller only.
        if found || outermost || !self.cut.get() {
            self.refusals.borrow_mut().insert(key, Some(found));
        } else {
            self.refusals.borrow_mut().remove(&key);
        }
        self.cut.set(!outermost && (cut || self.cut.get()));
        found
    }

    /// Whether a view hides behind a 404 from those whom it does not know.
    pub(super) fn hides(&self, id: FuncId) -> bool {
        let ops = || self.program.function(id).blocks.iter().flat_map(|block| &block.ops);
        let asks = &deploy::gates().asks;
        let asked = ops().any(|op| match &op.kind {
            OpKind::Attr(_, field) => asks.iter().any(|known| known == field.as_str()),
            OpKind::Const(Const::Str(text)) => asks.iter().any(|known| known.eq_ignore_ascii_case(text.as_str())),
            _ => false,
        });
        asked && ops().any(|op| self.has_status(id, op, &[404]))
    }

    /// Blocks that a request for a path may get to: conditions on the path are followed one way only.
    fn reached(&self, id: FuncId, route: &str) -> BTreeSet<u32> {
        let function = self.program.function(id);
        let mut found = BTreeSet::new();
        let mut waiting = vec![0_u32];
        while let Some(at) = waiting.pop() {
            let Some(block) = function.blocks.get(at as usize) else { continue };
            if !found.insert(at) {
                continue;
            }
            waiting.extend(block.handler.map(|BlockId(to)| to));
            match block.end {
                Terminator::Branch(reg, BlockId(then), BlockId(otherwise)) => match self.holds(id, reg, route, 4) {
                    Some(true) => waiting.push(then),
                    Some(false) => waiting.push(otherwise),
                    None => waiting.extend([then, otherwise]),
                },
                end => waiting.extend(end.successors().into_iter().map(|BlockId(to)| to)),
            }
        }
        found
    }

    /// Whether a condition holds for a path, where it is about one.
    fn holds(&self, id: FuncId, reg: Reg, route: &str, depth: u8) -> Option<bool> {
        if depth == 0 {
            return None;
        }
        let written = self.written(id, reg);
        let [op] = written.as_slice() else { return None };
        match &op.kind {
            OpKind::Unary(UnaryOp::Not, inner) => self.holds(id, *inner, route, depth - 1).map(|known| !known),
            OpKind::Copy(inner) => self.holds(id, *inner, route, depth - 1),
            OpKind::Compare(op, left, right) => {
                let about = |reg| self.path_texts(id, reg, 3);
                let texts = [about(*right), about(*left)].into_iter().find(|texts| !texts.is_empty())?;
                let is_one = texts.iter().any(|text| same_path(text.as_str(), route));
                match op {
                    CompareOp::Eq | CompareOp::In | CompareOp::Is => Some(is_one),
                    CompareOp::NotEq | CompareOp::NotIn | CompareOp::IsNot => Some(!is_one),
                    _ => None,
                }
            }
            OpKind::Test(_, Test::Equals(reg)) => {
                let texts = self.path_texts(id, *reg, 2);
                (!texts.is_empty()).then(|| texts.iter().any(|text| same_path(text.as_str(), route)))
            }
            OpKind::Call(Call { callee: Callee::Method(_, method), args }) => {
                let texts = args.first().map(|arg| self.path_texts(id, arg.reg, 3)).unwrap_or_default();
                let starts = matches!(method.as_str(), "startswith" | "starts_with");
                let ends = matches!(method.as_str(), "endswith" | "ends_with");
                (!texts.is_empty() && (starts || ends)).then(|| {
                    texts.iter().any(|text| match starts {
                        true => route.starts_with(text.as_str()),
                        false => route.ends_with(text.as_str()),
                    })
                })
            }
            _ => None,
        }
    }

    /// Constant texts that are paths, in a register or a collection that it holds.
    fn path_texts(&self, id: FuncId, reg: Reg, depth: u8) -> Vec<Name> {
        let mut found = Vec::new();
        for op in self.written(id, reg) {
            match &op.kind {
                OpKind::Const(Const::Str(text)) if text.as_str().starts_with('/') => found.push(*text),
                OpKind::Copy(inner) if depth > 0 => found.extend(self.path_texts(id, *inner, depth - 1)),
                OpKind::Collection(_, items) if depth > 0 => {
                    for item in items {
                        if let Item::Value(inner) = item {
                            found.extend(self.path_texts(id, *inner, depth - 1));
                        }
                    }
                }
                OpKind::LoadGlobal(global) if depth > 0 => {
                    let module = self.program.modules.get(self.program.function(id).module.index());
                    if let Some(body) = module.and_then(|module| module.body) {
                        for reg in self.stored(body, *global) {
                            found.extend(self.path_texts(body, reg, depth - 1));
                        }
                    }
                }
                OpKind::Path(path) if depth > 0 => {
                    if let Some(init) = self.program.static_at(*path) {
                        let ops = self.program.function(init).blocks.iter().flat_map(|block| &block.ops);
                        found.extend(ops.filter_map(|op| match op.kind {
                            OpKind::Const(Const::Str(text)) if text.as_str().starts_with('/') => Some(text),
                            _ => None,
                        }));
                    }
                }
                OpKind::Call(call) if depth > 0 => {
                    // `frozenset({"/health", "/metrics"})`, `"/metrics".to_owned()`.
                    for arg in &call.args {
                        found.extend(self.path_texts(id, arg.reg, depth - 1));
                    }
                    if let Callee::Method(receiver, _) = call.callee {
                        found.extend(self.path_texts(id, receiver, depth - 1));
                    }
                }
                _ => {}
            }
        }
        found
    }

    fn is_refusal(&self, id: FuncId, op: &Op, route: &str, depth: u8) -> bool {
        if self.has_status(id, op, &REFUSALS) {
            return true;
        }
        if depth == 0 {
            self.cut.set(true);
            return false;
        }
        match &op.kind {
            OpKind::Closure { function, .. } => {
                let inner = self.program.function(*function).kind;
                inner != FunctionKind::Comprehension && self.refuses(*function, route, depth - 1)
            }
            OpKind::Call(call) => {
                let called = self.called(id, call);
                called.is_some_and(|called| called != id && self.refuses(called, route, depth - 1))
                    || self.sends_to_login(id, call)
                    || matches!(call.callee, Callee::Value(callee) if self.path_of(id, callee, 3)
                        .is_some_and(|path| self.is_known_gate(path)))
            }
            _ => false,
        }
    }

    /// The function of the project that a call runs.
    pub(super) fn called(&self, id: FuncId, call: &Call) -> Option<FuncId> {
        match call.callee {
            Callee::Value(callee) => self.program.function_at(self.path_of(id, callee, 4)?),
            Callee::Method(receiver, method) => {
                let function = self.program.function(id);
                let is_self = function.params.first().is_some_and(|first| first.reg == receiver);
                let owner = function.owner.filter(|_| is_self);
                if let Some(class) = owner {
                    return self.program.method(class, method);
                }
                let path = self.path_of(id, receiver, 4)?;
                self.program.function_at(name(&format!("{path}.{method}"))).or_else(|| {
                    let class = self.program.class_at(path)?;
                    self.program.method(class, method)
                })
            }
        }
    }

    /// Whether an operation names one of these statuses as that of an answer.
    fn has_status(&self, id: FuncId, op: &Op, wanted: &[i64]) -> bool {
        let tables = self.tables(id);
        let is = |status: Option<u16>| status.is_some_and(|status| wanted.contains(&i64::from(status)));
        let of_path = |path: Name| {
            is(tables.constant(path).and_then(|entry| entry.status))
                || is(tables.type_entry(path).and_then(|entry| entry.status))
                || self.variant_status(path, wanted)
                || self.program.class_at(path).is_some_and(|class| self.class_status(class, wanted))
        };
        match &op.kind {
            OpKind::Path(path) => of_path(self.program.canonical(*path)) || of_path(*path),
            OpKind::ImportFrom(..) | OpKind::Import { .. } => false,
            OpKind::LoadGlobal(_) | OpKind::Attr(..) => {
                op.dst.and_then(|dst| self.path_of(id, dst, 3)).is_some_and(of_path)
            }
            OpKind::Construct { path, .. } => of_path(*path),
            OpKind::Collection(CollectionKind::Tuple, items) => items.iter().any(|item| match item {
                Item::Value(reg) => self.is_number(id, *reg, wanted),
                _ => false,
            }),
            OpKind::Collection(CollectionKind::Dict, items) => items.iter().any(|item| match item {
                Item::Entry(key, value) => {
                    self.texts(id, *key, 1).iter().any(|key| key.as_str() == "status")
                        && self.is_number(id, *value, wanted)
                }
                _ => false,
            }),
            OpKind::Call(call) => self.called_with_status(id, call, wanted, &of_path),
            OpKind::SetAttr(_, field, reg) => field.as_str().contains("status") && self.is_number(id, *reg, wanted),
            _ => false,
        }
    }

    /// Whether a call makes an answer with one of these statuses.
    fn called_with_status(&self, id: FuncId, call: &Call, wanted: &[i64], of_path: &dyn Fn(Name) -> bool) -> bool {
        let tables = self.tables(id);
        let is = |status: Option<u16>| status.is_some_and(|status| wanted.contains(&i64::from(status)));
        let path = match call.callee {
            Callee::Value(callee) => self.path_of(id, callee, 3),
            // `web.HTTPForbidden()` of a module.
            Callee::Method(receiver, method) => {
                let module = self.path_of(id, receiver, 3);
                module.map(|module| name(&format!("{module}.{method}")))
            }
        };
        if path.is_some_and(of_path) {
            return true;
        }
        let entry = path.and_then(|path| tables.call(path)).or_else(|| match call.callee {
            Callee::Method(_, method) => tables.wildcard(method),
            Callee::Value(_) => None,
        });
        let by_default = entry.is_some_and(|entry| {
            is(entry.raises.as_ref().and_then(|raises| raises.default))
                || is(entry.response.as_ref().and_then(|response| response.default))
        });
        let status_is_given = call.args.iter().any(|arg| {
            let named = match arg.kind {
                ArgKind::Keyword(key) => key.as_str().contains("status") || key.as_str().contains("code"),
                _ => true,
            };
            named && self.is_number(id, arg.reg, wanted)
        });
        let is_answer = entry.is_some_and(|entry| entry.raises.is_some() || entry.response.is_some());
        let by_text = || {
            let texts = call.args.iter().flat_map(|arg| self.texts(id, arg.reg, 0)).collect::<Vec<_>>();
            let of = |text: &Name, status: &i64| text.as_str().starts_with(&format!("{status} "));
            texts.iter().any(|text| wanted.iter().any(|status| of(text, status)))
        };
        by_default || (status_is_given && (is_answer || answers(path, call))) || by_text()
    }

    fn is_number(&self, id: FuncId, reg: Reg, wanted: &[i64]) -> bool {
        self.written(id, reg)
            .iter()
            .any(|op| matches!(&op.kind, OpKind::Const(Const::Int(number)) if wanted.contains(number)))
    }

    /// An error of the project that becomes such an answer: by what it extends, or by the number that it holds.
    fn class_status(&self, class: ClassId, wanted: &[i64]) -> bool {
        let info = self.program.class(class);
        let Some(body) = info.body else { return false };
        let tables = self.tables(body);
        let bases = self.program.ancestors(class).into_iter().flat_map(|class| self.program.class(class).bases.clone());
        let by_base =
            bases.filter_map(|base| tables.type_entry(base)?.status).any(|status| wanted.contains(&i64::from(status)));
        by_base
            || self.program.function(body).blocks.iter().flat_map(|block| &block.ops).any(|op| match op.kind {
                OpKind::ClassField(field, reg) => {
                    deploy::gates().statuses.iter().any(|known| known == field.as_str())
                        && self.is_number(body, reg, wanted)
                }
                _ => false,
            })
    }

    /// A variant of an error of the project, in Rust, whose name says so and whose conversion names the status.
    fn variant_status(&self, path: Name, wanted: &[i64]) -> bool {
        let Some((owner, variant)) = path.as_str().rsplit_once('.') else { return false };
        let Some(class) = self.program.class_at(name(owner)) else { return false };
        let says = deploy::gates().refusals.iter().any(|word| variant.to_lowercase().contains(word.as_str()));
        says && self.program.class(class).methods.iter().any(|(_, method)| {
            let ops = self.program.function(*method).blocks.iter().flat_map(|block| &block.ops);
            let tables = self.tables(*method);
            ops.filter_map(|op| match op.kind {
                OpKind::Path(path) if path.as_str().rsplit_once('.').is_some_and(|(head, _)| head != owner) => {
                    Some(path)
                }
                _ => None,
            })
            .filter_map(|path| {
                let path = self.program.canonical(path);
                tables.constant(path).and_then(|entry| entry.status).or_else(|| {
                    let entry = tables.call(path)?;
                    entry.response.as_ref().and_then(|response| response.default)
                })
            })
            .any(|status| wanted.contains(&i64::from(status)))
        })
    }

    /// `redirect("/login")`.
    fn sends_to_login(&self, id: FuncId, call: &Call) -> bool {
        let redirects = match call.callee {
            Callee::Value(callee) => self.path_of(id, callee, 3).is_some_and(|path| {
                let last = path.last_part().to_lowercase();
                last.contains("redirect") || path.as_str().contains("Redirect.")
            }),
            Callee::Method(_, method) => method.as_str().contains("redirect"),
        };
        redirects
            && call.args.iter().flat_map(|arg| self.texts(id, arg.reg, 2)).any(|text| {
                let text = text.as_str().to_lowercase();
                deploy::gates().logins.iter().any(|word| text.contains(word.as_str()))
            })
    }
}

/// Whether a call with a number in it makes an answer or ends the request: not a comparison or a table.
fn answers(path: Option<Name>, call: &Call) -> bool {
    let last = match (path, call.callee) {
        (Some(path), _) => path.last_part().to_owned(),
        (None, Callee::Method(_, method)) => method.as_str().to_owned(),
        (None, Callee::Value(_)) => return false,
    };
    let last = last.to_lowercase();
    deploy::gates().answers.iter().any(|word| last.contains(word.as_str()))
}

fn same_path(text: &str, route: &str) -> bool {
    text.trim_matches('/') == route.trim_matches('/')
}
