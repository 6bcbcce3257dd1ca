//! The SQL of the component, in one file per table. Every change is one statement.
//!
//! A change of a role or a permission can remove the last administrator. Such a change calls `an_administrator_remains` (see
//! `migrations/0003_rbac.up.sql`) before it locks anything. The function takes a lock, so these changes and the changes of accounts
//! wait for each other.
//!
//! A change can also let a default role grant `admin:all`. Triggers refuse that (see `migrations/0017_default_roles.up.sql`). The
//! triggers take the same lock. A statement that fires one of them therefore takes the lock first.
//!
//! A caller who is not an administrator may only give rights that the caller has, and leaves alone what makes administrators. Each
//! statement asks the database for a refusal first (`permitted`, see `migrations/0031_partial_administration.up.sql`), which also takes
//! the lock. Such a caller can therefore not remove an administrator.

pub(crate) mod grants;
pub(crate) mod permissions;
pub(crate) mod roles;

use users_db::{DbError, Row};
use users_guard::Overreach;

/// The constraint that forbids a default role to grant `admin:all`.
const DEFAULT_ADMINISTRATES: &str = "roles_default_administrates";

/// The outcome of a change.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome<T> {
    /// The change was made.
    Done(T),
    /// The caller may not make the change.
    Refused(Overreach),
    /// There is nothing to change.
    Missing,
    /// Another object already has this name.
    NameTaken,
    /// No active administrator would have been left.
    LastAdmin,
    /// A default role would have granted `admin:all`.
    DefaultAdministrates,
}

impl<T> Outcome<T> {
    /// Reads the outcome from a row. `refusal` is null if the caller may make the change. `remains` is false if no administrator would be left, and null if the change cannot remove an
    /// administrator. `id` is null if there was nothing to change.
    fn of(row: Option<&Row>, item: impl Fn(&Row) -> Result<T, DbError>) -> Result<Self, DbError> {
        let Some(row) = row else { return Ok(Self::Missing) };
        if let Some(overreach) = row.get("refusal")? {
            Ok(Self::Refused(overreach))
        } else if row.get::<Option<bool>>("remains")? == Some(false) {
            Ok(Self::LastAdmin)
        } else if row.get::<Option<i32>>("id")?.is_none() {
            Ok(Self::Missing)
        } else {
            item(row).map(Self::Done)
        }
    }
}
