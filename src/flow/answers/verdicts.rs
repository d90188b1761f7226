//! Which 404s leave, how often each is counted, and which increments are wrong.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::FlowStep;
use crate::program::{Name, Syntax, name};
use crate::source::Location;

use super::tally::CountRule;
use crate::flow::NOT_FOUND;
use crate::flow::answers::Answer;
use crate::flow::events::{Analysis, CountFault, CountFaultKind, Counted, MetricId, NotFoundKind, NotFoundPath};
use crate::flow::rounds::roots::Handled;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::Kind;
use crate::flow::values::state::Turn;
use crate::flow::values::statuses::STATUS;
use crate::flow::values::value::{Alt, MetricRef};

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
    pub(crate) fn conclude_answers(
        &self,
        handled: &[Handled],
        order: &BTreeMap<MetricRef, MetricId>,
        analysis: &mut Analysis,
    ) {
        let mut ways: BTreeMap<Location, Vec<Way<'_>>> = BTreeMap::new();
        let mut judged: BTreeMap<Location, (bool, Option<Location>)> = BTreeMap::new();
        let mut doubles: BTreeMap<Location, Option<Location>> = BTreeMap::new();
        for (one, answer) in handled.iter().flat_map(|one| one.answers.iter().map(move |answer| (one, answer))) {
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
                && self.speaks_http(one)
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

    /// Whether a function answers requests as far as its registration, its parameters or what it returns tell: others may
    /// count whatever they like.
    fn speaks_http(&self, one: &Handled) -> bool {
        let responds = |answer: &Answer| {
            answer.status.is_some_and(|status| answer.exception || status != 200)
                || answer.value.alts.iter().any(|alt| match alt {
                    Alt::Status(_) => true,
                    Alt::Object(id) => self.object(&answer.carry.heap, *id).is_some_and(|object| {
                        object.kind == Kind::Response
                            || object.kind != Kind::Dict && object.field(name(STATUS)).is_some()
                    }),
                    _ => false,
                })
        };
        one.registered
            || self.program.syntax(one.function) == Syntax::Rust
            || self.request_by_custom(one.function).is_some()
            || one.answers.iter().any(responds)
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
        let first = analysis.not_found.len();
        self.rows(place, 1, &ways, analysis);
        for path in analysis.not_found.iter_mut().skip(first).filter(|_| all_crash) {
            path.uncounted = false;
        }
    }

    /// One row for a place, or rows for those who called it where they differ, and so on outwards.
    fn rows(&self, place: Location, depth: usize, ways: &[&Way<'_>], analysis: &mut Analysis) {
        let mut by_caller: BTreeMap<Location, Vec<&Way<'_>>> = BTreeMap::new();
        for way in ways.iter().copied() {
            let caller = way.answer.left.get(depth).copied().unwrap_or(place);
            by_caller.entry(caller).or_default().push(way);
        }
        let verdicts: Vec<(Counted, bool)> = by_caller.values().map(|ways| counted(ways.iter().copied())).collect();
        if by_caller.len() > 1 && verdicts.windows(2).any(|pair| pair[0] != pair[1]) {
            for (caller, ways) in by_caller {
                self.rows(caller, depth + 1, &ways, analysis);
            }
            return;
        }
        let (verdict, outwards) = (counted(ways.iter().copied()), by_caller.keys().next().copied());
        match outwards {
            // The same caller for all, who may have callers that differ.
            Some(caller) if by_caller.len() == 1 && caller != place && verdict.0 == Counted::Sometimes => {
                self.rows_within(place, caller, depth, ways, analysis);
            }
            _ => analysis.not_found.push(self.path(place, ways[0], verdict, ways)),
        }
    }

    /// Rows of the callers of one caller, if they differ; else one for the place.
    fn rows_within(&self, place: Location, caller: Location, depth: usize, ways: &[&Way<'_>], analysis: &mut Analysis) {
        let before = analysis.not_found.len();
        self.rows(caller, depth + 1, ways, analysis);
        if analysis.not_found.len() == before + 1 {
            analysis.not_found.pop();
            analysis.not_found.push(self.path(place, ways[0], counted(ways.iter().copied()), ways));
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
