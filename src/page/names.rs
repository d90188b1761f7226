//! Which family does a metric of the code become? Clients add suffixes and units, and write other characters as `_`.

use super::Page;
use super::data::data;

/// Metrics that a program creates, ready to be compared with a page.
#[derive(Debug, Clone, Default)]
pub struct Created {
    /// The names that each may have, with `{holes}` where they are not constant.
    names: Vec<Vec<String>>,
}

impl Created {
    /// The metrics with these names.
    #[must_use]
    pub fn new(names: Vec<Vec<String>>) -> Self {
        Self { names }
    }

    /// The indices of families of a page that no metric becomes, nor a runtime or a library that the code mentions.
    #[must_use]
    pub fn unexpected(&self, page: &Page, mentions: impl Fn(&str) -> bool) -> Vec<usize> {
        let known = &data().families;
        let libraries: Vec<_> = data()
            .instrumentation
            .iter()
            .filter(|library| library.mentions.iter().any(|text| mentions(text)))
            .collect();
        let foreign = |name: &str| {
            known.names.iter().any(|known| known == name)
                || known.starts.iter().any(|start| name.starts_with(start.as_str()))
                || libraries.iter().any(|library| {
                    library.starts.iter().any(|start| name.starts_with(start.as_str()))
                        || library.ends.iter().any(|end| name.ends_with(end.as_str()))
                })
        };
        let names = page.families.iter().map(|family| String::from_utf8_lossy(&family.raw));
        let unknown = names
            .enumerate()
            .filter(|(_, name)| !foreign(name) && !self.names.iter().flatten().any(|metric| becomes(metric, name)));
        unknown.map(|(at, _)| at).collect()
    }

    /// The indices of metrics that no family of a page comes from. What has a hole in its name may be missing.
    #[must_use]
    pub fn missing(&self, page: &Page) -> Vec<usize> {
        let names: Vec<_> = page.families.iter().map(|family| String::from_utf8_lossy(&family.raw)).collect();
        let is_whole = |name: &String| !name.is_empty() && !name.contains('{');
        let whole = self.names.iter().enumerate().filter(|(_, own)| !own.is_empty() && own.iter().all(is_whole));
        let absent = whole.filter(|(_, own)| !own.iter().any(|metric| names.iter().any(|name| becomes(metric, name))));
        absent.map(|(at, _)| at).collect()
    }
}

/// Whether a family is what a metric of the code becomes.
fn becomes(metric: &str, family: &str) -> bool {
    let family = sanitised(family);
    let bases = bases(&family);
    let metric = if metric.contains('{') { metric.to_owned() } else { sanitised(metric) };
    if metric.contains('{') {
        return bases.iter().any(|base| fits(&metric, base));
    }
    let mut own = vec![metric.as_str()];
    own.extend(data().families.suffixes.iter().filter_map(|suffix| metric.strip_suffix(suffix.as_str())));
    bases.iter().any(|base| own.contains(base))
}

/// The family's name, without what clients add to it.
fn bases(family: &str) -> Vec<&str> {
    let known = &data().families;
    let mut bases = vec![family];
    bases.extend(known.suffixes.iter().filter_map(|suffix| family.strip_suffix(suffix.as_str())));
    let shorter: Vec<&str> =
        bases.iter().flat_map(|base| known.units.iter().filter_map(|unit| base.strip_suffix(unit.as_str()))).collect();
    bases.extend(shorter);
    bases
}

fn sanitised(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == ':' { c } else { '_' }).collect()
}

/// Whether a name fits a pattern with `{holes}`.
fn fits(pattern: &str, name: &str) -> bool {
    let mut rest = name;
    let mut parts = Vec::new();
    let mut tail = pattern;
    while let Some(open) = tail.find('{') {
        let (head, hole) = tail.split_at(open);
        parts.push(sanitised(head));
        tail = hole.find('}').map_or("", |close| hole.get(close + 1..).unwrap_or_default());
    }
    let last = sanitised(tail);
    for (at, part) in parts.iter().enumerate() {
        match (at, rest.find(part.as_str())) {
            (0, Some(0)) => rest = rest.get(part.len()..).unwrap_or_default(),
            (0, _) | (_, None) => return false,
            (_, Some(found)) => rest = rest.get(found + part.len()..).unwrap_or_default(),
        }
    }
    rest.ends_with(&last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_become_families() {
        for (metric, family) in [
            ("hits", "hits_total"),
            ("hits_total", "hits_total"),
            ("hits_total", "hits"),
            ("hits", "hits_created"),
            ("time", "time"),
            ("time", "time_seconds"),
            ("http.server.duration", "http_server_duration_milliseconds"),
            ("build", "build_info"),
            ("my.hits", "my.hits"),
            ("counter_{pword}", "counter_hunter2_total"),
            ("{prefix}_hits", "shop_hits_total"),
            ("a_{b}_c_{d}", "a_1_c_2"),
        ] {
            assert!(becomes(metric, family), "{metric} {family}");
        }
        for (metric, family) in
            [("hits", "misses_total"), ("hits", "hits_per_day"), ("counter_{pword}", "gauge_x"), ("a_{b}_c", "a_1_d")]
        {
            assert!(!becomes(metric, family), "{metric} {family}");
        }
    }
}
