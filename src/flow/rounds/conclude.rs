//! From what was noted to what is reported.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Category, Confidence, FlowStep};
use crate::program::{FuncId, Syntax, name};
use crate::source::Location;

use super::log::{Leak, Page};
use super::roots::Handled;
use crate::flow::events::{Analysis, Endpoint, Exposure, Hit, Metric, MetricId, Recording, Undefined};
use crate::flow::metrics::table::RegistryOf;
use crate::flow::run::machine::Machine;
use crate::flow::values::value::MetricRef;

impl Machine<'_> {
    /// Puts everything noted into the order of the file, without repetitions.
    pub(crate) fn conclude(&self, handled: &[Handled]) -> Analysis {
        let order = self.metric_order();
        let mut analysis = Analysis::default();
        self.conclude_pages(&order, &mut analysis);
        self.conclude_metrics(&order, &mut analysis);
        self.conclude_records(&order, &mut analysis);
        self.conclude_leaks(&order, &mut analysis);
        self.conclude_answers(handled, &order, &mut analysis);
        analysis.limits = self.log.limits.iter().cloned().collect();
        for (at, (what, function)) in &self.log.undefined {
            let approved = self.options.approved.iter().find(|known| what.as_str().contains(known.as_str())).cloned();
            analysis.undefined.push(Undefined {
                at: *at,
                what: what.to_string(),
                function: self.function_name(*function),
                approved,
            });
        }
        self.conclude_duplicates(&order, &mut analysis);
        analysis
    }

    pub(crate) fn function_name(&self, id: FuncId) -> String {
        self.program.function(id).name.to_string()
    }

    /// Metrics by place and name; a metric that only root parameters of called functions make is not one.
    fn metric_order(&self) -> BTreeMap<MetricRef, MetricId> {
        let mut all: Vec<(Location, String, MetricRef)> = self
            .metrics
            .iter()
            .filter(|(_, info)| !self.is_provisional(info.at))
            .map(|(id, info)| (info.at, info.names.first().map(|known| known.to_string()).unwrap_or_default(), id))
            .collect();
        all.sort();
        all.into_iter().enumerate().map(|(at, (_, _, id))| (id, MetricId(at as u32))).collect()
    }

    /// Whether what was noted at a place only comes from a helper's own parameters though the helper has callers.
    fn is_provisional(&self, at: Location) -> bool {
        let helper = |(known, function): &(Location, FuncId)| *known == at && self.called.contains(function);
        !self.log.firm.contains(&at) && self.log.provisional.iter().any(helper)
    }

    /// Whether a function is there for callers that cannot be seen: a public one of a Rust library that nobody calls.
    fn is_for_others(&self, id: FuncId) -> bool {
        let function = self.program.function(id);
        let krate = function.path.as_str().split('.').next().unwrap_or_default();
        self.program.syntax(id) == Syntax::Rust
            && function.is_public
            && !self.called.contains(&id)
            && self.program.function_at(name(&format!("{krate}.main"))).is_none()
    }

    fn conclude_metrics(&self, order: &BTreeMap<MetricRef, MetricId>, analysis: &mut Analysis) {
        let mut metrics: Vec<(MetricId, Metric)> = Vec::new();
        // What stands behind a syntax error cannot be seen.
        let broken: BTreeSet<_> = self.program.problems.iter().map(|(file, _)| *file).collect();
        let returned = self.log.returned.iter().filter(|(_, function)| self.is_for_others(*function));
        let given_away: BTreeSet<MetricRef> = returned.map(|(metric, _)| *metric).collect();
        for (reference, info) in self.metrics.iter() {
            let Some(&id) = order.get(&reference) else { continue };
            let shown_on = self
                .log
                .pages
                .values()
                .enumerate()
                .filter(|(_, page)| {
                    page.metrics.contains(&reference)
                        || page.default_registry && info.registries.contains(&RegistryOf::Default)
                        || page.open
                        || info.registries.iter().any(|own| match own {
                            RegistryOf::Own(id) => page.registries.contains(id),
                            RegistryOf::Unknown | RegistryOf::Handed(_) => true,
                            RegistryOf::Default => false,
                        })
                })
                .map(|(at, _)| at)
                .collect();
            let names: Vec<String> = info.names.iter().map(|known| known.to_string()).collect();
            metrics.push((
                id,
                Metric {
                    name: names.first().cloned().unwrap_or_default(),
                    names: names.clone(),
                    kind: info.kind.clone(),
                    labels: info.labels.iter().flatten().map(|label| label.to_string()).collect(),
                    help: info.help.map(|help| help.to_string()).unwrap_or_default(),
                    at: info.at,
                    function: self.function_name(info.function),
                    approved: names.iter().any(|known| self.approved_as(known).is_some()),
                    misnamed: info.misnamed.clone(),
                    kept_as: info.kept_as.iter().map(|known| known.to_string()).collect(),
                    // One without any name is on no page yet.
                    recorded: info.recorded
                        || info.escaped
                        || given_away.contains(&reference)
                        || broken.contains(&info.at.file)
                        || names.iter().all(|known| known == "{…}"),
                    shown_on,
                },
            ));
        }
        metrics.sort_by_key(|(id, _)| *id);
        // One call that makes several metrics is recorded when one of them is.
        let recorded: BTreeSet<Location> =
            metrics.iter().filter(|(_, one)| one.recorded).map(|(_, one)| one.at).collect();
        for (_, one) in &mut metrics {
            one.recorded = recorded.contains(&one.at);
        }
        analysis.metrics = metrics.into_iter().map(|(_, metric)| metric).collect();
    }

    fn conclude_pages(&self, _order: &BTreeMap<MetricRef, MetricId>, analysis: &mut Analysis) {
        for (at, page) in &self.log.pages {
            let routes = match page.path {
                Some(path) => vec![path.to_string()],
                None => self.routes_of(page.function),
            };
            let kind = match page {
                Page { writes: true, .. } => "file",
                Page { serves: true, .. } => "server",
                _ => "view",
            };
            let written_in = page.function.and_then(|id| self.program.functions.get(id.index()));
            analysis.endpoints.push(Endpoint {
                at: *at,
                function: page.function.map(|id| self.function_name(id)).unwrap_or_default(),
                kind: kind.to_owned(),
                route: page.route.clone().or_else(|| routes.first().cloned()),
                routes,
                definition: if page.serves {
                    page.routed
                } else {
                    written_in.map(|function| Location::new(function.file, function.span))
                },
                default_registry: page.default_registry,
                open: page.open,
            });
        }
    }

    /// The constant routes of a function, or of the one that it is written in.
    fn routes_of(&self, function: Option<crate::program::FuncId>) -> Vec<String> {
        let mut next = function;
        while let Some(id) = next {
            let known: Vec<String> = self
                .registrations(id)
                .into_iter()
                .filter_map(|known| known.route.map(|route| route.to_string()))
                .collect();
            if !known.is_empty() {
                return known;
            }
            next = self.program.functions.get(id.index()).and_then(|function| function.parent);
        }
        Vec::new()
    }

    fn conclude_records(&self, order: &BTreeMap<MetricRef, MetricId>, analysis: &mut Analysis) {
        for (at, record) in &self.log.records {
            let metrics: BTreeSet<MetricId> = record.metrics.iter().filter_map(|id| order.get(id).copied()).collect();
            analysis.recordings.push(Recording {
                at: *at,
                metrics: metrics.into_iter().collect(),
                function: record.function.map(|id| self.function_name(id)).unwrap_or_default(),
                method: record.method.clone(),
                binds_only: record.binds_only,
            });
        }
    }

    fn conclude_leaks(&self, order: &BTreeMap<MetricRef, MetricId>, analysis: &mut Analysis) {
        let mut groups: BTreeMap<(Location, crate::finding::Channel), Vec<&Leak>> = BTreeMap::new();
        for ((at, channel, _), leak) in &self.log.leaks {
            if !self.is_provisional(*at) {
                groups.entry((*at, *channel)).or_default().push(leak);
            }
        }
        for ((at, channel), leaks) in groups {
            let sensitive: Vec<&&Leak> = leaks.iter().filter(|leak| leak.category.is_some()).collect();
            let first: &Leak = match sensitive.iter().min_by_key(|leak| leak.category) {
                Some(leak) => leak,
                None => leaks[0],
            };
            let also: Vec<Category> = sensitive
                .iter()
                .filter_map(|leak| leak.category)
                .filter(|category| Some(*category) != first.category)
                .collect();
            analysis.exposures.push(Exposure {
                at,
                channel,
                hit: first.category.map_or(Hit::Unbounded, Hit::Sensitive),
                also,
                confidence: if first.taint.hashed { Confidence::Medium } else { Confidence::High },
                what: first.taint.what.to_string(),
                label: first.label.map(|label| label.to_string()),
                metric: first.metric.and_then(|id| order.get(&id).copied()).or_else(|| self.metric_at(at, order)),
                function: self.function_name(first.function),
                flow: steps(first),
            });
        }
    }

    fn metric_at(&self, at: Location, order: &BTreeMap<MetricRef, MetricId>) -> Option<MetricId> {
        self.metrics.iter().find(|(_, info)| info.at == at).and_then(|(id, _)| order.get(&id).copied())
    }

    /// Two creations of one name in one registry, both of which run: at import, or in functions that are not the same.
    fn conclude_duplicates(&self, order: &BTreeMap<MetricRef, MetricId>, analysis: &mut Analysis) {
        for (later, earlier) in &self.log.duplicates {
            if let (Some(later), Some(earlier)) = (order.get(later), order.get(earlier)) {
                // Statics are registered in no known order: the later one in the text is meant.
                let (later, earlier) =
                    if self.is_static(*later) && later < earlier { (earlier, later) } else { (later, earlier) };
                analysis.duplicates.push((*later, *earlier));
            }
        }
    }

    fn is_static(&self, id: MetricId) -> bool {
        let _ = id;
        self.program.syntaxes.values().all(|syntax| *syntax == crate::program::Syntax::Rust)
    }

    /// The innermost function around a place.
    pub(crate) fn enclosing(&self, at: Location) -> Option<FuncId> {
        self.program
            .functions
            .iter()
            .enumerate()
            .filter(|(_, function)| function.file == at.file && function.span.contains(at.span))
            .min_by_key(|(_, function)| function.span.end - function.span.start)
            .map(|(at, _)| FuncId(at as u32))
    }
}

fn steps(leak: &Leak) -> Vec<FlowStep> {
    let mut steps = Vec::new();
    let mut hop = leak.taint.hops.as_deref();
    while let Some(known) = hop {
        steps.push(FlowStep { at: known.at, note: known.note.clone() });
        hop = known.before.as_deref();
    }
    steps.reverse();
    steps
}
