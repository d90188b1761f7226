//! Which calls have to go for a finding to go?

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::effects::{Effects, Names, Origins};
use super::entries;
use super::erase::Erasing;
use super::planner::chained;
use super::prepare::Side;
use super::quiet::{Quiet, callees};
use super::sound::{Soundness, soundness};
use super::take_out::Calls;
use super::uses::{may_read_back, read_back};
use crate::finding::{Channel, Finding};
use crate::flow::{Analysis, MetricId};
use crate::program::{Call, Callee, FuncId, Function, Op, OpKind, Program, Reg};
use crate::source::{FileId, Location};

/// The rule about labels whose metric is harmless.
pub(super) const UNBOUNDED: &str = "unbounded-label-value";

/// A way to mend a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Choice {
    /// What it does, in the imperative.
    pub(super) title: String,
    /// The calls that go.
    pub(super) calls: Calls,
    /// Why it is never safe.
    pub(super) caveat: Option<String>,
    /// The metric that goes as a whole.
    pub(super) metric: Option<MetricId>,
}

/// Chooses what goes, for the findings of one project.
pub(super) struct Chooser<'a> {
    analysis: &'a Analysis,
    effects: &'a dyn Effects,
    names: Names<'a>,
    quiet: Quiet<'a>,
    readers: OnceCell<Vec<FuncId>>,
}

impl<'a> Chooser<'a> {
    pub(super) fn new(program: &'a Program, analysis: &'a Analysis, effects: &'a dyn Effects) -> Self {
        Self { analysis, effects, names: Names::new(program), quiet: Quiet::new(effects), readers: OnceCell::new() }
    }

    /// The ways to mend a finding, the best first.
    pub(super) fn choices(&self, finding: &Finding) -> Vec<Choice> {
        let id = self.metric(finding);
        let whole = || id.map(|id| self.whole(id));
        match finding.rule {
            "double-counted-404" => {
                vec![Choice { title: "count it once".to_owned(), ..self.recording(finding, id) }]
            }
            "sensitive-metric-name" | "sensitive-label-name" => whole().into_iter().collect(),
            UNBOUNDED => {
                let harmless = |choice: Choice| {
                    let caveat = choice.caveat.or_else(|| Some("only a label of the metric has no bound".to_owned()));
                    Choice { caveat, ..choice }
                };
                whole().into_iter().chain([self.recording(finding, id)]).map(harmless).collect()
            }
            _ => whole().into_iter().chain([self.recording(finding, id)]).collect(),
        }
    }

    /// The metric that a finding is about.
    pub(super) fn metric(&self, finding: &Finding) -> Option<MetricId> {
        metric_of(self.analysis, finding)
    }

    /// The recording at a place, with the call that chose its labels.
    pub(super) fn at(&self, place: Location) -> Calls {
        chain(self.analysis, place)
    }

