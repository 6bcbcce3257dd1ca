//! The SQL of the component, in a file per table. Every change is one statement.
//!
//! A change of a role or a permission can cost an administrator. Such a change asks `an_administrator_remains` (see
//! `migrations/0003_rbac.up.sql`) before it locks anything, so that these changes take turns with each other and with the changes
//! of accounts.
//!
//! A change can also let a default role grant `admin:all`. Triggers refuse that (see `migrations/0017_default_roles.up.sql`). They
//! take the same lock, so a statement that fires one takes it first.

pub(crate) mod grants;
pub(crate) mod permissions;
pub(crate) mod roles;

use users_db::{DbError, Row};

/// The constraint that no default role grants `admin:all`.
const DEFAULT_ADMINISTRATES: &str = "roles_default_administrates";

/// The outcome of a change.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome<T> {
    /// The change was made.
    Done(T),
    /// There is nothing to change.
    Missing,
    /// Another object has the name.
    NameTaken,
    /// No active administrator would have been left.
    LastAdmin,
    /// A default role would have granted `admin:all`.
    DefaultAdministrates,
}

impl<T> Outcome<T> {
    /// From a row that tells in `remains` whether an administrator is left (null when the change cannot cost one), and whose `id` is
    /// null when there was nothing to change.
    fn of(row: Option<&Row>, item: impl Fn(&Row) -> Result<T, DbError>) -> Result<Self, DbError> {
        let Some(row) = row else { return Ok(Self::Missing) };
        if row.get::<Option<bool>>("remains")? == Some(false) {
            Ok(Self::LastAdmin)
        } else if row.get::<Option<i32>>("id")?.is_none() {
            Ok(Self::Missing)
        } else {
            item(row).map(Self::Done)
        }
    }
}
