//! Which states wait to be run at which block, and which of them are joined.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::program::{BlockId, Reg};

use super::graph::Graph;
use crate::flow::answers::tally::Tally;
use crate::flow::values::state::State;

/// Partitions per block; beyond, states are told apart by their count only.
const MAX_PARTITIONS: usize = 40;
/// Visits of one partition before what still grows is widened.
const MAX_VISITS: u32 = 6;

/// Joins the states of one partition, so that a straight run of calls with several ways out each does not multiply them.
pub(super) fn thinned(states: Vec<State>, telling: &[Reg]) -> Vec<State> {
    let mut kept: Vec<((Tally, u64), State)> = Vec::new();
    for state in states {
        let mut partition = state.partition(telling);
        if kept.len() >= MAX_PARTITIONS && !kept.iter().any(|(known, _)| *known == partition) {
            partition = (partition.0, 0);
        }
        match kept.iter_mut().find(|(known, _)| *known == partition) {
            Some((_, known)) => {
                known.join(&state);
            }
            None => kept.push((partition, state)),
        }
    }
    kept.into_iter().map(|(_, state)| state).collect()
}

/// States waiting to be run, by order of block; joined by partition.
pub(super) struct Worklist {
    pub(super) graph: Rc<Graph>,
    waiting: BTreeSet<(u32, u32, (Tally, u64))>,
    incoming: BTreeMap<(u32, (Tally, u64)), (State, u32)>,
    partitions: BTreeMap<u32, u32>,
}

impl Worklist {
    pub(super) fn new(graph: Rc<Graph>) -> Self {
        Worklist { graph, waiting: BTreeSet::new(), incoming: BTreeMap::new(), partitions: BTreeMap::new() }
    }

    /// Brings a state to a block.
    pub(super) fn push(&mut self, to: BlockId, mut state: State) {
        let at = to.index();
        let Some(live) = self.graph.live.get(at) else { return };
        state.regs.retain(|reg| live.binary_search(&reg).is_ok());
        let mut partition = state.partition(&self.graph.deciding[at]);
        let fresh = !self.incoming.contains_key(&(to.0, partition));
        let known = self.partitions.entry(to.0).or_insert(0);
        if fresh {
            if *known as usize >= MAX_PARTITIONS {
                partition = (partition.0, 0);
            } else {
                *known += 1;
            }
        }
        let key = (to.0, partition);
        let changed = match self.incoming.get_mut(&key) {
            None => {
                self.incoming.insert(key, (state, 0));
                true
            }
            Some((old, visits)) => {
                let older = (*visits > MAX_VISITS).then(|| old.clone());
                let changed = old.join(&state);
                if changed && let Some(older) = older {
                    old.widen(&older);
                }
                changed && *visits < MAX_VISITS * 4
            }
        };
        if changed {
            self.waiting.insert((self.graph.order[at], to.0, partition));
        }
    }

    pub(super) fn pop(&mut self) -> Option<(BlockId, State)> {
        let (_, block, partition) = self.waiting.pop_first()?;
        let (state, visits) = self.incoming.get_mut(&(block, partition))?;
        *visits += 1;
        Some((BlockId(block), state.clone()))
    }
}
