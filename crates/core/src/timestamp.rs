//! Points in time as the API shows them.

use std::fmt;
use std::str::FromStr;

use chrono::{NaiveDateTime, SecondsFormat};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time with microseconds, shown as RFC 3339 in UTC: `2026-05-15T09:30:00.123456Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(NaiveDateTime);

impl Timestamp {
    /// From a civil date and time in UTC.
    #[must_use]
    pub fn from_utc(utc: NaiveDateTime) -> Self {
        Self(utc)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.and_utc().to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

impl Timestamp {
    /// The civil date and time in UTC.
    #[must_use]
    pub fn utc(self) -> NaiveDateTime {
        self.0
    }

    /// Microseconds since 1970.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0.and_utc().timestamp_micros()
    }
}

/// As Postgres writes a `timestamp` without a zone in JSON: `2026-05-15T09:30:00.123456`.
impl FromStr for Timestamp {
    type Err = chrono::ParseError;

    fn from_str(text: &str) -> Result<Self, chrono::ParseError> {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").map(Self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
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
    }
}
