//! Which family does a sample belong to? Families are declared by comments, or by their first sample.

use std::collections::HashMap;

/// The type of a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// Nobody says.
    #[default]
    Untyped,
    /// `counter`.
    Counter,
    /// `gauge`.
    Gauge,
    /// `histogram`, `gaugehistogram`.
    Histogram,
    /// `summary`.
    Summary,
    /// `info`.
    Info,
    /// `stateset`.
    StateSet,
}

impl Kind {
    /// The type with this name.
    pub(super) fn of(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"counter" => Kind::Counter,
            b"gauge" => Kind::Gauge,
            b"histogram" | b"gaugehistogram" => Kind::Histogram,
            b"summary" => Kind::Summary,
            b"info" => Kind::Info,
            b"stateset" => Kind::StateSet,
            b"untyped" | b"unknown" => Kind::Untyped,
            _ => return None,
        })
    }

    /// As reports name it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Kind::Untyped => "untyped",
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
            Kind::Summary => "summary",
            Kind::Info => "info",
            Kind::StateSet => "enum",
        }
    }

    /// What samples of the type add to its name.
    fn suffixes(self) -> &'static [&'static [u8]] {
        match self {
            Kind::Counter => &[b"_total", b"_created"],
            Kind::Histogram => &[b"_bucket", b"_sum", b"_count", b"_created", b"_gsum", b"_gcount"],
            Kind::Summary => &[b"_sum", b"_count", b"_created"],
            Kind::Info => &[b"_info"],
            Kind::Gauge | Kind::StateSet | Kind::Untyped => &[],
        }
    }
}

const SUFFIXES: &[&[u8]] = &[b"_total", b"_created", b"_bucket", b"_sum", b"_count", b"_gsum", b"_gcount", b"_info"];

/// A family.
#[derive(Debug, Clone, Default)]
pub(super) struct Family {
    /// Its name, as it was first written.
    pub(super) name: Box<[u8]>,
    /// Its type.
    pub(super) kind: Kind,
    /// The line that names it first.
    pub(super) line: u32,
    /// Samples.
    pub(super) samples: u64,
    /// Its labels, as indices, in the order in which they came.
    pub(super) labels: Vec<u32>,
}

/// All families of a page.
#[derive(Debug, Default)]
pub(super) struct Families {
    /// In the order of the page.
    pub(super) all: Vec<Family>,
    ids: HashMap<Box<[u8]>, u32>,
    last: (Box<[u8]>, u32),
}

impl Families {
    /// The family that a comment names, and whether it is new. `created` families belong to what they were created for.
    pub(super) fn declare(&mut self, name: &[u8], line: u32) -> (u32, bool) {
        if let Some(&id) = self.ids.get(name) {
            return (id, false);
        }
        let twin = name.strip_suffix(b"_created").and_then(|base| {
            let total = [base, b"_total"].concat();
            self.ids.get(base).or_else(|| self.ids.get(total.as_slice()))
        });
        if let Some(&id) = twin {
            self.ids.insert(name.into(), id);
            return (id, false);
        }
        (self.add(name, line), true)
    }

    /// The family of a sample, and whether it is new.
    pub(super) fn of_sample(&mut self, name: &[u8], line: u32) -> (u32, bool) {
        if *self.last.0 == *name && !name.is_empty() {
            return (self.last.1, false);
        }
        let (id, is_new) = match self.ids.get(name) {
            Some(&id) => (id, false),
            None => match self.base(name) {
                Some(id) => {
                    self.ids.insert(name.into(), id);
                    (id, false)
                }
                None => (self.add(name, line), true),
            },
        };
        self.last = (name.into(), id);
        (id, is_new)
    }

    fn base(&self, name: &[u8]) -> Option<u32> {
        SUFFIXES.iter().find_map(|suffix| {
            let base = name.strip_suffix(*suffix)?;
            // In the text format, `hits_total` is a family of its own, and so `hits_created` has no other.
            let total = || (*suffix == b"_created").then(|| self.ids.get([base, b"_total"].concat().as_slice()))?;
            let id = *self.ids.get(base).or_else(total)?;
            let family = self.all.get(id as usize)?;
            family.kind.suffixes().contains(suffix).then_some(id)
        })
    }

    fn add(&mut self, name: &[u8], line: u32) -> u32 {
        let id = self.all.len() as u32;
        self.all.push(Family { name: name.into(), line, ..Family::default() });
        self.ids.insert(name.into(), id);
        id
    }

    /// The family with this id.
    pub(super) fn get(&self, id: u32) -> Option<&Family> {
        self.all.get(id as usize)
    }

    /// The family with this id.
    pub(super) fn get_mut(&mut self, id: u32) -> Option<&mut Family> {
        self.all.get_mut(id as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_find_their_family() {
        let mut families = Families::default();
        let declare = |families: &mut Families, name: &str, kind| {
            let (id, _) = families.declare(name.as_bytes(), 1);
            families.get_mut(id).unwrap().kind = kind;
            id
        };
        let hits = declare(&mut families, "hits", Kind::Counter);
        let misses = declare(&mut families, "misses_total", Kind::Counter);
        let time = declare(&mut families, "time", Kind::Histogram);
        for (name, id) in [
            ("hits_total", hits),
            ("hits_created", hits),
            ("hits_total", hits),
            ("misses_total", misses),
            ("time_bucket", time),
            ("time_sum", time),
        ] {
            assert_eq!(families.of_sample(name.as_bytes(), 2), (id, false), "{name}");
        }
        assert_eq!(families.declare(b"misses_created", 3), (misses, false));
        assert!(families.of_sample(b"time_max", 4).1);
        assert!(families.of_sample(b"other_sum", 4).1);
    }
}
