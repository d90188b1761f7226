//! The registers of a state: few, small, and copied often.

use crate::program::Reg;

use super::value::Value;

/// Values by register, sorted: a copy is one allocation, and joining two walks both once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Regs(Vec<(Reg, Value)>);

impl Regs {
    pub(crate) fn get(&self, reg: Reg) -> Option<&Value> {
        self.position(reg).ok().map(|at| &self.0[at].1)
    }

    pub(crate) fn contains(&self, reg: Reg) -> bool {
        self.position(reg).is_ok()
    }

    pub(crate) fn insert(&mut self, reg: Reg, value: Value) {
        match self.position(reg) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (reg, value)),
        }
    }

    pub(crate) fn remove(&mut self, reg: Reg) {
        if let Ok(at) = self.position(reg) {
            self.0.remove(at);
        }
    }

    pub(crate) fn retain(&mut self, keep: impl Fn(Reg) -> bool) {
        self.0.retain(|(reg, _)| keep(*reg));
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Reg, &Value)> {
        self.0.iter().map(|(reg, value)| (*reg, value))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (Reg, &mut Value)> {
        self.0.iter_mut().map(|(reg, value)| (*reg, value))
    }

    /// Joins the values of another state. Whether anything changed.
    pub(crate) fn join(&mut self, other: &Regs) -> bool {
        let mut changed = false;
        for (reg, theirs) in other.iter() {
            match self.position(reg) {
                Ok(at) => {
                    let ours = &mut self.0[at].1;
                    if ours != theirs {
                        let joined = ours.join(theirs);
                        changed |= joined != *ours;
                        *ours = joined;
                    }
                }
                Err(at) => {
                    self.0.insert(at, (reg, theirs.clone()));
                    changed = true;
                }
            }
        }
        changed
    }

    fn position(&self, reg: Reg) -> Result<usize, usize> {
        self.0.binary_search_by_key(&reg, |(known, _)| *known)
    }
}
