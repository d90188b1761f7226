//! Takes metrics out of the files of a project.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::token::TokenKind;
use ruff_text_size::Ranged as _;

use super::effects::Effects;
use super::erase::Erasing;
use super::facts::last_word;
use super::layout::Layout;
use super::outline::Group;
use super::outline_python::span;
use super::prepare::{Ready, Side, Softness, survey};
use super::strip::{Cut, Evidence, Stripper, heads};
use super::{imports_python, imports_rust, outline_python, outline_rust};
use crate::finding::Edit;
use crate::program::{FuncId, Name, OpKind, Program, Syntax, name};
use crate::source::{FileId, Location, Span};

/// The text of a file of the project.
#[derive(Debug, Clone, Copy)]
pub struct FileText<'a> {
    /// The text as it is in the editor or on disk, decoded.
    pub text: &'a str,
    /// Its language.
    pub syntax: Syntax,
}

/// The project as the fixes see it.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The linked program.
    pub program: &'a Program,
    /// The texts of its files.
    pub files: &'a BTreeMap<FileId, FileText<'a>>,
    /// What is known of calls.
    pub effects: &'a dyn Effects,
}

/// The calls of the metrics that go.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Calls {
    /// All: those that create, choose labels, record.
    pub all: BTreeSet<Location>,
    /// Those that record.
    pub records: BTreeSet<Location>,
    /// Those that can't fail.
    pub sound: BTreeSet<Location>,
}

/// What taking metrics out came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TakenOut {
    /// The edits, sorted.
    pub(super) edits: Vec<Edit>,
    /// The text that goes.
    pub(super) gone: Vec<Location>,
    /// Statements of which only arguments stay.
    pub(super) reduced: Vec<Location>,
    /// Operations with effects of their own that go too.
    pub(super) lost: Vec<Location>,
    /// What stands in the way of a clean cut.
    pub(super) problems: Vec<String>,
    /// The files that change.
    pub(super) files: Vec<FileId>,
}

/// Takes the metrics with these calls out; where it is to be `tidy`, also the statements that only served them.
pub(super) fn take_out(view: View<'_>, calls: &Calls, tidy: bool) -> TakenOut {
    let softness = if tidy { Softness::Everywhere } else { Softness::Touched };
    let files = affected(view, calls);
    let side = |calls: &Calls, touched: &[Location]| {
        let side = Side { program: view.program, files: &files, calls, touched };
        Found::new(&survey(side, view.effects, softness), &files)
    };
    let base = side(&Calls::default(), &[]);
    let first = side(calls, &[]);
    let outlines: BTreeMap<FileId, Parsed> =
        files.iter().filter_map(|&file| Some((file, Parsed::new(view.files.get(&file)?)?))).collect();
    let mut touched = Vec::new();
    for (&file, parsed) in &outlines {
        let evidence = first.evidence(file, &base, calls, tidy);
        touched.extend(heads(&parsed.outline, &evidence).into_iter().map(|span| Location::new(file, span)));
    }
    let found = side(calls, &touched);
    let mut out = TakenOut { problems: found.problems.clone(), files: files.clone(), ..TakenOut::default() };
    for (&file, parsed) in &outlines {
        let Some(text) = view.files.get(&file) else { continue };
        let evidence = found.evidence(file, &base, calls, tidy);
        Cutter { view, file, text, parsed }.cut(evidence, &mut out);
    }
    out.files.retain(|file| out.edits.iter().any(|edit| edit.at.file == *file));
    out
}

