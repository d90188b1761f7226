//! What is a file, and what does it say? Told by its content: names and endings are only hints.

use super::charts;
use super::compose;
use super::data::data;
use super::facts::{Expression, Facts};
use super::manifests;
use super::nginx;
use super::prometheus;
use super::templates::mask;
use super::text::Text;
use super::yaml::{self, Node, Value};
use crate::source::{FileId, Location};

/// Texts inside of texts inside of texts are not read any deeper.
const MAX_EMBEDDED: usize = 3;

/// What a file looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Yaml,
    Nginx,
    Script,
    Prose,
    Unknown,
}

/// Reads one file. `path` is how reports name it, `addresses` are looked for in any text.
pub(super) fn read(file: FileId, path: &str, content: &str, addresses: &[String]) -> Facts {
    let mut facts = Facts::default();
    let kind = kind(path, content);
    let whole = Text::whole(file, content.to_owned());
    match kind {
        Kind::Yaml => yaml_file(&whole, &mut facts),
        Kind::Nginx => {
            let conf = nginx::parse(&whole);
            facts.problems.extend(conf.problem.clone());
            facts.confs.push(nginx::Conf { path: path.to_owned(), ..conf });
        }
        Kind::Script => facts.charts.extend(charts::of_lines(&whole, false)),
        Kind::Prose => facts.charts.extend(charts::of_lines(&whole, true)),
        Kind::Unknown => {}
    }
    mentions(&whole, addresses, &mut facts);
    facts
}

/// A file name in lower case, its folder left out.
fn base(path: &str) -> String {
    path.rsplit('/').next().unwrap_or_default().to_lowercase()
}

fn kind(path: &str, content: &str) -> Kind {
    let name = base(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending {
        "yaml" | "yml" | "json" | "gotmpl" | "manifest" => return Kind::Yaml,
        "sh" | "bash" | "zsh" | "ps1" | "bat" | "mk" | "tf" | "groovy" => return Kind::Script,
        _ => {}
    }
    let is_listed = |names: &[String]| names.contains(&name);
    let has_prefix = ["dockerfile", "makefile", "jenkinsfile"].iter().any(|prefix| name.starts_with(prefix));
    if is_listed(&data().files.names) || has_prefix || content.starts_with("#!") {
        return Kind::Script;
    }
    if looks_like_yaml(content) {
        return Kind::Yaml;
    }
    if matches!(ending, "md" | "markdown" | "rst" | "adoc") {
        return Kind::Prose;
    }
    if nginx::is_conf(content) && (ending != "txt" || looks_like_conf(content)) {
        return Kind::Nginx;
    }
    if matches!(ending, "txt" | "out" | "save") || !name.contains('.') { Kind::Prose } else { Kind::Unknown }
}

/// The first line that says something says it in YAML, or in JSON.
fn looks_like_yaml(content: &str) -> bool {
    let mut lines = content.lines().map(str::trim_end).filter(|line| {
        let line = line.trim_start();
        !line.is_empty() && !line.starts_with('#') && !line.starts_with("{{")
    });
    let Some(first) = lines.next() else { return false };
    let keys = [
        "apiVersion:",
        "kind:",
        "global:",
        "scrape_configs:",
        "data:",
        "items:",
        "metadata:",
        "groups:",
        "services:",
        "version:",
        "serverFiles:",
        "extraScrapeConfigs:",
        "- job_name:",
        "repositories:",
        "dependencies:",
    ];
    first.starts_with("---")
        && lines.next().is_some_and(|line| line.trim_start().split(' ').next().is_some_and(|word| word.ends_with(':')))
        || keys.iter().any(|key| first.starts_with(key))
        || first == "{"
}

/// A text file that is a configuration, and not about one.
fn looks_like_conf(content: &str) -> bool {
    let first = content.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    first.is_some_and(|line| line.ends_with('{') || line.ends_with(';'))
}

/// Where addresses that somebody asked for are written.
fn mentions(text: &Text, addresses: &[String], facts: &mut Facts) {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    for address in addresses.iter().filter(|address| !address.is_empty()) {
        for (at, _) in text.content.match_indices(address.as_str()) {
            let before = text.content.get(..at).and_then(|before| before.chars().next_back());
            let after = text.content.get(at + address.len()..).and_then(|after| after.chars().next());
            if !before.is_some_and(|c| is_part(c) || c == '.') && !after.is_some_and(is_part) {
                let place = Location::new(text.file, text.locate(at, at + address.len()));
                facts.mentions.push((address.clone(), place));
            }
        }
    }
}

fn yaml_file(whole: &Text, facts: &mut Facts) {
    let masked = mask(&whole.content);
    let text = match &masked {
        Some(masked) => Text::whole(whole.file, masked.text.clone()),
        None => whole.clone(),
    };
    let parsed = yaml::parse(&text);
    let mut reader = Reader { facts, templated: masked.is_some(), readable: parsed.problem.is_none(), depth: 0 };
    for (document, cut_short) in parsed.documents {
        reader.readable = !cut_short;
        let parts = if reader.templated { vec![document] } else { yaml::unglued(document) };
        parts.iter().for_each(|part| reader.document(part));
    }
    if let Some((at, message)) = parsed.problem {
        if masked.is_some() {
            facts.limits.push((at, format!("a template that cannot be read without rendering: {message}")));
        } else if is_ours(&whole.content) {
            facts.problems.push((at, message));
        }
    } else if let Some(first) = masked.as_ref().and_then(|masked| masked.actions.first()) {
        let at = Location::new(whole.file, whole.line_at(*first));
        facts.limits.push((at, "what this template brings in is not known without rendering".to_owned()));
    }
}

/// Whether a text that cannot be read would have mattered.
fn is_ours(content: &str) -> bool {
    let starts = |key: &str| content.lines().any(|line| line.trim_start().trim_start_matches("- ").starts_with(key));
    starts("scrape_configs:")
        || starts("job_name:")
        || (starts("apiVersion:") && starts("kind:"))
        || (starts("groups:") && starts("expr:"))
        || (starts("services:") && starts("image:"))
        || (content.trim_start().starts_with('{') && content.contains("\"expr\""))
}

/// Walks the documents of one text.
struct Reader<'a> {
    facts: &'a mut Facts,
    templated: bool,
    readable: bool,
    depth: usize,
}

