//! The connection to the database, with time limits on this side.
//!
//! Postgres ends a slow statement by itself (`statement_timeout`), but not one whose answer is lost on the way. A pool would test such a
//! connection when it gets it back, without a limit, and would run out of connections. So this is one connection, which is dropped after
//! every failure and opened again.

use std::io;
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection};

/// The time limit of opening a connection.
pub(crate) const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// The time limit of a statement for Postgres. A statement of the worker takes milliseconds.
const STATEMENT_TIMEOUT: &str = "SET statement_timeout = '20s'";
/// The time limit of a statement on this side. It is longer, so that Postgres reports the end of a slow statement while it can.
pub(crate) const STATEMENT_LIMIT: Duration = Duration::from_secs(30);
/// A connection that was unused for this long is asked whether it is still there.
const IDLE: Duration = Duration::from_secs(1);
/// The time limit of that question.
const PING_LIMIT: Duration = Duration::from_secs(5);

/// The time limit of [`Database::run`].
pub(crate) const LIMIT: Duration =
    Duration::from_secs(PING_LIMIT.as_secs() + CONNECT_LIMIT.as_secs() + STATEMENT_LIMIT.as_secs());

/// The database of a worker.
pub(crate) struct Database {
    options: PgConnectOptions,
    idle: Option<Idle>,
}

struct Idle {
    connection: PgConnection,
    since: Instant,
}

impl Database {
    pub(crate) fn new(options: PgConnectOptions) -> Self {
        Self { options, idle: None }
    }

    /// Runs a statement. If it is abandoned or fails, its connection is closed, because the state of the connection is then unknown.
    pub(crate) async fn run<T>(
        &mut self,
        statement: impl AsyncFnOnce(&mut PgConnection) -> sqlx::Result<T>,
    ) -> sqlx::Result<T> {
        let mut connection = self.connection().await?;
        let result = within(STATEMENT_LIMIT, statement(&mut connection)).await?;
        self.idle = Some(Idle { connection, since: Instant::now() });
        Ok(result)
    }

    /// The connection of the last statement if it still works, or a new one.
    async fn connection(&mut self) -> sqlx::Result<PgConnection> {
        if let Some(Idle { mut connection, since }) = self.idle.take()
            && (since.elapsed() < IDLE || within(PING_LIMIT, connection.ping()).await.is_ok())
        {
            return Ok(connection);
        }
        within(CONNECT_LIMIT, async {
            let mut connection = self.options.connect().await?;
            connection.execute(STATEMENT_TIMEOUT).await?;
            Ok(connection)
        })
        .await
    }
}

/// Waits for an answer of the database for at most this long.
pub(crate) async fn within<T>(
    limit: Duration,
    answer: impl Future<Output = sqlx::Result<T>>,
) -> sqlx::Result<T> {
    tokio::time::timeout(limit, answer).await.unwrap_or_else(|_| {
        Err(sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "Postgres did not answer in time")))
    })
}
