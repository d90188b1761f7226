//! What each operation does to a state.

use crate::program::{
    ArgKind, BinaryOp, Call, Callee, CollectionKind, CompareOp, Const, Item, Name, Op, OpKind, Piece, Reg, UnaryOp,
    name,
};
use crate::source::{Location, Span};

use super::exec::Outcome;
use super::heap::{Kind, Object};
use super::machine::Machine;
use super::state::{Args, Exit, State};
use super::value::{Alt, Data, Value};

impl Machine<'_> {
    /// Runs one operation.
    pub(super) fn step(&mut self, mut state: State, op: &Op, out: &mut Outcome) {
        let value = match &op.kind {
            OpKind::Call(call) => return self.step_call(state, op, call, out),
            OpKind::Attr(object, field) => {
                let object = state.get(*object);
                let exits = self.attribute(state.carry.clone(), &object, *field, op.span);
                return self.settle(state, op, exits, out);
            }
            OpKind::Index(object, index) => {
                let (object, index) = (state.get(*object), state.get(*index));
                let exits = self.index(state.carry.clone(), &object, &index, op.span);
                return self.settle(state, op, exits, out);
            }
            OpKind::Await(value) => {
                let value = state.get(*value);
                let exits = self.force(state.carry.clone(), &value, op.span);
                return self.settle(state, op, exits, out);
            }
            OpKind::Enter(context) => {
                let context = state.get(*context);
                let exits = self.enter_context(state.carry.clone(), &context, op.span);
                return self.settle(state, op, exits, out);
            }
            OpKind::Exit { context, exceptional } => {
                let value = state.get(*context);
                let exits = self.exit_context(&state, &value, *exceptional, op.span);
                return self.settle(state, op, exits, out);
            }
            OpKind::LoadGlobal(global) => {
                let value = self.load_global(&mut state.carry, *global);
                return match value {
                    Ok(value) => self.finish(state, op, value, out),
                    Err(error) => out.raised.push((error, state)),
                };
            }
            OpKind::Class { class, .. } => {
                let exits = self.make_class(state.carry.clone(), *class, op.span);
                return self.settle(state, op, exits, out);
            }
            OpKind::Residual(value) => {
                let value = state.get(*value);
                let exits = self.residual(state.carry.clone(), &value, op.span);
                return self.settle(state, op, exits, out);
            }
            _ => self.plain(&mut state, op),
        };
        self.finish(state, op, value, out);
    }

    fn finish(&mut self, mut state: State, op: &Op, value: Value, out: &mut Outcome) {
        if let Some(dst) = op.dst {
            // A result that goes to a variable at once, without a copy.
            let value =
                if matches!(op.kind, OpKind::Copy(_)) { value } else { self.arrived(value, dst, self.at(op.span)) };
            let value = self.chosen(&mut state.carry, value, dst, op.span);
            state.set(dst, value);
        }
        out.next.push(state);
    }

    /// Goes on behind a call: one state for each way out.
    pub(super) fn settle(&mut self, state: State, op: &Op, exits: Vec<Exit>, out: &mut Outcome) {
        let mut exits = exits.into_iter().peekable();
        let mut state = Some(state);
        while let Some(exit) = exits.next() {
            // The last way out takes the state itself.
            let taken = if exits.peek().is_some() { state.clone() } else { state.take() };
            let Some(mut next) = taken else { return };
            next.carry = exit.carry;
            if exit.raised {
                out.raised.push((exit.value, next));
                continue;
            }
            self.write_back(&mut next, op, exit.receiver, &exit.arguments);
            let value = self.told_by_turbofish(&mut next, op, exit.value);
            self.finish(next, op, value, out);
        }
    }

    /// Operations that have one result and never raise.
    fn plain(&mut self, state: &mut State, op: &Op) -> Value {
        let at = self.at(op.span);
        match &op.kind {
            OpKind::Const(value) => Value::constant(*value),
            OpKind::Copy(from) => self.copy(state, *from, op.dst, at),
            OpKind::Unbind(reg) => {
                state.regs.remove(*reg);
                Value::nothing()
            }
            OpKind::StoreGlobal(global, value) => {
                let value = self.named(state.get(*value), *global, at);
                self.store_global(&mut state.carry, *global, value, at);
                Value::nothing()
            }
            OpKind::DeleteGlobal(global) => {
                self.delete_global(&mut state.carry, *global);
                Value::nothing()
            }
            OpKind::Path(path) => self.path_value(&mut state.carry, *path),
            OpKind::LoadCell(up, cell) => self.load_cell(state, *up, *cell),
            OpKind::StoreCell(up, cell, value) => {
                let value = self.named(state.get(*value), base_name(*cell), at);
                self.keep(&value, base_name(*cell));
                self.store_cell(state, *up, *cell, value);
                Value::nothing()
            }
            OpKind::Import { module, bind } => self.import(&mut state.carry, *module, *bind),
            OpKind::ImportFrom(module, item) => self.import_from(&mut state.carry, *module, *item),
            OpKind::ImportStar(module) => {
                self.import_star(&mut state.carry, *module);
                Value::nothing()
            }
            OpKind::Format(pieces) => self.format(state, pieces, at),
            OpKind::Unary(UnaryOp::Not, value) => truth_value(state.get(*value).truth(), true),
            OpKind::Unary(UnaryOp::Number, value) => self.negated(&state.get(*value)),
            OpKind::Binary { op: operator, left, right, augmented } => {
                self.binary(state, (*operator, *augmented), (*left, *right), op.span)
            }
            OpKind::Compare(operator, left, right) => self.compare(state, *operator, *left, *right),
            OpKind::SetAttr(object, field, value) => {
                let (object, value) = (state.get(*object), state.get(*value));
                self.set_attribute(&mut state.carry, &object, *field, value, at);
                Value::nothing()
            }
            OpKind::DeleteAttr(object, field) => {
                let object = state.get(*object);
                self.delete_entry(&mut state.carry, &object, Const::Str(*field));
                Value::nothing()
            }
            OpKind::SetIndex(place, index, value) => {
                let (object, index, value) = (state.get(*place), state.get(*index), state.get(*value));
                if object.objects().next().is_none() && !value.taints.is_empty() && self.is_rust() {
                    // An array of which nothing is known carries what any of its elements does.
                    let changed = object.tainted(&value.taints).with(|data| data.few = false);
                    self.store_place(state, *place, changed, at, 0);
                    return Value::nothing();
                }
                self.set_index(&mut state.carry, &object, &index, value, at);
                Value::nothing()
            }
            OpKind::DeleteIndex(object, index) => {
                let (object, index) = (state.get(*object), state.get(*index));
                if let Some(key) = index.single() {
                    self.delete_entry(&mut state.carry, &object, key);
                }
                Value::nothing()
            }
            OpKind::StoreDeref(target, value) => {
                let value = state.get(*value);
                self.store_through(state, *target, value, at);
                Value::nothing()
            }
            _ => self.plain_more(state, op, at),
        }
    }

    fn plain_more(&mut self, state: &mut State, op: &Op, at: Location) -> Value {
        match &op.kind {
            OpKind::Slice(object) => self.slice(state, *object, op.span),
            OpKind::Collection(kind, items) => self.collection(state, *kind, items, op.span),
            OpKind::Construct { path, fields, base } => self.construct(state, *path, fields, *base, op.span),
            OpKind::Closure { function, defaults } => {
                let values: Vec<(Name, Value)> =
                    defaults.iter().map(|(param, reg)| (*param, state.get(*reg))).collect();
                self.keep_defaults(*function, &values);
                let needs_cells = !self.function().cells.is_empty() || self.frame().outer.is_some();
                let cells = needs_cells.then(|| self.frame().cells);
                Value::one(Alt::Function(*function, cells))
            }
            OpKind::ClassField(field, value) => {
                let value = state.get(*value);
                self.class_field(&mut state.carry, *field, value);
                Value::nothing()
            }
            OpKind::Yield(value) => {
                let value = value.map_or_else(Value::none, |value| state.get(value));
                self.frame_mut().yields.push(value);
                Value::unknown()
            }
            OpKind::YieldFrom(value) => {
                let value = state.get(*value);
                let value = self.elements_ready(&mut state.carry, &value, op.span);
                let element = self.element_of(&state.carry.heap.clone(), &value, at);
                self.frame_mut().yields.push(element);
                Value::unknown()
            }
            OpKind::Iter(value) => {
                let value = state.get(*value);
                self.iterate(state, &value, op.span)
            }
            OpKind::Test(value, test) => self.test(state, *value, test),
            OpKind::Extract(value, part) => self.extract(state, *value, part, at),
            OpKind::Caught => {
                let caught = state.caught.clone().unwrap_or_else(Value::unknown);
                self.caught_text(caught, at)
            }
            OpKind::CaughtMatches(exception, classes) => {
                let (exception, classes) = (state.get(*exception), state.get(*classes));
                truth_value(self.matches(&state.carry.heap, &exception, &classes), false)
            }
            OpKind::IsOk(value) => truth_value(self.is_ok(&state.carry.heap, &state.get(*value)), false),
            OpKind::Unwrap(value) => self.payload(&state.carry.heap, &state.get(*value)),
            _ => Value::unknown(),
        }
    }

    fn copy(&mut self, state: &mut State, from: Reg, to: Option<Reg>, at: Location) -> Value {
        let value = state.get(from);
        let Some(to) = to else { return value };
        self.arrived(value, to, at)
    }

    /// A value that a register receives: a variable's name and type tell of it.
    fn arrived(&mut self, value: Value, to: Reg, at: Location) -> Value {
        let Some(info) = self.function().regs.get(to.index()) else { return value };
        let Some(known_as) = info.name else { return value };
        let declared = info.ty.clone();
        let value = match declared {
            Some(ty) if value.unknown && value.ty.is_none() => value.with(|data| data.ty = Some(ty)),
            _ => value,
        };
        self.keep(&value, base_name(known_as));
        let value = self.named(value, base_name(known_as), at);
        let value = self.extracted(value, base_name(known_as), at);
        value.hop(at, || format!("kept as `{}`", base_name(known_as)))
    }

    /// Remembers under which name metrics are kept.
    pub(super) fn keep(&mut self, value: &Value, known_as: Name) {
        for metric in value.metrics().collect::<Vec<_>>() {
            self.metrics.get_mut(metric).kept_as.insert(known_as);
        }
    }

    fn format(&mut self, state: &mut State, pieces: &[Piece], at: Location) -> Value {
        let mut parts: Vec<(Value, String)> = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => parts.push((Value::constant(Const::Str(*text)), String::new())),
                Piece::Value { reg, debug } => {
                    let value = state.get(*reg);
                    let hole = self.hole(state, *reg);
                    let printed = self.printed(state, &value, *debug, at);
                    parts.push((printed, hole));
                }
            }
        }
        self.concatenate(&parts, at)
    }

    /// Joins texts; each part comes with what it is called in a template.
    pub(super) fn concatenate(&self, parts: &[(Value, String)], at: Location) -> Value {
        let mut texts: Vec<String> = vec![String::new()];
        let mut data = Data::default();
        let mut open = false;
        for (value, hole) in parts {
            value.taints.iter().for_each(|taint| data.taint(taint.clone()));
            data.via = data.via.max(value.via);
            let mut options: Vec<String> = value.alts.iter().filter_map(text_of).collect();
            let holds_more = value.unknown || options.len() < value.alts.len() || options.is_empty();
            open |= value.is_open() || value.unknown && !value.few;
            if holds_more && !(value.is_nothing()) {
                options.push(format!("{{{hole}}}"));
            }
            texts = texts
                .iter()
                .flat_map(|text| options.iter().map(move |option| format!("{text}{option}")))
                .take(8)
                .collect();
        }
        let holes =
            parts.iter().any(|(value, _)| value.unknown || !value.alts.iter().all(|alt| text_of(alt).is_some()));
        for text in texts {
            let text = name(&text);
            data.add(if holes && text.as_str().contains('{') {
                Alt::Template(text)
            } else {
                Alt::Const(Const::Str(text))
            });
        }
        if holes && !open && data.taints.is_empty() {
            // Every hole takes few values: so does the text.
            data.alts.retain(|alt| matches!(alt, Alt::Const(_)));
            data.unknown = true;
            data.few = true;
        }
        let value: Value = data.into();
        value.hop(at, || "put into a text".to_owned())
    }

    fn negated(&self, value: &Value) -> Value {
        match value.single() {
            Some(Const::Int(number)) => Value::constant(Const::Int(number.wrapping_neg())),
            Some(Const::Bool(flag)) => Value::constant(Const::Bool(!flag)),
            _ => value.with(|data| {
                data.alts.retain(|alt| matches!(alt, Alt::Object(_)));
                data.unknown = true;
            }),
        }
    }

    fn binary(&mut self, state: &mut State, (op, augmented): (BinaryOp, bool), regs: (Reg, Reg), span: Span) -> Value {
        let at = self.at(span);
        let (left, right) = (state.get(regs.0), state.get(regs.1));
        if let (Some(Const::Int(a)), Some(Const::Int(b))) = (left.single(), right.single()) {
            return arithmetic(op, a, b);
        }
        match op {
            BinaryOp::Add | BinaryOp::Or if self.is_container(&state.carry.heap, &left) => {
                self.merged(state, (&left, &right), augmented, span)
            }
            BinaryOp::Mod
                if left.texts().next().is_some() || left.alts.iter().any(|a| matches!(a, Alt::Template(_))) =>
            {
                self.percent(state, &left, &right, at)
            }
            BinaryOp::Add if looks_textual(&left) || looks_textual(&right) => {
                let parts = [(left, self.hole(state, regs.0)), (right, self.hole(state, regs.1))];
                let printed: Vec<(Value, String)> =
                    parts.into_iter().map(|(value, hole)| (self.printed(state, &value, false, at), hole)).collect();
                self.concatenate(&printed, at)
            }
            _ => number_of(op, augmented, &left, &right),
        }
    }

    fn compare(&mut self, state: &State, op: CompareOp, left: Reg, right: Reg) -> Value {
        let (left, right) = (state.get(left), state.get(right));
        let verdict = match op {
            CompareOp::Eq | CompareOp::Is => self.equal(&left, &right),
            CompareOp::NotEq | CompareOp::IsNot => self.equal(&left, &right).map(|known| !known),
            CompareOp::In => self.contained(&state.carry.heap, &left, &right),
            CompareOp::NotIn => self.contained(&state.carry.heap, &left, &right).map(|known| !known),
            CompareOp::Lt | CompareOp::LtE | CompareOp::Gt | CompareOp::GtE => ordered(op, &left, &right),
        };
        verdict.map_or_else(Value::boolean, |known| Value::constant(Const::Bool(known)))
    }

    fn step_call(&mut self, mut state: State, op: &Op, call: &Call, out: &mut Outcome) {
        let args = self.arguments(&mut state, call);
        let exits = match call.callee {
            Callee::Value(callee) => {
                let callee = state.get(callee);
                self.call_value(state.carry.clone(), &callee, args, op.span)
            }
            Callee::Method(receiver, method) => {
                let receiver = state.get(receiver);
                self.call_method(state.carry.clone(), &receiver, method, args, op.span)
            }
        };
        self.settle(state, op, exits, out);
    }

    /// The arguments of a call, spreads taken apart.
    fn arguments(&mut self, state: &mut State, call: &Call) -> Args {
        let mut args = Args::default();
        for arg in &call.args {
            let value = state.get(arg.reg);
            match arg.kind {
                ArgKind::Positional => args.positional.push(value),
                ArgKind::Keyword(key) => args.keywords.push((key, value)),
                ArgKind::Pair(key) => args.pairs.push((state.get(key), value)),
                ArgKind::Spread => self.spread(state, &value, &mut args, arg.span),
                ArgKind::SpreadKeywords => self.spread_keywords(state, &value, &mut args),
            }
        }
        args
    }

    fn spread(&mut self, state: &State, value: &Value, args: &mut Args, span: Span) {
        let known: Vec<_> = value.objects().filter_map(|id| self.object(&state.carry.heap, id)).collect();
        if let [object] = known.as_slice()
            && object.exact
            && value.alts.len() == 1
            && !value.unknown
        {
            args.positional.extend(object.entries.values().cloned());
            return;
        }
        let element = self.element_of(&state.carry.heap, value, self.at(span));
        args.more = Some(args.more.take().map_or_else(|| element.clone(), |more| more.join(&element)));
    }

    fn spread_keywords(&mut self, state: &State, value: &Value, args: &mut Args) {
        for id in value.objects().collect::<Vec<_>>() {
            let Some(object) = self.object(&state.carry.heap, id) else { continue };
            for (key, value) in &object.entries {
                let Const::Str(key) = key else { continue };
                match args.keywords.iter_mut().find(|(known, _)| known == key) {
                    Some((_, known)) => *known = known.join(value),
                    None => args.keywords.push((*key, value.clone())),
                }
            }
            if let Some(rest) = &object.rest {
                args.more_keywords =
                    Some(args.more_keywords.take().map_or_else(|| rest.clone(), |more| more.join(rest)));
            }
        }
        if value.unknown {
            let carried = value.carried();
            args.more_keywords =
                Some(args.more_keywords.take().map_or_else(|| carried.clone(), |more| more.join(&carried)));
        }
    }

    /// A list, tuple, set or dict display.
    fn collection(&mut self, state: &mut State, kind: CollectionKind, items: &[Item], span: Span) -> Value {
        let mut object = Object::new(match kind {
            CollectionKind::List => Kind::List,
            CollectionKind::Tuple => Kind::Tuple,
            CollectionKind::Set => Kind::Set,
            CollectionKind::Dict => Kind::Dict,
        });
        let at = self.at(span);
        let mut taints: Vec<super::value::Taint> = Vec::new();
        for item in items {
            match *item {
                Item::Value(value) => {
                    let value = state.get(value);
                    object.push(stored(value));
                }
                Item::Entry(key, value) => {
                    let (key, value) = (state.get(key), stored(state.get(value)));
                    self.put(&mut object, &key, value, at);
                }
                Item::Spread(value) => {
                    let value = state.get(value);
                    if value.unknown {
                        taints.extend(value.taints.iter().cloned());
                    }
                    self.pour(&state.carry.heap, &mut object, &value, at);
                }
                Item::Repeat(value) => {
                    let value = state.get(value);
                    object.set_any(&Value::count(), &value);
                }
            }
        }
        let id = self.make(&mut state.carry.heap, (span, 0), object);
        Value::object(id).tainted(&taints)
    }

    /// Puts an entry into a dict that is being made.
    pub(super) fn put(&mut self, object: &mut Object, key: &Value, value: Value, at: Location) {
        let constants: Vec<Const> = constants_of(key);
        if constants.is_empty() || key.unknown {
            object.set_any(key, &value);
            return;
        }
        for constant in constants {
            if let Const::Str(text) = constant {
                self.keep(&value, text);
            }
            let value = match constant {
                Const::Str(text) => self.named(value.clone(), text, at),
                _ => value.clone(),
            };
            object.set(constant, value);
        }
    }
}

