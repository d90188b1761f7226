//! From what was noted to what is reported.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Category, Confidence, FlowStep};
use crate::program::{FuncId, Name};
use crate::source::Location;

use super::NOT_FOUND;
use super::answers::Answer;
use super::events::{
    Analysis, CountFault, CountFaultKind, Counted, Endpoint, Exposure, Hit, Metric, MetricId, NotFoundKind,
    NotFoundPath, Recording, Undefined,
};
use super::log::Leak;
use super::machine::Machine;
use super::metrics::RegistryOf;
use super::roots::Handled;
use super::state::Turn;
use super::tally::CountRule;
use super::value::{Alt, MetricRef};

/// One way to a 404: the handler it leaves, where its status was given, and the increments before.
struct Way<'a> {
    answer: &'a Answer,
    soft: bool,
    status: u16,
    /// The demand that it must meet.
    demand: Option<&'a CountRule>,
    /// How often the counters of that demand went up.
    count: u8,
}

impl Machine<'_> {
    /// Puts everything noted into the order of the file, without repetitions.
    pub(super) fn conclude(&self, handled: &[Handled]) -> Analysis {
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

    fn function_name(&self, id: FuncId) -> String {
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
        self.log.provisional.iter().any(|(known, function)| *known == at && self.called.contains(function))
    }

    fn conclude_metrics(&self, order: &BTreeMap<MetricRef, MetricId>, analysis: &mut Analysis) {
        let mut metrics: Vec<(MetricId, Metric)> = Vec::new();
        // What stands behind a syntax error cannot be seen.
        let broken: BTreeSet<_> = self.program.problems.iter().map(|(file, _)| *file).collect();
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
                        || info.registries.contains(&RegistryOf::Unknown)
                        || page.open
                        || info
                            .registries
                            .iter()
                            .any(|own| matches!(own, RegistryOf::Own(id) if page.registries.contains(id)))
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
                    recorded: info.recorded || info.escaped || broken.contains(&info.at.file),
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
            let routes = self.routes_of(page.function);
            analysis.endpoints.push(Endpoint {
                at: *at,
                function: page.function.map(|id| self.function_name(id)).unwrap_or_default(),
                kind: if page.serves { "server" } else { "view" }.to_owned(),
                route: page.route.clone().or_else(|| routes.first().cloned()),
                routes,
                definition: page
                    .function
                    .and_then(|id| self.program.functions.get(id.index()))
                    .map(|function| Location::new(function.file, function.span)),
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

    fn conclude_answers(&self, handled: &[Handled], order: &BTreeMap<MetricRef, MetricId>, analysis: &mut Analysis) {
        let mut ways: BTreeMap<Location, Vec<Way<'_>>> = BTreeMap::new();
        let mut judged: BTreeMap<Location, (bool, Option<Location>)> = BTreeMap::new();
        let mut doubles: BTreeMap<Location, Option<Location>> = BTreeMap::new();
        for answer in handled.iter().flat_map(|one| &one.answers) {
            let soft = answer.says_so && answer.status.is_some_and(|status| status != NOT_FOUND);
            let status = if soft { Some(NOT_FOUND) } else { answer.status };
            let place = answer.left.first().copied();
            let demand = match (status, place) {
                (Some(status), Some(place)) if !soft || self.options.count_soft_404 => {
                    self.demand(status, place, answer)
                }
                _ => None,
            };
            let counters = demand.map_or(&[][..], |demand| demand.counters.as_slice());
            let (own, others): (Vec<_>, Vec<_>) =
                answer.carry.increments.iter().partition(|(counter, _)| counters.contains(counter));
            let count = answer.carry.count.of_all(counters);
            if let (Some(place), Some(status)) = (place, status)
                && (soft || demand.is_some() || self.demands.iter().any(|known| known.status == status))
            {
                ways.entry(place).or_default().push(Way { answer, soft, status, demand, count });
            }
            if answer.carry.crashed {
                continue;
            }
            if count >= 2 && place.is_some() {
                let second = own.get(1).or(own.first()).map(|(_, at)| *at);
                if let Some(second) = second {
                    doubles.entry(second).or_insert(own.first().map(|(_, at)| *at));
                }
            }
            if answer.status.is_some()
                && (place.is_some() || !self.demands.iter().any(|known| answer.status == Some(known.status)))
            {
                for (_, increment) in others {
                    judged.entry(increment).or_insert((true, place));
                }
            }
        }
        let missing_use = |at: &Location| self.log.undefined.contains_key(at);
        for (at, other) in doubles {
            analysis.faults.push(self.fault(CountFaultKind::Double, at, other, order));
        }
        for (at, (_, other)) in judged {
            if !missing_use(&at) {
                analysis.faults.push(self.fault(CountFaultKind::Mis, at, other, order));
            }
        }
        analysis.faults.sort_by_key(|fault| (fault.at, fault.kind));
        for (place, ways) in ways {
            self.conclude_place(place, &ways, analysis);
        }
        analysis.not_found.sort_by_key(|path| path.at);
    }

    /// The demand that an answer must meet: one for its file or exception goes before one for all.
    fn demand(&self, status: u16, place: Location, answer: &Answer) -> Option<&CountRule> {
        let mut classes: Vec<Name> = Vec::new();
        for alt in answer.value.alts.iter().filter(|_| answer.exception) {
            let own = match alt {
                Alt::Path(path) => Some(*path),
                Alt::Object(id) => self.object(&answer.carry.heap, *id).and_then(|object| match object.class {
                    Some(class) => Some(self.program.class(class).path),
                    None => object.ty,
                }),
                _ => None,
            };
            let Some(own) = own else { continue };
            classes.push(own);
            if let Some(class) = self.program.class_at(own) {
                classes.extend(self.program.ancestors(class).into_iter().map(|class| self.program.class(class).path));
            }
        }
        let fits = |demand: &&CountRule| demand.fits(status, place.file, &classes);
        let special = self.demands.iter().filter(|demand| demand.is_special()).find(fits);
        special.or_else(|| self.demands.iter().find(fits))
    }

    fn fault(
        &self,
        kind: CountFaultKind,
        at: Location,
        other: Option<Location>,
        order: &BTreeMap<MetricRef, MetricId>,
    ) -> CountFault {
        let record = self.log.records.get(&at);
        CountFault {
            at,
            kind,
            function: record.and_then(|record| record.function).map(|id| self.function_name(id)).unwrap_or_default(),
            other,
            metric: record.and_then(|record| record.metrics.iter().find_map(|id| order.get(id).copied())),
        }
    }

    /// One place that gives a 404 its status: one row, or a row per caller where callers differ.
    fn conclude_place(&self, place: Location, ways: &[Way<'_>], analysis: &mut Analysis) {
        // Ways behind a use that fails at run time tell nothing where there are others.
        let living: Vec<&Way<'_>> = ways.iter().filter(|way| !way.answer.carry.crashed).collect();
        let all_crash = living.is_empty();
        let ways: Vec<&Way<'_>> = if all_crash { ways.iter().collect() } else { living };
        let mut by_caller: BTreeMap<Location, Vec<&Way<'_>>> = BTreeMap::new();
        for way in ways.iter().copied() {
            let caller = way.answer.left.get(1).copied().unwrap_or(place);
            by_caller.entry(caller).or_default().push(way);
        }
        let verdicts: Vec<(Counted, bool)> = by_caller.values().map(|ways| counted(ways.iter().copied())).collect();
        let differ = verdicts.windows(2).any(|pair| pair[0] != pair[1]);
        if differ {
            for (caller, ways) in by_caller {
                let verdict = counted(ways.iter().copied());
                analysis.not_found.push(self.path(caller, ways[0], verdict, &ways));
            }
        } else {
            analysis.not_found.push(self.path(place, ways[0], counted(ways.iter().copied()), &ways));
        }
        if all_crash && let Some(path) = analysis.not_found.last_mut() {
            path.uncounted = false;
        }
    }

    fn path(
        &self,
        at: Location,
        way: &Way<'_>,
        (counted, uncounted): (Counted, bool),
        ways: &[&Way<'_>],
    ) -> NotFoundPath {
        let kind = if way.soft {
            NotFoundKind::Soft
        } else if way.answer.exception {
            NotFoundKind::Exception
        } else {
            NotFoundKind::Status
        };
        let how = match kind {
            NotFoundKind::Soft => "body says 404",
            NotFoundKind::Exception => "raises an error that becomes a 404",
            _ => "returns status 404",
        };
        let how = how.replace("404", &way.status.to_string());
        let bad = ways.iter().find(|way| way.count == 0);
        let counters = way.demand.map_or(&[][..], |demand| demand.counters.as_slice());
        NotFoundPath {
            status: way.status,
            counter: counters.first().and_then(|at| self.options.approved.get(usize::from(*at))).cloned(),
            has_counter: self.metrics.iter().any(|(_, info)| info.counts && counters.contains(&info.counter)),
            at,
            function: self.enclosing(at).map(|id| self.function_name(id)).unwrap_or_default(),
            kind,
            how,
            counted,
            uncounted: uncounted && way.demand.is_some(),
            flow: bad.map(|way| branches(way.answer.carry.turns.as_deref(), at)).unwrap_or_default(),
        }
    }

    /// The innermost function around a place.
    pub(super) fn enclosing(&self, at: Location) -> Option<FuncId> {
        self.program
            .functions
            .iter()
            .enumerate()
            .filter(|(_, function)| function.file == at.file && function.span.contains(at.span))
            .min_by_key(|(_, function)| function.span.end - function.span.start)
            .map(|(at, _)| FuncId(at as u32))
    }
}

fn counted<'a>(ways: impl Iterator<Item = &'a Way<'a>>) -> (Counted, bool) {
    let counts: BTreeSet<u8> = ways.map(|way| way.count).collect();
    let uncounted = counts.contains(&0);
    let counted = if counts.contains(&2) {
        Counted::More
    } else if counts.len() > 1 {
        Counted::Sometimes
    } else if uncounted {
        Counted::Never
    } else {
        Counted::Once
    };
    (counted, uncounted)
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

/// The last branches before the end, in order.
fn branches(mut turn: Option<&Turn>, end: Location) -> Vec<FlowStep> {
    let mut steps = Vec::new();
    while let Some(known) = turn {
        if known.at.file == end.file && steps.len() < 4 {
            let note = if known.taken { "this holds" } else { "this does not hold" };
            steps.push(FlowStep { at: known.at, note: note.to_owned() });
        }
        turn = known.before.as_deref();
    }
    steps.reverse();
    steps
}
