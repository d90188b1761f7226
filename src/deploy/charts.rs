//! Which chart repositories are used? What is written in YAML, and in commands of scripts and write-ups.

use super::data::data;
use super::facts::ChartMention;
use super::text::Text;
use super::yaml::{Node, Value};
use crate::source::Location;

/// Words of a sentence that warns of what it names.
const WARNINGS: &[&str] = &[
    "do not",
    "don't",
    "don’t",
    "never",
    "no longer",
    "deprecated",
    "retired",
    "instead of",
    "avoid",
    "obsolete",
    "shut down",
    "used to",
    "previously",
    "formerly",
    "replaced",
    "not use",
    "stop using",
    "must not",
    "should not",
    "shouldn't",
    "old way",
    "outdated",
    "~~",
    "wrong:",
    "rather than",
];

/// Commands of Helm that name a chart.
const COMMANDS: &[&str] = &["install", "upgrade", "template", "fetch", "pull", "show", "inspect"];

/// Whether an address is that of a retired repository.
pub(super) fn is_retired(address: &str) -> bool {
    let bare = bare(address);
    data().charts.retired.iter().any(|known| {
        bare.strip_prefix(known.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.', '?', '@']))
    })
}

fn is_current(address: &str) -> bool {
    bare(address).starts_with(bare(&data().charts.repository))
        || bare(address).starts_with("ghcr.io/prometheus-community/charts")
}

fn bare(address: &str) -> &str {
    let address = address.trim().trim_matches(['"', '\'', '`', '<', '>', ',', ';', ')', '(', '.', '”', '“']);
    let address = address.strip_prefix("git+").unwrap_or(address);
    let address = address.split_once("://").map_or(address, |(_, rest)| rest);
    address.trim_end_matches('/')
}

/// Where the chart lives now, in words.
fn instead(chart: Option<&str>) -> String {
    let charts = &data().charts;
    match chart {
        Some(chart) => format!("use the chart `{chart}` of {}", charts.repository),
        None => format!("use a repository that is kept, such as {}", charts.repository),
    }
}

fn mention(what: &str, at: Location) -> ChartMention {
    ChartMention {
        what: what.to_owned(),
        at,
        retired: false,
        alias: None,
        binds: false,
        instead: instead(None),
        edits: Vec::new(),
        caveat: None,
    }
}

/// `stable/prometheus`, taken apart.
fn reference(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_matches(['"', '\'', '`', ',', ';', '.', ')', '(', '”', '“']);
    let (alias, chart) = text.split_once('/')?;
    let is_name = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_')
    };
    (is_name(alias) && is_name(chart)).then_some((alias, chart))
}

/// The use of a chart by alias: what the alias stands for is settled when all files are known.
fn by_alias(alias: &str, chart: &str, at: Location) -> Option<ChartMention> {
    let charts = &data().charts;
    let whole = format!("{alias}/{chart}");
    let moved = charts.moved.get(&whole).or_else(|| charts.moved.get(&format!("stable/{chart}")));
    let by_default = charts.aliases.iter().any(|known| known == alias) || charts.moved.contains_key(&whole);
    let mut found = mention(&whole, at);
    found.retired = by_default;
    found.instead = instead(moved.map(String::as_str));
    // A chart that is retired wherever it is found has no alias to settle.
    found.alias = (alias != charts.alias).then(|| alias.to_owned());
    let is_current = alias == charts.alias;
    (found.retired || is_current || found.alias.is_some()).then_some(found)
}

/// What an entry of YAML says about charts.
pub(super) fn of_entry(key: &Node, value: &Node, around: &Node) -> Option<ChartMention> {
    let (name, text) = (key.text()?, value.known()?);
    let at = Location::new(key.at.file, key.at.span.cover(value.at.span));
    // Looked up only where it is needed: maps may be long.
    let chart = || around.str("chart").or_else(|| around.str("name"));
    if is_retired(text) && !text.contains(char::is_whitespace) {
        let mut found = mention(text, at);
        found.retired = true;
        found.binds = matches!(name, "url" | "repo_url");
        found.alias = if found.binds { around.str("name").map(str::to_owned) } else { None };
        let moved = chart().and_then(|chart| data().charts.moved.get(&format!("stable/{chart}")));
        found.instead = instead(moved.map(String::as_str));
        if name == "repository" && moved.map(String::as_str) == chart() && moved.is_some() {
            found.edits = vec![(value.at, in_its_quotes(value, &data().charts.repository))];
            found.caveat = around.str("version").map(|version| format!("version {version} may not be there"));
        }
        return Some(found);
    }
    match name {
        "chart" | "remoteChart" | "chart_ref" | "chartRef" => {
            let (alias, chart) = reference(text)?;
            by_alias(alias, chart, at)
        }
        "repository" if text.starts_with('@') || text.starts_with("alias:") => {
            let alias = text.trim_start_matches("alias:").trim_start_matches('@');
            let mut found = by_alias(alias, chart().unwrap_or_default(), at)?;
            text.clone_into(&mut found.what);
            Some(found)
        }
        "repository" | "url" | "repoURL" | "repo" => {
            let mut found = mention(text, at);
            let is_source = text.contains("://") && around.str("name").is_some();
            if is_current(text) {
                let whole = format!("{}/{}", data().charts.alias, chart()?);
                found.retired = data().charts.moved.contains_key(&whole) && name != "url";
                found.instead = instead(data().charts.moved.get(&whole).map(String::as_str));
                return Some(found);
            }
            found.binds = name == "url" && is_source;
            found.alias = around.str("name").map(str::to_owned);
            found.binds.then_some(found)
        }
        _ => None,
    }
}

