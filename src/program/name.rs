//! How are names kept, so that comparing and copying one costs a word?
//!
//! Every text is kept once for the life of the process. The table starts empty and grows: an interner that reserves
//! room for a million names makes the system clear megabytes of memory before the first file is read.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};
use std::ops::Deref;
use std::sync::{LazyLock, Mutex, PoisonError};

/// An interned name or text: comparing and copying it costs one word.
#[derive(Clone, Copy)]
pub struct Name(&'static Entry);

struct Entry {
    /// Of the text: the same in every run, so that nothing depends on where memory lies.
    hash: u64,
    text: Box<str>,
}

/// A map by names, whose hashes are known already.
pub type NameMap<T> = HashMap<Name, T, BuildHasherDefault<Identity>>;

/// A set of names, whose hashes are known already.
pub type NameSet = HashSet<Name, BuildHasherDefault<Identity>>;

/// Parts of the table, each with a lock of its own: threads seldom wait for each other.
const PARTS: usize = 32;

type Part = Mutex<HashMap<u64, &'static Entry, BuildHasherDefault<Identity>>>;

static TABLE: LazyLock<[Part; PARTS]> = LazyLock::new(|| std::array::from_fn(|_| Part::default()));

/// Interns a text.
#[must_use]
pub fn name(text: &str) -> Name {
    let hash = hash(text.as_bytes());
    let part = &TABLE[(hash >> 48) as usize % PARTS];
    // A panic cannot happen between two steps that belong together.
    let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
    let mut key = hash;
    loop {
        match part.get(&key) {
            Some(entry) if *entry.text == *text => return Name(entry),
            // Two texts with one hash: the later one lies behind.
            Some(_) => key = key.wrapping_add(1),
            None => break,
        }
    }
    let entry: &'static Entry = Box::leak(Box::new(Entry { hash, text: text.into() }));
    part.insert(key, entry);
    Name(entry)
}

/// The hash of a text. Whoever writes what is audited chooses the texts, so it must be hard to find many with one hash.
fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

impl Name {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        &self.0.text
    }

    /// The last part of a dotted path.
    #[must_use]
    pub fn last_part(&self) -> &'static str {
        self.as_str().rsplit('.').next().unwrap_or_default()
    }
}

impl Default for Name {
    fn default() -> Self {
        name("")
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0.text
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        &self.0.text
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        name(text)
    }
}

impl From<&String> for Name {
    fn from(text: &String) -> Self {
        name(text)
    }
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        name(&text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.as_str().to_owned()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.text)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0.text, f)
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Name {}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        *self.0.text == *other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        *self.0.text == **other
    }
}

impl PartialEq<String> for Name {
    fn eq(&self, other: &String) -> bool {
        *self.0.text == **other
    }
}

impl PartialEq<Name> for str {
    fn eq(&self, other: &Name) -> bool {
        other == self
    }
}

impl PartialEq<Name> for &str {
    fn eq(&self, other: &Name) -> bool {
        other == *self
    }
}

impl PartialEq<Name> for String {
    fn eq(&self, other: &Name) -> bool {
        other == self
    }
}

/// By text.
impl Ord for Name {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        if self == other { std::cmp::Ordering::Equal } else { self.0.text.cmp(&other.0.text) }
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.hash);
    }
}

/// Takes the hash that a name has for the hash.
#[derive(Debug, Clone, Copy, Default)]
pub struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 ^= hash(bytes);
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_name() {
        let texts = ["", "a", "b", "ab", "counter", "counter_", "a long name of many words", "größe"];
        for one in texts {
            for other in texts {
                assert_eq!(name(one) == name(other), one == other, "{one} and {other}");
                assert_eq!(name(one).cmp(&name(other)), one.cmp(other));
            }
            assert_eq!(name(one).as_str(), one);
        }
    }

    #[test]
    fn hashes_spread() {
        let all: HashSet<u64> = (0..20_000).map(|n: u32| hash(format!("name_{n}").as_bytes())).collect();
        assert_eq!(all.len(), 20_000);
        let parts: HashSet<usize> = all.iter().map(|hash| (hash >> 48) as usize % PARTS).collect();
        assert_eq!(parts.len(), PARTS);
    }

    #[test]
    fn threads_agree() {
        let names = |_| (0..500).map(|n| name(&format!("shared_{n}"))).collect::<Vec<_>>();
        let all: Vec<Vec<Name>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|at| scope.spawn(move || names(at))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(all.iter().all(|one| *one == all[0]));
    }
}
