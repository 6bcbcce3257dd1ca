//! The SQL of the guard.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use users_core::User;
use users_crypto::Claims;
use users_db::{Db, DbError};

/// The account and the session of a token, as the database has them.
#[derive(Debug, Deserialize)]
pub(crate) struct Found {
    pub(crate) user: User,
    /// The names of the account's roles, sorted.
    pub(crate) roles: Vec<String>,
    /// The JSON of the extras by name. Extras that were not asked for are null.
    pub(crate) extras: BTreeMap<String, Box<RawValue>>,
    /// True if the session exists, belongs to the user and has not expired.
    pub(crate) has_session: bool,
    /// The database's time, in seconds since 1970.
    pub(crate) now: i64,
}

/// Reads the account and the session of a token, and the extras that are asked for by name. The statement itself is a function in
/// `migrations/0011_views.up.sql`, because Postgres keeps the plan of a function.
pub(crate) async fn caller(db: &Db, claims: &Claims, extras: &[&str]) -> Result<Option<Found>, DbError> {
    let extras: Vec<String> = extras.iter().map(|&name| name.to_owned()).collect();
    let row = db
        .read(
            "SELECT caller_as_json($1, $2, $3::text[]) AS caller",
            &[claims.user.into(), claims.session.into(), extras.into()],
        )
        .await?;
    match row {
        Some(row) => row.json("caller"),
        None => Ok(None),
    }
}
