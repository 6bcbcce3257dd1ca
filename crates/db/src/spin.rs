//! Postgres through `spin:postgres@4.2.0`.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use futures::future::{Either, select};
use spin_sdk::pg::{Connection, DbValue, Error, ParameterValue, PgError, QueryError};
use spin_sdk::wasip3::clocks::monotonic_clock;
use spin_sdk::wasip3::spawn;

use crate::{DbError, DbSettings, Retry, Row, Rows, Value};

/// The connection that all requests of the instance share. Taking a connection from the host's pool for each request would
/// halve the throughput.
///
/// The first request opens the connection. If the connection breaks, the next request opens a new one. An unused connection returns
/// to the host's pool after a while. The pool has 64 connections, and a busy host has more instances. An idle instance that kept
/// its connection would starve the others: after a flood, there are hundreds of idle instances, and the host ends them only after a second
/// without a request.
pub(crate) struct Connections {
    address: String,
    state: Arc<Mutex<State>>,
}

/// No await happens under the lock around this state, so no request waits for the lock.
#[derive(Default)]
struct State {
    connection: Option<Arc<Connection>>,
    /// The number of requests that use the connection.
    users: usize,
    /// The time when the connection was opened, in nanoseconds of the monotonic clock.
    opened: u64,
    /// The time of the last use, in nanoseconds of the monotonic clock.
    last_used: u64,
    /// True if the pool had a connection available, or almost at once.
    was_quick: bool,
    /// How long the connection is kept, in nanoseconds.
    keep: u64,
    /// True while a request opens a connection. Other requests wait for the outcome.
    opening: bool,
    /// The number of attempts to open a connection, successful or not.
    attempts: u64,
    /// The error of the last attempt, if it failed.
    failure: Option<DbError>,
}

impl Connections {
    /// The interval at which a request checks whether another request has opened the connection. Tasks of an instance cannot wake
    /// each other: the SDK's function for that traps on newer runtimes.
    const POLL_NANOSECONDS: u64 = 500_000;

    /// The limits of [`State::keep`]. When the last request stops using the connection, it checks the age of the connection. If the
    /// connection is older than [`State::keep`], the request returns it to the pool.
    ///
    /// The time doubles each time the pool hands out a connection at once, and falls to the minimum after a wait. The host resets
    /// each connection that it hands out. At the maximum time, the cost of these resets is negligible.
    const MIN_KEEP_NANOSECONDS: u64 = 20_000_000;
    const MAX_KEEP_NANOSECONDS: u64 = 320_000_000;
    /// A connection that was not used for this long returns to the pool.
    const IDLE_NANOSECONDS: u64 = 50_000_000;
    /// If opening took less than this, the pool had a connection available.
    const AT_ONCE_NANOSECONDS: u64 = 4_000_000;
    /// If opening took longer than this, the pool was empty, and another instance returned a connection.
    const QUICK_NANOSECONDS: u64 = 20_000_000;

    #[expect(clippy::unnecessary_wraps, reason = "the native implementation can fail")]
    pub(crate) fn new(settings: &DbSettings) -> Result<Self, DbError> {
        Ok(Self { address: settings.connection_string(), state: Arc::default() })
    }

    pub(crate) async fn query(
        &self,
        sql: &'static str,
        parameters: &[Value],
        wanted: Rows,
    ) -> Result<Vec<Row>, DbError> {
        let connection = self.connection().await?;
        let _use = Use::start(self);
        let parameters: Vec<ParameterValue> = parameters.iter().map(parameter).collect();
        let outcome = with_timeout(run(&connection, sql, parameters, wanted)).await;
        if let Err(DbError::Unavailable { .. }) = outcome {
            self.discard(&connection);
        }
        outcome
    }

    async fn connection(&self) -> Result<Arc<Connection>, DbError> {
        let attempts_before = self.state().attempts;
        loop {
            {
                let mut state = self.state();
                if let Some(connection) = &state.connection {
                    return Ok(Arc::clone(connection));
                }
                // A request that waited for a failed attempt shares the error. If sixteen requests tried a dead host one after
                // another, the last one would wait almost a minute.
                if state.attempts != attempts_before
                    && let Some(failure) = &state.failure
                {
                    return Err(failure.clone());
                }
                if !state.opening {
                    state.opening = true;
                    break;
                }
            }
            monotonic_clock::wait_for(Self::POLL_NANOSECONDS).await;
        }
        self.open().await
    }

