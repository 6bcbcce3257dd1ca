//! Postgres through `spin:postgres@4.2.0`.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use futures::future::{Either, select};
use spin_sdk::pg::{Connection, DbValue, Error, ParameterValue, PgError, QueryError};
use spin_sdk::wasip3::clocks::monotonic_clock;

use crate::{DbError, DbSettings, Retry, Row, Rows, Value};

/// One connection, shared by the requests of the instance: taking one from the host's pool for each request would cost
/// half of the speed. It is opened when it is first needed and opened anew when it breaks. Now and then, when no request
/// uses it, it goes back to the pool, which has 64: a busy host has more instances than that, and those that held one while
/// they wait for their next request would keep the others from theirs.
pub(crate) struct Connections {
    address: String,
    state: Mutex<State>,
}

/// The lock around it is held between two awaits only, so that nobody ever waits for it.
#[derive(Default)]
struct State {
    connection: Option<Arc<Connection>>,
    /// How many requests use it.
    users: usize,
    /// When it was opened, by the monotonic clock, and whether the pool had one to spare.
    opened: u64,
    was_quick: bool,
    /// For how long it is kept, in nanoseconds.
    keep: u64,
    /// A request is opening a connection; the others wait for what comes of it.
    opening: bool,
    /// How often a connection was opened or not to be had.
    attempts: u64,
    /// Why the last attempt failed.
    failure: Option<DbError>,
}

impl Connections {
    /// Between two looks at whether another request has opened the connection. Tasks of an instance could wake each other
    /// instead, but what the SDK offers for that traps on newer runtimes.
    const LOOK_AGAIN_NANOSECONDS: u64 = 500_000;

    /// A request that leaves the connection unused looks whether it has been kept for so long, and then gives it back: at
    /// least after one that had to be waited for, and twice as long after each that came at once, until taking one, which the
    /// host resets each time, costs next to nothing.
    const KEPT_AT_LEAST_NANOSECONDS: u64 = 20_000_000;
    const KEPT_AT_MOST_NANOSECONDS: u64 = 320_000_000;
    /// Whoever waited less found the pool with some to spare.
    const AT_ONCE_NANOSECONDS: u64 = 4_000_000;
    /// Whoever waited longer waited for somebody else to give one back.
    const QUICK_NANOSECONDS: u64 = 20_000_000;

    #[expect(clippy::unnecessary_wraps, reason = "the native implementation can fail here")]
    pub(crate) fn new(settings: &DbSettings) -> Result<Self, DbError> {
        Ok(Self { address: settings.connection_string(), state: Mutex::default() })
    }

    pub(crate) async fn query(
        &self,
        sql: &'static str,
        parameters: &[Value],
        wanted: Rows,
    ) -> Result<Vec<Row>, DbError> {
        let connection = self.connection().await?;
        let _use = Use::of(self);
        let parameters: Vec<ParameterValue> = parameters.iter().map(parameter).collect();
        let outcome = in_time(run(&connection, sql, parameters, wanted)).await;
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
                // Whoever waited for an attempt that failed shares its failure: sixteen requests that each try a dead
                // host in turn would take a minute.
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
            monotonic_clock::wait_for(Self::LOOK_AGAIN_NANOSECONDS).await;
        }
        self.open().await
    }

    async fn open(&self) -> Result<Arc<Connection>, DbError> {
        /// Lets another request try when this one is dropped before its attempt has ended.
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
        let outcome = in_time(opening).await;
        let mut state = self.state();
        state.opened = monotonic_clock::now();
        let took = state.opened.saturating_sub(begun);
        state.was_quick = took < Self::QUICK_NANOSECONDS;
        let was_at_once = outcome.is_ok() && took < Self::AT_ONCE_NANOSECONDS;
        let longer = if was_at_once { state.keep.saturating_mul(2) } else { 0 };
        state.keep = longer.clamp(Self::KEPT_AT_LEAST_NANOSECONDS, Self::KEPT_AT_MOST_NANOSECONDS);
        state.attempts += 1;
        state.connection = outcome.as_ref().ok().map(Arc::clone);
        state.failure = outcome.as_ref().err().cloned();
        drop(state);
        outcome
    }

    /// Forgets a connection that broke, unless another request has replaced it already.
    fn discard(&self, broken: &Arc<Connection>) {
        let mut state = self.state();
        if state.connection.as_ref().is_some_and(|current| Arc::ptr_eq(current, broken)) {
            state.connection = None;
        }
    }

    /// Gives the connection back to the host's pool when nobody uses it and others may.
    fn give_back(&self) {
        let mut state = self.state();
        state.users = state.users.saturating_sub(1);
        let kept = monotonic_clock::now().saturating_sub(state.opened);
        if state.users == 0 && (!state.was_quick || kept > state.keep) {
            state.connection = None;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A component does not unwind, so the state cannot be left half-changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that uses the connection, also when it is dropped on the way.
struct Use<'a>(&'a Connections);

impl<'a> Use<'a> {
    fn of(connections: &'a Connections) -> Self {
        connections.state().users += 1;
        Self(connections)
    }
}

impl Drop for Use<'_> {
    fn drop(&mut self) {
        self.0.give_back();
    }
}

