//! A text of a file's program in which only meaning counts: two programs with the same text do the same.
//!
//! Registers and blocks are numbered in order of appearance, places are forgotten, and functions stand where they are
//! made (Rust's, which nothing makes, are sorted by their paths).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::simplify::{end_may_raise, may_raise, reachable};
use crate::program::{
    Block, BlockId, Class, ClassId, FuncId, Function, Name, Op, OpKind, Program, Reg, Terminator, visit_end,
    visit_reads,
};
use crate::source::{FileId, Location, Span};

/// How deep functions may be nested in one another.
const DEPTH: usize = 100;

/// The part of a program that is compared, after erasure.
pub(super) struct Prepared<'a> {
    /// Everything as it was.
    pub(super) program: &'a Program,
    /// The bodies after erasure, of the files that are compared.
    pub(super) bodies: BTreeMap<FuncId, Function>,
    /// Bodies that hold nothing but erased operations and are made by nobody.
    pub(super) gone: Vec<FuncId>,
    /// Fields that held erased values, by the path of their class.
    pub(super) fields: BTreeSet<(Name, Name)>,
    /// The erased calls.
    pub(super) calls: &'a BTreeSet<Location>,
}

impl Prepared<'_> {
    /// An attribute or decorator that is itself an erased call.
    fn is_erased(&self, file: FileId, span: Span) -> bool {
        self.calls.iter().any(|call| call.file == file && span.contains(call.span))
    }

    /// One text per body of code that no other body makes, and one per class that no body makes, by a key that is the
    /// same before and after.
    pub(super) fn texts(&self, file: FileId) -> BTreeMap<String, String> {
        let made = self.made();
        let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (&id, body) in &self.bodies {
            if body.file != file || made.functions.contains(&id) || self.gone.contains(&id) {
                continue;
            }
            let mut out = String::new();
            self.body(id, 0, &mut out);
            texts.entry(format!("{} ({:?})", body.path, body.kind)).or_default().push(out);
        }
        for (at, class) in self.program.classes.iter().enumerate() {
            let id = ClassId(at as u32);
            if class.file == file && !made.classes.contains(&id) {
                let mut out = String::new();
                self.class(class, 0, &mut out);
                texts.entry(format!("{} (class)", class.path)).or_default().push(out);
            }
        }
        texts.into_iter().map(|(key, list)| (key, list.join("\n"))).collect()
    }

    /// The text of each body, without those that it makes, by path.
    pub(super) fn bodies_alone(&self, file: FileId) -> BTreeMap<String, String> {
        let mut texts: BTreeMap<String, String> = BTreeMap::new();
        for (&id, body) in self.bodies.iter().filter(|(id, body)| body.file == file && !self.gone.contains(id)) {
            self.body(id, DEPTH - 1, texts.entry(body.path.to_string()).or_default());
        }
        texts
    }

    fn made(&self) -> Made {
        let mut made = Made { functions: Vec::new(), classes: Vec::new() };
        for op in self.bodies.values().flat_map(|body| &body.blocks).flat_map(|block| &block.ops) {
            match op.kind {
                OpKind::Closure { function, .. } => made.functions.push(function),
                OpKind::Class { class, .. } => {
                    made.classes.push(class);
                    made.functions.extend(self.program.classes.get(class.index()).and_then(|class| class.body));
                }
                _ => {}
            }
        }
        made
    }

    fn body(&self, id: FuncId, depth: usize, out: &mut String) {
        match self.bodies.get(&id) {
            Some(body) if depth < DEPTH => Printer::new(self, body, depth, out).run(),
            _ => out.push_str("?\n"),
        }
    }

    fn class(&self, class: &Class, depth: usize, out: &mut String) {
        let _ = writeln!(out, "class {} {:?}", class.name, class.kind);
        for base in &class.bases {
            let _ = writeln!(out, " base {base}");
        }
        for field in &class.fields {
            if !self.fields.contains(&(class.path, field.name)) {
                let _ = writeln!(out, " field {} {:?}", field.name, field.ty);
            }
        }
        for variant in &class.variants {
            let fields: Vec<_> = variant.fields.iter().map(|field| (field.name, &field.ty)).collect();
            let _ = writeln!(out, " variant {} {fields:?}", variant.name);
        }
        for attribute in &class.attributes {
            let args: Vec<_> = attribute.args.iter().map(|arg| (arg.key, arg.value)).collect();
            let _ = writeln!(out, " attribute {} {args:?}", attribute.path);
        }
        if let Some(body) = class.body {
            self.body(body, depth + 1, out);
        }
    }
}

struct Made {
    functions: Vec<FuncId>,
    classes: Vec<ClassId>,
}

/// Prints one body.
struct Printer<'a> {
    prepared: &'a Prepared<'a>,
    body: &'a Function,
    depth: usize,
    out: &'a mut String,
    regs: BTreeMap<Reg, u32>,
    blocks: BTreeMap<BlockId, usize>,
    queue: Vec<BlockId>,
    inlined: Vec<bool>,
}

impl<'a> Printer<'a> {
    fn new(prepared: &'a Prepared<'a>, body: &'a Function, depth: usize, out: &'a mut String) -> Self {
        Self {
            prepared,
            body,
            depth,
            out,
            regs: BTreeMap::new(),
            blocks: BTreeMap::new(),
            queue: Vec::new(),
            inlined: single_entries(body),
        }
    }

