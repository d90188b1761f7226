//! What would mend a finding of one project, and is the program the same but for the metrics then?

use std::collections::{BTreeMap, BTreeSet};

use super::candidate::{Candidate, inserted, moved};
use super::choose::{Choice, Chooser, UNBOUNDED};
use super::count::{self, Insertion};
use super::effects::Effects;
use super::labels::{Labels, Relabel};
use super::plan::{Files, Setup, Step};
use super::prepare::Side;
use super::prove::{Proof, prove};
use super::references::references;
use super::take_out::{Calls, TakenOut, View, take_out};
use super::trial::{Lowering, texts_with};
use super::unused::unused;
use crate::engine::Project;
use crate::finding::{Channel, Edit, Finding};
use crate::program::{FunctionKind, OpKind, Program, Syntax};
use crate::source::{FileId, Location};

/// Plans the fixes of one project.
pub(super) struct Planner<'a> {
    setup: Setup<'a>,
    project: &'a Project,
    effects: &'a dyn Effects,
    files: &'a Files<'a>,
    lowering: Lowering<'a>,
    chooser: Chooser<'a>,
}

impl<'a> Planner<'a> {
    pub(super) fn new(setup: Setup<'a>, project: &'a Project, effects: &'a dyn Effects, files: &'a Files<'a>) -> Self {
        let chooser = Chooser::new(&project.program, &project.analysis, effects);
        Self { setup, project, effects, files, lowering: Lowering::new(setup, files), chooser }
    }

    /// The ways to mend a finding, the best first.
    pub(super) fn steps(&self, finding: &Finding) -> Vec<Step> {
        if matches!(finding.rule, "uncounted-404" | "missing-404-counter") {
            return vec![Step::Counted];
        }
        let choices = self.chooser.choices(finding).into_iter();
        let cuts = choices.flat_map(|choice| [Step::Tidy(choice.clone()), Step::Bare(choice)]);
        // A label without bound is a mistake in the label, not in the metric; an exemplar is none of its labels.
        if finding.rule == UNBOUNDED {
            [Step::Dropped, Step::Bounded].into_iter().chain(cuts).collect()
        } else if finding.channel == Some(Channel::Exemplar) {
            [Step::Dropped].into_iter().chain(cuts).chain([Step::Bounded]).collect()
        } else {
            cuts.chain([Step::Dropped, Step::Bounded]).collect()
        }
    }

    /// What a step would do; `None` where it can't be done.
    pub(super) fn candidate(&self, step: &Step, finding: &Finding) -> Option<Candidate> {
        let found = match step {
            Step::Tidy(choice) => self.cut(choice, true),
            Step::Bare(choice) => self.cut(choice, false),
            Step::Dropped => self.dropped(finding),
            Step::Bounded => self.bounded(finding),
            Step::Counted => self.count(self.insertion(finding)?, finding),
        };
        found.filter(|candidate| !candidate.edits.is_empty())
    }

    fn cut(&self, choice: &Choice, tidy: bool) -> Option<Candidate> {
        let out = take_out(self.view(), &choice.calls, tidy);
        // Where the metric is used for something else, a cut would leave a name without a value.
        if out.edits.is_empty() || !out.problems.is_empty() {
            return None;
        }
        let texts = self.texts(&out.edits)?;
        let after = self.lowering.lower(&texts);
        let proof = match &after {
            Ok(after) => self.prove(&choice.calls, &out, after),
            Err(problem) => Proof::fails(problem.clone()),
        };
        let caveat = self.lost(&out).or_else(|| choice.caveat.clone()).or_else(|| self.offered(&out));
        Some(Candidate {
            title: choice.title.clone(),
            edits: out.edits,
            proof,
            caveat,
            references: choice.metric.map_or_else(Vec::new, |id| references(self.project, id)),
            unused: after.map_or_else(|_| Vec::new(), |after| unused(self.view(), &after, &texts)),
            strict: false,
            brings: &[],
        })
    }

    /// The new texts, if every parser can read them.
    fn texts(&self, edits: &[Edit]) -> Option<BTreeMap<FileId, String>> {
        texts_with(self.files, edits).filter(|texts| self.lowering.parses(texts))
    }

