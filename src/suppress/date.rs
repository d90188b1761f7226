//! Days, for comments that hold until one.

use std::fmt;

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// Reads `2027-03-01`; `None` where the calendar has no such day.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('-').collect();
        let [year, month, day] = parts.as_slice() else { return None };
        let plain = |part: &str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        if !plain(year, 4) || !plain(month, 2) || !plain(day, 2) {
            return None;
        }
        let date = Self { year: year.parse().ok()?, month: month.parse().ok()?, day: day.parse().ok()? };
        let is_there = (1..=12).contains(&date.month) && (1..=length(date.year, date.month)).contains(&date.day);
        is_there.then_some(date)
    }

    /// The day (in UTC) that so many seconds after 1970 began lie in.
    #[must_use]
    pub fn from_seconds(seconds: u64) -> Self {
        let mut days = seconds / 86_400;
        let mut year = 1970;
        while year < 9999 && days >= in_year(year) {
            days -= in_year(year);
            year += 1;
        }
        let mut month = 1;
        while month < 12 && days >= u64::from(length(year, month)) {
            days -= u64::from(length(year, month));
            month += 1;
        }
        Self { year, month, day: days.min(30) as u8 + 1 }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn in_year(year: u16) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

fn length(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days() {
        let shown = |seconds| Date::from_seconds(seconds).to_string();
        assert_eq!(shown(0), "1970-01-01");
        assert_eq!(shown(951_782_400), "2000-02-29");
        assert_eq!(shown(1_803_859_199), "2027-02-28");
        assert!(Date::parse("2028-02-29").is_some() && Date::parse("2027-02-29").is_none());
        assert!(Date::parse("2027-3-1").is_none() && Date::parse("+027-03-01").is_none());
        assert!(Date::parse("2027-03-01") > Date::parse("2026-12-31"));
    }
}
