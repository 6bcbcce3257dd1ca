//! Postgres for the components. One API has two implementations: Spin's interface in a component, and a pooled native client
//! elsewhere. With the native client, tests run a component's router outside WebAssembly.
//!
//! There are no transactions: a change is one statement (docs/ARCHITECTURE.md#invariants, 1). Therefore all requests of an
//! instance can share one connection.
//!
//! Parameters and columns have the types of Spin 4.1 (see [`Value`]). Both implementations refuse other types. A native test
//! therefore fails where the component would fail.

// Guest code cannot panic on input (docs/ARCHITECTURE.md#invariants, 7).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod error;
mod page;
mod settings;
mod statement;
mod value;

#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(target_family = "wasm")]
mod spin;

#[cfg(not(target_family = "wasm"))]
use native as backend;
#[cfg(target_family = "wasm")]
use spin as backend;

use std::sync::Arc;

pub use error::{DbError, Retry};
pub use page::{Listing, Page, Start};
pub use settings::{AddressError, DbSettings, SslMode};
pub use statement::{Observer, Statement};
pub use value::{FromValue, Row, Value};

/// The rows of an answer that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rows {
    All,
    /// At most one row. The rest of the answer is ignored.
    First,
}

/// A database, shared by all requests of an instance. Cheap to clone.
///
/// A statement is `&'static str`: it is part of the program, so it cannot contain input. Input travels as parameters.
///
/// ```
/// async fn find(db: &users_db::Db, email: &str) -> Result<Option<users_db::Row>, users_db::DbError> {
///     db.read("SELECT id FROM users WHERE email = $1", &[email.into()]).await
/// }
/// ```
///
/// A statement that contains input does not compile:
///
/// ```compile_fail
/// async fn find(db: &users_db::Db, email: &str) -> Result<Option<users_db::Row>, users_db::DbError> {
///     let sql = format!("SELECT id FROM users WHERE email = '{email}'");
///     db.read(&sql, &[]).await
/// }
/// ```
#[derive(Clone)]
pub struct Db {
    connections: Arc<backend::Connections>,
    observer: Option<Arc<dyn Observer>>,
    logs_queries: bool,
}

impl Db {
    /// Prepares a database. The first statement connects to it.
    ///
    /// # Errors
    /// [`DbError::Failed`] when the settings are invalid.
    pub fn new(settings: &DbSettings) -> Result<Self, DbError> {
        Ok(Self {
            connections: Arc::new(backend::Connections::new(settings)?),
            observer: None,
            logs_queries: false,
        })
    }

    /// Returns the same database. It reports every statement to an observer.
    #[must_use]
    pub fn observed_by(&self, observer: Arc<dyn Observer>) -> Self {
        Self { observer: Some(observer), ..self.clone() }
    }

    /// Returns the same database, with the logging of statements on or off.
    #[must_use]
    pub fn logging_queries(self, logs_queries: bool) -> Self {
        Self { logs_queries, ..self }
    }

    /// Returns true if statements are to be logged. An observer writes the log.
    #[must_use]
    pub fn logs_queries(&self) -> bool {
        self.logs_queries
    }

    /// Returns all rows of a query that changes nothing. If the connection breaks, the query runs once more on a new connection.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn read_all(&self, sql: &'static str, parameters: &[Value]) -> Result<Vec<Row>, DbError> {
        self.read_rows(sql, parameters, Rows::All).await
    }

    /// Returns the first row of a query that changes nothing, like [`Self::read_all`].
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn read(&self, sql: &'static str, parameters: &[Value]) -> Result<Option<Row>, DbError> {
        Ok(self.read_rows(sql, parameters, Rows::First).await?.into_iter().next())
    }

    async fn read_rows(
        &self,
        sql: &'static str,
        parameters: &[Value],
        wanted: Rows,
    ) -> Result<Vec<Row>, DbError> {
        match self.query(sql, parameters, wanted).await {
            Err(DbError::Unavailable { retry: Retry::Anything | Retry::Reads, .. }) => {
                self.query(sql, parameters, wanted).await
            }
            outcome => outcome,
        }
    }

    /// Runs a statement that changes something, and returns its rows.
    ///
    /// A change is retried once, and only if Postgres certainly did not make it: no connection was available, or Postgres rolled
    /// the statement back because of a concurrent statement (SQLSTATE class 40). If the connection breaks during the statement,
    /// Postgres may have made the change, so the statement is not repeated.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn change_all(&self, sql: &'static str, parameters: &[Value]) -> Result<Vec<Row>, DbError> {
        // Read all rows, even if the caller needs only one: the end of the answer confirms the commit.
        match self.query(sql, parameters, Rows::All).await {
            Err(DbError::RolledBack { .. } | DbError::Unavailable { retry: Retry::Anything, .. }) => {
                self.query(sql, parameters, Rows::All).await
            }
            outcome => outcome,
        }
    }

    /// Runs a change like [`Self::change_all`], and returns its first row.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn change(&self, sql: &'static str, parameters: &[Value]) -> Result<Option<Row>, DbError> {
        Ok(self.change_all(sql, parameters).await?.into_iter().next())
    }

    async fn query(
        &self,
        sql: &'static str,
        parameters: &[Value],
        wanted: Rows,
    ) -> Result<Vec<Row>, DbError> {
        let run = self.connections.query(sql, parameters, wanted);
        match &self.observer {
            None => run.await,
            Some(observer) => statement::observed(observer.as_ref(), sql, run).await,
        }
    }
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Db")
    }
}