    /// Where the values of a body come from.
    pub(super) fn origins(&self, function: &'a Function) -> Origins<'_> {
        Origins::new(&self.names, function)
    }

    /// The call chooses label values.
    pub(super) fn binds(&self, function: &Function, call: &Call) -> bool {
        Origins::new(&self.names, function).claims(call.callee, self.effects).binds
    }

    /// The metric with all its recordings.
    pub(super) fn whole(&self, id: MetricId) -> Choice {
        let mut choice = whole(self.names.program, self.analysis, id);
        self.begin(&mut choice);
        self.follow(&mut choice);
        self.look(&mut choice, id);
        self.watch(&mut choice, Some(id), true);
        choice
    }

    /// Only the recording, with the call that chose its labels.
    fn recording(&self, finding: &Finding, id: Option<MetricId>) -> Choice {
        let mut choice = Choice {
            title: "strip the recording".to_owned(),
            calls: chain(self.analysis, finding.at),
            caveat: (finding.channel == Some(Channel::GroupingKey)).then(|| "nothing is pushed any more".to_owned()),
            metric: None,
        };
        self.follow(&mut choice);
        if let Some(id) = id {
            self.look(&mut choice, id);
        }
        self.watch(&mut choice, id, false);
        choice
    }

    /// Which of the calls can't fail, and whether one always does.
    fn look(&self, choice: &mut Choice, id: MetricId) {
        let Some(metric) = self.analysis.metrics.get(id.0 as usize) else { return };
        let mut sound = Vec::new();
        self.each_call(&choice.calls, &mut |function, origins, op, call| match soundness(
            origins,
            self.effects,
            call,
            metric,
        ) {
            Soundness::Sound => sound.push(Location::new(function.file, op.span)),
            Soundness::Unknown => {}
            Soundness::Broken => {
                let text = "a recording fails as it stands: its labels are not those of the metric".to_owned();
                choice.caveat.get_or_insert(text);
            }
        });
        choice.calls.sound.extend(sound);
    }

    /// A recording can't go alone where the number is read; nor can the metric where that is done by its name.
    fn watch(&self, choice: &mut Choice, id: Option<MetricId>, gone: bool) {
        let whole = id.map_or_else(Calls::default, |id| whole(self.names.program, self.analysis, id).calls);
        let metric = id.and_then(|id| self.analysis.metrics.get(id.0 as usize));
        let known = metric.map_or_else(Vec::new, |metric| metric.names.clone());
        let side = Side { program: self.names.program, files: &[], calls: &whole, touched: &[] };
        let kept = Erasing::new(side, self.effects).kept();
        let holders = kept.regs.iter().map(|(id, _)| *id);
        let near: BTreeSet<FuncId> = self.readers().iter().copied().chain(holders).collect();
        for id in near {
            let function = self.names.program.function(id);
            let held = |reg: Reg| !gone && kept.regs.contains(&(id, reg));
            let own = |op: &Op| whole.all.contains(&Location::new(function.file, op.span));
            if read_back(&self.names, self.effects, &known, function, (&held, &own)) {
                choice.caveat.get_or_insert(format!("`{}` may read what was recorded", function.path));
            }
        }
    }

    /// The functions that read back what some metric holds.
    fn readers(&self) -> &[FuncId] {
        self.readers.get_or_init(|| {
            let functions = self.names.program.functions.iter().enumerate();
            let reading = functions.filter(|(_, function)| may_read_back(&self.names, self.effects, function));
            reading.map(|(at, _)| FuncId(at as u32)).collect()
        })
    }

    fn each_call(&self, calls: &Calls, visit: &mut dyn FnMut(&Function, &Origins<'_>, &Op, &Call)) {
        let files: BTreeSet<FileId> = calls.all.iter().map(|call| call.file).collect();
        for function in self.names.program.functions.iter().filter(|function| files.contains(&function.file)) {
            let mut origins = None;
            for op in function.blocks.iter().flat_map(|block| &block.ops) {
                let OpKind::Call(call) = &op.kind else { continue };
                if calls.all.contains(&Location::new(function.file, op.span)) {
                    let origins = origins.get_or_insert_with(|| Origins::new(&self.names, function));
                    visit(function, origins, op, call);
                }
            }
        }
    }

    /// The calls that a builder's last one goes back to: `meter.u64_counter("c")` of `….with_description("d")`.
    fn begin(&self, choice: &mut Choice) {
        let mut more = Vec::new();
        self.each_call(&choice.calls, &mut |function, origins, _, call| {
            let mut at = call.callee;
            while let Callee::Method(receiver, _) = at
                && let Some(Op { kind: OpKind::Call(inner), span, .. }) = origins.writer(receiver)
                && let claims = origins.claims(inner.callee, self.effects)
                && claims.measures
                && !claims.binds
            {
                more.push(Location::new(function.file, *span));
                at = inner.callee;
            }
        });
        choice.calls.all.extend(more);
    }

    /// A helper that does more must run on; one that nobody else calls goes as well.
    fn follow(&self, choice: &mut Choice) {
        let mut more = Vec::new();
        let mut caveat = None;
        self.each_call(&choice.calls, &mut |_, origins, _, call| match self.quiet.noisy(
            &self.names,
            origins,
            call.callee,
        ) {
            Some(noisy) => {
                let helper = self.names.program.functions.get(noisy.index());
                let name = helper.map_or("", |helper| helper.path.rsplit('.').next().unwrap_or_default());
                caveat.get_or_insert(format!("`{name}` does more than serve the metric"));
            }
            None => more.extend(self.inner(origins, call, &choice.calls)),
        });
        choice.calls.all.extend(more);
        choice.caveat = choice.caveat.take().or(caveat);
    }

    /// The metrics that a helper makes for these calls only.
    fn inner(&self, origins: &Origins<'_>, call: &Call, calls: &Calls) -> Vec<Location> {
        let mut found = Vec::new();
        for id in callees(&self.names, origins, call.callee) {
            let Some(helper) = self.names.program.functions.get(id.index()) else { continue };
            if !self.is_called_elsewhere(id, helper, calls) {
                let origins = Origins::new(&self.names, helper);
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
            || self.names.near(helper.name).any(|near| {
                let function = self.names.program.function(near);
                let origins = Origins::new(&self.names, function);
                function.blocks.iter().flat_map(|block| &block.ops).any(|op| {
                    let OpKind::Call(call) = &op.kind else { return false };
                    !calls.all.contains(&Location::new(function.file, op.span))
                        && callees(&self.names, &origins, call.callee).contains(&id)
                })
            })
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
    Choice { title, calls, caveat: None, metric: Some(id) }
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
