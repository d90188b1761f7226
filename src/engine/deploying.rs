//! From deployment files to facts, and from what the interpreter saw to the pages that requests are followed to.

use rayon::prelude::*;

use super::gates::Gates;
use super::guard::guarded;
use crate::deploy::{self, Facts, Page};
use crate::flow::{Analysis, Endpoint};
use crate::knowledge::Knowledge;
use crate::program::Program;
use crate::source::{FileError, FileId, Sources};

/// What every deployment file says, each file by itself.
pub(super) fn read_all(
    sources: &Sources,
    files: &[FileId],
    addresses: &[String],
    errors: &mut Vec<FileError>,
) -> Vec<(FileId, Facts)> {
    let read = |&id: &FileId| {
        let path = inside(sources, id);
        (id, guarded(|| deploy::read(id, &path, sources.text(id), addresses)))
    };
    let all: Vec<_> = files.par_iter().map(read).collect();
    let mut found = Vec::with_capacity(all.len());
    for (id, facts) in all {
        match facts {
            Ok(facts) => found.push((id, facts)),
            Err(message) => errors.push(FileError { path: sources.path(id).to_owned(), message }),
        }
    }
    found
}

/// The facts of each path that was given, in file order.
pub(super) fn split(sources: &Sources, facts: Vec<(FileId, Facts)>) -> Vec<Vec<Facts>> {
    let count = sources.files.iter().map(|file| file.project + 1).max().unwrap_or(0);
    let mut parts: Vec<Vec<Facts>> = (0..count).map(|_| Vec::new()).collect();
    for (id, facts) in facts {
        if let Some(part) = sources.get(id).and_then(|file| parts.get_mut(file.project)) {
            part.push(facts);
        }
    }
    parts
}

/// The path of a file below the folder that all files of its project share: where the project lies says nothing.
fn inside(sources: &Sources, id: FileId) -> String {
    let Some(file) = sources.get(id) else { return String::new() };
    let own = sources.files.iter().filter(|other| other.project == file.project);
    let mut shared: Option<&str> = None;
    for other in own {
        let folder = other.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        shared = Some(match shared {
            None => folder,
            Some(known) => common(known, folder),
        });
    }
    let shared = shared.unwrap_or_default();
    file.path.strip_prefix(shared).unwrap_or(&file.path).trim_start_matches('/').to_owned()
}

/// The folders at the beginning of both paths.
fn common<'a>(one: &'a str, other: &str) -> &'a str {
    let mut end = 0;
    for (part, same) in one.split('/').zip(other.split('/')) {
        if part != same {
            break;
        }
        end += part.len() + usize::from(end > 0);
    }
    one.get(..end).unwrap_or_default()
}

/// The pages of a project.
pub(super) fn pages(
    sources: &Sources,
    analysis: &Analysis,
    (program, knowledge): (&Program, &Knowledge),
    facts: &[Facts],
) -> Vec<Page> {
    let gates = Gates::new(program, knowledge);
    // Who may see a page matters only where something leads to it.
    let has_doors = facts.iter().any(Facts::may_open);
    let asked = analysis.endpoints.iter().filter(|endpoint| endpoint.kind != "file");
    asked
        .map(|endpoint| {
            let page = page(sources, endpoint);
            let protected = has_doors && page.port.is_none() && gates.keep(endpoint);
            Page { protected, ..page }
        })
        .collect()
}

fn page(sources: &Sources, endpoint: &Endpoint) -> Page {
    let call = sources.snippet(endpoint.at.file, endpoint.at.span);
    let is_server = endpoint.kind == "server";
    let written = endpoint.route.as_deref().unwrap_or_default();
    let port = if is_server {
        written.rsplit(':').next().and_then(|port| port.parse().ok()).or_else(|| deploy::port_in(call))
    } else {
        None
    };
    let mut routes = endpoint.routes.clone();
    if is_server && port.is_none() && routes.is_empty() {
        routes.extend(deploy::mounted_at(sources.text(endpoint.at.file), endpoint.at.span.start as usize));
    }
    Page {
        at: Some(endpoint.at),
        path: inside(sources, endpoint.at.file),
        function: endpoint.function.clone(),
        port,
        loopback: is_server && deploy::names_loopback(call),
        protected: false,
        routes: if is_server && port.is_some() { Vec::new() } else { routes },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_folders() {
        assert_eq!(common("a/b/c", "a/b/d"), "a/b");
        assert_eq!(common("a", "b"), "");
        assert_eq!(common("ab/c", "a/c"), "");
    }
}
