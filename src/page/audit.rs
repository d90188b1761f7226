//! From a stream of lines to what a page shows: each line is read, judged and forgotten.

use std::collections::HashMap;
use std::io::{self, Read};

use super::Page;
use super::canary::Canaries;
use super::compare::series;
use super::detect::Hit;
use super::excerpt::Kept;
use super::family::{Families, Kind};
use super::finish::finish;
use super::judge::{Labels, gravest, is_exempt};
use super::line::{Line, Malformed, Pair, Parser};
use super::note::{NO_FAMILY, Note, Notes, Part};
use super::reader::{Lines, RawLine};
use super::spot::cover_quoted;
use crate::knowledge::Lexicon;
use crate::source::Span;

/// So many lines that cannot be read are reported; a page of another kind would be nothing else.
const MOST_MALFORMED: usize = 50;

/// How a page is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// The Prometheus text format.
    #[default]
    Text,
    /// OpenMetrics.
    OpenMetrics,
}

/// What is asked of a page.
#[derive(Debug, Clone, Default)]
pub struct Request<'a> {
    /// Texts that must not be on it.
    pub canaries: &'a [String],
    /// Larger pages are refused.
    pub limit: Option<u64>,
    /// Keep the first line of each family.
    pub keep_families: bool,
    /// Keep what samples there are, for a comparison.
    pub keep_series: bool,
    /// Its sender says that it is OpenMetrics.
    pub is_open_metrics: bool,
}

/// Reads a page to its end.
///
/// # Errors
/// When the stream fails, or is larger than the limit.
pub fn audit(input: impl Read, request: &Request<'_>, lexicon: &Lexicon) -> io::Result<Page> {
    let mut lines = Lines::new(input, request.limit.unwrap_or(u64::MAX));
    let mut auditor = Auditor::new(request, lexicon);
    while let Some(raw) = lines.next()? {
        auditor.line(raw);
    }
    Ok(auditor.finish())
}

/// What is known so far.
pub(super) struct Auditor<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) canaries: Canaries,
    pub(super) parser: Parser,
    pub(super) families: Families,
    pub(super) labels: Labels<'a>,
    pub(super) notes: Notes,
    pub(super) canary_notes: Notes,
    /// Numbers as long as a card's, and those that pass for one, by family and label.
    pub(super) numbers: HashMap<(u32, Part), (u64, Option<Note>)>,
    pub(super) malformed: Vec<(u32, (usize, usize), &'static str)>,
    pub(super) malformed_more: u64,
    pub(super) kept: Kept,
    pub(super) series: HashMap<u64, u32>,
    pub(super) line: u32,
    pub(super) samples: u64,
    ended: bool,
    /// Where the last line starts.
    last: u64,
    pub(super) is_open: bool,
    /// What was found on the line at hand: whether it has to be kept, and what of it is secret.
    pub(super) keep: bool,
    pub(super) secret: Vec<(usize, usize)>,
    hits: Vec<Hit<'a>>,
    /// Labels of the last sample, which those of the next are likely to be.
    last_labels: Vec<u32>,
    last_family: u32,
}

impl<'a> Auditor<'a> {
    fn new(request: &'a Request<'a>, lexicon: &'a Lexicon) -> Self {
        Self {
            request,
            canaries: Canaries::new(request.canaries),
            parser: Parser::default(),
            families: Families::default(),
            labels: Labels::new(lexicon),
            notes: Notes::default(),
            canary_notes: Notes::default(),
            numbers: HashMap::new(),
            malformed: Vec::new(),
            malformed_more: 0,
            kept: Kept::default(),
            series: HashMap::new(),
            line: 0,
            samples: 0,
            ended: false,
            last: 0,
            is_open: request.is_open_metrics,
            keep: false,
            secret: Vec::new(),
            hits: Vec::new(),
            last_labels: Vec::new(),
            last_family: NO_FAMILY,
        }
    }

    fn line(&mut self, raw: RawLine<'_>) {
        self.line = self.line.saturating_add(1);
        self.keep = false;
        self.secret.clear();
        let bom: &[u8] = if self.line == 1 { b"\xef\xbb\xbf" } else { b"" };
        let text = raw.text.strip_prefix(bom).unwrap_or(raw.text);
        let offset = raw.offset + (raw.text.len() - text.len()) as u64;
        self.last = offset;
        let parsed = if raw.cut {
            Err(Malformed { message: "the line is longer than any sample", at: 0 })
        } else {
            self.parser.parse(text)
        };
        let family = match parsed {
            Ok(line) => self.read(line, text),
            Err(malformed) => {
                self.malformed(malformed, text);
                None
            }
        };
        if !self.canaries.is_empty() {
            self.find_canaries(text, family);
        }
        if self.keep {
            if parsed.is_err() {
                cover_quoted(text, &mut self.secret);
            }
            self.kept.add(self.line, offset, text, &self.secret);
        }
    }

