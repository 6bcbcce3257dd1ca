//! The SQL of the component, in a file per table. Every change is one statement.

pub(crate) mod accounts;
pub(crate) mod api_keys;
pub(crate) mod events;
pub(crate) mod factors;
pub(crate) mod limits;
pub(crate) mod links;
pub(crate) mod login_challenges;
pub(crate) mod own_account;
pub(crate) mod passkeys;
pub(crate) mod refresh_tokens;
pub(crate) mod sessions;
pub(crate) mod signing_keys;

use std::time::Duration;

use users_core::{Authentication, SessionId, UserId};
use users_db::{DbError, Row, Value};

use self::signing_keys::StoredKey;

/// A session whose tokens may be issued.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    /// The last time when the owner of the session proved who they are, and how.
    pub(crate) authentication: Authentication,
    /// The database's time, in seconds since 1970.
    pub(crate) now: i64,
    /// The remaining lifetime of the refresh token, in seconds.
    pub(crate) refresh_expires_in: i64,
    /// The key that signs access tokens; `None` when there is none.
    pub(crate) key: Option<StoredKey>,
}

impl Grant {
    fn of(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            user: row.get("user_id")?,
            session: row.get("session_id")?,
            authentication: Authentication { time: row.get("auth_time")?, methods: row.get("methods")? },
            now: row.get("now")?,
            refresh_expires_in: row.get("refresh_expires_in")?,
            key: StoredKey::of(row)?,
        })
    }
}

/// For `$n::int4 * interval '1 second'`. The longest lifetime, a year, is well within an `int4`.
fn seconds(lifetime: Duration) -> Value {
    i32::try_from(lifetime.as_secs()).unwrap_or(i32::MAX).into()
}