/// The files with calls of the metrics, and those that name what holds them.
fn affected(view: View<'_>, calls: &Calls) -> Vec<FileId> {
    let side = Side { program: view.program, files: &[], calls, touched: &[] };
    let erasing = Erasing::new(side, view.effects);
    let paths = erasing.kept().paths;
    let mut files: BTreeSet<FileId> = calls.all.iter().map(|call| call.file).collect();
    let words: BTreeSet<Name> = paths.iter().map(|path| last_word(*path)).collect();
    let near: BTreeSet<FuncId> = words.into_iter().flat_map(|word| erasing.names.near(word)).collect();
    for function in near.into_iter().map(|id| view.program.function(id)) {
        let uses = function.blocks.iter().flat_map(|block| &block.ops).any(|op| match &op.kind {
            OpKind::LoadGlobal(global) => paths.contains(&erasing.names.global(function.module, *global)),
            OpKind::ImportFrom(module, item) => paths.contains(&name(&format!("{module}.{item}"))),
            OpKind::Path(path) => paths.contains(&view.program.canonical(*path)),
            _ => false,
        });
        if uses {
            files.insert(function.file);
        }
    }
    files.into_iter().collect()
}

/// A survey, by file.
struct Found {
    erased: BTreeMap<FileId, Vec<Span>>,
    left: BTreeMap<FileId, Vec<Span>>,
    acting: BTreeMap<FileId, Vec<Span>>,
    fields: BTreeSet<(Location, String)>,
    functions: Vec<Location>,
    problems: Vec<String>,
    /// Names of modules that held a metric.
    paths: BTreeSet<Name>,
    /// Calls that ran a function, with the place of the function.
    runs: Vec<(Location, Span)>,
}

impl Found {
    fn new(ready: &Ready<'_>, files: &[FileId]) -> Self {
        let mut erased: BTreeMap<FileId, Vec<Span>> = BTreeMap::new();
        for place in &ready.erased {
            erased.entry(place.file).or_default().push(place.span);
        }
        for class in &ready.prepared.program.classes {
            for field in &class.fields {
                if ready.prepared.fields.contains(&(class.path, field.name)) {
                    erased.entry(class.file).or_default().push(field.span);
                }
            }
        }
        erased.values_mut().for_each(|spans| spans.sort_unstable());
        Self {
            erased,
            left: files.iter().map(|&file| (file, ready.left(file))).collect(),
            acting: files.iter().map(|&file| (file, ready.acting(file))).collect(),
            fields: ready.fields.iter().map(|(place, field)| (*place, field.to_string())).collect(),
            functions: ready
                .prepared
                .gone
                .iter()
                .filter_map(|id| ready.prepared.program.functions.get(id.index()))
                .map(|function| Location::new(function.file, function.span))
                .collect(),
            problems: ready.problems.clone(),
            paths: ready.paths.clone(),
            runs: ready.runs.iter().map(|(place, made)| (*place, *made)).collect(),
        }
    }

    fn evidence(&self, file: FileId, base: &Found, calls: &Calls, tidy: bool) -> Evidence {
        let of = |map: &BTreeMap<FileId, Vec<Span>>| map.get(&file).cloned().unwrap_or_default();
        let in_file = |place: &&Location| place.file == file;
        // What nobody used before is none of the metric's.
        let idle = base.functions.iter().filter(in_file).map(|place| place.span);
        let mut left: Vec<Span> = of(&self.left).into_iter().chain(idle).collect();
        left.sort_unstable();
        Evidence {
            erased: of(&self.erased),
            left,
            acting: of(&self.acting),
            base: of(&base.left),
            tidy,
            names: Vec::new(),
            exports: self.paths.iter().filter_map(|path| path.rsplit('.').next()).map(str::to_owned).collect(),
            fields: self
                .fields
                .iter()
                .filter(|(place, _)| place.file == file)
                .map(|(place, field)| (place.span, field.clone()))
                .collect(),
            functions: self.functions.iter().filter(in_file).map(|place| place.span).collect(),
            runs: self.runs.iter().filter(|(place, _)| place.file == file).map(|(at, made)| (at.span, *made)).collect(),
            values: calls.records.iter().filter(in_file).map(|place| place.span).collect(),
        }
    }
}

/// A file's syntax, as far as a fix needs it.
pub(super) struct Parsed {
    pub(super) outline: Group,
    /// Texts of several lines.
    fixed: Vec<Span>,
    tree: Tree,
}

