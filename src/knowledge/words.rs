//! Splits a name into its words: `cardNumber`, `card_number`, `CARD-NUMBER` and `card.number2` all hold *card number*.

/// The words of a name in lower case. Digits separate words and are dropped.
#[must_use]
pub fn split(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (at, &c) in chars.iter().enumerate() {
        if !c.is_alphabetic() {
            flush(&mut word, &mut words);
            continue;
        }
        if starts_word(&chars, at) {
            flush(&mut word, &mut words);
        }
        word.extend(c.to_lowercase());
    }
    flush(&mut word, &mut words);
    words
}

fn flush(word: &mut String, words: &mut Vec<String>) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

/// Whether a capital begins a new word: after a small letter (`userId`), or as the last of a row of capitals before a
/// small letter (`APIKey`), unless that is only a plural's `s` (`IDs`).
fn starts_word(chars: &[char], at: usize) -> bool {
    let get = |index: usize| chars.get(index).copied();
    let (Some(current), Some(before)) = (get(at), at.checked_sub(1).and_then(get)) else { return false };
    if !current.is_uppercase() {
        return false;
    }
    if before.is_lowercase() {
        return true;
    }
    let Some(next) = get(at + 1) else { return false };
    let plural = next == 's' && !get(at + 2).is_some_and(char::is_lowercase);
    before.is_uppercase() && next.is_lowercase() && !plural
}

/// The singular of a word, or the word.
pub(super) fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies")
        && stem.len() > 2
    {
        // cookies, movies: the singular ends in `ie`, too.
        return if matches!(stem, "cook" | "mov") { format!("{stem}ie") } else { format!("{stem}y") };
    }
    for ending in ["sses", "xes", "ches", "shes"] {
        if word.ends_with(ending) {
            return word.strip_suffix("es").unwrap_or(word).to_owned();
        }
    }
    match word.strip_suffix('s') {
        Some(stem) if stem.len() > 1 && !["s", "u", "i"].iter().any(|end| stem.ends_with(end)) => stem.to_owned(),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{singular, split};

    #[test]
    fn names_split_into_words_in_every_spelling() {
        for (name, words) in [
            ("cardNumber", "card number"),
            ("CARD_NUMBER", "card number"),
            ("X-Forwarded-For", "x forwarded for"),
            ("user.email", "user email"),
            ("passwd2", "passwd"),
            ("APIKey", "api key"),
            ("userID", "user id"),
            ("userIDs", "user ids"),
            ("parseURLs", "parse urls"),
            ("e_mail", "e mail"),
            ("köchin", "köchin"),
            ("ÜberName", "über name"),
            ("sha256_of", "sha of"),
            ("__x", "x"),
            ("", ""),
        ] {
            assert_eq!(split(name).join(" "), words, "{name}");
        }
    }

    #[test]
    fn plurals_have_a_singular() {
        for (plural, one) in [
            ("emails", "email"),
            ("addresses", "address"),
            ("address", "address"),
            ("cookies", "cookie"),
            ("balances", "balance"),
            ("salaries", "salary"),
            ("status", "status"),
            ("ips", "ip"),
            ("is", "is"),
        ] {
            assert_eq!(singular(plural), one, "{plural}");
        }
    }
}
