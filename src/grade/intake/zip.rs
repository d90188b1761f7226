//! Reads .zip archives: the directory entry by entry, the files one by one, in bounded memory.
//!
//! Written here because what matters is what is *not* believed: sizes, counts and names are the archive's own claims.

use std::io::{self, Read, SeekFrom};

use flate2::read::DeflateDecoder;

use super::contents::Contents;
use super::unpack::{Input, take_admitted};

/// A comment of the greatest length after the end record.
const TAIL: u64 = 65_557;
const END: [u8; 4] = *b"PK\x05\x06";
const ENTRY: [u8; 4] = *b"PK\x01\x02";
const LOCAL: [u8; 4] = *b"PK\x03\x04";

/// What the directory says of one file.
struct Record {
    name: String,
    encrypted: bool,
    method: u16,
    packed: u64,
    size: u64,
    offset: u64,
    mode: u32,
    next: u64,
}

/// Takes all files of the archive.
pub(super) fn read(file: &mut impl Input, prefix: &str, depth: usize, contents: &mut Contents) -> Result<(), String> {
    let (start, mut at, end) = directory(file)?;
    while at < end {
        let mut record = record(file, at)?;
        record.offset = record.offset.saturating_add(start);
        at = record.next;
        let shown = format!("{prefix}{}", record.name);
        if !contents.enter(&shown) {
            return Ok(());
        }
        if let Some(path) = admit(&record, prefix, contents)
            && !unpack(file, &record, &path, depth, contents)
        {
            return Ok(());
        }
    }
    Ok(())
}

fn admit(record: &Record, prefix: &str, contents: &mut Contents) -> Option<String> {
    let shown = format!("{prefix}{}", record.name);
    match record.mode & 0o170_000 {
        _ if record.name.ends_with('/') => return None,
        0o120_000 => {
            contents.problem(&shown, "is a link: not followed");
            return None;
        }
        0 | 0o100_000 => {}
        _ => {
            contents.problem(&shown, "is neither a file nor a folder: left out");
            return None;
        }
    }
    let path = contents.admit(prefix, &record.name)?;
    if record.encrypted {
        contents.problem(&path, "is encrypted: not read");
        return None;
    }
    Some(path)
}

/// Takes one file; false when the bound on unpacked bytes is met.
fn unpack(file: &mut impl Input, record: &Record, path: &str, depth: usize, contents: &mut Contents) -> bool {
    let data = match data_offset(file, record.offset) {
        Ok(offset) => offset,
        Err(message) => {
            contents.problem(path, message);
            return true;
        }
    };
    if file.seek(SeekFrom::Start(data)).is_err() {
        contents.problem(path, "cannot be read");
        return true;
    }
    let room = contents.room();
    let packed = file.take(record.packed);
    let mut counted = Counted { inner: None::<Box<dyn Read + '_>>, read: 0, room };
    match record.method {
        0 => counted.inner = Some(Box::new(packed)),
        8 => counted.inner = Some(Box::new(DeflateDecoder::new(packed))),
        other => {
            contents.problem(path, format!("is packed by a method that is not known ({other}): not read"));
            return true;
        }
    }
    take_admitted(path, &mut counted, record.size, depth, contents);
    let read = counted.read;
    drop(counted);
    contents.unpack(path, read)
}

/// Counts what is read, and stops at the bound.
pub(super) struct Counted<R> {
    pub(super) inner: Option<R>,
    pub(super) read: u64,
    pub(super) room: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read > self.room {
            return Err(io::Error::other("the submission unpacks to too much"));
        }
        let Some(inner) = &mut self.inner else { return Ok(0) };
        let count = inner.read(buffer)?;
        self.read += count as u64;
        Ok(count)
    }
}

