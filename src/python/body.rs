//! Building the graph of one function: registers, blocks, and what has to happen on the way out.

use ruff_python_ast::Stmt;

use super::scope::ScopeId;
use super::unit::UnitBuilder;
use crate::program::{
    Block, BlockId, ClassId, Const, FuncId, Name, NameMap, NameSet, Op, OpKind, Place, Reg, RegInfo, Terminator,
};
use crate::source::Span;

/// What encloses the current statement inside its function.
#[derive(Debug, Clone, Copy)]
pub(super) enum Exit<'a> {
    /// A loop: where `break` and `continue` go.
    Loop(BlockId, BlockId),
    /// A `try` whose `finally` runs on the way out.
    Finally(&'a [Stmt]),
    /// A `with` whose context manager is told.
    With { context: Reg, span: Span },
    /// An `except` clause: the exception, the number of landing blocks when it began, and the name to unbind.
    Except { exception: Reg, landings: usize, name: Option<Name>, span: Span },
}

/// An [`Exit`] and where exceptions go outside of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) exit: Exit<'a>,
    pub(super) handler: Option<BlockId>,
}

/// A block being built.
struct Draft {
    ops: Vec<Op>,
    end: Terminator,
    end_span: Span,
    handler: Option<BlockId>,
    /// Something leads here.
    wanted: bool,
}

/// Builds one function.
pub(super) struct Body<'u, 'a> {
    pub(super) unit: &'u mut UnitBuilder<'a>,
    pub(super) id: FuncId,
    pub(super) scope: ScopeId,
    /// The class whose body this is, or whose method.
    pub(super) owner: Option<ClassId>,
    /// Dotted path that names defined in here start with.
    pub(super) prefix: Name,
    pub(super) regs: Vec<RegInfo>,
    pub(super) locals: NameMap<Reg>,
    /// Class bodies: names bound so far. A name that the class binds later is still the outer one.
    pub(super) bound: NameSet,
    /// Type parameters in force (`def f[T]`).
    pub(super) type_params: Vec<Name>,
    /// Where exceptions go.
    pub(super) handler: Option<BlockId>,
    pub(super) frames: Vec<Frame<'a>>,
    /// Inside a second copy of a `finally` block.
    pub(super) copying: usize,
    /// Landing blocks begun so far.
    pub(super) landings: usize,
    drafts: Vec<Draft>,
    order: Vec<BlockId>,
    /// `None` where no path leads.
    current: Option<BlockId>,
}

impl<'u, 'a> Body<'u, 'a> {
    pub(super) fn new(unit: &'u mut UnitBuilder<'a>, id: FuncId, scope: ScopeId, prefix: Name) -> Self {
        let mut body = Self {
            unit,
            id,
            scope,
            owner: None,
            prefix,
            regs: Vec::new(),
            locals: NameMap::default(),
            bound: NameSet::default(),
            type_params: Vec::new(),
            handler: None,
            frames: Vec::new(),
            copying: 0,
            landings: 0,
            drafts: Vec::new(),
            order: Vec::new(),
            current: None,
        };
        let entry = body.label();
        body.want(entry);
        body.place(entry);
        body
    }

    /// Whether a path leads to here.
    pub(super) fn is_live(&self) -> bool {
        self.current.is_some()
    }

    pub(super) fn add_reg(&mut self, info: RegInfo) -> Reg {
        self.regs.push(info);
        Reg(self.regs.len() as u32 - 1)
    }

    pub(super) fn temp(&mut self) -> Reg {
        self.add_reg(RegInfo::default())
    }

    /// The register of a local variable.
    pub(super) fn local(&mut self, name: Name) -> Reg {
        if let Some(&reg) = self.locals.get(&name) {
            return reg;
        }
        let reg = self.add_reg(RegInfo { name: Some(name), ..RegInfo::default() });
        self.locals.insert(name, reg);
        reg
    }

    /// An op whose result goes to a new temporary.
    pub(super) fn emit(&mut self, kind: OpKind, span: Span) -> Reg {
        let dst = self.temp();
        self.push(Some(dst), kind, span);
        dst
    }

    /// The same, for a value read from a place.
    pub(super) fn emit_read(&mut self, kind: OpKind, place: Place, span: Span) -> Reg {
        let dst = self.add_reg(RegInfo { place: Some(place), ..RegInfo::default() });
        self.push(Some(dst), kind, span);
        dst
    }

    /// An op without a result.
    pub(super) fn run(&mut self, kind: OpKind, span: Span) {
        self.push(None, kind, span);
    }

    pub(super) fn push(&mut self, dst: Option<Reg>, kind: OpKind, span: Span) {
        self.sync_handler();
        if let Some(draft) = self.draft() {
            draft.ops.push(Op { dst, kind, span });
        }
    }

    pub(super) fn none(&mut self, span: Span) -> Reg {
        self.emit(OpKind::Const(Const::None), span)
    }

    fn draft(&mut self) -> Option<&mut Draft> {
        let current = self.current?;
        self.drafts.get_mut(current.index())
    }

