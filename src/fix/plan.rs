//! Gives each finding its fix, and finds out whether the fix is safe.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::apply::edited;
use super::choose::{Choice, choices};
use super::count::{self, Insertion};
use super::effects::Effects;
use super::known::KnownEffects;
use super::prepare::Side;
use super::prove::{Proof, prove};
use super::take_out::{Calls, FileText, TakenOut, View, take_out};
use super::witness;
use crate::engine::{self, Audit, Layout, Options, Project};
use crate::finding::{Applicability, Edit, Finding, Fix};
use crate::knowledge::Knowledge;
use crate::program::{FunctionKind, OpKind, Program, Syntax, Unit};
use crate::source::{FileId, Language, Location, Sources, Span};

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
    for (at, fix) in fixes {
        if let Some(finding) = audit.findings.get_mut(at) {
            finding.fix = Some(fix);
        }
    }
}

fn is_mendable(finding: &Finding, setup: &Setup<'_>) -> bool {
    match finding.rule {
        "sensitive-metric-name" | "sensitive-label-name" | "sensitive-label-value" | "sensitive-observation" => true,
        "uncounted-404" | "double-counted-404" | "missing-404-counter" => setup.add_counter,
        _ => false,
    }
}

fn fixes(setup: &Setup<'_>, audit: &Audit) -> Vec<(usize, Fix)> {
    let effects = KnownEffects::new(setup.knowledge);
    let mut found = Vec::new();
    for project in &audit.projects {
        let files = texts(setup, project);
        let planner = Planner { setup, project, effects: &effects, files: &files, before: keys(&audit.findings) };
        let mut known: BTreeMap<Choice, Option<Fix>> = BTreeMap::new();
        for (at, finding) in audit.findings.iter().enumerate() {
            let own = project.program.statements.contains_key(&finding.at.file);
            if !own || finding.allowed.is_some() || !is_mendable(finding, setup) {
                continue;
            }
            if let Some(insertion) = planner.insertion(finding) {
                found.extend(planner.count(insertion, finding).map(|fix| (at, fix)));
                continue;
            }
            let mut best: Option<Fix> = None;
            for choice in choices(&project.program, &effects, &project.analysis, finding) {
                let fix = known.entry(choice.clone()).or_insert_with(|| planner.fix(&choice, finding)).clone();
                let safe = fix.as_ref().is_some_and(|fix| fix.applicability == Applicability::Safe);
                best = if safe || best.is_none() { fix } else { best };
                if safe {
                    break;
                }
            }
            found.extend(best.map(|fix| (at, fix)));
        }
    }
    found
}

/// Plans the fixes of one project.
struct Planner<'a> {
    setup: &'a Setup<'a>,
    project: &'a Project,
    effects: &'a dyn Effects,
    files: &'a BTreeMap<FileId, FileText<'a>>,
    /// How often each finding was there.
    before: BTreeMap<Key, u32>,
}

/// The texts of a project's files.
fn texts<'a>(setup: &Setup<'a>, project: &Project) -> BTreeMap<FileId, FileText<'a>> {
    let ids = project.program.statements.keys();
    ids.filter_map(|&id| {
        let file = setup.sources.get(id)?;
        let syntax = match file.language {
            Language::Python => Syntax::Python,
            Language::Rust => Syntax::Rust,
        };
        Some((id, FileText { text: file.text.as_deref()?, syntax }))
    })
    .collect()
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

