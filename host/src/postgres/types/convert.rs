//! Converts the interface's values, which are tuples and text, to and from the driver's.

use anyhow::{Context as _, Result};
use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, Timelike as _, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

/// Year, month, day.
type Date = (i32, u8, u8);
/// Hour, minute, second, nanosecond.
type Time = (u8, u8, u8, u32);
/// A date and a time in one tuple.
type Datetime = (i32, u8, u8, u8, u8, u8, u32);

pub(super) fn date_out(date: NaiveDate) -> Date {
    (date.year(), small(date.month()), small(date.day()))
}

pub(super) fn time_out(time: NaiveTime) -> Time {
    (small(time.hour()), small(time.minute()), small(time.second()), time.nanosecond())
}

pub(super) fn datetime_out(moment: NaiveDateTime) -> Datetime {
    let (year, month, day) = date_out(moment.date());
    let (hour, minute, second, nanosecond) = time_out(moment.time());
    (year, month, day, hour, minute, second, nanosecond)
}

/// Converts a part of a date or a time, which is below 60.
fn small(part: u32) -> u8 {
    u8::try_from(part).unwrap_or(u8::MAX)
}

pub(super) fn date_in((year, month, day): Date) -> Result<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month.into(), day.into())
        .with_context(|| format!("there is no date {year}-{month}-{day}"))
}

pub(super) fn time_in((hour, minute, second, nanosecond): Time) -> Result<NaiveTime> {
    NaiveTime::from_hms_nano_opt(hour.into(), minute.into(), second.into(), nanosecond)
        .with_context(|| format!("there is no time {hour}:{minute}:{second} and {nanosecond} ns"))
}

pub(super) fn datetime_in((year, month, day, hour, minute, second, ns): Datetime) -> Result<NaiveDateTime> {
    Ok(date_in((year, month, day))?.and_time(time_in((hour, minute, second, ns))?))
}

/// Converts seconds since 1970.
pub(super) fn timestamp_in(seconds: i64) -> Result<DateTime<Utc>> {
    DateTime::from_timestamp(seconds, 0).with_context(|| format!("{seconds} s is no moment in time"))
}

pub(super) fn decimal_in(text: &str) -> Result<Decimal> {
    Decimal::from_str_exact(text).with_context(|| format!("{text:?} is not a decimal number"))
}

pub(super) fn uuid_in(text: &str) -> Result<Uuid> {
    Uuid::parse_str(text).with_context(|| format!("{text:?} is not a UUID"))
}

pub(super) fn json_in(bytes: &[u8]) -> Result<serde_json::Value> {
    serde_json::from_slice(bytes).context("the value is not JSON")
}
