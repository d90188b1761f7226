//! What does a YAML text say, and where? A tree with places, as far as the text can be read.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::templates::MASK;
use super::text::Text;
use crate::source::{Location, Span};

/// Deeper nesting is not read.
const MAX_DEPTH: usize = 120;
/// Aliases may make a text larger, but not beyond this many nodes.
const MAX_NODES: usize = 400_000;

/// Something that is written in YAML.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) at: Location,
    pub(super) value: Value,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// A scalar: its text, and for a block where each line of it starts in the file.
    Scalar { text: String, plain: bool, starts: Option<Vec<u32>> },
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the text; a key may stand in it twice.
    Map(Vec<(Node, Node)>),
}

/// What could be read of a text.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    /// The documents, empty ones left out; whether a document was cut short by an error.
    pub(super) documents: Vec<(Node, bool)>,
    /// The first line that cannot be read, and why.
    pub(super) problem: Option<(Location, String)>,
}

impl Node {
    /// The value under a key; merged mappings count.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, value)| value)
    }

    /// Key and value.
    pub(super) fn entry(&self, key: &str) -> Option<(&Node, &Node)> {
        let Value::Map(pairs) = &self.value else { return None };
        let own = pairs.iter().find(|(known, _)| known.text() == Some(key)).map(|(key, value)| (key, value));
        own.or_else(|| {
            let merged = pairs.iter().filter(|(known, _)| known.text() == Some("<<"));
            merged.flat_map(|(_, value)| value.items().iter().chain([value])).find_map(|value| match &value.value {
                Value::Map(pairs) => pairs.iter().find(|(known, _)| known.text() == Some(key)).map(|(k, v)| (k, v)),
                _ => None,
            })
        })
    }

    /// The value at the end of several keys.
    pub(super) fn path(&self, keys: &[&str]) -> Option<&Node> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The text of a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The text of a scalar that is not empty and holds no template.
    pub(super) fn known(&self) -> Option<&str> {
        self.text().filter(|text| !text.is_empty() && !text.contains(MASK))
    }

    /// The text under a key, where it is known.
    pub(super) fn str(&self, key: &str) -> Option<&str> {
        self.get(key)?.known()
    }

    /// A port number.
    pub(super) fn port(&self) -> Option<u16> {
        self.known()?.trim().parse().ok()
    }

    /// The elements of a sequence.
    pub(super) fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The elements of the sequence under a key.
    pub(super) fn list(&self, key: &str) -> &[Node] {
        self.get(key).map_or(&[], Node::items)
    }

    /// The entries of a mapping.
    pub(super) fn pairs(&self) -> &[(Node, Node)] {
        match &self.value {
            Value::Map(pairs) => pairs,
            _ => &[],
        }
    }

    /// Whether only rendering would tell it.
    pub(super) fn is_templated(&self) -> bool {
        self.text().is_some_and(|text| text.contains(MASK))
    }

    /// The text in a scalar as a text of its own.
    pub(super) fn embedded(&self) -> Option<Text> {
        let Value::Scalar { text, starts, .. } = &self.value else { return None };
        Some(match starts {
            Some(starts) => Text::lines(self.at.file, text.clone(), starts),
            None => Text::point(self.at, text.clone()),
        })
    }
}

/// Reads a text.
pub(super) fn parse(text: &Text) -> Parsed {
    let mut parsed = Parsed::default();
    let mut from = 0;
    while let Some(rest) = text.content.get(from..).filter(|rest| !rest.trim().is_empty()) {
        let Some((offset, message)) = Reader::new(text, rest, from).read(&mut parsed) else { break };
        if parsed.problem.is_none() {
            parsed.problem = Some((Location::new(text.file, text.line_at(offset)), message));
        }
        // The documents behind the one that is broken are worth reading.
        let behind = text.content.get(offset..).unwrap_or_default();
        let Some(next) = behind.find("\n---") else { break };
        from = offset + next + 1;
    }
    parsed
}

/// A container that is still open.
struct Frame {
    start: usize,
    anchor: usize,
    key: Option<Node>,
    value: Value,
}

