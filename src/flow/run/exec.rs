//! Running one function: a worklist over its blocks, with states of different counts kept apart.

use std::collections::BTreeMap;

use crate::program::{BlockId, FuncId, Op, Reg, Syntax, Terminator, TypeRef};
use crate::source::Span;

use crate::flow::answers::tally::Tally;
use crate::flow::run::machine::{Frame, MAX_DEPTH, Machine};
use crate::flow::run::worklist::{Worklist, thinned};
use crate::flow::values::heap::{ObjId, stable_hash};
use crate::flow::values::state::{Args, Carry, Exit, State};
use crate::flow::values::value::{Alt, Value};

/// States inside a block before those of one partition are joined there already, not only where the block ends.
const CROWD: usize = 4;
/// Distinct ways out of a function.
const MAX_EXITS: usize = 64;

/// What an operation leads to.
#[derive(Default)]
pub(crate) struct Outcome {
    /// The states behind it.
    pub(crate) next: Vec<State>,
    /// Exceptions, each with the state in which it left.
    pub(crate) raised: Vec<(Value, State)>,
}

/// The call of a function: which, with which cells around it, receiver and arguments, and where.
pub(crate) struct Invocation {
    pub(crate) function: FuncId,
    pub(crate) outer: Option<ObjId>,
    pub(crate) receiver: Option<Value>,
    pub(crate) args: Args,
    /// The call's place in the caller; `None` for a root.
    pub(crate) site: Option<Span>,
}

