//! The SQL of the component, in a file per table. Every change is one statement.
//!
//! Whoever is an administrator by a permission may be one no more when a role or a permission changes. Changes of that
//! kind ask `an_administrator_remains` (see `migrations/0003_rbac.up.sql`) before they lock anything, so that they take
//! turns with each other and with the changes of accounts.

pub(crate) mod grants;
pub(crate) mod permissions;
pub(crate) mod roles;

use users_db::{DbError, Row};
use users_web::{Code, Problem};

/// What came of a change.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome<T> {
    /// It was made.
    Done(T),
    /// There is nothing to change.
    Missing,
    /// Another one has the name.
    NameTaken,
    /// No active administrator would have been left.
    NobodyLeft,
}

impl<T> Outcome<T> {
    /// From a row that says in `remains` whether an administrator is left (null when there was nothing to ask about), and
    /// whose `id` is null when there was nothing to change.
    fn of(row: Option<&Row>, item: impl Fn(&Row) -> Result<T, DbError>) -> Result<Self, DbError> {
        let Some(row) = row else { return Ok(Self::Missing) };
        if row.get::<Option<bool>>("remains")? == Some(false) {
            Ok(Self::NobodyLeft)
        } else if row.get::<Option<i32>>("id")?.is_none() {
            Ok(Self::Missing)
        } else {
            item(row).map(Self::Done)
        }
    }

    /// As the client is told.
    pub(crate) fn into_result(self) -> Result<T, Problem> {
        match self {
            Self::Done(done) => Ok(done),
            Self::Missing => Err(Problem::new(Code::NotFound)),
            Self::NameTaken => Err(Problem::new(Code::NameTaken)),
            Self::NobodyLeft => Err(Problem::new(Code::LastAdmin)),
        }
    }
}
