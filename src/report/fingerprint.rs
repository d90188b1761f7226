//! Which finding is the same one after the file was edited?

use std::collections::BTreeMap;

use crate::finding::Finding;
use crate::source::{LineIndex, Sources};

/// One fingerprint per finding: rule, path, enclosing function and the text of its line without white space, not its
/// number. Equal findings are numbered in order.
#[must_use]
pub fn fingerprints(findings: &[Finding], sources: &Sources) -> Vec<String> {
    let mut seen: BTreeMap<u64, u64> = BTreeMap::new();
    let mut indexes = BTreeMap::new();
    let mut prints = Vec::with_capacity(findings.len());
    for finding in findings {
        let file = finding.at.file;
        let text = sources.text(file);
        let lines = indexes.entry(file).or_insert_with(|| LineIndex::new(text));
        let span = lines.line_span(lines.line_of(finding.at.span.start));
        let line: String = text.get(span.range()).unwrap_or("").split_whitespace().collect();
        let mut hash = Fnv::default();
        for part in [finding.rule, sources.path(file), finding.function.as_deref().unwrap_or(""), &line] {
            hash.add(part.as_bytes());
        }
        let ordinal = seen.entry(hash.0).or_insert(0);
        if *ordinal > 0 {
            hash.add(&ordinal.to_le_bytes());
        }
        *ordinal += 1;
        prints.push(format!("{:016x}", hash.0));
    }
    prints
}

/// FNV-1a of 64 bits: the same on every machine and in every version.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes.iter().chain([&0xff]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
