//! From arguments to files, settings and an audit: what all commands that read code share.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use super::args::Scope;
use super::{knowledge, shard};
use crate::config::{self, Config, CountEntry, Found, Levels, PathSet, defaults};
use crate::deploy;
use crate::engine::{self, Audit, Demand, Layout, Options, Progress};
use crate::error::Failure;
use crate::knowledge::Knowledge;
use crate::rules;
use crate::source::{DiscoverOptions, Discovered, FileError, Language, SourceFile, Sources, decode, discover};
use crate::suppress::{Date, Policy};

/// Everything that a run reads and decides before the engine starts.
pub(super) struct Run {
    pub(super) sources: Sources,
    pub(super) layout: Layout,
    pub(super) knowledge: Knowledge,
    pub(super) options: Options,
    /// The configuration, and the folder that its paths are relative to.
    pub(super) config: Config,
    pub(super) folder: PathBuf,
    pub(super) threads: usize,
    /// How long it took to find the files.
    pub(super) discovering: Duration,
    /// The working directory.
    pub(super) working: PathBuf,
    /// Paths given that can't be read.
    pub(super) missing: Vec<FileError>,
    /// Folders that can't be entered.
    pub(super) errors: Vec<FileError>,
}

impl Run {
    /// Finds the files and settings.
    pub(super) fn new(scope: &Scope) -> Result<Self, Failure> {
        let working = std::env::current_dir()
            .map_err(|cause| Failure::Io { what: "cannot tell the working directory".to_owned(), cause })?;
        let Found { config, path, text, .. } = configuration(scope)?;
        let folder = path.as_deref().and_then(Path::parent).map_or_else(|| working.clone(), Path::to_owned);
        let start = Instant::now();
        let roots = roots(scope);
        let found = if scope.paths.iter().any(|path| path.as_os_str() == "-") {
            standard_input(scope)?
        } else {
            of_shard(scope, &roots, &working, discover(&roots, &discover_options(scope, &config, &working, &folder)))
        };
        let discovering = start.elapsed();
        let knowledge = knowledge::read(scope.rules.as_deref(), &config, path.as_deref(), &text)?;
        let mut layout = Layout::new(&found.sources, &roots, &found.manifests, &working);
        layout.know(&knowledge);
        Ok(Self {
            layout,
            sources: found.sources,
            knowledge,
            options: options(scope, &config, &folder, &working)?,
            config,
            folder,
            threads: scope.threads,
            discovering,
            working,
            missing: found.missing,
            errors: found.errors,
        })
    }

    /// Runs the engine.
    pub(super) fn audit(&mut self) -> Result<Audit, Failure> {
        let Self { sources, layout, knowledge, options, .. } = self;
        let work = || engine::audit(sources, layout, knowledge, options);
        let mut audit = engine::with_threads(self.threads, work).map_err(Failure::Internal)?;
        self.add_errors(&mut audit);
        Ok(audit)
    }

    /// Adds what went wrong before the engine started.
    pub(super) fn add_errors(&self, audit: &mut Audit) {
        audit.errors.extend(self.errors.iter().chain(&self.missing).cloned());
        audit.errors.sort();
        audit.errors.dedup();
    }

    /// Why the exit code must be 2 whatever was found, if so.
    pub(super) fn failure(&self, audit: &Audit) -> Option<Failure> {
        if let Some(missing) = self.missing.first() {
            return Some(Failure::Unreadable { path: missing.path.clone(), message: missing.message.clone() });
        }
        (audit.totals.files == 0 && !self.sources.files.is_empty())
            .then_some(Failure::NothingRead(self.sources.files.len()))
    }
}

/// The projects: what was given, or what begins below it where only a part is wanted.
fn roots(scope: &Scope) -> Vec<PathBuf> {
    if scope.shard.is_none() {
        return scope.paths.clone();
    }
    let skip = &defaults().discover.skip_folders;
    shard::projects(&scope.paths, &|path| {
        path.file_name().is_some_and(|name| skip.iter().any(|known| name == known.as_str()))
    })
}

/// Leaves the files of the projects that are wanted.
fn of_shard(scope: &Scope, roots: &[PathBuf], working: &Path, mut found: Discovered) -> Discovered {
    if let Some(shard) = scope.shard {
        let wanted: Vec<bool> = roots.iter().map(|root| shard.holds(root, working)).collect();
        found.sources.files.retain(|file| wanted.get(file.project).copied().unwrap_or(false));
    }
    found
}

