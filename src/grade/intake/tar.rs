//! Reads .tar and .tar.gz archives as a stream, in bounded memory.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

use super::contents::Contents;
use super::unpack::take_admitted;
use super::zip::Counted;

/// A long name, or the attributes of a file.
const MAX_NAME: u64 = 64 << 10;

/// Takes all files of a compressed archive.
pub(super) fn read_gz(file: &mut impl Read, prefix: &str, depth: usize, contents: &mut Contents) -> Result<(), String> {
    read(&mut MultiGzDecoder::new(file), prefix, depth, contents)
}

/// Takes all files of the archive.
pub(super) fn read(file: &mut impl Read, prefix: &str, depth: usize, contents: &mut Contents) -> Result<(), String> {
    let mut name = None;
    let mut first = true;
    loop {
        let mut head = [0; 512];
        match file.read_exact(&mut head) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && !first => return Ok(()),
            Err(_) => return Err("is not an archive, or a broken one".to_owned()),
        }
        if head.iter().all(|byte| *byte == 0) {
            return if first { Err("is not an archive, or a broken one".to_owned()) } else { Ok(()) };
        }
        let size = size(&head).filter(|_| has_sum(&head)).ok_or_else(|| {
            if first { "is not an archive, or a broken one" } else { "is broken: the rest is not read" }.to_owned()
        })?;
        first = false;
        let mut body = Counted { inner: Some((&mut *file).take(size)), read: 0, room: contents.room() };
        match head[156] {
            b'L' => name = long_name(&mut body),
            b'x' => name = attributes(&mut body).or(name),
            b'g' | b'K' => {}
            kind => {
                let name = name.take().unwrap_or_else(|| plain_name(&head));
                if !contents.enter(&format!("{prefix}{name}")) {
                    return Ok(());
                }
                one(kind, &name, &mut body, (size, prefix, depth), contents);
            }
        }
        let padded = size.next_multiple_of(512) - size;
        let rest = io::copy(&mut body, &mut io::sink()).is_ok();
        let read = body.read;
        if !contents.unpack(prefix, read.saturating_add(512)) || !rest {
            return Ok(());
        }
        if io::copy(&mut (&mut *file).take(padded), &mut io::sink()).is_err() {
            return Err("is broken: the rest is not read".to_owned());
        }
    }
}

fn one(kind: u8, name: &str, body: &mut impl Read, (size, prefix, depth): (u64, &str, usize), contents: &mut Contents) {
    match kind {
        b'5' => {}
        b'0' | 0 | b'7' if name.ends_with('/') => {}
        b'0' | 0 | b'7' => {
            if let Some(path) = contents.admit(prefix, name) {
                take_admitted(&path, body, size, depth, contents);
            }
        }
        b'1' | b'2' => contents.problem(&format!("{prefix}{name}"), "is a link: not followed"),
        _ => contents.problem(&format!("{prefix}{name}"), "is neither a file nor a folder: left out"),
    }
}

fn plain_name(head: &[u8; 512]) -> String {
    let name = text(&head[..100]);
    let prefix = if &head[257..262] == b"ustar" && head[263] != b' ' { text(&head[345..500]) } else { String::new() };
    if prefix.is_empty() { name } else { format!("{prefix}/{name}") }
}

fn long_name(body: &mut impl Read) -> Option<String> {
    let mut bytes = Vec::new();
    body.take(MAX_NAME).read_to_end(&mut bytes).ok()?;
    Some(text(&bytes))
}

/// The `path` among extended attributes: lines of `LENGTH KEY=VALUE`.
fn attributes(body: &mut impl Read) -> Option<String> {
    let mut bytes = Vec::new();
    body.take(MAX_NAME).read_to_end(&mut bytes).ok()?;
    let all = String::from_utf8_lossy(&bytes);
    all.lines().find_map(|line| line.split_once(' ')?.1.strip_prefix("path=")).map(str::to_owned)
}

fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

/// The size of what follows: octal, or binary for large ones.
fn size(head: &[u8; 512]) -> Option<u64> {
    let field = &head[124..136];
    if field[0] & 0x80 != 0 {
        return Some(field[4..].iter().fold(0, |value, byte| value << 8 | u64::from(*byte)));
    }
    let digits = text(field);
    let digits = digits.trim();
    if digits.is_empty() { Some(0) } else { u64::from_str_radix(digits, 8).ok() }
}

/// Whether the header's own sum is right; anything else is no archive.
fn has_sum(head: &[u8; 512]) -> bool {
    let told = text(&head[148..156]);
    let told = u64::from_str_radix(told.trim(), 8).ok();
    let blank = |at: usize| (148..156).contains(&at);
    let sum = head.iter().enumerate().map(|(at, byte)| if blank(at) { 32 } else { u64::from(*byte) }).sum();
    told == Some(sum)
}
