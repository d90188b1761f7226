//! Which file does an address name, and how is a file addressed?

use std::path::{Path, PathBuf};

use crate::source::percent_decoded;

/// The file that a `file` address names.
pub(super) fn to_path(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    // In front of the path there may be a host, of which only this machine is ours.
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    let text = String::from_utf8(percent_decoded(path.as_bytes())).ok()?;
    // On Windows: `/c:/x` is `c:/x`.
    let drive = text.as_bytes().get(2) == Some(&b':') && text.starts_with('/');
    Some(PathBuf::from(if drive { text.get(1..).unwrap_or_default() } else { &text }))
}

/// The address of a file.
pub(super) fn of_path(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    let mut uri = String::from(if text.starts_with('/') { "file://" } else { "file:///" });
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_paths_are_the_same_thing() {
        for (path, uri) in [
            ("/home/ada/shop/views.py", "file:///home/ada/shop/views.py"),
            ("/a b/\u{fc}.py", "file:///a%20b/%C3%BC.py"),
        ] {
            assert_eq!(of_path(Path::new(path)), uri);
            assert_eq!(to_path(uri).unwrap(), Path::new(path));
        }
        assert_eq!(to_path("file:///c%3A/x.py").unwrap(), Path::new("c:/x.py"));
        assert!(to_path("untitled:Untitled-1").is_none());
    }
}
