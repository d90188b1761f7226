//! Gives each finding its fix, and finds out whether the fix is safe.

use std::collections::{BTreeMap, BTreeSet};

use super::choose::{Choice, Chooser};
use super::count::{self, Insertion};
use super::effects::Effects;
use super::known::KnownEffects;
use super::labels::{Labels, Relabel};
use super::prepare::Side;
use super::prove::{Proof, prove};
use super::references::references;
use super::take_out::{Calls, FileText, TakenOut, View, take_out};
use super::trial::{Outcome, Trial, keys, texts};
use crate::engine::{Audit, Layout, Options, Project};
use crate::finding::{Applicability, Edit, Finding, Fix, ProofNote};
use crate::flow::{Analysis, Metric, MetricId};
use crate::knowledge::Knowledge;
use crate::program::{FunctionKind, OpKind, Program, Syntax};
use crate::source::{FileId, Location, Sources, Span, is_notebook};

/// Deep trees are walked on a stack of this size.
const STACK: usize = 512 << 20;

/// What a run was made with, to make it again with other texts.
#[derive(Clone, Copy)]
pub struct Setup<'a> {
    /// The files, with the texts of all that were parsed.
    pub sources: &'a Sources,
    /// What they are called as modules.
    pub layout: &'a Layout,
    /// What is known of libraries.
    pub knowledge: &'a Knowledge,
    /// What decides the result.
    pub options: &'a Options,
    /// Fixes may insert increments and the counter itself.
    pub add_counter: bool,
    /// Other ways to mend a finding are looked for, too.
    pub alternatives: bool,
}

/// Gives the findings of an audit their fixes.
pub fn plan(setup: &Setup<'_>, audit: &mut Audit) {
    let wanted = audit.findings.iter().any(|finding| finding.allowed.is_none() && is_mendable(finding, setup));
    if !wanted {
        return;
    }
    let fixes = std::thread::scope(|scope| {
        let work = || fixes(setup, audit);
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        // A panic here costs the fixes, not the findings.
        thread.ok().and_then(|thread| thread.join().ok()).unwrap_or_default()
    });
    // The text of a notebook is not the file: cells are for their author to edit.
    let editable = |fix: &Fix| fix.edits.iter().all(|edit| !is_notebook(setup.sources.path(edit.at.file)));
    for (at, fix) in fixes.into_iter().filter(|(_, fix)| editable(fix)) {
        if let Some(finding) = audit.findings.get_mut(at) {
            finding.fix = Some(fix);
        }
    }
}

fn is_mendable(finding: &Finding, setup: &Setup<'_>) -> bool {
    match finding.rule {
        "sensitive-metric-name"
        | "sensitive-label-name"
        | "sensitive-label-value"
        | "sensitive-observation"
        | "unbounded-label-value" => true,
        "uncounted-404" | "double-counted-404" | "missing-404-counter" => setup.add_counter,
        _ => false,
    }
}

fn fixes(setup: &Setup<'_>, audit: &Audit) -> Vec<(usize, Fix)> {
    let effects = KnownEffects::new(setup.knowledge);
    let mut found = Vec::new();
    for (number, project) in audit.projects.iter().enumerate() {
        let files = texts(setup, project);
        let trial = Trial { setup, files: &files, before: keys(&audit.findings) };
        let chooser = Chooser::new(&project.program, &project.analysis, &effects);
        let planner = Planner { setup, project, number, effects: &effects, files: &files, trial, chooser };
        let mut known = BTreeMap::new();
        for (at, finding) in audit.findings.iter().enumerate() {
            let own = project.program.statements.contains_key(&finding.at.file);
            if !own || finding.allowed.is_some() || !is_mendable(finding, setup) {
                continue;
            }
            let fix = match planner.insertion(finding) {
                Some(insertion) => planner.count(insertion, finding),
                None => planner.best(finding, &mut known),
            };
            found.extend(fix.map(|fix| (at, fix)));
        }
    }
    found
}

/// Plans the fixes of one project.
struct Planner<'a> {
    setup: &'a Setup<'a>,
    project: &'a Project,
    /// Which of the audit's projects it is.
    number: usize,
    effects: &'a dyn Effects,
    files: &'a BTreeMap<FileId, FileText<'a>>,
    trial: Trial<'a>,
    chooser: Chooser<'a>,
}