    async fn open(&self) -> Result<Arc<Connection>, DbError> {
        /// Ends the attempt, even if the request is dropped earlier.
        struct Attempt<'a>(&'a Connections);
        impl Drop for Attempt<'_> {
            fn drop(&mut self) {
                self.0.state().opening = false;
            }
        }
        let _attempt = Attempt(self);
        let opening = async {
            let opened = Connection::open(self.address.as_str()).await;
            opened
                .map(Arc::new)
                .map_err(|error| DbError::Unavailable { cause: cause(&error), retry: Retry::Anything })
        };
        let begun = monotonic_clock::now();
        let outcome = with_timeout(opening).await;
        let mut state = self.state();
        state.opened = monotonic_clock::now();
        let took = state.opened.saturating_sub(begun);
        state.was_quick = took < Self::QUICK_NANOSECONDS;
        let was_at_once = outcome.is_ok() && took < Self::AT_ONCE_NANOSECONDS;
        let longer = if was_at_once { state.keep.saturating_mul(2) } else { 0 };
        state.keep = longer.clamp(Self::MIN_KEEP_NANOSECONDS, Self::MAX_KEEP_NANOSECONDS);
        state.attempts += 1;
        state.connection = outcome.as_ref().ok().map(Arc::clone);
        state.failure = outcome.as_ref().err().cloned();
        state.last_used = state.opened;
        let attempt = state.attempts;
        drop(state);
        if outcome.is_ok() {
            spawn(Self::watch(Arc::clone(&self.state), attempt));
        }
        outcome
    }

    /// Returns the connection of an attempt to the pool when no request has used it for a while. Requests check its age only when they
    /// end, and an idle instance has none.
    async fn watch(state: Arc<Mutex<State>>, attempt: u64) {
        loop {
            monotonic_clock::wait_for(Self::IDLE_NANOSECONDS).await;
            let mut state = locked(&state);
            if state.attempts != attempt || state.connection.is_none() {
                return;
            }
            let idle = monotonic_clock::now().saturating_sub(state.last_used);
            if state.users == 0 && idle >= Self::IDLE_NANOSECONDS {
                state.connection = None;
                return;
            }
        }
    }

    /// Drops a broken connection, unless another request has already replaced it.
    fn discard(&self, broken: &Arc<Connection>) {
        let mut state = self.state();
        if state.connection.as_ref().is_some_and(|current| Arc::ptr_eq(current, broken)) {
            state.connection = None;
        }
    }

    /// Ends a use. The last request returns the connection to the host's pool if the pool was short of connections, or if the
    /// connection was kept for long enough.
    fn end_use(&self) {
        let mut state = self.state();
        state.users = state.users.saturating_sub(1);
        state.last_used = monotonic_clock::now();
        let kept = state.last_used.saturating_sub(state.opened);
        if state.users == 0 && (!state.was_quick || kept > state.keep) {
            state.connection = None;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    // A component does not unwind, so a panic cannot leave this state half-changed.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A request's use of the connection. It ends when this value is dropped, also when the request is cancelled.
struct Use<'a>(&'a Connections);

impl<'a> Use<'a> {
    fn start(connections: &'a Connections) -> Self {
        connections.state().users += 1;
        Self(connections)
    }
}

impl Drop for Use<'_> {
    fn drop(&mut self) {
        self.0.end_use();
    }
}

/// The timeout of a statement. After it, the connection is dropped as well. Without the timeout, clients would wait for a database
/// that hangs.
const STATEMENT_TIMEOUT_NANOSECONDS: u64 = 5_000_000_000;

async fn with_timeout<T>(work: impl Future<Output = Result<T, DbError>>) -> Result<T, DbError> {
    let timeout = pin!(monotonic_clock::wait_for(STATEMENT_TIMEOUT_NANOSECONDS));
    match select(pin!(work), timeout).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right(_) => Err(DbError::Unavailable {
            cause: "no answer within 5 seconds".to_owned(),
            retry: Retry::Nothing,
        }),
    }
}

async fn run(
    connection: &Connection,
    sql: &'static str,
    parameters: Vec<ParameterValue>,
    wanted: Rows,
) -> Result<Vec<Row>, DbError> {
    let mut answer = connection.query(sql, parameters).await.map_err(|error| failure(&error))?;
    let columns: Arc<[String]> = answer.columns().iter().map(|column| column.name.clone()).collect();
    let mut rows = Vec::new();
    while let Some(values) = answer.rows().next().await {
        let values = values.into_iter().map(value).collect::<Result<_, _>>()?;
        rows.push(Row { columns: Arc::clone(&columns), values });
        if wanted == Rows::First {
            // Polling the stream again would take as long as it took for this row. The host drops the unread rows.
            return Ok(rows);
        }
    }
    // An error during the execution of the statement arrives after the rows.
    answer.result().await.map_err(|error| failure(&error))?;
    Ok(rows)
}

