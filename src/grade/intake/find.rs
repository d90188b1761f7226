//! What in a folder is a submission, and whose?

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::contents::{is_archive, is_foreign_archive};
use super::{metadata, names};
use crate::grade::marks::Student;
use crate::report::plain;
use crate::source::{FileError, Language};

/// A file or folder of a submission.
#[derive(Debug, Clone)]
pub(in crate::grade) struct Part {
    /// Where it lies.
    pub(in crate::grade) path: PathBuf,
    /// What the student called it; for a file its path within the submission.
    pub(in crate::grade) name: String,
}

/// A submission that was found, not yet read.
#[derive(Debug, Clone)]
pub(in crate::grade) struct Found {
    /// Names it in reports: unique.
    pub(in crate::grade) key: String,
    /// What stands before paths inside of it, with a `/` at the end.
    pub(in crate::grade) prefix: String,
    pub(in crate::grade) students: Vec<Student>,
    /// The platform marks it as late.
    pub(in crate::grade) late: bool,
    pub(in crate::grade) parts: Vec<Part>,
    /// Earlier attempts, which are not graded.
    pub(in crate::grade) earlier: Vec<String>,
}

/// What a folder holds.
#[derive(Debug, Default)]
pub(in crate::grade) struct Intake {
    pub(in crate::grade) submissions: Vec<Found>,
    /// What is no submission, and why.
    pub(in crate::grade) left_out: Vec<FileError>,
}

/// Lists the submissions in a folder, by key.
pub(in crate::grade) fn find(folder: &Path, shown: &str) -> Result<Intake, std::io::Error> {
    let (folder, shown) = descend(folder, shown)?;
    let entries = entries(&folder)?;
    let mut known = metadata::read(&folder);
    let common = common_prefix(&folder, &entries);
    let mut intake = Intake::default();
    let mut groups: BTreeMap<(String, String), Group> = BTreeMap::new();
    for path in entries {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match kind(&path, &name) {
            Ok(named) => {
                let named = named.unwrap_or_else(|| names::Named { file: name.clone(), ..names::Named::default() });
                let key = if named.id.is_empty() {
                    (name.clone(), String::new())
                } else {
                    (named.student.clone(), named.id.clone())
                };
                groups.entry(key).or_default().members.push((named, path, name));
            }
            Err(Some(message)) => intake.left_out.push(FileError { path: plain(&name).into_owned(), message }),
            Err(None) => {}
        }
    }
    for ((student, id), group) in groups {
        let listed = known.remove(&student).unwrap_or_default();
        intake.submissions.push(group.submission(&student, &id, &shown, (listed, &common)));
    }
    make_unique(&mut intake.submissions);
    intake.left_out.sort();
    Ok(intake)
}

/// A folder that a platform packs submissions into: GitHub Classroom's `hw3-submissions`, or the only folder in an export
/// whose metadata lies in it.
fn descend(folder: &Path, shown: &str) -> Result<(PathBuf, String), std::io::Error> {
    let all = entries(folder)?;
    let visible: Vec<&PathBuf> = all.iter().filter(|path| !is_hidden(path)).collect();
    if let [only] = visible[..] {
        let name = only.file_name().unwrap_or_default().to_string_lossy();
        let holds = name.ends_with("-submissions") || only.join("submission_metadata.yml").is_file();
        if holds && fs::symlink_metadata(only).is_ok_and(|meta| meta.is_dir()) {
            return Ok(((*only).clone(), format!("{shown}{name}/")));
        }
    }
    Ok((folder.to_owned(), shown.to_owned()))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, std::io::Error> {
    let mut found: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    found.sort();
    Ok(found)
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

/// What an entry's name says if it is a submission; why it is none, where that is worth telling.
fn kind(path: &Path, name: &str) -> Result<Option<names::Named>, Option<String>> {
    let meta = fs::symlink_metadata(path).map_err(|error| Some(format!("cannot be read: {error}")))?;
    if meta.is_symlink() {
        return Err(Some("is a link: not followed".to_owned()));
    }
    if is_hidden(path) || name == "__MACOSX" || name == "submission_metadata.yml" {
        return Err(None);
    }
    let named = names::read(name);
    if meta.is_dir() {
        return Ok(named);
    }
    if !meta.is_file() {
        return Err(Some("is neither a file nor a folder: not read".to_owned()));
    }
    if named.is_some() || is_archive(name) || is_foreign_archive(name) || Language::of(name).is_some() {
        return Ok(named);
    }
    Err(Some("is no folder, archive or source file: not a submission".to_owned()))
}

/// What all clones of GitHub Classroom start with: `hw3-` in `hw3-submissions`.
fn common_prefix(folder: &Path, entries: &[PathBuf]) -> String {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let Some(prefix) = name.strip_suffix("submissions").filter(|prefix| prefix.len() > 1) else { return String::new() };
    let all = entries.iter().filter(|path| path.is_dir() && !is_hidden(path));
    let fits =
        all.into_iter().all(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix)));
    if fits { prefix.to_owned() } else { String::new() }
}

