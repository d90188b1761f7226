//! What each stage of the pipeline costs, on the fixtures: `cargo bench`, or `cargo bench -- lower` for one of them.

use std::path::{Path, PathBuf};

use divan::{Bencher, black_box};
use overexposed::engine::{self, Layout};
use overexposed::flow::{self, Analysis};
use overexposed::knowledge::Knowledge;
use overexposed::program::{Program, Unit};
use overexposed::source::{DiscoverOptions, Discovered, Language, Sources, decode, discover};

/// A Django site and an axum service.
const PYTHON: &str = "fixtures/giftcard";
const RUST: &str = "fixtures/ledger/axum-service";

fn main() {
    divan::main();
}

/// The repository; fixtures are found wherever the benchmark is started.
fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn found(project: &str) -> Discovered {
    let options = DiscoverOptions { working: repository().to_owned(), threads: 1, ..DiscoverOptions::default() };
    discover(&[repository().join(project)], &options)
}

/// Finds and reads all files.
fn read(project: &str) -> Prepared {
    let Discovered { mut sources, manifests, .. } = found(project);
    for file in &mut sources.files {
        let bytes = file.disk.as_ref().and_then(|path| std::fs::read(path).ok()).unwrap_or_default();
        if let Ok((text, encoding)) = decode(bytes, file.language == Language::Python) {
            (file.text, file.encoding) = (Some(text.into()), encoding);
        }
    }
    Prepared { roots: vec![repository().join(project)], sources, manifests }
}

struct Prepared {
    roots: Vec<PathBuf>,
    sources: Sources,
    manifests: Vec<PathBuf>,
}

impl Prepared {
    fn layout(&self) -> Layout {
        Layout::new(&self.sources, &self.roots, &self.manifests, repository())
    }

    fn lower(&self, layout: &Layout) -> Vec<Unit> {
        self.sources.ids().filter_map(|id| engine::lower(&self.sources, layout, id).ok()).collect()
    }
}

fn options() -> flow::Options {
    flow::Options {
        approved: vec!["database_error_return_404".to_owned()],
        count_soft_404: true,
        ..flow::Options::default()
    }
}

#[divan::bench(args = [PYTHON, RUST])]
fn discover_and_read(project: &str) -> usize {
    read(black_box(project)).sources.files.len()
}

#[divan::bench]
fn lower_python(bencher: Bencher<'_, '_>) {
    lower(bencher, PYTHON);
}

#[divan::bench]
fn lower_rust(bencher: Bencher<'_, '_>) {
    lower(bencher, RUST);
}

fn lower(bencher: Bencher<'_, '_>, project: &str) {
    let prepared = read(project);
    let layout = prepared.layout();
    assert!(!prepared.lower(&layout).is_empty(), "{project} has files");
    bencher.bench_local(|| prepared.lower(&layout));
}

#[divan::bench(args = [PYTHON, RUST])]
fn interpret(bencher: Bencher<'_, '_>, project: &str) {
    let prepared = read(project);
    let program = Program::link(prepared.lower(&prepared.layout()));
    let (knowledge, options) = (Knowledge::builtin(), options());
    let run = || -> Analysis { flow::analyze(&program, knowledge, &options) };
    assert!(!run().metrics.is_empty(), "{project} has metrics");
    bencher.bench_local(run);
}

#[divan::bench(args = [PYTHON, RUST])]
fn whole_check(bencher: Bencher<'_, '_>, project: &str) {
    let knowledge = Knowledge::builtin();
    let settings = engine::Options { approved: options().approved, count_soft_404: true, ..engine::Options::default() };
    bencher.bench_local(|| {
        let Discovered { mut sources, manifests, .. } = found(project);
        let layout = Layout::new(&sources, &[repository().join(project)], &manifests, repository());
        engine::audit(&mut sources, &layout, knowledge, &settings).findings.len()
    });
}