fn failure(error: &Error) -> DbError {
    match error {
        Error::PgError(PgError::QueryFailed(QueryError::DbError(report))) => {
            let constraint =
                report.extras.iter().find(|(key, _)| key == "constraint").map(|(_, name)| name.as_str());
            DbError::from_report(&report.code, &report.message, constraint)
        }
        Error::PgError(PgError::ConnectionFailed(_)) => {
            DbError::Unavailable { cause: cause(error), retry: Retry::Reads }
        }
        Error::PgError(PgError::QueryFailed(QueryError::Text(text))) if is_broken_connection(text) => {
            DbError::Unavailable { cause: cause(error), retry: Retry::Reads }
        }
        _ => DbError::failed(cause(error)),
    }
}

/// Recognizes a broken connection. The host reports errors of Postgres in their own type. It reports other errors of its client as
/// text, in the `Debug` format of the client's error type.
fn is_broken_connection(text: &str) -> bool {
    ["kind: Closed", "kind: Io", "kind: Connect", "kind: Timeout", "kind: Tls"]
        .iter()
        .any(|kind| text.contains(kind))
}

/// The message for the log. The message leaves out `as_text` and `detail` of a report, because they quote values.
fn cause(error: &Error) -> String {
    match error {
        Error::PgError(PgError::QueryFailed(QueryError::DbError(report))) => {
            format!("SQLSTATE {}: {}", report.code, report.message)
        }
        Error::PgError(PgError::ConnectionFailed(text)) => format!("no connection: {}", first_line(text)),
        Error::PgError(PgError::QueryFailed(QueryError::Text(text))) => first_line(text).to_owned(),
        Error::PgError(PgError::BadParameter(text)) => format!("bad parameter: {}", first_line(text)),
        Error::PgError(PgError::ValueConversionFailed(text)) => {
            format!("value conversion failed: {}", first_line(text))
        }
        Error::PgError(PgError::Other(text)) | Error::Decode(text) => first_line(text).to_owned(),
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

fn parameter(value: &Value) -> ParameterValue {
    match value {
        Value::Null => ParameterValue::DbNull,
        Value::Bool(it) => ParameterValue::Boolean(*it),
        Value::Int(it) => ParameterValue::Int32(*it),
        Value::BigInt(it) => ParameterValue::Int64(*it),
        Value::Text(it) => ParameterValue::Str(it.clone()),
        Value::Bytes(it) => ParameterValue::Binary(it.clone()),
        Value::Date(it) => ParameterValue::Date((it.year(), to_u8(it.month()), to_u8(it.day()))),
        Value::DateTime(it) => ParameterValue::Datetime((
            it.year(),
            to_u8(it.month()),
            to_u8(it.day()),
            to_u8(it.hour()),
            to_u8(it.minute()),
            to_u8(it.second()),
            it.nanosecond(),
        )),
        Value::Ints(it) => ParameterValue::ArrayInt32(it.iter().copied().map(Some).collect()),
        Value::BigInts(it) => ParameterValue::ArrayInt64(it.iter().copied().map(Some).collect()),
        Value::Texts(it) => ParameterValue::ArrayStr(it.iter().cloned().map(Some).collect()),
    }
}

/// Converts a month, day, hour, minute or second, which all are below 256.
fn to_u8(number: u32) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

fn value(value: DbValue) -> Result<Value, DbError> {
    Ok(match value {
        DbValue::DbNull => Value::Null,
        DbValue::Boolean(it) => Value::Bool(it),
        DbValue::Int32(it) => Value::Int(it),
        DbValue::Int64(it) => Value::BigInt(it),
        DbValue::Str(it) => Value::Text(it),
        DbValue::Binary(it) => Value::Bytes(it),
        DbValue::Date((year, month, day)) => Value::Date(date(year, month, day)?),
        DbValue::Datetime((year, month, day, hour, minute, second, nano)) => {
            Value::DateTime(date_time(date(year, month, day)?, (hour, minute, second, nano))?)
        }
        DbValue::ArrayInt32(it) => Value::Ints(without_nulls(it)?),
        DbValue::ArrayInt64(it) => Value::BigInts(without_nulls(it)?),
        DbValue::ArrayStr(it) => Value::Texts(without_nulls(it)?),
        _ => return Err(DbError::failed("a column has an unsupported type")),
    })
}

fn date(year: i32, month: u8, day: u8) -> Result<NaiveDate, DbError> {
    NaiveDate::from_ymd_opt(year, month.into(), day.into())
        .ok_or_else(|| DbError::failed("a date is out of range"))
}

fn date_time(
    date: NaiveDate,
    (hour, minute, second, nano): (u8, u8, u8, u32),
) -> Result<NaiveDateTime, DbError> {
    date.and_hms_nano_opt(hour.into(), minute.into(), second.into(), nano)
        .ok_or_else(|| DbError::failed("a time is out of range"))
}

fn without_nulls<T>(items: Vec<Option<T>>) -> Result<Vec<T>, DbError> {
    items.into_iter().collect::<Option<_>>().ok_or_else(|| DbError::failed("an array contains a null"))
}