/// The constants that a key may be; statuses count as numbers.
pub(super) fn constants_of(key: &Value) -> Vec<Const> {
    key.alts
        .iter()
        .filter_map(|alt| match alt {
            Alt::Const(value) => Some(*value),
            Alt::Status(status) => Some(Const::Int(i64::from(*status))),
            Alt::Path(path) => Some(Const::Str(*path)),
            _ => None,
        })
        .collect()
}

/// A value that goes into an object: it no longer counts as the parameter that it came through.
pub(super) fn stored(value: Value) -> Value {
    if value.via == 0 { value } else { value.with(|data| data.via = 0) }
}

/// The name of a variable without the number that tells shadowed ones apart.
pub(super) fn base_name(known_as: Name) -> Name {
    match known_as.as_str().split_once('#') {
        Some((base, _)) => name(base),
        None => known_as,
    }
}

/// The text of an alternative, where it is constant (templates keep their holes).
pub(super) fn text_of(alt: &Alt) -> Option<String> {
    match alt {
        Alt::Const(Const::Str(text) | Const::Bytes(text)) | Alt::Template(text) => Some(text.to_string()),
        Alt::Const(Const::Int(number)) => Some(number.to_string()),
        Alt::Const(Const::Bool(flag)) => Some(if *flag { "True" } else { "False" }.to_owned()),
        Alt::Const(Const::None) => Some("None".to_owned()),
        Alt::Status(status) => Some(status.to_string()),
        _ => None,
    }
}

