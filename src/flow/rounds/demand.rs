//! Which functions hand something to a metric through calls: a function whose parameter reaches a metric makes its callers
//! worth running, unless all that they hand over are constants.
//!
//! A backward slice over registers, without order and without running anything: it finds too much rather than too little.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use crate::program::{
    ArgKind, Call, Callee, FuncId, Function, Name, OpKind, ParamKind, Place, Program, Reg, Syntax, Terminator,
};

use crate::flow::run::graph::reads;

/// Parameters beyond these are one.
const MAX_PARAMS: usize = 63;

/// A call in a function: the block and the operation.
pub(crate) type CallSite = (usize, usize);

/// What is wanted of a function's registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    /// They reach a label, a number or the like: constants are of no interest.
    Data,
    /// They decide what a metric is called: constants are needed as well.
    Identity,
}

/// The slices of all functions.
pub(crate) struct Demand<'a> {
    program: &'a Program,
    /// Who calls a function, and where; without a place for functions that are only mentioned.
    callers: &'a [Vec<(FuncId, Option<CallSite>)>],
    slices: HashMap<FuncId, Slice>,
    /// For each function the parameters that are wanted, as bits: as data, and for identity.
    params: HashMap<FuncId, (u64, u64)>,
    waiting: VecDeque<(FuncId, Vec<Reg>, Want, u8)>,
    /// Functions that must be run because they hand over something that is wanted, each with the calls between it and
    /// the metric.
    pub(crate) wanted: BTreeMap<FuncId, u8>,
}

/// What each register of a function is made of.
#[derive(Default)]
struct Slice {
    made_of: HashMap<Reg, Vec<Reg>>,
    /// Reads of captured variables.
    loads: HashMap<Reg, (u32, Name)>,
    constants: HashSet<Reg>,
    seen: [HashSet<Reg>; 2],
}

impl<'a> Demand<'a> {
    pub(crate) fn new(program: &'a Program, callers: &'a [Vec<(FuncId, Option<CallSite>)>]) -> Self {
        Demand {
            program,
            callers,
            slices: HashMap::new(),
            params: HashMap::new(),
            waiting: VecDeque::new(),
            wanted: BTreeMap::new(),
        }
    }

    /// Registers of a function that reach a metric.
    pub(crate) fn seed(&mut self, function: FuncId, regs: Vec<Reg>, want: Want) {
        self.waiting.push_back((function, regs, want, 0));
    }

    /// Follows all that is wanted to where it comes from.
    pub(crate) fn solve(&mut self) {
        while let Some((id, regs, want, distance)) = self.waiting.pop_front() {
            let found = self.slice(id, regs, want);
            self.captured(id, &found, want, distance);
            let function = self.program.function(id);
            let mut bits = 0;
            for (at, param) in function.params.iter().enumerate() {
                if param.kind != ParamKind::Receiver && found.contains(&param.reg) {
                    bits |= 1 << at.min(MAX_PARAMS);
                }
            }
            self.built(id, function, &found, (want, distance));
            let known = self.params.entry(id).or_default();
            let known = if want == Want::Data { &mut known.0 } else { &mut known.1 };
            let fresh = bits & !*known;
            *known |= bits;
            if fresh != 0 {
                self.ask_callers(id, fresh, want, distance);
            }
        }
    }

    fn want(&mut self, function: FuncId, distance: u8) {
        let known = self.wanted.entry(function).or_insert(distance);
        *known = distance.min(*known);
    }

    /// Registers that those given are made of and that were not found before, themselves included.
    fn slice(&mut self, id: FuncId, regs: Vec<Reg>, want: Want) -> HashSet<Reg> {
        let function = self.program.function(id);
        let slice = self.slices.entry(id).or_insert_with(|| Slice::of(function));
        let seen = &mut slice.seen[usize::from(want == Want::Identity)];
        let mut found = HashSet::new();
        let mut open = regs;
        while let Some(reg) = open.pop() {
            if seen.insert(reg) {
                found.insert(reg);
                open.extend(slice.made_of.get(&reg).into_iter().flatten());
            }
        }
        found
    }

    /// Variables of functions around this one.
    fn captured(&mut self, id: FuncId, found: &HashSet<Reg>, want: Want, distance: u8) {
        let Some(slice) = self.slices.get(&id) else { return };
        let loads: Vec<(u32, Name)> = found.iter().filter_map(|reg| slice.loads.get(reg)).copied().collect();
        for (up, cell) in loads {
            let mut owner = Some(id);
            for _ in 0..up {
                owner = owner.and_then(|owner| self.program.function(owner).parent);
            }
            let Some(owner) = owner else { continue };
            let ops = self.program.function(owner).blocks.iter().flat_map(|block| &block.ops);
            let stored = ops.filter_map(|op| match op.kind {
                OpKind::StoreCell(0, known, value) if known == cell => Some(value),
                _ => None,
            });
            self.waiting.push_back((owner, stored.collect(), want, distance));
        }
    }

