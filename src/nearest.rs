//! Which known word did the user mean?

/// The known word most like the given one, if one is close.
#[must_use]
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|word| (distance(wrong, word), word))
        .filter(|(distance, word)| *distance <= wrong.len().max(word.len()) / 2)
        .min()
        .map(|(_, word)| word)
}

/// The edit distance of Levenshtein, one row of its table at a time.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (at, have) in from.chars().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], at + 1);
        for (column, want) in to.iter().enumerate() {
            let changed = corner + usize::from(have != *want);
            corner = row[column + 1];
            row[column + 1] = changed.min(corner + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_levenshtein() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("records", "records"), 0);
    }

    #[test]
    fn a_misspelt_word_finds_its_neighbour_and_nonsense_finds_none() {
        assert_eq!(nearest("retuns", ["raises", "returns", "routes"]), Some("returns"));
        assert_eq!(nearest("sensitiv-label", ["sensitive-label-name", "soft-404"]), Some("sensitive-label-name"));
        assert_eq!(nearest("zzzzzz", ["raises", "returns"]), None);
    }
}
