//! Dates of birth.

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

/// A date of birth, `YYYY-MM-DD` (RFC 3339 `full-date`), 1900 or later. Whether it is past is for [`Self::is_past`] to say,
/// since a rule has no clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct BirthDate(NaiveDate);

/// Why a text is no date of birth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BirthDateError {
    /// Not a date of the calendar, written as it should be.
    #[error("must be a date, such as 1990-05-15")]
    Malformed,
    /// Before 1900.
    #[error("must be 1900-01-01 or later")]
    TooEarly,
}

impl BirthDate {
    /// What somebody is told whose date of birth is not past.
    pub const MUST_BE_PAST: &'static str = "must be in the past";

    /// The date.
    #[must_use]
    pub fn date(self) -> NaiveDate {
        self.0
    }

    /// Whether it is before the day (in UTC) of a point in time, in seconds since 1970.
    #[must_use]
    pub fn is_past(self, now: i64) -> bool {
        chrono::DateTime::from_timestamp(now, 0).is_some_and(|now| self.0 < now.date_naive())
    }
}

impl TryFrom<String> for BirthDate {
    type Error = BirthDateError;

    fn try_from(text: String) -> Result<Self, BirthDateError> {
        let shaped = text.len() == 10
            && text
                .bytes()
                .enumerate()
                .all(|(index, b)| if matches!(index, 4 | 7) { b == b'-' } else { b.is_ascii_digit() });
        let date = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok().filter(|_| shaped);
        match date {
            None => Err(BirthDateError::Malformed),
            Some(date) if date.year() < 1900 => Err(BirthDateError::TooEarly),
            Some(date) => Ok(Self(date)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(text: &str) -> Result<String, BirthDateError> {
        BirthDate::try_from(text.to_owned()).map(|date| date.date().to_string())
    }

    #[test]
    fn dates_of_the_calendar_are_read_and_written_alike() {
        for good in ["1900-01-01", "1990-05-15", "2000-02-29", "2024-02-29"] {
            assert_eq!(judged(good), Ok(good.to_owned()));
        }
        assert_eq!(judged("1899-12-31"), Err(BirthDateError::TooEarly));
        for bad in [
            "",
            "1990",
            "1990-5-15",
            "15.05.1990",
            "1990-05-15T00:00:00Z",
            "1990-13-01",
            "1990-02-30",
            "1900-02-29",
            "+990-01-01",
            "1990/05/15",
            " 1990-05-15",
            "१९९०-०५-१५",
        ] {
            assert_eq!(judged(bad), Err(BirthDateError::Malformed), "{bad:?}");
        }
    }

    #[test]
    fn today_is_not_past() {
        // 2026-05-15T12:00:00Z
        let now = 1_778_846_400;
        let past = |text: &str| BirthDate::try_from(text.to_owned()).unwrap().is_past(now);
        assert!(past("2026-05-14"));
        assert!(!past("2026-05-15"));
        assert!(!past("2999-01-01"));
    }
}
