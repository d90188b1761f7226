//! What becomes of a discovered target? Relabelling as Prometheus does it.

use std::collections::BTreeMap;

use regex::Regex;

use super::facts::Relabel;

/// Labels of a target.
pub(super) type Labels = BTreeMap<String, String>;

/// Applies the rules; `None` when the target is dropped.
pub(super) fn relabel(mut labels: Labels, rules: &[Relabel]) -> Option<Labels> {
    for rule in rules {
        // A rule that cannot be read stops Prometheus; here the target is taken to stay as it is.
        let Some(regex) = anchored(&rule.regex) else { continue };
        let values: Vec<&str> = rule.sources.iter().map(|name| labels.get(name).map_or("", String::as_str)).collect();
        let value = values.join(&rule.separator);
        match rule.action.as_str() {
            "keep" if !regex.is_match(&value) => return None,
            "drop" if regex.is_match(&value) => return None,
            "keepequal" if labels.get(&rule.target).map_or("", String::as_str) != value => return None,
            "dropequal" if labels.get(&rule.target).map_or("", String::as_str) == value => return None,
            "replace" => replace(&mut labels, rule, &regex, &value),
            "labelmap" => map(&mut labels, rule, &regex),
            "labeldrop" => labels.retain(|name, _| !regex.is_match(name)),
            "labelkeep" => labels.retain(|name, _| regex.is_match(name)),
            "lowercase" => set(&mut labels, &rule.target, value.to_lowercase()),
            "uppercase" => set(&mut labels, &rule.target, value.to_uppercase()),
            _ => {}
        }
    }
    Some(labels)
}

/// The expression as Prometheus means it: the whole value must match.
pub(super) fn anchored(text: &str) -> Option<Regex> {
    regex::RegexBuilder::new(&format!("^(?s:{text})$")).size_limit(1 << 20).build().ok()
}

fn replace(labels: &mut Labels, rule: &Relabel, regex: &Regex, value: &str) {
    let Some(found) = regex.captures(value) else { return };
    let (mut target, mut text) = (String::new(), String::new());
    found.expand(&rule.target, &mut target);
    found.expand(&rule.replacement, &mut text);
    if !target.is_empty() {
        set(labels, &target, text);
    }
}

fn map(labels: &mut Labels, rule: &Relabel, regex: &Regex) {
    let mut added = Vec::new();
    for (name, value) in labels.iter() {
        if let Some(found) = regex.captures(name) {
            let mut new = String::new();
            found.expand(&rule.replacement, &mut new);
            added.push((new, value.clone()));
        }
    }
    labels.extend(added);
}

fn set(labels: &mut Labels, name: &str, value: String) {
    if value.is_empty() {
        labels.remove(name);
    } else {
        labels.insert(name.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(action: &str, sources: &[&str], regex: &str, target: &str, replacement: &str) -> Relabel {
        Relabel {
            action: action.to_owned(),
            sources: sources.iter().map(|&source| source.to_owned()).collect(),
            separator: ";".to_owned(),
            regex: regex.to_owned(),
            target: target.to_owned(),
            replacement: replacement.to_owned(),
        }
    }

    #[test]
    fn ports_and_paths_come_from_annotations() {
        let labels: Labels = [("__address__", "api:80"), ("scrape", "true"), ("port", "8000"), ("path", "/m")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        let rules = [
            rule("keep", &["scrape"], "true", "", "$1"),
            rule("replace", &["__address__", "port"], r"([^:]+)(?::\d+)?;(\d+)", "__address__", "$1:$2"),
            rule("replace", &["path"], "(.+)", "__metrics_path__", "$1"),
        ];
        let kept = relabel(labels.clone(), &rules).unwrap();
        assert_eq!((kept["__address__"].as_str(), kept["__metrics_path__"].as_str()), ("api:8000", "/m"));
        assert!(relabel(labels, &[rule("keep", &["scrape"], "yes", "", "")]).is_none());
    }
}
