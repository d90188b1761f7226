//! Which names a path has registered, and whether a second creation of one is a duplicate: helpers that make a metric only where there is none yet make one.

use crate::program::{CompareOp, FuncId, Name, OpKind, name};

use super::table::RegistryOf;
use crate::flow::run::machine::Machine;
use crate::flow::values::state::Carry;
use crate::flow::values::value::{MetricRef, Value};

impl Machine<'_> {
    /// Marks this path as having registered a metric; a second one of the name in the registry is a duplicate, unless
    /// the code is ready for it to fail.
    pub(crate) fn note_duplicate(&mut self, carry: &mut Carry, id: MetricRef) {
        let info = self.metrics.get(id);
        if info.shared || info.names.len() != 1 {
            return;
        }
        let Some(own) = info.names.first().filter(|own| !own.as_str().contains('{')) else { return };
        let own = name(own.as_str().strip_suffix("_total").unwrap_or(own.as_str()));
        let at = info.at;
        let guarded = self.frames.iter().any(|frame| frame.guarded);
        for registry in info.registries.clone() {
            if registry == RegistryOf::Unknown {
                continue;
            }
            match carry.created.get(&(registry, own)).copied() {
                Some(earlier) if self.metrics.get(earlier).at != at => {
                    if !guarded && !self.looked_first(earlier, id) {
                        self.log.duplicates.insert((id, earlier));
                    }
                }
                Some(_) => {}
                None => {
                    std::rc::Rc::make_mut(&mut carry.created).insert((registry, own), id);
                }
            }
        }
    }

    /// Everything that an imported module (or a static) registered is registered on this path as well.
    pub(crate) fn merge_created(
        &mut self,
        into: &mut std::collections::BTreeMap<(RegistryOf, Name), MetricRef>,
        from: &std::collections::BTreeMap<(RegistryOf, Name), MetricRef>,
    ) {
        for (key, later) in from {
            match into.get(key).copied() {
                Some(earlier) => {
                    let (first, second) = (self.metrics.get(earlier), self.metrics.get(*later));
                    if first.at != second.at {
                        self.log.duplicates.insert((*later, earlier));
                    }
                }
                None => {
                    into.insert(*key, *later);
                }
            }
        }
    }

    /// `registry.unregister(metric)`: the name is free again.
    pub(crate) fn unregister(&mut self, carry: &mut Carry, metric: &Value) {
        let metrics: Vec<MetricRef> = metric.metrics().collect();
        if carry.created.values().any(|known| metrics.contains(known)) {
            std::rc::Rc::make_mut(&mut carry.created).retain(|_, known| !metrics.contains(known));
        }
    }

    /// Whether both were made by one helper that makes a metric only where there is none yet: it looks before, or a
    /// decorator remembers what it returned.
    pub(crate) fn looked_first(&self, earlier: MetricRef, later: MetricRef) -> bool {
        let (earlier, later) = (self.metrics.get(earlier), self.metrics.get(later));
        if earlier.made_at != later.made_at {
            return false;
        }
        let below = self.frames.iter().rev().map(|frame| frame.function).take_while(|id| *id != later.function);
        below.into_iter().any(|function| self.cached.contains(&function) || self.looks_before(function))
    }

    /// Whether a function asks if something is in a container, or is none.
    fn looks_before(&self, function: FuncId) -> bool {
        let blocks = &self.program.function(function).blocks;
        blocks.iter().flat_map(|block| &block.ops).any(|op| match &op.kind {
            OpKind::Compare(operator, ..) => {
                matches!(operator, CompareOp::In | CompareOp::NotIn | CompareOp::Is | CompareOp::IsNot)
            }
            OpKind::Unary(crate::program::UnaryOp::Not, _) => true,
            _ => false,
        })
    }
}
