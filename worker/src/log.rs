//! The log: a JSON object a line on standard error, as docs/LOGGING.md describes it. No line holds an address or a token.

use std::io::Write;
use std::time::{Duration, SystemTime};

use serde::Serialize;

/// A line. Members that do not concern it are left out.
#[derive(Serialize)]
struct Record<'a, T> {
    time: String,
    level: &'a str,
    component: &'static str,
    #[serde(flatten)]
    rest: T,
}

/// The fate of a message.
#[derive(Serialize)]
pub(crate) struct Line<'a> {
    #[serde(skip)]
    pub(crate) level: &'static str,
    pub(crate) message_id: i64,
    pub(crate) kind: &'a str,
    pub(crate) user_id: Option<i32>,
    /// The number of the attempt, from 1.
    pub(crate) attempt: i32,
    /// `sent`, `dropped`, `deferred` or `given_up`.
    pub(crate) outcome: &'static str,
    pub(crate) cause: Option<&'a str>,
    pub(crate) ms: f64,
}

/// Something that concerns no single message.
#[derive(Serialize)]
struct Event<'a> {
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a str>,
}

#[derive(Serialize)]
struct Key<'a> {
    message: &'a str,
    kid: &'a str,
}

#[derive(Serialize)]
struct Deleted<'a> {
    message: &'a str,
    table: &'a str,
    rows: u64,
}

impl Line<'_> {
    pub(crate) fn write(&self) {
        write(self.level, self);
    }
}

/// A time in milliseconds, with two places.
pub(crate) fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 100_000.0).round() / 100.0
}

pub(crate) fn event(level: &str, message: &str, cause: Option<&str>) {
    write(level, Event { message, cause });
}

/// The rows of a table that a round of housekeeping has deleted.
pub(crate) fn deleted(table: &str, rows: u64) {
    write("info", Deleted { message: "expired rows were deleted", table, rows });
}

/// A signing key of this id.
pub(crate) fn key(level: &str, message: &str, kid: &str) {
    write(level, Key { message, kid });
}

/// The forgotten passwords that need no message.
pub(crate) fn dropped(rows: u64) {
    write(
        "info",
        Deleted { message: "forgotten passwords without a recipient were dropped", table: "outbox", rows },
    );
}

fn write(level: &str, rest: impl Serialize) {
    let time = humantime::format_rfc3339_micros(SystemTime::now()).to_string();
    let Ok(line) = serde_json::to_string(&Record { time, level, component: "worker", rest }) else { return };
    // Nobody could be told of a log that cannot be written.
    _ = writeln!(std::io::stderr().lock(), "{line}");
}
