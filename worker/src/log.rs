//! The log: a JSON object a line on standard error, as docs/LOGGING.md describes it. No line holds an address or a token.

use std::io::Write;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

/// What has become of a message.
pub(crate) struct Line<'a> {
    pub(crate) level: &'static str,
    pub(crate) message_id: i64,
    pub(crate) kind: &'a str,
    pub(crate) user_id: Option<i32>,
    /// From 1; 0 for a message that was dropped before the first one.
    pub(crate) attempt: i32,
    pub(crate) outcome: &'static str,
    pub(crate) cause: Option<&'a str>,
    pub(crate) took: Duration,
}

impl Line<'_> {
    pub(crate) fn write(&self) {
        let mut line = start(self.level);
        line["message_id"] = self.message_id.into();
        line["kind"] = self.kind.into();
        line["user_id"] = self.user_id.into();
        line["attempt"] = self.attempt.into();
        line["outcome"] = self.outcome.into();
        line["cause"] = self.cause.into();
        line["ms"] = ((self.took.as_secs_f64() * 100_000.0).round() / 100.0).into();
        write(&line);
    }
}

/// Something that concerns no single message.
pub(crate) fn event(level: &'static str, message: &str, cause: Option<&str>) {
    let mut line = start(level);
    line["message"] = message.into();
    if let Some(cause) = cause {
        line["cause"] = cause.into();
    }
    write(&line);
}

/// The rows that a round of housekeeping has deleted, by table.
pub(crate) fn deleted(table: &str, rows: u64) {
    let mut line = start("info");
    line["message"] = "expired rows were deleted".into();
    line["table"] = table.into();
    line["rows"] = rows.into();
    write(&line);
}

fn start(level: &str) -> Value {
    let now = humantime::format_rfc3339_micros(SystemTime::now()).to_string();
    json!({ "time": now, "level": level, "component": "worker" })
}

fn write(line: &Value) {
    // Nobody could be told of a log that cannot be written.
    _ = writeln!(std::io::stderr().lock(), "{line}");
}