/// A text written as the value was that it replaces, quotes and all.
fn in_its_quotes(value: &Node, text: &str) -> String {
    match value.value {
        Value::Scalar { plain: false, .. } => format!("\"{text}\""),
        _ => text.to_owned(),
    }
}

/// Charts in the lines of a script, or of a text that a person wrote.
pub(super) fn of_lines(text: &Text, is_prose: bool) -> Vec<ChartMention> {
    let mut found = Vec::new();
    let mut warned = false;
    let mut start = 0;
    let variables = if is_prose { Vec::new() } else { variables(&text.content) };
    for line in text.content.split_inclusive('\n') {
        let trimmed = line.trim();
        let is_comment =
            !is_prose && (trimmed.starts_with('#') || trimmed.starts_with("//") || trimmed.starts_with("REM "));
        if !is_comment {
            // A warning is about the commands below it, not about the next sentence.
            found.extend(of_line(text, (line, start), is_prose && warned && is_code(line), &variables));
        }
        if is_prose && !trimmed.is_empty() && !is_code(line) {
            warned = is_warning(trimmed);
        }
        start += line.len();
    }
    if !is_prose {
        plain_replacements(&mut found);
    }
    found
}

/// A line that is a command, a fence, or in a block of code by its indentation.
fn is_code(line: &str) -> bool {
    let trimmed = line.trim_start().trim_start_matches(['$', '>', '#', ' ', '`', '*', '-']);
    line.trim_start().starts_with("```") || line.starts_with("    ") || trimmed.starts_with("helm ")
}

fn is_warning(text: &str) -> bool {
    let text = text.to_lowercase();
    WARNINGS.iter().any(|warning| text.contains(warning))
}

/// Variables that hold an address, as scripts, makefiles and Dockerfiles set them.
fn variables(content: &str) -> Vec<(&str, &str)> {
    let set = |line| {
        let line: &str = str::trim(line);
        let bare = ["export ", "ENV ", "ARG ", "local ", "set "].iter().find_map(|word| line.strip_prefix(word));
        let (name, value) = bare.unwrap_or(line).split_once('=')?;
        let (name, value) = (name.trim_end_matches([' ', ':', '?']), clean(value.trim()));
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        (is_name && value.contains("://") && !value.contains(' ')).then_some((name, value))
    };
    content.lines().filter_map(set).collect()
}

/// What a word stands for: `$NAME`, `${NAME}` and `$(NAME)` for what was set before.
fn expanded<'t>(word: &'t str, variables: &[(&'t str, &'t str)]) -> &'t str {
    let name = clean(word).trim_start_matches('$').trim_matches(['{', '}', '(', ')']);
    let is_variable = word.trim_matches(['"', '\'']).starts_with('$');
    let value = variables.iter().rev().find(|(known, _)| is_variable && *known == name);
    value.map_or(word, |(_, value)| value)
}