struct Reader<'a> {
    text: &'a Text,
    rest: &'a str,
    base: usize,
    /// Offsets of characters, where they are not bytes.
    offsets: Option<Vec<u32>>,
    anchors: BTreeMap<usize, Node>,
    stack: Vec<Frame>,
    root: Option<Node>,
    nodes: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a Text, rest: &'a str, base: usize) -> Self {
        let offsets = if rest.is_ascii() {
            None
        } else {
            let ends = u32::try_from(rest.len()).unwrap_or(u32::MAX);
            Some(rest.char_indices().map(|(at, _)| u32::try_from(at).unwrap_or(u32::MAX)).chain([ends]).collect())
        };
        Self { text, rest, base, offsets, anchors: BTreeMap::new(), stack: Vec::new(), root: None, nodes: 0 }
    }

    fn offset(&self, index: usize) -> usize {
        let inside = match &self.offsets {
            None => index,
            Some(offsets) => offsets.get(index).or(offsets.last()).map_or(0, |at| *at as usize),
        };
        inside.min(self.rest.len())
    }

    fn at(&self, from: usize, to: usize) -> Location {
        Location::new(self.text.file, self.text.locate(self.base + from, self.base + to))
    }

    /// Reads all documents; the offset of what cannot be read, and why.
    fn read(mut self, parsed: &mut Parsed) -> Option<(usize, String)> {
        let rest = self.rest;
        let mut parser = Parser::new_from_str(rest);
        while let Some(next) = parser.next_event() {
            let (event, span) = match next {
                Ok(known) => known,
                Err(error) => {
                    let offset = self.base + self.offset(error.marker().index());
                    self.close_all();
                    parsed.documents.extend(self.root.take().map(|root| (root, true)));
                    return Some((offset, error.info().to_owned()));
                }
            };
            let (start, end) = (self.offset(span.start.index()), self.offset(span.end.index()));
            if !self.take(event, start, end, parsed) {
                return Some((self.base + start, "nested too deeply".to_owned()));
            }
        }
        None
    }

    /// Takes one event; `false` when the text is not fit to be read.
    fn take(&mut self, event: Event<'_>, start: usize, end: usize, parsed: &mut Parsed) -> bool {
        match event {
            Event::DocumentEnd => parsed.documents.extend(self.root.take().map(|root| (root, false))),
            Event::Alias(id) => {
                let node = self.alias(id, start, end);
                self.add(node);
            }
            Event::Scalar(value, style, anchor, _) => {
                let node = self.scalar(&value, style, start, end);
                self.remember(anchor, &node);
                self.add(node);
            }
            Event::SequenceStart(anchor, _) => return self.open(Value::List(Vec::new()), anchor, start),
            Event::MappingStart(anchor, _) => return self.open(Value::Map(Vec::new()), anchor, start),
            Event::SequenceEnd | Event::MappingEnd => self.close(end),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) => {}
        }
        true
    }

    fn open(&mut self, value: Value, anchor: usize, start: usize) -> bool {
        self.stack.push(Frame { start, anchor, key: None, value });
        self.stack.len() <= MAX_DEPTH
    }

    fn close(&mut self, end: usize) {
        let Some(mut frame) = self.stack.pop() else { return };
        if let (Value::Map(pairs), Some(key)) = (&mut frame.value, frame.key.take()) {
            let nothing = Value::Scalar { text: String::new(), plain: true, starts: None };
            pairs.push((key.clone(), Node { at: key.at, value: nothing }));
        }
        let node = Node { at: self.at(frame.start, end), value: frame.value };
        self.remember(frame.anchor, &node);
        self.add(node);
    }

    fn close_all(&mut self) {
        while !self.stack.is_empty() {
            self.close(self.rest.len());
        }
    }

    fn add(&mut self, node: Node) {
        self.nodes += 1;
        match self.stack.last_mut() {
            None => self.root = self.root.take().or(Some(node)),
            Some(frame) => match &mut frame.value {
                Value::List(items) => items.push(node),
                Value::Map(pairs) => match frame.key.take() {
                    Some(key) => pairs.push((key, node)),
                    None => frame.key = Some(node),
                },
                Value::Scalar { .. } => {}
            },
        }
    }

    fn remember(&mut self, anchor: usize, node: &Node) {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
    }

    fn alias(&mut self, id: usize, start: usize, end: usize) -> Node {
        let at = self.at(start, end);
        let known = self.anchors.get(&id).filter(|node| {
            self.nodes += size(node);
            self.nodes < MAX_NODES
        });
        let value = known.map(|node| node.value.clone());
        Node { at, value: value.unwrap_or(Value::Scalar { text: String::new(), plain: true, starts: None }) }
    }

    fn scalar(&self, value: &str, style: ScalarStyle, start: usize, end: usize) -> Node {
        let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let starts = if block { self.block_starts(value, start) } else { None };
        let at = if block {
            // The indicator, not the text: a block is named by the line it starts on.
            self.at(start, self.rest.get(start..).and_then(|rest| rest.find('\n')).map_or(end, |line| start + line))
        } else {
            self.at(start, end)
        };
        Node { at, value: Value::Scalar { text: value.to_owned(), plain: style == ScalarStyle::Plain, starts } }
    }

    /// Where each line of a block starts in the file.
    fn block_starts(&self, value: &str, start: usize) -> Option<Vec<u32>> {
        let rest = self.rest.get(start..)?;
        let header = if rest.starts_with(['|', '>']) { rest.find('\n')? + 1 } else { 0 };
        let first = self.rest.get(..start + header)?.rfind('\n').map_or(0, |at| at + 1);
        let mut at = first;
        let mut starts = Vec::new();
        for line in value.split_inclusive('\n') {
            let written = self.rest.get(at..)?.split_inclusive('\n').next().unwrap_or_default();
            let body = line.trim_end_matches(['\n', '\r']);
            let indent = written.trim_end_matches(['\n', '\r']).len().saturating_sub(body.len());
            let span: Span = self.text.locate(self.base + at + indent, self.base + at + indent);
            starts.push(span.start);
            at += written.len();
        }
        Some(starts)
    }
}

fn size(node: &Node) -> usize {
    match &node.value {
        Value::Scalar { .. } => 1,
        Value::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Map(pairs) => 1 + pairs.iter().map(|(key, value)| size(key) + size(value)).sum::<usize>(),
    }
}

/// Manifests that were glued together without `---`: a key that comes again starts the next one.
pub(super) fn unglued(document: Node) -> Vec<Node> {
    let Value::Map(pairs) = document.value else { return vec![document] };
    let mut parts: Vec<Vec<(Node, Node)>> = vec![Vec::new()];
    for (key, value) in pairs {
        let again = parts.last().is_some_and(|part| part.iter().any(|(known, _)| known.text() == key.text()));
        if again {
            parts.push(Vec::new());
        }
        if let Some(part) = parts.last_mut() {
            part.push((key, value));
        }
    }
    let place = |part: &[(Node, Node)]| {
        let (first, last) = (part.first()?, part.last()?);
        Some(Location::new(first.0.at.file, first.0.at.span.cover(last.1.at.span)))
    };
    parts.into_iter().filter_map(|part| Some(Node { at: place(&part)?, value: Value::Map(part) })).collect()
}
