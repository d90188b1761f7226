//! Which counters count which answers: `[count]` with a list of names, or several `[[count]]`, each for some answers.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Which counters count what.
#[derive(Debug, Clone, Default)]
pub struct Count {
    /// Full names of those that count 404s, with or without `_total`.
    pub approved: Option<Vec<String>>,
    /// Counters for some answers.
    pub each: Vec<CountEntry>,
}

/// A counter for some answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CountEntry {
    /// Its full name, with or without `_total`.
    pub counter: String,
    /// The status that it counts.
    #[serde(default = "not_found")]
    pub status: u16,
    /// The files in which the answers are given, as a line of a .gitignore; all where it is not given.
    pub r#where: Option<String>,
    /// The class of the exception that leads to the answer.
    pub exception: Option<String>,
}

fn not_found() -> u16 {
    super::defaults().count.status
}

impl Count {
    /// The names of all counters, each once.
    #[must_use]
    pub fn names(&self) -> Option<Vec<String>> {
        if self.each.is_empty() {
            return self.approved.clone();
        }
        let mut names: Vec<String> = Vec::new();
        for entry in &self.each {
            if !names.contains(&entry.counter) {
                names.push(entry.counter.clone());
            }
        }
        Some(names)
    }
}

/// The table form.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Table {
    approved: Option<Vec<String>>,
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Count;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table with `approved`, or several with `counter`")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Count, A::Error> {
                let table = Table::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Count { approved: table.approved, each: Vec::new() })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Count, A::Error> {
                Ok(Count { approved: None, each: Vec::deserialize(SeqAccessDeserializer::new(seq))? })
            }
        }
        deserializer.deserialize_any(Either)
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn counters_come_as_names_or_each_for_some_answers() {
        let config = Config::read(
            "x",
            "[[count]]\ncounter = 'shop_404'\nwhere = 'shop/**'\n[[count]]\ncounter = 'gone'\nstatus = 410\n",
            &[],
        )
        .unwrap();
        assert_eq!(config.approved(), ["shop_404", "gone"]);
        let told: Vec<_> = config.count.each.iter().map(|entry| (entry.status, entry.r#where.as_deref())).collect();
        assert_eq!(told, [(404, Some("shop/**")), (410, None)]);
        let config = Config::read("x", "[count]\napproved = ['a']\n", &[]).unwrap();
        assert_eq!((config.approved(), config.count.each.len()), (vec!["a".to_owned()], 0));
        assert!(Config::read("x", "[[count]]\ncounter = 'a'\nstate = 404\n", &[]).is_err());
        assert!(Config::read("x", "[[count]]\ncounter = 'a'\nwhere = 'a{b'\n", &[]).is_err());
    }
}