    fn run(mut self) {
        self.head();
        self.block_number(BlockId(0));
        let mut at = 0;
        while let Some(&start) = self.queue.get(at) {
            let _ = writeln!(self.out, "block {at}");
            self.chain(start);
            at += 1;
        }
        self.out.push_str("end\n");
    }

    fn head(&mut self) {
        let body = self.body;
        let _ = writeln!(
            self.out,
            "{:?} {} async={} generator={} public={} test={} returns={:?}",
            body.kind, body.name, body.is_async, body.is_generator, body.is_public, body.is_test, body.returns
        );
        for attribute in &body.attributes {
            if !self.prepared.is_erased(body.file, attribute.span) {
                let args: Vec<_> = attribute.args.iter().map(|arg| (arg.key, arg.value)).collect();
                let _ = writeln!(self.out, "@{} {args:?}", attribute.path);
            }
        }
        for param in &body.params {
            let reg = self.reg(param.reg);
            let _ = writeln!(
                self.out,
                "param {} {reg:?} {:?} {:?} default={} mut={}",
                param.name, param.kind, param.ty, param.has_default, param.is_mut_ref
            );
        }
    }

    fn reg(&mut self, reg: Reg) -> Reg {
        let next = self.regs.len() as u32;
        Reg(*self.regs.entry(reg).or_insert(next))
    }

    fn block_number(&mut self, id: BlockId) -> usize {
        if let Some(&known) = self.blocks.get(&id) {
            return known;
        }
        let number = self.queue.len();
        self.queue.push(id);
        self.blocks.insert(id, number);
        number
    }

    /// Prints a block and those behind it that nothing else leads to.
    fn chain(&mut self, start: BlockId) {
        let mut at = start;
        // A chain can't be longer than there are blocks; a ring of blocks that nothing else leads to is never printed.
        for _ in 0..=self.body.blocks.len() {
            let Some(block) = self.body.blocks.get(at.0 as usize) else { return };
            self.operations(block);
            match block.end {
                Terminator::Goto(next) if self.inlined.get(next.0 as usize) == Some(&true) => at = next,
                _ => return self.end(block),
            }
        }
    }

    fn operations(&mut self, block: &Block) {
        for op in &block.ops {
            let mut op = op.clone();
            forget_spans(&mut op);
            visit_reads(&mut op.kind, &mut |reg| *reg = self.reg(*reg));
            let made = match &mut op.kind {
                OpKind::Closure { function, .. } => Some(std::mem::replace(function, FuncId(0))),
                _ => None,
            };
            let class = match &mut op.kind {
                OpKind::Class { class, .. } => Some(std::mem::replace(class, ClassId(0))),
                _ => None,
            };
            let dst = op.dst.map(|dst| self.reg(dst));
            let handler = block.handler.filter(|_| may_raise(&op.kind)).map(|to| self.block_number(to));
            let _ = writeln!(self.out, "{dst:?} = {:?} or {handler:?}", op.kind);
            if let Some(made) = made {
                self.prepared.body(made, self.depth + 1, self.out);
            }
            if let Some(class) = class.and_then(|id| self.prepared.program.classes.get(id.index())) {
                self.prepared.class(class, self.depth, self.out);
            }
        }
    }

    fn end(&mut self, block: &Block) {
        let mut end = block.end;
        visit_end(&mut end, &mut |reg| *reg = self.reg(*reg));
        let handler = block.handler.filter(|_| end_may_raise(&end)).map(|to| self.block_number(to));
        let to: Vec<usize> = block.end.successors().into_iter().map(|to| self.block_number(to)).collect();
        let end = match end {
            Terminator::Goto(_) => "goto".to_owned(),
            Terminator::Branch(cond, ..) => format!("branch {cond:?}"),
            Terminator::ForEach { iter, item, .. } => format!("each {item:?} in {iter:?}"),
            other => format!("{other:?}"),
        };
        let _ = writeln!(self.out, "{end} {to:?} or {handler:?}");
    }
}

/// Blocks that exactly one other block leads to, by a plain goto.
fn single_entries(body: &Function) -> Vec<bool> {
    let mut gotos = vec![0_u32; body.blocks.len()];
    let mut others = gotos.clone();
    let seen = reachable(body);
    let count = |list: &mut Vec<u32>, id: BlockId| {
        if let Some(slot) = list.get_mut(id.0 as usize) {
            *slot += 1;
        }
    };
    count(&mut others, BlockId(0));
    for (block, _) in body.blocks.iter().zip(&seen).filter(|(_, seen)| **seen) {
        match block.end {
            Terminator::Goto(to) => count(&mut gotos, to),
            end => end.successors().into_iter().for_each(|to| count(&mut others, to)),
        }
        block.handler.into_iter().for_each(|to| count(&mut others, to));
    }
    gotos.iter().zip(&others).map(|(&gotos, &others)| gotos == 1 && others == 0).collect()
}

/// Forgets where the operation stood.
fn forget_spans(op: &mut Op) {
    op.span = Span::default();
    if let OpKind::Call(call) = &mut op.kind {
        call.args.iter_mut().for_each(|arg| arg.span = Span::default());
    }
}
