//! Watching statements.

use std::future::Future;
use std::time::{Duration, Instant};

use crate::{DbError, Row};

/// A statement that ran. Its parameters are nobody's business.
#[derive(Debug, Clone, Copy)]
pub struct Statement {
    /// The text, with `$1` and so on for the parameters.
    pub sql: &'static str,
    /// How long it took, waiting for a connection included.
    pub elapsed: Duration,
    /// How many rows came back, or `None` when it failed.
    pub rows: Option<usize>,
}

/// Is told of every statement.
pub trait Observer: Send + Sync {
    /// A statement ran.
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