/// Where the archive starts in the file, and where its directory starts and ends.
fn directory(file: &mut impl Input) -> Result<(u64, u64, u64), String> {
    let broken = || "is not a .zip archive, or a broken one".to_owned();
    let length = file.seek(SeekFrom::End(0)).map_err(|_| broken())?;
    let from = length.saturating_sub(TAIL);
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(from)).map_err(|_| broken())?;
    file.take(TAIL).read_to_end(&mut tail).map_err(|_| broken())?;
    let at = (0..tail.len().saturating_sub(21)).rev().find(|at| tail[*at..].starts_with(&END)).ok_or_else(broken)?;
    let record = &tail[at..];
    let (mut size, mut offset) = (u64::from(u32_at(record, 12)), u64::from(u32_at(record, 16)));
    let mut end = from + at as u64;
    if size == u64::from(u32::MAX) || offset == u64::from(u32::MAX) {
        let locator = end.checked_sub(20).ok_or_else(broken)?;
        let told = exactly::<20>(file, locator).ok_or_else(broken)?;
        let large = exactly::<56>(file, u64_at(&told, 8)).ok_or_else(broken)?;
        (size, offset) = (u64_at(&large, 40), u64_at(&large, 48));
        end = locator.checked_sub(56).ok_or_else(broken)?;
    }
    // Something may stand before the archive: the directory ends where the end record starts.
    let first = end.checked_sub(size).ok_or_else(broken)?;
    let start = first.checked_sub(offset).ok_or_else(broken)?;
    Ok((start, first, end))
}

fn record(file: &mut impl Input, at: u64) -> Result<Record, String> {
    let broken = || "its directory is broken: the rest is not read".to_owned();
    let head = exactly::<46>(file, at).filter(|head| head.starts_with(&ENTRY)).ok_or_else(broken)?;
    let (name, extra, comment) = (u16_at(&head, 28), u16_at(&head, 30), u16_at(&head, 32));
    let mut tail = vec![0; usize::from(name) + usize::from(extra)];
    file.read_exact(&mut tail).map_err(|_| broken())?;
    let (name_bytes, mut rest) = tail.split_at(usize::from(name));
    let large = |value: u32| value == u32::MAX;
    let (size, packed, offset) = (u32_at(&head, 24), u32_at(&head, 20), u32_at(&head, 42));
    let mut record = Record {
        name: String::from_utf8_lossy(name_bytes).into_owned(),
        encrypted: u16_at(&head, 8) & 1 == 1,
        method: u16_at(&head, 10),
        packed: u64::from(packed),
        size: u64::from(size),
        offset: u64::from(offset),
        mode: if head[5] == 3 { u32_at(&head, 38) >> 16 } else { 0 },
        next: at + 46 + u64::from(name) + u64::from(extra) + u64::from(comment),
    };
    while rest.len() >= 4 {
        let (kind, length) = (u16_at(rest, 0), usize::from(u16_at(rest, 2)));
        let body = rest.get(4..4 + length).unwrap_or_default();
        if kind == 1 {
            let mut values = body.chunks_exact(8).map(|chunk| u64_at(chunk, 0));
            let mut next = |is_large: bool, value: &mut u64| {
                if is_large && let Some(read) = values.next() {
                    *value = read;
                }
            };
            next(large(size), &mut record.size);
            next(large(packed), &mut record.packed);
            next(large(offset), &mut record.offset);
        }
        rest = rest.get(4 + length..).unwrap_or_default();
    }
    Ok(record)
}

fn data_offset(file: &mut impl Input, at: u64) -> Result<u64, String> {
    let head = exactly::<30>(file, at).filter(|head| head.starts_with(&LOCAL));
    let head = head.ok_or("is not where the directory says")?;
    Ok(at + 30 + u64::from(u16_at(&head, 26)) + u64::from(u16_at(&head, 28)))
}

fn exactly<const N: usize>(file: &mut impl Input, at: u64) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    file.seek(SeekFrom::Start(at)).ok()?;
    file.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

fn number(bytes: &[u8], at: usize, length: usize) -> u64 {
    let part = bytes.get(at..at + length).unwrap_or_default();
    part.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::try_from(number(bytes, at, 2)).unwrap_or(0)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::try_from(number(bytes, at, 4)).unwrap_or(0)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    number(bytes, at, 8)
}
