//! The table `users`.

use users_core::{Email, FullName, User, UserId};
use users_db::{Db, DbError};

/// The unique index on addresses.
const USERS_EMAIL_KEY: &str = "users_email_key";

/// Opens an account with the roles that every account gets, or gives `None` when the address has one.
///
/// The roles are locked, so that none of them is deleted between being read and being granted.
pub(crate) async fn insert(
    db: &Db,
    email: &Email,
    full_name: Option<&FullName>,
    password_hash: &str,
) -> Result<Option<User>, DbError> {
    let inserted = db
        .change(
            "WITH created AS (
                 INSERT INTO users AS u (email, full_name, password_hash)
                 VALUES ($1, $2, $3)
                 RETURNING u.id, to_json(account(u))::text AS account
             ), defaults AS (
                 SELECT id FROM roles WHERE is_default FOR KEY SHARE
             ), granted AS (
                 INSERT INTO user_roles (user_id, role_id)
                 SELECT created.id, defaults.id FROM created, defaults
             )
             SELECT account FROM created",
            &[email.as_str().into(), full_name.map(FullName::as_str).into(), password_hash.into()],
        )
        .await;
    match inserted {
        Err(error) if error.violates(USERS_EMAIL_KEY) => Ok(None),
        inserted => inserted?.ok_or_else(DbError::missing_row)?.json("account").map(Some),
    }
}

/// The credentials of an account.
pub(crate) struct Credentials {
    pub(crate) id: UserId,
    pub(crate) password_hash: String,
    pub(crate) is_active: bool,
}

/// The credentials of the account with this address, compared without case.
pub(crate) async fn credentials(db: &Db, email: &str) -> Result<Option<Credentials>, DbError> {
    let row = db
        .read(
            "SELECT id, password_hash, is_active FROM users WHERE lower(email) = lower($1)",
            &[email.into()],
        )
        .await?;
    row.map(|row| {
        Ok(Credentials {
            id: row.get("id")?,
            password_hash: row.get("password_hash")?,
            is_active: row.get("is_active")?,
        })
    })
    .transpose()
}
