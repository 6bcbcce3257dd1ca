//! The SQL of the guard.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use users_core::User;
use users_db::{Db, DbError};

use crate::tokens::Pending;

/// The account and the session of a token, and the key that it names, as the database has them.
#[derive(Debug, Deserialize)]
pub(crate) struct Found {
    /// `None` unless the session exists, belongs to the user and has not expired, and the account is active.
    pub(crate) user: Option<User>,
    /// False if the account is deactivated, and `None` otherwise, even if there is no such account.
    pub(crate) is_active: Option<bool>,
    /// The names of the account's roles, sorted.
    pub(crate) roles: Vec<String>,
    /// The JSON of the extras by name. Extras that were not asked for are null.
    pub(crate) extras: BTreeMap<String, Box<RawValue>>,
    /// The public key that the token names, in base64. `None` if it is unknown or revoked.
    pub(crate) key: Option<String>,
    /// The database's time, in seconds since 1970.
    pub(crate) now: i64,
}

/// Reads the account and the session of a token, the key that it names, and the extras that are asked for by name. The statement itself is
/// a function in `migrations/0044_roles_second_factor.up.sql`, because Postgres keeps the plan of a function.
pub(crate) async fn caller(db: &Db, token: &Pending<'_>, extras: &[&str]) -> Result<Found, DbError> {
    let extras: Vec<String> = extras.iter().map(|&name| name.to_owned()).collect();
    db.read(
        "SELECT caller_by_token($1, $2, $3, $4::text[]) AS caller",
        &[token.user().into(), token.session().into(), token.kid().into(), extras.into()],
    )
    .await?
    .ok_or_else(DbError::missing_row)?
    .json("caller")
}
