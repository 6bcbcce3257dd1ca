//! Points in time in the API.

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDateTime, SecondsFormat};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::schema::{format, inline_schema, string};

/// A point in time with microseconds, shown as RFC 3339 in UTC: `2026-05-15T09:30:00.123456Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(NaiveDateTime);

inline_schema! {
    Timestamp => string("A time in UTC with microseconds (RFC 3339).", "2026-05-15T09:30:00.123456Z")
        .format(format("date-time"))
        .max_length(Some(Timestamp::CHARACTERS))
}

impl Timestamp {
    /// The last year that RFC 3339 can write.
    pub const LAST_YEAR: i32 = 9999;

    /// The length of a formatted time in the years 0 to 9999, in characters.
    const CHARACTERS: usize = 27;

    /// Converts a date and time in UTC.
    #[must_use]
    pub fn from_utc(utc: NaiveDateTime) -> Self {
        Self(utc)
    }

    /// The date and time in UTC.
    #[must_use]
    pub fn utc(self) -> NaiveDateTime {
        self.0
    }

    /// The year in UTC.
    #[must_use]
    pub fn year(self) -> i32 {
        self.0.year()
    }

    /// The microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0.and_utc().timestamp_micros()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.and_utc().to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

/// Parses RFC 3339 with any offset: Postgres writes a `timestamptz` in JSON with the offset of its time zone.
impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // A leap second counts as the first microsecond after it, as in Postgres.
        DateTime::parse_from_rfc3339(&text)
            .ok()
            .and_then(|time| DateTime::from_timestamp_micros(time.timestamp_micros()))
            .map(|time| Self(time.naive_utc()))
            .ok_or_else(|| D::Error::custom("must be a time with its offset, such as 2026-05-15T09:30:00Z"))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    #[test]
    fn a_time_is_shown_with_microseconds_in_utc() {
        let day = NaiveDate::from_ymd_opt(2026, 5, 15).unwrap();
        let shown = |micro| Timestamp::from_utc(day.and_hms_micro_opt(9, 30, 0, micro).unwrap()).to_string();
        assert_eq!(shown(123_456), "2026-05-15T09:30:00.123456Z");
        assert_eq!(shown(0), "2026-05-15T09:30:00.000000Z");
        assert_eq!(shown(0).len(), Timestamp::CHARACTERS);
    }

    #[test]
    fn a_time_with_an_offset_is_converted_to_utc() {
        let read = |text: &str| serde_json::from_value::<Timestamp>(text.into()).map(|it| it.to_string());
        for text in ["2026-05-15T09:30:00.123456+00:00", "2026-05-15T15:00:00.123456+05:30"] {
            assert_eq!(read(text).unwrap(), "2026-05-15T09:30:00.123456Z");
        }
        assert_eq!(read("2016-12-31T23:59:60Z").unwrap(), "2017-01-01T00:00:00.000000Z");
        for wrong in ["2026-05-15T09:30:00", "2026-05-15", "tomorrow", "2026-02-30T00:00:00Z", ""] {
            assert!(read(wrong).unwrap_err().to_string().starts_with("must be a time"), "{wrong}");
        }
    }
}