/// A fix, safe when there is no caveat and everything is proved. `found` is the proof, and the rule of a new finding.
fn judged(title: &str, edits: Vec<Edit>, caveat: Option<String>, found: (&Proof, Option<&'static str>)) -> Fix {
    let (proof, new) = found;
    let unproved = proof.why.as_ref().map(|why| format!("not proved to change nothing else: {why}"));
    let caveat = caveat.or(unproved).or_else(|| new.map(|rule| format!("it brings a `{rule}`")));
    Fix {
        title: title.to_owned(),
        applicability: if caveat.is_none() { Applicability::Safe } else { Applicability::Unsafe },
        caveat,
        edits,
        proof: Some(ProofNote { equal: proof.equal, why: proof.why.clone(), gone: true, new, witness: true }),
        alternatives: Vec::new(),
        references: Vec::new(),
    }
}

/// Where inserted texts stand afterwards. The edits are sorted.
fn inserted(edits: &[Edit]) -> Vec<Location> {
    let mut found: Vec<Location> = Vec::new();
    let mut moved: BTreeMap<FileId, i64> = BTreeMap::new();
    for edit in edits {
        let by = moved.entry(edit.at.file).or_default();
        let start = u32::try_from(i64::from(edit.at.span.start) + *by).unwrap_or(u32::MAX);
        let length = u32::try_from(edit.text.len()).unwrap_or(u32::MAX);
        found.push(Location::new(edit.at.file, Span::new(start, start.saturating_add(length))));
        *by += i64::from(length) - i64::from(edit.at.span.end - edit.at.span.start);
    }
    found
}

impl<'a> Planner<'a> {
    /// The first fix that is safe, else the first; with the others as alternatives, where they are wanted.
    fn best(&self, finding: &Finding, known: &mut BTreeMap<Choice, Option<Fix>>) -> Option<Fix> {
        let mut fixes: Vec<Fix> = Vec::new();
        let all = self.setup.alternatives;
        let is_safe = |fix: &Fix| fix.applicability == Applicability::Safe;
        // A label without bound is a mistake in the label, not in the metric.
        let label_first = finding.rule == "unbounded-label-value";
        if label_first {
            fixes.extend(self.dropped(finding));
        }
        for choice in self.chooser.choices(finding) {
            if !all && fixes.iter().any(is_safe) {
                break;
            }
            fixes.extend(known.entry(choice.clone()).or_insert_with(|| self.fix(&choice, finding)).clone());
        }
        if all && !label_first || fixes.is_empty() {
            fixes.extend(self.dropped(finding));
        }
        if all || fixes.is_empty() {
            fixes.extend(self.bounded(finding));
        }
        let best = fixes.iter().position(is_safe).unwrap_or(0);
        if fixes.is_empty() {
            return None;
        }
        let mut fix = fixes.remove(best);
        for other in fixes {
            if other.edits != fix.edits && !fix.alternatives.iter().any(|known| known.edits == other.edits) {
                fix.alternatives.push(other);
            }
        }
        Some(fix)
    }

    /// The tidy cut if it is proved, else the bare one.
    fn fix(&self, choice: &Choice, finding: &Finding) -> Option<Fix> {
        let tidy = self.cut(choice, finding, true);
        match tidy {
            Some(fix) if fix.applicability == Applicability::Safe => Some(fix),
            tidy => self.cut(choice, finding, false).or(tidy),
        }
    }

    fn cut(&self, choice: &Choice, finding: &Finding, tidy: bool) -> Option<Fix> {
        let out = take_out(self.view(), &choice.calls, tidy);
        // Where the metric is used for something else, a cut would leave a name without a value.
        if out.edits.is_empty() || !out.problems.is_empty() {
            return None;
        }
        let texts = self.trial.texts(&out.edits)?;
        if !self.trial.parses(&texts) {
            return None;
        }
        let outcome = self.trial.again(&texts, finding);
        if !outcome.gone {
            return None;
        }
        let proof = self.prove(&choice.calls, &out, &texts);
        let caveat = self.lost(&out).or_else(|| choice.caveat.clone()).or_else(|| self.offered(&out));
        let mut fix = judged(&choice.title, out.edits, caveat, (&proof, outcome.new));
        fix.references = choice.metric.map_or_else(Vec::new, |id| references(self.project, id));
        Some(fix)
    }

    fn labels(&self) -> Labels<'_> {
        Labels { view: self.view(), analysis: &self.project.analysis, chooser: &self.chooser }
    }

    /// The same metric without the label.
    fn dropped(&self, finding: &Finding) -> Option<Fix> {
        let id = self.chooser.metric(finding);
        let calls = id.map_or_else(Calls::default, |id| self.chooser.whole(id).calls);
        let relabel = self.labels().dropped(finding, id, &calls)?;
        self.relabelled(relabel, finding)
    }

    /// The same label with a constant in it.
    fn bounded(&self, finding: &Finding) -> Option<Fix> {
        let relabel = self.labels().bounded(finding, self.chooser.metric(finding))?;
        self.relabelled(relabel, finding)
    }

    fn relabelled(&self, relabel: Relabel, finding: &Finding) -> Option<Fix> {
        let texts = self.trial.texts(&relabel.edits)?;
        let outcome = self.trial.again(&texts, finding);
        if !outcome.gone || !self.trial.parses(&texts) {
            return None;
        }
        let proof = match self.trial.lower(&texts) {
            Ok(after) => self.prove_relabelled(&relabel, finding, &outcome, &after),
            Err(problem) => Proof::fails(problem),
        };
        Some(judged(&relabel.title, relabel.edits, relabel.caveat, (&proof, outcome.new)))
    }

    /// Without the metric, before and after, the programs are equal.
    fn prove_relabelled(&self, relabel: &Relabel, finding: &Finding, outcome: &Outcome, after: &Program) -> Proof {
        let Some(project) = outcome.audit.projects.get(self.number) else {
            return Proof::fails("the project was not audited".to_owned());
        };
        let chooser = Chooser::new(after, &project.analysis, self.effects);
        let (old, new) = match relabel.metric.and_then(|id| Some((id, self.same_metric(id, &project.analysis)?))) {
            Some((old, new)) => (self.chooser.whole(old).calls, chooser.whole(new).calls),
            None => (self.chooser.at(finding.at), chooser.at(finding.at)),
        };
        let files: BTreeSet<FileId> = relabel.edits.iter().map(|edit| edit.at.file).collect();
        let files: Vec<FileId> = files.into_iter().collect();
        let touched: Vec<Location> = relabel.edits.iter().map(|edit| edit.at).collect();
        prove(
            Side { program: &self.project.program, files: &files, calls: &old, touched: &touched },
            Side { program: after, files: &files, calls: &new, touched: &[] },
            self.effects,
        )
    }

    fn same_metric(&self, id: MetricId, after: &Analysis) -> Option<MetricId> {
        let old = self.project.analysis.metrics.get(id.0 as usize)?;
        let same = |new: &Metric| (&new.name, new.at.file, &new.function) == (&old.name, old.at.file, &old.function);
        let mut all = after.metrics.iter().enumerate().filter(|(_, metric)| same(metric));
        let (at, _) = all.next()?;
        // Two of one name can't be told apart.
        all.next().is_none().then(|| u32::try_from(at).ok().map(MetricId)).flatten()
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

    fn count(&self, insertion: Insertion, finding: &Finding) -> Option<Fix> {
        let texts = self.trial.texts(&insertion.edits)?;
        let outcome = self.trial.again(&texts, finding);
        // Ways in other files are counted in the next round.
        let news = outcome.new.filter(|rule| *rule != "uncounted-404" || finding.rule != "missing-404-counter");
        if !outcome.gone || !self.trial.parses(&texts) || news.is_some() {
            return None;
        }
        let proof = self.prove_insertion(&insertion, &texts);
        Some(judged(&insertion.title, insertion.edits, None, (&proof, None)))
    }

    /// What was inserted only counts.
    fn prove_insertion(&self, insertion: &Insertion, texts: &BTreeMap<FileId, String>) -> Proof {
        let after = match self.trial.lower(texts) {
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
        let text = self.files.get(&place.file)?.text.get(place.span.range())?;
        let line = text.lines().next().unwrap_or_default();
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

    fn prove(&self, calls: &Calls, out: &TakenOut, texts: &BTreeMap<FileId, String>) -> Proof {
        let after = match self.trial.lower(texts) {
            Ok(program) => program,
            Err(problem) => return Proof::fails(problem),
        };
        let none = Calls::default();
        let touched: Vec<Location> = out.gone.iter().chain(&out.reduced).copied().collect();
        prove(
            Side { program: &self.project.program, files: &out.files, calls, touched: &touched },
            Side { program: &after, files: &out.files, calls: &none, touched: &[] },
            self.effects,
        )
    }
}

/// Two places are the same call or one is the rest of the other's chain (`c.labels(x)` and `c.labels(x).inc()`).
pub(super) fn chained(one: Location, other: Location) -> bool {
    one.file == other.file && one.span.start == other.span.start
}