    /// What a Rust method reads of its receiver was often put there by the caller, call by call (`x.with(a).send()`).
    fn built(&mut self, id: FuncId, function: &Function, found: &HashSet<Reg>, (want, distance): (Want, u8)) {
        let receiver = function.params.first().filter(|param| param.kind == ParamKind::Receiver);
        if self.program.syntax(id) != Syntax::Rust || receiver.is_none_or(|param| !found.contains(&param.reg)) {
            return;
        }
        for &(caller, site) in &self.callers[id.index()] {
            let body = self.program.function(caller);
            let Some(call) = site.and_then(|(block, at)| call_at(body, block, at)) else { continue };
            let Callee::Method(reg, _) = call.callee else { continue };
            // A receiver that is a field of the caller's own is told by the methods that fill it.
            let local = body.regs.get(reg.index()).is_some_and(|info| !matches!(info.place, Some(Place::Field(..))));
            if local && body.params.first().is_none_or(|param| param.reg != reg) {
                self.want(caller, distance.saturating_add(1));
                self.waiting.push_back((caller, vec![reg], want, distance.saturating_add(1)));
            }
        }
    }

    /// Callers that hand over something else than constants for these parameters must be run, and what they hand over is
    /// wanted of them.
    fn ask_callers(&mut self, id: FuncId, params: u64, want: Want, distance: u8) {
        let further = distance.saturating_add(1);
        let function = self.program.function(id);
        if let Some(parent) = function.parent {
            // A closure gets its arguments from whatever its surroundings hand it to.
            let all = self.program.function(parent).params.iter().map(|param| param.reg).collect();
            self.waiting.push_back((parent, all, want, distance));
            self.want(parent, distance);
        }
        for &(caller, site) in &self.callers[id.index()] {
            let Some(call) = site.and_then(|(block, at)| call_at(self.program.function(caller), block, at)) else {
                self.want(caller, further);
                continue;
            };
            let regs = handed_over(function, call, params);
            let slice = self.slices.entry(caller).or_insert_with(|| Slice::of(self.program.function(caller)));
            let open: Vec<Reg> =
                regs.into_iter().filter(|reg| want == Want::Identity || !slice.constants.contains(reg)).collect();
            if !open.is_empty() {
                self.want(caller, further);
                self.waiting.push_back((caller, open, want, further));
            }
        }
    }
}

fn call_at(function: &Function, block: usize, at: usize) -> Option<&Call> {
    match &function.blocks.get(block)?.ops.get(at)?.kind {
        OpKind::Call(call) => Some(call),
        _ => None,
    }
}

/// The arguments of a call that may reach the parameters.
fn handed_over(function: &Function, call: &Call, params: u64) -> Vec<Reg> {
    let is_wanted = |at: usize| params & (1 << at.min(MAX_PARAMS)) != 0;
    let receivers = function.params.iter().filter(|param| param.kind == ParamKind::Receiver).count();
    let takes_rest =
        |kind: ParamKind| function.params.iter().enumerate().any(|(at, param)| param.kind == kind && is_wanted(at));
    let by_path = matches!(call.callee, Callee::Value(_));
    let mut position = 0;
    let mut regs = Vec::new();
    for arg in &call.args {
        let reaches = match arg.kind {
            ArgKind::Positional => {
                // `Type::method(receiver, …)` hands the receiver over by position.
                let at = position;
                position += 1;
                is_wanted(at + receivers) || by_path && receivers > 0 && is_wanted(at) || takes_rest(ParamKind::VarArgs)
            }
            ArgKind::Keyword(key) => {
                function.params.iter().enumerate().any(|(at, param)| param.name == key && is_wanted(at))
                    || takes_rest(ParamKind::VarKeywords)
            }
            ArgKind::Spread | ArgKind::SpreadKeywords | ArgKind::Pair(_) => true,
        };
        if reaches {
            regs.push(arg.reg);
        }
    }
    regs
}

impl Slice {
    fn of(function: &Function) -> Self {
        let mut slice = Slice::default();
        let mut written: HashMap<Reg, u32> = HashMap::new();
        for block in &function.blocks {
            for op in &block.ops {
                if let Some(dst) = op.dst {
                    *written.entry(dst).or_default() += 1;
                    slice.made_of.entry(dst).or_default().extend(reads(function, op));
                    match op.kind {
                        OpKind::Const(_) => drop(slice.constants.insert(dst)),
                        OpKind::LoadCell(up, cell) => drop(slice.loads.insert(dst, (up, cell))),
                        _ => {}
                    }
                }
                slice.mutation(&op.kind);
            }
            if let Terminator::ForEach { iter, item, .. } = block.end {
                slice.made_of.entry(item).or_default().push(iter);
            }
        }
        slice.constants.retain(|reg| written.get(reg) == Some(&1));
        for (at, info) in function.regs.iter().enumerate() {
            // What is written through a temporary reaches the place that it was read from.
            if let Some(Place::Reg(base) | Place::Field(base, _) | Place::Index(base, _) | Place::Through(base)) =
                info.place
            {
                slice.made_of.entry(base).or_default().push(Reg(at as u32));
            }
        }
        // What a receiver holds is told by the methods that fill it, not by this one.
        for param in function.params.iter().filter(|param| param.kind == ParamKind::Receiver) {
            slice.made_of.remove(&param.reg);
        }
        slice
    }

    /// What an operation puts into something else than its result.
    fn mutation(&mut self, kind: &OpKind) {
        match kind {
            OpKind::SetAttr(object, _, value) | OpKind::StoreDeref(object, value) => {
                self.made_of.entry(*object).or_default().push(*value);
            }
            OpKind::SetIndex(object, index, value) => {
                self.made_of.entry(*object).or_default().extend([*index, *value]);
            }
            OpKind::Call(Call { callee: Callee::Method(receiver, _), args }) => {
                self.made_of.entry(*receiver).or_default().extend(args.iter().map(|arg| arg.reg));
            }
            _ => {}
        }
    }
}
