//! `--fix`: audit, mend, audit again, until nothing is left to mend.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::apply::{ROUNDS, apply};
use super::plan::{Setup, plan, plan_some};
use crate::engine::{self, Audit, Layout, Options};
use crate::finding::{Applicability, Fix};
use crate::knowledge::Knowledge;
use crate::source::{FileId, Sources};

/// Which fixes are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wishes {
    /// Also those that are not proved.
    pub unsafe_too: bool,
    /// Insert increments and the counter itself.
    pub add_counter: bool,
}

/// What mending came to. The new texts are in the sources.
#[derive(Debug, Default)]
pub struct Mended {
    /// The audit of the new texts.
    pub audit: Audit,
    /// The old texts of the files that changed.
    pub before: BTreeMap<FileId, Arc<str>>,
    /// The fixes that were applied, in order.
    pub applied: Vec<Fix>,
    /// The rule of a fix that was still to be applied after the last round.
    pub unsettled: Option<&'static str>,
}

/// Audits and mends in rounds.
#[must_use]
pub fn mend(
    sources: &mut Sources,
    layout: &Layout,
    knowledge: &Knowledge,
    options: &Options,
    wishes: Wishes,
) -> Mended {
    let mut mended = Mended::default();
    let mut next: Option<Audit> = None;
    for round in 0..=ROUNDS {
        let mut audit = next.take().unwrap_or_else(|| engine::audit(sources, layout, knowledge, options));
        let setup = Setup { sources, layout, knowledge, options, add_counter: wishes.add_counter, alternatives: false };
        let tried = plan_some(&setup, &mut audit, !wishes.unsafe_too);
        let chosen: Vec<(&'static str, &Fix)> = audit
            .findings
            .iter()
            .filter(|finding| finding.allowed.is_none())
            .filter_map(|finding| Some((finding.rule, finding.fix.as_ref()?)))
            .filter(|(_, fix)| wishes.unsafe_too || fix.applicability == Applicability::Safe)
            .collect();
        let fixes: Vec<&Fix> = chosen.iter().map(|(_, fix)| *fix).collect();
        let step = apply(&|file| sources.get(file).and_then(|file| file.text.as_deref()), &fixes);
        if step.texts.is_empty() || round == ROUNDS {
            mended.unsettled = if step.texts.is_empty() { None } else { chosen.first().map(|(rule, _)| *rule) };
            if !wishes.unsafe_too {
                // What is left is mended at the reader's risk, and said to be so.
                plan(&setup, &mut audit);
            }
            mended.audit = audit;
            return mended;
        }
        for &at in &step.applied {
            let twin =
                step.applied.iter().take_while(|&&other| other != at).any(|&other| {
                    fixes.get(other).zip(fixes.get(at)).is_some_and(|(one, same)| one.edits == same.edits)
                });
            if !twin {
                mended.applied.extend(fixes.get(at).map(|fix| (*fix).clone()));
            }
        }
        let same = tried.filter(|tried| tried.texts == step.texts);
        for (file, text) in step.texts {
            let Some(slot) = sources.files.get_mut(file.index()) else { continue };
            let old = slot.text.replace(Arc::from(text.as_str()));
            mended.before.entry(file).or_insert_with(|| old.unwrap_or_else(|| Arc::from("")));
        }
        if let Some(tried) = same {
            // These very texts were audited when the fixes were tried.
            *sources = tried.sources;
            next = Some(tried.audit);
        }
    }
    mended
}
