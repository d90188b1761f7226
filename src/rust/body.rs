//! The function that is being built: its registers, blocks and current position.

use std::collections::BTreeMap;

use crate::program::{
    Block, BlockId, FuncId, Function, FunctionKind, ModuleId, Name, Op, OpKind, Place, Reg, RegInfo, Terminator,
    TypeRef, name,
};
use crate::source::{FileId, Span};

/// Where `break` and `continue` of a loop or labelled block go.
pub(super) struct Frame {
    pub(super) label: Option<Name>,
    pub(super) exit: BlockId,
    /// `None` for a labelled block.
    pub(super) again: Option<BlockId>,
    pub(super) result: Reg,
}

/// A function under construction.
pub(super) struct Body {
    pub(super) id: FuncId,
    pub(super) function: Function,
    pub(super) frames: Vec<Frame>,
    /// Where `?` in a `try` block goes: block and the register of the result.
    pub(super) attempts: Vec<(BlockId, Reg)>,
    /// Variables that inner functions use, with the names of their cells.
    pub(super) captured: BTreeMap<Reg, Name>,
    /// Tuples that were just written down, with their elements.
    pub(super) tuples: BTreeMap<Reg, Vec<Reg>>,
    current: BlockId,
    ended: Vec<bool>,
}

/// What a new function is called and where it stands.
pub(super) struct Head {
    pub(super) kind: FunctionKind,
    pub(super) name: Name,
    pub(super) path: Name,
    pub(super) span: Span,
    pub(super) name_span: Span,
}

impl Body {
    pub(super) fn new(id: FuncId, file: FileId, module: ModuleId, head: Head) -> Self {
        let function = Function {
            name: head.name,
            path: head.path,
            kind: head.kind,
            file,
            module,
            owner: None,
            parent: None,
            params: Vec::new(),
            regs: Vec::new(),
            cells: Vec::new(),
            blocks: Vec::new(),
            is_async: false,
            is_generator: false,
            attributes: Vec::new(),
            returns: None,
            span: head.span,
            name_span: head.name_span,
            is_public: false,
            is_test: false,
        };
        let mut body = Self {
            id,
            function,
            frames: Vec::new(),
            attempts: Vec::new(),
            captured: BTreeMap::new(),
            tuples: BTreeMap::new(),
            current: BlockId(0),
            ended: Vec::new(),
        };
        body.current = body.block();
        body
    }

    fn register(&mut self, info: RegInfo) -> Reg {
        let reg = Reg(self.function.regs.len() as u32);
        self.function.regs.push(info);
        reg
    }

    pub(super) fn temp(&mut self) -> Reg {
        self.register(RegInfo::default())
    }

    pub(super) fn variable(&mut self, name: Name, ty: Option<TypeRef>) -> Reg {
        self.register(RegInfo { name: Some(name), ty, place: None })
    }

    pub(super) fn info(&mut self, reg: Reg) -> Option<&mut RegInfo> {
        self.function.regs.get_mut(reg.index())
    }

    pub(super) fn place(&self, reg: Reg) -> Option<Place> {
        self.function.regs.get(reg.index()).and_then(|info| info.place)
    }

    pub(super) fn set_place(&mut self, reg: Reg, place: Place) {
        if let Some(info) = self.info(reg) {
            info.place = Some(place);
        }
    }

    /// Whether the register is a named variable.
    pub(super) fn is_variable(&self, reg: Reg) -> bool {
        self.function.regs.get(reg.index()).is_some_and(|info| info.name.is_some())
    }

    pub(super) fn block_count(&self) -> usize {
        self.function.blocks.len()
    }

    /// A new empty block; control does not move there yet.
    pub(super) fn block(&mut self) -> BlockId {
        let id = BlockId(self.function.blocks.len() as u32);
        self.function.blocks.push(Block {
            ops: Vec::new(),
            end: Terminator::Unreachable,
            end_span: self.function.span,
            handler: None,
        });
        self.ended.push(false);
        id
    }

    pub(super) fn current(&self) -> BlockId {
        self.current
    }

    pub(super) fn switch(&mut self, to: BlockId) {
        self.current = to;
    }

    /// Adds an operation without a result.
    pub(super) fn effect(&mut self, kind: OpKind, span: Span) {
        self.push(Op { dst: None, kind, span });
    }

