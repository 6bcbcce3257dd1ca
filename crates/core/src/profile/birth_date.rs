//! Dates of birth.

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

use crate::schema::{format, inline_schema, string};

/// A date of birth, `YYYY-MM-DD` (RFC 3339 `full-date`), 1900 or later. The parser has no clock, so the date can be in the future.
/// Callers check [`Self::is_past`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct BirthDate(NaiveDate);

inline_schema!(BirthDate => string("A date in the past, 1900-01-01 or later.", "1990-05-15").format(format("date")).max_length(Some(10)));

/// The reason why a text is not a date of birth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BirthDateError {
    /// The text is not a date of the calendar in the form `YYYY-MM-DD`.
    #[error("must be a date, such as 1990-05-15")]
    Malformed,
    /// The date is before 1900.
    #[error("must be 1900-01-01 or later")]
    TooEarly,
}

impl BirthDate {
    /// The message for a date of birth that is not in the past.
    pub const MUST_BE_PAST: &'static str = "must be in the past";

    /// The date.
    #[must_use]
    pub fn date(self) -> NaiveDate {
        self.0
    }

    /// Returns true when the date is before the day of `now` in UTC. `now` is in seconds since 1970.
    #[must_use]
    pub fn is_past(self, now: i64) -> bool {
        chrono::DateTime::from_timestamp(now, 0).is_some_and(|now| self.0 < now.date_naive())
    }
}

impl TryFrom<String> for BirthDate {
    type Error = BirthDateError;

    fn try_from(text: String) -> Result<Self, BirthDateError> {
        let has_the_form = text.len() == 10
            && text
                .bytes()
                .enumerate()
                .all(|(index, b)| if matches!(index, 4 | 7) { b == b'-' } else { b.is_ascii_digit() });
        let date = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok().filter(|_| has_the_form);
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

    fn parse(text: &str) -> Result<String, BirthDateError> {
        BirthDate::try_from(text.to_owned()).map(|date| date.date().to_string())
    }

    #[test]
    fn dates_of_the_calendar_are_parsed() {
        for good in ["1900-01-01", "1990-05-15", "2000-02-29", "2024-02-29"] {
            assert_eq!(parse(good), Ok(good.to_owned()));
        }
        assert_eq!(parse("1899-12-31"), Err(BirthDateError::TooEarly));
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
            assert_eq!(parse(bad), Err(BirthDateError::Malformed), "{bad:?}");
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
