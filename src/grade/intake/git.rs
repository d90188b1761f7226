//! Reads the newest state of a git repository without a work tree.
//!
//! `git` itself reads the objects, but from a repository of our own in a private temporary folder that merely looks into
//! the student's objects: no configuration, hook, alternate or remote of theirs is ever seen by it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::contents::{Contents, Wanted};
use super::unpack::take_admitted;

/// Whether a folder is a repository without a work tree.
pub(super) fn is_bare(folder: &Path) -> bool {
    directory(folder).is_some()
}

/// Where the repository lies: the folder itself, or the `.git` in it where nothing else is.
fn directory(folder: &Path) -> Option<PathBuf> {
    let is_repository = |path: &Path| {
        let is_folder = |name: &str| fs::symlink_metadata(path.join(name)).is_ok_and(|meta| meta.is_dir());
        is_folder("objects") && is_folder("refs") && path.join("HEAD").is_file()
    };
    if is_repository(folder) {
        return Some(folder.to_owned());
    }
    let inside = folder.join(".git");
    let alone = fs::read_dir(folder).ok()?.take(2).count() == 1;
    (alone && !fs::symlink_metadata(&inside).is_ok_and(|meta| meta.is_symlink()) && is_repository(&inside))
        .then_some(inside)
}

pub(super) fn read(folder: &Path, contents: &mut Contents) {
    if let Err(message) = read_repository(folder, contents) {
        contents.problem(".git", message);
    }
}

fn read_repository(folder: &Path, contents: &mut Contents) -> Result<(), String> {
    let theirs = directory(folder).ok_or("is not a repository")?;
    if fs::symlink_metadata(theirs.join("objects/info/alternates")).is_ok() {
        return Err("borrows objects from another repository: not read".to_owned());
    }
    let commit = head(&theirs).ok_or("has no commit, or none that HEAD or a branch names")?;
    let ours = Ours::new(&theirs, commit.len())?;
    let files = ours.list(&commit, contents)?;
    ours.fetch(&files, contents)
}

/// The commit that HEAD names, else the first branch's, main ones first.
fn head(theirs: &Path) -> Option<String> {
    let branches = branches(theirs);
    let text = small(&theirs.join("HEAD"))?;
    let named = match text.trim().strip_prefix("ref:") {
        Some(name) => branches.get(name.trim()).cloned(),
        None => hash(text.trim()),
    };
    let usual = ["refs/heads/main", "refs/heads/master"].iter().find_map(|name| branches.get(*name).cloned());
    named
        .or(usual)
        .or_else(|| branches.into_iter().find(|(name, _)| name.starts_with("refs/heads/")).map(|(_, hash)| hash))
}

fn branches(theirs: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for line in small(&theirs.join("packed-refs")).unwrap_or_default().lines() {
        if let Some((id, name)) = line.split_once(' ')
            && let Some(id) = hash(id)
        {
            found.insert(name.trim().to_owned(), id);
        }
    }
    let walk = walkdir::WalkDir::new(theirs.join("refs")).follow_links(false).max_depth(8).sort_by_file_name();
    for entry in walk.into_iter().filter_map(Result::ok).take(1000).filter(|entry| entry.file_type().is_file()) {
        let name = entry.path().strip_prefix(theirs).unwrap_or(entry.path()).to_string_lossy().replace('\\', "/");
        if let Some(id) = small(entry.path()).and_then(|text| hash(text.trim())) {
            found.insert(name, id);
        }
    }
    found
}

fn small(path: &Path) -> Option<String> {
    let meta = fs::symlink_metadata(path).ok()?;
    if !meta.is_file() || meta.len() > (1 << 20) {
        return None;
    }
    fs::read_to_string(path).ok()
}

fn hash(text: &str) -> Option<String> {
    let is_hash = [40, 64].contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| text.to_lowercase())
}

/// Our own repository, over their objects.
struct Ours {
    folder: tempfile::TempDir,
    objects: PathBuf,
}