fn of_line(text: &Text, (line, start): (&str, usize), warned: bool, variables: &[(&str, &str)]) -> Vec<ChartMention> {
    let trimmed = line.trim_start().trim_start_matches(['$', '>', '`', ' ', '@', '-', '*']);
    // A command that somebody ran is a use whatever is remarked behind it; a command within a sentence is not when
    // the sentence warns of it.
    let is_command = trimmed.starts_with("helm") || trimmed.starts_with("RUN ") || trimmed.starts_with("sudo ");
    if warned || (!is_command && is_warning(line)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let words = words(line);
    let place = |from: usize, to: usize| Location::new(text.file, text.locate(start + from, start + to));
    for (index, (at, word)) in words.iter().enumerate() {
        let program = clean(word).trim_start_matches(['@', '-', '$', '(', '+']);
        if program != "helm" && !program.ends_with("/helm") {
            let joined = word.strip_prefix("--repo=").filter(|address| is_retired(address));
            if joined.is_some() || (is_retired(word) && names_repository(&words, index)) {
                let mut one = mention(clean(joined.unwrap_or(word)), place(*at, at + word.len()));
                one.retired = true;
                found.push(one);
            }
            continue;
        }
        found.extend(command(words.get(index + 1..).unwrap_or_default(), variables, &place));
    }
    found
}

/// Whether what stands before a word says that it is a repository: `--repo URL`, `repository = "URL"` of Terraform,
/// `repo_url: URL` in a block of code. In a sentence the bare word `repository` says nothing of the sort.
fn names_repository(words: &[(usize, &str)], index: usize) -> bool {
    let back = |by: usize| index.checked_sub(by).and_then(|at| words.get(at)).map_or("", |(_, word)| *word);
    let assigned = back(1) == "=";
    let key = if assigned { back(2) } else { back(1) };
    let key = key.trim_start_matches(['"', '\'', '`']).trim_end_matches(['"', '\'', '`']);
    let Some(name) = (if assigned { Some(key) } else { key.strip_suffix(':') }) else { return key == "--repo" };
    ["repository", "url", "repo", "repoURL", "repo_url"].contains(&name.trim_matches(['"', '\'', '`', '-']))
}

/// Words with their offsets.
fn words(line: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    for word in line.split(char::is_whitespace) {
        if !word.is_empty() {
            found.push((at, word));
        }
        at += word.len() + line.get(at + word.len()..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    }
    found
}

fn clean(word: &str) -> &str {
    word.trim_matches(['"', '\'', '`', ',', ';', '(', ')', '“', '”', '.', '[', ']'])
}

/// What follows `helm` on a line.
fn command(
    words: &[(usize, &str)],
    variables: &[(&str, &str)],
    place: &dyn Fn(usize, usize) -> Location,
) -> Option<ChartMention> {
    let verbs: Vec<&str> =
        words.iter().map(|(_, word)| clean(word)).filter(|word| !word.starts_with('-')).take(2).collect();
    if verbs == ["repo", "add"] {
        let plain = words.iter().filter(|(_, word)| !word.starts_with('-')).skip(2);
        let named: Vec<&(usize, &str)> = plain.take(2).collect();
        let [(name_at, name), (at, written)] = named.as_slice() else { return None };
        let address = expanded(written, variables);
        let mut found = mention(
            clean(address),
            place(*name_at, at + written.trim_end_matches(['"', '\'', '`', ',', '.', '”']).len()),
        );
        found.retired = is_retired(address);
        found.alias = Some(clean(name).to_owned());
        found.binds = true;
        return (found.retired || address.contains("://") || is_current(address)).then_some(found);
    }
    if !verbs.first().is_some_and(|verb| COMMANDS.contains(verb)) {
        return None;
    }
    // The command ends where another one starts.
    let own = words.iter().take_while(|(_, word)| !matches!(*word, "&&" | "||" | "|" | ";" | "helm"));
    let mut found = None;
    for (at, word) in own {
        if let Some((alias, chart)) = reference(word) {
            found =
                by_alias(alias, chart, place(*at, at + word.trim_end_matches(['"', '\'', '`', ',', '.', '”']).len()));
            break;
        }
    }
    let pinned = words.iter().any(|(_, word)| word.starts_with("--version"));
    found.map(|mut one| {
        one.caveat = pinned.then(|| "the version that is asked for may not be there".to_owned());
        one
    })
}

/// Gives the mentions of a script their replacement where all of them can be replaced alike.
fn plain_replacements(found: &mut [ChartMention]) {
    let charts = &data().charts;
    let aliases: Vec<String> =
        found.iter().filter(|one| one.retired && one.binds).filter_map(|one| one.alias.clone()).collect();
    for alias in aliases {
        let own = |one: &&ChartMention| one.alias.as_ref() == Some(&alias);
        let uses: Vec<&ChartMention> = found.iter().filter(own).filter(|one| !one.binds).collect();
        let same = |one: &&ChartMention| {
            let chart = one.what.split_once('/').map_or("", |(_, chart)| chart);
            charts.moved.get(&format!("stable/{chart}")).is_some_and(|moved| moved == chart)
        };
        let taken = found.iter().any(|one| one.binds && one.alias.as_ref() == Some(&charts.alias));
        if uses.is_empty() || taken || !uses.iter().all(same) {
            continue;
        }
        let caveat = uses.iter().find_map(|one| one.caveat.clone());
        let edits: Vec<(Location, String)> = found
            .iter()
            .filter(own)
            .map(|one| {
                let chart = one.what.split_once('/').map_or("", |(_, chart)| chart);
                let new = if one.binds {
                    format!("{} {}", charts.alias, charts.repository)
                } else {
                    format!("{}/{chart}", charts.alias)
                };
                (one.at, new)
            })
            .collect();
        for one in found.iter_mut().filter(|one| one.alias.as_ref() == Some(&alias)) {
            one.edits.clone_from(&edits);
            one.caveat.clone_from(&caveat);
        }
    }
}

/// Settles what aliases stand for, once all files are known; what is left is used.
pub(super) fn settle(mentions: &[ChartMention]) -> Vec<ChartMention> {
    let bound = |alias: &str, file| -> Option<bool> {
        let of = |one: &&ChartMention| one.binds && one.alias.as_deref() == Some(alias);
        let own = mentions.iter().filter(of).find(|one| one.at.file == file);
        own.or_else(|| mentions.iter().find(of)).map(|one| one.retired)
    };
    let mut settled = Vec::new();
    for one in mentions {
        let mut one = one.clone();
        if let (Some(alias), false) = (&one.alias, one.binds) {
            one.retired = bound(alias, one.at.file).unwrap_or(one.retired);
        }
        settled.push(one);
    }
    settled.sort_by_key(|one| one.at);
    settled.dedup_by_key(|one| one.at);
    settled
}