#[derive(Debug, Default)]
struct Group {
    members: Vec<(names::Named, PathBuf, String)>,
}

impl Group {
    /// The newest attempt at each file is taken.
    fn submission(mut self, student: &str, id: &str, shown: &str, (listed, common): (Vec<Student>, &str)) -> Found {
        self.members.sort_by(|a, b| (&a.0.file, a.0.attempt).cmp(&(&b.0.file, b.0.attempt)));
        let newest = self.members.iter().map(|(named, ..)| named.attempt).max().unwrap_or(0);
        let archives = self.members.iter().any(|(named, _, name)| named.attempt == newest && is_archive(name));
        let (mut parts, mut earlier) = (Vec::new(), Vec::new());
        let late = self.members.iter().any(|(named, ..)| named.late && named.attempt == newest);
        let all = std::mem::take(&mut self.members);
        for (at, (named, path, name)) in all.iter().enumerate() {
            let superseded = all.get(at + 1).is_some_and(|(next, ..)| !id.is_empty() && next.file == named.file);
            // A newer archive stands for everything that came before.
            if superseded || (archives && named.attempt < newest) {
                earlier.push(plain(name).into_owned());
            } else {
                let inside = if named.file.is_empty() { name.clone() } else { named.file.clone() };
                parts.push(Part { path: path.clone(), name: inside });
            }
        }
        let first = all.first().map(|(.., name)| name.clone()).unwrap_or_default();
        let is_group = !id.is_empty();
        let key = if is_group { format!("{student}_{id}") } else { stem(&first).to_owned() };
        let single = if parts.len() == 1 {
            parts[0].path.file_name().map(|name| name.to_string_lossy().into_owned())
        } else {
            None
        };
        let folder = single.unwrap_or_else(|| key.clone());
        let lone = parts.len() == 1 && parts[0].path.is_file() && !is_archive(&parts[0].name);
        let prefix = if lone && !is_group { shown.to_owned() } else { format!("{shown}{folder}/") };
        let guessed = Student {
            name: key.strip_prefix(common).filter(|rest| !rest.is_empty()).unwrap_or(&key).to_owned(),
            ..Student::default()
        };
        let students = match (listed.is_empty(), is_group) {
            (false, _) => listed,
            (true, true) => vec![Student { name: student.to_owned(), id: id.to_owned(), ..Student::default() }],
            (true, false) => vec![guessed],
        };
        Found {
            key: plain(&key).replace(['\n', '\r', '\t'], "?"),
            prefix: plain(&prefix).into_owned(),
            students,
            late,
            parts,
            earlier,
        }
    }
}

fn stem(name: &str) -> &str {
    let lower = name.to_lowercase();
    let ending = [".tar.gz", ".tgz", ".zip", ".tar", ".git"].iter().find(|ending| lower.ends_with(*ending));
    ending.map_or(name, |ending| &name[..name.len() - ending.len()])
}

/// `hw.zip` beside a folder `hw` is another submission.
fn make_unique(found: &mut [Found]) {
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    for one in found.iter_mut() {
        let times = taken.entry(one.key.clone()).or_default();
        *times += 1;
        if *times > 1 {
            one.key = format!("{} ({times})", one.key);
        }
    }
    found.sort_by(|a, b| a.key.cmp(&b.key));
}