    fn labels(&self) -> Labels<'_> {
        Labels { view: self.view(), analysis: &self.project.analysis, chooser: &self.chooser }
    }

    /// The same metric without the label.
    fn dropped(&self, finding: &Finding) -> Option<Candidate> {
        let id = self.chooser.metric(finding);
        let calls = id.map_or_else(Calls::default, |id| self.chooser.whole(id).calls);
        let relabel = self.labels().dropped(finding, id, &calls)?;
        self.relabelled(relabel, finding)
    }

    /// The same label with a constant in it.
    fn bounded(&self, finding: &Finding) -> Option<Candidate> {
        let relabel = self.labels().bounded(finding, self.chooser.metric(finding))?;
        self.relabelled(relabel, finding)
    }

    fn relabelled(&self, relabel: Relabel, finding: &Finding) -> Option<Candidate> {
        let texts = self.texts(&relabel.edits)?;
        let proof = self.prove_relabelled(&relabel, finding, &texts);
        Some(Candidate {
            title: relabel.title,
            edits: relabel.edits,
            proof,
            caveat: relabel.caveat,
            references: Vec::new(),
            unused: Vec::new(),
            strict: false,
            brings: &[],
        })
    }

    /// Without the metric, before and after, the programs are equal.
    fn prove_relabelled(&self, relabel: &Relabel, finding: &Finding, texts: &BTreeMap<FileId, String>) -> Proof {
        let after = match self.lowering.lower(texts) {
            Ok(program) => program,
            Err(problem) => return Proof::fails(problem),
        };
        let mut old = match relabel.metric {
            Some(id) => self.chooser.whole(id).calls,
            None => self.chooser.at(finding.at),
        };
        for &place in &relabel.also {
            let more = self.chooser.at(place);
            old.all.extend(more.all);
            old.records.extend(more.records);
        }
        let new = moved(&old, &relabel.edits);
        let files: BTreeSet<FileId> = relabel.edits.iter().map(|edit| edit.at.file).collect();
        let files: Vec<FileId> = files.into_iter().collect();
        // What only served a recording counts on neither side.
        let touched: Vec<Location> = relabel.edits.iter().map(|edit| edit.at).chain(old.all.iter().copied()).collect();
        let served: Vec<Location> = new.all.iter().copied().collect();
        prove(
            Side { program: &self.project.program, files: &files, calls: &old, touched: &touched },
            Side { program: &after, files: &files, calls: &new, touched: &served },
            self.effects,
        )
    }

    fn view(&self) -> View<'a>
    where
        Self: 'a,
    {
        View { program: &self.project.program, files: self.files, effects: self.effects }
    }

    /// Where the finding asks for more text, not less.
    fn insertion(&self, finding: &Finding) -> Option<Insertion> {
        match finding.rule {
            "uncounted-404" => count::increment(self.view(), &self.project.analysis, finding),
            "missing-404-counter" => {
                let name = self.setup.options.approved.first()?;
                count::counter(self.view(), &self.project.analysis, name)
            }
            _ => None,
        }
    }

    fn count(&self, insertion: Insertion, finding: &Finding) -> Option<Candidate> {
        let texts = self.texts(&insertion.edits)?;
        let proof = self.prove_insertion(&insertion, &texts);
        Some(Candidate {
            title: insertion.title,
            edits: insertion.edits,
            proof,
            caveat: None,
            references: Vec::new(),
            unused: Vec::new(),
            strict: true,
            // Ways in other files are counted in the next round.
            brings: if finding.rule == "missing-404-counter" { &["uncounted-404"] } else { &[] },
        })
    }

    /// What was inserted only counts.
    fn prove_insertion(&self, insertion: &Insertion, texts: &BTreeMap<FileId, String>) -> Proof {
        let after = match self.lowering.lower(texts) {
            Ok(program) => program,
            Err(problem) => return Proof::fails(problem),
        };
        let inserted = inserted(&insertion.edits);
        let mut calls = Calls::default();
        for function in &after.functions {
            for op in function.blocks.iter().flat_map(|block| &block.ops) {
                let place = Location::new(function.file, op.span);
                let own = inserted.iter().any(|part| part.file == place.file && part.span.contains(place.span));
                if own && matches!(op.kind, OpKind::Call(_)) {
                    calls.all.insert(place);
                }
            }
        }
        let none = Calls::default();
        let files: Vec<FileId> = texts.keys().copied().collect();
        prove(
            Side { program: &self.project.program, files: &files, calls: &none, touched: &[] },
            Side { program: &after, files: &files, calls: &calls, touched: &inserted },
            self.effects,
        )
    }

    /// What would no longer be done.
    fn lost(&self, out: &TakenOut) -> Option<String> {
        let place = out.lost.first()?;
        let whole = self.files.get(&place.file)?.text;
        let text = whole.get(place.span.range())?;
        let mut line = text.lines().next().unwrap_or_default();
        // The element of a generator says nothing by itself.
        if line.len() < 4 {
            let start = whole.get(..place.span.start as usize)?.rfind('\n').map_or(0, |at| at + 1);
            line = whole.get(start..)?.lines().next().unwrap_or_default().trim();
        }
        Some(format!("`{line}` would no longer run"))
    }

    /// A public function of a Rust crate that goes though nothing here calls it: other crates may.
    fn offered(&self, out: &TakenOut) -> Option<String> {
        let program = &self.project.program;
        let called = |path| {
            let mut ops = program.functions.iter().flat_map(|function| &function.blocks).flat_map(|block| &block.ops);
            ops.any(|op| matches!(op.kind, OpKind::Path(known) if program.canonical(known) == path))
        };
        let goes =
            |place: Location| out.gone.iter().any(|gone| gone.file == place.file && gone.span.contains(place.span));
        let is_rust = |file| self.files.get(file).is_some_and(|file| file.syntax == Syntax::Rust);
        let function = program.functions.iter().find(|function| {
            function.is_public
                && function.kind == FunctionKind::Function
                && is_rust(&function.file)
                && goes(Location::new(function.file, function.span))
                && !called(function.path)
        })?;
        Some(format!("the public function `{}` goes; other crates may call it", function.name))
    }

    fn prove(&self, calls: &Calls, out: &TakenOut, after: &Program) -> Proof {
        let none = Calls::default();
        let touched: Vec<Location> = out.gone.iter().chain(&out.reduced).copied().collect();
        prove(
            Side { program: &self.project.program, files: &out.files, calls, touched: &touched },
            Side { program: after, files: &out.files, calls: &none, touched: &[] },
            self.effects,
        )
    }
}

/// Two places are the same call or one is the rest of the other's chain (`c.labels(x)` and `c.labels(x).inc()`).
pub(super) fn chained(one: Location, other: Location) -> bool {
    one.file == other.file && one.span.start == other.span.start
}