/// What makes a finding the same one after an edit has moved it.
type Key = (&'static str, FileId, Option<String>, String);

fn keys(findings: &[Finding]) -> BTreeMap<Key, u32> {
    let mut counts = BTreeMap::new();
    for finding in findings {
        *counts.entry(key(finding)).or_default() += 1;
    }
    counts
}

fn key(finding: &Finding) -> Key {
    (finding.rule, finding.at.file, finding.function.clone(), finding.message.clone())
}

impl<'a> Planner<'a> {
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
        let texts = self.texts(&out.edits)?;
        if !self.parses(&texts) {
            return None;
        }
        let mut caveat = self.lost(&out).or_else(|| self.offered(&out));
        if caveat.is_none() {
            let proof = self.prove(&choice.calls, &out, &texts);
            caveat = proof.why.map(|why| format!("not proved to change nothing else: {why}"));
        }
        let (gone, news) = self.again(&texts, finding);
        if !gone {
            return None;
        }
        if std::env::var_os("OE_DBG").is_some() {
            eprintln!("{} tidy={tidy} {caveat:?} {news:?}", choice.title);
        }
        let caveat = caveat.or_else(|| choice.caveat.clone());
        let caveat = caveat.or_else(|| news.map(|rule| format!("it brings a `{rule}`")));
        Some(Fix {
            title: choice.title.clone(),
            applicability: if caveat.is_none() { Applicability::Safe } else { Applicability::Unsafe },
            caveat,
            edits: out.edits,
        })
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
        let texts = self.texts(&insertion.edits)?;
        let (gone, news) = self.again(&texts, finding);
        // Ways in other files are counted in the next round.
        let news = news.filter(|rule| *rule != "uncounted-404" || finding.rule != "missing-404-counter");
        if !gone || !self.parses(&texts) || news.is_some() {
            return None;
        }
        let proof = self.prove_insertion(&insertion, &texts);
        Some(Fix {
            title: insertion.title,
            applicability: if proof.equal { Applicability::Safe } else { Applicability::Unsafe },
            caveat: proof.why.map(|why| format!("not proved to change nothing else: {why}")),
            edits: insertion.edits,
        })
    }

    /// What was inserted only counts.
    fn prove_insertion(&self, insertion: &Insertion, texts: &BTreeMap<FileId, String>) -> Proof {
        let after = match self.lower(texts) {
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
            Side {
                program: &self.project.program,
                files: &files,
                calls: &none.all,
                records: &none.records,
                touched: &[],
            },
            Side { program: &after, files: &files, calls: &calls.all, records: &none.records, touched: &inserted },
            self.effects,
        )
    }

    /// The new texts of the files that change.
    fn texts(&self, edits: &[Edit]) -> Option<BTreeMap<FileId, String>> {
        let files: BTreeSet<FileId> = edits.iter().map(|edit| edit.at.file).collect();
        files
            .into_iter()
            .map(|file| {
                let own: Vec<&Edit> = edits.iter().filter(|edit| edit.at.file == file).collect();
                Some((file, edited(self.files.get(&file)?.text, &own)?))
            })
            .collect()
    }

    /// Other parsers than ours accept what they accepted before.
    fn parses(&self, texts: &BTreeMap<FileId, String>) -> bool {
        texts.iter().all(|(file, after)| {
            self.files.get(file).is_some_and(|before| witness::agrees(before.text, after, before.syntax))
        })
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
        let after = match self.lower(texts) {
            Ok(program) => program,
            Err(problem) => return Proof::fails(problem),
        };
        let none = Calls::default();
        let touched: Vec<Location> = out.gone.iter().chain(&out.reduced).copied().collect();
        prove(
            Side {
                program: &self.project.program,
                files: &out.files,
                calls: &calls.all,
                records: &calls.records,
                touched: &touched,
            },
            Side { program: &after, files: &out.files, calls: &none.all, records: &none.records, touched: &[] },
            self.effects,
        )
    }

    /// The program of the same files with other texts.
    fn lower(&self, texts: &BTreeMap<FileId, String>) -> Result<Program, String> {
        let sources = self.changed(texts);
        let units: Result<Vec<Unit>, String> =
            self.files.keys().map(|&id| engine::lower(&sources, self.setup.layout, id)).collect();
        units.map(Program::link)
    }

    /// The same files with other texts.
    fn changed(&self, texts: &BTreeMap<FileId, String>) -> Sources {
        let mut sources = self.setup.sources.clone();
        let nothing: Arc<str> = Arc::from("");
        for (id, file) in sources.ids().zip(&mut sources.files) {
            match texts.get(&id) {
                Some(text) => file.text = Some(Arc::from(text.as_str())),
                // What was not worth parsing before need not be read again, and other projects see no change.
                None if !self.files.contains_key(&id) => file.text = Some(Arc::clone(&nothing)),
                None => {}
            }
        }
        sources
    }

    /// Audits once more: whether the finding is gone, and the rule of a finding that was not there before.
    fn again(&self, texts: &BTreeMap<FileId, String>, finding: &Finding) -> (bool, Option<&'static str>) {
        let mut sources = self.changed(texts);
        let audit = engine::audit(&mut sources, self.setup.layout, self.setup.knowledge, self.setup.options);
        let after = keys(&audit.findings);
        let count = |counts: &BTreeMap<Key, u32>, key: &Key| counts.get(key).copied().unwrap_or(0);
        let own = key(finding);
        let gone = count(&after, &own) < count(&self.before, &own);
        // A metric that lost its recording is only a note, and its allow comment may have lost its finding.
        let expected = |rule: &str| matches!(rule, "unrecorded-metric" | "unused-allow");
        let news = after.iter().find(|(key, number)| **number > count(&self.before, key) && !expected(key.0)).map(
            |(key, _)| {
                if std::env::var_os("OE_DBG").is_some() {
                    eprintln!("{key:?} {:?}", self.before);
                }
                key.0
            },
        );
        (gone, news)
    }
}

/// Two places are the same call or one is the rest of the other's chain (`c.labels(x)` and `c.labels(x).inc()`).
pub(super) fn chained(one: Location, other: Location) -> bool {
    one.file == other.file && one.span.start == other.span.start
}
