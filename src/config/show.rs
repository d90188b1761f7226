//! What holds in the end, and where does each value come from?

use std::collections::BTreeMap;

use super::line_with;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// A configuration file, and its line.
    File(String, usize),
    /// An option of the command line.
    Option(String),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::File(path, line) => write!(f, "{path}:{line}"),
            Origin::Option(option) => f.write_str(option),
        }
    }
}

/// The values by their dotted keys.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    values: BTreeMap<String, (toml::Value, Option<Origin>)>,
}

impl Shown {
    /// Sets a value; the last one that was set holds.
    pub fn set(&mut self, key: &str, value: impl Into<toml::Value>, origin: Origin) {
        // A value in the place of a table, or the other way round, leaves nothing of it.
        let (below, above) = (format!("{key}."), |known: &str| key.starts_with(&format!("{known}.")));
        self.values.retain(|known, _| !known.starts_with(&below) && !above(known));
        self.values.insert(key.to_owned(), (value.into(), Some(origin)));
    }

    /// Sets what a file says.
    pub fn set_all(&mut self, path: &str, text: &str, table: &toml::Table) {
        for (key, value) in flatten(table) {
            let last = key.rsplit('.').next().unwrap_or(&key).trim_matches('"').to_owned();
            self.set(&key, value, Origin::File(path.to_owned(), line_with(text, &last)));
        }
    }

    /// As TOML: a line for each value, with its origin as a comment.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let lines = self.values.iter().map(|(key, (value, origin))| {
            let origin = origin.as_ref().map_or(String::new(), |origin| format!("  # {origin}"));
            format!("{key} = {value}{origin}\n")
        });
        lines.collect()
    }

    /// As JSON: the value and the origin of each key.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let entry = |(value, origin): &(toml::Value, Option<Origin>)| {
            let origin = origin.as_ref().map(ToString::to_string);
            serde_json::json!({"value": serde_json::to_value(value).unwrap_or_default(), "origin": origin})
        };
        self.values.iter().map(|(key, both)| (key.clone(), entry(both))).collect()
    }
}

/// The values of a table by their dotted keys; lists stay whole.
#[must_use]
pub fn flatten(table: &toml::Table) -> Vec<(String, toml::Value)> {
    let mut all = Vec::new();
    for (key, value) in table {
        let key = quoted(key);
        match value {
            toml::Value::Table(inner) if !inner.is_empty() => {
                all.extend(flatten(inner).into_iter().map(|(below, value)| (format!("{key}.{below}"), value)));
            }
            other => all.push((key, other.clone())),
        }
    }
    all
}

fn quoted(key: &str) -> String {
    let bare = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    if bare { key.to_owned() } else { toml::Value::from(key).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_can_be_read_again() {
        let text = "exclude = ['/a#/']\n[rules]\nsoft-404 = 'off'\n[[overrides]]\npaths = ['x']\nrules = {a = 'off'}\n";
        let mut shown = Shown::default();
        shown.set("fail-on", "warning", Origin::Default);
        shown.set_all("overexposed.toml", text, &text.parse().unwrap());
        let out = shown.to_toml();
        assert!(out.contains("fail-on = \"warning\"  # default\n"), "{out}");
        assert!(out.contains("rules.soft-404 = \"off\"  # overexposed.toml:3\n"), "{out}");
        let again: toml::Table = out.parse().unwrap();
        assert_eq!(again["exclude"], text.parse::<toml::Table>().unwrap()["exclude"]);
        assert_eq!(again["overrides"], text.parse::<toml::Table>().unwrap()["overrides"]);
    }
}