impl Machine<'_> {
    /// Runs a function and gives its ways out, merged by count and telling values.
    pub(crate) fn run(&mut self, call: Invocation, carry: Carry) -> Vec<Exit> {
        let on_stack = self.frames.iter().filter(|frame| frame.function == call.function).count();
        let idle = self.idle(call.function);
        if self.frames.len() >= MAX_DEPTH || on_stack >= 2 || self.fuel == 0 || idle > self.max_idle {
            if self.fuel == 0 {
                self.out_of_fuel();
            }
            return vec![Exit::returns(self.cut_short(&call, on_stack >= 2), carry)];
        }
        let before = carry.clone();
        let receiver = call.receiver.clone();
        let key = self.memo_key(&call, &carry);
        if let Some(exits) = key.and_then(|key| self.recall(key, &carry)) {
            return exits;
        }
        self.receivers.extend(receiver.clone());
        let state = self.enter(call, carry);
        self.run_blocks(state);
        if receiver.is_some() {
            self.receivers.pop();
        }
        let Some(frame) = self.frames.pop() else { return Vec::new() };
        let mut exits: Vec<Exit> = frame.exits.into_values().collect();
        if !self.frames.is_empty() {
            exits.iter_mut().for_each(|exit| self.forget(&before.heap, exit, &frame.yields));
        }
        if self.collecting > 0 && !frame.yields.is_empty() {
            self.collected.push(frame.yields);
        }
        if exits.is_empty() && self.fuel == 0 {
            exits.push(Exit::returns(Value::unknown(), before.clone()));
        }
        if let Some(key) = key.filter(|_| self.fuel > 0) {
            self.remember(key, &before, &exits);
        }
        exits
    }

    /// What a call gives that is not followed: text made of its arguments carries what they carry, but what a method
    /// looks up by them (`self.find_user(name)`) is another thing than the key.
    fn cut_short(&self, call: &Invocation, recursive: bool) -> Value {
        let function = self.program.function(call.function);
        let textual = |ty: &TypeRef| matches!(ty.path.as_str(), "builtins.str" | "builtins.bytes");
        let looks_up = function.returns.as_ref().map_or(function.owner.is_some(), |ty| !textual(ty));
        if !recursive && looks_up && self.program.syntax(call.function) == Syntax::Python {
            return Value::unknown();
        }
        let result =
            call.args.all().fold(Value::unknown(), |all, arg| all.tainted(&self.asked_for(&arg.taints, function.name)));
        match &function.returns {
            Some(ty) if self.is_bounded_type(ty) => Value::few(),
            _ => result,
        }
    }

    /// How many of the innermost calls would be of functions that are not relevant.
    fn idle(&self, function: FuncId) -> u8 {
        if self.relevance.contains(function) {
            0
        } else {
            self.frames.last().map_or(0, |frame| frame.idle.saturating_add(1))
        }
    }

    fn out_of_fuel(&mut self) {
        let Some(root) = self.frames.first() else { return };
        let function = self.program.function(root.function);
        let at = crate::source::Location::new(function.file, function.name_span);
        let spent = self.total == 0;
        let why = if spent {
            "no steps left for the program".to_owned()
        } else {
            format!("more than {} steps", self.allowance)
        };
        self.log.limits.insert((at, format!("{why}: calls below `{}` were cut short", function.name)));
    }

    /// Pushes the frame and binds the parameters.
    fn enter(&mut self, call: Invocation, mut carry: Carry) -> State {
        let function = self.program.function(call.function);
        let context = match (self.frames.last(), call.site) {
            (Some(caller), Some(site)) => stable_hash((caller.context, caller.function, site, call.function)),
            _ => stable_hash(("root", call.function)),
        };
        let site = call.site.filter(|_| !self.frames.is_empty()).map(|span| self.at(span));
        if let Some(caller) = self.frames.last()
            && caller.function != call.function
        {
            self.called.insert(call.function);
        }
        self.base.note_read(ObjId::handed(call.function));
        let idle = self.idle(call.function);
        let cells = ObjId::at(context, "cells");
        self.frames.push(Frame {
            function: call.function,
            context,
            call: site,
            cells,
            outer: call.outer,
            yields: Vec::new(),
            exits: BTreeMap::new(),
            syntax: self.program.syntax(call.function),
            given: self.given(&carry, &call),
            guarded: false,
            idle,
        });
        let mut state = State::default();
        if !function.cells.is_empty() || call.outer.is_some() {
            self.make_cells(&mut carry, cells, call.outer);
        }
        state.carry = carry;
        self.bind(&mut state, call.receiver, call.args);
        state
    }

    fn run_blocks(&mut self, entry: State) {
        let id = self.frame().function;
        let function = self.program.function(id);
        if function.blocks.is_empty() {
            self.leave(false, Value::none(), &entry, function.span);
            return;
        }
        let graph = self.graph(id);
        let mut work = Worklist::new(graph);
        work.push(BlockId(0), entry);
        while let Some((block, state)) = work.pop() {
            self.spend(1 + function.blocks[block.index()].ops.len() as u64);
            if self.reserve == 0 {
                return;
            }
            self.run_block(&mut work, block, state);
        }
    }

    /// Takes steps off all budgets.
    fn spend(&mut self, cost: u64) {
        self.fuel = self.fuel.saturating_sub(cost);
        self.reserve = self.reserve.saturating_sub(cost);
        self.total = self.total.saturating_sub(cost);
        if self.total == 0 {
            self.fuel = 0;
        }
        if self.fuel == 0 {
            self.out_of_fuel();
        }
    }

    fn run_block(&mut self, work: &mut Worklist, block: BlockId, state: State) {
        let function = self.function();
        let body = &function.blocks[block.index()];
        let mut states = vec![state];
        self.frame_mut().guarded = body.handler.is_some();
        for op in &body.ops {
            let mut outcome = Outcome::default();
            for state in states {
                self.step(state, op, &mut outcome);
            }
            for (exception, state) in outcome.raised {
                self.raise(work, body.handler, exception, state, op.span);
            }
            states = outcome.next;
            if states.is_empty() {
                return;
            }
            if states.len() > CROWD {
                states = thinned(states, &work.graph.telling[block.index()]);
                self.spend(states.len() as u64);
            }
        }
        for state in states {
            self.end_block(work, block, state);
        }
    }

    fn end_block(&mut self, work: &mut Worklist, block: BlockId, mut state: State) {
        let body = &self.function().blocks[block.index()];
        match body.end {
            Terminator::Goto(to) => work.push(to, state),
            Terminator::Branch(cond, then, otherwise) => {
                let (yes, no) = state.get(cond).truth();
                let at = self.at(body.end_span);
                for (taken, possible, to) in [(true, yes, then), (false, no, otherwise)] {
                    if possible && let Some(mut narrowed) = self.narrow(&state, cond, taken) {
                        narrowed.carry.turn(at, taken);
                        work.push(to, narrowed);
                    }
                }
            }
            Terminator::ForEach { iter, item, body: inside, exit } => {
                let (element, done) = self.advance(&mut state, iter);
                if let Some(element) = element {
                    let mut inner = state.clone();
                    inner.set(item, element.value);
                    inner.set(iter, element.iterator);
                    work.push(inside, inner);
                }
                if done {
                    work.push(exit, state);
                }
            }
            Terminator::Return(value) => {
                let result = state.get(value);
                self.leave(false, result, &state, body.end_span);
            }
            Terminator::Raise(value) => {
                let exception = match value {
                    Some(reg) => self.raised_value(&mut state, reg, body.end_span),
                    None => state.caught.clone().unwrap_or_else(Value::unknown),
                };
                self.raise(work, body.handler, exception, state, body.end_span);
            }
            Terminator::Unreachable => {}
        }
    }

    /// Takes an exception to its landing block, or out of the function.
    fn raise(&mut self, work: &mut Worklist, handler: Option<BlockId>, exception: Value, mut state: State, span: Span) {
        match handler {
            Some(landing) => {
                state.caught = Some(exception);
                work.push(landing, state);
            }
            None => self.leave(true, exception, &state, span),
        }
    }

    /// Notes a way out of the function that runs.
    fn leave(&mut self, raised: bool, value: Value, state: &State, span: Span) {
        let function = self.function();
        let mut carry = state.carry.clone();
        let value = self.stamp(raised, value, &mut carry, span);
        let arguments: Vec<(usize, Value)> = function
            .params
            .iter()
            .filter(|param| !matches!(param.kind, crate::program::ParamKind::Receiver))
            .enumerate()
            .filter(|(_, param)| param.is_mut_ref)
            .filter_map(|(at, param)| state.regs.get(param.reg).map(|value| (at, value.clone())))
            .collect();
        let mut exit = if raised { Exit::raises(value, carry) } else { Exit::returns(value, carry) };
        exit.arguments = arguments;
        let key = self.exit_key(&exit);
        let frame = self.frame_mut();
        let key =
            if frame.exits.contains_key(&key) || frame.exits.len() < MAX_EXITS { key } else { (raised, key.1, 0) };
        match frame.exits.get_mut(&key) {
            Some(old) => {
                old.value = old.value.join(&exit.value);
                old.carry.join(&exit.carry);
                for (at, value) in exit.arguments {
                    match old.arguments.iter_mut().find(|(known, _)| *known == at) {
                        Some((_, known)) => *known = known.join(&value),
                        None => old.arguments.push((at, value)),
                    }
                }
            }
            None => {
                frame.exits.insert(key, exit);
            }
        }
    }

    /// Exits with different constants, responses or exception classes are kept apart; of the rest only counts are.
    fn exit_key(&self, exit: &Exit) -> (bool, Tally, u64) {
        let telling: Vec<u64> = exit.value.alts.iter().map(|alt| self.telling(&exit.carry, alt)).collect();
        let plain = exit.value.unknown || telling.is_empty() || telling.contains(&0) || telling.len() > 2;
        let path = (&exit.carry.increments, exit.carry.crashed);
        (exit.raised, exit.carry.count, stable_hash((path, if plain { 1 } else { stable_hash(&telling) })))
    }

    fn telling(&self, carry: &Carry, alt: &Alt) -> u64 {
        match alt {
            Alt::Const(_) | Alt::Status(_) | Alt::Path(_) => stable_hash(alt),
            Alt::Object(id) => match self.object(&carry.heap, *id) {
                Some(object) => self.shape(&carry.heap, &object, 3),
                None => 0,
            },
            _ => 0,
        }
    }

    /// A register that landing blocks and loops keep: nothing else crosses blocks.
    pub(crate) fn defining(&mut self, reg: Reg) -> Option<&Op> {
        let id = self.frame().function;
        let graph = self.graph(id);
        let &(block, at) = graph.definition.get(&reg)?;
        self.program.function(id).blocks.get(block)?.ops.get(at)
    }
}