    /// Adds an operation; its result goes to a new temporary.
    pub(super) fn op(&mut self, kind: OpKind, span: Span) -> Reg {
        let dst = self.temp();
        self.push(Op { dst: Some(dst), kind, span });
        dst
    }

    fn push(&mut self, op: Op) {
        if let Some(block) = self.function.blocks.get_mut(self.current.index()) {
            block.ops.push(op);
        }
    }

    /// Gives `value` to `dst`: the operation that just made a temporary writes there directly.
    pub(super) fn assign(&mut self, dst: Reg, value: Reg, span: Span) {
        let is_temp = self.function.regs.get(value.index()).is_some_and(|info| info.name.is_none());
        let last = self.function.blocks.get_mut(self.current.index()).and_then(|block| block.ops.last_mut());
        match last {
            Some(op) if is_temp && op.dst == Some(value) && !self.captured.contains_key(&value) => {
                op.dst = Some(dst);
                if let Some(place) = self.place(value)
                    && self.place(dst).is_none()
                {
                    self.set_place(dst, place);
                }
            }
            _ => self.push(Op { dst: Some(dst), kind: OpKind::Copy(value), span }),
        }
    }

    /// Gives the value of one register to another, which keep their own lives.
    pub(super) fn copy(&mut self, dst: Reg, value: Reg, span: Span) {
        self.push(Op { dst: Some(dst), kind: OpKind::Copy(value), span });
    }

    /// Adds an operation with its result in a given register.
    pub(super) fn op_into(&mut self, dst: Reg, kind: OpKind, span: Span) {
        self.push(Op { dst: Some(dst), kind, span });
    }

    /// Ends the current block. What follows is unreachable until the next [`Body::switch`].
    pub(super) fn end(&mut self, end: Terminator, span: Span) {
        let at = self.current.index();
        if let (Some(block), Some(ended)) = (self.function.blocks.get_mut(at), self.ended.get_mut(at))
            && !*ended
        {
            block.end = end;
            block.end_span = span;
            *ended = true;
        }
        self.current = self.block();
    }

    pub(super) fn goto(&mut self, to: BlockId, span: Span) {
        self.end(Terminator::Goto(to), span);
    }

    /// The name of the cell of a variable, making it one if it was none.
    pub(super) fn cell(&mut self, reg: Reg) -> Name {
        if let Some(&known) = self.captured.get(&reg) {
            return known;
        }
        let base = self.function.regs.get(reg.index()).and_then(|info| info.name).unwrap_or_else(|| name("_"));
        let mut cell = base;
        let mut count = 1;
        while self.captured.values().any(|&known| known == cell) {
            count += 1;
            cell = name(&format!("{base}#{count}"));
        }
        self.captured.insert(reg, cell);
        cell
    }

    /// The finished function: captured variables moved to cells, unreachable blocks removed.
    pub(super) fn finish(mut self) -> Function {
        super::spill::spill(&mut self.function, &self.captured);
        prune(&mut self.function);
        self.function
    }
}

/// Removes blocks that control cannot reach, keeping the order of the others.
fn prune(function: &mut Function) {
    let mut reached = vec![false; function.blocks.len()];
    let mut todo = vec![BlockId(0)];
    while let Some(at) = todo.pop() {
        let (Some(seen), Some(block)) = (reached.get_mut(at.index()), function.blocks.get(at.index())) else {
            continue;
        };
        if !*seen {
            *seen = true;
            todo.extend(block.end.successors());
        }
    }
    let mut moved = Vec::with_capacity(reached.len());
    let mut next = 0;
    for &kept in &reached {
        moved.push(BlockId(next));
        next += u32::from(kept);
    }
    let mut at = 0;
    function.blocks.retain(|_| {
        at += 1;
        reached.get(at - 1).copied().unwrap_or(false)
    });
    let to = |id: BlockId| moved.get(id.index()).copied().unwrap_or(id);
    for block in &mut function.blocks {
        block.end = match block.end {
            Terminator::Goto(next) => Terminator::Goto(to(next)),
            Terminator::Branch(cond, then, otherwise) => Terminator::Branch(cond, to(then), to(otherwise)),
            Terminator::ForEach { iter, item, body, exit } => {
                Terminator::ForEach { iter, item, body: to(body), exit: to(exit) }
            }
            end => end,
        };
    }
}
