//! The log: one JSON object per line on stderr.
//!
//! It never contains an email address, a token, a password or a network address. docs/LOGGING.md lists the fields.

use std::io::Write;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use users_db::{Observer, Statement};

use crate::{Code, Context};

#[derive(Serialize)]
struct Line<'a, T> {
    time: String,
    level: &'a str,
    component: &'a str,
    request_id: &'a str,
    #[serde(flatten)]
    rest: T,
}

#[derive(Serialize)]
struct Access<'a> {
    method: &'a str,
    route: Option<&'a str>,
    status: u16,
    ms: f64,
    user_id: Option<i32>,
}

#[derive(Serialize)]
struct Cause<'a> {
    code: &'a str,
    cause: &'a str,
}

#[derive(Serialize)]
struct Notice<'a> {
    message: &'a str,
    user_id: Option<i32>,
}

#[derive(Serialize)]
struct Query<'a> {
    statement: &'a str,
    ms: f64,
    rows: Option<usize>,
}

/// Logs that a request was answered.
pub(crate) fn access(context: &Context, method: &str, status: u16, elapsed: Duration) {
    let level = if status >= 500 { "error" } else { "info" };
    let access =
        Access { method, route: context.route(), status, ms: milliseconds(elapsed), user_id: context.user() };
    write(context, level, access);
}

/// Logs the cause of a failed request: as an error if the service failed, as a warning if the client could have avoided it.
pub(crate) fn cause(context: &Context, code: Code, cause: &str) {
    let level = if code.status().is_server_error() { "error" } else { "warn" };
    write(context, level, Cause { code: code.as_str(), cause });
}

/// Logs something that an operator should know, though the request was answered as it should be. The line has the request's account.
/// The message holds nothing secret, and no address.
pub fn warn(context: &Context, message: &str) {
    write(context, "warn", Notice { message, user_id: context.user() });
}

/// Logs the statements of a request, without their parameters.
pub(crate) struct QueryLog(pub(crate) Context);

impl Observer for QueryLog {
    fn ran(&self, statement: Statement) {
        let text = statement.sql.split_whitespace().collect::<Vec<_>>().join(" ");
        let query = Query { statement: &text, ms: milliseconds(statement.elapsed), rows: statement.rows };
        write(&self.0, "debug", query);
    }
}

fn write(context: &Context, level: &str, rest: impl Serialize) {
    let line =
        Line { time: now(), level, component: context.component(), request_id: context.request_id(), rest };
    if let Ok(mut text) = serde_json::to_vec(&line) {
        text.push(b'\n');
        // One call writes the whole line, so that lines do not mix. If writing fails, there is no other place to report the
        // failure.
        let _ = std::io::stderr().write_all(&text);
    }
}

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

#[expect(clippy::disallowed_methods, reason = "the time of a line in the log; no rule depends on it")]
fn now() -> String {
    DateTime::<Utc>::from(SystemTime::now()).to_rfc3339_opts(SecondsFormat::Micros, true)
}