impl Reader<'_> {
    fn document(&mut self, node: &Node) {
        if manifests::is_manifest(node) {
            self.manifest(node);
            return;
        }
        if compose::is_compose(node) {
            compose::read(node, self.facts);
        }
        if prometheus::is_whole(node) {
            self.facts.configurations.push(prometheus::whole(node, self.readable));
            self.walk(node, None);
            return;
        }
        if prometheus::are_jobs(node) {
            self.facts.configurations.push(prometheus::of_jobs(node.at, prometheus::jobs(node), self.readable));
            return;
        }
        self.walk(node, None);
    }

    fn manifest(&mut self, node: &Node) {
        let kind = node.str("kind").unwrap_or_default();
        if kind.ends_with("List") {
            node.list("items").iter().filter(|item| manifests::is_manifest(item)).for_each(|item| self.manifest(item));
            return;
        }
        manifests::read(node, self.facts);
        let namespace = manifests::namespace(node);
        let before = (self.facts.configurations.len(), self.facts.confs.len());
        match kind {
            "ConfigMap" | "Secret" => {
                for (key, value) in manifests::texts(node) {
                    self.embedded(key, value);
                }
            }
            "ScrapeConfig" => {
                if let Some(spec) = node.entry("spec") {
                    let job = prometheus::job(spec.1);
                    self.facts.configurations.push(prometheus::of_jobs(spec.0.at, vec![job], self.readable));
                }
            }
            _ => self.walk(node, None),
        }
        for configuration in self.facts.configurations.iter_mut().skip(before.0) {
            configuration.namespace.clone_from(&namespace);
        }
        let map = manifests::name(node).unwrap_or_default();
        for conf in self.facts.confs.iter_mut().skip(before.1) {
            conf.map.clone_from(&map);
        }
    }

    /// Looks at everything in a tree.
    fn walk(&mut self, node: &Node, source: Option<&str>) {
        let source = datasource(node).or(source);
        self.expression(node, source);
        for (key, value) in node.pairs() {
            let name = key.text().unwrap_or_default();
            // What was applied last is written once more there, and annotations are not configuration.
            if matches!(name, "annotations" | "managedFields") && node.get("name").is_some() {
                continue;
            }
            self.facts.charts.extend(charts::of_entry(key, value, node));
            match &value.value {
                Value::Scalar { text, .. } if text.contains('\n') => self.embedded(key, value),
                Value::Scalar { text, .. } if text.contains("helm ") => {
                    let found = value.embedded().map(|text| charts::of_lines(&text, false));
                    self.facts.charts.extend(found.into_iter().flatten());
                }
                Value::Scalar { .. } => {}
                _ if name == "scrape_configs" && !prometheus::is_whole(node) => {}
                _ if prometheus::is_whole(value) => {
                    self.facts.configurations.push(prometheus::whole(value, self.readable));
                }
                _ if prometheus::is_part(name) => self.part(key, value),
                _ => self.walk(value, source),
            }
        }
        for item in node.items() {
            if item.text().is_some_and(|text| text.contains("helm ")) {
                let found = item.embedded().map(|text| charts::of_lines(&text, false));
                self.facts.charts.extend(found.into_iter().flatten());
            }
            self.walk(item, source);
        }
    }

    fn part(&mut self, key: &Node, value: &Node) {
        self.facts.configurations.extend(prometheus::part(key, value, self.readable));
    }

    /// Reads the text in a scalar as what it looks like.
    fn embedded(&mut self, key: &Node, value: &Node) {
        let Some(text) = value.embedded().filter(|_| self.depth < MAX_EMBEDDED) else { return };
        let content = text.content.as_str();
        let name = key.text().unwrap_or_default();
        let has = |word: &str| content.contains(word);
        let is_list = has("job_name:") || has("\"job_name\"");
        let is_prometheus = has("scrape_configs") || is_list || name == "prometheus.yml" || name == "prometheus.yaml";
        if is_prometheus || (has("expr:") && (has("alert:") || has("record:"))) || has("\"expr\"") {
            self.embedded_yaml(key, &text, is_prometheus);
        } else if nginx::is_conf(content) {
            let conf = nginx::parse(&text);
            self.facts.problems.extend(conf.problem.clone());
            self.facts.confs.push(nginx::Conf { path: name.to_owned(), ..conf });
        } else if has("helm ") {
            self.facts.charts.extend(charts::of_lines(&text, false));
        }
    }

    fn embedded_yaml(&mut self, key: &Node, text: &Text, is_prometheus: bool) {
        let parsed = yaml::parse(text);
        let readable = std::mem::replace(&mut self.readable, parsed.problem.is_none());
        self.depth += 1;
        if let Some((at, message)) = parsed.problem {
            if self.templated {
                self.facts.limits.push((at, format!("a template that cannot be read without rendering: {message}")));
            } else {
                self.facts.problems.push((at, message));
            }
        }
        for (document, _) in &parsed.documents {
            if is_prometheus && prometheus::are_jobs(document) {
                self.part(key, document);
            } else {
                self.document(document);
            }
        }
        self.depth -= 1;
        self.readable = readable;
    }

    /// An alert rule, a recording rule, or a query of a dashboard.
    fn expression(&mut self, node: &Node, source: Option<&str>) {
        if let Some(record) = node.str("record") {
            self.facts.recorded.push(record.to_owned());
        }
        let (kind, title) = match (node.str("alert"), node.str("record")) {
            (Some(alert), _) => ("alert", alert),
            (_, Some(record)) => ("recording rule", record),
            _ => ("dashboard", ""),
        };
        let is_query = node.str("type") == Some("query");
        let keys: &[&str] = if is_query { &["query", "definition"] } else { &["expr"] };
        let foreign = source.is_some_and(|source| !source.contains("prometheus") && kind == "dashboard");
        for key in keys.iter().filter(|_| !foreign) {
            let Some((key, value)) = node.entry(key) else { continue };
            let text = value.text().or_else(|| value.get("query").and_then(Node::text));
            if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
                self.facts.expressions.push(Expression {
                    text: text.to_owned(),
                    at: Location::new(key.at.file, key.at.span),
                    kind,
                    title: title.to_owned(),
                });
                break;
            }
        }
    }
}

/// The kind of data source that a panel or a query asks.
fn datasource(node: &Node) -> Option<&str> {
    let source = node.get("datasource")?;
    let kind = source.str("type");
    // A name says little, but enough where it names another kind of store.
    let named = source.known().filter(|name| {
        let name = name.to_lowercase();
        ["loki", "influx", "elastic", "graphite", "tempo", "cloudwatch", "mysql", "postgres"]
            .iter()
            .any(|other| name.contains(other))
    });
    kind.filter(|kind| *kind != "datasource" && !kind.starts_with('$')).or(named)
}
