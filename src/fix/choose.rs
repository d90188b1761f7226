//! Which calls have to go for a finding to go?

use super::entries;
use super::plan::chained;
use super::take_out::Calls;
use crate::finding::{Channel, Finding};
use crate::flow::{Analysis, MetricId};
use crate::program::Program;
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
pub(super) fn choices(program: &Program, analysis: &Analysis, finding: &Finding) -> Vec<Choice> {
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