/// The configuration that holds for the first path.
pub(super) fn configuration(scope: &Scope) -> Result<Found, Failure> {
    let known = rules::names();
    if scope.isolated {
        return Ok(Found::default());
    }
    if let Some(path) = &scope.config {
        return config::read_named(path, &known);
    }
    let first = scope.paths.iter().find(|path| path.as_os_str() != "-");
    let start = match first {
        Some(path) if path.is_file() => path.parent().filter(|folder| !folder.as_os_str().is_empty()),
        other => other.map(PathBuf::as_path),
    };
    config::find(start.unwrap_or(Path::new(".")), &known)
}

fn discover_options(scope: &Scope, config: &Config, working: &Path, folder: &Path) -> DiscoverOptions {
    let known = &defaults().discover;
    DiscoverOptions {
        working: working.to_owned(),
        include_tests: scope.include_tests || config.include_tests.unwrap_or(false),
        skip_folders: known.skip_folders.clone(),
        skip_folders_with: known.skip_folders_with.clone(),
        test_folders: known.test_folders.clone(),
        test_files: known.test_files.clone(),
        include: config.include.clone(),
        exclude: config.exclude.clone(),
        exclude_root: folder.to_owned(),
        threads: scope.threads,
        is_deploy: Some(deploy::is_candidate),
        is_known_hidden: Some(deploy::is_known_hidden),
    }
}

fn standard_input(scope: &Scope) -> Result<Discovered, Failure> {
    if scope.paths.len() > 1 {
        return Err(Failure::Arguments("`-` cannot be combined with other paths".to_owned()));
    }
    let name = &scope.stdin_filename;
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let deployed = deploy::is_candidate(base).then_some(Language::Deploy);
    let Some(language) = Language::of(name).or(deployed) else {
        return Err(Failure::Unreadable {
            path: name.clone(),
            message: "not a kind of file that is audited".to_owned(),
        });
    };
    let limit = defaults().discover.max_bytes;
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(limit + 1).read_to_end(&mut bytes);
    read.map_err(|cause| Failure::Io { what: "cannot read standard input".to_owned(), cause })?;
    if bytes.len() as u64 > limit {
        return Err(Failure::Unreadable { path: name.clone(), message: "too large".to_owned() });
    }
    let (text, encoding) = decode(bytes, language == Language::Python)
        .map_err(|error| Failure::Unreadable { path: name.clone(), message: error.to_string() })?;
    let file = SourceFile {
        path: name.clone(),
        disk: None,
        language,
        project: 0,
        is_test: false,
        text: Some(text.into()),
        encoding,
        starts: None,
    };
    Ok(Discovered { sources: Sources { files: vec![file] }, ..Discovered::default() })
}

/// What the configured counters count.
fn demands(config: &Config, folder: &Path, working: &Path) -> Vec<Demand> {
    let demand = |entry: &CountEntry| Demand {
        counter: entry.counter.clone(),
        status: entry.status,
        files: entry.r#where.clone().map(|line| PathSet::new(&[line], folder, working)),
        exception: entry.exception.clone(),
    };
    config.count.each.iter().map(demand).collect()
}

fn options(scope: &Scope, config: &Config, folder: &Path, working: &Path) -> Result<Options, Failure> {
    let mut levels = config.rules.clone();
    let mut overrides = config.overrides.clone();
    for (rule, level) in &scope.levels {
        if rules::by_name(rule).is_none() {
            return Err(super::rule::unknown(rule));
        }
        // The command line wins everywhere.
        for one in &mut overrides {
            one.rules.remove(rule);
        }
        levels.insert(rule.clone(), *level);
    }
    Ok(Options {
        approved: if scope.counters.is_empty() { config.approved() } else { scope.counters.clone() },
        counts: if scope.counters.is_empty() { demands(config, folder, working) } else { Vec::new() },
        count_soft_404: scope.count_soft_404.unwrap_or(config.counts_soft_404()),
        count_framework_404: config.count_framework_404.unwrap_or(false),
        parse_all: scope.parse_all,
        include_tests: scope.include_tests || config.include_tests.unwrap_or(false),
        scrape: config.deploy.scrape.clone(),
        levels: Levels::new(levels, &overrides, folder, working),
        allows: Policy { require_reason: config.require_reason.unwrap_or(true), today: Some(today()) },
        progress: Progress::default(),
    })
}

/// The day on which allow comments are judged; whoever needs the same result every day sets SOURCE_DATE_EPOCH.
fn today() -> Date {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse().ok());
    let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Date::from_seconds(fixed.unwrap_or_else(now))
}
