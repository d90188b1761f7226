//! Which calls have to go for a finding to go?

use super::effects::{Effects, Names, Origins};
use super::entries;
use super::plan::chained;
use super::quiet::{Quiet, callees};
use super::take_out::Calls;
use crate::finding::{Channel, Finding};
use crate::flow::{Analysis, MetricId};
use crate::program::{Call, FuncId, Function, OpKind, Program};
use crate::source::Location;

/// A way to mend a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Choice {
    /// What it does, in the imperative.
    pub(super) title: String,
    /// The calls that go.
    pub(super) calls: Calls,
    /// Why it is never safe.
    pub(super) caveat: Option<String>,
}

/// The ways to mend a finding, the best first.
pub(super) fn choices(program: &Program, effects: &dyn Effects, analysis: &Analysis, finding: &Finding) -> Vec<Choice> {
    let names = Names::new(program);
    let helpers = Helpers { names: &names, effects, quiet: Quiet::new(effects) };
    let mut found = bare(program, analysis, finding);
    for choice in &mut found {
        helpers.follow(choice);
    }
    found
}

fn bare(program: &Program, analysis: &Analysis, finding: &Finding) -> Vec<Choice> {
    let chain = || Choice {
        title: "strip the recording".to_owned(),
        calls: chain(analysis, finding.at),
        caveat: (finding.channel == Some(Channel::GroupingKey)).then(|| "nothing is pushed any more".to_owned()),
    };
    match finding.rule {
        "double-counted-404" => vec![Choice { title: "count it once".to_owned(), ..chain() }],
        "sensitive-metric-name" | "sensitive-label-name" => {
            metric_of(analysis, finding).map(|id| whole(program, analysis, id)).into_iter().collect()
        }
        "sensitive-label-value" | "sensitive-observation" => {
            let whole = metric_of(analysis, finding).map(|id| whole(program, analysis, id));
            whole.into_iter().chain([chain()]).collect()
        }
        _ => Vec::new(),
    }
}

/// The metric that a finding is about.
fn metric_of(analysis: &Analysis, finding: &Finding) -> Option<MetricId> {
    let exposed = analysis
        .exposures
        .iter()
        .find(|exposure| exposure.at == finding.at && Some(exposure.channel) == finding.channel)
        .and_then(|exposure| exposure.metric);
    exposed.or_else(|| {
        let at = analysis.metrics.iter().position(|metric| metric.at == finding.at)?;
        u32::try_from(at).ok().map(MetricId)
    })
}

/// The metric with all its recordings.
fn whole(program: &Program, analysis: &Analysis, id: MetricId) -> Choice {
    let metric = analysis.metrics.get(id.0 as usize);
    let mut calls = Calls::default();
    calls.all.extend(metric.map(|metric| metric.at));
    for recording in analysis.recordings.iter().filter(|recording| recording.metrics == [id]) {
        calls.all.insert(recording.at);
        if !recording.binds_only {
            calls.records.insert(recording.at);
        }
    }
    for (at, binds_only) in entries::recordings(program, analysis, id) {
        calls.all.insert(at);
        if !binds_only {
            calls.records.insert(at);
        }
    }
    let title = metric.map_or("strip the metric".to_owned(), |metric| format!("strip the metric `{}`", metric.name));
    Choice { title, calls, caveat: None }
}

/// One recording with the call that chose its labels.
fn chain(analysis: &Analysis, at: Location) -> Calls {
    let mut calls = Calls::default();
    calls.all.insert(at);
    for recording in analysis.recordings.iter().filter(|recording| chained(recording.at, at)) {
        calls.all.insert(recording.at);
        if !recording.binds_only {
            calls.records.insert(recording.at);
        }
    }
    calls
}

/// The project's own functions that are called to make metrics or to record.
struct Helpers<'a> {
    names: &'a Names<'a>,
    effects: &'a dyn Effects,
    quiet: Quiet<'a>,
}

impl Helpers<'_> {
    /// A helper that does more must run on; one that nobody else calls goes as well.
    fn follow(&self, choice: &mut Choice) {
        let mut more = Vec::new();
        for function in &self.names.program.functions {
            let mut origins = None;
            for op in function.blocks.iter().flat_map(|block| &block.ops) {
                let OpKind::Call(call) = &op.kind else { continue };
                if !choice.calls.all.contains(&Location::new(function.file, op.span)) {
                    continue;
                }
                let origins = origins.get_or_insert_with(|| Origins::new(self.names, function));
                if let Some(noisy) = self.quiet.noisy(self.names, origins, call.callee) {
                    let name =
                        self.names.program.functions.get(noisy.index()).map_or("", |helper| helper.path.as_str());
                    let name = name.rsplit('.').next().unwrap_or_default();
                    choice.caveat.get_or_insert(format!("`{name}` does more than serve the metric"));
                } else {
                    more.extend(self.inner(origins, call, &choice.calls));
                }
            }
        }
        choice.calls.all.extend(more);
    }

    /// The metrics that a helper makes for these calls only.
    fn inner(&self, origins: &Origins<'_>, call: &Call, calls: &Calls) -> Vec<Location> {
        let mut found = Vec::new();
        for id in callees(self.names, origins, call.callee) {
            let Some(helper) = self.names.program.functions.get(id.index()) else { continue };
            if !self.is_called_elsewhere(id, helper, calls) {
                let origins = Origins::new(self.names, helper);
                let ops = helper.blocks.iter().flat_map(|block| &block.ops);
                let makes = ops.filter(
                    |op| matches!(&op.kind, OpKind::Call(inner) if origins.claims(inner.callee, self.effects).measures),
                );
                found.extend(makes.map(|op| Location::new(helper.file, op.span)));
            }
        }
        found
    }

    fn is_called_elsewhere(&self, id: FuncId, helper: &Function, calls: &Calls) -> bool {
        // Methods are found by name only.
        helper.owner.is_some()
            || self.names.program.functions.iter().any(|function| {
                let origins = Origins::new(self.names, function);
                function.blocks.iter().flat_map(|block| &block.ops).any(|op| {
                    let OpKind::Call(call) = &op.kind else { return false };
                    !calls.all.contains(&Location::new(function.file, op.span))
                        && callees(self.names, &origins, call.callee).contains(&id)
                })
            })
    }
}
