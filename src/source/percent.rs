//! What do the escapes of an address stand for?

/// Replaces `%40` and its like by the bytes that they stand for; what is no escape stays.
#[must_use]
pub fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let digit = |at: usize| text.get(at).and_then(|&byte| char::from(byte).to_digit(16));
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_escapes_are_decoded() {
        assert_eq!(percent_decoded(b"ada%40example.org%2"), b"ada@example.org%2");
        assert_eq!(percent_decoded(b"100%zz"), b"100%zz");
    }
}
