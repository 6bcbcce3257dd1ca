//! A point in time, relative to now: “3 hours ago”.

use std::time::SystemTime;

use chrono::{DateTime, Utc};
use maud::{Markup, html};
use users_core::Timestamp;

use crate::browser::Visitor;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The time of this component. Only the wording of a page depends on it.
#[expect(
    clippy::disallowed_methods,
    reason = "a page tells the distance to now, and a browser without a script cannot"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::from_utc(DateTime::<Utc>::from(SystemTime::now()).naive_utc())
}

/// A time in words. The exact time is in the markup, for programs.
pub(crate) fn ago(visitor: &Visitor, time: Timestamp, now: Timestamp) -> Markup {
    let (key, count) = distance(time, now);
    let exact = time.to_string();
    let words = visitor.find_text(key, &[("count", count.into())]);
    html! { time datetime=(exact) { (words.unwrap_or_else(|| exact.clone())) } }
}

/// The message that says how far a time is from now, and its number. Rounded down: 119 minutes ago is an hour ago.
fn distance(time: Timestamp, now: Timestamp) -> (&'static str, i64) {
    let seconds = now.micros().saturating_sub(time.micros()) / 1_000_000;
    let distance = seconds.saturating_abs();
    let is_past = seconds >= 0;
    match distance {
        ..MINUTE => ("time-now", 0),
        MINUTE..HOUR => (if is_past { "time-minutes-ago" } else { "time-in-minutes" }, distance / MINUTE),
        HOUR..DAY => (if is_past { "time-hours-ago" } else { "time-in-hours" }, distance / HOUR),
        DAY.. => (if is_past { "time-days-ago" } else { "time-in-days" }, distance / DAY),
    }
}

#[cfg(test)]
mod tests {
    use users_web::Language;

    use super::*;
    use crate::texts::Catalogue;

    fn at(text: &str) -> Timestamp {
        serde_json::from_value(text.into()).unwrap()
    }

    #[test]
    fn a_time_is_told_in_its_largest_unit() {
        let catalogue = Catalogue::read().unwrap();
        let now = at("2026-05-15T12:00:00Z");
        for (time, english, german) in [
            ("2026-05-15T12:00:00Z", "just now", "gerade eben"),
            ("2026-05-15T11:59:01Z", "just now", "gerade eben"),
            ("2026-05-15T12:00:59Z", "just now", "gerade eben"),
            ("2026-05-15T11:59:00Z", "a minute ago", "vor einer Minute"),
            ("2026-05-15T11:00:01Z", "59 minutes ago", "vor 59 Minuten"),
            ("2026-05-15T10:00:01Z", "an hour ago", "vor einer Stunde"),
            ("2026-05-15T09:00:00Z", "3 hours ago", "vor 3 Stunden"),
            ("2026-05-14T12:00:00Z", "a day ago", "vor einem Tag"),
            ("2025-05-15T12:00:00Z", "365 days ago", "vor 365 Tagen"),
            ("2026-05-15T12:02:30Z", "in 2 minutes", "in 2 Minuten"),
            ("2026-05-15T15:00:00Z", "in 3 hours", "in 3 Stunden"),
            ("2026-06-14T12:00:00Z", "in 30 days", "in 30 Tagen"),
        ] {
            let (key, count) = distance(at(time), now);
            for (language, expected) in [(Language::English, english), (Language::German, german)] {
                let told = catalogue.find(language, key, &[("count", count.into())]);
                assert_eq!(told.as_deref(), Some(expected), "{time}");
            }
        }
    }
}
