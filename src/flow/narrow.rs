//! What a branch tells: conditions narrow the values that they look at.

use crate::program::{Callee, CompareOp, Const, Name, OpKind, Place, Reg, Test, UnaryOp, name};
use crate::source::Span;

use super::heap::{Kind, Object};
use super::machine::Machine;
use super::ops::{constants_of, truth_value};
use super::primitives::SUPPRESS;
use super::state::{Args, Carry, Exit, State};
use super::store::Heap;
use super::value::{Alt, Value};

impl Machine<'_> {
    /// The state on one side of a branch; `None` if that side is impossible.
    pub(super) fn narrow(&mut self, state: &State, cond: Reg, taken: bool) -> Option<State> {
        let mut next = state.clone();
        let value = if taken { truthy(&state.get(cond)) } else { self.falsy(&state.carry.heap, &state.get(cond)) };
        next.set(cond, value);
        self.learn(&mut next, cond, taken, 0).then_some(next)
    }

    /// Applies what the definition of a condition says. False if it cannot be.
    fn learn(&mut self, state: &mut State, cond: Reg, taken: bool, depth: u8) -> bool {
        if depth > 4 {
            return true;
        }
        let Some(kind) = self.defining(cond).map(|op| op.kind.clone()) else { return true };
        match kind {
            OpKind::Unary(UnaryOp::Not, inner) => {
                let value = state.get(inner);
                if !value.is_nothing() {
                    let (yes, no) = value.truth();
                    if if taken { !no } else { !yes } {
                        return false;
                    }
                    let value = if taken { self.falsy(&state.carry.heap, &value) } else { truthy(&value) };
                    state.set(inner, value);
                }
                self.learn(state, inner, !taken, depth + 1)
            }
            OpKind::Copy(inner) => self.learn(state, inner, taken, depth + 1),
            OpKind::Compare(op, left, right) => self.learn_comparison(state, op, (left, right), taken),
            OpKind::Test(value, test) => self.learn_test(state, value, &test, taken),
            OpKind::IsOk(value) => {
                self.keep_side(state, value, taken);
                true
            }
            OpKind::CaughtMatches(exception, classes) => {
                let (caught, classes) = (state.get(exception), state.get(classes));
                let narrowed = self.narrow_exception(&state.carry.heap, &caught, &classes, taken);
                state.set(exception, narrowed.clone());
                state.caught = Some(narrowed);
                true
            }
            OpKind::Call(call) => {
                self.learn_call(state, &call, taken);
                true
            }
            _ => true,
        }
    }

    fn learn_call(&mut self, state: &mut State, call: &crate::program::Call, taken: bool) {
        let Callee::Method(receiver, method) = call.callee else { return };
        let types = self.types_of(&state.carry, &state.get(receiver));
        let tables = self.tables();
        let entry = types.iter().find_map(|ty| tables.method_of(*ty, method)).or_else(|| tables.wildcard(method));
        let does = entry.and_then(|entry| entry.does.as_deref());
        match does {
            Some("is-some" | "is-ok") => self.keep_side(state, receiver, taken),
            Some("is-none" | "is-err") => self.keep_side(state, receiver, !taken),
            Some("contains") if taken => {
                if let Some(arg) = call.args.first() {
                    let container = state.get(receiver);
                    self.member(state, arg.reg, &container);
                }
            }
            _ => {}
        }
    }

    /// A value found in a container of constants has few values from here on.
    fn member(&mut self, state: &mut State, reg: Reg, container: &Value) {
        let constant = container.objects().next().is_some()
            && !container.unknown
            && container.objects().all(|id| {
                self.object(&state.carry.heap, id).is_some_and(|object| match object.kind {
                    Kind::Dict | Kind::Names => object.rest.is_none() && !object.many,
                    _ => object.rest.is_none() && object.entries.values().all(|value| !value.is_open()),
                })
            })
            || container.few && container.unknown;
        if constant {
            self.bound_register(state, reg, 0);
        }
    }

    /// Makes a register, and what it was copied or taken from, one of few.
    fn bound_register(&mut self, state: &mut State, reg: Reg, depth: u8) {
        let value = state.get(reg);
        if value.is_open() || !value.taints.is_empty() {
            let bounded = Value::few().with(|data| data.number = value.number);
            state.set(reg, bounded);
        }
        if depth > 4 {
            return;
        }
        match self.defining(reg).map(|op| op.kind.clone()) {
            Some(OpKind::Copy(from)) => self.bound_register(state, from, depth + 1),
            Some(OpKind::LoadCell(up, cell)) => {
                let few = Value::few();
                self.store_cell(state, up, cell, few);
            }
            Some(OpKind::Call(call)) => {
                // `SET.contains(name.as_str())`, `str(x) in SET`: what is looked up is a form of the receiver.
                if let Callee::Method(receiver, _) = call.callee
                    && call.args.is_empty()
                {
                    self.bound_register(state, receiver, depth + 1);
                }
            }
            _ => {}
        }
        if let Some(Place::Reg(base)) = self.function().regs.get(reg.index()).and_then(|info| info.place) {
            self.bound_register(state, base, depth + 1);
        }
    }

    fn learn_comparison(&mut self, state: &mut State, op: CompareOp, (left, right): (Reg, Reg), taken: bool) -> bool {
        let equal = match op {
            CompareOp::Eq | CompareOp::Is => taken,
            CompareOp::NotEq | CompareOp::IsNot => !taken,
            CompareOp::In | CompareOp::NotIn => {
                if (op == CompareOp::In) == taken {
                    let container = state.get(right);
                    self.member(state, left, &container);
                }
                return true;
            }
            _ => return true,
        };
        let (a, b) = (state.get(left), state.get(right));
        for (reg, value, other) in [(left, &a, &b), (right, &b, &a)] {
            if !(other.is_constant() || matches!(other.alts.as_slice(), [Alt::Path(_)]) && !other.unknown) {
                continue;
            }
            let narrowed = if equal { self.only(value, other) } else { without(value, other) };
            if narrowed.is_nothing() && !value.is_nothing() {
                return false;
            }
            state.set(reg, narrowed.clone());
            self.narrow_source(state, reg, &narrowed, 0);
        }
        true
    }

    /// The part of a value that equals a constant.
    fn only(&self, value: &Value, constant: &Value) -> Value {
        if value.unknown {
            return constant.clone();
        }
        value.with(|data| {
            data.alts.retain(|alt| constant.alts.iter().any(|other| same(alt, other) != Some(false)));
            if data.alts.iter().all(|alt| matches!(alt, Alt::Const(_) | Alt::Status(_))) {
                data.taints.clear();
            }
        })
    }

    /// A narrowed field narrows its object to those that have that value; a copy narrows what it was copied from.
    fn narrow_source(&mut self, state: &mut State, reg: Reg, value: &Value, depth: u8) {
        if depth > 3 {
            return;
        }
        let place = self.function().regs.get(reg.index()).and_then(|info| info.place);
        if let Some(Place::Field(base, field)) = place {
            let object = state.get(base);
            let kept: Vec<Alt> = object
                .alts
                .iter()
                .filter(|alt| match alt {
                    Alt::Object(id) => {
                        let Some(known) = self.object(&state.carry.heap, *id) else { return true };
                        let key = if known.field(field).is_some() { field } else { name(super::access::STATUS) };
                        known.field(key).is_none_or(|held| {
                            held.unknown
                                || held.alts.iter().any(|a| value.alts.iter().any(|b| same(a, b) != Some(false)))
                        })
                    }
                    _ => true,
                })
                .cloned()
                .collect();
            if kept.len() < object.alts.len() && (!kept.is_empty() || object.unknown) {
                let narrowed = object.with(|data| data.alts = kept);
                state.set(base, narrowed.clone());
                self.narrow_source(state, base, &narrowed, depth + 1);
            }
        }
        match self.defining(reg).map(|op| op.kind.clone()) {
            Some(OpKind::Copy(from)) if state.regs.contains(from) => {
                state.set(from, value.clone());
                self.narrow_source(state, from, value, depth + 1);
            }
            Some(OpKind::LoadCell(up, cell)) => self.store_cell(state, up, cell, value.clone()),
            Some(OpKind::Call(call)) => self.narrow_response(state, &call, value),
            _ => {}
        }
    }

    /// `response.status() == x`: narrows the response by its status.
    fn narrow_response(&mut self, state: &mut State, call: &crate::program::Call, value: &Value) {
        let Callee::Method(receiver, method) = call.callee else { return };
        if !method.as_str().starts_with(super::access::STATUS) || !call.args.is_empty() {
            return;
        }
        let object = state.get(receiver);
        let kept: Vec<Alt> = object
            .alts
            .iter()
            .filter(|alt| match alt {
                Alt::Object(id) => self.object(&state.carry.heap, *id).is_none_or(|known| {
                    known.field(name(super::access::STATUS)).is_none_or(|held| {
                        held.unknown || held.alts.iter().any(|a| value.alts.iter().any(|b| same(a, b) != Some(false)))
                    })
                }),
                _ => true,
            })
            .cloned()
            .collect();
        if kept.len() < object.alts.len() && (!kept.is_empty() || object.unknown) {
            state.set(receiver, object.with(|data| data.alts = kept));
        }
    }

    fn learn_test(&mut self, state: &mut State, value: Reg, test: &Test, taken: bool) -> bool {
        match test {
            Test::Variant(path) => {
                let narrowed = self.narrow_variant(&state.carry.heap, &state.get(value), *path, taken);
                if narrowed.is_nothing() {
                    return false;
                }
                state.set(value, narrowed.clone());
                self.narrow_source(state, value, &narrowed, 0);
                true
            }
            Test::Equals(constant) => {
                let constant = state.get(*constant);
                let current = state.get(value);
                if !constant.is_constant() {
                    return true;
                }
                let narrowed = if taken { self.only(&current, &constant) } else { without(&current, &constant) };
                if narrowed.is_nothing() && !current.is_nothing() {
                    return false;
                }
                state.set(value, narrowed.clone());
                self.narrow_source(state, value, &narrowed, 0);
                true
            }
            Test::Range if taken => {
                self.bound_register(state, value, 0);
                true
            }
            _ => true,
        }
    }

    /// The alternatives that are (or are not) a variant.
    fn narrow_variant(&mut self, heap: &Heap, value: &Value, path: Name, taken: bool) -> Value {
        value.with(|data| {
            data.alts.retain(|alt| match self.is_variant(heap, alt, path) {
                Some(is) => is == taken,
                None => true,
            });
            if taken
                && path.as_str() == "None"
                && data.unknown
                && data.ty.as_ref().is_some_and(|ty| ty.path.as_str().ends_with("Option"))
            {
                data.unknown = false;
                data.add(Alt::Path(path));
            }
        })
    }

    /// Whether an alternative is an enum variant.
    fn is_variant(&self, heap: &Heap, alt: &Alt, path: Name) -> Option<bool> {
        let wanted = path.as_str();
        let short = |text: &str| text.rsplit('.').next().unwrap_or_default().to_owned();
        match alt {
            Alt::Path(known) => {
                if known.as_str() == wanted {
                    return Some(true);
                }
                if wanted.contains('.') || matches!(wanted, "Some" | "None" | "Ok" | "Err") {
                    let both_project = self.owner_is_project(*known) && self.owner_is_project(path);
                    let plain = !known.as_str().contains('.') && !wanted.contains('.');
                    return (both_project || plain)
                        .then(|| short(known.as_str()) == short(wanted) && self.same_owner(*known, path));
                }
                None
            }
            Alt::Object(id) => {
                let object = self.object(heap, *id)?;
                match &object.kind {
                    Kind::Variant(known) => Some(
                        short(known.as_str()) == short(wanted)
                            && (!wanted.contains('.') || self.same_owner(*known, path)),
                    ),
                    Kind::Instance if object.class.is_some() => {
                        let class = object.class?;
                        let is_enum = self.program.class(class).kind == crate::program::ClassKind::Enum;
                        (!object.many && !is_enum).then(|| self.program.class_at(path) == Some(class))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn owner_is_project(&self, path: Name) -> bool {
        path.as_str().rsplit_once('.').is_some_and(|(owner, _)| self.program.class_at(name(owner)).is_some())
    }

    fn same_owner(&self, a: Name, b: Name) -> bool {
        let owner =
            |path: Name| path.as_str().rsplit_once('.').and_then(|(owner, _)| self.program.class_at(name(owner)));
        owner(a) == owner(b)
    }

    /// Keeps the good (or bad) side of an option or result.
    fn keep_side(&mut self, state: &mut State, reg: Reg, good: bool) {
        let value = state.get(reg);
        let heap = state.carry.heap.clone();
        let narrowed = value.with(|data| {
            data.alts.retain(|alt| {
                let is_good = match alt {
                    Alt::Path(path) => path.as_str() != "None",
                    Alt::Object(id) => match self.object(&heap, *id).map(|object| object.kind.clone()) {
                        Some(Kind::Variant(variant)) if matches!(variant.as_str(), "Some" | "Ok" | "Err") => {
                            variant.as_str() != "Err"
                        }
                        _ => return true,
                    },
                    _ => return true,
                };
                is_good == good
            });
        });
        if !narrowed.is_nothing() {
            state.set(reg, narrowed);
        }
    }

    /// Whether a pattern's question is answered.
    pub(super) fn test(&mut self, state: &State, value: Reg, test: &Test) -> Value {
        let value = state.get(value);
        let heap = &state.carry.heap;
        let verdict: Option<bool> = match test {
            Test::Variant(path) => {
                let all: Vec<Option<bool>> = value.alts.iter().map(|alt| self.is_variant(heap, alt, *path)).collect();
                let (yes, no) = (all.contains(&Some(true)), all.contains(&Some(false)));
                let open = value.unknown || all.contains(&None);
                match (yes, no, open) {
                    (true, false, false) => Some(true),
                    (false, true, false) => Some(false),
                    _ => None,
                }
            }
            Test::Equals(constant) => self.equal(&value, &state.get(*constant)),
            Test::Sequence { len, open } => {
                let lengths: Vec<usize> = value
                    .objects()
                    .filter_map(|id| self.object(heap, id))
                    .filter(|object| object.exact && matches!(object.kind, Kind::List | Kind::Tuple))
                    .map(|object| object.entries.len())
                    .collect();
                let fits = |length: usize| if *open { length >= *len as usize } else { length == *len as usize };
                match (value.unknown || lengths.len() < value.alts.len(), lengths.as_slice()) {
                    (false, [only]) => Some(fits(*only)),
                    _ => None,
                }
            }
            Test::HasKey(key) => self.contained(heap, &state.get(*key), &value),
            Test::Instance(class) => {
                let class = state.get(*class);
                match self.matches(heap, &value, &class) {
                    (true, false) => Some(true),
                    (false, true) => Some(false),
                    _ => None,
                }
            }
            Test::Mapping | Test::Range => None,
        };
        verdict.map_or_else(Value::boolean, |known| Value::constant(Const::Bool(known)))
    }

    /// Whether two values are equal, where that is certain.
    pub(super) fn equal(&self, a: &Value, b: &Value) -> Option<bool> {
        if a.unknown || b.unknown || a.alts.is_empty() || b.alts.is_empty() {
            return None;
        }
        let mut verdict = None;
        for x in &a.alts {
            for y in &b.alts {
                let one = same(x, y)?;
                if verdict.is_some_and(|known| known != one) {
                    return None;
                }
                verdict = Some(one);
            }
        }
        verdict
    }

    /// Whether a caught exception is of one of the classes, and whether it is not.
    pub(super) fn matches(&self, heap: &Heap, exception: &Value, classes: &Value) -> (bool, bool) {
        let wanted = self.class_list(heap, classes);
        let Some(wanted) = wanted else { return (true, true) };
        if wanted.iter().any(|class| matches!(class.as_str(), "builtins.Exception" | "builtins.BaseException")) {
            return (true, false);
        }
        let (mut yes, mut no) = (false, false);
        for alt in &exception.alts {
            let own = self.class_paths(heap, alt);
            match own {
                Some(own) if wanted.iter().any(|class| self.is_subclass(&own, *class)) => yes = true,
                Some(_) => no = true,
                None => (yes, no) = (true, true),
            }
        }
        if exception.unknown {
            match &exception.ty {
                Some(ty) => {
                    let own = vec![ty.path];
                    if wanted.iter().any(|class| self.is_subclass(&own, *class)) {
                        yes = true;
                    } else if wanted.iter().any(|class| self.is_subclass(&[*class], ty.path)) {
                        (yes, no) = (true, true);
                    } else {
                        no = true;
                    }
                }
                None => (yes, no) = (true, true),
            }
        }
        if !yes && !no { (true, true) } else { (yes, no) }
    }

    fn narrow_exception(&self, heap: &Heap, caught: &Value, classes: &Value, taken: bool) -> Value {
        let Some(wanted) = self.class_list(heap, classes) else { return caught.clone() };
        let all = wanted.iter().any(|class| matches!(class.as_str(), "builtins.Exception" | "builtins.BaseException"));
        caught.with(|data| {
            data.alts.retain(|alt| match self.class_paths(heap, alt) {
                Some(own) => (all || wanted.iter().any(|class| self.is_subclass(&own, *class))) == taken,
                None => true,
            });
            if let (Some(ty), true) = (&data.ty, data.unknown) {
                let is = all || wanted.iter().any(|class| self.is_subclass(&[ty.path], *class));
                if is != taken
                    && (is || data.alts.is_empty())
                    && !(taken && wanted.iter().any(|class| self.is_subclass(&[*class], ty.path)))
                {
                    data.unknown = !data.alts.is_empty() && data.unknown && is == taken;
                }
            } else if data.unknown
                && taken
                && !all
                && let [only] = wanted.as_slice()
            {
                data.ty = Some(crate::program::TypeRef::plain(*only));
            }
        })
    }

    /// The dotted paths of the classes that a value names; `None` where one cannot be told.
    fn class_list(&self, heap: &Heap, classes: &Value) -> Option<Vec<Name>> {
        let mut found = Vec::new();
        if classes.unknown {
            return None;
        }
        for alt in &classes.alts {
            match alt {
                Alt::Class(class) => found.push(self.program.class(*class).path),
                Alt::Path(path) => found.push(*path),
                Alt::Object(id) => {
                    let object = self.object(heap, *id)?;
                    for value in object.entries.values() {
                        found.extend(self.class_list(heap, value)?);
                    }
                }
                _ => return None,
            }
        }
        Some(found)
    }

    /// The class of an exception, most specific first.
    fn class_paths(&self, heap: &Heap, alt: &Alt) -> Option<Vec<Name>> {
        match alt {
            Alt::Object(id) => {
                let object = self.object(heap, *id)?;
                match (object.class, object.ty) {
                    (Some(class), _) => Some(vec![self.program.class(class).path]),
                    (None, Some(ty)) => Some(vec![ty]),
                    _ => None,
                }
            }
            Alt::Path(path) => Some(vec![*path]),
            Alt::Class(class) => Some(vec![self.program.class(*class).path]),
            _ => None,
        }
    }

    /// Whether a class is another or inherits from it, through the project and through libraries.
    pub(super) fn is_subclass(&self, own: &[Name], of: Name) -> bool {
        let tables = self.tables();
        let of_path = tables.canonical(of);
        own.iter().any(|path| {
            if *path == of || tables.canonical(*path) == of_path || tables.is_subtype(*path, of) {
                return true;
            }
            self.program.class_at(*path).is_some_and(|class| {
                self.program.ancestors(class).into_iter().any(|class| {
                    self.program.class(class).path == of
                        || self
                            .program
                            .class(class)
                            .bases
                            .iter()
                            .any(|base| tables.canonical(*base) == of_path || tables.is_subtype(*base, of))
                })
            })
        })
    }

    /// The part of a value that counts as false: it carries nothing any more.
    fn falsy(&self, heap: &Heap, value: &Value) -> Value {
        let objects: Vec<Alt> = value
            .alts
            .iter()
            .filter(|alt| match alt {
                Alt::Object(id) => self
                    .object(heap, *id)
                    .is_some_and(|object| matches!(object.kind, Kind::List | Kind::Tuple | Kind::Dict | Kind::Set)),
                Alt::Path(path) => path.as_str() == "None",
                Alt::Const(Const::None | Const::Bool(false) | Const::Int(0)) => true,
                Alt::Const(Const::Str(text) | Const::Bytes(text)) => text.is_empty(),
                _ => false,
            })
            .cloned()
            .collect();
        value.with(|data| {
            data.alts = objects;
            data.taints.clear();
            if data.unknown {
                data.unknown = false;
                data.add(Alt::Const(if data.number { Const::Int(0) } else { Const::None }));
            }
        })
    }

    /// `with value`: what `__enter__` gives.
    pub(super) fn enter_context(&mut self, carry: Carry, context: &Value, span: Span) -> Vec<Exit> {
        let mut exits = Vec::new();
        let mut plain = Value::nothing();
        for alt in &context.alts {
            let Alt::Object(id) = alt else {
                plain = plain.join(&Value::one(alt.clone()));
                continue;
            };
            let Some(object) = self.object(&carry.heap, *id) else { continue };
            match &object.kind {
                Kind::Deferred(super::heap::Deferral::Generator) => {
                    let mut carry = carry.clone();
                    let ready = self.elements_ready(&mut carry, &Value::object(*id), span);
                    let at = self.at(span);
                    let element = self.element_of(&carry.heap.clone(), &ready, at);
                    exits.push(Exit::returns(element, carry));
                }
                Kind::Instance if object.class.is_some() => {
                    let class = object.class;
                    let method = ["__enter__", "__aenter__"]
                        .into_iter()
                        .map(name)
                        .find(|method| class.is_some_and(|class| self.program.method(class, *method).is_some()));
                    match method {
                        Some(method) => {
                            let called =
                                self.call_method(carry.clone(), &Value::object(*id), method, Args::default(), span);
                            for exit in called {
                                if exit.raised {
                                    exits.push(exit);
                                } else {
                                    exits.extend(self.force(exit.carry.clone(), &exit.value, span));
                                }
                            }
                        }
                        None => plain = plain.join(&Value::object(*id)),
                    }
                }
                _ => plain = plain.join(&Value::object(*id)),
            }
        }
        if context.unknown {
            plain = plain.join(&context.with(|data| data.alts.clear()));
        }
        if !plain.is_nothing() || exits.is_empty() {
            exits.push(Exit::returns(plain.tainted(&context.taints), carry));
        }
        exits
    }

    /// The end of `with value`; exceptional ones say whether the exception is swallowed.
    pub(super) fn exit_context(&mut self, state: &State, context: &Value, exceptional: bool, span: Span) -> Vec<Exit> {
        let mut carry = state.carry.clone();
        if exceptional {
            self.count_raised(&mut carry, context, span);
        }
        let mut exits = Vec::new();
        for id in context.objects().collect::<Vec<_>>() {
            let Some(object) = self.object(&carry.heap, id) else { continue };
            if object.ty.is_some_and(|ty| ty.as_str() == SUPPRESS) && exceptional {
                let caught = state.caught.clone().unwrap_or_else(Value::unknown);
                let mut classes = Object::new(Kind::Tuple);
                object.entries.values().for_each(|value| classes.push(value.clone()));
                let mut carry = carry.clone();
                let tuple = self.make(&mut carry.heap, (span, 80), classes);
                let verdict = self.matches(&carry.heap, &caught, &Value::object(tuple));
                exits.push(Exit::returns(truth_value(verdict, false), carry));
                continue;
            }
            let class = object.class.filter(|_| object.kind == Kind::Instance);
            let method = ["__exit__", "__aexit__"]
                .into_iter()
                .map(name)
                .find(|method| class.is_some_and(|class| self.program.method(class, *method).is_some()));
            if let Some(method) = method {
                let caught = state.caught.clone().unwrap_or_else(Value::unknown);
                let kind = if exceptional { caught.clone() } else { Value::none() };
                let value = if exceptional { caught } else { Value::none() };
                let args = Args::of(vec![kind, value, Value::none()]);
                for exit in self.call_method(carry.clone(), &Value::object(id), method, args, span) {
                    if exit.raised {
                        exits.push(exit);
                        continue;
                    }
                    for mut exit in self.force(exit.carry.clone(), &exit.value, span) {
                        if !exit.raised {
                            let (yes, no) = exit.value.truth();
                            exit.value = truth_value((yes && exceptional, no || !exceptional), false);
                        }
                        exits.push(exit);
                    }
                }
            }
        }
        if exits.is_empty() {
            exits.push(Exit::returns(Value::constant(Const::Bool(false)), carry));
        }
        exits
    }
}

/// Whether two alternatives are the same, where that is certain.
fn same(a: &Alt, b: &Alt) -> Option<bool> {
    match (a, b) {
        (Alt::Const(_) | Alt::Status(_), Alt::Const(_) | Alt::Status(_)) => {
            let (x, y) = (constants_of(&Value::one(a.clone())), constants_of(&Value::one(b.clone())));
            Some(match (x.first(), y.first()) {
                (Some(Const::Bool(flag)), Some(Const::Int(number)))
                | (Some(Const::Int(number)), Some(Const::Bool(flag))) => i64::from(*flag) == *number,
                (x, y) => x == y,
            })
        }
        (Alt::Path(x), Alt::Path(y)) => (x == y).then_some(true),
        (Alt::Class(x), Alt::Class(y)) => Some(x == y),
        // Nothing else is `None`.
        (Alt::Const(Const::None), Alt::Template(_)) | (Alt::Template(_), Alt::Const(_)) => None,
        (Alt::Const(Const::None), _) | (_, Alt::Const(Const::None)) => Some(false),
        _ => None,
    }
}

fn without(value: &Value, constant: &Value) -> Value {
    value.with(|data| {
        if let [other] = constant.alts.as_slice() {
            data.alts.retain(|alt| same(alt, other) != Some(true));
        }
    })
}

fn truthy(value: &Value) -> Value {
    value.with(|data| {
        data.alts.retain(|alt| {
            !matches!(alt, Alt::Const(Const::None | Const::Bool(false) | Const::Int(0)))
                && !matches!(alt, Alt::Const(Const::Str(text) | Const::Bytes(text)) if text.is_empty())
        });
        data.truthy = true;
    })
}
