//! Accounts that a command names by their address.

use anyhow::{anyhow, bail};
use sqlx::PgConnection;
use users_core::EmailKey;

use crate::database;

/// The refusal of a service account.
pub(crate) const IS_SERVICE: &str = "this is a service account, which has no password and gets no e-mail: let an administrator make an API key for it, or choose another account";

/// An account that exists.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) id: i32,
    /// As it is stored.
    pub(crate) email: String,
}

/// The person's account with this address. Until an account has a key, its address is compared in lower case, as in a login.
///
/// # Errors
/// When there is no such account, or it is a service account: it has a reserved text in the place of an address.
pub(crate) async fn find(connection: &mut PgConnection, email: &str) -> anyhow::Result<Found> {
    let email = email.trim();
    let found: Option<(i32, String, bool)> = sqlx::query_as(
        "SELECT id, email, kind = 'service' FROM users
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
    let (id, email, is_service) =
        found.ok_or_else(|| anyhow!("no account has this address: check its spelling"))?;
    if is_service {
        bail!(IS_SERVICE);
    }
    Ok(Found { id, email })
}
