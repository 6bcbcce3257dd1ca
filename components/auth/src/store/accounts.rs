//! The table `users`.

use users_core::{Email, EmailKey, FullName, User, UserId, search_text};
use users_db::{Db, DbError};

/// The unique index on the keys of addresses.
const USERS_EMAIL_KEY_KEY: &str = "users_email_key_key";
/// The unique index on addresses without case, of the release before. It finds accounts that have no key yet.
const USERS_EMAIL_KEY: &str = "users_email_key";

/// Opens an account with the roles that every account gets, or gives `None` when the address has one.
///
/// The unique indexes decide. An account without a key, which the release before opened, is also found when its address is spelled like
/// the key: composed, or with the A-labels of the domain.
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
                 INSERT INTO users AS u (email, full_name, password_hash, email_key, search_text)
                 SELECT $1::text, $2::text, $3::text, $4::text, $5::text
                  WHERE NOT EXISTS (
                            SELECT FROM users WHERE lower(email) = lower($4) AND email_key IS NULL AND search_text IS NULL
                        )
                 RETURNING u.id, to_json(account(u))::text AS account
             ), defaults AS (
                 SELECT id FROM roles WHERE is_default FOR KEY SHARE
             ), granted AS (
                 INSERT INTO user_roles (user_id, role_id)
                 SELECT created.id, defaults.id FROM created, defaults
             )
             SELECT account FROM created",
            &[
                email.as_str().into(),
                full_name.map(FullName::as_str).into(),
                password_hash.into(),
                email.key().as_str().into(),
                search_text(email.as_str(), full_name.map(FullName::as_str)).into(),
            ],
        )
        .await;
    match inserted {
        Err(error) if error.violates(USERS_EMAIL_KEY_KEY) || error.violates(USERS_EMAIL_KEY) => Ok(None),
        inserted => inserted?.map(|row| row.json("account")).transpose(),
    }
}

/// The credentials of an account.
pub(crate) struct Credentials {
    pub(crate) id: UserId,
    pub(crate) password_hash: String,
    pub(crate) is_active: bool,
}

/// The credentials of the account with this address.
///
/// The key finds it. An account that has no key yet is found without case as the database's locale knows it, as in the release before.
/// An account whose address became another's is not found: it has a `search_text`, but no key.
pub(crate) async fn credentials(db: &Db, email: &str) -> Result<Option<Credentials>, DbError> {
    let row = db
        .read(
            "(
                 SELECT id, password_hash, is_active FROM users WHERE email_key = $1
             ) UNION ALL (
                 SELECT id, password_hash, is_active
                   FROM users
                  WHERE lower(email) IN (lower($2), lower($1)) AND email_key IS NULL AND search_text IS NULL
                    AND NOT EXISTS (SELECT FROM users WHERE email_key = $1)
                  ORDER BY id
             )
             LIMIT 1",
            &[EmailKey::of(email).as_str().into(), email.into()],
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