pub(super) fn truth_value((yes, no): (bool, bool), negate: bool) -> Value {
    match (yes, no) {
        (true, false) => Value::constant(Const::Bool(!negate)),
        (false, true) => Value::constant(Const::Bool(negate)),
        _ => Value::boolean(),
    }
}

fn looks_textual(value: &Value) -> bool {
    value.alts.iter().any(|alt| matches!(alt, Alt::Const(Const::Str(_) | Const::Bytes(_)) | Alt::Template(_)))
}

fn arithmetic(op: BinaryOp, a: i64, b: i64) -> Value {
    let result = match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Sub => a.checked_sub(b),
        BinaryOp::Mul => a.checked_mul(b),
        BinaryOp::Div => a.checked_div(b),
        BinaryOp::Mod => a.checked_rem(b),
        BinaryOp::Or => Some(a | b),
        BinaryOp::And => Some(a & b),
        BinaryOp::Other => None,
    };
    result.map_or_else(Value::count, |number| Value::constant(Const::Int(number)))
}

/// Arithmetic: scaling by a constant keeps what a number tells, sums and products of several do not; a remainder has
/// few values.
fn number_of(op: BinaryOp, augmented: bool, left: &Value, right: &Value) -> Value {
    if op == BinaryOp::Mod && right.is_constant() {
        return Value::few().with(|data| data.number = true);
    }
    let scaled = |value: &Value| {
        value.with(|data| {
            data.alts.retain(|alt| matches!(alt, Alt::Template(_)));
            data.unknown = true;
        })
    };
    let both_text = left.is_open() && right.is_open() && !left.number && !right.number;
    if right.is_constant() && !left.is_constant() {
        return scaled(left);
    }
    if left.is_constant() && !right.is_constant() && !augmented {
        return scaled(right);
    }
    if both_text && op == BinaryOp::Add {
        return left.carried().tainted(&right.taints);
    }
    Value::unknown().with(|data| {
        data.number = true;
        data.few = left.few && right.few;
    })
}

fn ordered(op: CompareOp, left: &Value, right: &Value) -> Option<bool> {
    let number = |value: &Value| match (value.single(), value.alts.as_slice(), value.unknown) {
        (Some(Const::Int(number)), ..) => Some(number),
        (_, [Alt::Status(status)], false) => Some(i64::from(*status)),
        _ => None,
    };
    let (a, b) = (number(left)?, number(right)?);
    Some(match op {
        CompareOp::Lt => a < b,
        CompareOp::LtE => a <= b,
        CompareOp::Gt => a > b,
        _ => a >= b,
    })
}
