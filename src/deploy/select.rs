//! Which files may be deployment files? Told by their names, before anything is read.

use super::data::data;

/// Whether a file may hold deployment facts, by its name.
#[must_use]
pub fn is_candidate(file_name: &str) -> bool {
    let files = &data().files;
    let name = file_name.to_lowercase();
    if files.skip.contains(&name) {
        return false;
    }
    match name.rsplit_once('.') {
        None => true,
        Some((stem, ending)) => {
            // `.gitlab-ci.yml` has an ending, `.gitignore` has none.
            let has_ending = files.endings.iter().any(|known| known == ending);
            (!stem.is_empty() && has_ending) || files.prefixes.iter().any(|prefix| name.starts_with(prefix.as_str()))
        }
    }
}

/// Whether a hidden file or folder is looked into nevertheless.
#[must_use]
pub fn is_known_hidden(name: &str) -> bool {
    data().files.hidden.iter().any(|known| known == name)
}

/// Larger files are not read.
#[must_use]
pub fn max_bytes() -> u64 {
    data().files.max_bytes
}

/// Words without which a file says nothing of interest.
pub fn triggers() -> impl Iterator<Item = &'static str> {
    data().files.triggers.iter().map(String::as_str)
}

/// Whether a file that is no UTF-8 is wrong by its name.
#[must_use]
pub fn must_be_text(path: &str) -> bool {
    [".yaml", ".yml", ".json", ".conf"].iter().any(|ending| path.to_lowercase().ends_with(ending))
}

/// Whether the beginning of a file without an ending says that it is no text.
#[must_use]
pub fn skips(head: &[u8]) -> bool {
    head.iter().take(1024).any(|byte| *byte == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell() {
        for name in ["prometheus.yml", "Makefile", "Dockerfile.web", "prometheus-server", "site.conf", "HOWTO.md"] {
            assert!(is_candidate(name), "{name}");
        }
        for name in ["views.py", "package-lock.json", "logo.png", ".gitignore", "requirements.txt"] {
            assert!(!is_candidate(name), "{name}");
        }
    }
}
