//! Accounts that a command names by their address.

use anyhow::anyhow;
use sqlx::PgConnection;
use users_core::EmailKey;

use crate::database;

/// An account that exists.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) id: i32,
    /// As it is stored.
    pub(crate) email: String,
}

/// The account with this address. Until an account has a key, its address is compared in lower case, as in a login.
///
/// # Errors
/// When there is no such account.
pub(crate) async fn find(connection: &mut PgConnection, email: &str) -> anyhow::Result<Found> {
    let email = email.trim();
    let found: Option<(i32, String)> = sqlx::query_as(
        "SELECT id, email FROM users
          WHERE email_key = $1
             OR (lower(email) IN (lower($2), lower($1)) AND email_key IS NULL AND search_text IS NULL)
          ORDER BY email_key IS NULL, id
          LIMIT 1",
    )
    .bind(EmailKey::of(email).as_str())
    .bind(email)
    .fetch_optional(connection)
    .await
    .map_err(database::explain)?;
    let (id, email) = found.ok_or_else(|| anyhow!("no account has this address: check its spelling"))?;
    Ok(Found { id, email })
}
