//! Postgres for the components: one API, and behind it Spin's interface in a component, or a pooled native client
//! elsewhere, so that a component's whole router also runs in a test on this machine.
//!
//! There are no transactions (design, invariant 1): a change is one statement. That is also what makes it safe to share
//! one connection between all requests of an instance.
//!
//! The types that cross are those of Spin 4.1 (see [`Value`]); both implementations refuse the others, so that a test on
//! this machine fails where the component would.

// Guest code cannot panic on input (docs/ARCHITECTURE.md, invariant 7).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod error;
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
pub use settings::{DbSettings, SslMode};
pub use statement::{Observer, Statement};
pub use value::{FromValue, Row, Value};

/// Which rows of an answer are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rows {
    All,
    /// At most one; whoever has it does not wait for the end of the answer.
    First,
}

/// A database, shared by all requests of an instance. Cheap to clone.
///
/// A statement is `&'static str`: it is a text of the program, so nothing that a client sends can become part of it. Values
/// travel as parameters.
///
/// ```
/// async fn find(db: &users_db::Db, email: &str) -> Result<Option<users_db::Row>, users_db::DbError> {
///     db.read("SELECT id FROM users WHERE email = $1", &[email.into()]).await
/// }
/// ```
///
/// A statement that is put together from input does not compile:
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
}

impl Db {
    /// A database that is connected to when the first statement runs.
    ///
    /// # Errors
    /// [`DbError::Failed`] when the settings cannot be understood.
    pub fn new(settings: &DbSettings) -> Result<Self, DbError> {
        Ok(Self { connections: Arc::new(backend::Connections::new(settings)?), observer: None })
    }

    /// The same database, with every statement reported to an observer.
    #[must_use]
    pub fn observed_by(&self, observer: Arc<dyn Observer>) -> Self {
        Self { connections: Arc::clone(&self.connections), observer: Some(observer) }
    }

    /// All rows of a query that changes nothing. When the connection breaks, the query runs once more on another one.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn read_all(&self, sql: &'static str, parameters: &[Value]) -> Result<Vec<Row>, DbError> {
        self.read_rows(sql, parameters, Rows::All).await
    }

    /// The first row of a query that changes nothing, as [`Self::read_all`].
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

    /// Runs a statement that changes something, and gives the rows it returns.
    ///
    /// It runs once: when the connection breaks while it runs, nobody can tell whether the change was made. Only what was
    /// certainly not done is tried again: a statement for which no connection could be had at first, and one that
    /// Postgres rolled back for the sake of another (SQLSTATE class 40).
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn change_all(&self, sql: &'static str, parameters: &[Value]) -> Result<Vec<Row>, DbError> {
        // Every row, also when one is enough: only the end tells that the change is committed.
        match self.query(sql, parameters, Rows::All).await {
            Err(DbError::RolledBack { .. } | DbError::Unavailable { retry: Retry::Anything, .. }) => {
                self.query(sql, parameters, Rows::All).await
            }
            outcome => outcome,
        }
    }

    /// The first row that a change returns, as [`Self::change_all`].
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