/// A statement that takes longer than this is given up, and so is its connection: a client is better told that the
/// database is away than left waiting for one that hangs.
const STATEMENT_TIMEOUT_NANOSECONDS: u64 = 5_000_000_000;

async fn in_time<T>(work: impl Future<Output = Result<T, DbError>>) -> Result<T, DbError> {
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
            // Each further look at the stream costs as much as this one did. The host drops what nobody reads.
            return Ok(rows);
        }
    }
    // An error that Postgres meets while it runs the statement comes here, after the rows.
    answer.result().await.map_err(|error| failure(&error))?;
    Ok(rows)
}

fn failure(error: &Error) -> DbError {
    match error {
        Error::PgError(PgError::QueryFailed(QueryError::DbError(report))) => {
            let constraint =
                report.extras.iter().find(|(key, _)| key == "constraint").map(|(_, name)| name.as_str());
            DbError::reported(&report.code, &report.message, constraint)
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

/// The host passes an error that is not from Postgres on as the debug form of its client's error type.
fn is_broken_connection(text: &str) -> bool {
    ["kind: Closed", "kind: Io", "kind: Connect", "kind: Timeout", "kind: Tls"]
        .iter()
        .any(|kind| text.contains(kind))
}

/// For the log. `as_text` and `detail` of a report quote values, so they are not in it.
fn cause(error: &Error) -> String {
    match error {
        Error::PgError(PgError::QueryFailed(QueryError::DbError(report))) => {
            format!("SQLSTATE {}: {}", report.code, report.message)
        }
        Error::PgError(PgError::ConnectionFailed(text)) => format!("no connection: {}", first_line(text)),
        Error::PgError(PgError::QueryFailed(QueryError::Text(text))) => first_line(text).to_owned(),
        Error::PgError(PgError::BadParameter(text)) => format!("bad parameter: {}", first_line(text)),
        Error::PgError(PgError::ValueConversionFailed(text)) => {
            format!("no conversion: {}", first_line(text))
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
        Value::Date(it) => ParameterValue::Date((it.year(), small(it.month()), small(it.day()))),
        Value::DateTime(it) => ParameterValue::Datetime((
            it.year(),
            small(it.month()),
            small(it.day()),
            small(it.hour()),
            small(it.minute()),
            small(it.second()),
            it.nanosecond(),
        )),
        Value::Ints(it) => ParameterValue::ArrayInt32(it.iter().copied().map(Some).collect()),
        Value::BigInts(it) => ParameterValue::ArrayInt64(it.iter().copied().map(Some).collect()),
        Value::Texts(it) => ParameterValue::ArrayStr(it.iter().cloned().map(Some).collect()),
    }
}

/// Months, days, hours, minutes and seconds are below 256.
fn small(number: u32) -> u8 {
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
        _ => return Err(DbError::failed("a column has a type that is not in use here")),
    })
}

fn date(year: i32, month: u8, day: u8) -> Result<NaiveDate, DbError> {
    NaiveDate::from_ymd_opt(year, month.into(), day.into()).ok_or_else(|| DbError::failed("no such date"))
}

fn date_time(
    date: NaiveDate,
    (hour, minute, second, nano): (u8, u8, u8, u32),
) -> Result<NaiveDateTime, DbError> {
    date.and_hms_nano_opt(hour.into(), minute.into(), second.into(), nano)
        .ok_or_else(|| DbError::failed("no such time"))
}

fn without_nulls<T>(items: Vec<Option<T>>) -> Result<Vec<T>, DbError> {
    items.into_iter().collect::<Option<_>>().ok_or_else(|| DbError::failed("an array holds a null"))
}