    /// The family that a line is about, and where the line names it.
    fn read(&mut self, line: Line, text: &[u8]) -> Option<(u32, Span)> {
        if self.ended && line != Line::Blank {
            self.ended = false;
            self.malformed(Malformed { message: "more behind `# EOF`", at: 0 }, text);
        }
        match line {
            Line::Blank => None,
            Line::End => {
                (self.ended, self.is_open) = (true, true);
                None
            }
            Line::Comment => {
                self.loose(text);
                None
            }
            Line::Help { name, text: help } => {
                let family = self.declare(name, text);
                self.labels.judge_text(bytes(text, help), &mut self.hits);
                self.note_hits((family, Part::Help), help);
                Some((family, name))
            }
            Line::Type { name, kind } => {
                let family = self.declare(name, text);
                match Kind::of(bytes(text, kind)) {
                    Some(kind) => self.set_kind(family, kind),
                    None => self.malformed(Malformed { message: "an unknown type", at: kind.start as usize }, text),
                }
                Some((family, name))
            }
            Line::Unit { name } => Some((self.declare(name, text), name)),
            Line::Sample { name, value } => Some((self.sample(name, value, text), name)),
        }
    }

    fn declare(&mut self, name: Span, text: &[u8]) -> u32 {
        let (family, is_new) = self.families.declare(bytes(text, name), self.line);
        if is_new {
            self.judge_family(family, name, text);
        }
        family
    }

    fn set_kind(&mut self, id: u32, kind: Kind) {
        let line = self.line;
        if let Some(family) = self.families.get_mut(id)
            && (family.kind == Kind::Untyped || family.line == line)
        {
            family.kind = kind;
        }
    }

    fn judge_family(&mut self, family: u32, name: Span, text: &[u8]) {
        self.labels.judge_name(bytes(text, name), &mut self.hits);
        self.note_hits((family, Part::Name), name);
        self.keep |= self.request.keep_families;
    }

    fn sample(&mut self, name: Span, value: f64, text: &[u8]) -> u32 {
        self.samples += 1;
        let (family, is_new) = self.families.of_sample(bytes(text, name), self.line);
        if is_new {
            self.judge_family(family, name, text);
        }
        if let Some(known) = self.families.get_mut(family) {
            known.samples += 1;
        }
        self.judge_number(family, name, value, text);
        let pairs = std::mem::take(&mut self.parser.labels);
        self.judge_labels(family, &pairs, text);
        if self.request.keep_series {
            self.series.insert(series(name, &pairs, text), family);
        }
        self.parser.labels = pairs;
        if !self.parser.exemplar.is_empty() {
            let pairs = std::mem::take(&mut self.parser.exemplar);
            self.is_open = true;
            for pair in &pairs {
                let (label, _) = self.labels.id(bytes(text, pair.name));
                self.judge_value(family, Part::Exemplar(label), *pair, text);
            }
            self.parser.exemplar = pairs;
        }
        family
    }

    /// Numbers of families like `card_balance`. Nobody's balance is 0 or 1, but flags are.
    fn judge_number(&mut self, family: u32, name: Span, value: f64, text: &[u8]) {
        let Some(known) = self.families.get(family) else { return };
        let plain = matches!(known.kind, Kind::Gauge | Kind::Untyped) && bytes(text, name) == &*known.name;
        if plain && value.is_finite() && value != 0.0 && value.abs() != 1.0 && known.samples < 1000 {
            let info =
                [&b"_info"[..], b"_created", b"_labels", b"_annotations"].iter().any(|end| known.name.ends_with(end));
            if let Some(hit) = self.labels.judge_number(&known.name).filter(|_| !info) {
                let part = (name.start as usize, text.len());
                self.keep |= self.notes.see((family, Part::Number), &hit, self.line, part);
                self.secret.push((text.iter().rposition(|b| *b == b'}').unwrap_or(name.end as usize) + 1, text.len()));
            }
        }
    }

    fn judge_labels(&mut self, family: u32, pairs: &[Pair], text: &[u8]) {
        if self.last_family != family {
            // Its labels have to be noted, so each is looked up.
            self.last_labels.clear();
        }
        self.last_family = family;
        let mut key = None;
        for (at, pair) in pairs.iter().enumerate() {
            let label = self.label(family, at, *pair, text);
            self.judge_value(family, Part::Label(label), *pair, text);
            if self.labels.get(label).is_some_and(|label| label.is_key) {
                key = Some(*pair);
            }
        }
        self.last_labels.truncate(pairs.len());
        if let Some(key) = key {
            self.judge_fields(family, key, pairs, text);
        }
    }