    /// A block has one handler: where that changed, a new block begins.
    fn sync_handler(&mut self) {
        let wanted = self.handler;
        let Some(draft) = self.draft() else { return };
        if draft.handler == wanted {
            return;
        }
        if draft.ops.is_empty() {
            draft.handler = wanted;
            wanted.into_iter().for_each(|to| self.want(to));
            return;
        }
        let next = self.label();
        self.goto(next, Span::default());
        self.place(next);
    }

    /// A block to be placed later.
    pub(super) fn label(&mut self) -> BlockId {
        self.drafts.push(Draft {
            ops: Vec::new(),
            end: Terminator::Unreachable,
            end_span: Span::default(),
            handler: None,
            wanted: false,
        });
        BlockId(self.drafts.len() as u32 - 1)
    }

    fn want(&mut self, label: BlockId) {
        if let Some(draft) = self.drafts.get_mut(label.index()) {
            draft.wanted = true;
        }
    }

    /// Begins the block. If nothing leads to it, what follows is dropped.
    pub(super) fn place(&mut self, label: BlockId) {
        let handler = self.handler;
        let Some(draft) = self.drafts.get_mut(label.index()) else {
            return;
        };
        if !draft.wanted {
            self.current = None;
            return;
        }
        draft.handler = handler;
        self.current = Some(label);
        self.order.push(label);
        handler.into_iter().for_each(|to| self.want(to));
    }

    /// Ends the current block.
    pub(super) fn end(&mut self, end: Terminator, span: Span) {
        if matches!(end, Terminator::Raise(_)) {
            self.sync_handler();
        }
        let Some(draft) = self.draft() else { return };
        draft.end = end;
        draft.end_span = span;
        end.successors().into_iter().for_each(|to| self.want(to));
        self.current = None;
    }

    pub(super) fn goto(&mut self, label: BlockId, span: Span) {
        // A block that only leads on has its place where the block before ended.
        let span = if span == Span::default() { self.last_span() } else { span };
        self.end(Terminator::Goto(label), span);
    }

    /// Where the last operation stands.
    pub(super) fn last_span(&mut self) -> Span {
        self.draft().and_then(|draft| draft.ops.last()).map_or(Span::default(), |op| op.span)
    }

    pub(super) fn branch(&mut self, cond: Reg, yes: BlockId, no: BlockId, span: Span) {
        self.end(Terminator::Branch(cond, yes, no), span);
    }

    /// Begins a landing block: everything inside raises to it. Returns the handler outside.
    pub(super) fn guard_with(&mut self, landing: BlockId) -> Option<BlockId> {
        self.handler.replace(landing)
    }

    /// Runs what has to run when control leaves all frames above `keep`, then `leave`.
    pub(super) fn exit_through(&mut self, keep: usize, leave: impl FnOnce(&mut Self)) {
        let frames = self.frames.clone();
        let handler = self.handler;
        while self.frames.len() > keep && self.is_live() {
            if let Some(frame) = self.frames.pop() {
                self.handler = frame.handler;
                self.clean_up(frame.exit);
            }
        }
        leave(self);
        self.frames = frames;
        self.handler = handler;
    }

    fn clean_up(&mut self, exit: Exit<'a>) {
        match exit {
            Exit::Loop(..) => {}
            Exit::Finally(stmts) => {
                if self.unit.copies_left > 0 {
                    self.copying += 1;
                    self.stmts(stmts);
                    self.copying -= 1;
                }
            }
            Exit::With { context, span } => self.run(OpKind::Exit { context, exceptional: false }, span),
            Exit::Except { name, span, .. } => {
                if let Some(name) = name {
                    self.unbind(name, span);
                }
            }
        }
    }

    /// The blocks that something leads to, in the order in which they were placed.
    pub(super) fn finish(&mut self) -> (Vec<Block>, Vec<RegInfo>) {
        let mut position = vec![BlockId(0); self.drafts.len()];
        for (at, label) in self.order.iter().enumerate() {
            if let Some(slot) = position.get_mut(label.index()) {
                *slot = BlockId(at as u32);
            }
        }
        let moved = |label: BlockId| position.get(label.index()).copied().unwrap_or(BlockId(0));
        let mut blocks = Vec::with_capacity(self.order.len());
        for label in &self.order {
            let Some(draft) = self.drafts.get_mut(label.index()) else {
                continue;
            };
            let end = match draft.end {
                Terminator::Goto(to) => Terminator::Goto(moved(to)),
                Terminator::Branch(cond, yes, no) => Terminator::Branch(cond, moved(yes), moved(no)),
                Terminator::ForEach { iter, item, body, exit } => {
                    Terminator::ForEach { iter, item, body: moved(body), exit: moved(exit) }
                }
                end @ (Terminator::Return(_) | Terminator::Raise(_) | Terminator::Unreachable) => end,
            };
            blocks.push(Block {
                ops: std::mem::take(&mut draft.ops),
                end,
                end_span: draft.end_span,
                handler: draft.handler.map(moved),
            });
        }
        (blocks, std::mem::take(&mut self.regs))
    }
}
