//! How files are called.

use std::path::{Component, Path, PathBuf};

/// A path without `.` and without `x/..`, as far as the text tells.
#[must_use]
pub fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            _ => out.push(part),
        }
    }
    out
}

/// A path as reports name it: relative to the working directory where it lies under it, with `/`.
#[must_use]
pub fn display_path(path: &Path, working: &Path) -> String {
    let cleaned = clean(path);
    let relative = cleaned.strip_prefix(working).unwrap_or(&cleaned);
    let text = relative.to_string_lossy();
    if text.is_empty() {
        return ".".to_owned();
    }
    if std::path::MAIN_SEPARATOR == '/' { text.into_owned() } else { text.replace(std::path::MAIN_SEPARATOR, "/") }
}

/// Whether a file name follows a pattern with at most one `*`.
#[must_use]
pub fn matches_pattern(pattern: &str, file_name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == file_name,
        Some((head, tail)) => {
            file_name.len() >= head.len() + tail.len() && file_name.starts_with(head) && file_name.ends_with(tail)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_and_clean() {
        let working = Path::new("/home/me/shop");
        let show = |path: &str| display_path(Path::new(path), working);
        assert_eq!(show("./a/../b/views.py"), "b/views.py");
        assert_eq!(show("/home/me/shop/views.py"), "views.py");
        assert_eq!(show("/etc/x.py"), "/etc/x.py");
        assert_eq!(show("../x.py"), "../x.py");
    }

    #[test]
    fn patterns() {
        assert!(matches_pattern("test_*.py", "test_views.py"));
        assert!(!matches_pattern("test_*.py", "latest_x.py"));
        assert!(matches_pattern("conftest.py", "conftest.py"));
        assert!(!matches_pattern("a*a", "a"));
    }
}
