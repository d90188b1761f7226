//! Who handed it in, and as which attempt? As far as the names that course platforms give to files tell.

/// What a name says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Named {
    /// The student, as far as known.
    pub student: String,
    /// The platform's number for the student.
    pub id: String,
    /// What the student called the file.
    pub file: String,
    /// Later ones are larger.
    pub attempt: u64,
    /// The platform marks it as late.
    pub late: bool,
}

/// Reads the name of a file or folder.
pub(super) fn read(name: &str) -> Option<Named> {
    moodle(name).or_else(|| canvas(name))
}

/// `Jane Doe_1234567_assignsubmission_file_homework.zip`, or a folder `Jane Doe_1234567_assignsubmission_file_`.
fn moodle(name: &str) -> Option<Named> {
    let at = ["_assignsubmission_file", "_assignsubmission_onlinetext"].iter().find_map(|mark| {
        let at = name.find(mark)?;
        Some((at, at + mark.len()))
    })?;
    let (student, id) = name[..at.0].rsplit_once('_')?;
    if student.is_empty() || !is_number(id) {
        return None;
    }
    let file = name[at.1..].trim_start_matches('_').to_owned();
    Some(Named { student: student.to_owned(), id: id.to_owned(), file, ..Named::default() })
}

/// `doejane_12345_987654_hw3.zip`, `doejane_LATE_12345_987654_hw3-2.zip` for a second attempt.
fn canvas(name: &str) -> Option<Named> {
    let (student, rest) = name.split_once('_')?;
    let (late, rest) = rest.strip_prefix("LATE_").map_or((false, rest), |rest| (true, rest));
    let mut parts = rest.splitn(3, '_');
    let (id, number, file) = (parts.next()?, parts.next()?, parts.next()?);
    if student.is_empty() || !is_number(id) || !is_number(number) || file.is_empty() {
        return None;
    }
    let (file, attempt) = attempt(file);
    Some(Named { student: student.to_owned(), id: id.to_owned(), file, attempt, late })
}

/// `hw3-2.zip` is the second resubmission of `hw3.zip`.
fn attempt(file: &str) -> (String, u64) {
    let (stem, ending) = match file.find('.') {
        Some(at) => file.split_at(at),
        None => (file, ""),
    };
    match stem.rsplit_once('-') {
        Some((before, number)) if number.len() < 4 && is_number(number) && !before.is_empty() => {
            (format!("{before}{ending}"), number.parse().unwrap_or(0))
        }
        _ => (file.to_owned(), 0),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() < 16 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str) -> Option<(String, String, String, u64, bool)> {
        read(name).map(|named| (named.student, named.id, named.file, named.attempt, named.late))
    }

    fn some(
        student: &str,
        id: &str,
        file: &str,
        attempt: u64,
        late: bool,
    ) -> Option<(String, String, String, u64, bool)> {
        Some((student.to_owned(), id.to_owned(), file.to_owned(), attempt, late))
    }

    #[test]
    fn platforms_have_their_own_names() {
        assert_eq!(
            told("Ada B. Lane_7654321_assignsubmission_file_hw3.zip"),
            some("Ada B. Lane", "7654321", "hw3.zip", 0, false)
        );
        assert_eq!(told("Ada Lane_7654321_assignsubmission_file_"), some("Ada Lane", "7654321", "", 0, false));
        assert_eq!(told("Participant_12_7_assignsubmission_file_/"), some("Participant_12", "7", "/", 0, false));
        assert_eq!(told("laneada_4411_90210_hw3.zip"), some("laneada", "4411", "hw3.zip", 0, false));
        assert_eq!(told("laneada_LATE_4411_90211_hw_3-2.tar.gz"), some("laneada", "4411", "hw_3.tar.gz", 2, true));
    }

    #[test]
    fn other_names_say_nothing() {
        for name in
            ["hw3-adalane", "submission_123", "ada_hw3_final.zip", "a_1_2", "_1_2_x.zip", "x_assignsubmission_file_"]
        {
            assert_eq!(told(name), None, "{name}");
        }
    }
}
