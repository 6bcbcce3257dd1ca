//! Observation of statements.

use std::future::Future;
use std::time::{Duration, Instant};

use crate::{DbError, Row};

/// A statement that ran. Its parameters are left out, because they contain personal data.
#[derive(Debug, Clone, Copy)]
pub struct Statement {
    /// The SQL, with `$1` and so on for the parameters.
    pub sql: &'static str,
    /// The duration, including the wait for a connection.
    pub elapsed: Duration,
    /// The number of rows, or `None` when the statement failed.
    pub rows: Option<usize>,
}

/// Receives a report of every statement.
pub trait Observer: Send + Sync {
    /// Called after a statement ran, successfully or not.
    fn ran(&self, statement: Statement);
}

pub(crate) async fn observed(
    observer: &dyn Observer,
    sql: &'static str,
    run: impl Future<Output = Result<Vec<Row>, DbError>>,
) -> Result<Vec<Row>, DbError> {
    let started = now();
    let outcome = run.await;
    let rows = outcome.as_ref().ok().map(Vec::len);
    observer.ran(Statement { sql, elapsed: started.elapsed(), rows });
    outcome
}

#[expect(clippy::disallowed_methods, reason = "measures a duration for the log; no rule depends on it")]
fn now() -> Instant {
    Instant::now()
}
