//! Which registers do operations and terminators read, and how are they renamed?

use super::{Arg, ArgKind, Callee, Item, OpKind, Part, Piece, Reg, Terminator, Test};

/// Calls `visit` with every register that the operation reads, in the order in which they are written down.
pub fn visit_reads(kind: &mut OpKind, visit: &mut dyn FnMut(&mut Reg)) {
    match kind {
        OpKind::Const(_)
        | OpKind::LoadGlobal(_)
        | OpKind::DeleteGlobal(_)
        | OpKind::Path(_)
        | OpKind::LoadCell(..)
        | OpKind::Import { .. }
        | OpKind::ImportFrom(..)
        | OpKind::ImportStar(_)
        | OpKind::Caught => {}
        OpKind::Copy(reg)
        | OpKind::Unbind(reg)
        | OpKind::StoreGlobal(_, reg)
        | OpKind::StoreCell(_, _, reg)
        | OpKind::Unary(_, reg)
        | OpKind::Attr(reg, _)
        | OpKind::DeleteAttr(reg, _)
        | OpKind::Slice(reg)
        | OpKind::ClassField(_, reg)
        | OpKind::Await(reg)
        | OpKind::YieldFrom(reg)
        | OpKind::Iter(reg)
        | OpKind::Enter(reg)
        | OpKind::Exit { context: reg, .. }
        | OpKind::IsOk(reg)
        | OpKind::Unwrap(reg)
        | OpKind::Residual(reg) => visit(reg),
        OpKind::Binary { left, right, .. } => both(left, right, visit),
        OpKind::Compare(_, left, right)
        | OpKind::SetAttr(left, _, right)
        | OpKind::Index(left, right)
        | OpKind::DeleteIndex(left, right)
        | OpKind::StoreDeref(left, right)
        | OpKind::CaughtMatches(left, right) => both(left, right, visit),
        OpKind::SetIndex(object, index, value) => {
            both(object, index, visit);
            visit(value);
        }
        OpKind::Yield(value) => value.iter_mut().for_each(visit),
        OpKind::Test(value, test) => {
            visit(value);
            if let Test::Instance(reg) | Test::HasKey(reg) | Test::Equals(reg) = test {
                visit(reg);
            }
        }
        OpKind::Extract(value, part) => {
            visit(value);
            if let Part::Key(reg) = part {
                visit(reg);
            }
        }
        compound => visit_lists(compound, visit),
    }
}

fn both(left: &mut Reg, right: &mut Reg, visit: &mut dyn FnMut(&mut Reg)) {
    visit(left);
    visit(right);
}

fn visit_lists(kind: &mut OpKind, visit: &mut dyn FnMut(&mut Reg)) {
    match kind {
        OpKind::Format(pieces) => pieces.iter_mut().for_each(|piece| {
            if let Piece::Value { reg, .. } = piece {
                visit(reg);
            }
        }),
        OpKind::Call(call) => {
            match &mut call.callee {
                Callee::Value(reg) | Callee::Method(reg, _) => visit(reg),
            }
            call.args.iter_mut().for_each(|arg| visit_argument(arg, visit));
        }
        OpKind::Collection(_, items) => items.iter_mut().for_each(|item| visit_item(item, visit)),
        OpKind::Construct { fields, base, .. } => {
            fields.iter_mut().for_each(|(_, reg)| visit(reg));
            base.iter_mut().for_each(visit);
        }
        OpKind::Closure { defaults, .. } => defaults.iter_mut().for_each(|(_, reg)| visit(reg)),
        OpKind::Class { bases, keywords, .. } => {
            bases.iter_mut().for_each(&mut *visit);
            keywords.iter_mut().for_each(|(_, reg)| visit(reg));
        }
        _ => {}
    }
}

fn visit_argument(arg: &mut Arg, visit: &mut dyn FnMut(&mut Reg)) {
    if let ArgKind::Pair(key) = &mut arg.kind {
        visit(key);
    }
    visit(&mut arg.reg);
}

fn visit_item(item: &mut Item, visit: &mut dyn FnMut(&mut Reg)) {
    match item {
        Item::Value(reg) | Item::Spread(reg) | Item::Repeat(reg) => visit(reg),
        Item::Entry(key, value) => both(key, value, visit),
    }
}

/// The registers that the operation reads.
#[must_use]
pub fn reads(kind: &OpKind) -> Vec<Reg> {
    let mut found = Vec::new();
    visit_reads(&mut kind.clone(), &mut |reg| found.push(*reg));
    found
}

/// Calls `visit` with every register that the terminator reads, and with the one that it writes.
pub fn visit_end(end: &mut Terminator, visit: &mut dyn FnMut(&mut Reg)) {
    match end {
        Terminator::Branch(reg, ..) | Terminator::Return(reg) | Terminator::Raise(Some(reg)) => visit(reg),
        Terminator::ForEach { iter, item, .. } => both(iter, item, visit),
        Terminator::Goto(_) | Terminator::Raise(None) | Terminator::Unreachable => {}
    }
}

/// The register that the terminator reads.
#[must_use]
pub fn end_reads(end: &Terminator) -> Option<Reg> {
    match *end {
        Terminator::Branch(reg, ..) | Terminator::Return(reg) | Terminator::Raise(Some(reg)) => Some(reg),
        Terminator::ForEach { iter, .. } => Some(iter),
        Terminator::Goto(_) | Terminator::Raise(None) | Terminator::Unreachable => None,
    }
}
