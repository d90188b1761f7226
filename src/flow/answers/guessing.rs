//! Which counter is meant where none has the approved name?

use std::rc::Rc;

use crate::flow::rounds::roots::Handled;
use crate::flow::run::machine::Machine;

impl Machine<'_> {
    /// Without an approved counter: those that say that they are it, by variable, key or name, count for it.
    pub(crate) fn guess_misnamed(&mut self) -> bool {
        if self.metrics.counting() {
            return false;
        }
        let approved = self.options.approved.clone();
        let statuses: Vec<String> = self.demands.iter().map(|demand| demand.status.to_string()).collect();
        let mut changed = false;
        for info in self.metrics.iter_mut().filter(|info| info.kind == "counter") {
            let says = |wanted: &String| {
                info.kept_as.iter().any(|known| known.as_str() == wanted)
                    || info.names.iter().any(|known| known.as_str().contains(wanted.as_str()))
            };
            let mut words =
                info.names.iter().flat_map(|known| known.as_str().split(|c: char| !c.is_ascii_alphanumeric()));
            let numbered = words.any(|word| statuses.iter().any(|status| status == word));
            let meant = approved.iter().position(says).or((numbered && !approved.is_empty()).then_some(0));
            if let Some(at) = meant {
                info.counts = true;
                info.counter = u8::try_from(at).unwrap_or(u8::MAX);
                info.misnamed = approved.get(at).cloned();
                info.guessed = !approved.iter().any(says);
                changed = true;
            }
        }
        changed
    }

    /// A counter that has nothing but a number in its name is the one only if some 404 of the project's own is counted by
    /// it: others count the 404s of somebody else's server.
    pub(crate) fn withdraw_guesses(&mut self, handled: &mut [Handled]) {
        let counting = || self.metrics.iter().filter(|(_, info)| info.counts);
        if counting().next().is_none() || counting().any(|(_, info)| !info.guessed) {
            return;
        }
        let mut answers = handled.iter().flat_map(|one| &one.answers);
        let serves = answers.any(|answer| {
            let counted = answer.says_so || answer.status.is_some_and(|status| self.is_counted(status.into()));
            counted && !answer.left.is_empty() && !answer.carry.increments.is_empty()
        });
        if serves {
            return;
        }
        for info in self.metrics.iter_mut().filter(|info| info.guessed) {
            (info.counts, info.misnamed, info.guessed) = (false, None, false);
        }
        for answer in handled.iter_mut().flat_map(|one| &mut one.answers) {
            answer.carry.increments = Rc::default();
        }
    }
}
