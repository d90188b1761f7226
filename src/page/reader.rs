//! Where does the next line of a stream begin and end? Holds one buffer, whatever the length of the stream.

use std::io::{self, Read};

use memchr::memchr;

/// Longer lines are not read to their end: a page has none.
const MAX_LINE: usize = 1 << 20;
const BLOCK: usize = 256 << 10;

/// A line of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RawLine<'a> {
    /// Its text, without its end.
    pub(super) text: &'a [u8],
    /// The offset of its first byte.
    pub(super) offset: u64,
    /// The line was longer than what is kept.
    pub(super) cut: bool,
}

/// Gives lines one by one.
#[derive(Debug)]
pub(super) struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    /// What of the buffer is not given away yet.
    start: usize,
    end: usize,
    /// The offset in the stream of the buffer's first byte.
    base: u64,
    /// No more is read than this.
    limit: u64,
    done: bool,
}

impl<R: Read> Lines<R> {
    /// Reads from the input, and fails when it has more bytes than the limit.
    pub(super) fn new(input: R, limit: u64) -> Self {
        Self { input, buffer: vec![0; BLOCK], start: 0, end: 0, base: 0, limit, done: false }
    }

    /// The next line.
    pub(super) fn next(&mut self) -> io::Result<Option<RawLine<'_>>> {
        let mut searched = self.start;
        loop {
            let unseen = self.buffer.get(searched..self.end).unwrap_or_default();
            if let Some(length) = memchr(b'\n', unseen) {
                let (from, to) = (self.start, searched + length);
                self.start = to + 1;
                return Ok(Some(self.line(from, to, false)));
            }
            searched = self.end;
            if self.done {
                let (from, to) = (self.start, self.end);
                self.start = self.end;
                return Ok((from < to).then(|| self.line(from, to, false)));
            }
            if self.end - self.start > MAX_LINE {
                return self.skip_long().map(Some);
            }
            searched -= self.fill()?;
        }
    }

    /// Reads another block behind what is there; says by how much what is there was moved to the front.
    fn fill(&mut self) -> io::Result<usize> {
        let moved = self.start;
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= moved;
        self.start = 0;
        self.base += moved as u64;
        if self.buffer.len() - self.end < BLOCK {
            self.buffer.resize(self.end + BLOCK, 0);
        }
        let room = self.buffer.get_mut(self.end..).unwrap_or_default();
        let read = loop {
            match self.input.read(room) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.end += read;
        self.done = read == 0;
        if self.base + self.end as u64 > self.limit {
            return Err(io::Error::other(format!("more than {} bytes", self.limit)));
        }
        Ok(moved)
    }

    /// Gives the first part of an overlong line and forgets the rest.
    fn skip_long(&mut self) -> io::Result<RawLine<'_>> {
        let kept: Vec<u8> = self.buffer.get(self.start..self.start + MAX_LINE).unwrap_or_default().to_vec();
        let offset = self.base + self.start as u64;
        self.start = self.end;
        loop {
            self.fill()?;
            let unseen = self.buffer.get(self.start..self.end).unwrap_or_default();
            match memchr(b'\n', unseen) {
                Some(length) => {
                    self.start += length + 1;
                    break;
                }
                None if self.done => break,
                None => self.start = self.end,
            }
        }
        // The kept part goes in front of what is still to be given away, so that one buffer is enough.
        let rest = self.buffer.get(self.start..self.end).unwrap_or_default().to_vec();
        self.base = (self.base + self.start as u64).saturating_sub(kept.len() as u64);
        let length = kept.len();
        self.buffer = kept;
        self.buffer.extend_from_slice(&rest);
        (self.start, self.end) = (length, self.buffer.len());
        let text = self.buffer.get(..length).unwrap_or_default();
        Ok(RawLine { text, offset, cut: true })
    }

    fn line(&self, from: usize, to: usize, cut: bool) -> RawLine<'_> {
        let text = self.buffer.get(from..to).unwrap_or_default();
        RawLine { text: text.strip_suffix(b"\r").unwrap_or(text), offset: self.base + from as u64, cut }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives few bytes at a time.
    struct Drops<'a>(&'a [u8], usize);

    impl Read for Drops<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(self.0.len()).min(buffer.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn lines(text: &[u8], drop: usize) -> Vec<(u64, usize, bool)> {
        let mut lines = Lines::new(Drops(text, drop), u64::MAX);
        let mut found = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            found.push((line.offset, line.text.len(), line.cut));
        }
        found
    }

    #[test]
    fn lines_have_offsets_however_they_arrive() {
        for drop in [1, 2, 3, 7, 100] {
            assert_eq!(lines(b"ab\r\n\ncde\nf", drop), [(0, 2, false), (4, 0, false), (5, 3, false), (9, 1, false)]);
            assert_eq!(lines(b"", drop), []);
        }
    }

    #[test]
    fn many_blocks_and_long_lines() {
        let mut text = Vec::new();
        let mut wanted = Vec::new();
        for at in 0..60_000_u64 {
            wanted.push((text.len() as u64, 10 + at as usize % 3, false));
            text.extend(std::iter::repeat_n(b'x', 10 + at as usize % 3));
            text.push(b'\n');
        }
        assert_eq!(lines(&text, 100_000), wanted);
        let mut long = vec![b'y'; 3 * MAX_LINE];
        long.extend_from_slice(b"\nend\n");
        assert_eq!(lines(&long, 65_536), [(0, MAX_LINE, true), (3 * MAX_LINE as u64 + 1, 3, false)]);
    }

    #[test]
    fn too_much_is_an_error() {
        let mut lines = Lines::new(&b"abc\ndef\n"[..], 5);
        assert!(lines.next().is_err());
    }
}