enum Tree {
    Python(Box<ruff_python_parser::Parsed<ruff_python_ast::ModModule>>),
    Rust(Box<syn::File>, u32),
}

impl Parsed {
    pub(super) fn new(file: &FileText<'_>) -> Option<Self> {
        match file.syntax {
            Syntax::Python => {
                let parsed =
                    ruff_python_parser::parse_unchecked_source(file.text, ruff_python_ast::PySourceType::Python);
                let fixed = parsed
                    .tokens()
                    .iter()
                    .filter(|token| {
                        matches!(token.kind(), TokenKind::String | TokenKind::FStringMiddle | TokenKind::TStringMiddle)
                    })
                    .map(|token| span(token.range()))
                    .filter(|place| file.text.get(place.range()).is_some_and(|text| text.contains(['\n', '\r'])))
                    .collect();
                let outline = outline_python::outline(file.text, &parsed.syntax().body);
                Some(Self { outline, fixed, tree: Tree::Python(Box::new(parsed)) })
            }
            Syntax::Rust => {
                let (base, text) = crate::rust::body(file.text);
                let tree = syn::parse_str::<syn::File>(text).ok()?;
                let outline = outline_rust::outline(&tree, base);
                Some(Self { outline, fixed: Vec::new(), tree: Tree::Rust(Box::new(tree), base) })
            }
        }
    }
}

impl Parsed {
    /// Values of match arms and closures that are no blocks, outer ones first.
    pub(super) fn arms(&self) -> Vec<Span> {
        match &self.tree {
            Tree::Python(_) => Vec::new(),
            Tree::Rust(file, base) => outline_rust::arms(file, *base),
        }
    }
}

/// One file that is being cut.
struct Cutter<'a, 'b> {
    view: View<'a>,
    file: FileId,
    text: &'b FileText<'a>,
    parsed: &'b Parsed,
}

impl Cutter<'_, '_> {
    fn cut(&self, mut evidence: Evidence, out: &mut TakenOut) {
        // Once to see what goes, then again with the imports that nothing needs then.
        let (gone, _) = self.strip(&evidence);
        if gone.gone.is_empty() {
            return;
        }
        let gone = gone.gone;
        evidence.names = match &self.parsed.tree {
            Tree::Python(parsed) => {
                imports_python::unused(&parsed.syntax().body, &gone, &|item| self.wanted_elsewhere(item))
            }
            Tree::Rust(file, base) => imports_rust::unused(file, *base, &gone),
        };
        let (cut, edits) = self.strip(&evidence);
        let place = |span: Span| Location::new(self.file, span);
        out.gone.extend(cut.gone.into_iter().map(place));
        out.reduced.extend(cut.reduced.into_iter().map(place));
        out.lost.extend(cut.lost.into_iter().map(place));
        out.edits.extend(edits.into_iter().map(|(span, text)| Edit { at: place(span), text }));
    }

    fn strip(&self, evidence: &Evidence) -> (Cut, Vec<(Span, String)>) {
        let mut layout = Layout::new(self.text.text, self.text.syntax);
        layout.fixed.clone_from(&self.parsed.fixed);
        let mut stripper = Stripper { evidence, layout: &mut layout, cut: Cut::default() };
        stripper.group(&self.parsed.outline);
        stripper.values(match self.text.syntax {
            Syntax::Python => "None",
            Syntax::Rust => "()",
        });
        let cut = stripper.cut;
        (cut, layout.finish())
    }

    /// Another file imports the name from this one.
    fn wanted_elsewhere(&self, item: &str) -> bool {
        let program = self.view.program;
        let item = name(item);
        program.functions.iter().filter(|function| function.file != self.file).any(|function| {
            function.blocks.iter().flat_map(|block| &block.ops).any(|op| {
                let OpKind::ImportFrom(module, wanted) = op.kind else { return false };
                let body = program.module_at(module).and_then(|id| program.modules.get(id.index())?.body);
                let file = body.and_then(|id| program.functions.get(id.index())).map(|body| body.file);
                wanted == item && file == Some(self.file)
            })
        })
    }
}
