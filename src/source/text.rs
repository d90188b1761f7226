//! From bytes to text, and back without changing a byte that nobody edited.

use thiserror::Error;

/// How the bytes of a file give its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// UTF-8.
    #[default]
    Utf8,
    /// UTF-8 behind a byte order mark, which is not part of the text.
    Utf8Bom,
    /// ISO 8859-1, or Windows-1252 where the flag is set; named by a coding comment.
    Latin {
        /// Windows-1252.
        windows: bool,
    },
}

/// Why bytes are no text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// Not UTF-8, and no coding comment says otherwise.
    #[error("not UTF-8 (byte {0}); save it as UTF-8, or name its encoding in a coding comment")]
    NotUtf8(usize),
    /// The coding comment names an encoding that we do not read.
    #[error("the encoding `{0}` is not supported; save the file as UTF-8")]
    Unsupported(String),
    /// UTF-16 or another wide encoding.
    #[error("looks like UTF-16 or binary data; save it as UTF-8")]
    Wide,
}

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// What Windows-1252 has at 0x80 to 0x9F; the five holes keep their control characters, as browsers do.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

impl Encoding {
    /// The offset into the stored bytes, for an offset into the text.
    #[must_use]
    pub fn stored_offset(self, text: &str, offset: u32) -> u32 {
        match self {
            Encoding::Utf8 => offset,
            Encoding::Utf8Bom => offset + BOM.len() as u32,
            Encoding::Latin { .. } => {
                text.get(..offset as usize).map_or(offset, |before| before.chars().count() as u32)
            }
        }
    }
}

/// Reads bytes as text. `coded` says that a comment in the first two lines may name the encoding (Python).
///
/// # Errors
/// When the bytes are not text in any encoding that we read.
pub fn decode(bytes: Vec<u8>, coded: bool) -> Result<(String, Encoding), DecodeError> {
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return Err(DecodeError::Wide);
    }
    if bytes.starts_with(BOM) {
        let text =
            std::str::from_utf8(&bytes[BOM.len()..]).map_err(|error| DecodeError::NotUtf8(error.valid_up_to()))?;
        return Ok((text.to_owned(), Encoding::Utf8Bom));
    }
    let named = if coded { coding(&bytes) } else { None };
    match named.as_deref() {
        None | Some("utf-8" | "utf8" | "u8" | "ascii" | "us-ascii" | "utf-8-sig") => utf8(bytes),
        Some("latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "iso-8859-15" | "l1") => Ok(latin(&bytes, false)),
        Some("cp1252" | "windows-1252" | "cp-1252") => Ok(latin(&bytes, true)),
        // Editors leave such comments in files that are plain ASCII.
        Some(other) if bytes.is_ascii() && !other.starts_with("utf-16") && !other.starts_with("utf-7") => utf8(bytes),
        Some(other) => Err(DecodeError::Unsupported(other.to_owned())),
    }
}

fn utf8(bytes: Vec<u8>) -> Result<(String, Encoding), DecodeError> {
    String::from_utf8(bytes)
        .map(|text| (text, Encoding::Utf8))
        .map_err(|error| DecodeError::NotUtf8(error.utf8_error().valid_up_to()))
}

fn latin(bytes: &[u8], windows: bool) -> (String, Encoding) {
    let text = bytes
        .iter()
        .map(|&byte| match byte {
            0x80..=0x9F if windows => WINDOWS[usize::from(byte - 0x80)],
            _ => char::from(byte),
        })
        .collect();
    (text, Encoding::Latin { windows })
}

/// Writes text in the encoding it was read in; `None` when a character has no place in it.
#[must_use]
pub fn encode(text: &str, encoding: Encoding) -> Option<Vec<u8>> {
    match encoding {
        Encoding::Utf8 => Some(text.as_bytes().to_vec()),
        Encoding::Utf8Bom => Some([BOM, text.as_bytes()].concat()),
        Encoding::Latin { windows } => text
            .chars()
            .map(|c| match WINDOWS.iter().position(|&known| known == c) {
                Some(at) if windows => u8::try_from(at + 0x80).ok(),
                _ => u8::try_from(u32::from(c)).ok(),
            })
            .collect(),
    }
}

/// The encoding named in a comment in the first two lines (PEP 263), in lower case with dashes.
fn coding(bytes: &[u8]) -> Option<String> {
    for line in bytes.split(|&byte| byte == b'\n').take(2) {
        let line = String::from_utf8_lossy(&line[..line.len().min(200)]);
        let trimmed = line.trim_start_matches([' ', '\t', '\x0c']);
        if !trimmed.starts_with('#') {
            if trimmed.trim().is_empty() {
                continue;
            }
            return None;
        }
        let Some((_, rest)) = trimmed.split_once("coding") else { continue };
        let Some(rest) = rest.strip_prefix([':', '=']) else { continue };
        let name: String =
            rest.trim_start().chars().take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
        if !name.is_empty() {
            return Some(name.to_ascii_lowercase().replace('_', "-"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_round_trip() {
        let cases: [&[u8]; 4] = [
            b"x = 1\n",
            b"\xEF\xBB\xBFx = 1\r\n",
            b"# -*- coding: latin-1 -*-\nx = '\xE9'\n",
            b"#!/usr/bin/env python\n# coding=cp1252\nx = '\x80'\n",
        ];
        for bytes in cases {
            let (text, encoding) = decode(bytes.to_vec(), true).unwrap();
            assert_eq!(encode(&text, encoding).unwrap(), bytes);
        }
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert_eq!(decode(b"x = '\xE9'".to_vec(), true), Err(DecodeError::NotUtf8(5)));
        assert_eq!(decode(b"# coding: latin-1\n\xE9".to_vec(), false), Err(DecodeError::NotUtf8(18)));
        assert_eq!(decode(b"\xFF\xFEx\0".to_vec(), true), Err(DecodeError::Wide));
        assert!(matches!(decode(b"# coding: koi8-r\n'\xC1'".to_vec(), true), Err(DecodeError::Unsupported(_))));
    }

    #[test]
    fn stored_offsets_count_bytes_of_the_file() {
        let (text, encoding) = decode(b"# coding: latin-1\n'\xE9' + x".to_vec(), true).unwrap();
        let offset = text.find('x').unwrap() as u32;
        assert_eq!(encoding.stored_offset(&text, offset), 24);
    }
}