impl Ours {
    fn new(theirs: &Path, length: usize) -> Result<Self, String> {
        let cannot = |error: std::io::Error| format!("cannot be read: {error}");
        let folder = tempfile::tempdir().map_err(cannot)?;
        let format = if length == 64 { (1, "[extensions]\n\tobjectformat = sha256\n") } else { (0, "") };
        let config = format!(
            "[core]\n\trepositoryformatversion = {}\n\tbare = true\n\tpackedGitLimit = 64m\n\tpackedGitWindowSize = 16m\n{}",
            format.0, format.1
        );
        for name in ["objects", "refs"] {
            fs::create_dir(folder.path().join(name)).map_err(cannot)?;
        }
        fs::write(folder.path().join("config"), config).map_err(cannot)?;
        fs::write(folder.path().join("HEAD"), "ref: refs/heads/none\n").map_err(cannot)?;
        let objects = fs::canonicalize(theirs.join("objects")).map_err(cannot)?;
        Ok(Self { folder, objects })
    }

    fn git(&self, arguments: &[&str]) -> Result<Child, String> {
        let mut command = Command::new("git");
        command.env_clear().current_dir(self.folder.path()).args(arguments);
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command.env("GIT_DIR", self.folder.path()).env("GIT_OBJECT_DIRECTORY", &self.objects);
        command.env("HOME", self.folder.path()).env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        for (name, value) in
            [("GIT_NO_LAZY_FETCH", "1"), ("GIT_NO_REPLACE_OBJECTS", "1"), ("GIT_TERMINAL_PROMPT", "0"), ("LC_ALL", "C")]
        {
            command.env(name, value);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        command.spawn().map_err(|error| format!("`git` cannot be run to read it: {error}"))
    }

    /// Files of the commit that may be taken: path, size, object.
    fn list(&self, commit: &str, contents: &mut Contents) -> Result<Vec<(String, u64, String)>, String> {
        let mut child = self.git(&["ls-tree", "-r", "-l", "-z", "--full-tree", commit])?;
        let out = child.stdout.take().ok_or("`git` gives no output")?;
        let mut files = Vec::new();
        let mut reader = BufReader::new(out);
        loop {
            let mut line = Vec::new();
            let read = (&mut reader).take(1 << 16).read_until(0, &mut line).unwrap_or(0);
            if read == 0 {
                break;
            }
            let line = String::from_utf8_lossy(&line);
            let Some((meta, name)) = line.trim_end_matches('\0').split_once('\t') else { break };
            if !contents.enter(name) {
                break;
            }
            let meta: Vec<&str> = meta.split_whitespace().collect();
            let [mode, _, id, size] = meta[..] else { break };
            match mode {
                "120000" => contents.problem(name, "is a link: not followed"),
                "160000" => contents.problem(name, "is another repository: not read"),
                _ => {
                    if let Some(path) = contents.admit("", name) {
                        files.push((path, size.parse().unwrap_or(0), id.to_owned()));
                    }
                }
            }
        }
        let _ = child.kill();
        let _ = child.wait();
        if files.is_empty() { Err("holds no files that can be read".to_owned()) } else { Ok(files) }
    }

    fn fetch(&self, files: &[(String, u64, String)], contents: &mut Contents) -> Result<(), String> {
        let mut child = self.git(&["cat-file", "--batch"])?;
        let (Some(mut input), Some(out)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("`git` gives no output".to_owned());
        };
        let mut out = BufReader::new(out);
        let mut result = Ok(());
        for (path, size, id) in files {
            if contents.wanted(path, *size, 0) == Wanted::No {
                continue;
            }
            if let Err(message) = object(&mut input, &mut out, path, id, contents) {
                result = Err(message);
                break;
            }
        }
        let _ = child.kill();
        let _ = child.wait();
        result
    }
}

/// Asks for one object and takes it.
fn object(
    input: &mut ChildStdin,
    out: &mut BufReader<ChildStdout>,
    path: &str,
    id: &str,
    contents: &mut Contents,
) -> Result<(), String> {
    let ended = |_| "`git` ended while it was read".to_owned();
    writeln!(input, "{id}").and_then(|()| input.flush()).map_err(ended)?;
    let mut head = String::new();
    out.take(1024).read_line(&mut head).map_err(ended)?;
    let size = head.trim().rsplit_once(' ').and_then(|(_, size)| size.parse::<u64>().ok());
    let Some(size) = size else {
        contents.problem(path, "is missing in the repository");
        return if head.is_empty() { Err("`git` ended while it was read".to_owned()) } else { Ok(()) };
    };
    let mut body = out.take(size + 1);
    take_admitted(path, (&mut body).take(size), size, 0, contents);
    std::io::copy(&mut body, &mut std::io::sink()).map_err(ended)?;
    if contents.unpack(path, size) { Ok(()) } else { Err("unpacks to too much".to_owned()) }
}