    /// The label of a pair; looked up only where it is not that of the last sample.
    fn label(&mut self, family: u32, at: usize, pair: Pair, text: &[u8]) -> u32 {
        let name = bytes(text, pair.name);
        let last = self.last_labels.get(at).copied();
        if let Some(last) = last.filter(|last| self.labels.get(*last).is_some_and(|label| *label.name == *name)) {
            return last;
        }
        let (label, _) = self.labels.id(name);
        match self.last_labels.get_mut(at) {
            Some(last) => *last = label,
            None => self.last_labels.push(label),
        }
        let is_new = self.families.get_mut(family).is_some_and(|family| {
            let is_new = !family.labels.contains(&label);
            if is_new {
                family.labels.push(label);
            }
            is_new
        });
        if is_new {
            self.labels.judge_name(name, &mut self.hits);
            self.note_hits((family, Part::LabelName(label)), pair.name);
        }
        label
    }

    fn judge_value(&mut self, family: u32, part: Part, pair: Pair, text: &[u8]) {
        let (Part::Label(label) | Part::Exemplar(label)) = part else { return };
        let value = bytes(text, pair.value);
        let is_long = self.labels.judge(label, value, &mut self.hits);
        if self.hits.is_empty() && !is_long {
            return;
        }
        let names = (self.families.get(family), self.labels.get(label));
        if let (Some(family), Some(label)) = names {
            self.hits.retain(|hit| !is_exempt(&family.name, &label.name, hit));
        }
        let place = (pair.name.start as usize, pair.value.end as usize + 1);
        let Some(hit) = gravest(&self.hits).copied() else {
            if is_long {
                self.numbers.entry((family, part)).or_default().0 += 1;
            }
            return;
        };
        self.hits.clear();
        self.secret.push((pair.value.start as usize, pair.value.end as usize));
        if hit.by_chance {
            let (all, cards) = self.numbers.entry((family, part)).or_default();
            *all += 1;
            if let Some(note) = cards {
                note.samples += 1;
            } else {
                let (what, category) = (hit.what.to_owned(), Some(hit.category));
                let (line, confidence, also) = (self.line, hit.confidence, Vec::new());
                *cards = Some(Note { line, part: place, what, also, category, confidence, samples: 1 });
                self.keep = true;
            }
        } else {
            self.keep |= self.notes.see((family, part), &hit, self.line, place);
        }
    }

    fn judge_fields(&mut self, family: u32, key: Pair, pairs: &[Pair], text: &[u8]) {
        for pair in pairs {
            let (label, _) = self.labels.id(bytes(text, pair.name));
            if !self.labels.get(label).is_some_and(|label| label.is_value) || *pair == key {
                continue;
            }
            if let Some(hit) = self.labels.judge_field(bytes(text, key.value), bytes(text, pair.value)) {
                let place = (pair.name.start as usize, pair.value.end as usize + 1);
                self.secret.push((pair.value.start as usize, pair.value.end as usize));
                self.keep |= self.notes.see((family, Part::Label(label)), &hit, self.line, place);
            }
        }
    }

    /// Notes the hits at hand, which are about a part of a line.
    fn note_hits(&mut self, key: (u32, Part), span: Span) {
        if self.hits.is_empty() {
            return;
        }
        let start = span.start as usize;
        self.secret.extend(self.hits.iter().map(|hit| (start + hit.start, start + hit.end)));
        if let Some(hit) = gravest(&self.hits).copied() {
            self.keep |= self.notes.see(key, &hit, self.line, (start, span.end as usize));
        }
        self.hits.clear();
    }

    /// Text that belongs to no family.
    fn loose(&mut self, text: &[u8]) {
        self.labels.judge_text(text, &mut self.hits);
        self.note_hits((NO_FAMILY, Part::Text(self.line)), Span::new(0, text.len() as u32));
    }

    fn malformed(&mut self, malformed: Malformed, text: &[u8]) {
        if self.malformed.len() < MOST_MALFORMED {
            let start = malformed.at.min(text.len());
            self.malformed.push((self.line, (start, text.len()), malformed.message));
            self.keep = true;
        } else {
            self.malformed_more += 1;
        }
        self.loose(text);
    }

    fn finish(mut self) -> Page {
        if self.request.is_open_metrics && !self.ended {
            self.malformed.push((self.line, (0, 0), "the page ends without `# EOF`: it was cut off"));
            self.kept.add(self.line.max(1), self.last, b"", &[]);
        }
        finish(self)
    }
}

pub(super) fn bytes(text: &[u8], span: Span) -> &[u8] {
    text.get(span.range()).unwrap_or_default()
}
